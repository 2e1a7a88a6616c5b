//! The fast path: sixty-four directives at a time, from tables of bit masks.
//!
//! Each fact picks the row of directives it triggers; what it cannot settle is a row of open directives. The result is
//! exactly what the predicates say one by one (a property test holds the two together).

use crate::ask::Ask;
use crate::bits::{self, RuleSet};
use crate::predicates;
use crate::summary::{Nations, Summary, bit_of_model, bit_of_plan};
use crate::tri::Tri;
use crate::worlds::World;
use law::{Block, Cover, Entry, ForModel, Named, Plan, row};
use terms::{EndUse, Level, MissingFact, PartyMatch};

/// What was seen while directives were judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// Whether any is inside for certain.
    pub(crate) inside: bool,
    /// Whether any is open.
    pub(crate) open: bool,
    /// Whether none was looked at singly, and no open one can be relieved by more than a residence that is stated.
    pub(crate) plain: bool,
    /// Whether an open one is not relieved whatever the facts are that would bring the subject inside.
    pub(crate) simple: bool,
}

/// Two words: directives that hold, and those that may.
#[derive(Clone, Copy, Default)]
struct Pair {
    yes: u64,
    open: u64,
}

impl Pair {
    /// Either; what is open in one and holds by the other is in both.
    fn or(self, other: Self) -> Self {
        Self { yes: self.yes | other.yes, open: self.open | other.open }
    }
}

/// Judges every directive of the model's plan: adds those inside for certain, and those open, to the two sets, which
/// are empty. (They are written in place: copies would be a tenth of the time a decision takes.)
#[inline(always)]
pub(crate) fn judge(ask: &Ask<'_>, inside: &mut RuleSet, open: &mut RuleSet) -> Seen {
    let Some(plan) = ask.plan() else {
        return Seen { inside: false, open: false, plain: true, simple: false };
    };
    let latest = plan.epoch(ask.clock.latest());
    let earliest = if ask.clock.uncertainty_us == 0 { latest } else { plan.epoch(ask.clock.earliest()) };
    let mut judge = Judge::new(ask, plan);
    let mut seen = Pair::default();
    for (at, block) in plan.blocks().iter().enumerate() {
        let active = block.epoch(latest).begun & !block.epoch(earliest).ended;
        let active = active & row(&block.activity, ask.request.activity as u8);
        let pair = if active == 0 { Pair::default() } else { judge.block(at, block, active) };
        inside.push_word(pair.yes);
        open.push_word(pair.open);
        seen = seen.or(pair);
    }
    Seen { inside: seen.yes != 0, open: seen.open != 0, plain: judge.plain, simple: judge.simple != 0 }
}

struct Judge<'a> {
    ask: &'a Ask<'a>,
    plan: &'a Plan,
    summary: &'a Summary,
    /// Whether the summary speaks for everything personal at this instant.
    summed_up: bool,
    /// Directives of the plan that name the employer.
    naming: &'a [Named],
    /// Licences of the person and of the firm for the model, once they are looked for.
    licences: Option<[ForModel<'a>; 2]>,
    /// All, where a licence may lift something: it names the person or the firm, for this model; or that is not known.
    may_be_lifted: u64,
    plain: bool,
    simple: u64,
}

impl<'a> Judge<'a> {
    #[inline(always)]
    fn new(ask: &'a Ask<'a>, plan: &'a Plan) -> Self {
        let summary = &ask.subject.summary;
        let plan_number = ask.regime.plan_number(ask.request.model);
        let may_name = summary.naming_plans & bit_of_plan(plan_number) != 0;
        Self {
            ask,
            plan,
            summary,
            summed_up: !summary.personal_singly() && ask.subject.holds_at(ask.clock.at),
            naming: if may_name { naming(ask, plan_number) } else { &[] },
            licences: None,
            may_be_lifted: if summary.licensed & bit_of_model(ask.request.model) == 0 { 0 } else { u64::MAX },
            plain: true,
            simple: 0,
        }
    }

    #[inline(always)]
    fn block(&mut self, at: usize, block: &Block, active: u64) -> Pair {
        let mut scope = self.common(block);
        scope.yes |= self.firm(at);
        let mut singly = self.singly(block);
        let mut active = active;
        if (block.rare_rules | singly) & active != 0 {
            let (end_use_out, end_use_open) = self.end_use(block);
            active &= !end_use_out;
            singly |= self.rarely_singly(block);
            singly &= active;
            scope = scope.or(self.rare(block));
            scope.open |= scope.yes & end_use_open;
            scope.yes &= !end_use_open;
        } else {
            singly = 0;
        }
        let fast = active & !singly;
        scope.yes &= fast;
        scope.open &= fast & !scope.yes;
        scope = self.relieve(at, block, scope);
        if singly != 0 {
            self.plain = false;
            scope = self.one_by_one(at, singly, scope);
        }
        scope
    }

    /// Directives the tables cannot judge for this subject.
    fn singly(&self, block: &Block) -> u64 {
        let mut singly = block.singly;
        if !self.summed_up {
            singly |= block.status_rules
                | block.us_person_rules
                | block.any_rules
                | block.recent_rules
                | block.ever_rules
                | block.resident_rules;
            return singly;
        }
        if self.summary.some_singly() {
            singly |= self.held_singly(block);
        }
        singly
    }

    /// Directives that look at citizenships or residences held now that cannot be summed up.
    #[cold]
    fn held_singly(&self, block: &Block) -> u64 {
        let any = if self.summary.any.singly() { block.any_rules } else { 0 };
        any | if self.summary.residents.singly() { block.resident_rules } else { 0 }
    }

    /// The same for the most recent nationality and past ones.
    fn rarely_singly(&self, block: &Block) -> u64 {
        let recent = if self.summary.recent.singly() { block.recent_rules } else { 0 };
        recent | if self.summary.ever.singly() { block.ever_rules } else { 0 }
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

    /// The limbs most directives have, without a jump: what is not known has a row and a level of its own.
    #[inline(always)]
    fn common(&self, block: &Block) -> Pair {
        let summary = self.summary;
        let nations =
            self.nationality(block, block.any_rules, &summary.any, |country| block.common(country).any);
        let yes = block.reached_by(summary.status)
            | block.common(summary.place.row).place
            | block.common(summary.seat.row).seat;
        let open = block.status_rules & block.unclear(summary.status_level)
            | block.place_rules & block.unclear(summary.place.level)
            | block.seat_rules & block.unclear(summary.seat.level)
            | block.firm_rules & block.unclear(summary.firm_level);
        nations.or(Pair { yes, open })
    }

    /// The limbs few have.
    fn rare(&self, block: &Block) -> Pair {
        let Summary { recent, ever, .. } = self.summary;
        Pair { yes: block.everyone, open: 0 }
            .or(self.nationality(block, block.recent_rules, recent, |country| block.rare(country).recent))
            .or(self.nationality(block, block.ever_rules, ever, |country| block.rare(country).ever))
            .or(self.us_person(block))
            .or(self.listed(block))
    }

    /// Those of the rules a nationality triggers. Spares, where the directive does, whoever is not a foreign person.
    #[inline(always)]
    fn nationality(&self, block: &Block, rules: u64, nations: &Nations, reached: impl Fn(u8) -> u64) -> Pair {
        let held = nations.rows.iter().fold(0, |mask, country| mask | reached(*country));
        let may_be_held = held | rules & block.unclear(nations.level);
        let foreign = if self.summary.is_foreign() { u64::MAX } else { !block.only_foreign };
        let may_be_foreign = foreign | block.unclear(self.summary.status_level);
        let yes = held & foreign;
        Pair { yes, open: may_be_held & may_be_foreign & !yes }
    }

    fn us_person(&self, block: &Block) -> Pair {
        let rules = block.us_person_rules;
        if self.summary.is_us_person() || self.summary.place_is_us() {
            return Pair { yes: rules, open: 0 };
        }
        let unclear = block.unclear(self.summary.status_level) | block.unclear(self.summary.place.level);
        Pair { yes: 0, open: rules & unclear }
    }

    /// Those that name the firm.
    #[inline(always)]
    fn firm(&self, at: usize) -> u64 {
        self.naming.iter().fold(0, |mask, named| mask | named.in_block(at))
    }

    fn listed(&self, block: &Block) -> Pair {
        match self.summary.party {
            PartyMatch::Confirmed => Pair { yes: block.listed_rules, open: 0 },
            PartyMatch::None => Pair::default(),
            PartyMatch::Possible | PartyMatch::Unscreened => Pair { yes: 0, open: block.listed_rules },
        }
    }

    /// Takes out what licences, exceptions and stays relieve; where that is open, the directive is.
    #[inline(always)]
    fn relieve(&mut self, at: usize, block: &Block, scope: Pair) -> Pair {
        let residents = self.residents(block);
        let mut bite = (scope.yes | scope.open) & !residents.yes;
        let mut unsure = residents.open & bite;
        let mut look = bite & block.excepted;
        let liftable = bite & (block.lifted_for_staff | block.lifted_for_persons) & self.may_be_lifted;
        if look | liftable != 0 {
            if liftable != 0 {
                let lifted = self.lifted(at, block);
                bite &= !lifted.yes;
                look |= liftable & lifted.open;
            }
            look &= bite;
            unsure &= bite & !look;
            if look != 0 {
                let Pair { yes, open } = self.relieved(at, look);
                bite &= !yes;
                unsure |= open;
                self.plain &= open == 0;
            }
        }
        let open = (scope.open & bite) | unsure;
        // What would bring the subject inside may also be what takes the subject out again: a place, or the firm.
        let by_firm = block.firm_rules & block.lifted_for_staff;
        self.simple |= open & !look & !block.excepted & !by_firm;
        Pair { yes: scope.yes & bite & !unsure, open }
    }

    /// What exceptions for permanent residents take out, for good.
    fn residents(&self, block: &Block) -> Pair {
        let mut out = Pair::default();
        for (country, level) in &self.summary.residents.held {
            let row_of = block.common(*country).residents;
            let unclear = block.unclear(*level as u8);
            out.yes |= row_of & !unclear;
            out.open |= row_of & unclear;
        }
        out.open &= !out.yes;
        out
    }

    /// What the subject's licences lift in a block: for certain, and what has to be looked at singly.
    #[inline(never)]
    fn lifted(&mut self, at: usize, block: &Block) -> Pair {
        if self.summary.personal_singly() {
            return Pair { yes: 0, open: block.lifted_for_staff | block.lifted_for_persons };
        }
        let mut lifted = Pair::default();
        if self.summary.firm_is_unknown() {
            lifted.open |= block.lifted_for_staff;
        }
        let [of_person, of_firm] = self.licences();
        if block.lifted_for_persons != 0 {
            of_person.for_each(|entry| self.add(&entry, at, 0, &mut lifted));
        }
        if block.lifted_for_staff != 0 {
            let unclear = block.unclear(self.summary.employer_level);
            of_firm.for_each(|entry| self.add(&entry, at, unclear, &mut lifted));
        }
        lifted
    }

    /// What covers the person, and what covers those who work for the firm.
    fn licences(&mut self) -> [ForModel<'a>; 2] {
        let (ask, summary) = (self.ask, self.summary);
        let find = || {
            let (grants, model) = (ask.regime.grants(), ask.request.model);
            [grants.within(summary.of_person, None, model), grants.within(summary.of_firm, None, model)]
        };
        self.licences.get_or_insert_with(find).clone()
    }

    fn add(&self, entry: &Entry, at: usize, unclear: u64, lifted: &mut Pair) {
        if !entry.window().relieves(self.ask.clock) {
            return;
        }
        let mask = self.ask.regime.grants().lifted(entry, self.plan, at);
        let covered = match entry.cover {
            Cover::Named | Cover::Staff => true,
            Cover::Employees => self.summary.is_employee(),
        };
        if covered && entry.is_plain() {
            lifted.yes |= mask & !unclear;
            lifted.open |= mask & unclear;
        } else {
            lifted.open |= mask;
        }
    }

    /// Which of these some relief takes the subject out of, and for which that is open: looked at singly.
    #[inline(never)]
    fn relieved(&self, at: usize, look: u64) -> Pair {
        let recorded = World::recorded(self.ask.regime.choices());
        let mut pair = Pair::default();
        for bit in bits::bits_of(look) {
            let place = (at << 6) | bit;
            let Some(rule) = self.ask.rule(place) else { continue };
            match predicates::View::of(self.ask, rule, &recorded).relieved(rule, place) {
                Tri::No => {}
                Tri::Yes => pair.yes |= bits::mask(bit),
                Tri::Unknown(_) => pair.open |= bits::mask(bit),
            }
        }
        pair
    }

    fn one_by_one(&self, at: usize, singly: u64, mut pair: Pair) -> Pair {
        let recorded = World::recorded(self.ask.regime.choices());
        for bit in bits::bits_of(singly) {
            match predicates::inside(self.ask, (at << 6) | bit, &recorded) {
                Tri::No => {}
                Tri::Yes => pair.yes |= bits::mask(bit),
                Tri::Unknown(_) => pair.open |= bits::mask(bit),
            }
        }
        pair
    }
}

/// The directives of a plan that name the subject's firm.
#[inline(never)]
fn naming<'a>(ask: &'a Ask<'_>, plan: u32) -> &'a [Named] {
    let naming = ask.regime.named(ask.subject.summary.naming);
    let from = naming.partition_point(|named| named.plan() < plan);
    let here = naming.get(from..).unwrap_or_default();
    let count = here.iter().take_while(|named| named.plan() == plan).count();
    here.get(..count).unwrap_or_default()
}

/// Whether the open directives, all judged by the tables, hold the subject in one world and not in another, so that
/// worlds need not be tried. In none: what is unknown may be something no directive of the plan names, and what is
/// stated without proof may be so, also a residence that takes the subject out. In one: where one of them names
/// something, and what it names is not also what takes the subject out again (`simple`, or a firm without a licence). A
/// US person is what one directive reaches and another spares, so directives that reach them are left to worlds; so are
/// end uses.
pub(crate) fn is_plainly_open(ask: &Ask<'_>, open: &RuleSet, simple: bool) -> bool {
    let Some(plan) = ask.plan().filter(|plan| plan.leaves_room()) else { return false };
    let opposed =
        |(at, block): (usize, &Block)| open.word(at) & (block.us_person_rules | block.end_use_rules) != 0;
    if plan.is_opposed() && plan.blocks().iter().enumerate().any(opposed) {
        return false;
    }
    simple || open.iter().any(|bit| names_an_unlicensed_firm(ask, plan, bit))
}

/// Whether a directive without exceptions names a firm whose staff no licence takes out of it now.
fn names_an_unlicensed_firm(ask: &Ask<'_>, plan: &Plan, bit: usize) -> bool {
    let grants = ask.regime.grants();
    let excepted = plan.blocks().get(bit >> 6).is_none_or(|block| block.excepted & bits::mask(bit) != 0);
    let lifts = |entry: Entry| entry.window().relieves(ask.clock) && grants.lifts(&entry, plan, bit);
    let unlicensed = |firm: &u32| !grants.of_firm_for(*firm, ask.request.model).any(lifts);
    !excepted && ask.rule(bit).is_some_and(|rule| rule.scope.firms.iter().any(unlicensed))
}

/// Directives that a fact about the employer does not clear: it counts from the employer's own word upward.
fn above_employer(block: &Block, level: Level) -> u64 {
    if level >= Level::Employer { 0 } else { row(&block.above, level as u8) }
}
