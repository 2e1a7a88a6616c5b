//! The predicates of the law over one subject: true, false, or unknown with the missing fact.
//!
//! A fact in the person's favour counts only at or above the required level; a fact against the person's interest
//! counts at any level. What the same statement means therefore depends on the predicate that asks.

use crate::ask::Ask;
use crate::tri::Tri;
use crate::worlds::{Nationality, World};
use law::{Holder, Mask, Rule, Terms};
use std::collections::BTreeSet;
use terms::{
    Citizenship, Country, CountrySet, Employer, Employment, EndUse, Level, MissingFact, PersonFacts,
    PersonId, Question, Relation, SubjectKind, UsStatus, employer_key,
};

/// One subject and request under one rule, in one (possibly incomplete) world.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) ask: &'a Ask<'a>,
    pub(crate) world: &'a World,
    pub(crate) min_evidence: Level,
    pub(crate) min_location: Level,
}

impl<'a> Subject<'a> {
    pub(crate) fn under(ask: &'a Ask<'a>, world: &'a World, rule: &Rule) -> Self {
        Self { ask, world, min_evidence: rule.min_evidence, min_location: rule.min_location_evidence }
    }

    fn facts(&self) -> &'a PersonFacts {
        self.ask.facts
    }

    fn is_person(&self) -> bool {
        self.facts().kind == SubjectKind::Person
    }

    /// The name of a missing fact about a person: on a shared key it is the person that is missing.
    fn personal(&self, fact: MissingFact) -> MissingFact {
        if self.is_person() { fact } else { MissingFact::NaturalPerson }
    }

    fn conflicting(&self, fact: MissingFact) -> bool {
        self.facts().conflicting.contains(fact)
    }

    /// Foreign person, 15 CFR 772.1; with `citizens_and_protected_only`, a permanent resident who let the
    /// naturalisation period pass counts as one too (8 USC 1324b(a)(3)).
    pub(crate) fn foreign_person(&self, citizens_and_protected_only: bool) -> Tri {
        let inside = |status: UsStatus| {
            status == UsStatus::None
                || (citizens_and_protected_only && status == UsStatus::LprNaturalisationLapsed)
        };
        let unknown = || match self.world.us_status {
            Some(status) => inside(status).into(),
            None => Tri::lacks(self.personal(MissingFact::UsStatus)),
        };
        if !self.is_person() {
            let attested = self.facts().all_users_us_persons;
            let settles = attested.is_some_and(|users| users.value && users.level >= self.min_evidence);
            return if settles && !citizens_and_protected_only { Tri::No } else { unknown() };
        }
        let status = self.facts().us_status.value;
        let level = self.us_status_level();
        if self.conflicting(MissingFact::UsStatus) || status == UsStatus::Unknown || level == Level::Ip {
            return unknown();
        }
        match inside(status) {
            true => Tri::Yes,
            false if level >= self.min_evidence => Tri::No,
            false => unknown(),
        }
    }

    /// The level of the US status now: lapsed evidence is the person's own word.
    fn us_status_level(&self) -> Level {
        let level = self.facts().us_status.level;
        let lapsed = self.facts().us_status_expires.is_some_and(|expires| self.ask.clock.at >= expires);
        if lapsed { level.min(Level::SelfDeclared) } else { level }
    }

    /// Whether the place is in the set, where being there is against the person's interest.
    pub(crate) fn adversely_located(&self, in_set: impl Fn(Country) -> bool) -> Tri {
        self.located(&in_set, |inside, proven| match (inside, proven) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        })
    }

    /// Whether the place is in the set, where being there is in the person's favour.
    fn favourably_located(&self, set: &CountrySet) -> Tri {
        self.located(&|place| set.contains(place), |inside, proven| match (inside, proven) {
            (false, _) => Some(false),
            (true, true) => Some(true),
            (true, false) => None,
        })
    }

    fn located(&self, in_set: &impl Fn(Country) -> bool, weigh: impl Fn(bool, bool) -> Option<bool>) -> Tri {
        let stated = self.facts().location.filter(|_| !self.conflicting(MissingFact::Location));
        // The place of a shared key or service is the caller's own and counts as given.
        let proven = stated.filter(|place| !self.is_person() || place.level >= self.min_location);
        let heard = proven.is_some() || !self.world.statement_of_place_ignored;
        let weighed = stated
            .filter(|_| heard)
            .and_then(|place| weigh(in_set(place.value.as_place()), proven.is_some()));
        match (weighed, self.world.place) {
            (Some(known), _) => known.into(),
            (None, Some(place)) => in_set(place.as_place()).into(),
            (None, None) => Tri::lacks(MissingFact::Location),
        }
    }

    pub(crate) fn end_use_in(&self, allowed: Mask) -> Tri {
        let stated = match self.ask.request.end_use {
            EndUse::Unknown => self.world.end_use,
            _ if self.conflicting(MissingFact::EndUse) => self.world.end_use,
            known => Some(known),
        };
        stated.map_or(Tri::lacks(MissingFact::EndUse), |end_use| allowed.has(end_use as u8).into())
    }

    /// All terms of a relief.
    pub(crate) fn meets(&self, terms: &Terms) -> Tri {
        let mut met = terms.end_use.map_or(Tri::Yes, |mask| self.end_use_in(mask));
        met = met.and(self.employment(terms.employers.as_ref(), terms.relations));
        met = met.and(terms.located_in.map_or(Tri::Yes, |set| self.favourably_located(&set)));
        met = met.and(terms.all_nationalities_in.map_or(Tri::Yes, |set| self.nationalities(&set, false)));
        met = met.and(
            terms
                .no_nationality_of
                .map_or(Tri::Yes, |set| self.nationalities(&CountrySet::all().difference(&set), true)),
        );
        met.and(terms.holder.as_ref().map_or(Tri::Yes, |holder| self.covered_by(holder)))
    }

    /// Works for one of the employers, in one of the relations.
    fn employment(&self, employers: Option<&BTreeSet<String>>, relations: Option<Mask>) -> Tri {
        if employers.is_none() && relations.is_none() {
            return Tri::Yes;
        }
        let named = |name: &str| employers.is_none_or(|names| names.contains(&employer_key(name)));
        let related = |relation| relations.map_or(Tri::Yes, |mask| self.relation_in(relation, mask));
        if !self.is_person() {
            return self.human_works(named, related);
        }
        let judge = |employer: &Employer, proven: bool| {
            if !named(&employer.name) {
                return Tri::No;
            }
            let related = related(employer.relation);
            if proven { related } else { related.and(Tri::lacks(MissingFact::Employment)) }
        };
        if let Some(employment) = &self.world.employment {
            return employment.as_ref().map_or(Tri::No, |employer| judge(employer, true));
        }
        match &self.facts().employment {
            _ if self.conflicting(MissingFact::Employment) => Tri::lacks(MissingFact::Employment),
            Employment::Unknown => Tri::lacks(MissingFact::Employment),
            Employment::NoEmployer => Tri::No,
            // Facts about the employer count from the employer's own attestation upward.
            Employment::Works(employer) => {
                judge(employer, employer.level >= self.min_evidence.min(Level::Employer))
            }
        }
    }

    /// The same for the human behind a shared key: the firm may be known, the human's relation to it is not.
    fn human_works(&self, named: impl Fn(&str) -> bool, related: impl Fn(Relation) -> Tri) -> Tri {
        let possible = match &self.facts().employment {
            _ if self.conflicting(MissingFact::Employment) => true,
            Employment::Unknown => true,
            Employment::NoEmployer => false,
            Employment::Works(employer) => named(&employer.name),
        };
        match &self.world.human {
            _ if !possible => Tri::No,
            Some(human) => human.works_as.map_or(Tri::No, related),
            None => Tri::lacks(MissingFact::NaturalPerson),
        }
    }

    fn relation_in(&self, relation: Relation, allowed: Mask) -> Tri {
        match relation {
            Relation::Unknown => Tri::lacks(MissingFact::Employment),
            known if allowed.has(known as u8) => Tri::Yes,
            Relation::Contractor if allowed.has(Relation::Employee as u8) => self.contractors_are_employees(),
            _ => Tri::No,
        }
    }

    fn contractors_are_employees(&self) -> Tri {
        match self.world.choices.word(Question::EmployeeMeans) {
            Some(choice) => (choice == "includes_contractors").into(),
            None => Tri::asks(Question::EmployeeMeans),
        }
    }

    /// Covered by a licence: named in it, or working for its holder as it says.
    fn covered_by(&self, holder: &Holder) -> Tri {
        let named = || holder.persons.as_ref().map_or(Tri::No, |persons| self.named_in(persons));
        let works = |relations: Option<Mask>| {
            let only = BTreeSet::from([holder.key.clone()]);
            self.employment(Some(&only), relations)
        };
        match (&holder.persons, holder.employees) {
            (Some(_), false) => named(),
            (_, true) => named().or(works(Some(Mask::of([Relation::Employee as u8])))),
            (None, false) => works(None),
        }
    }

    fn named_in(&self, persons: &BTreeSet<PersonId>) -> Tri {
        let id = match &self.world.human {
            _ if self.is_person() => self.facts().person_id.as_ref(),
            Some(human) => human.id.as_ref(),
            None => return Tri::lacks(MissingFact::NaturalPerson),
        };
        id.is_some_and(|id| persons.contains(id)).into()
    }

    /// Every current citizenship is in the set. `stateless_meets` says what holds for somebody with none.
    fn nationalities(&self, set: &CountrySet, stateless_meets: bool) -> Tri {
        let unknown = |fact, holds_one: bool| match self.world.nationality {
            Some(Nationality::One(country)) => set.contains(country).into(),
            Some(Nationality::Stateless) => (holds_one || stateless_meets).into(),
            Some(Nationality::Every) => CountrySet::all().is_subset(set).into(),
            None => Tri::lacks(fact),
        };
        if !self.is_person() {
            return unknown(MissingFact::NaturalPerson, false);
        }
        if self.conflicting(MissingFact::Citizenships) {
            return unknown(MissingFact::Citizenships, false);
        }
        let complete = &self.facts().citizenships_complete;
        let mut proven = complete.value && complete.level >= self.min_evidence;
        let mut holds_one = false;
        let mut losses = Tri::Yes;
        for citizenship in self.facts().citizenships.iter().filter(|held| self.acquired(held)) {
            match (set.contains(citizenship.country), self.lost(citizenship)) {
                // A network address says nothing about nationality, not even that the list is complete.
                _ if citizenship.level == Level::Ip => proven = false,
                (true, Some(false)) if citizenship.level >= self.min_evidence => holds_one = true,
                (true, Some(false)) => proven = false,
                (true, _) | (false, Some(true)) => {}
                (false, Some(false)) => return Tri::No,
                (false, None) => {
                    let lost = self.world.loss.map_or(Tri::lacks(MissingFact::ProofOfLoss), Tri::from);
                    losses = losses.and(lost);
                }
            }
        }
        let listed = if proven {
            (holds_one || stateless_meets).into()
        } else {
            unknown(MissingFact::Citizenships, holds_one)
        };
        losses.and(listed)
    }

    fn acquired(&self, citizenship: &Citizenship) -> bool {
        citizenship.from.is_none_or(|from| from <= self.ask.clock.at)
    }

    /// Whether a citizenship was lost; `None` when that is claimed without the proof required.
    fn lost(&self, citizenship: &Citizenship) -> Option<bool> {
        if citizenship.until.is_none_or(|until| until > self.ask.clock.at) {
            return Some(false);
        }
        let proven =
            citizenship.until_level >= self.min_evidence && !self.conflicting(MissingFact::ProofOfLoss);
        proven.then_some(true)
    }
}
