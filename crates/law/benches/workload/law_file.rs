//! Directives with their exceptions, and licences.

use super::{
    DAY_S, DIRECTIVES, Dice, FIRMS, LICENCES, MODELS, PERSONS, YEAR_S, firm, instant, model, person,
};
use law::{
    Book, Class, Condition, Destinations, Directive, Exception, Form, Licence, LicenceStatus,
    NationalityRule, Persons, Source, Start, Status,
};
use std::collections::HashSet;
use std::sync::Arc;
use terms::{Country, InstrumentId, Level};

fn id(text: &str) -> InstrumentId {
    InstrumentId::parse(text).unwrap()
}

fn source() -> Source {
    Source {
        state: Country::US,
        office: "Example office".to_owned(),
        addressees: Vec::new(),
        public_reference: None,
        public_url: None,
        document_sha256: None,
        channel: None,
        received_at: None,
        call_back: None,
    }
}

fn codes(countries: &[Country]) -> Vec<String> {
    countries.iter().map(|country| country.code().to_owned()).collect()
}

fn foreign(dice: &mut Dice, count: usize) -> Vec<String> {
    codes(&dice.distinct(count, Dice::foreign_country))
}

/// Whom a directive reaches: every foreign national, long and short lists of nationalities, places, employers, seats.
fn persons(dice: &mut Dice, number: u32) -> Persons {
    let few = 1 + dice.below(5);
    let (class, countries, employers) = match if number == 0 { 0 } else { 2 + dice.below(98) } {
        0..4 => {
            let every: Vec<Country> = Country::all().filter(|country| *country != Country::US).collect();
            (Class::NationalOf, codes(&every), 0)
        }
        4..25 => {
            let many = 5 + dice.below(36);
            (Class::NationalOf, foreign(dice, many), 0)
        }
        25..55 => (Class::NationalOf, foreign(dice, few), 0),
        55..75 => (Class::LocatedIn, foreign(dice, few), 0),
        75..92 => (Class::EmployedBy, Vec::new(), 5 + dice.below(196)),
        _ => (Class::EntityHq, foreign(dice, few), 0),
    };
    let nationality = class == Class::NationalOf;
    Persons {
        class,
        countries,
        rule: nationality.then_some(NationalityRule::AnyHeld),
        only_foreign_persons: nationality && dice.chance(70),
        hong_kong: None,
        ownership_percent: None,
        employers: dice.distinct(employers, |dice| dice.below(FIRMS)).into_iter().map(firm).collect(),
        exempt: None,
    }
}

fn directive(dice: &mut Dice, number: u32) -> Directive {
    let from = dice.seconds(YEAR_S * 3 / 4);
    let until = from + YEAR_S / 12 + dice.seconds(YEAR_S / 2);
    let reached = if dice.chance(30) { 10 } else { 1 + dice.below(3) };
    Directive {
        id: id(&format!("d-{number}")),
        title: "A directive".to_owned(),
        form: Form::Rule,
        source: source(),
        status: Status::Law,
        issued_at: instant(from - DAY_S),
        effective_from: Start::At(instant(from)),
        effective_until: Some(instant(until)),
        models: dice.distinct(reached, |dice| dice.below(MODELS)).into_iter().map(model).collect(),
        capabilities: Vec::new(),
        criterion: Vec::new(),
        activities: None,
        end_uses: None,
        persons: persons(dice, number),
        destinations: Destinations::None,
        remote_access: false,
        hosted_inference: None,
        authority: Vec::new(),
        min_evidence: Some([Level::None, Level::SelfDeclared, Level::Employer][dice.below(3)]),
    }
}

/// Spares permanent residents of a few countries.
fn exception(dice: &mut Dice, number: u32) -> Exception {
    let few = 1 + dice.below(3);
    Exception {
        id: id(&format!("x-{number}")),
        title: String::new(),
        directive: id(&format!("d-{number}")),
        source: None,
        from: None,
        until: None,
        when: Condition { permanent_resident_of: Some(foreign(dice, few)), ..Condition::default() },
    }
}

pub fn directives(dice: &mut Dice) -> Book {
    let mut book = Book::default();
    for number in 0..DIRECTIVES {
        book.directives.push(directive(dice, number));
        if dice.chance(30) {
            book.exceptions.push(exception(dice, number));
        }
    }
    book
}

/// Licences of persons and of firms, each for one model and half a year; those of firms are for their employees.
pub fn licences(dice: &mut Dice, book: &Book) -> Vec<Licence> {
    let licensable: Vec<&Directive> = book.directives.iter().filter(|_| dice.chance(85)).collect();
    let lifted_on = |number: usize| -> Arc<[InstrumentId]> {
        let reaches = |directive: &&&Directive| directive.models.contains(&model(number));
        licensable.iter().filter(reaches).map(|directive| directive.id.clone()).collect()
    };
    let lifts: Vec<Arc<[InstrumentId]>> = (0..MODELS).map(lifted_on).collect();
    let mut known = HashSet::new();
    let mut licences = Vec::with_capacity(LICENCES);
    while licences.len() < LICENCES {
        let of_person = dice.chance(80);
        let whom = dice.below(if of_person { PERSONS } else { FIRMS });
        let on = dice.below(MODELS);
        if known.insert((of_person, whom, on)) {
            let from = dice.seconds(YEAR_S / 2);
            licences.push(Licence {
                id: id(&format!("l-{}", licences.len())),
                status: LicenceStatus::Issued,
                lifts: Arc::clone(&lifts[on]),
                models: vec![model(on)],
                from: instant(from),
                until: Some(instant(from + YEAR_S / 2)),
                holder: if of_person { "Example holder".to_owned() } else { firm(whom) },
                persons: of_person.then(|| vec![person(whom)]),
                holder_employees: !of_person,
                end_use: None,
                excluded_nationalities: None,
                located_in: None,
                max_persons: None,
                persons_used: None,
                enrolled: Vec::new(),
                conditions: Vec::new(),
            });
        }
    }
    licences
}
