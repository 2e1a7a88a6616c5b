//! Persons, shared keys and services.

use super::dice::Dice;
use super::{COUNTRIES, DAY_MS, FIRMS, PERSONS, country, shifted};
use crate::scenario::{
    Attested, Day, Employer, Holding, Location, NotCitizen, Owner, Status, Subject, UsersAttested,
};
use terms::{Instant, Level, MissingFact, PartyMatch, Relation, SubjectKind, UsStatus};

/// Facts of which statements may contradict each other.
const DISPUTABLE: [MissingFact; 11] = [
    MissingFact::UsStatus,
    MissingFact::Citizenships,
    MissingFact::AcquisitionDates,
    MissingFact::ProofOfLoss,
    MissingFact::Location,
    MissingFact::EndUse,
    MissingFact::Employment,
    MissingFact::Ownership,
    MissingFact::EmployerUltimateParent,
    MissingFact::PartyIdentity,
    MissingFact::Screening,
];

/// Countries of which somebody may be shown to be no citizen: all that a directive may name, or not quite.
const EXCLUDED: [&[&str]; 6] = [
    &["CN", "HK"],
    &["CN"],
    &["RU", "IR"],
    &["CN", "HK", "MO", "RU", "IR"],
    &["FR", "DE", "KR"],
    &["HK", "US"],
];

pub(super) fn subject(dice: &mut Dice, simple: bool) -> Subject {
    let kind = if dice.chance(82) {
        SubjectKind::Person
    } else {
        dice.pick(&[SubjectKind::SharedKey, SubjectKind::Service])
    };
    let employer = dice.maybe(60, |dice| employer(dice, simple));
    let location = dice.maybe(95, |dice| location(dice, simple));
    let party_match = party_match(dice);
    let conflicting_facts = conflicts(dice, simple);
    let nobody = Subject {
        kind,
        us_status: None,
        citizenships: Vec::new(),
        citizenships_complete: None,
        citizenships_current: None,
        not_citizenships: Vec::new(),
        permanent_residences: Vec::new(),
        stateless: None,
        location,
        employer,
        person_id: None,
        party_match,
        conflicting_facts,
        users_attested: None,
    };
    if kind == SubjectKind::Person { person(dice, simple, nobody) } else { key(dice, nobody) }
}

fn key(dice: &mut Dice, nobody: Subject) -> Subject {
    let users_attested = dice.maybe(50, |dice| UsersAttested {
        all_us_persons: dice.chance(85),
        evidence: dice.pick(&[Level::Ip, Level::SelfDeclared, Level::Employer, Level::Document]),
    });
    // The firm that holds the key is known to who issued it.
    let employer =
        nobody.employer.map(|firm| Employer { evidence: firm.evidence.max(Level::Employer), ..firm });
    let mut conflicting_facts = nobody.conflicting_facts;
    conflicting_facts.retain(|fact| *fact != MissingFact::Employment);
    Subject { users_attested, employer, conflicting_facts, ..nobody }
}

fn person(dice: &mut Dice, simple: bool, nobody: Subject) -> Subject {
    let us_status = dice.maybe(95, |dice| status(dice, simple));
    let stateless = dice.maybe(7, |dice| Attested { value: dice.chance(90), evidence: level(dice, simple) });
    let count = if stateless.is_some() { 0 } else { dice.pick(&[0, 1, 1, 2, 2, 3]) };
    let citizenships = (0..count).map(|_| holding(dice, simple)).collect();
    let residences = usize::from(dice.chance(if simple { 5 } else { 20 }));
    Subject {
        us_status,
        citizenships,
        citizenships_complete: dice
            .maybe(92, |dice| Attested { value: dice.chance(90), evidence: level(dice, simple) }),
        permanent_residences: (0..residences).map(|_| holding(dice, simple)).collect(),
        stateless,
        person_id: dice.maybe(50, |dice| dice.pick(&PERSONS).to_owned()),
        ..nobody
    }
}

fn level(dice: &mut Dice, simple: bool) -> Level {
    if dice.chance(if simple { 80 } else { 45 }) { Level::Document } else { dice.pick(&Level::ALL) }
}

fn status(dice: &mut Dice, simple: bool) -> Status {
    let value = if dice.chance(35) {
        UsStatus::None
    } else if dice.chance(5) {
        UsStatus::Unknown
    } else {
        dice.pick(&UsStatus::KNOWN)
    };
    let evidence = level(dice, simple);
    let expiry = if evidence >= Level::SelfDeclared { dice.maybe(15, day_or_instant) } else { None };
    Status { value, evidence, evidence_expires: expiry }
}

/// What some say less of than the rest: a US person and not of which kind, a list that is whole as to now and not as
/// to the past. Drawn apart, so that the rest of a seed's scenario stays as it was before these could be said.
pub(super) fn say_less(dice: &mut Dice, simple: bool, at: Instant, subject: &mut Subject) {
    if subject.kind != SubjectKind::Person {
        return;
    }
    if dice.chance(12) {
        let kinds = |status: &&mut Status| !matches!(status.value, UsStatus::None | UsStatus::Unknown);
        subject.us_status.iter_mut().filter(kinds).for_each(|status| status.value = UsStatus::UsPerson);
    }
    if dice.chance(20) {
        subject.citizenships_current = subject.citizenships_complete.take();
    } else if dice.chance(10) {
        subject.citizenships_current =
            Some(Attested { value: dice.chance(90), evidence: level(dice, simple) });
    }
    if dice.chance(15) {
        let excluded = dice.pick(&EXCLUDED);
        let evidence = level(dice, simple);
        // Facts are shown after evidence was weighed: what is held now is not denied.
        let held = |country| {
            let of_country = |held: &&Holding| held.country == country;
            let mut listed = subject.citizenships.iter().filter(of_country);
            listed.any(|held| held.until.is_none_or(|until| until.0 > at))
        };
        let countries = excluded.iter().map(|code| country(code)).filter(|country| !held(*country));
        let denied = countries.map(|country| NotCitizen { country, evidence }).collect();
        subject.not_citizenships = denied;
        if dice.chance(60) {
            (subject.citizenships_complete, subject.citizenships_current) = (None, None);
        }
    }
}

/// A validity that ends about now, or far away.
fn day_or_instant(dice: &mut Dice) -> Day {
    Day(shifted(dice.pick(&[-400 * DAY_MS, -DAY_MS, -1, 0, 1, 400 * DAY_MS])))
}

fn holding(dice: &mut Dice, simple: bool) -> Holding {
    let lost = dice.chance(if simple { 10 } else { 30 });
    let disputed = dice.chance(if simple { 8 } else { 25 });
    Holding {
        country: country(dice.pick(&COUNTRIES)),
        from: dice.maybe(if simple { 85 } else { 70 }, acquired),
        until: if lost { Some(lost_on(dice)) } else { None },
        evidence: stated(level(dice, simple)),
        until_evidence: if lost { dice.maybe(80, |dice| stated(level(dice, simple))) } else { None },
        from_disputed: disputed,
        from_alt: if disputed { dice.maybe(90, acquired) } else { None },
    }
}

/// A network address states no nationality.
fn stated(level: Level) -> Level {
    if level == Level::Ip { Level::SelfDeclared } else { level }
}

/// A date of acquisition out of few, so that two may be the same; seldom one that lies ahead.
fn acquired(dice: &mut Dice) -> Day {
    let days = if dice.chance(4) { 30 } else { dice.pick(&[-14_000, -9_000, -9_000, -4_000, -1_500]) };
    Day(shifted(days * DAY_MS - DAY_MS / 2))
}

fn lost_on(dice: &mut Dice) -> Day {
    Day(shifted(dice.pick(&[-1_000 * DAY_MS, -500 * DAY_MS, 0, 1, 200 * DAY_MS])))
}

fn location(dice: &mut Dice, simple: bool) -> Location {
    let evidence = if dice.chance(if simple { 75 } else { 50 }) { Level::Ip } else { dice.pick(&Level::ALL) };
    Location { country: dice.maybe(93, |dice| country(dice.pick(&COUNTRIES))), evidence }
}

fn employer(dice: &mut Dice, simple: bool) -> Employer {
    let evidence =
        if dice.chance(if simple { 85 } else { 60 }) { Level::Employer } else { dice.pick(&Level::ALL) };
    Employer {
        name: dice.pick(&FIRMS).to_owned(),
        relation: dice.pick(&[
            Relation::Employee,
            Relation::Employee,
            Relation::Contractor,
            Relation::Contractor,
            Relation::Unknown,
        ]),
        evidence,
        incorporated_in: dice.maybe(20, |dice| country(dice.pick(&COUNTRIES))),
        ultimate_parent_hq: dice
            .maybe(75, |dice| country(dice.pick(&["US", "CN", "HK", "MO", "RU", "FR", "KR"]))),
        owners: owners(dice),
    }
}

fn owners(dice: &mut Dice) -> Vec<Owner> {
    let owner = |percent, listed| Owner { name: "Owner".to_owned(), percent, listed };
    match dice.below(7) {
        0 => Vec::new(),
        1 => vec![owner(49.9, true), owner(0.1, true), owner(50.0, false)],
        2 => vec![owner(49.0, true), owner(51.0, false)],
        3 => vec![owner(30.0, true), owner(40.0, false)],
        4 => vec![owner(10.0, true), owner(60.0, false)],
        5 => vec![owner(24.9, true), owner(75.1, false)],
        _ => vec![owner(100.0, false)],
    }
}

fn party_match(dice: &mut Dice) -> PartyMatch {
    if dice.chance(60) {
        PartyMatch::None
    } else {
        dice.pick(&[PartyMatch::Possible, PartyMatch::Confirmed, PartyMatch::Unscreened])
    }
}

/// Seldom a contradiction; never both in whether somebody was screened and in who is meant.
fn conflicts(dice: &mut Dice, simple: bool) -> Vec<MissingFact> {
    let count = if dice.chance(if simple { 6 } else { 15 }) { 1 + usize::from(dice.chance(20)) } else { 0 };
    let mut facts: Vec<MissingFact> = (0..count).map(|_| dice.pick(&DISPUTABLE)).collect();
    facts.sort_unstable();
    facts.dedup();
    if facts.contains(&MissingFact::PartyIdentity) {
        facts.retain(|fact| *fact != MissingFact::Screening);
    }
    facts
}
