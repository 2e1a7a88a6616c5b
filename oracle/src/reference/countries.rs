//! Country lists as the directives write them.

use std::{collections::BTreeMap, sync::LazyLock};
use terms::{Country, CountrySet};

/// The groups of the shipped table. Hong Kong's own row is an alias and is left out: a group has it through China.
static GROUPS: LazyLock<BTreeMap<&'static str, CountrySet>> = LazyLock::new(|| {
    let mut groups: BTreeMap<&'static str, CountrySet> = BTreeMap::new();
    for line in include_str!("../../../data/law/country-groups.csv").lines().skip(1) {
        let mut columns = line.split(',');
        let country = columns.next().and_then(|code| Country::parse(code).ok());
        let Some(country) = country.filter(|country| *country != Country::HK) else { continue };
        for group in columns.nth(1).unwrap_or_default().split(';').filter(|group| !group.is_empty()) {
            groups.entry(group).or_default().insert(country);
        }
    }
    groups
});

/// The countries a list of codes and group names stands for.
pub(super) fn resolve(list: &[String], china_includes_hong_kong: bool) -> CountrySet {
    let mut set = CountrySet::EMPTY;
    for name in list {
        match Country::parse(name) {
            Ok(country) => set.insert(country),
            Err(_) => set = set.union(&GROUPS.get(name.as_str()).copied().unwrap_or_default()),
        }
    }
    if china_includes_hong_kong && set.contains(Country::CN) {
        set.insert(Country::HK);
    }
    set
}

/// One country for each way of lying inside or outside the sets.
pub(super) fn representatives(among: impl Iterator<Item = Country>, sets: &[CountrySet]) -> Vec<Country> {
    let mut seen: Vec<Vec<bool>> = Vec::new();
    let mut chosen = Vec::new();
    for country in among {
        let differs = |signature: &Vec<bool>| {
            sets.iter().zip(signature).any(|(set, inside)| set.contains(country) != *inside)
        };
        if seen.iter().all(differs) {
            seen.push(sets.iter().map(|set| set.contains(country)).collect());
            chosen.push(country);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str], hong_kong: bool) -> CountrySet {
        resolve(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), hong_kong)
    }

    #[test]
    fn hong_kong_comes_through_china_only() {
        assert!(set(&["D:5"], true).contains(Country::HK));
        assert!(!set(&["D:5"], false).contains(Country::HK));
        assert!(set(&["CN", "HK"], false).contains(Country::HK));
        assert!(!set(&["RU"], true).contains(Country::HK));
    }

    #[test]
    fn groups_are_those_of_the_table() {
        let macao = Country::parse("MO").unwrap();
        assert!(!set(&["D:5"], true).contains(macao) && set(&["D:1"], true).contains(macao));
        assert_eq!(set(&["E:1"], true).len(), 3);
        assert!(set(&["no such group"], true).is_empty());
    }

    #[test]
    fn representatives_cover_every_signature_once() {
        assert_eq!(representatives(Country::all(), &[]).len(), 1);
        let sets = [set(&["CN"], true), set(&["CN"], false), set(&["A:5"], true)];
        assert_eq!(representatives(Country::all(), &sets).len(), 4);
    }
}
