//! Directives, exceptions and licences.

use super::dice::Dice;
use super::{FIRMS, MODELS, PERSONS, instant, shifted};
use crate::scenario::{
    Class, Destinations, Directive, Exception, Licence, LicenceCondition, NationalityRule, Persons, Start,
    When,
};
use terms::{Activity, EndUse, Instant, Question, Relation};

/// Nationality more often than the rest: most rules lie there.
const CLASSES: [Class; 13] = [
    Class::Everyone,
    Class::ForeignPerson,
    Class::ForeignNationalUndefined,
    Class::NationalOf,
    Class::NationalOf,
    Class::NationalOf,
    Class::NationalOf,
    Class::LocatedIn,
    Class::NationalOrLocatedIn,
    Class::NationalOrLocatedIn,
    Class::ListedParty,
    Class::EntityHq,
    Class::UsPerson7446,
];

/// Lists against a person: codes and groups that share countries.
const ADVERSE: [&[&str]; 8] =
    [&["CN"], &["CN", "RU"], &["D:5"], &["E:1"], &["IR", "MO"], &["HK"], &["RU"], &["D:5", "MO"]];
/// Lists in favour of a person.
const FAVOURABLE: [&[&str]; 4] = [&["A:5", "US"], &["FR", "DE", "US"], &["KR"], &["US", "CN", "A:5"]];

pub(super) fn directives(dice: &mut Dice, simple: bool) -> Vec<Directive> {
    let count = if simple { 1 } else { 1 + dice.below(3) };
    (0..count).map(|number| directive(dice, simple, number)).collect()
}

fn directive(dice: &mut Dice, simple: bool, number: usize) -> Directive {
    let rare = |percent| if simple { percent / 4 } else { percent };
    let models = if dice.chance(60) { vec!["*"] } else { dice.some(&MODELS) };
    let exceptions = if simple { usize::from(dice.chance(25)) } else { dice.below(3) };
    Directive {
        id: format!("D-{number}"),
        title: String::new(),
        form: "rule".to_owned(),
        issued_at: if dice.chance(90) { shifted(-40 * super::DAY_MS) } else { instant(dice) },
        effective_from: start(dice, rare(20)),
        effective_until: dice.maybe(rare(30), until),
        status: dice.maybe(4, |_| "bill".to_owned()),
        models: owned(&models),
        activities: dice.maybe(rare(20), |dice| {
            dice.some(&[Activity::HostedInference, Activity::WeightsDownload, Activity::SourceCode])
        }),
        persons: persons(dice, simple),
        destinations: destinations(dice),
        end_uses: dice.maybe(rare(20), |dice| dice.some(&EndUse::KNOWN)),
        remote_access: dice.maybe(rare(15), |dice| dice.chance(80)),
        hosted_inference: dice.maybe(rare(15), |_| "if_export".to_owned()),
        exceptions: (0..exceptions).map(|number| exception(dice, number)).collect(),
        authority: vec!["ecra-4812".to_owned()],
    }
}

fn destinations(dice: &mut Dice) -> Destinations {
    if dice.chance(75) {
        Destinations::None
    } else {
        dice.pick(&[Destinations::AllOutsideUs, Destinations::Unspecified])
    }
}

/// A start that is mostly reached.
fn start(dice: &mut Dice, ambiguous_percent: usize) -> Start {
    if dice.chance(ambiguous_percent) {
        let first = instant(dice);
        let options = [("first", first), ("second", first.plus_micros(3_600_000_000))];
        return Start::Local {
            local: "2026-11-01T01:30:00".to_owned(),
            zone: "America/New_York".to_owned(),
            question: Question::LocalTimeFold,
            options: options.map(|(option, at)| (option.to_owned(), at)).into(),
        };
    }
    Start::At(if dice.chance(70) { shifted(-20 * super::DAY_MS) } else { instant(dice) })
}

/// An end that mostly lies ahead.
fn until(dice: &mut Dice) -> Instant {
    if dice.chance(60) { shifted(90 * super::DAY_MS) } else { instant(dice) }
}

fn persons(dice: &mut Dice, simple: bool) -> Persons {
    let class = dice.pick(&CLASSES);
    let by_nationality = matches!(class, Class::NationalOf | Class::NationalOrLocatedIn);
    let by_country = by_nationality || matches!(class, Class::LocatedIn | Class::EntityHq);
    let rules = [
        NationalityRule::MostRecent,
        NationalityRule::AnyHeld,
        NationalityRule::EverHeld,
        NationalityRule::Unspecified,
    ];
    Persons {
        class,
        countries: if by_country { list(dice, &ADVERSE) } else { Vec::new() },
        rule: if by_nationality { dice.maybe(95, |dice| dice.pick(&rules)) } else { None },
        only_foreign_persons: by_nationality && dice.chance(if simple { 10 } else { 25 }),
        exempt: dice
            .maybe(30, |_| "citizens_and_protected".to_owned())
            .filter(|_| class == Class::ForeignPerson),
        hong_kong: dice.maybe(if simple { 10 } else { 25 }, |_| "open".to_owned()).filter(|_| by_country),
        ownership_percent: dice
            .maybe(70, |dice| dice.pick(&[25.0, 50.0]))
            .filter(|_| class == Class::ListedParty),
    }
}

fn exception(dice: &mut Dice, number: usize) -> Exception {
    let mut when = When {
        models: dice.maybe(15, |dice| owned(&dice.some(&MODELS))),
        end_use: dice.maybe(25, |dice| dice.some(&EndUse::KNOWN)),
        employer: dice.maybe(35, |dice| owned(&dice.some(&FIRMS))),
        relation: dice.maybe(35, |dice| dice.some(&[Relation::Employee, Relation::Contractor])),
        all_nationalities_in: dice.maybe(25, |dice| list(dice, &FAVOURABLE)),
        located_in: dice.maybe(25, |dice| list(dice, &FAVOURABLE)),
    };
    if when == When::default() {
        when.end_use = Some(vec![EndUse::DefensiveCyber]);
    }
    let (from, until) = window(dice);
    Exception { id: format!("X-{number}"), from, until, when }
}

/// A window that is mostly open.
fn window(dice: &mut Dice) -> (Option<Instant>, Option<Instant>) {
    (dice.maybe(25, instant), dice.maybe(25, until))
}

pub(super) fn licences(dice: &mut Dice, simple: bool, directives: &[Directive]) -> Vec<Licence> {
    let count = if simple { usize::from(dice.chance(15)) } else { dice.below(3) };
    (0..count).map(|number| licence(dice, number, directives)).collect()
}

fn licence(dice: &mut Dice, number: usize, directives: &[Directive]) -> Licence {
    let ids: Vec<&str> =
        directives.iter().map(|directive| directive.id.as_str()).chain(["D-ELSEWHERE"]).collect();
    let lifts = if dice.chance(70) { vec!["D-0"] } else { dice.some(&ids) };
    let models = if dice.chance(50) { vec!["*"] } else { dice.some(&MODELS) };
    let capped = dice.chance(20);
    let (from, until) = window(dice);
    Licence {
        id: format!("L-{number}"),
        status: dice.pick(&["issued", "issued", "issued", "issued", "registered", "revoked"]).to_owned(),
        lifts: owned(&lifts),
        models: owned(&models),
        from: from.unwrap_or_else(|| shifted(-15 * super::DAY_MS)),
        until,
        holder: dice.pick(&FIRMS).to_owned(),
        persons: dice.maybe(40, |dice| owned(&dice.some(&PERSONS))),
        holder_employees: dice.maybe(50, |dice| dice.chance(85)),
        end_use: dice.maybe(20, |dice| dice.some(&EndUse::KNOWN)),
        excluded_nationalities: dice.maybe(20, |dice| list(dice, &ADVERSE)),
        located_in: dice.maybe(15, |dice| list(dice, &FAVOURABLE)),
        max_persons: if capped { Some(2) } else { None },
        persons_used: if capped { dice.maybe(85, |dice| dice.pick(&[1, 2, 3])) } else { None },
        enrolled: if capped { dice.maybe(50, |dice| dice.chance(50)) } else { None },
        conditions: dice.maybe(25, condition).into_iter().collect(),
    }
}

fn condition(dice: &mut Dice) -> LicenceCondition {
    let state = dice.pick(&["met", "open", "breached", "breached"]).to_owned();
    LicenceCondition { id: "C-1".to_owned(), state, suspends: dice.chance(70) }
}

fn list(dice: &mut Dice, lists: &[&[&str]]) -> Vec<String> {
    owned(dice.pick(lists))
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
