//! The verdict.

use crate::ask::Ask;
use crate::rules;
use crate::tri::{Need, Tri};
use crate::verdict::{Flag, Outcome, StreamAction, Verdict};
use crate::worlds::{self, World};
use law::{Regime, Rule};
use terms::{ClockReading, FactMask, Instant, Level, PersonFacts};

/// Directives in force and applicable to the request.
fn binding<'a>(ask: &Ask<'a>) -> impl Iterator<Item = (usize, &'a Rule)> {
    let ask = *ask;
    ask.regime
        .rules_for(ask.request.model)
        .filter(move |(_, rule)| rule.enacted && rule.window.binds(ask.clock) && rules::applies(&ask, rule))
}

/// Decides one request.
///
/// Each directive in force puts the subject inside, outside, or leaves it undecided for want of a fact or a reading.
/// One certain inside is `deny`; else an open reading that changes the result is `depends`; else a missing fact is
/// `verify_first`; else `permit`. Where every value of what is missing leads to the same result, nothing is asked.
pub fn decide(ask: &Ask<'_>) -> Verdict {
    let recorded = World::recorded(ask.regime.choices());
    let mut certain: Vec<usize> = Vec::new();
    let mut undecided: Vec<(usize, &Rule)> = Vec::new();
    let mut need = Need::default();
    for (position, rule) in binding(ask) {
        match rules::inside(ask, rule, &recorded) {
            Tri::No => {}
            Tri::Yes => certain.push(position),
            Tri::Unknown(more) => {
                need = need.union(more);
                undecided.push((position, rule));
            }
        }
    }
    if undecided.is_empty() {
        return certainly(ask, certain);
    }
    settle(ask, certain, &undecided, need)
}

fn certainly(ask: &Ask<'_>, certain: Vec<usize>) -> Verdict {
    if certain.is_empty() {
        return Verdict::PERMIT;
    }
    verdict(ask, Outcome::Deny, certain)
}

fn settle(ask: &Ask<'_>, mut certain: Vec<usize>, undecided: &[(usize, &Rule)], need: Need) -> Verdict {
    let Some(exact) = worlds::settle(ask, undecided, need) else {
        return too_many_worlds(ask, certain, undecided, need);
    };
    certain.extend(&exact.certain);
    if !certain.is_empty() {
        certain.sort_unstable();
        return verdict(ask, Outcome::Deny, certain);
    }
    match exact.outcome {
        Outcome::Permit => Verdict::PERMIT,
        outcome => Verdict {
            missing: exact.missing,
            depends_on: exact.depends_on,
            ..verdict(ask, outcome, exact.possible)
        },
    }
}

/// More worlds than the bound: the cautious answer of Kleene's logic, which is never a permit.
fn too_many_worlds(ask: &Ask<'_>, certain: Vec<usize>, undecided: &[(usize, &Rule)], need: Need) -> Verdict {
    if !certain.is_empty() {
        return verdict(ask, Outcome::Deny, certain);
    }
    let positions = undecided.iter().map(|(position, _)| *position).collect();
    let outcome = if need.facts.is_empty() { Outcome::Depends } else { Outcome::VerifyFirst };
    Verdict { missing: need.facts, ..verdict(ask, outcome, positions) }
}

fn verdict(ask: &Ask<'_>, outcome: Outcome, decisive: Vec<usize>) -> Verdict {
    let levels =
        decisive.iter().filter_map(|position| ask.regime.rule(*position)).map(|rule| rule.min_evidence);
    let required_level = levels.max().unwrap_or(Level::None);
    Verdict { outcome, decisive, missing: FactMask::EMPTY, depends_on: None, required_level }
}

impl Verdict {
    /// What happens to a stream that began at `started_at`: something only when a deciding directive took effect
    /// after that.
    pub fn stream_action(&self, regime: &Regime, started_at: Instant) -> Option<StreamAction> {
        let later =
            |position: &usize| regime.rule(*position).is_some_and(|rule| started_at < rule.window.from);
        if !self.decisive.iter().any(later) {
            return None;
        }
        match self.outcome {
            Outcome::Permit => None,
            Outcome::Deny => Some(StreamAction::Cut),
            Outcome::VerifyFirst | Outcome::Depends => Some(StreamAction::Suspend),
        }
    }
}

/// Warnings that go with a request, in a fixed order.
pub fn flags(ask: &Ask<'_>) -> Vec<Flag> {
    let applicable: Vec<&Rule> = ask
        .regime
        .rules_for(ask.request.model)
        .map(|(_, rule)| rule)
        .filter(|rule| rules::applies(ask, rule))
        .collect();
    let enacted = || applicable.iter().filter(|rule| rule.enacted);
    let exceeds = enacted().any(|rule| rule.scope_exceeds_citation && rule.window.binds(ask.clock));
    let bill = applicable.iter().any(|rule| !rule.enacted);
    let upcoming =
        enacted().any(|rule| rule.issued_at <= ask.clock.at && ask.clock.latest() < rule.window.from);
    [
        (exceeds, Flag::AuthorityScopeExceedsCitation),
        (bill, Flag::AuthorityNotEnacted),
        (upcoming, Flag::DirectiveUpcoming),
    ]
    .into_iter()
    .filter_map(|(raised, flag)| raised.then_some(flag))
    .collect()
}

/// The first instant at which the same question may have another answer: a window opens or closes, or evidence
/// lapses. Until then a verdict stands.
pub fn valid_until(regime: &Regime, facts: &PersonFacts, clock: ClockReading) -> Instant {
    let dates = facts.citizenships.iter().flat_map(|held| [held.from, held.until]);
    let personal = dates.chain([facts.us_status_expires]).flatten().filter(|moment| *moment > clock.at);
    personal.chain([regime.next_change(clock)]).min().unwrap_or(Instant::MAX)
}
