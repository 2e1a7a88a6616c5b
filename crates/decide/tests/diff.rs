//! The difference of two regimes, by example.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use decide::Outcome::{self, Deny, Depends, Permit, VerifyFirst};
use decide::diff::{
    Change, Condition, Diff, Names, Options, count_changes, diff, permits_more, refuses_more,
};
use law::{Book, ListedModel, Policy, Regime, lint};
use terms::{
    Activity, Attested, ClockReading, Country, CountrySet, Instant, Level, ModelId, NotCitizen, PersonFacts,
    Question, Request, UsStatus,
};

const LETTERS: [&str; 3] = [
    include_str!("../../../examples/june-2026/letter-1.toml"),
    include_str!("../../../examples/june-2026/letter-2.toml"),
    include_str!("../../../examples/june-2026/letter-3.toml"),
];

fn regime(texts: &[&str], readings: &[(Question, &str)]) -> Regime {
    let mut book = Book::default();
    texts.iter().for_each(|text| book.add(&lint::read(text).unwrap()));
    let models: Vec<ListedModel> =
        ["fable-5", "mythos-5"].map(|id| ModelId::parse(id).unwrap().into()).into();
    let mut policy = Policy::default();
    for (question, choice) in readings {
        assert!(policy.choices.record(*question, choice));
    }
    Regime::compile(&book, &models, &policy).unwrap()
}

/// The readings of the June operator.
fn june(letters: usize) -> Regime {
    let readings = [(Question::DestinationLimb, "person_only"), (Question::EmployeeMeans, "payroll_only")];
    regime(&LETTERS[..letters], &readings)
}

/// A law file with one directive on every model, from 2026 on; further fields and instruments may follow.
fn about(persons: &str, rest: &str) -> String {
    format!(
        r#"
schema = 1
[[directive]]
id = "d"
title = "A directive"
form = "rule"
issued_at = 2026-01-01T00:00:00Z
effective_from = 2026-01-01T00:00:00Z
models = ["*"]
persons = {persons}
destinations = "none"
source = {{ state = "US", office = "Example office" }}
{rest}
"#
    )
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn countries(codes: &[&str]) -> CountrySet {
    codes.iter().map(|code| Country::parse(code).unwrap()).collect()
}

fn exact(a: &Regime, b: &Regime) -> Diff {
    let found = diff(a, b, Options::default());
    assert!(found.cuts.is_empty(), "{:?}", found.cuts);
    found
}

fn pairs(diff: &Diff) -> Vec<(Outcome, Outcome)> {
    let mut pairs: Vec<_> = diff.changes.iter().map(|change| (change.from, change.to)).collect();
    pairs.sort_by_key(|(from, to)| (from.word(), to.word()));
    pairs.dedup();
    pairs
}

fn of(diff: &Diff, from: Outcome, to: Outcome) -> Vec<&Change> {
    diff.changes.iter().filter(|change| (change.from, change.to) == (from, to)).collect()
}

#[test]
fn the_first_letter_refuses_foreign_persons_and_asks_the_rest() {
    let found = exact(&june(0), &june(1));
    assert_eq!(pairs(&found), [(Permit, Deny), (Permit, VerifyFirst)]);
    let [denied] = of(&found, Permit, Deny)[..] else { panic!("{:#?}", found.changes) };
    assert_eq!(denied.since, Some(at("2026-06-12T21:21:00Z")));
    assert_eq!(denied.until, None);
    assert_eq!(denied.models.len(), 2);
    assert!(!denied.who.shared_keys);
    let [Condition::Status(statuses), Condition::StatusShown(shown)] = &denied.who.conditions[..] else {
        panic!("{denied:#?}")
    };
    assert_eq!(statuses, &[UsStatus::None]);
    assert!(shown.iter().all(Option::is_some), "said or shown: {shown:?}");
    // Nothing on file; or in the person's favour and not shown; and shared keys whose users are not shown to be US
    // persons.
    let asked = of(&found, Permit, VerifyFirst);
    assert_eq!(asked.iter().filter(|change| change.who.shared_keys).count(), 1);
    assert_eq!(asked.iter().filter(|change| !change.who.shared_keys).count(), 2);
}

#[test]
fn the_second_letter_opens_one_model_to_named_firms() {
    let found = exact(&june(1), &june(2));
    assert!(found.changes.iter().all(|change| change.since == Some(at("2026-06-27T00:00:00Z"))));
    assert!(found.changes.iter().all(|change| change.models == [ModelId::parse("mythos-5").unwrap()]));
    let opened = of(&found, Deny, Permit);
    assert!(!opened.is_empty());
    for change in opened {
        let firms = change.who.conditions.iter().find_map(|condition| match condition {
            Condition::Employer(employers) => Some(employers),
            _ => None,
        });
        let Names::These(names) = &firms.unwrap().firms else { panic!("{change:#?}") };
        assert_eq!(names, &["harbor grid co", "model maker inc", "plains water authority"]);
    }
    assert!(found.changes.iter().all(|change| change.from != Permit));
}

#[test]
fn the_third_letter_opens_all_from_its_hour() {
    let (two, three) = (june(2), june(3));
    let found = exact(&two, &three);
    assert!(found.changes.iter().all(|change| change.to == Permit && change.from != Permit));
    assert!(found.changes.iter().all(|change| change.since == Some(at("2026-06-30T22:00:00Z"))));
    assert!(refuses_more(&two, &three, Options::default()).example.is_none());
    let example = permits_more(&two, &three, Options::default()).example.unwrap();
    assert_eq!((example.after.outcome, example.at), (Permit, at("2026-06-30T22:00:00Z")));
}

#[test]
fn an_open_reading_is_a_change_of_its_own() {
    let found = exact(&june(1), &regime(&LETTERS[..1], &[]));
    assert!(pairs(&found).contains(&(Permit, Depends)));
    for change in of(&found, Permit, Depends) {
        let shown_abroad = change.who.conditions.iter().any(|condition| match condition {
            Condition::Place(set) => {
                !set.contains(Country::US) && set.contains(Country::parse("FR").unwrap())
            }
            _ => false,
        });
        // Where the place is not shown, the reading matters too: the person may be abroad.
        let not_shown = change.who.conditions.iter().any(|condition| match condition {
            Condition::PlaceShown(shown) => {
                shown.iter().all(|rung| rung.is_none_or(|rung| rung.from < Level::Employer))
            }
            _ => false,
        });
        assert!(shown_abroad || not_shown, "{change:#?}");
    }
}

#[test]
fn one_country_removed_from_one_directive_is_that_country() {
    let all = |list: &str| {
        let others = r#"
[[directive]]
id = "other"
title = "Another directive"
form = "rule"
issued_at = 2026-01-01T00:00:00Z
effective_from = 2026-03-01T00:00:00Z
models = ["*"]
persons = { class = "located_in", countries = ["CU", "IR"] }
destinations = "none"
source = { state = "US", office = "Example office" }
"#;
        let text = about(
            &format!("{{ class = \"national_of\", rule = \"any_held\", countries = [{list}] }}"),
            others,
        );
        regime(&[&text], &[])
    };
    let (wide, narrow) = (all(r#""IR", "RU", "SY""#), all(r#""IR", "SY""#));
    let found = exact(&wide, &narrow);
    let russia = countries(&["RU"]);
    for change in of(&found, Deny, Permit) {
        let groups = change.who.conditions.iter().find_map(|condition| match condition {
            Condition::Nationality(groups) => Some(groups),
            _ => None,
        });
        for group in groups.unwrap() {
            assert!(group.main == russia || group.other == russia, "{group:?}");
            assert!(!group.main.contains(Country::parse("IR").unwrap()));
        }
    }
    assert!(!of(&found, Deny, Permit).is_empty());
    assert!(refuses_more(&wide, &narrow, Options::default()).example.is_none());
    let example = permits_more(&wide, &narrow, Options::default()).example.unwrap();
    assert!(example.facts.citizenships.iter().any(|held| held.country.code() == "RU"), "{example:?}");
}

#[test]
fn a_licence_opens_its_holder_and_a_wider_window_only_the_time_between() {
    let licence = r#"
[[licence]]
id = "l"
title = "A licence"
status = "issued"
lifts = ["d"]
models = ["*"]
from = 2026-02-01T00:00:00Z
until = 2026-03-01T00:00:00Z
holder = "Acme"
"#;
    let persons = r#"{ class = "foreign_person" }"#;
    let (without, with) =
        (about(persons, ""), about(persons, &licence.replace("title = \"A licence\"\n", "")));
    let longer = with.replace("until = 2026-03-01", "until = 2026-04-01");
    let [without, with, longer] = [&without, &with, &longer].map(|text| regime(&[text], &[]));
    for (a, b, since, until) in [
        (&without, &with, "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
        (&with, &longer, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"),
    ] {
        let found = exact(a, b);
        assert!(!found.changes.is_empty());
        for change in &found.changes {
            assert_eq!((change.since, change.until), (Some(at(since)), Some(at(until))));
        }
        let [opened] = of(&found, Deny, Permit)[..] else { panic!("{:#?}", found.changes) };
        let firm = opened.who.conditions.iter().find_map(|condition| match condition {
            Condition::Employer(employers) => Some(employers.clone()),
            _ => None,
        });
        assert_eq!(firm.unwrap().firms, Names::These(vec!["acme".to_owned()]));
        assert!(refuses_more(a, b, Options::default()).example.is_none());
    }
}

#[test]
fn a_directive_hidden_behind_another_changes_nothing() {
    let hidden = r#"
[[directive]]
id = "everyone"
title = "Closed to everyone"
form = "rule"
issued_at = 2026-01-01T00:00:00Z
effective_from = 2026-01-01T00:00:00Z
models = ["*"]
persons = { class = "everyone" }
destinations = "none"
source = { state = "US", office = "Example office" }
"#;
    let persons = r#"{ class = "located_in", countries = ["RU"] }"#;
    let text = about(persons, hidden);
    let (one, both) = (regime(&[&format!("schema = 1{hidden}")], &[]), regime(&[&text], &[]));
    assert_eq!(exact(&one, &both).changes, []);
    assert!(refuses_more(&one, &both, Options::default()).example.is_none());
}

#[test]
fn a_bound_on_the_work_is_said() {
    let text = about(r#"{ class = "national_of", rule = "most_recent", countries = ["D:5", "E:1"] }"#, "");
    let found =
        diff(&regime(&[], &[]), &regime(&[&text], &[]), Options { decisions: 300, ..Options::default() });
    assert!(!found.cuts.is_empty());
}

#[test]
fn people_on_file_are_counted() {
    let person =
        |value, level| PersonFacts { us_status: Attested::new(value, level), ..PersonFacts::unknown() };
    let people = [
        person(UsStatus::Citizen, Level::Document),
        person(UsStatus::None, Level::Document),
        person(UsStatus::None, Level::SelfDeclared),
        person(UsStatus::Citizen, Level::SelfDeclared),
        PersonFacts::unknown(),
    ];
    let models = ["fable-5", "mythos-5", "not-there"].map(|id| ModelId::parse(id).unwrap());
    let request = Request {
        model: 0,
        activity: Activity::HostedInference,
        end_use: Attested::default(),
        served_from: Country::US,
    };
    let clock = ClockReading::exact(at("2026-06-13T00:00:00Z"));
    let counts = count_changes(&june(0), &june(1), &people, &models, clock, request);
    assert_eq!((counts.people, counts.models.len()), (5, 2));
    for model in &counts.models {
        let changes: Vec<_> = model.all.changes().collect();
        assert_eq!(changes, [(Permit, Deny, 2), (Permit, VerifyFirst, 2)]);
        assert_eq!(model.all.of(Permit, Permit), 1);
        assert_eq!(model.by_status["none"].of(Permit, Deny), 2);
    }
}

/// What is known of each change: whether this person is among those who change.
fn told(found: &Diff, facts: &PersonFacts) -> Vec<(Outcome, Outcome, Option<bool>)> {
    let request = Request {
        model: 0,
        activity: Activity::HostedInference,
        end_use: Attested::default(),
        served_from: Country::US,
    };
    let noon = at("2026-06-13T12:00:00Z");
    let of = |change: &Change| (change.from, change.to, change.who.covers(facts, &request, noon));
    found.changes.iter().map(of).collect()
}

#[test]
fn a_us_person_of_no_kind_is_told_where_all_kinds_are_treated_alike() {
    let us_person =
        |level| PersonFacts { us_status: Attested::new(UsStatus::UsPerson, level), ..PersonFacts::unknown() };
    let letter = exact(&june(0), &june(1));
    let shown = told(&letter, &us_person(Level::Document));
    assert!(!shown.is_empty() && shown.iter().all(|(_, _, covered)| *covered == Some(false)), "{shown:?}");
    let said = told(&letter, &us_person(Level::SelfDeclared));
    assert!(said.contains(&(Permit, VerifyFirst, Some(true))), "{said:?}");
    let protected = about(r#"{ class = "foreign_person", exempt = "citizens_and_protected" }"#, "");
    let found = exact(&regime(&[], &[]), &regime(&[&protected], &[]));
    let open = told(&found, &us_person(Level::Document));
    assert!(open.iter().any(|(_, _, covered)| covered.is_none()), "{open:?}");
}

#[test]
fn who_is_shown_to_be_no_citizen_is_not_told_apart() {
    let chinese = about(r#"{ class = "national_of", rule = "any_held", countries = ["CN"] }"#, "");
    let found = exact(&regime(&[], &[]), &regime(&[&chinese], &[]));
    let not_citizenships = vec![NotCitizen { country: Country::CN, level: Level::Document }];
    let facts = PersonFacts { not_citizenships, ..PersonFacts::unknown() };
    assert!(told(&found, &facts).iter().any(|(_, _, covered)| covered.is_none()));
    let current = PersonFacts {
        citizenships_current: Attested::new(true, Level::Credential),
        ..PersonFacts::unknown()
    };
    let settled = told(&found, &current);
    assert!(settled.iter().all(|(_, _, covered)| *covered == Some(false)), "{settled:?}");
}
