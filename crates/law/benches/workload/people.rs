//! The persons.

use super::{Dice, FIRMS, PERSONS, firm, person};
use terms::{
    Attested, Citizenship, Country, Employer, Employment, Level, Ownership, PartyMatch, PersonFacts,
    Relation, UsStatus,
};

fn held(country: Country, level: Level) -> Citizenship {
    Citizenship { country, from: None, registered: None, until: None, level, until_level: Level::None }
}

fn facts(dice: &mut Dice, number: usize, seats: &[Country]) -> PersonFacts {
    let level = [Level::SelfDeclared, Level::Employer, Level::Document][dice.below(3)];
    let mut nations = vec![dice.country()];
    if dice.chance(15) {
        let second = dice.country();
        nations.extend((!nations.contains(&second)).then_some(second));
    }
    let residence = if dice.chance(25) { Some(dice.country()) } else { None };
    let status = match (nations.contains(&Country::US), residence) {
        (true, _) => UsStatus::Citizen,
        (false, Some(Country::US)) => UsStatus::Lpr,
        _ => UsStatus::None,
    };
    let employer = dice.below(FIRMS);
    let place = if dice.chance(80) { nations[0] } else { dice.country() };
    PersonFacts {
        person_id: Some(person(number)),
        us_status: Attested::new(status, level),
        citizenships: nations.into_iter().map(|country| held(country, level)).collect(),
        citizenships_complete: Attested::new(true, level),
        permanent_residences: residence
            .filter(|country| *country != Country::US)
            .map(|country| held(country, level))
            .into_iter()
            .collect(),
        location: Some(Attested::new(place, level)),
        employment: Employment::Works(Employer {
            name: firm(employer),
            relation: Relation::Employee,
            level,
            ultimate_parent: Some(seats[employer]),
            ownership: Ownership::default(),
        }),
        party_match: PartyMatch::None,
        ..PersonFacts::unknown()
    }
}

pub fn persons(dice: &mut Dice) -> Vec<PersonFacts> {
    let seats: Vec<Country> = (0..FIRMS).map(|_| dice.country()).collect();
    (0..PERSONS).map(|number| facts(dice, number, &seats)).collect()
}

/// The same person with one or two facts withheld.
pub fn withhold(facts: &PersonFacts, dice: &mut Dice) -> PersonFacts {
    let mut less = facts.clone();
    let which = dice.below(4);
    if which == 0 || dice.chance(30) {
        less.citizenships.clear();
        less.citizenships_complete = Attested::default();
    }
    match which {
        1 => less.location = None,
        2 => less.employment = Employment::Unknown,
        3 => {
            if let Employment::Works(employer) = &mut less.employment {
                employer.ultimate_parent = None;
            }
        }
        _ => {}
    }
    less
}
