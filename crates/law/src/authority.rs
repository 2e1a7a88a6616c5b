//! The authority check: does a cited provision reach as far as the directive? It warns, it never stops enforcement.

use crate::groups;
use crate::instrument::{Class, Destinations, Directive};
use serde::Deserialize;
use std::sync::LazyLock;
use terms::{Country, CountrySet};

/// A provision a directive may cite, from `data/law/authorities.toml`.
#[derive(Clone, Debug, Deserialize)]
pub struct Authority {
    /// Its id in the table.
    pub id: String,
    /// Its citation.
    pub citation: String,
    /// What it is about.
    pub title: String,
    reach_countries: Reach,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Reach {
    List(Vec<String>),
    /// Reach told in words ("worldwide"): nothing to compare.
    Words(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Table {
    authority: Vec<Authority>,
}

static TABLE: LazyLock<Vec<Authority>> = LazyLock::new(|| {
    let text = include_str!("../../../data/law/authorities.toml");
    toml::from_str::<Table>(text).map(|table| table.authority).unwrap_or_default()
});

/// The whole table.
pub fn all() -> &'static [Authority] {
    &TABLE
}

/// One provision.
pub fn find(id: &str) -> Option<&'static Authority> {
    TABLE.iter().find(|authority| authority.id == id)
}

impl Authority {
    /// The countries it lists; `None` when its reach is not a list.
    pub fn countries(&self) -> Option<CountrySet> {
        let Reach::List(names) = &self.reach_countries else { return None };
        // A list may also hold a clause in words; only its countries are compared.
        Some(
            names.iter().filter_map(|name| groups::resolve(name)).fold(CountrySet::EMPTY, |a, b| a.union(&b)),
        )
    }
}

/// The countries whose people or places a directive can reach.
pub fn scope(directive: &Directive) -> CountrySet {
    let outside_us = || {
        let mut set = groups::everywhere();
        set.remove(Country::US);
        set
    };
    let persons = match directive.persons.class {
        Class::Everyone => groups::everywhere(),
        Class::ForeignPerson => outside_us(),
        Class::LocatedIn => {
            groups::resolve_all(directive.persons.countries.iter().map(String::as_str)).unwrap_or_default()
        }
    };
    match directive.destinations {
        Destinations::None => persons,
        Destinations::AllOutsideUs | Destinations::Unspecified => persons.union(&outside_us()),
    }
}

/// A cited provision that lists countries, and the part of the directive's scope it does not list.
#[derive(Clone, Debug)]
pub struct Excess {
    /// The provision.
    pub authority: &'static Authority,
    /// The countries of the scope outside its list.
    pub beyond: CountrySet,
}

/// Every cited provision whose country list does not contain the whole scope.
pub fn excess(directive: &Directive) -> Vec<Excess> {
    let scope = scope(directive);
    directive
        .authority
        .iter()
        .filter_map(|id| find(id))
        .filter_map(|authority| Some(Excess { authority, beyond: scope.difference(&authority.countries()?) }))
        .filter(|excess| !excess.beyond.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads_and_its_lists_resolve() {
        assert_eq!(all().len(), 22);
        // 15 CFR 744.22: Belarus, Burma, Cambodia, China (with Hong Kong), Russia, Venezuela, E:1 and E:2.
        let listed = find("ear-744-22-b").unwrap().countries().unwrap();
        assert_eq!(listed.len(), 11);
        assert!(find("ecra-4812").unwrap().countries().is_none());
    }
}
