//! A trace says what the engine decided: its truths make up one another and the verdict, for every kind of law and
//! facts the generator knows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use cases::Case;
use cases::access::adapt;
use decide::explain::{Directive, Joint, Lang, Step, Supposed, Trace, Truth, explain};
use decide::{Ask, Outcome, Subject, decide};
use law::{ListedModel, Regime};
use terms::{Attested, Citizenship, Employment, Level, MissingFact, ModelId, PersonFacts, Request};

const SEEDS: u64 = 300;

fn regime(case: &Case) -> Option<Regime> {
    let models: Vec<ListedModel> =
        ["fable-5", "mythos-5"].map(|id| ModelId::parse(id).unwrap().into()).into_iter().collect();
    Regime::compile(&case.book, &models, &case.policy).ok()
}

fn trace(case: &Case, regime: &Regime, facts: &PersonFacts) -> (Trace, Outcome) {
    let model = regime.model(case.model.as_str()).unwrap();
    let subject = Subject::new(regime, facts, case.clock.at);
    let request = Request { model, ..case.request };
    let ask = Ask { regime, subject: &subject, request, clock: case.clock };
    (explain(&ask), decide(&ask).outcome)
}

fn outcome_of(case: &Case, regime: &Regime) -> Outcome {
    let model = regime.model(case.model.as_str()).unwrap();
    let subject = Subject::new(regime, &case.facts, case.clock.at);
    decide(&Ask { regime, subject: &subject, request: Request { model, ..case.request }, clock: case.clock })
        .outcome
}

fn generated() -> impl Iterator<Item = (u64, Case, Regime)> {
    (0..SEEDS).filter_map(|seed| {
        let case = adapt(&oracle::generate::scenario(seed)).ok()?;
        let regime = regime(&case)?;
        Some((seed, case, regime))
    })
}

fn and(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.fold(Truth::Yes, |a, b| match (a, b) {
        (Truth::No, _) | (_, Truth::No) => Truth::No,
        (Truth::Yes, known) | (known, Truth::Yes) => known,
        _ => Truth::Open,
    })
}

fn not(truth: Truth) -> Truth {
    match truth {
        Truth::Yes => Truth::No,
        Truth::No => Truth::Yes,
        Truth::Open => Truth::Open,
    }
}

/// What the parts come to.
fn composed(step: &Step) -> Option<Truth> {
    let parts = || step.parts.iter().map(|part| part.truth);
    Some(match step.joint? {
        Joint::All => and(parts()),
        Joint::Any => not(and(parts().map(not))),
        Joint::EachReading => {
            let first = parts().next()?;
            if parts().all(|truth| truth == first) { first } else { Truth::Open }
        }
    })
}

/// A step that is certain is what its parts come to; one that is open may be settled by them, never contradicted.
fn composes(seed: u64, step: &Step) {
    if let Some(parts) = composed(step)
        && step.truth != Truth::Open
    {
        assert_eq!(step.truth, parts, "seed {seed}: {step:#?}");
    }
    step.parts.iter().for_each(|part| composes(seed, part));
}

fn agrees(seed: u64, directive: &Directive) {
    composes(seed, &directive.reach);
    composes(seed, &directive.relief);
    let made_up = [directive.binding.truth, directive.reach.truth, not(directive.relief.truth)];
    assert_eq!(and(made_up.into_iter()), directive.result, "seed {seed}: {directive:#?}");
    assert!(directive.settled.is_none() || directive.result == Truth::Open, "seed {seed}");
}

#[test]
fn the_parts_of_a_trace_make_up_the_verdict() {
    let mut outcomes = [0u64; 4];
    for (seed, case, regime) in generated() {
        let (trace, outcome) = trace(&case, &regime, &case.facts);
        assert_eq!(trace.verdict.outcome, outcome, "seed {seed}");
        trace.directives.iter().for_each(|directive| agrees(seed, directive));
        let inside =
            |directive: &&Directive| directive.result == Truth::Yes || directive.settled == Some(Truth::Yes);
        let held = trace.directives.iter().filter(inside).count();
        let possible = trace.directives.iter().filter(|directive| directive.result != Truth::No).count();
        match outcome {
            Outcome::Permit => assert_eq!(held, 0, "seed {seed}"),
            Outcome::Deny => assert!(possible > 0, "seed {seed}"),
            Outcome::VerifyFirst | Outcome::Depends => assert!(held == 0 && possible > 0, "seed {seed}"),
        }
        let decisive = trace.directives.iter().filter(|directive| directive.decides);
        assert_eq!(
            decisive.map(|directive| directive.id.clone()).collect::<Vec<_>>(),
            trace.verdict.decisive,
            "seed {seed}"
        );
        outcomes[outcome as usize] += 1;
    }
    assert!(outcomes.iter().all(|count| *count > 10), "too few of a kind: {outcomes:?}");
}

#[test]
fn what_is_said_to_change_the_answer_does() {
    let mut tried = 0;
    for (seed, case, regime) in generated().take(150) {
        let (before, _) = trace(&case, &regime, &case.facts);
        for change in &before.changes.readings {
            let mut policy = case.policy.clone();
            assert!(policy.choices.record(change.question, change.option));
            let other = self::regime(&Case { policy, ..case.clone() }).unwrap();
            assert_eq!(outcome_of(&case, &other), change.outcome, "seed {seed}: {change:?}");
            tried += 1;
        }
        for moment in &before.changes.moments {
            let mut later = case.clone();
            later.clock.at = moment.from;
            assert_eq!(outcome_of(&later, &regime), moment.outcome, "seed {seed}: {moment:?}");
            tried += 1;
        }
        if let Some(open) = &before.verdict.depends_on {
            for answer in &open.options {
                let same = before.changes.readings.iter().any(|change| {
                    change.question == open.question
                        && change.option == answer.option
                        && change.outcome == answer.outcome
                });
                assert!(same, "seed {seed}: {answer:?} is not among {:?}", before.changes.readings);
            }
        }
    }
    assert!(tried > 60, "{tried} changes tried");
}

/// The case with one fact other than on file; `None` for facts that take more than one field to write.
fn with(case: &Case, fact: MissingFact, value: &Supposed) -> Option<Case> {
    let mut other = case.clone();
    other.facts.conflicting = case.facts.conflicting.iter().filter(|open| *open != fact).collect();
    match value {
        Supposed::UsStatus(status) => {
            other.facts.us_status = Attested::new(*status, Level::Credential);
            other.facts.us_status_expires = None;
        }
        Supposed::In(countries) => {
            let last = countries.0.iter().last()?;
            other.facts.location = Some(Attested::new(last, Level::Credential));
        }
        Supposed::EndUse(end_use) => other.request.end_use = Attested::new(*end_use, Level::Credential),
        Supposed::NoEmployer => other.facts.employment = Employment::NoEmployer,
        Supposed::SoleCitizenOf(countries) => {
            let country = countries.0.iter().last()?;
            let (level, until_level) = (Level::Credential, Level::None);
            let held = Citizenship { country, from: None, registered: None, until: None, level, until_level };
            other.facts.citizenships = vec![held];
            other.facts.citizenships_complete = Attested::new(true, Level::Credential);
            other.facts.stateless = Attested::default();
        }
        _ => return None,
    }
    Some(other)
}

#[test]
fn other_facts_lead_where_the_trace_says() {
    let mut tried = 0;
    for (seed, case, regime) in generated().take(200) {
        let (before, _) = trace(&case, &regime, &case.facts);
        for change in &before.changes.facts {
            for (value, outcome) in
                change.cases.iter().flat_map(|case| case.values.iter().map(|v| (v, case.outcome)))
            {
                let Some(other) = with(&case, change.fact, value) else { continue };
                assert_eq!(outcome_of(&other, &regime), outcome, "seed {seed}: {:?} {value:?}", change.fact);
                tried += 1;
            }
        }
    }
    assert!(tried > 300, "{tried} facts tried");
}

#[test]
fn same_inputs_give_the_same_bytes_in_any_order_of_facts() {
    for (seed, case, regime) in generated().take(60) {
        let mut turned = case.facts.clone();
        turned.citizenships.reverse();
        turned.permanent_residences.reverse();
        let bytes = |facts: &PersonFacts| serde_json::to_vec(&trace(&case, &regime, facts).0).unwrap();
        let first = bytes(&case.facts);
        assert_eq!(first, bytes(&case.facts), "seed {seed}: twice");
        assert_eq!(first, bytes(&turned), "seed {seed}: turned");
    }
}

#[test]
fn every_page_is_written_in_its_own_language() {
    let hangul = |c: char| ('\u{ac00}'..='\u{d7a3}').contains(&c);
    for (seed, case, regime) in generated().take(100) {
        let (trace, _) = trace(&case, &regime, &case.facts);
        let english = trace.text(Lang::En) + &trace.markdown(Lang::En);
        assert!(!english.contains(hangul), "seed {seed}: {english}");
        for line in trace.text(Lang::Ko).lines().filter(|line| !line.trim().is_empty()) {
            assert!(line.contains(hangul), "seed {seed}: {line}");
        }
    }
}
