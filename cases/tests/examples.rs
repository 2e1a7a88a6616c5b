//! The files of `examples/june-2026`: what they say about the three people they show, letter by letter.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use decide::{Ask, Outcome, Subject, decide};
use law::lint::read;
use law::{Book, ListedModel, Policy, Regime};
use std::path::Path;
use terms::{Activity, Attested, ClockReading, Country, Instant, PersonFacts, Request};

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/june-2026").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All letters, with or without the recorded readings.
fn regime(with_readings: bool) -> Regime {
    let mut book = Book::default();
    for letter in ["letter-1.toml", "letter-2.toml", "letter-3.toml"] {
        book.add(&read(&text(letter)).unwrap());
    }
    let models: Vec<ListedModel> =
        read(&text("models.toml")).unwrap().model.iter().map(ListedModel::from).collect();
    let choices = read(&text("readings.toml")).unwrap().choices().unwrap();
    let policy =
        Policy { choices: if with_readings { choices } else { Default::default() }, ..Policy::default() };
    Regime::compile(&book, &models, &policy).unwrap()
}

#[track_caller]
fn check(regime: &Regime, person: &str, model: &str, at: &str, outcome: Outcome) {
    let facts: PersonFacts = toml::from_str(&text(person)).unwrap();
    let request = Request {
        model: regime.model(model).unwrap(),
        activity: Activity::HostedInference,
        end_use: Attested::default(),
        served_from: Country::US,
    };
    let clock = ClockReading::exact(Instant::parse(at).unwrap());
    let subject = Subject::new(regime, &facts, clock.at);
    let verdict = decide(&Ask { regime, subject: &subject, request, clock });
    assert_eq!(verdict.outcome, outcome, "{person}, {model}, {at}");
}

const BEFORE: &str = "2026-06-12T17:20:59-04:00";
const FIRST: &str = "2026-06-13T09:00:00-04:00";
const SECOND: &str = "2026-06-28T09:00:00Z";
const LIFTED: &str = "2026-06-30T22:00:00Z";

#[test]
fn the_french_engineer() {
    let regime = regime(true);
    let person = "person-french-engineer.toml";
    let course = [
        (BEFORE, "fable-5", Outcome::Permit),
        (FIRST, "fable-5", Outcome::Deny),
        (FIRST, "mythos-5", Outcome::Deny),
        (FIRST, "opus-4-8", Outcome::Permit),
        (SECOND, "fable-5", Outcome::Deny),
        (SECOND, "mythos-5", Outcome::Permit),
        (LIFTED, "fable-5", Outcome::Permit),
    ];
    for (at, model, outcome) in course {
        check(&regime, person, model, at, outcome);
    }
}

#[test]
fn the_citizen_in_paris() {
    let person = "person-us-citizen-in-paris.toml";
    check(&regime(false), person, "fable-5", FIRST, Outcome::Depends);
    check(&regime(true), person, "fable-5", FIRST, Outcome::Permit);
    check(&regime(false), person, "fable-5", LIFTED, Outcome::Permit);
}

#[test]
fn the_self_declared_citizen() {
    let person = "person-self-declared.toml";
    check(&regime(true), person, "fable-5", FIRST, Outcome::VerifyFirst);
    check(&regime(true), person, "practice-mini", FIRST, Outcome::Permit);
}

/// Every file the README and the runbook name is there, and every file that is there is named.
#[test]
fn the_readme_names_every_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/june-2026");
    let readme = text("README.md");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let shown =
            if name.starts_with("person-") { "`person-*.toml`".to_owned() } else { format!("`{name}`") };
        assert!(name == "README.md" || readme.contains(&shown), "{name} is not in the README");
    }
    let words = readme.split_whitespace().chain(RUNBOOK.split_whitespace());
    for word in
        words.filter(|word| word.ends_with(".toml") && word.starts_with(|c: char| c.is_ascii_lowercase()))
    {
        assert!(!text(word).is_empty());
    }
}

const RUNBOOK: &str = include_str!("../../examples/june-2026/RUNBOOK.md");
