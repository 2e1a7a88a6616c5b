//! Persons, shared keys and services, with facts at every level of evidence.

use super::{CODES, FIRMS, PEOPLE, country, good_level, instant, level};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use terms::{
    Attested, Citizenship, Country, Disputed, Employer, Employment, FactMask, Level, MissingFact, NotCitizen,
    Ownership, PartyMatch, PersonFacts, PersonId, Relation, Share, SubjectKind, UsStatus,
};

fn holding() -> impl Strategy<Value = Citizenship> {
    let dates = (
        option::weighted(0.8, instant()),
        option::weighted(0.15, option::of(instant())),
        option::weighted(0.3, instant()),
    );
    (select(&CODES[..]), dates, good_level(), level()).prop_map(
        |(code, (from, registered, until), level, until_level)| Citizenship {
            country: country(code),
            from,
            registered: registered.map(|on| Disputed { on }),
            until,
            level,
            until_level,
        },
    )
}

fn ownership() -> impl Strategy<Value = Ownership> {
    (select(vec![0.0, 20.0, 30.0, 50.0]), select(vec![0.0, 30.0, 50.0, 80.0])).prop_map(
        |(listed, unlisted): (f64, f64)| Ownership {
            listed: Share::from_percent(listed),
            unlisted: Share::from_percent(unlisted.min(100.0 - listed)),
        },
    )
}

fn employment() -> impl Strategy<Value = Employment> {
    let relation = select(&[Relation::Employee, Relation::Contractor, Relation::Unknown][..]);
    let firm = select(&["HARBOR grid  co", FIRMS[1], "Elsewhere Ltd"][..]);
    let parent = option::of(select(&CODES[..]));
    prop_oneof![
        1 => Just(Employment::Unknown),
        1 => Just(Employment::NoEmployer),
        4 => (firm, relation, level(), parent, ownership()).prop_map(
            |(name, relation, level, parent, ownership)| {
                Employment::Works(Employer {
                    name: name.to_owned(),
                    relation,
                    level,
                    ultimate_parent: parent.map(country),
                    ownership,
                })
            }
        ),
    ]
}

fn kind() -> impl Strategy<Value = SubjectKind> {
    prop_oneof![
        5 => Just(SubjectKind::Person),
        1 => Just(SubjectKind::SharedKey),
        1 => Just(SubjectKind::Service),
    ]
}

fn party() -> impl Strategy<Value = PartyMatch> {
    prop_oneof![
        3 => Just(PartyMatch::None),
        1 => Just(PartyMatch::Possible),
        1 => Just(PartyMatch::Confirmed),
        1 => Just(PartyMatch::Unscreened),
    ]
}

fn status() -> impl Strategy<Value = UsStatus> {
    prop_oneof![
        16 => select(&UsStatus::KNOWN[..]),
        3 => Just(UsStatus::UsPerson),
        2 => Just(UsStatus::Unknown),
    ]
}

/// Facts are shown after evidence was weighed: what is listed is not denied.
fn not_listed(mut excluded: Vec<NotCitizen>, citizenships: &[Citizenship]) -> Vec<NotCitizen> {
    excluded.retain(|not| citizenships.iter().all(|held| held.country != not.country));
    excluded
}

/// Often none; often all of a group with what else a directive may name.
fn excluded() -> impl Strategy<Value = Vec<NotCitizen>> {
    let group = law::groups::resolve_all(["D:5", "E:1"]).unwrap();
    let group: Vec<Country> = group.iter().collect();
    let named = subsequence(CODES.map(country).to_vec(), 0..CODES.len());
    let with_group = subsequence(CODES.map(country).to_vec(), 0..CODES.len()).prop_map(move |named| {
        let beside: Vec<Country> = named.into_iter().filter(|one| !group.contains(one)).collect();
        group.iter().copied().chain(beside).collect()
    });
    let some = prop_oneof![named, with_group];
    let levels = (some, good_level(), option::weighted(0.3, good_level()));
    option::weighted(0.4, levels).prop_map(|said: Option<(Vec<Country>, Level, Option<Level>)>| {
        let (countries, level, second) = said.unwrap_or_default();
        let at = |number: usize| second.filter(|_| number.is_multiple_of(3)).unwrap_or(level);
        let shown = countries.into_iter().enumerate();
        shown.map(|(number, country)| NotCitizen { country, level: at(number) }).collect()
    })
}

pub fn facts() -> impl Strategy<Value = PersonFacts> {
    let person =
        (kind(), option::of(select(&PEOPLE[..])), status(), good_level(), option::weighted(0.2, instant()));
    let nationality = (
        vec(holding(), 0..4),
        vec(holding(), 0..2),
        (prop::bool::weighted(0.7), good_level()),
        (prop::bool::weighted(0.2), good_level()),
        (prop::bool::weighted(0.1), level()),
        excluded(),
    );
    let rest = (
        option::weighted(0.8, (select(&CODES[..]), good_level())),
        employment(),
        option::of((any::<bool>(), level())),
        option::weighted(0.2, select(&MissingFact::ALL[..])),
        party(),
    );
    (person, nationality, rest).prop_map(
        |(
            (kind, id, status, level, expires),
            (citizenships, residences, complete, current, stateless, excluded),
            rest,
        )| {
            let not_citizenships = not_listed(excluded, &citizenships);
            PersonFacts {
                kind,
                person_id: id.map(|id| PersonId::parse(id).unwrap()),
                us_status: Attested::new(status, level),
                us_status_expires: expires,
                citizenships,
                citizenships_complete: Attested::new(complete.0, complete.1),
                citizenships_current: Attested::new(current.0, current.1),
                not_citizenships,
                stateless: Attested::new(stateless.0, stateless.1),
                permanent_residences: residences,
                location: rest.0.map(|(code, level)| Attested::new(country(code), level)),
                employment: rest.1,
                all_users_us_persons: rest.2.map(|(all, level)| Attested::new(all, level)),
                conflicting: rest.3.into_iter().collect::<FactMask>(),
                party_match: rest.4,
            }
        },
    )
}
