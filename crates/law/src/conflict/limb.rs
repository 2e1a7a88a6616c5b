//! Persons as alternatives: whoever fits one limb is reached.

use crate::groups;
use crate::instrument::{Class, Destinations, Directive, NationalityRule, Persons};
use terms::{Country, CountrySet, UsStatus};

/// A set of statuses under US law, one bit per discriminant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Statuses(u16);

impl Statuses {
    pub(super) fn of(wanted: impl Fn(UsStatus) -> bool) -> Self {
        let bits = UsStatus::KNOWN.into_iter().filter(|status| wanted(*status)).map(bit);
        Self(bits.fold(0, |set, bit| set | bit))
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn has(self, status: UsStatus) -> bool {
        self.0 & bit(status) != 0
    }
}

fn bit(status: UsStatus) -> u16 {
    1u16.checked_shl(u32::from(status as u8)).unwrap_or(0)
}

/// What a human being must be to fit; every `Some` must hold.
#[derive(Clone, Debug)]
pub(super) struct Limb {
    pub(super) statuses: Statuses,
    /// Nationalities, and which of a person's nationalities counts.
    pub(super) nationality: Option<(NationalityRule, CountrySet)>,
    pub(super) place: Option<CountrySet>,
    /// Works for one of these.
    pub(super) firms: Option<Vec<String>>,
    /// Works for a firm with its seat in one of these.
    pub(super) seat: Option<CountrySet>,
    /// Is on a restricted-party list, or works for whom such parties own.
    pub(super) listed: bool,
}

impl Limb {
    fn everyone() -> Self {
        Self::of(|_| true)
    }

    fn of(statuses: impl Fn(UsStatus) -> bool) -> Self {
        let statuses = Statuses::of(statuses);
        Self { statuses, nationality: None, place: None, firms: None, seat: None, listed: false }
    }

    fn at(place: CountrySet) -> Self {
        Self { place: Some(place), ..Self::everyone() }
    }
}

/// Whom a directive reaches by its persons limb or its destinations limb.
pub(super) fn limbs_of_directive(directive: &Directive) -> Vec<Limb> {
    let mut limbs = limbs_of_persons(&directive.persons);
    if directive.destinations != Destinations::None {
        let mut abroad = places(&groups::everywhere());
        abroad.remove(Country::US);
        limbs.push(Limb::at(abroad));
    }
    limbs
}

/// Whom a persons limb reaches; where its text is open, whomever any reading reaches.
pub(super) fn limbs_of_persons(persons: &Persons) -> Vec<Limb> {
    match persons.class {
        Class::Everyone => vec![Limb::everyone()],
        Class::ForeignPerson => {
            let spares_lapsed = persons.exempt.is_none();
            vec![Limb::of(|status| match status {
                UsStatus::None => true,
                UsStatus::LprNaturalisationLapsed => !spares_lapsed,
                _ => false,
            })]
        }
        Class::ForeignNationalUndefined => vec![Limb::of(|status| !is_us_national(status))],
        Class::NationalOf => vec![nationality(persons)],
        Class::LocatedIn => vec![Limb::at(places(&named(persons)))],
        Class::NationalOrLocatedIn => vec![nationality(persons), Limb::at(places(&named(persons)))],
        Class::ListedParty => vec![Limb { listed: true, ..Limb::everyone() }],
        Class::EntityHq => vec![Limb { seat: Some(named(persons)), ..Limb::everyone() }],
        Class::UsPerson7446 => {
            vec![Limb::of(|status| status != UsStatus::None), Limb::at([Country::US].into_iter().collect())]
        }
        Class::EmployedBy => vec![Limb { firms: Some(persons.employers.clone()), ..Limb::everyone() }],
    }
}

/// Whether somebody of this status holds the nationality of the United States.
pub(super) fn is_us_national(status: UsStatus) -> bool {
    matches!(status, UsStatus::Citizen | UsStatus::National)
}

fn nationality(persons: &Persons) -> Limb {
    let only_foreign = persons.only_foreign_persons;
    let limb = Limb::of(|status| !only_foreign || status == UsStatus::None);
    // Nobody is a national of a territory.
    let states = named(persons).iter().filter(|country| country.as_place() == *country).collect();
    Limb { nationality: Some((persons.rule.unwrap_or_default(), states)), ..limb }
}

/// The countries named; an unknown name may mean any.
fn named(persons: &Persons) -> CountrySet {
    groups::resolve_all(persons.countries.iter().map(String::as_str)).unwrap_or_else(|_| groups::everywhere())
}

/// Countries as places.
fn places(set: &CountrySet) -> CountrySet {
    set.iter().map(Country::as_place).collect()
}
