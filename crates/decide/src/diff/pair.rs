//! Two regimes side by side: names in one numbering, models that are treated alike, and which directives differ.

use crate::bits::{self, RuleSet};
use law::{Entry, Grants, Names, Parties, Plan, Regime, Relief, Rule, Terms};
use std::collections::{BTreeMap, HashMap};
use terms::{ModelId, Window};

/// Names either regime knows, in one numbering.
#[derive(Default)]
pub(super) struct Union {
    names: Vec<String>,
    /// Per regime, per number there: the number here.
    numbers: [Vec<u32>; 2],
}

impl Union {
    fn of(sides: [&Names; 2]) -> Self {
        let mut known: BTreeMap<&str, [Option<u32>; 2]> = BTreeMap::new();
        for (side, names) in sides.into_iter().enumerate() {
            for (name, number) in names.iter() {
                let slot = known.entry(name).or_default().get_mut(side);
                slot.into_iter().for_each(|slot| *slot = Some(number));
            }
        }
        let mut union = Self::default();
        for (number, (name, at)) in (0u32..).zip(known) {
            union.names.push(name.to_owned());
            for (numbers, there) in union.numbers.iter_mut().zip(at) {
                let Some(there) = there.and_then(|there| usize::try_from(there).ok()) else { continue };
                if numbers.len() <= there {
                    numbers.resize(there.saturating_add(1), u32::MAX);
                }
                numbers.get_mut(there).into_iter().for_each(|slot| *slot = number);
            }
        }
        union
    }

    /// The number here of a number of one regime.
    pub(super) fn number(&self, side: usize, there: u32) -> u32 {
        let there = usize::try_from(there).unwrap_or(usize::MAX);
        self.numbers.get(side).and_then(|numbers| numbers.get(there)).copied().unwrap_or(u32::MAX)
    }

    pub(super) fn name(&self, number: u32) -> &str {
        usize::try_from(number).ok().and_then(|at| self.names.get(at)).map_or("", String::as_str)
    }

    fn list(&self, side: usize, numbers: &[u32]) -> Box<[u32]> {
        let mut list: Vec<u32> = numbers.iter().map(|number| self.number(side, *number)).collect();
        list.sort_unstable();
        list.into()
    }
}

/// Models that both regimes treat as one.
pub(super) struct Group {
    pub(super) models: Vec<ModelId>,
    /// Position of the first of them, per regime.
    pub(super) at: [usize; 2],
    /// Directives without a counterpart in the other regime that does the same, per regime.
    pub(super) changed: [RuleSet; 2],
}

/// Two regimes.
pub(super) struct Pair<'a> {
    pub(super) regimes: [&'a Regime; 2],
    pub(super) firms: Union,
    pub(super) persons: Union,
    /// The name of a firm that neither knows.
    pub(super) other_firm: String,
    terms: [Vec<Terms>; 2],
    /// Per regime, per full licence: persons who hold a place.
    places: [HashMap<u32, Vec<u32>>; 2],
    /// Whether readings and the level for places are the same.
    same_policy: bool,
}

impl<'a> Pair<'a> {
    pub(super) fn new(a: &'a Regime, b: &'a Regime) -> Self {
        let mut pair = Self {
            regimes: [a, b],
            firms: Union::of([a.firms(), b.firms()]),
            persons: Union::of([a.persons(), b.persons()]),
            other_firm: other_firm([a, b]),
            terms: Default::default(),
            places: Default::default(),
            same_policy: a.choices() == b.choices() && a.min_location_evidence() == b.min_location_evidence(),
        };
        pair.terms = [0, 1].map(|side| pair.terms_of(side));
        pair.places = [0, 1].map(|side| pair.places_of(side));
        pair
    }

    pub(super) fn sides(&self) -> impl Iterator<Item = (usize, &'a Regime)> + use<'a> {
        self.regimes.into_iter().enumerate()
    }

    fn terms_of(&self, side: usize) -> Vec<Terms> {
        let regime = self.regimes.get(side);
        let terms = regime.map(|regime| regime.grants().all_terms()).unwrap_or_default();
        terms.iter().map(|terms| self.translate(side, terms)).collect()
    }

    fn places_of(&self, side: usize) -> HashMap<u32, Vec<u32>> {
        let mut places: HashMap<u32, Vec<u32>> = HashMap::new();
        let Some(grants) = self.regimes.get(side).map(|regime| regime.grants()) else { return places };
        for person in grants.enrolled() {
            for licence in grants.places_of(person) {
                places.entry(licence).or_default().push(self.persons.number(side, person));
            }
        }
        for persons in places.values_mut() {
            persons.sort_unstable();
            persons.dedup();
        }
        places
    }

    fn translate(&self, side: usize, terms: &Terms) -> Terms {
        let firms = terms.firms.as_ref().map(|firms| self.firms.list(side, firms));
        Terms { firms, ..terms.clone() }
    }

    /// Models of both catalogues, grouped; and those that stand in one only.
    pub(super) fn groups(&self) -> (Vec<Group>, Vec<ModelId>) {
        let [a, b] = self.regimes;
        let mut groups: Vec<Group> = Vec::new();
        let mut known: HashMap<Likeness, usize> = HashMap::new();
        let mut alone: Vec<ModelId> =
            b.models().iter().filter(|id| a.model(id.as_str()).is_none()).cloned().collect();
        for id in a.models() {
            let Some(at) = a.model(id.as_str()).zip(b.model(id.as_str())) else {
                alone.push(id.clone());
                continue;
            };
            let at = [at.0, at.1];
            let likeness = self.sides().zip(at).map(|((_, regime), model)| likeness(regime, model)).collect();
            let next = groups.len();
            let place = *known.entry(likeness).or_insert(next);
            match groups.get_mut(place) {
                Some(group) => group.models.push(id.clone()),
                None => groups.push(Group { models: vec![id.clone()], at, changed: self.changed(at) }),
            }
        }
        (groups, alone)
    }

    fn plans(&self, at: [usize; 2]) -> Option<[&'a Plan; 2]> {
        let [a, b] = self.regimes;
        let [in_a, in_b] = at;
        Some([a.plan(in_a)?, b.plan(in_b)?])
    }

    /// Enforced directives of a plan by bit, as far as they decide.
    fn keys(&self, side: usize, model: usize) -> Vec<(usize, &'a Rule, Key)> {
        let Some(regime) = self.regimes.get(side) else { return Vec::new() };
        let rules = regime.rules_for(model).enumerate();
        rules
            .filter(|(_, (_, rule))| rule.enforced())
            .map(|(bit, (_, rule))| (bit, rule, self.key(side, model, rule)))
            .collect()
    }

    fn key(&self, side: usize, model: usize, rule: &'a Rule) -> Key {
        let scope = &rule.scope;
        let reliefs = rule.reliefs.iter().filter(|relief| relief.models.has(model));
        Key {
            window: (rule.window, rule.fold),
            request: (rule.activities, rule.end_uses, rule.remote_access, rule.hosted_if_export),
            who: (
                scope.class,
                scope.countries,
                scope.nationality,
                scope.only_foreign_persons,
                scope.citizens_and_protected_only,
                scope.ownership,
            ),
            firms: self.firms.list(side, &scope.firms),
            destinations: rule.destinations,
            evidence: (rule.min_evidence, rule.min_location_evidence),
            reliefs: reliefs.map(|relief| self.relief(side, relief)).collect(),
        }
    }

    fn relief(&self, side: usize, relief: &Relief) -> (Window, Terms, Option<Parties>) {
        let parties = relief.parties.as_ref().map(|parties| Parties {
            firms: self.firms.list(side, &parties.firms),
            persons: self.persons.list(side, &parties.persons),
        });
        (relief.window, self.translate(side, &relief.terms), parties)
    }

    /// Directives without a counterpart: same content, same licences.
    fn changed(&self, at: [usize; 2]) -> [RuleSet; 2] {
        let [in_a, in_b] = at;
        let (a, b) = (self.keys(0, in_a), self.keys(1, in_b));
        let mut changed = [set(a.iter().map(|(bit, ..)| *bit)), set(b.iter().map(|(bit, ..)| *bit))];
        if !self.same_policy {
            return changed;
        }
        let mut matched: Vec<[usize; 2]> = Vec::new();
        let mut left: Vec<Option<&(usize, &Rule, Key)>> = b.iter().map(Some).collect();
        for (bit, rule, key) in &a {
            let same = |other: &Option<&(usize, &Rule, Key)>| other.is_some_and(|(_, _, k)| k == key);
            let named = |other: &Option<&(usize, &Rule, Key)>| other.is_some_and(|(_, r, _)| r.id == rule.id);
            let found = left
                .iter()
                .position(|other| named(other) && same(other))
                .or_else(|| left.iter().position(same));
            if let Some((other, ..)) = found.and_then(|at| left.get_mut(at)).and_then(Option::take) {
                matched.push([*bit, *other]);
            }
        }
        let licensed = self.licensed_otherwise(at, &matched);
        for (number, bits) in matched.iter().enumerate() {
            if !licensed.contains(number) {
                changed.iter_mut().zip(bits).for_each(|(set, bit)| set.remove(*bit));
            }
        }
        changed
    }

    /// Of matched directives, by number, those that some licence lifts in one regime and not in the other.
    fn licensed_otherwise(&self, at: [usize; 2], matched: &[[usize; 2]]) -> RuleSet {
        let mut count: HashMap<LicenceKey<'_>, i64> = HashMap::new();
        let Some(plans) = self.plans(at) else { return RuleSet::EMPTY };
        for ((side, regime), (model, plan)) in self.sides().zip(at.into_iter().zip(plans)) {
            let grants = regime.grants();
            let sign = if side == 0 { 1 } else { -1 };
            let bits =
                matched.iter().enumerate().filter_map(|(number, bits)| Some((*bits.get(side)?, number)));
            let numbers: HashMap<usize, usize> = bits.collect();
            let firms = grants.firms().map(|firm| (0u8, self.firms.number(side, firm), grants.of_firm(firm)));
            let persons = grants
                .persons()
                .map(|person| (1u8, self.persons.number(side, person), grants.of_person(person)));
            for (kind, grantee, entries) in firms.chain(persons) {
                for entry in entries.filter(|entry| entry.is_for(model)) {
                    let mut lifts: Vec<usize> =
                        lifted(grants, &entry, plan).filter_map(|bit| numbers.get(&bit).copied()).collect();
                    lifts.sort_unstable();
                    let sum = count.entry(self.licence(side, (kind, grantee), &entry, lifts)).or_default();
                    *sum = sum.saturating_add(sign);
                }
            }
        }
        set(count.into_iter().filter(|(_, sum)| *sum != 0).flat_map(|(key, _)| key.lifts))
    }

    fn licence(&self, side: usize, grantee: (u8, u32), entry: &Entry, lifts: Vec<usize>) -> LicenceKey<'_> {
        let terms = self.terms.get(side).and_then(|terms| terms.get(usize::from(entry.number_of_terms())));
        let places = self.places.get(side).and_then(|places| places.get(&entry.licence));
        LicenceKey {
            grantee,
            window: (entry.from.as_micros(), entry.until.as_micros()),
            cover: entry.cover as u8,
            full: entry.full,
            places: places.filter(|_| entry.full).map(Vec::as_slice).unwrap_or_default(),
            terms,
            lifts,
        }
    }
}

/// Directives of a plan that a licence lifts, by bit.
pub(super) fn lifted<'a>(
    grants: &'a Grants,
    entry: &'a Entry,
    plan: &'a Plan,
) -> impl Iterator<Item = usize> + use<'a> {
    (0..plan.blocks().len()).flat_map(move |block| {
        bits::bits_of(grants.lifted(entry, plan, block)).map(move |bit| (block << 6) | bit)
    })
}

/// What decides about a directive: everything but its name and words.
#[derive(PartialEq)]
struct Key {
    window: (Window, Option<[terms::Instant; 2]>),
    request: (law::Mask, Option<law::Mask>, bool, bool),
    who: (law::Class, law::NamedCountries, law::NationalityRule, bool, bool, Option<terms::Share>),
    firms: Box<[u32]>,
    destinations: law::Destinations,
    evidence: (terms::Level, terms::Level),
    reliefs: Vec<(Window, Terms, Option<Parties>)>,
}

#[derive(PartialEq, Eq, Hash)]
struct LicenceKey<'a> {
    grantee: (u8, u32),
    window: (i64, i64),
    cover: u8,
    full: bool,
    places: &'a [u32],
    terms: Option<&'a Terms>,
    lifts: Vec<usize>,
}

/// Two models with the same likeness in both regimes are decided alike: plan, open reliefs, and licences for the one
/// and not for every model.
type Likeness = Vec<(usize, Vec<bool>, Vec<usize>)>;

fn likeness(regime: &Regime, model: usize) -> (usize, Vec<bool>, Vec<usize>) {
    let plan = regime.plan(model).map_or(0, |plan| std::ptr::from_ref(plan).addr());
    let rules = regime.rules_for(model);
    let reliefs = rules.flat_map(|(_, rule)| &rule.reliefs).map(|relief| relief.models.has(model)).collect();
    let entries = regime.grants().all().enumerate();
    let special = |entry: &Entry| entry.is_for(model) && !entry.is_for_every_model();
    (plan, reliefs, entries.filter(|(_, entry)| special(entry)).map(|(at, _)| at).collect())
}

fn other_firm(regimes: [&Regime; 2]) -> String {
    let mut name = "Some Other Firm".to_owned();
    while regimes.iter().any(|regime| regime.firm(&name).is_some()) {
        name.push_str(" Too");
    }
    name
}

fn set(bits: impl Iterator<Item = usize>) -> RuleSet {
    let mut set = RuleSet::EMPTY;
    bits.for_each(|bit| set.insert(bit));
    set
}
