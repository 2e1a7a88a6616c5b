//! EAR Country Groups (15 CFR part 740, Supplement No. 1), from `data/law/country-groups.csv`.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use terms::{Country, CountrySet};

static TABLE: &str = include_str!("../../../data/law/country-groups.csv");

static GROUPS: LazyLock<BTreeMap<&'static str, CountrySet>> = LazyLock::new(|| {
    let mut groups: BTreeMap<&'static str, CountrySet> = BTreeMap::new();
    for line in TABLE.lines().skip(1) {
        let mut fields = line.split(',');
        let (Some(code), Some(_name), Some(names)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        // The HK row is an alias: a group contains Hong Kong only through China.
        let Ok(country) = Country::parse(code) else { continue };
        if country == Country::HK {
            continue;
        }
        for group in names.split(';').filter(|group| !group.is_empty()) {
            groups.entry(group).or_default().insert(country);
        }
    }
    groups
});

/// Names of all groups, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    GROUPS.keys().copied()
}

/// The words `China` and Hong Kong: in the EAR, China includes Hong Kong.
#[must_use]
pub fn with_hong_kong(mut set: CountrySet) -> CountrySet {
    if set.contains(Country::CN) {
        set.insert(Country::HK);
    }
    set
}

/// Whether the code stands for a country or territory: the table also holds a union, which has no alpha-3 code.
fn is_country(country: Country) -> bool {
    !country.alpha3().is_empty()
}

/// Every country and territory.
pub fn everywhere() -> CountrySet {
    Country::all().filter(|country| is_country(*country)).collect()
}

/// A code or a group, resolved; `None` when it is neither. A union is neither: its members must be named.
pub fn resolve(name: &str) -> Option<CountrySet> {
    literally(name).map(with_hong_kong)
}

/// The same without Hong Kong where only China is named.
fn literally(name: &str) -> Option<CountrySet> {
    match Country::parse(name) {
        Ok(country) if !is_country(country) => None,
        Ok(country) => Some([country].into_iter().collect()),
        Err(_) => GROUPS.get(name).copied(),
    }
}

/// Several codes and groups, resolved without Hong Kong where only China is named; the first unknown name is the
/// error.
pub fn resolve_literally<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<CountrySet, String> {
    names.into_iter().try_fold(CountrySet::EMPTY, |set, name| {
        literally(name).map(|more| set.union(&more)).ok_or_else(|| name.to_owned())
    })
}

/// Several codes and groups, resolved; the first unknown name is the error.
pub fn resolve_all<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<CountrySet, String> {
    names.into_iter().try_fold(CountrySet::EMPTY, |set, name| {
        resolve(name).map(|more| set.union(&more)).ok_or_else(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_the_supplement() {
        // Counts of 23 July 2026; Hong Kong enters D groups only through China.
        let counts = [
            ("A:1", 40),
            ("A:2", 34),
            ("A:3", 42),
            ("A:4", 45),
            ("A:5", 38),
            ("A:6", 8),
            ("B", 173),
            ("D:1", 24),
            ("D:2", 10),
            ("D:3", 36),
            ("D:4", 21),
            ("D:5", 22),
            ("E:1", 3),
            ("E:2", 1),
        ];
        for (name, count) in counts {
            let mut set = resolve(name).unwrap();
            set.remove(Country::HK);
            assert_eq!(set.len(), count, "{name}");
        }
        assert_eq!(names().count(), counts.len());
    }

    #[test]
    fn a_union_is_no_country() {
        assert!(resolve("EU").is_none());
        assert_eq!(everywhere().len(), 250);
        assert!(everywhere().contains(Country::US) && !everywhere().iter().any(|c| c.code() == "EU"));
    }

    #[test]
    fn china_includes_hong_kong_and_not_macao() {
        let china = resolve("CN").unwrap();
        assert!(china.contains(Country::HK));
        assert!(!china.contains(Country::parse("MO").unwrap()));
        assert!(resolve("D:5").unwrap().contains(Country::HK));
        assert!(resolve("X:9").is_none());
        assert_eq!(resolve_all(["FR", "Q:1"]), Err("Q:1".to_owned()));
    }
}
