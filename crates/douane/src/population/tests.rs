//! Whether the people come out as the figures say, and whether the rules written here and the engine agree.

use std::collections::{BTreeMap, HashMap};

use decide::{Ask, Outcome, Subject, decide};
use law::{Book, LawFile, Policy, Regime};
use store::roster::Roster;
use terms::{Activity, Attested, ClockReading, Level, ModelId, PersonFacts, Relation, Request, SubjectKind};

use super::*;

const SEED: u64 = 612;
const MANY: usize = 20_000;

fn share(people: &[Invented], of: impl Fn(&Invented) -> bool, among: impl Fn(&Invented) -> bool) -> f64 {
    let among: Vec<_> = people.iter().filter(|one| among(one)).collect();
    among.iter().filter(|one| of(one)).count() as f64 / among.len() as f64
}

/// The share lies within four standard errors of the figure.
fn check(
    people: &[Invented],
    expected: f64,
    of: impl Fn(&Invented) -> bool,
    among: impl Fn(&Invented) -> bool,
) {
    let size = people.iter().filter(|one| among(one)).count() as f64;
    let found = share(people, of, among);
    let tolerance = 4.0 * (expected * (1.0 - expected) / size).sqrt();
    assert!(
        (found - expected).abs() <= tolerance,
        "{found} is not {expected} within {tolerance}, n = {size}"
    );
}

fn is_person(one: &Invented) -> bool {
    one.row.kind == SubjectKind::Person
}

fn is_in_us(one: &Invented) -> bool {
    is_person(one) && one.country == Country::US
}

/// Figures on sector and evidence are checked on these: in the United States the staff of the organisations in the
/// second letter have their own.
fn is_abroad(one: &Invented) -> bool {
    is_person(one) && one.country != Country::US
}

#[test]
fn places_and_kinds_follow_the_figures() {
    let people = invent(MANY, SEED).unwrap();
    for (code, expected) in [("US", 0.216), ("IN", 0.072), ("BR", 0.037), ("JP", 0.037), ("KR", 0.037)] {
        let country = Country::parse(code).unwrap();
        check(&people, expected, |one| one.country == country, |_| true);
    }
    check(&people, 0.95, is_person, |_| true);
    check(&people, 0.03, |one| one.row.kind == SubjectKind::Service, |_| true);
}

#[test]
fn status_follows_the_figures() {
    let people = invent(MANY, SEED).unwrap();
    let settled = |one: &Invented| is_in_us(one) && one.sector != "software";
    let coders = |one: &Invented| is_in_us(one) && one.sector == "software";
    let is_none = |one: &Invented| one.us_status == UsStatus::None;
    check(&people, 0.1901 * 0.27, is_none, settled);
    check(&people, 0.4255 * 0.27, is_none, coders);
    check(&people, 0.1901 * 0.24 * 0.86, |one| one.us_status == UsStatus::Lpr, settled);
    check(&people, 1.0 - 0.4255 * 0.51, |one| one.us_status == UsStatus::Citizen, coders);
    check(&people, 0.005, |one| one.us_status == UsStatus::Citizen, is_abroad);
    for rare in [UsStatus::ConditionalLpr, UsStatus::Refugee, UsStatus::Asylee] {
        assert!(people.iter().any(|one| one.us_status == rare), "{rare:?}");
    }
}

#[test]
fn evidence_follows_the_figures() {
    let people = invent(MANY, SEED).unwrap();
    let known = |level| move |one: &Invented| one.row.us_status_level == level;
    check(&people, 0.12, known(Level::Employer), is_abroad);
    check(&people, 0.02, known(Level::Document), is_abroad);
    check(&people, 0.01, known(Level::Credential), is_abroad);
    check(&people, 0.25 * 0.5, known(Level::SelfDeclared), is_abroad);
    check(&people, 0.60 + 0.25 * 0.5, |one| one.row.us_status == UsStatus::Unknown, is_abroad);
    check(&people, 0.60, |one| one.row.location_level == Level::Ip, is_abroad);
}

#[test]
fn nationality_abroad_follows_the_figures() {
    let people = invent(MANY, SEED).unwrap();
    let on_file = |one: &Invented| is_abroad(one) && one.row.us_status == UsStatus::None;
    check(&people, 0.10, |one| !one.row.citizenships.contains(&one.country), on_file);
    assert!(people.iter().filter(|one| on_file(one)).all(|one| !one.row.citizenships.contains(&Country::US)));
}

#[test]
fn sectors_and_employers_follow_the_figures() {
    let people = invent(MANY, SEED).unwrap();
    check(&people, 0.34, |one| one.sector == "software", is_abroad);
    check(&people, 0.05, |one| one.sector == "hospital", is_abroad);
    let employer = |one: &Invented| one.row.employer.clone().unwrap_or_default();
    let partners = ["Harbor Grid Co", "Plains Water Authority", "Model Maker Inc"];
    let is_partner = |one: &Invented| partners.contains(&&*employer(one));
    // 0.05 of them have nothing on file and half of another 0.05 have a place only.
    check(&people, 0.15 * 0.925, is_partner, is_in_us);
    check(&people, 0.20, |one| one.row.relation == Relation::Contractor, is_partner);
    assert!(people.iter().all(|one| !is_partner(one) || one.country == Country::US));
    assert!(partners.iter().all(|name| people.iter().any(|one| employer(one) == *name)));
}

#[test]
fn the_same_seed_gives_the_same_people() {
    let few = invent(300, SEED).unwrap();
    assert_eq!(few, invent(300, SEED).unwrap());
    assert_eq!(few, invent(900, SEED).unwrap()[..300]);
    assert_ne!(few, invent(300, SEED + 1).unwrap());
    let ids: HashMap<_, _> = few.iter().map(|one| (&one.row.person_id, ())).collect();
    assert_eq!(ids.len(), few.len());
}

fn letters(texts: &[&str]) -> Regime {
    let mut book = Book::default();
    for text in texts {
        book.add(&toml::from_str::<LawFile>(text).unwrap());
    }
    let readings: LawFile =
        toml::from_str(include_str!("../../../../examples/june-2026/readings.toml")).unwrap();
    let policy = Policy { choices: readings.choices().unwrap(), ..Policy::default() };
    let models = ["fable-5", "mythos-5"].map(|id| ModelId::parse(id).unwrap().into());
    Regime::compile(&book, &models, &policy).unwrap()
}

fn by_engine(regime: &Regime, facts: &PersonFacts, model: &str, at: Instant) -> Truth {
    let request = Request {
        model: regime.model(model).unwrap(),
        activity: Activity::HostedInference,
        end_use: Attested::default(),
        served_from: Country::US,
    };
    let subject = Subject::new(regime, facts, at);
    match decide(&Ask { regime, subject: &subject, request, clock: ClockReading::exact(at) }).outcome {
        Outcome::Permit => Truth::Served,
        Outcome::Deny => Truth::Refused,
        Outcome::VerifyFirst => Truth::MustVerify,
        Outcome::Depends => panic!("a reading is open"),
    }
}

const FIRST: &str = include_str!("../../../../examples/june-2026/letter-1.toml");
const SECOND: &str = include_str!("../../../../examples/june-2026/letter-2.toml");
const THIRD: &str = include_str!("../../../../examples/june-2026/letter-3.toml");

/// Everybody's facts as the roster reader understands the file.
fn facts(people: &[Invented]) -> Vec<PersonFacts> {
    let csv = to_csv(people);
    let rows = Roster::new(csv.as_bytes(), None).unwrap();
    rows.map(|row| row.unwrap().facts).collect()
}

#[test]
fn the_rules_written_here_and_the_engine_agree() {
    let people = invent(MANY, SEED).unwrap();
    let facts = facts(&people);
    assert_eq!(facts.len(), people.len());
    let (first, second, third) =
        (letters(&[FIRST]), letters(&[FIRST, SECOND]), letters(&[FIRST, SECOND, THIRD]));
    let later = Instant::parse("2026-06-28T12:00:00Z").unwrap();
    let lifted = Instant::parse("2026-07-01T12:00:00Z").unwrap();
    for (one, facts) in people.iter().zip(&facts) {
        for model in ["fable-5", "mythos-5"] {
            let id = &one.row.person_id;
            assert_eq!(by_engine(&first, facts, model, first_letter_at()), one.truth, "{id} {model}");
            let after = after_second_letter(&one.row, later, model);
            assert_eq!(by_engine(&second, facts, model, later), after, "{id} {model} {:?}", one.row);
            assert_eq!(by_engine(&third, facts, model, lifted), after_third_letter(), "{id} {model}");
        }
    }
}

#[test]
fn every_outcome_and_change_occurs() {
    let people = invent(3_000, SEED).unwrap();
    let mut changes: BTreeMap<(Truth, Truth), usize> = BTreeMap::new();
    for one in &people {
        let after = after_second_letter(&one.row, first_letter_at(), "mythos-5");
        *changes.entry((one.truth, after)).or_default() += 1;
    }
    use Truth::{MustVerify, Refused, Served};
    for change in [
        (Served, Served),
        (Refused, Refused),
        (Refused, Served),
        (Refused, MustVerify),
        (MustVerify, MustVerify),
        (MustVerify, Served),
    ] {
        assert!(changes.contains_key(&change), "{change:?} in {changes:?}");
    }
}
