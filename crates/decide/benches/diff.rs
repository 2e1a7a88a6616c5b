//! What it costs to compare two regimes of five hundred directives, and to count over people.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test or benchmark fails by panicking"
)]

use decide::Subject;
use decide::diff::{Counter, Options, diff, permits_more, refuses_more};
use divan::Bencher;
use law::{Book, ListedModel, Policy, Regime, lint};
use terms::{
    Activity, Attested, Citizenship, ClockReading, Country, Instant, Level, ModelId, PersonFacts, Request,
    UsStatus,
};

fn main() {
    divan::main();
}

const CODES: [&str; 12] = ["RU", "CN", "IR", "KP", "SY", "CU", "BY", "VE", "MM", "FR", "DE", "IN"];

/// Three countries; for directive 7, unless `narrower`, one more that no other names.
fn countries(number: usize, narrower: bool) -> String {
    let three = [number % 12, (number / 12 + 1 + number) % 12, (number * 5 + 2) % 12];
    let more = if number == 7 && !narrower { Some("JP") } else { None };
    let codes = three.iter().map(|at| CODES[*at]).chain(more);
    codes.map(|code| format!("\"{code}\"")).collect::<Vec<_>>().join(", ")
}

/// Five hundred directives, each on one of `models` models, on nationals of or people in three countries.
fn regime(models: usize, narrower: bool) -> Regime {
    let mut text = "schema = 1\n".to_owned();
    for number in 0..500 {
        let persons = match number % 3 {
            0 => format!("{{ class = \"located_in\", countries = [{}] }}", countries(number, narrower)),
            1 => format!(
                "{{ class = \"national_of\", rule = \"any_held\", countries = [{}] }}",
                countries(number, narrower)
            ),
            _ => "{ class = \"foreign_person\" }".to_owned(),
        };
        // Directives on all persons alike would hide the others: they come a year later.
        let year = if number % 3 == 2 { 2027 } else { 2026 };
        text.push_str(&format!(
            r#"
[[directive]]
id = "d-{number}"
title = "A directive"
form = "rule"
issued_at = 2026-01-01T00:00:00Z
effective_from = {year}-{:02}-{:02}T00:00:00Z
models = ["model-{}"]
persons = {persons}
destinations = "none"
source = {{ state = "US", office = "Example office" }}
"#,
            1 + number % 12,
            1 + number % 28,
            number % models,
        ));
    }
    let mut book = Book::default();
    book.add(&lint::read(&text).unwrap());
    let listed: Vec<ListedModel> =
        (0..models).map(|model| ModelId::parse(&format!("model-{model}")).unwrap().into()).collect();
    Regime::compile(&book, &listed, &Policy::default()).unwrap()
}

/// One country removed from one of five hundred directives.
#[divan::bench(args = [1, 8, 500], sample_count = 1, sample_size = 1)]
fn one_country_of_500_directives(bencher: Bencher<'_, '_>, models: usize) {
    let (a, b) = (regime(models, false), regime(models, true));
    let found = diff(&a, &b, Options::default());
    println!(
        "{models} models: {} changes, {} decisions, {:?}",
        found.changes.len(),
        found.decisions,
        found.cuts
    );
    bencher.bench(|| diff(divan::black_box(&a), divan::black_box(&b), Options::default()));
}

/// Both questions.
#[divan::bench(args = [8], sample_count = 1, sample_size = 1)]
fn both_questions(bencher: Bencher<'_, '_>, models: usize) {
    let (a, b) = (regime(models, false), regime(models, true));
    bencher.bench(|| (refuses_more(&a, &b, Options::default()), permits_more(&a, &b, Options::default())));
}

fn people(count: usize) -> Vec<PersonFacts> {
    let held = |country: Country| Citizenship {
        country,
        from: None,
        registered: None,
        until: None,
        level: Level::Document,
        until_level: Level::None,
    };
    let person = |number: usize| PersonFacts {
        us_status: Attested::new(UsStatus::KNOWN[number % 9], Level::Document),
        citizenships: vec![held(Country::parse(CODES[number % 12]).unwrap())],
        citizenships_complete: Attested::new(true, Level::Document),
        location: Some(Attested::new(Country::parse(CODES[number / 12 % 12]).unwrap(), Level::Employer)),
        ..PersonFacts::unknown()
    };
    (0..count).map(person).collect()
}

/// A hundred thousand people on eight models under two regimes, already made ready.
#[divan::bench(sample_count = 3)]
fn count_800_000_pairs(bencher: Bencher<'_, '_>) {
    let (a, b) = (regime(8, false), regime(8, true));
    let clock = ClockReading::exact(Instant::parse("2026-12-31T00:00:00Z").unwrap());
    let request = Request {
        model: 0,
        activity: Activity::HostedInference,
        end_use: Attested::default(),
        served_from: Country::US,
    };
    let people: Vec<(PersonFacts, [Subject; 2])> = people(100_000)
        .into_iter()
        .map(|facts| {
            let subjects = [&a, &b].map(|regime| Subject::new(regime, &facts, clock.at));
            (facts, subjects)
        })
        .collect();
    bencher.bench(|| {
        let mut counter = Counter::new(&a, &b, a.models(), clock, request);
        people.iter().for_each(|(facts, subjects)| counter.add_subjects(facts, subjects));
        counter.finish()
    });
}
