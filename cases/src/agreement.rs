//! Three evaluators that share no code must agree: the engine, the reference interpreter written from the text, and
//! Cedar, which answers where everything is known.

use crate::{Answer, access, run};
use oracle::reference;
use oracle::scenario::{Directive, Scenario, Start};
use std::collections::BTreeSet;
use terms::MissingFact;

/// Flags the reference raises; the one about citations is not its matter.
const FLAGS: [&str; 2] = ["authority_not_enacted", "directive_upcoming"];

/// Where the engine and the reference differ; each difference is one line.
pub fn with_reference(scenario: &Scenario) -> Vec<String> {
    let expected = reference_answer(scenario);
    match access::adapt(scenario).and_then(|case| run(&case)) {
        // Beyond its bound on worlds the engine refuses where it might have asked for less.
        Ok(got) if got.cautious => {
            let opened = got.outcome == "permit";
            opened.then(|| "permitted without looking at every world".to_owned()).into_iter().collect()
        }
        Ok(mut got) => {
            got.flags.retain(|flag| FLAGS.contains(&flag.as_str()));
            let mut lines = crate::differences(&expected, &got);
            if expected.flags != got.flags {
                lines.push(format!("flags: expected {:?}, got {:?}", expected.flags, got.flags));
            }
            lines
        }
        Err(error) => vec![format!("the engine cannot decide it: {error:#}")],
    }
}

fn reference_answer(scenario: &Scenario) -> Answer {
    let answer = reference::decide(scenario);
    Answer {
        outcome: answer.outcome,
        missing: answer.missing_facts.iter().map(|fact| fact.word().to_owned()).collect(),
        depends_on: answer
            .depends_on
            .map(|depends| (depends.question.word().to_owned(), depends.options.into_iter().collect())),
        decisive: Some(answer.decisive.into_iter().collect()),
        flags: answer.flags.into_iter().collect(),
        stream_action: answer.stream_action,
        cautious: false,
    }
}

/// Where the engine and Cedar differ; `None` where something is not known, so that Cedar has no answer.
pub fn with_cedar(scenario: &Scenario) -> Option<Vec<String>> {
    let expected = oracle::cedar::certain(scenario)?;
    let mut lines: Vec<String> =
        expected.errors.iter().map(|error| format!("an evaluation error refuses: {error}")).collect();
    let got = match access::adapt(scenario).and_then(|case| run(&case)) {
        Ok(got) => got,
        Err(error) => return Some(vec![format!("the engine cannot decide it: {error:#}")]),
    };
    let outcome = if expected.refused { "deny" } else { "permit" };
    if got.outcome != outcome {
        lines.push(format!("outcome: Cedar says {outcome}, the engine {}", got.outcome));
    }
    let decisive: BTreeSet<String> = expected.directives.into_iter().collect();
    if got.decisive.as_ref() != Some(&decisive) {
        lines.push(format!("decisive: Cedar says {decisive:?}, the engine {:?}", got.decisive));
    }
    Some(lines)
}

/// Whether the engine meets its bound on possible worlds on the scenario of a seed.
pub fn is_bounded(seed: u64) -> bool {
    let case = access::adapt(&decidable(oracle::generate::scenario(seed)));
    case.and_then(|case| run(&case)).is_ok_and(|answer| answer.cautious)
}

/// A scenario on which evaluators differ, made as small as it can be.
pub struct Mismatch {
    /// The seed it was made from.
    pub seed: u64,
    /// The smallest scenario found that still shows it.
    pub scenario: Scenario,
    /// What differs.
    pub lines: Vec<String>,
}

/// Without directives whose window ends before it begins: the engine refuses to put them in force at all.
fn decidable(mut scenario: Scenario) -> Scenario {
    let start = |directive: &Directive| match &directive.effective_from {
        Start::At(at) => Some(*at),
        Start::Local { options, .. } => options.values().copied().min(),
    };
    scenario.directives.retain(|directive| {
        start(directive).zip(directive.effective_until).is_none_or(|(from, until)| from < until)
    });
    // Where dates contradict each other the engine leaves open whether a date ahead has come; the reference takes it
    // as come.
    if scenario.subject.conflicting_facts.contains(&MissingFact::AcquisitionDates) {
        let at = scenario.at;
        let subject = &mut scenario.subject;
        for held in subject.citizenships.iter_mut().chain(&mut subject.permanent_residences) {
            held.from = held.from.filter(|from| from.0 <= at);
            held.from_alt = held.from_alt.filter(|from| from.0 <= at);
        }
    }
    scenario
}

/// Compares on the scenario of one seed; with `cedar`, also on it with everything made known.
pub fn compare(seed: u64, cedar: bool) -> Option<Mismatch> {
    let scenario = decidable(oracle::generate::scenario(seed));
    let fails = |scenario: &Scenario| !with_reference(scenario).is_empty();
    if fails(&scenario) {
        let scenario = oracle::shrink::shrink(scenario, |smaller| fails(smaller));
        let lines = with_reference(&scenario);
        return Some(Mismatch { seed, scenario, lines });
    }
    if !cedar {
        return None;
    }
    let known = oracle::cedar::certify(&scenario);
    let differs = |scenario: &Scenario| with_cedar(scenario).is_some_and(|lines| !lines.is_empty());
    if !differs(&known) {
        return None;
    }
    let scenario = oracle::shrink::shrink(known, |smaller| differs(smaller));
    let lines = with_cedar(&scenario).unwrap_or_default();
    Some(Mismatch { seed, scenario, lines })
}
