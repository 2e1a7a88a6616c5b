//! Countries: one for each way the undecided directives tell them apart.

use super::named::Mark;
use crate::ask::Ask;
use crate::bits::{self, RuleSet};
use law::{Class, Rule, Terms};
use terms::{Country, CountrySet, Level, MissingFact};

/// How many there can be.
const MOST: usize = 256;

/// As what a country is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum As {
    /// Where somebody is.
    Place,
    /// Of which somebody is a national or a resident.
    Nation,
    /// Where a firm's ultimate parent has its seat.
    Seat,
}

/// One country of each kind.
pub(super) struct Kinds {
    countries: [Country; MOST],
    len: usize,
}

impl Kinds {
    pub(super) const NONE: Self = Self { countries: [Country::US; MOST], len: 0 };

    pub(super) fn of(ask: &Ask<'_>, undecided: &RuleSet, seen: As) -> Self {
        let places = ask.regime.places().iter().copied();
        Self::told_apart(places, |countries| marks(ask, undecided, seen, countries))
    }

    /// Countries of which somebody may be a citizen now: also told apart by whether it is shown that the person is none.
    pub(super) fn held_now(ask: &Ask<'_>, undecided: &RuleSet) -> Self {
        let excluded = &ask.subject.file.excluded;
        if excluded.is_empty() {
            return Self::of(ask, undecided, As::Nation);
        }
        let levels = || undecided.iter().filter_map(|bit| ask.rule(bit)).map(|rule| rule.min_evidence);
        let strictest = levels().max().unwrap_or(Level::Credential);
        // A residence that is not shown may be of a country whose citizenship is not held.
        let lives_abroad = ask.subject.file.holdings.iter().any(|held| !held.citizenship);
        let silent = ask.subject.conflicting(MissingFact::Citizenships) || lives_abroad;
        let gone = if silent { &CountrySet::EMPTY } else { excluded.at(strictest) };
        let all = Country::all().filter(|country| country.as_place() == *country && !gone.contains(*country));
        Self::told_apart(all, |countries| {
            let mut marks = marks(ask, undecided, As::Nation, countries);
            for (at, level) in
                Level::ALL.into_iter().enumerate().filter(|(_, level)| levels().any(|min| min == *level))
            {
                note(countries, &mut marks, at, 9, &|country| excluded.at(level).contains(country));
            }
            marks
        })
    }

    /// One country for each mark.
    fn told_apart(among: impl Iterator<Item = Country>, marks: impl Fn(&[Country]) -> [u64; MOST]) -> Self {
        let (mut countries, mut count) = ([Country::US; MOST], 0usize);
        for (slot, country) in countries.iter_mut().zip(among) {
            *slot = country;
            count = count.saturating_add(1);
        }
        let countries = countries.get(..count).unwrap_or_default();
        let mut own = [0u64; MOST];
        let mut kinds = Self::NONE;
        for (country, mark) in countries.iter().zip(&marks(countries)) {
            if own.get(..kinds.len).unwrap_or_default().contains(mark) {
                continue;
            }
            let slots = kinds.countries.get_mut(kinds.len).zip(own.get_mut(kinds.len));
            if let Some((place, slot)) = slots {
                *place = *country;
                *slot = *mark;
                kinds.len = kinds.len.saturating_add(1);
            }
        }
        kinds
    }

    pub(super) fn list(&self) -> &[Country] {
        self.countries.get(..self.len).unwrap_or_default()
    }
}

/// For each of the countries, which of the sets that the undecided directives and their reliefs name it is in. (Sets
/// outside, countries inside: to go through the directives once for each took most of the time of a verdict.)
fn marks(ask: &Ask<'_>, undecided: &RuleSet, seen: As, countries: &[Country]) -> [u64; MOST] {
    let mut marks = [0u64; MOST];
    let of_rules = undecided.iter().filter_map(|bit| ask.rule(bit)).flat_map(|rule| {
        let reliefs = rule.reliefs.iter().flat_map(move |relief| of_terms(&relief.terms, seen));
        of_scope(rule, seen).chain(reliefs)
    });
    let terms = if is_liftable(ask, undecided) { ask.regime.grants().all_terms() } else { &[] };
    let of_licences = terms.iter().flat_map(|terms| of_terms(terms, seen));
    note(countries, &mut marks, 1, 7, &|country| country == Country::US);
    for (at, set) in of_rules.chain(of_licences).enumerate() {
        note(countries, &mut marks, at, 8, &|country| set.contains(country));
    }
    marks
}

/// Notes for each country whether it is in a set.
fn note(countries: &[Country], marks: &mut [u64], at: usize, kind: u64, set: &dyn Fn(Country) -> bool) {
    for (country, mark) in countries.iter().zip(marks) {
        if set(*country) {
            *mark = Mark::of(*mark).noted(at, kind);
        }
    }
}

/// How many sets of nationalities the undecided directives and their reliefs name.
pub(super) fn sets_of_nations(ask: &Ask<'_>, undecided: &RuleSet) -> usize {
    let rules = undecided.iter().filter_map(|bit| ask.rule(bit));
    let of_rules = rules.map(|rule| {
        let reliefs = rule.reliefs.iter().map(|relief| of_terms(&relief.terms, As::Nation).count());
        usize::from(rule.scope.class.looks_at_nationality()).saturating_add(reliefs.sum())
    });
    let terms = if is_liftable(ask, undecided) { ask.regime.grants().all_terms() } else { &[] };
    let of_licences = terms.iter().map(|terms| of_terms(terms, As::Nation).count());
    of_rules.chain(of_licences).sum()
}

fn of_scope(rule: &Rule, seen: As) -> impl Iterator<Item = CountrySet> {
    let class = rule.scope.class;
    let looks = match seen {
        // Somebody without any nationality may be counted to the place of residence.
        As::Place => class == Class::LocatedIn || class.looks_at_nationality(),
        As::Nation => class.looks_at_nationality(),
        As::Seat => class == Class::EntityHq,
    };
    let named = &rule.scope.countries;
    [named.with_hong_kong, named.without_hong_kong].into_iter().filter(move |_| looks)
}

fn of_terms(terms: &Terms, seen: As) -> impl Iterator<Item = CountrySet> {
    let sets = match seen {
        As::Place => [terms.located_in, None, None],
        As::Nation => [terms.all_nationalities_in, terms.no_nationality_of, terms.resident_of],
        As::Seat => [None; 3],
    };
    sets.into_iter().flatten()
}

fn is_liftable(ask: &Ask<'_>, undecided: &RuleSet) -> bool {
    undecided.iter().any(|bit| {
        let block = ask.plan().and_then(|plan| plan.blocks().get(bit >> 6));
        block.is_some_and(|block| (block.lifted_for_staff | block.lifted_for_persons) & bits::mask(bit) != 0)
    })
}
