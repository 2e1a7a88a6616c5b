//! The files of `examples/bylaws`: they stand, name models that are served, and say what the guide says they do.
#![allow(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

use bylaws::{Bylaws, Call, Permitted, Rulebook};
use decide::Outcome;
use std::path::Path;
use terms::{
    AccountId, Activity, Attested, ClockReading, Country, Employer, Employment, Instant, Level, PersonFacts,
    Relation, Request,
};

const MODELS: &str = include_str!("../../../examples/june-2026/models.toml");
const GUIDE: &str = include_str!("../../../docs/bylaws.md");

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/bylaws");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// What one file says to a person who asks for a model at some time of 13 June.
fn outcome(file: &str, facts: &PersonFacts, model: &str, time: &str) -> Outcome {
    let catalogue = catalogue();
    let position = catalogue.iter().position(|listed| listed.id.as_str() == model).unwrap();
    let book = Rulebook::new(Bylaws::parse(&read(file)).unwrap(), &catalogue).unwrap();
    assert_eq!(book.unknown_models(), [""; 0]);
    let clock = ClockReading::exact(Instant::parse(&format!("2026-06-13T{time}:00Z")).unwrap());
    let person = book.person(&AccountId::parse("acme").unwrap(), None, facts, clock.at).unwrap();
    let request = Request {
        model: position,
        activity: Activity::HostedInference,
        end_use: Attested::default(),
        served_from: Country::US,
    };
    let call = Call { person: &person, request, streaming: false, clock };
    book.judge(Permitted::of(Outcome::Permit).unwrap(), &call).outcome()
}

/// The models of June 2026, one of them marked as an expert.
fn catalogue() -> Vec<law::Model> {
    let mut models = law::lint::read(MODELS).unwrap().model;
    let fable = models.iter_mut().find(|model| model.id.as_str() == "fable-5").unwrap();
    fable.capabilities = vec![terms::Capability::parse("cyber:frontier").unwrap()];
    models
}

fn employed(relation: Relation, level: Level) -> PersonFacts {
    let employer = Employer { name: "Acme".to_owned(), relation, level, ..Employer::default() };
    PersonFacts { employment: Employment::Works(employer), ..PersonFacts::unknown() }
}

#[test]
fn contractors_are_kept_from_one_model() {
    let ask = |facts: &PersonFacts, model| outcome("contractors.cedar", facts, model, "12:00");
    let staff = employed(Relation::Employee, Level::Employer);
    assert_eq!(ask(&staff, "fable-5"), Outcome::Permit);
    let word_only = employed(Relation::Employee, Level::SelfDeclared);
    for other in [employed(Relation::Contractor, Level::Document), word_only, PersonFacts::unknown()] {
        assert_eq!(ask(&other, "fable-5"), Outcome::Deny);
        assert_eq!(ask(&other, "practice-mini"), Outcome::Permit);
    }
}

#[test]
fn expert_models_want_a_place() {
    let placed =
        |level| PersonFacts { location: Some(Attested::new(Country::US, level)), ..PersonFacts::unknown() };
    let ask = |facts: &PersonFacts, model: &str| outcome("experts.cedar", facts, model, "12:00");
    assert_eq!(ask(&PersonFacts::unknown(), "fable-5"), Outcome::VerifyFirst);
    assert_eq!(ask(&placed(Level::Ip), "fable-5"), Outcome::VerifyFirst);
    assert_eq!(ask(&placed(Level::Employer), "fable-5"), Outcome::Permit);
    assert_eq!(ask(&PersonFacts::unknown(), "practice-mini"), Outcome::Permit);
}

#[test]
fn nights_are_closed_to_unattended_keys() {
    let ask = |facts: &PersonFacts, model, time| outcome("nights.cedar", facts, model, time);
    let shared = PersonFacts::shared_key();
    for (time, expected) in [
        ("05:59", Outcome::Deny),
        ("06:00", Outcome::Permit),
        ("21:59", Outcome::Permit),
        ("22:00", Outcome::Deny),
    ] {
        assert_eq!(ask(&shared, "fable-5", time), expected, "{time}");
        assert_eq!(ask(&PersonFacts::unknown(), "fable-5", time), Outcome::Permit, "{time}");
        assert_eq!(ask(&shared, "practice-mini", time), Outcome::Permit, "{time}");
    }
}

#[test]
fn every_example_is_in_the_guide_and_every_attribute_too() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/bylaws");
    let mut files = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(GUIDE.contains(&format!("(../examples/bylaws/{name})")), "{name}");
        files += 1;
    }
    assert_eq!(files, 3);
    let attributes = bylaws::SCHEMA.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(':'));
    for (name, _) in attributes.filter(|(name, _)| !["principal", "resource", "context"].contains(name)) {
        let name = name.trim().trim_end_matches('?');
        assert!(!name.contains(' ') && GUIDE.contains(name), "{name}");
    }
}
