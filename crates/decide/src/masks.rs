//! The fast path: sixty-four directives at a time, from tables of bit masks.
//!
//! Each fact picks the row of directives it triggers; what it cannot settle is a row of open directives. The result is
//! exactly what the predicates say one by one (a property test holds the two together).

use crate::ask::Ask;
use crate::bits::{self, RuleSet};
use crate::predicates;
use crate::subject::Subject;
use crate::summary::{Known, Nations, Summary};
use crate::tri::Tri;
use crate::worlds::World;
use law::{Block, Cover, Entry, Plan, row};
use terms::{EndUse, Level, MissingFact, PartyMatch, Relation, UsStatus};

/// Where each directive in force puts the subject.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    /// Inside for certain.
    pub(crate) inside: RuleSet,
    /// Open.
    pub(crate) open: RuleSet,
    /// Whether none was looked at singly, and no open one can be relieved.
    pub(crate) plain: bool,
}

/// Two words: directives that hold, and those that may.
#[derive(Clone, Copy, Default)]
struct Pair {
    yes: u64,
    open: u64,
}

impl Pair {
    fn or(self, other: Self) -> Self {
        let yes = self.yes | other.yes;
        Self { yes, open: (self.open | other.open) & !yes }
    }
}

/// Judges every directive of the model's plan.
pub(crate) fn judge(ask: &Ask<'_>) -> Judged {
    let mut judged = Judged { inside: RuleSet::EMPTY, open: RuleSet::EMPTY, plain: true };
    let Some(plan) = ask.plan() else { return judged };
    let begun = plan.epoch(ask.clock.latest());
    let ended = if ask.clock.uncertainty_us == 0 { begun } else { plan.epoch(ask.clock.earliest()) };
    let firm = match ask.subject.summary.firm {
        Known::Is(firm) => plan.firm(firm),
        Known::Unknown | Known::Nothing => &[],
    };
    let recorded = World::recorded(ask.regime.choices());
    let judge = Judge { ask, plan, summary: &ask.subject.summary, recorded: &recorded };
    for (at, block) in plan.blocks().iter().enumerate() {
        let [begun, _] = plan.epoch_masks(begun, at);
        let [_, ended] = plan.epoch_masks(ended, at);
        let active = begun & !ended & row(&block.activity, ask.request.activity as u8);
        if active == 0 {
            continue;
        }
        let (pair, plain) = judge.block(at, block, active, firm.get(at).copied().unwrap_or(0));
        judged.inside.set_word(at, pair.yes);
        judged.open.set_word(at, pair.open);
        judged.plain &= plain;
    }
    judged
}

struct Judge<'a> {
    ask: &'a Ask<'a>,
    plan: &'a Plan,
    summary: &'a Summary,
    recorded: &'a World,
}

impl Judge<'_> {
    fn block(&self, at: usize, block: &Block, active: u64, firm_row: u64) -> (Pair, bool) {
        let (end_use_out, end_use_open) = self.end_use(block);
        let active = active & !end_use_out;
        let singly = active & self.singly(block);
        let fast = active & !singly;
        let mut scope = self.scope(block, firm_row);
        scope.yes &= fast;
        scope.open = ((scope.open & !scope.yes) | (scope.yes & end_use_open)) & fast;
        scope.yes &= !end_use_open;
        let (pair, unsure) =
            if scope.yes | scope.open == 0 { (scope, 0) } else { self.relieve(at, block, scope) };
        (self.one_by_one(at, singly, pair), singly == 0 && unsure == 0)
    }

    /// Directives the tables cannot judge for this subject.
    fn singly(&self, block: &Block) -> u64 {
        let summary = self.summary;
        let mut singly = block.singly;
        if !summary.holds_at(self.ask.clock.at) || summary.personal_singly {
            singly |= block.status_rules
                | block.us_person_rules
                | block.any_rules
                | block.recent_rules
                | block.ever_rules;
        }
        for (nations, rules) in [
            (&summary.any, block.any_rules),
            (&summary.recent, block.recent_rules),
            (&summary.ever, block.ever_rules),
        ] {
            if nations.singly {
                singly |= rules;
            }
        }
        singly
    }

    /// Directives limited to end uses: those this use is out of, and those for which that is open.
    fn end_use(&self, block: &Block) -> (u64, u64) {
        if block.end_use_rules == 0 {
            return (0, 0);
        }
        let end_use = self.ask.request.end_use;
        if end_use.value == EndUse::Unknown || self.ask.subject.conflicting(MissingFact::EndUse) {
            return (0, block.end_use_rules);
        }
        let out = block.end_use_rules & !row(&block.end_use, end_use.value as u8);
        let open = out & above_employer(block, end_use.level);
        (out & !open, open)
    }

    /// The limbs that look at persons and places.
    fn scope(&self, block: &Block, firm_row: u64) -> Pair {
        let status = self.status(block);
        let place = self.place(block);
        let nationality = self.nationality(block);
        let all = Pair { yes: block.everyone, open: 0 };
        all.or(status)
            .or(place)
            .or(nationality)
            .or(self.us_person(block))
            .or(self.seat(block))
            .or(self.firm(block, firm_row))
            .or(self.listed(block))
    }

    fn status(&self, block: &Block) -> Pair {
        let Some(status) = self.summary.status else { return Pair { yes: 0, open: block.status_rules } };
        let yes = row(&block.status, status as u8);
        Pair { yes, open: block.status_rules & !yes & row(&block.above, self.summary.status_level as u8) }
    }

    fn place(&self, block: &Block) -> Pair {
        let Some(place) = self.summary.place else { return Pair { yes: 0, open: block.place_rules } };
        let yes = row(&*block.place, place);
        Pair { yes, open: if self.place_is_shown() { 0 } else { block.place_rules & !yes } }
    }

    fn place_is_shown(&self) -> bool {
        self.summary.place_level >= self.ask.regime.min_location_evidence()
    }

    fn nationality(&self, block: &Block) -> Pair {
        let limb = |rules: u64, table: &[u64; 256], nations: &Nations| {
            if rules == 0 {
                return Pair::default();
            }
            let yes = nations.countries.rows().iter().fold(0, |mask, country| mask | row(table, *country));
            let unclear = nations.clears.map_or(u64::MAX, |level| row(&block.above, level as u8));
            Pair { yes, open: rules & !yes & unclear }
        };
        let any = limb(block.any_rules, &block.any, &self.summary.any);
        let recent = limb(block.recent_rules, &block.recent, &self.summary.recent);
        let ever = limb(block.ever_rules, &block.ever, &self.summary.ever);
        let nationality = any.or(recent).or(ever);
        if block.only_foreign & (nationality.yes | nationality.open) == 0 {
            return nationality;
        }
        self.spare(block, nationality)
    }

    /// Spares, where the directive does, whoever is not a foreign person.
    fn spare(&self, block: &Block, nationality: Pair) -> Pair {
        let foreign = match self.summary.status {
            None => Pair { yes: 0, open: u64::MAX },
            Some(UsStatus::None) => Pair { yes: u64::MAX, open: 0 },
            Some(_) => Pair { yes: 0, open: row(&block.above, self.summary.status_level as u8) },
        };
        let free = !block.only_foreign;
        let yes = nationality.yes & (free | foreign.yes);
        let may = (nationality.yes | nationality.open) & (free | foreign.yes | foreign.open);
        Pair { yes, open: may & !yes }
    }

    fn us_person(&self, block: &Block) -> Pair {
        let rules = block.us_person_rules;
        if rules == 0 {
            return Pair::default();
        }
        let by_status = match self.summary.status {
            None => Pair { yes: 0, open: rules },
            Some(UsStatus::None) => {
                Pair { yes: 0, open: rules & row(&block.above, self.summary.status_level as u8) }
            }
            Some(_) => Pair { yes: rules, open: 0 },
        };
        let by_place = match self.summary.place {
            Some(_) if self.summary.place_is_us => Pair { yes: rules, open: 0 },
            Some(_) if self.place_is_shown() => Pair::default(),
            _ => Pair { yes: 0, open: rules },
        };
        by_status.or(by_place)
    }

    fn seat(&self, block: &Block) -> Pair {
        match self.summary.seat {
            Known::Nothing => Pair::default(),
            Known::Unknown => Pair { yes: 0, open: block.seat_rules },
            Known::Is(seat) => {
                let yes = row(&*block.seat, seat);
                let unclear = above_employer(block, self.summary.employer_level);
                Pair { yes, open: block.seat_rules & !yes & unclear }
            }
        }
    }

    fn firm(&self, block: &Block, yes: u64) -> Pair {
        match self.summary.firm {
            Known::Nothing => Pair::default(),
            Known::Unknown => Pair { yes: 0, open: block.firm_rules },
            Known::Is(_) => {
                let unclear = above_employer(block, self.summary.employer_level);
                Pair { yes, open: block.firm_rules & !yes & unclear }
            }
        }
    }

    fn listed(&self, block: &Block) -> Pair {
        match self.summary.party {
            PartyMatch::Confirmed => Pair { yes: block.listed_rules, open: 0 },
            PartyMatch::None => Pair::default(),
            PartyMatch::Possible | PartyMatch::Unscreened => Pair { yes: 0, open: block.listed_rules },
        }
    }

    /// Takes out what licences, exceptions and stays relieve; and says for which directives that is open.
    fn relieve(&self, at: usize, block: &Block, mut pair: Pair) -> (Pair, u64) {
        let mut unsure = 0;
        let bite = pair.yes | pair.open;
        let liftable = bite & (block.lifted_for_staff | block.lifted_for_persons);
        let mut look = bite & block.excepted;
        if liftable != 0 {
            let lifted = self.lifted(at, block);
            pair.yes &= !lifted.yes;
            pair.open &= !lifted.yes;
            look = (look | (liftable & lifted.open)) & !lifted.yes;
        }
        for bit in bits::bits_of(look) {
            let relieved = self.relieved((at << 6) | bit);
            let mask = bits::mask(bit);
            match relieved {
                Tri::No => {}
                Tri::Yes => {
                    pair.yes &= !mask;
                    pair.open &= !mask;
                }
                Tri::Unknown(_) => {
                    unsure |= mask;
                    pair.open |= mask;
                    pair.yes &= !mask;
                }
            }
        }
        (pair, unsure)
    }

    /// What the subject's licences lift in a block: for certain, and what has to be looked at singly.
    fn lifted(&self, at: usize, block: &Block) -> Pair {
        let subject = self.ask.subject;
        let grants = self.ask.regime.grants();
        let mut lifted = Pair::default();
        if !subject.is_person() {
            return Pair { yes: 0, open: block.lifted_for_staff | block.lifted_for_persons };
        }
        if block.lifted_for_persons != 0
            && let Some(person) = subject.person
        {
            grants.of_person(person).iter().for_each(|entry| self.add(entry, at, 0, &mut lifted));
        }
        if block.lifted_for_staff != 0 {
            match self.summary.firm {
                Known::Nothing => {}
                Known::Unknown => lifted.open |= block.lifted_for_staff,
                Known::Is(firm) => {
                    let unclear = above_employer(block, self.summary.employer_level);
                    let entries = firm.map(|firm| grants.of_firm(firm)).unwrap_or_default();
                    entries.iter().for_each(|entry| self.add(entry, at, unclear, &mut lifted));
                }
            }
        }
        lifted
    }

    fn add(&self, entry: &Entry, at: usize, unclear: u64, lifted: &mut Pair) {
        if !entry.is_for(self.ask.request.model) || !entry.window().relieves(self.ask.clock) {
            return;
        }
        let mask = self.ask.regime.grants().lifted(entry, self.plan, at);
        let covered = match entry.cover {
            Cover::Named | Cover::Staff => true,
            Cover::Employees => is_employee(self.ask.subject),
        };
        if covered && entry.is_plain() {
            lifted.yes |= mask & !unclear;
            lifted.open |= mask & unclear;
        } else {
            lifted.open |= mask;
        }
    }

    fn relieved(&self, bit: usize) -> Tri {
        let Some(rule) = self.ask.rule(bit) else { return Tri::No };
        let view = predicates::View::of(self.ask, rule, self.recorded);
        view.relieved(rule, bit)
    }

    fn one_by_one(&self, at: usize, singly: u64, mut pair: Pair) -> Pair {
        for bit in bits::bits_of(singly) {
            match predicates::inside(self.ask, (at << 6) | bit, self.recorded) {
                Tri::No => {}
                Tri::Yes => pair.yes |= bits::mask(bit),
                Tri::Unknown(_) => pair.open |= bits::mask(bit),
            }
        }
        pair
    }
}

/// Whether the open directives, all judged by the tables and none of them relieved by anything, hold the subject in
/// one world and not in another, so that worlds need not be tried: what is unknown may be something no directive of
/// the plan names, and each of them names something. A US person is what one directive reaches and another spares, so
/// directives that reach them are left to worlds.
pub(crate) fn is_plainly_open(ask: &Ask<'_>, open: &RuleSet) -> bool {
    let Some(plan) = ask.plan() else { return false };
    let opposed =
        |(at, block): (usize, &Block)| open.word(at) & (block.us_person_rules | block.end_use_rules) != 0;
    plan.leaves_room() && !plan.blocks().iter().enumerate().any(opposed)
}

fn is_employee(subject: &Subject) -> bool {
    match subject.work {
        crate::subject::Work::At(post) => post.relation == Relation::Employee,
        _ => false,
    }
}

/// Directives that a fact about the employer does not clear: it counts from the employer's own word upward.
fn above_employer(block: &Block, level: Level) -> u64 {
    if level >= Level::Employer { 0 } else { row(&block.above, level as u8) }
}
