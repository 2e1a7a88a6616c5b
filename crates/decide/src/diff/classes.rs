//! Values that the directives do not tell apart, put into classes.

use super::looks::Scene;
use super::pair::{Pair, lifted};
use std::collections::{BTreeMap, BTreeSet};
use terms::{Country, CountrySet, Level};

/// Countries in classes: two stand in the same class when they belong to the same sets.
#[derive(Clone, Debug, Default)]
pub(super) struct Partition {
    pub(super) classes: Vec<CountrySet>,
}

impl Partition {
    /// The classes of some sets; each country of `apart` is a class of its own, the first of them the first class.
    pub(super) fn of(sets: &BTreeSet<CountrySet>, apart: &[Country], as_places: bool) -> Self {
        let mut found: BTreeMap<(usize, Vec<bool>), CountrySet> = BTreeMap::new();
        for country in countries(as_places) {
            let own = apart.iter().position(|other| *other == country).unwrap_or(apart.len());
            let signature = sets.iter().map(|set| set.contains(country)).collect();
            found.entry((own, signature)).or_default().insert(country);
        }
        Self { classes: found.into_values().collect() }
    }

    /// One country of a class.
    pub(super) fn one(&self, class: usize) -> Country {
        let members = self.classes.get(class).into_iter().flat_map(CountrySet::iter);
        let known = |country: &Country| country.as_place() == *country;
        let mut members = members.collect::<Vec<_>>().into_iter();
        let first = members.next();
        first.filter(known).or_else(|| members.find(known)).or(first).unwrap_or(Country::US)
    }

    /// Another country of a class, where there is one.
    pub(super) fn another(&self, class: usize) -> Country {
        let one = self.one(class);
        let mut others = self.classes.get(class).into_iter().flat_map(CountrySet::iter);
        others.find(|country| *country != one).unwrap_or(one)
    }

    /// Whether a class has more than one country.
    pub(super) fn several(&self, class: usize) -> bool {
        self.classes.get(class).is_some_and(|set| set.len() > 1)
    }

    /// For each class, the class of another partition its countries stand in.
    pub(super) fn coarse(&self, other: &Self) -> Vec<usize> {
        let place = |class: usize| {
            let one = self.one(class);
            other.classes.iter().position(|set| set.contains(one)).unwrap_or(usize::MAX)
        };
        (0..self.classes.len()).map(place).collect()
    }
}

/// Every country; as places, territories of the United States are that country.
pub(super) fn countries(as_places: bool) -> impl Iterator<Item = Country> {
    Country::all()
        .filter(|country| !country.alpha3().is_empty())
        .filter(move |country| !as_places || country.as_place() == *country)
}

/// Levels of evidence that the thresholds do not tell apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Rung {
    /// The lowest.
    pub from: Level,
    /// The first above; `None` = up to the top.
    pub below: Option<Level>,
}

impl Rung {
    /// Whether a level is one of these.
    pub fn has(self, level: Level) -> bool {
        level >= self.from && self.below.is_none_or(|below| level < below)
    }

    /// One of these levels: the person's own word where it is among them. `None` where there is only what a network
    /// address says, and that says nothing.
    fn one(self, addresses: bool) -> Option<Level> {
        let counts = |level: &Level| self.has(*level) && (addresses || *level != Level::Ip);
        if counts(&Level::SelfDeclared) && self.from < Level::SelfDeclared {
            return Some(Level::SelfDeclared);
        }
        Level::ALL.into_iter().find(counts)
    }
}

/// A rung with one of its levels, weakest first.
pub(super) type Rungs = Vec<(Rung, Level)>;

/// The rungs between thresholds. With `addresses`, what a network address says counts as a statement.
pub(super) fn rungs(thresholds: impl Iterator<Item = Level>, addresses: bool) -> Rungs {
    let starts: BTreeSet<Level> = thresholds.chain([Level::None]).collect();
    let starts: Vec<Level> = starts.into_iter().collect();
    let ends = starts.iter().skip(1).map(|level| Some(*level)).chain([None]);
    let rungs = starts.iter().zip(ends).map(|(from, below)| Rung { from: *from, below });
    rungs.filter_map(|rung| Some((rung, rung.one(addresses)?))).collect()
}

/// Named firms or persons in classes, by their numbers in the union; and the class of each under the directives that
/// differ. Whoever is in no class is told apart from nobody.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    pub(super) classes: Vec<Vec<u32>>,
    pub(super) coarse: Vec<usize>,
}

type Marks = BTreeMap<u32, Vec<u64>>;

impl Named {
    fn of(all: &Marks, changed: &Marks) -> Self {
        let mut classes: BTreeMap<&Vec<u64>, Vec<u32>> = BTreeMap::new();
        all.iter().for_each(|(name, mark)| classes.entry(mark).or_default().push(*name));
        let mut known: BTreeMap<&Vec<u64>, usize> = BTreeMap::new();
        let mut named = Self::default();
        let unmarked = Vec::new();
        for members in classes.into_values() {
            let mark = members.first().and_then(|name| changed.get(name)).unwrap_or(&unmarked);
            // Number 0 is for those the changed directives do not name.
            let next = known.len().saturating_add(1);
            let coarse = if mark.is_empty() { 0 } else { *known.entry(mark).or_insert(next) };
            named.classes.push(members);
            named.coarse.push(coarse);
        }
        named
    }

    pub(super) fn firms(pair: &Pair<'_>, all: &[Scene<'_>], changed: &[Scene<'_>]) -> Self {
        Self::of(&firm_marks(pair, all), &firm_marks(pair, changed))
    }

    pub(super) fn persons(pair: &Pair<'_>, all: &[Scene<'_>], changed: &[Scene<'_>]) -> Self {
        Self::of(&person_marks(pair, all), &person_marks(pair, changed))
    }
}

fn firm_marks(pair: &Pair<'_>, scenes: &[Scene<'_>]) -> Marks {
    let mut marks = Marks::new();
    let mut list = 0u64;
    for scene in scenes {
        let mut note = |firms: &[u32]| {
            list = list.saturating_add(1);
            let names = firms.iter().map(|firm| pair.firms.number(scene.side, *firm));
            names.for_each(|name| marks.entry(name).or_default().push(list));
        };
        for rule in scene.rules() {
            note(&rule.scope.firms);
            for relief in scene.reliefs(rule) {
                relief.terms.firms.iter().for_each(|firms| note(firms));
                relief.parties.iter().for_each(|parties| note(&parties.firms));
            }
        }
        if scene.is_licensed() {
            for firm in scene.grants().firms() {
                let mark = entry_marks(scene, scene.grants().of_firm(firm));
                add(&mut marks, pair.firms.number(scene.side, firm), mark);
            }
        }
    }
    marks
}

fn person_marks(pair: &Pair<'_>, scenes: &[Scene<'_>]) -> Marks {
    let mut marks = Marks::new();
    let mut list = 0u64;
    for scene in scenes {
        let reliefs = scene.rules().flat_map(|rule| scene.reliefs(rule));
        for parties in reliefs.filter_map(|relief| relief.parties.as_ref()) {
            list = list.saturating_add(1);
            let names = parties.persons.iter().map(|person| pair.persons.number(scene.side, *person));
            names.for_each(|name| marks.entry(name).or_default().push(list));
        }
        if !scene.is_licensed() {
            continue;
        }
        let grants = scene.grants();
        for person in grants.persons() {
            let mark = entry_marks(scene, grants.of_person(person));
            add(&mut marks, pair.persons.number(scene.side, person), mark);
        }
        let full: BTreeSet<u32> = grants
            .all()
            .filter(|entry| entry.full && scene.is_open(entry))
            .map(|entry| entry.licence)
            .collect();
        let enrolled: BTreeSet<u32> =
            if full.is_empty() { BTreeSet::new() } else { grants.enrolled().collect() };
        for person in enrolled {
            let mut places: Vec<u32> =
                grants.places_of(person).filter(|licence| full.contains(licence)).collect();
            places.sort_unstable();
            let mark = places.into_iter().flat_map(|licence| [scene_mark(scene, 3), u64::from(licence)]);
            add(&mut marks, pair.persons.number(scene.side, person), mark.collect());
        }
    }
    marks
}

fn add(marks: &mut Marks, name: u32, mark: Vec<u64>) {
    if !mark.is_empty() {
        marks.entry(name).or_default().extend(mark);
    }
}

/// A word that no number of a list is.
fn scene_mark(scene: &Scene<'_>, kind: u64) -> u64 {
    let side = if scene.side == 0 { 0 } else { 8 };
    u64::MAX.saturating_sub(side).saturating_sub(kind)
}

/// What the open licences of one grantee come to.
fn entry_marks(scene: &Scene<'_>, entries: law::Entries<'_>) -> Vec<u64> {
    let mut marks: Vec<Vec<u64>> = Vec::new();
    for entry in entries.filter(|entry| scene.is_open(entry)) {
        let place = if entry.full { u64::from(entry.licence).saturating_add(1) } else { 0 };
        let mut mark =
            vec![scene_mark(scene, 1), entry.cover as u64, place, u64::from(entry.number_of_terms())];
        let lifts = lifted(scene.grants(), &entry, scene.plan).filter(|bit| scene.bits.contains(*bit));
        mark.extend(lifts.filter_map(|bit| u64::try_from(bit).ok()));
        marks.push(mark);
    }
    marks.sort_unstable();
    marks.dedup();
    marks.into_iter().flatten().collect()
}
