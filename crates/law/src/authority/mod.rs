//! The authority check: do the provisions a directive cites reach as far as the directive? It warns, it never stops
//! enforcement.
//!
//! In order of use: [`find`], [`scope`], [`excess`], [`check`], [`text`].

mod check;
mod clock;
mod kinds;
mod table;
mod words;

pub use check::{Finding, Kind, check};
pub use clock::written_confirmation_due;
pub use table::{Authority, IsInformed, MayReach, Verb, Verified, all, find, is_informed};
pub use words::{ENFORCED, Notice, Text, text};

use crate::groups;
use crate::instrument::{Class, Destinations, Directive};
use terms::{Country, CountrySet};

/// The countries whose people or places a directive can reach.
pub fn scope(directive: &Directive) -> CountrySet {
    let outside_us = || {
        let mut set = groups::everywhere();
        set.remove(Country::US);
        set
    };
    let persons = match directive.persons.class {
        Class::Everyone | Class::ListedParty | Class::UsPerson7446 | Class::EmployedBy => {
            groups::everywhere()
        }
        Class::ForeignPerson | Class::ForeignNationalUndefined => outside_us(),
        Class::NationalOf | Class::LocatedIn | Class::NationalOrLocatedIn | Class::EntityHq => {
            groups::resolve_all(directive.persons.countries.iter().map(String::as_str)).unwrap_or_default()
        }
    };
    match directive.destinations {
        Destinations::None => persons,
        Destinations::AllOutsideUs | Destinations::Unspecified => persons.union(&outside_us()),
    }
}

/// A cited provision that lists countries and does not list all of the directive's scope.
#[derive(Clone, Debug)]
pub struct Excess {
    /// The provision.
    pub authority: &'static Authority,
    /// The countries of the scope outside its list, without the United States and its territories; it can be empty
    /// when these are all the scope has beyond the list.
    pub beyond: CountrySet,
}

/// Every cited provision whose country list does not contain the whole scope.
pub fn excess(directive: &Directive) -> Vec<Excess> {
    let scope = scope(directive);
    let cited = directive.authority.iter().filter_map(|id| find(id));
    cited
        .filter_map(|authority| {
            let outside = scope.difference(&authority.countries()?);
            (!outside.is_empty()).then(|| Excess { authority, beyond: abroad(&outside) })
        })
        .collect()
}

/// Without the United States and its territories, which are no foreign destination (15 CFR 772.1).
fn abroad(set: &CountrySet) -> CountrySet {
    set.iter().filter(|country| country.as_place() != Country::US).collect()
}
