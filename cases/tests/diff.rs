//! The difference of two generated regimes covers exactly whoever changes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use cases::Case;
use cases::access::adapt;
use decide::diff::{Diff, Options, diff, permits_more, refuses_more};
use decide::{Ask, Outcome, Subject, decide, outcome};
use law::{Book, ListedModel, Policy, Regime};
use oracle::generate::scenario;
use terms::{ClockReading, Country, Instant, Level, ModelId, PersonFacts, Question, Request};

/// Persons tried against each pair of regimes.
const PERSONS: u64 = 60;

fn pairs() -> u64 {
    std::env::var("DOUANE_DIFF_PAIRS").ok().and_then(|text| text.parse().ok()).unwrap_or(40)
}

fn models() -> Vec<ListedModel> {
    ["fable-5", "mythos-5"].map(|id| ModelId::parse(id).unwrap().into()).into()
}

fn case(seed: u64) -> Option<Case> {
    adapt(&scenario(seed)).ok()
}

fn compile(book: &Book, policy: &Policy) -> Option<Regime> {
    Regime::compile(book, &models(), policy).ok()
}

/// The book with something changed: what an amendment does.
fn amended(book: &Book, seed: u64) -> Book {
    let mut book = book.clone();
    let relieved = !book.exceptions.is_empty() || !book.licences.is_empty();
    match seed % 4 {
        0 if relieved => {
            book.exceptions.clear();
            book.licences.clear();
        }
        1 if book.directives.iter().any(|directive| directive.persons.countries.len() > 1) => {
            book.directives.iter_mut().for_each(|directive| drop(directive.persons.countries.pop()));
        }
        2 => {
            for directive in &mut book.directives {
                directive.destinations = law::Destinations::AllOutsideUs;
            }
        }
        _ => return Book::default(),
    }
    book
}

struct Two {
    a: Regime,
    b: Regime,
    found: Diff,
}

/// Two regimes of one or two directives, so that a full look at them is quick.
fn two(seed: u64) -> Option<Two> {
    let case = case(seed)?;
    let small = |book: &Book| (1..=2).contains(&book.directives.len()) && book.licences.len() <= 1;
    if !small(&case.book) {
        return None;
    }
    let other = self::case(seed + 1_000_000)
        .map(|case| case.book)
        .filter(|book| small(book) && seed.is_multiple_of(5));
    let other = other.unwrap_or_else(|| amended(&case.book, seed));
    let (a, b) = (compile(&case.book, &case.policy)?, compile(&other, &case.policy)?);
    let found = diff(&a, &b, options());
    Some(Two { a, b, found })
}

fn options() -> Options {
    Options { decisions: 100_000, ..Options::default() }
}

fn decided(regime: &Regime, facts: &PersonFacts, request: Request, at: Instant) -> Outcome {
    let subject = Subject::new(regime, facts, at);
    outcome(&Ask { regime, subject: &subject, request, clock: ClockReading::exact(at) }).0
}

/// Whether the engine met its bound on possible worlds: its answer is then not exact.
fn is_bounded(regime: &Regime, facts: &PersonFacts, request: Request, at: Instant) -> bool {
    let subject = Subject::new(regime, facts, at);
    decide(&Ask { regime, subject: &subject, request, clock: ClockReading::exact(at) }).cautious
}

/// Whether serving places were varied, and this one with them.
fn is_looked_at(two: &Two, request: &Request) -> bool {
    let remote = [&two.a, &two.b].into_iter().any(|r| r.rules().iter().any(|rule| rule.remote_access));
    !remote || request.served_from.as_place() == Country::US
}

/// Checks one person and request; false where the facts are of a kind that is not told apart.
fn check(two: &Two, facts: &PersonFacts, request: Request, at: Instant, seed: u64) -> bool {
    let (from, to) = (decided(&two.a, facts, request, at), decided(&two.b, facts, request, at));
    let model = two.a.models()[request.model].clone();
    let mut covering = Vec::new();
    for change in two.found.at(&model, at) {
        match change.who.covers(facts, &request, at) {
            None => return false,
            Some(true) => covering.push(change),
            Some(false) => {}
        }
    }
    let said: Vec<(Outcome, Outcome)> = covering.iter().map(|change| (change.from, change.to)).collect();
    if [&two.a, &two.b].into_iter().any(|regime| is_bounded(regime, facts, request, at)) {
        return false;
    }
    let expected: &[(Outcome, Outcome)] = if from == to { &[] } else { &[(from, to)] };
    assert_eq!(said, expected, "seed {seed} at {at}\n{facts:#?}\n{request:?}\n{covering:#?}");
    true
}

#[test]
fn whoever_changes_is_covered_and_nobody_else() {
    let (mut checked, mut left_out, mut changed, mut cut) = (0u64, 0u64, 0u64, 0u64);
    for seed in 0..pairs() {
        let Some(two) = two(seed) else { continue };
        if !two.found.cuts.is_empty() {
            cut += 1;
            continue;
        }
        changed += u64::from(!two.found.changes.is_empty());
        let edges = two.found.changes.iter().flat_map(|change| [change.since, change.until]).flatten();
        let mut instants: Vec<Instant> = edges.flat_map(|edge| [edge.plus_micros(-1), edge]).collect();
        instants.push(Instant::parse("2026-06-15T12:00:00Z").unwrap());
        for number in 0..PERSONS {
            let Some(case) = case(seed * 7_919 + number + 5_000_000) else { continue };
            let request = Request { model: usize::try_from(number % 2).unwrap(), ..case.request };
            if !is_looked_at(&two, &request) {
                continue;
            }
            for at in &instants {
                if check(&two, &case.facts, request, *at, seed) { checked += 1 } else { left_out += 1 }
            }
        }
    }
    println!("{checked} checked, {left_out} left out, {changed} pairs differ, {cut} pairs cut");
    assert!(checked > 10 * pairs() && checked > left_out, "{checked} checked, {left_out} left out");
    assert!(changed > pairs() / 8, "only {changed} pairs differ, {cut} were too large");
}

#[test]
fn a_regime_does_not_differ_from_itself() {
    for seed in 0..pairs() {
        let Some(case) = case(seed) else { continue };
        let Some(regime) = compile(&case.book, &case.policy) else { continue };
        let mut turned = case.book.clone();
        turned.directives.reverse();
        turned.licences.reverse();
        for other in [regime.clone(), compile(&turned, &case.policy).unwrap()] {
            let found = diff(&regime, &other, Options::default());
            assert_eq!((found.changes.len(), found.cuts.len()), (0, 0), "seed {seed}");
        }
    }
}

#[test]
fn counterexamples_agree_with_the_difference() {
    let options = options();
    for seed in 0..pairs() / 2 {
        let Some(two) = two(seed) else { continue };
        if !two.found.cuts.is_empty() {
            continue;
        }
        let changes = || two.found.changes.iter();
        let refused = changes().any(|change| change.from == Outcome::Permit);
        let opened = changes().any(|change| change.to == Outcome::Permit);
        for (answer, expected) in [
            (refuses_more(&two.a, &two.b, options), refused),
            (permits_more(&two.a, &two.b, options), opened),
        ] {
            assert_eq!(answer.example.is_some(), expected, "seed {seed}");
            let Some(example) = answer.example else { continue };
            let model = two.a.model(example.model.as_str()).unwrap();
            let request = Request { model, ..example.request };
            let again = [&two.a, &two.b].map(|regime| decided(regime, &example.facts, request, example.at));
            assert_eq!(again, [example.before.outcome, example.after.outcome], "seed {seed}");
        }
    }
}

/// Readings that differ make every directive differ.
#[test]
fn readings_are_compared_too() {
    let letter = law::lint::read(include_str!("../../examples/june-2026/letter-1.toml")).unwrap();
    let mut book = Book::default();
    book.add(&letter);
    let [apply, person_only] = [0, 1].map(|choice| {
        let policy = Policy {
            choices: Policy::default().choices.with(Question::DestinationLimb, choice),
            ..Policy::default()
        };
        compile(&book, &policy).unwrap()
    });
    let narrower = refuses_more(&apply, &person_only, Options::default());
    assert!(narrower.example.is_none() && narrower.cuts.is_empty());
    let example = permits_more(&apply, &person_only, Options::default()).example.unwrap();
    assert_eq!((example.before.outcome == Outcome::Permit, example.after.outcome), (false, Outcome::Permit));
    assert!(
        example
            .facts
            .location
            .is_none_or(|place| place.value != Country::US || place.level < Level::Employer)
    );
}
