//! What directives look at: only that has to be varied.

use super::merge::{self, Merged};
use super::pair::{Group, Pair, lifted};
use crate::bits::RuleSet;
use law::{
    Block, Class, Cover, Destinations, Entry, Grants, NationalityRule, Plan, Regime, Relief, Rule, Terms,
};
use std::collections::BTreeSet;
use terms::{ClockReading, CountrySet, Level, Share};

/// What some directives, and what takes people out of them, look at.
#[derive(Clone, Debug, Default)]
pub(super) struct Looks {
    pub(super) status: bool,
    pub(super) nationality: bool,
    /// The most recent nationality.
    pub(super) recent: bool,
    /// Nationalities ever held.
    pub(super) ever: bool,
    /// Permanent residence, outside most recent nationality.
    pub(super) resident: bool,
    pub(super) place: bool,
    pub(super) remote: bool,
    pub(super) firm: bool,
    pub(super) relation: bool,
    pub(super) seat: bool,
    pub(super) party: bool,
    pub(super) person: bool,
    pub(super) end_use: bool,
    pub(super) activity: bool,
    pub(super) owned: BTreeSet<Share>,
    pub(super) nations: BTreeSet<CountrySet>,
    pub(super) places: BTreeSet<CountrySet>,
    pub(super) seats: BTreeSet<CountrySet>,
    pub(super) levels: BTreeSet<Level>,
    pub(super) place_levels: BTreeSet<Level>,
}

/// One regime at one instant, as far as a set of directives on one model goes.
pub(super) struct Scene<'a> {
    pub(super) side: usize,
    pub(super) regime: &'a Regime,
    pub(super) model: usize,
    pub(super) plan: &'a Plan,
    pub(super) clock: ClockReading,
    /// The directives that bind, by bit.
    pub(super) bits: RuleSet,
    /// Those without a counterpart in the other regime.
    pub(super) changed: RuleSet,
}

impl<'a> Scene<'a> {
    /// The directives that bind on both sides; with `changed_only`, those without a counterpart.
    pub(super) fn both(pair: &Pair<'a>, group: &Group, clock: ClockReading, changed_only: bool) -> Vec<Self> {
        let sides = pair.sides().zip(group.at.into_iter().zip(&group.changed));
        let scene = |((side, regime), (model, changed)): ((usize, &'a Regime), (usize, &RuleSet))| {
            let plan = regime.plan(model)?;
            let mut bits = RuleSet::EMPTY;
            for (bit, (_, rule)) in regime.rules_for(model).enumerate() {
                if binds(rule, clock) && (!changed_only || changed.contains(bit)) {
                    bits.insert(bit);
                }
            }
            Some(Self { side, regime, model, plan, clock, bits, changed: *changed })
        };
        sides.filter_map(scene).collect()
    }

    pub(super) fn rules(&self) -> impl Iterator<Item = &'a Rule> {
        self.numbered().map(|(_, rule)| rule)
    }

    pub(super) fn numbered(&self) -> impl Iterator<Item = (usize, &'a Rule)> {
        let rules = self.regime.rules_for(self.model).enumerate();
        rules.filter(|(bit, _)| self.bits.contains(*bit)).map(|(bit, (_, rule))| (bit, rule))
    }

    /// Whether a directive without a counterpart binds.
    pub(super) fn has_changed(&self) -> bool {
        self.numbered().any(|(bit, _)| self.changed.contains(bit))
    }

    /// Exceptions and stays of a rule that are open for the model.
    pub(super) fn reliefs(&self, rule: &'a Rule) -> impl Iterator<Item = &'a Relief> {
        let open = |relief: &&Relief| relief.models.has(self.model) && relief.window.relieves(self.clock);
        rule.reliefs.iter().filter(open)
    }

    /// Whether a licence is open for the model and lifts one of the directives.
    pub(super) fn is_open(&self, entry: &Entry) -> bool {
        entry.is_for(self.model)
            && entry.window().relieves(self.clock)
            && lifted(self.grants(), entry, self.plan).any(|bit| self.bits.contains(bit))
    }

    pub(super) fn grants(&self) -> &'a Grants {
        self.regime.grants()
    }

    /// Whether a licence lifts a directive, now or at another time.
    pub(super) fn lifts(&self, bit: usize) -> bool {
        let block = self.plan.blocks().get(bit >> 6);
        let lifted = block.map_or(0, |block| block.lifted_for_staff | block.lifted_for_persons);
        lifted & crate::bits::mask(bit) != 0
    }

    /// Whether any licence lifts one of the directives, now or at another time.
    pub(super) fn is_licensed(&self) -> bool {
        let lifted = |block: &Block| block.lifted_for_staff | block.lifted_for_persons;
        let blocks = self.plan.blocks().iter().enumerate();
        blocks.into_iter().any(|(at, block)| self.bits.word(at) & lifted(block) != 0)
    }
}

/// Whether a directive binds under some reading of its start.
fn binds(rule: &Rule, clock: ClockReading) -> bool {
    rule.enforced() && [0, 1].into_iter().any(|fold| rule.binds_under(clock, fold))
}

impl Looks {
    pub(super) fn of(scenes: &[Scene<'_>]) -> Self {
        let mut looks = Self::default();
        for scene in scenes {
            for Merged { rule, sets, .. } in merge::merged(scene) {
                looks.add_rule(rule, sets);
                scene.reliefs(rule).for_each(|relief| looks.add_relief(relief));
            }
            if scene.is_licensed() {
                for entry in scene.grants().all().filter(|entry| scene.is_open(entry)) {
                    looks.add_entry(scene.grants(), &entry);
                }
            }
        }
        looks
    }

    /// A directive, or several in one, with their countries.
    fn add_rule(&mut self, rule: &Rule, sets: [CountrySet; 2]) {
        let scope = &rule.scope;
        self.levels.insert(rule.min_evidence);
        self.place_levels.insert(rule.min_location_evidence);
        self.activity |= rule.activities != law::Mask::ALL || rule.hosted_if_export;
        self.end_use |= rule.end_uses.is_some();
        self.remote |= rule.remote_access;
        self.place |= rule.remote_access || rule.destinations != Destinations::None;
        match scope.class {
            Class::Everyone => {}
            Class::ForeignPerson | Class::ForeignNationalUndefined => self.status = true,
            Class::UsPerson7446 => {
                self.status = true;
                self.place = true;
            }
            Class::NationalOf => self.add_nationality(rule, sets),
            Class::LocatedIn => self.add_places(sets),
            Class::NationalOrLocatedIn => {
                self.add_nationality(rule, sets);
                self.add_places(sets);
            }
            Class::ListedParty => {
                self.party = true;
                self.owned.extend(scope.ownership);
            }
            Class::EntityHq => {
                self.seat = true;
                self.seats.extend(sets);
            }
            Class::EmployedBy => self.firm = true,
        }
    }

    fn add_places(&mut self, sets: impl IntoIterator<Item = CountrySet>) {
        self.place = true;
        self.places.extend(sets);
    }

    fn add_nationality(&mut self, rule: &Rule, sets: [CountrySet; 2]) {
        let unspecified = rule.scope.nationality == NationalityRule::Unspecified;
        self.nationality = true;
        self.nations.extend(sets);
        self.status |= rule.scope.only_foreign_persons;
        self.ever |= unspecified || rule.scope.nationality == NationalityRule::EverHeld;
        if unspecified || rule.scope.nationality == NationalityRule::MostRecent {
            self.recent = true;
            // A stateless person may count to the country lived in.
            self.add_places(sets);
        }
    }

    fn add_relief(&mut self, relief: &Relief) {
        self.add_terms(&relief.terms);
        if let Some(parties) = &relief.parties {
            self.firm |= !parties.firms.is_empty();
            self.person |= !parties.persons.is_empty();
        }
    }

    fn add_terms(&mut self, terms: &Terms) {
        self.end_use |= terms.end_use.is_some();
        self.firm |= terms.firms.is_some() || terms.relations.is_some();
        self.relation |= terms.relations.is_some();
        terms.located_in.into_iter().for_each(|set| self.add_places([set]));
        let nations = [terms.all_nationalities_in, terms.no_nationality_of, terms.resident_of];
        for set in nations.into_iter().flatten() {
            self.nationality = true;
            self.nations.insert(set);
        }
        self.resident |= terms.resident_of.is_some();
    }

    fn add_entry(&mut self, grants: &Grants, entry: &Entry) {
        match entry.cover {
            Cover::Named => self.person = true,
            Cover::Staff => self.firm = true,
            Cover::Employees => {
                self.firm = true;
                self.relation = true;
            }
        }
        self.person |= entry.full;
        grants.terms(entry).into_iter().for_each(|terms| self.add_terms(terms));
    }
}
