//! Two sovereigns: an order to serve against a directive of another state.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use law::{Book, Class, Conflict, Destinations, Exempt, ListedModel, NationalityRule, Persons, Witness};
use law::{groups, lint::read, sovereign_conflicts};
use proptest::prelude::*;
use terms::{Capability, Country, CountrySet, ModelId, UsStatus};

const BOOK: &str = r#"schema = 1
[[directive]]
id = "letter"
title = "t"
form = "rule"
issued_at = 2026-06-12T00:00:00Z
effective_from = 2026-06-12T00:00:00Z
effective_until = 2026-12-01T00:00:00Z
models = ["fable-5", "mythos-5"]
persons = { class = "foreign_person" }
destinations = "none"
source = { state = "US", office = "o" }

[[service_duty]]
id = "serve"
title = "t"
from = 2026-07-01T00:00:00Z
models = ["mythos-5"]
persons = { class = "located_in", countries = ["KR"] }
source = { state = "KR", office = "o" }
"#;

fn book(edits: &[(&str, &str)]) -> Book {
    let text = edits.iter().fold(BOOK.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replacen(from, to, 1)
    });
    let mut book = Book::default();
    book.add(&read(&text).unwrap_or_else(|why| panic!("{}", why.message)));
    book
}

fn conflicts(edits: &[(&str, &str)]) -> Vec<Conflict> {
    sovereign_conflicts(&book(edits), &[])
}

#[test]
fn the_witness_in_words() {
    let [conflict] = &conflicts(&[])[..] else { panic!("one conflict") };
    assert_eq!(
        conflict.to_string(),
        "letter refuses and serve orders to serve a national of KR located in KR, asking for mythos-5 from 2026-07-01T00:00:00Z"
    );
}

#[test]
fn one_state_bills_and_windows_apart_are_no_conflict() {
    let none: [&[(&str, &str)]; 6] = [
        &[("state = \"KR\"", "state = \"US\"")],
        &[("form = \"rule\"", "form = \"rule\"\nstatus = \"bill\"")],
        &[("from = 2026-07-01T00:00:00Z", "from = 2026-12-01T00:00:00Z")],
        &[("from = 2026-07-01T00:00:00Z", "from = 2026-01-01T00:00:00Z\nuntil = 2026-06-12T00:00:00Z")],
        &[("models = [\"mythos-5\"]", "models = [\"opus-4-8\"]")],
        &[(
            "[[service_duty]]",
            "[[lifting]]\nid = \"l\"\ndirectives = [\"letter\"]\nat = 2026-07-01T00:00:00Z\n[[service_duty]]",
        )],
    ];
    for edits in none {
        assert_eq!(conflicts(edits), [], "{edits:?}");
    }
    // The last instant before the end is enough.
    assert_eq!(conflicts(&[("from = 2026-07-01T00:00:00Z", "from = 2026-11-30T23:59:59Z")]).len(), 1);
    // Two directives only restrict.
    let mut only = book(&[]);
    only.service_duties.clear();
    assert_eq!(sovereign_conflicts(&only, &[]), []);
}

#[test]
fn models_meet_by_name_by_capability_and_in_doubt() {
    let listed = |id, capability: &str| ListedModel {
        id: ModelId::parse(id).unwrap(),
        capabilities: vec![Capability::parse(capability).unwrap()],
    };
    let by_capability = ("models = [\"fable-5\", \"mythos-5\"]", "capabilities = [\"cyber:expert\"]");
    let able = [listed("mythos-5", "cyber:frontier")];
    let weak = [listed("mythos-5", "cyber:novice")];
    let of = |edits: &[(&str, &str)], models: &[ListedModel]| {
        let found = sovereign_conflicts(&book(edits), models);
        found.into_iter().map(|conflict| conflict.witness.model).collect::<Vec<_>>()
    };
    assert_eq!(of(&[by_capability], &able), ["mythos-5"]);
    assert_eq!(of(&[by_capability], &weak), [""; 0]);
    assert_eq!(of(&[by_capability], &[]), ["mythos-5"], "nobody knows what it can do");
    let all_served = ("models = [\"mythos-5\"]", "models = [\"*\"]");
    assert_eq!(of(&[by_capability, all_served], &[]), ["a model with cyber:expert"]);
    assert_eq!(of(&[by_capability, all_served], &weak), [""; 0]);
    assert_eq!(of(&[all_served], &[]), ["fable-5"]);
    let all_refused = ("models = [\"fable-5\", \"mythos-5\"]", "models = [\"*\"]");
    assert_eq!(of(&[all_refused], &[]), ["mythos-5"]);
    assert_eq!(of(&[all_refused, all_served], &[]), ["any model"]);
}

#[test]
fn persons_that_no_human_being_can_be() {
    let pairs = [
        // refused, served, whether somebody is both
        (
            "{ class = \"foreign_person\" }",
            "{ class = \"national_of\", countries = [\"US\"], rule = \"any_held\" }",
            false,
        ),
        (
            "{ class = \"foreign_person\" }",
            "{ class = \"national_of\", countries = [\"US\"], rule = \"ever_held\" }",
            true,
        ),
        ("{ class = \"foreign_person\" }", "{ class = \"national_of\", countries = [\"US\"] }", true),
        (
            "{ class = \"us_person_744_6\" }",
            "{ class = \"national_of\", countries = [\"KR\"], rule = \"any_held\" }",
            true,
        ),
        ("{ class = \"us_person_744_6\" }", "{ class = \"located_in\", countries = [\"KR\"] }", true),
        (
            "{ class = \"located_in\", countries = [\"CN\"] }",
            "{ class = \"located_in\", countries = [\"KR\"] }",
            false,
        ),
        (
            "{ class = \"located_in\", countries = [\"CN\"] }",
            "{ class = \"located_in\", countries = [\"HK\"] }",
            true,
        ),
        (
            "{ class = \"national_of\", countries = [\"CN\"], rule = \"most_recent\" }",
            "{ class = \"national_of\", countries = [\"KR\"], rule = \"most_recent\" }",
            false,
        ),
        (
            "{ class = \"national_of\", countries = [\"CN\"], rule = \"most_recent\" }",
            "{ class = \"national_of\", countries = [\"KR\"], rule = \"any_held\" }",
            true,
        ),
        (
            "{ class = \"employed_by\", employers = [\"A\"] }",
            "{ class = \"employed_by\", employers = [\"B\"] }",
            true,
        ),
        (
            "{ class = \"entity_hq\", countries = [\"CN\"] }",
            "{ class = \"entity_hq\", countries = [\"KR\"] }",
            true,
        ),
        ("{ class = \"listed_party\" }", "{ class = \"everyone\" }", true),
    ];
    for (refused, served, both) in pairs {
        let edits = [
            ("{ class = \"foreign_person\" }", refused),
            ("{ class = \"located_in\", countries = [\"KR\"] }", served),
        ];
        let found = conflicts(&edits);
        assert_eq!(!found.is_empty(), both, "{refused} {served}: {found:?}");
    }
}

#[test]
fn the_destinations_limb_reaches_citizens_abroad() {
    let served = "{ class = \"national_of\", countries = [\"US\"], rule = \"any_held\" }";
    let citizens = ("{ class = \"located_in\", countries = [\"KR\"] }", served);
    assert_eq!(conflicts(&[citizens]), []);
    // Whoever is in the United States is a US person (15 CFR 744.6) and may be a foreign person all the same.
    let us_persons = (citizens.0, "{ class = \"us_person_744_6\" }");
    assert_eq!(conflicts(&[us_persons])[0].witness.place, Country::US);
    for limb in ["destinations = \"all_outside_us\"", "destinations = \"unspecified\""] {
        let found = conflicts(&[citizens, ("destinations = \"none\"", limb)]);
        assert!(found[0].witness.to_string().starts_with("a national of US located in KR"), "{found:?}");
    }
}

/// Whether somebody falls under a persons limb; an open reading reaches whom any of its options reaches.
fn reached(persons: &Persons, human: &Witness) -> bool {
    let named = groups::resolve_all(persons.countries.iter().map(String::as_str)).unwrap();
    let holds = |country: &Country| named.contains(*country);
    let by_nationality = || {
        let recent = human.nationals.last().is_some_and(holds);
        let any = human.nationals.iter().any(&holds);
        let ever = any || human.formerly.iter().any(&holds);
        let met = match persons.rule.unwrap_or_default() {
            NationalityRule::MostRecent => recent,
            NationalityRule::AnyHeld => any,
            NationalityRule::EverHeld | NationalityRule::Unspecified => ever,
        };
        met && (!persons.only_foreign_persons || human.status == UsStatus::None)
    };
    match persons.class {
        Class::Everyone => true,
        Class::ForeignPerson => {
            let lapsed = persons.exempt.is_some() && human.status == UsStatus::LprNaturalisationLapsed;
            human.status == UsStatus::None || lapsed
        }
        Class::ForeignNationalUndefined => !matches!(human.status, UsStatus::Citizen | UsStatus::National),
        Class::NationalOf => by_nationality(),
        Class::LocatedIn => holds(&human.place),
        Class::NationalOrLocatedIn => by_nationality() || holds(&human.place),
        Class::ListedParty => human.listed,
        Class::EntityHq => human.seats.iter().any(holds),
        Class::UsPerson7446 => human.status != UsStatus::None || human.place == Country::US,
        Class::EmployedBy => persons.employers.iter().any(|name| human.firms.contains(name)),
    }
}

fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

/// Every human being over three countries that some pair of classes could turn on.
fn humans() -> Vec<Witness> {
    let codes = ["US", "CN", "KR"].map(country);
    let mut lists: Vec<Vec<Country>> = Vec::new();
    for a in codes {
        lists.push(vec![a]);
        lists.extend(codes.iter().filter(|b| **b != a).map(|b| vec![a, *b]));
        lists.extend(codes.iter().filter(|b| **b != a).map(|b| {
            let third = codes.into_iter().find(|c| *c != a && c != b).unwrap();
            vec![a, *b, third]
        }));
    }
    let statuses = [UsStatus::None, UsStatus::Citizen, UsStatus::Lpr, UsStatus::LprNaturalisationLapsed];
    let mut all = Vec::new();
    for status in statuses {
        for nationals in &lists {
            // Citizens, and nobody else, hold the nationality.
            if nationals.contains(&Country::US) != (status == UsStatus::Citizen) {
                continue;
            }
            for formerly in codes.map(Some).into_iter().chain([None]) {
                all.extend(codes.map(|place| Witness {
                    status,
                    nationals: nationals.clone(),
                    formerly,
                    place,
                    firms: vec!["A".to_owned(), "B".to_owned()],
                    seats: codes.to_vec(),
                    listed: true,
                    model: String::new(),
                    from: terms::Instant::MIN,
                }));
            }
        }
    }
    all
}

fn persons() -> impl Strategy<Value = Persons> {
    let class = prop::sample::select(vec![
        Class::Everyone,
        Class::ForeignPerson,
        Class::ForeignNationalUndefined,
        Class::NationalOf,
        Class::LocatedIn,
        Class::NationalOrLocatedIn,
        Class::ListedParty,
        Class::EntityHq,
        Class::UsPerson7446,
        Class::EmployedBy,
    ]);
    let rule = prop::sample::select(vec![
        None,
        Some(NationalityRule::MostRecent),
        Some(NationalityRule::AnyHeld),
        Some(NationalityRule::EverHeld),
    ]);
    let countries = prop::sample::subsequence(vec!["US", "CN", "KR"], 1..=3);
    let employers = prop::sample::subsequence(vec!["A", "B"], 1..=2);
    (class, rule, countries, employers, any::<[bool; 2]>()).prop_map(
        |(class, rule, countries, employers, flags)| Persons {
            class,
            countries: countries.into_iter().map(str::to_owned).collect(),
            rule,
            only_foreign_persons: flags[0],
            hong_kong: None,
            ownership_percent: None,
            employers: employers.into_iter().map(str::to_owned).collect(),
            exempt: flags[1].then_some(Exempt::CitizensAndProtected),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_024, ..ProptestConfig::default() })]

    /// A conflict is found exactly where some human being falls under both texts, and its witness is one.
    #[test]
    fn found_exactly_where_somebody_is_both(refused in persons(), served in persons(), abroad in any::<bool>()) {
        let mut book = book(&[]);
        book.directives[0].persons = refused.clone();
        book.directives[0].destinations = if abroad { Destinations::AllOutsideUs } else { Destinations::None };
        book.service_duties[0].persons = served.clone();
        let refuses = |human: &Witness| {
            reached(&refused, human) || (abroad && human.place.as_place() != Country::US)
        };
        let found = sovereign_conflicts(&book, &[]);
        let exists = humans().iter().any(|human| refuses(human) && reached(&served, human));
        prop_assert_eq!(!found.is_empty(), exists);
        for Conflict { witness, .. } in &found {
            prop_assert!(refuses(witness) && reached(&served, witness), "{:?}", witness);
            let is_us: CountrySet = witness.nationals.iter().copied().collect();
            let us_national = matches!(witness.status, UsStatus::Citizen | UsStatus::National);
            prop_assert_eq!(is_us.contains(Country::US), us_national, "{:?}", witness);
        }
    }
}
