//! The verdict.

use crate::ask::Ask;
use crate::bits::RuleSet;
use crate::masks;
use crate::predicates;
use crate::tri::Need;
use crate::verdict::{Flag, Outcome, StreamAction, Verdict};
use crate::worlds::{self, World};
use law::{Regime, Rule, next_edge};
use terms::{ClockReading, EndUse, Instant, Level, MissingFact};

/// Decides one request.
///
/// Each directive in force puts the subject inside, outside, or leaves it undecided for want of a fact or a reading.
/// One certain inside is `deny`; else an open reading that changes the result is `depends`; else a missing fact is
/// `verify_first`; else `permit`. Where every value of what is missing leads to the same result, nothing is asked.
pub fn decide(ask: &Ask<'_>) -> Verdict {
    let (mut inside, mut open) = (RuleSet::EMPTY, RuleSet::EMPTY);
    let seen = masks::judge(ask, &mut inside, &mut open);
    if seen.open {
        return settle(ask, &inside, &open);
    }
    if seen.inside { verdict(ask, Outcome::Deny, inside) } else { Verdict::permit(ask.request.model) }
}

/// The outcome alone and the directives behind it: what has to be quick. The same outcome as [`decide`]; for a refusal
/// the directives that certainly hold the subject, or else those still open, before worlds are tried on each.
pub fn outcome(ask: &Ask<'_>) -> (Outcome, RuleSet) {
    let mut found = Found::default();
    (found.outcome(ask), *found.deciding())
}

/// What a decision finds, to be used again for the next: to wipe the sets and to copy them would be a sixth of the time a
/// decision takes.
#[derive(Clone, Debug)]
pub struct Found {
    inside: RuleSet,
    open: RuleSet,
    /// Whether no directive was left open, or one is inside for certain.
    certain: bool,
}

impl Default for Found {
    fn default() -> Self {
        Self { inside: RuleSet::EMPTY, open: RuleSet::EMPTY, certain: false }
    }
}

impl Found {
    /// Decides one request: see [`outcome`].
    pub fn outcome(&mut self, ask: &Ask<'_>) -> Outcome {
        self.inside.clear();
        self.open.clear();
        let seen = masks::judge(ask, &mut self.inside, &mut self.open);
        self.certain = seen.inside || !seen.open;
        if seen.inside {
            return Outcome::Deny;
        }
        if !seen.open {
            return Outcome::Permit;
        }
        if seen.plain && masks::is_plainly_open(ask, &self.open, seen.simple) {
            return Outcome::VerifyFirst;
        }
        self.settle(ask)
    }

    #[cold]
    fn settle(&mut self, ask: &Ask<'_>) -> Outcome {
        let verdict = settle(ask, &self.inside, &self.open);
        self.open = verdict.deciding;
        verdict.outcome
    }

    /// The directives behind the last outcome.
    pub fn deciding(&self) -> &RuleSet {
        if self.certain { &self.inside } else { &self.open }
    }
}

fn settle(ask: &Ask<'_>, inside: &RuleSet, open: &RuleSet) -> Verdict {
    let need = need_of(ask, open);
    let Some(exact) = worlds::settle(ask, open, need) else {
        return too_many_worlds(ask, inside, open, need);
    };
    let mut certain = *inside;
    certain.add_all(&exact.certain);
    if !certain.is_empty() {
        return verdict(ask, Outcome::Deny, certain);
    }
    match exact.outcome {
        Outcome::Permit => Verdict::permit(ask.request.model),
        outcome => Verdict {
            missing: exact.missing,
            depends_on: exact.depends_on,
            ..verdict(ask, outcome, exact.possible)
        },
    }
}

/// What the open directives lack.
fn need_of(ask: &Ask<'_>, open: &RuleSet) -> Need {
    let world = World::recorded(ask.regime.choices());
    open.iter().fold(Need::default(), |need, bit| need.union(predicates::inside(ask, bit, &world).need()))
}

/// More worlds than the bound: the cautious answer of Kleene's logic, which is never a permit.
fn too_many_worlds(ask: &Ask<'_>, inside: &RuleSet, open: &RuleSet, need: Need) -> Verdict {
    if !inside.is_empty() {
        return verdict(ask, Outcome::Deny, *inside);
    }
    let outcome = if need.facts.is_empty() { Outcome::Depends } else { Outcome::VerifyFirst };
    Verdict { missing: need.facts, cautious: true, ..verdict(ask, outcome, *open) }
}

fn verdict(ask: &Ask<'_>, outcome: Outcome, deciding: RuleSet) -> Verdict {
    let levels = deciding.iter().filter_map(|bit| ask.rule(bit)).map(|rule| rule.min_evidence);
    Verdict {
        outcome,
        required_level: levels.max().unwrap_or(Level::None),
        deciding,
        ..Verdict::permit(ask.request.model)
    }
}

impl Verdict {
    /// What happens to a stream that began at `started_at`: something only when a deciding directive took effect
    /// after that.
    pub fn stream_action(
        &self,
        regime: &Regime,
        clock: ClockReading,
        started_at: Instant,
    ) -> Option<StreamAction> {
        let later = |position: usize| {
            regime.rule(position).is_some_and(|rule| started_at < rule.binding_start(clock, regime.choices()))
        };
        if !self.decisive(regime).any(later) {
            return None;
        }
        match self.outcome {
            Outcome::Permit => None,
            Outcome::Deny => Some(StreamAction::Cut),
            Outcome::VerifyFirst | Outcome::Depends => Some(StreamAction::Suspend),
        }
    }
}

/// Whether the directive looks at this kind of request: model, activity and, where it is known, end use.
fn applies(ask: &Ask<'_>, rule: &Rule) -> bool {
    let end_use = ask.request.end_use.value;
    let known = end_use != EndUse::Unknown && !ask.subject.conflicting(MissingFact::EndUse);
    rule.activities.has(ask.request.activity as u8)
        && rule.end_uses.is_none_or(|mask| !known || mask.has(end_use as u8))
}

/// Warnings that go with a request, in a fixed order.
pub fn flags(ask: &Ask<'_>) -> Vec<Flag> {
    let applicable: Vec<&Rule> = ask
        .regime
        .rules_for(ask.request.model)
        .map(|(_, rule)| rule)
        .filter(|rule| applies(ask, rule))
        .collect();
    let enforced = || applicable.iter().filter(|rule| rule.enforced());
    let in_force = |rule: &&&Rule| rule.window.binds(ask.clock);
    let exceeds = enforced().filter(in_force).any(|rule| rule.scope_exceeds_citation);
    let bill = applicable.iter().any(|rule| rule.dormant == Some(law::Dormant::Bill));
    let upcoming = enforced().any(|rule| rule.issued_at <= ask.clock.latest() && begins_later(ask, rule));
    [
        (exceeds, Flag::AuthorityScopeExceedsCitation),
        (bill, Flag::AuthorityNotEnacted),
        (upcoming, Flag::DirectiveUpcoming),
    ]
    .into_iter()
    .filter_map(|(raised, flag)| raised.then_some(flag))
    .collect()
}

/// Whether the start lies in the future: under the recorded reading of an ambiguous local time, or under any.
fn begins_later(ask: &Ask<'_>, rule: &Rule) -> bool {
    let chosen = ask.regime.choices().get(terms::Question::LocalTimeFold);
    let start = match (rule.fold, chosen) {
        (Some(fold), Some(choice)) => fold.get(usize::from(choice)).copied().unwrap_or(rule.window.from),
        _ => rule.latest_start(),
    };
    ask.clock.latest() < start
}

/// The first instant at which the same question may have another answer: a window opens or closes, or evidence
/// lapses. Until then a verdict stands.
pub fn valid_until(ask: &Ask<'_>) -> Instant {
    let personal = ask.subject.dates().filter(|moment| *moment > ask.clock.at).min();
    let law = ask.regime.next_change(ask.clock);
    let licences = next_edge(licence_edges(ask), ask.clock);
    personal.into_iter().fold(law.min(licences), Instant::min)
}

/// Edges of the licences that may cover the subject; of all, where firm or person is not known.
fn licence_edges<'a>(ask: &Ask<'a>) -> impl Iterator<Item = Instant> + 'a {
    let grants = ask.regime.grants();
    let (firm, known) = ask.subject.firm_on_file();
    let person = ask.subject.file.person;
    let every = (!known).then(|| grants.all()).into_iter().flatten();
    let firm = firm.filter(|_| known).into_iter().flat_map(|firm| grants.of_firm(firm));
    let person = person.filter(|_| known).into_iter().flat_map(|person| grants.of_person(person));
    every.chain(firm).chain(person).flat_map(|entry| [entry.from, entry.until])
}
