//! Directives that are one directive with all their countries together: only who is reached by any of them matters to
//! an outcome, so that hundreds of directives tell few countries apart.

use super::looks::Scene;
use law::{Class, Destinations, Mask, NamedCountries, NationalityRule, Regime, Rule};
use std::collections::HashMap;
use terms::{CountrySet, Level};

/// What must be the same for two directives to be taken together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Likeness {
    class: Class,
    nationality: NationalityRule,
    spared: (bool, bool),
    destinations: Destinations,
    request: (Mask, Option<Mask>, bool, bool),
    evidence: (Level, Level),
    changed: bool,
}

/// A directive that stands for others like it, with the countries of all of them: with and without Hong Kong.
pub(super) struct Merged<'a> {
    pub(super) bit: usize,
    pub(super) rule: &'a Rule,
    pub(super) sets: [CountrySet; 2],
}

/// The directives of a scene, those alike as one.
pub(super) fn merged<'a>(scene: &Scene<'a>) -> Vec<Merged<'a>> {
    let mut known: Vec<(Likeness, usize)> = Vec::new();
    let mut all: Vec<Merged<'a>> = Vec::new();
    for (bit, rule) in scene.numbered() {
        let named = &rule.scope.countries;
        let sets = [named.with_hong_kong, named.without_hong_kong];
        let likeness = likeness(scene, bit, rule);
        let like = likeness.and_then(|own| known.iter().find(|(other, _)| *other == own));
        if let Some(into) = like.and_then(|(_, at)| all.get_mut(*at)) {
            into.sets.iter_mut().zip(sets).for_each(|(into, set)| *into = into.union(&set));
            continue;
        }
        known.extend(likeness.map(|likeness| (likeness, all.len())));
        all.push(Merged { bit, rule, sets });
    }
    all
}

/// The regime of a scene with the directives that bind only, those alike as one: it has the same outcomes for the model
/// at the instant, and they take less to find.
pub(super) fn narrowed(scene: &Scene<'_>) -> Regime {
    let kept: HashMap<usize, Rule> = merged(scene)
        .into_iter()
        .map(|Merged { bit, rule, sets: [with_hong_kong, without_hong_kong] }| {
            let mut rule = rule.clone();
            rule.scope.countries =
                NamedCountries { with_hong_kong, without_hong_kong, ..rule.scope.countries };
            (bit, rule)
        })
        .collect();
    scene.regime.narrowed(scene.model, |bit, _| kept.get(&bit).cloned())
}

/// `None` for a directive that stands for itself: something takes people out of it, its countries or its start depend on
/// a reading, or it looks at more than to which countries somebody belongs.
fn likeness(scene: &Scene<'_>, bit: usize, rule: &Rule) -> Option<Likeness> {
    let scope = &rule.scope;
    let plain = match scope.class {
        Class::Everyone
        | Class::ForeignPerson
        | Class::ForeignNationalUndefined
        | Class::UsPerson7446
        | Class::LocatedIn
        | Class::EntityHq => true,
        Class::NationalOf | Class::NationalOrLocatedIn => {
            matches!(scope.nationality, NationalityRule::AnyHeld | NationalityRule::EverHeld)
        }
        _ => false,
    };
    let alone = !plain
        || scope.countries.hong_kong_open
        || rule.fold.is_some()
        || scene.reliefs(rule).next().is_some()
        || scene.lifts(bit);
    (!alone).then(|| Likeness {
        class: scope.class,
        nationality: scope.nationality,
        spared: (scope.only_foreign_persons, scope.citizens_and_protected_only),
        destinations: rule.destinations,
        request: (rule.activities, rule.end_uses, rule.remote_access, rule.hosted_if_export),
        evidence: (rule.min_evidence, rule.min_location_evidence),
        changed: scene.changed.contains(bit),
    })
}

/// What decides at an instant: while it stays the same, so does every outcome.
#[derive(PartialEq, Debug)]
pub(super) struct State {
    merged: Vec<(Likeness, [CountrySet; 2])>,
    /// Directives that stand for themselves, their open reliefs, and open licences, by side and number.
    alone: Vec<(usize, usize)>,
    reliefs: Vec<(usize, usize, usize)>,
    licences: Vec<(usize, usize)>,
    folds: Vec<[bool; 2]>,
}

impl State {
    pub(super) fn of(scenes: &[Scene<'_>]) -> Self {
        let mut state = Self {
            merged: Vec::new(),
            alone: Vec::new(),
            reliefs: Vec::new(),
            licences: Vec::new(),
            folds: Vec::new(),
        };
        scenes.iter().for_each(|scene| state.add(scene));
        state
    }

    fn add(&mut self, scene: &Scene<'_>) {
        let first = self.merged.len();
        for (bit, rule) in scene.numbered() {
            let named = &rule.scope.countries;
            let sets = [named.with_hong_kong, named.without_hong_kong];
            let Some(own) = likeness(scene, bit, rule) else {
                self.add_alone(scene, bit, rule);
                continue;
            };
            let known = self.merged.iter_mut().skip(first).find(|(other, _)| *other == own);
            match known {
                Some((_, into)) => into.iter_mut().zip(sets).for_each(|(into, set)| *into = into.union(&set)),
                None => self.merged.push((own, sets)),
            }
        }
        if scene.is_licensed() {
            let entries = scene.grants().all().enumerate();
            let open = entries.filter(|(_, entry)| scene.is_open(entry));
            self.licences.extend(open.map(|(at, _)| (scene.side, at)));
        }
    }

    fn add_alone(&mut self, scene: &Scene<'_>, bit: usize, rule: &Rule) {
        self.alone.push((scene.side, bit));
        let open = rule
            .reliefs
            .iter()
            .enumerate()
            .filter(|(_, relief)| relief.models.has(scene.model) && relief.window.relieves(scene.clock));
        self.reliefs.extend(open.map(|(at, _)| (scene.side, bit, at)));
        if rule.fold.is_some() {
            self.folds.push([0, 1].map(|fold| rule.binds_under(scene.clock, fold)));
        }
    }
}
