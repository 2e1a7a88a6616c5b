//! Two questions, answered with a counterexample or with "nobody".

use super::pair::Pair;
use super::sweep::Cell;
use super::{Cut, Diff, Options, person, walk};
use crate::ask::Ask;
use crate::engine::decide;
use crate::subject::Subject;
use crate::verdict::{Outcome, Verdict};
use law::Regime;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use terms::{ClockReading, Instant, ModelId, PersonFacts, Request};

/// A complete person, request and instant with different outcomes; decided anew, with reasons, under both regimes.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// Who asks.
    pub facts: PersonFacts,
    /// For which model.
    pub model: ModelId,
    /// What for; its `model` is the position in the first regime's catalogue.
    pub request: Request,
    /// When.
    pub at: Instant,
    /// Under the first regime.
    pub before: Verdict,
    /// Under the second.
    pub after: Verdict,
}

/// The answer to a question about everybody.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Somebody for whom it is so; `None` = nobody.
    pub example: Option<Box<Counterexample>>,
    /// What was left out; where this is not empty, "nobody" is not proved.
    pub cuts: BTreeSet<Cut>,
}

/// Does the second regime refuse anyone the first permits? A request for evidence or an open reading is a refusal.
pub fn refuses_more(a: &Regime, b: &Regime, options: Options) -> Answer {
    find(a, b, options, |[before, after]| before == Outcome::Permit && after != Outcome::Permit)
}

/// Does the second regime permit anyone the first refuses?
pub fn permits_more(a: &Regime, b: &Regime, options: Options) -> Answer {
    find(a, b, options, |[before, after]| before != Outcome::Permit && after == Outcome::Permit)
}

fn find(a: &Regime, b: &Regime, options: Options, wanted: impl Fn([Outcome; 2]) -> bool) -> Answer {
    let pair = Pair::new(a, b);
    let (groups, _) = pair.groups();
    let mut diff = Diff::default();
    let mut example = None;
    walk(&pair, &groups, options, &mut diff, |group, _, sweep, allowed| {
        sweep.run(allowed, &mut |cell: &Cell<'_>| {
            if !wanted(cell.outcomes) {
                return ControlFlow::Continue(());
            }
            let (facts, request) = person::build(&pair, cell.space, cell.digits);
            example = group.models.first().and_then(|model| verify(a, b, facts, model, request, sweep.clock));
            if example.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    });
    Answer { example: example.map(Box::new), cuts: diff.cuts }
}

/// Decides in full under both regimes.
fn verify(
    a: &Regime,
    b: &Regime,
    facts: PersonFacts,
    model: &ModelId,
    request: Request,
    clock: ClockReading,
) -> Option<Counterexample> {
    let verdict = |regime: &Regime| {
        let subject = Subject::new(regime, &facts, clock.at);
        let request = Request { model: regime.model(model.as_str())?, ..request };
        Some(decide(&Ask { regime, subject: &subject, request, clock }))
    };
    let (before, after) = (verdict(a)?, verdict(b)?);
    let request = Request { model: a.model(model.as_str())?, ..request };
    let differ = before.outcome != after.outcome;
    differ.then(|| Counterexample { facts, model: model.clone(), request, at: clock.at, before, after })
}
