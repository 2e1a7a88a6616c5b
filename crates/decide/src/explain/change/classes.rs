//! Countries in classes that no directive of the model and no relief tells apart.

use crate::ask::Ask;
use law::{Rule, Terms};
use std::collections::{BTreeMap, BTreeSet};
use terms::{Country, CountrySet};

/// Countries that the law does not tell apart, by the first of each.
pub(super) fn classes(ask: &Ask<'_>) -> Vec<(Country, CountrySet)> {
    let sets: BTreeSet<CountrySet> =
        ask.regime.rules_for(ask.request.model).flat_map(|(_, rule)| sets_of(rule)).collect();
    let licences = ask.regime.grants().all_terms().iter().flat_map(Terms::countries);
    let sets: BTreeSet<CountrySet> = sets.into_iter().chain(licences).collect();
    let apart = [Country::US, ask.request.served_from.as_place()];
    let mut classes: BTreeMap<Vec<bool>, CountrySet> = BTreeMap::new();
    // A territory of the United States is that country as a place and no nationality.
    for country in Country::all().filter(|country| country.as_place() == *country) {
        let signature = apart.iter().map(|other| *other == country);
        let signature = signature.chain(sets.iter().map(|set| set.contains(country))).collect();
        classes.entry(signature).or_default().insert(country);
    }
    let mut classes: Vec<(Country, CountrySet)> =
        classes.into_values().filter_map(|set| Some((set.iter().next()?, set))).collect();
    classes.sort_unstable();
    classes
}

fn sets_of(rule: &Rule) -> Vec<CountrySet> {
    let named = &rule.scope.countries;
    let reliefs = rule.reliefs.iter().flat_map(|relief| relief.terms.countries());
    [named.with_hong_kong, named.without_hong_kong].into_iter().chain(reliefs).collect()
}
