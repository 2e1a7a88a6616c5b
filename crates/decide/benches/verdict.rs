//! What a verdict costs: served, refused, asked for a fact, and with five hundred directives on file.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use decide::{Ask, Outcome, Verdict, decide};
use divan::Bencher;
use law::{Book, Policy, Regime, lint};
use terms::{
    Activity, Attested, ClockReading, Country, EndUse, Instant, Level, ModelId, PersonFacts, Question,
    Request, UsStatus,
};

fn main() {
    divan::main();
}

const HEAD: &str = "schema = 1\n";

/// One directive as text; what is not given is as in the letter of 12 June 2026.
fn directive(id: &str, model: &str, persons: &str) -> String {
    format!(
        r#"
[[directive]]
id = "{id}"
title = "A directive"
form = "rule"
issued_at = 2026-06-12T17:21:00-04:00
effective_from = 2026-06-12T17:21:00-04:00
models = ["{model}"]
persons = {persons}
destinations = "unspecified"
source = {{ state = "US", office = "Example office" }}
"#
    )
}

/// An exception whose nationalities and places have to be told apart.
const CARVE_OUT: &str = r#"
[[exception]]
id = "carve-out"
directive = "june"
when = { end_use = ["defensive_cyber"], all_nationalities_in = ["A:5", "US"], located_in = ["A:5", "US"] }
"#;

fn regime(text: &str, models: &[String]) -> Regime {
    let mut book = Book::default();
    book.add(&lint::read(&format!("{HEAD}{text}")).unwrap());
    let models: Vec<ModelId> = models.iter().map(|id| ModelId::parse(id).unwrap()).collect();
    let choices = Policy::default().choices.with(Question::DestinationLimb, 1);
    Regime::compile(&book, &models, &Policy { choices, ..Policy::default() }).unwrap()
}

fn june() -> Regime {
    let text = directive("june", "fable-5", r#"{ class = "foreign_person" }"#) + CARVE_OUT;
    regime(&text, &["fable-5".to_owned()])
}

fn person(status: UsStatus) -> PersonFacts {
    PersonFacts {
        us_status: Attested::new(status, Level::Document),
        location: Some(Attested::new(Country::US, Level::Employer)),
        ..PersonFacts::unknown()
    }
}

fn measure(
    bencher: Bencher<'_, '_>,
    regime: &Regime,
    facts: &PersonFacts,
    end_use: EndUse,
    expected: Outcome,
) {
    let request =
        Request { model: 0, activity: Activity::HostedInference, end_use, served_from: Country::US };
    let clock = ClockReading::exact(Instant::parse("2026-06-15T12:00:00Z").unwrap());
    let ask = Ask { regime, facts, request, clock };
    assert_eq!(decide(&ask).outcome, expected);
    bencher.bench(|| -> Verdict { decide(divan::black_box(&ask)) });
}

#[divan::bench]
fn permit(bencher: Bencher<'_, '_>) {
    measure(bencher, &june(), &person(UsStatus::Citizen), EndUse::Civil, Outcome::Permit);
}

#[divan::bench]
fn deny(bencher: Bencher<'_, '_>) {
    measure(bencher, &june(), &person(UsStatus::None), EndUse::Civil, Outcome::Deny);
}

/// Status, nationality, place and end use unknown: thousands of worlds.
#[divan::bench]
fn verify_first_through_worlds(bencher: Bencher<'_, '_>) {
    measure(bencher, &june(), &PersonFacts::unknown(), EndUse::Unknown, Outcome::VerifyFirst);
}

#[divan::bench]
fn shared_key_through_worlds(bencher: Bencher<'_, '_>) {
    measure(bencher, &june(), &PersonFacts::shared_key(), EndUse::Unknown, Outcome::VerifyFirst);
}

/// Five hundred directives on file, one of them on the model asked for.
#[divan::bench]
fn permit_among_500_directives(bencher: Bencher<'_, '_>) {
    let models: Vec<String> = (0..500).map(|number| format!("model-{number}")).collect();
    let text: String = models
        .iter()
        .map(|model| directive(&format!("about-{model}"), model, r#"{ class = "foreign_person" }"#))
        .collect();
    measure(bencher, &regime(&text, &models), &person(UsStatus::Citizen), EndUse::Civil, Outcome::Permit);
}

/// Five hundred directives that all reach the model asked for.
#[divan::bench]
fn permit_under_500_directives(bencher: Bencher<'_, '_>) {
    let text: String = (0..500)
        .map(|number| {
            directive(&format!("d-{number}"), "*", r#"{ class = "located_in", countries = ["D:5"] }"#)
        })
        .collect();
    let models = ["fable-5".to_owned()];
    measure(bencher, &regime(&text, &models), &person(UsStatus::Citizen), EndUse::Civil, Outcome::Permit);
}
