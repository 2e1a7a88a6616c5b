//! Exceptions, stays and licences: what takes the subject out of a directive.

use super::View;
use crate::subject::Work;
use crate::tri::Tri;
use law::{Cover, Entry, Mask, Parties, Plan, Relief, Rule, Terms};
use terms::{MissingFact, Relation};

impl View<'_> {
    /// Taken out by an exception, a stay or a licence.
    pub(crate) fn relieved(&self, rule: &Rule, bit: usize) -> Tri {
        let mut relieved = Tri::No;
        for relief in &rule.reliefs {
            relieved = relieved.or(self.relief(relief));
            if relieved == Tri::Yes {
                return relieved;
            }
        }
        relieved.or(self.licensed(bit))
    }

    /// One exception or stay.
    pub(crate) fn relief(&self, relief: &Relief) -> Tri {
        if !self.is_open(relief) {
            return Tri::No;
        }
        let parties = relief.parties.as_ref().map_or(Tri::Yes, |parties| self.is_party(parties));
        parties.and_then(|| self.meets(&relief.terms))
    }

    /// Whether an exception or stay is open now for the model.
    pub(crate) fn is_open(&self, relief: &Relief) -> bool {
        relief.models.has(self.ask.request.model) && relief.window.relieves(self.ask.clock)
    }

    pub(crate) fn is_party(&self, parties: &Parties) -> Tri {
        let named =
            |number: Option<u32>, list: &[u32]| number.is_some_and(|n| list.binary_search(&n).is_ok());
        let person = if parties.persons.is_empty() {
            Tri::No
        } else {
            self.person_number(|person| named(person, &parties.persons))
        };
        person.or_else(|| {
            if parties.firms.is_empty() {
                Tri::No
            } else {
                self.works(|firm| named(firm, &parties.firms), None)
            }
        })
    }

    /// What holds of the person's number; on a shared key the person must be known first.
    pub(crate) fn person_number(&self, holds: impl Fn(Option<u32>) -> bool) -> Tri {
        if self.subject().is_person() {
            return holds(self.subject().file.person).into();
        }
        self.world.human.map_or(Tri::lacks(MissingFact::NaturalPerson), |human| holds(human.id).into())
    }

    /// All terms of a relief.
    pub(crate) fn meets(&self, terms: &Terms) -> Tri {
        let end_use = terms.end_use.map_or(Tri::Yes, |mask| self.favourable_end_use(mask));
        end_use
            .and_then(|| self.works_as_stated(terms))
            .and_then(|| terms.located_in.map_or(Tri::Yes, |set| self.favourably_located(&set)))
            .and_then(|| terms.all_nationalities_in.map_or(Tri::Yes, |set| self.holds_only(&set)))
            .and_then(|| terms.no_nationality_of.map_or(Tri::Yes, |set| self.holds_any(&set, false).not()))
            .and_then(|| terms.resident_of.map_or(Tri::Yes, |set| self.resident_of(&set)))
    }

    pub(crate) fn works_as_stated(&self, terms: &Terms) -> Tri {
        match (&terms.firms, terms.relations) {
            (None, None) => Tri::Yes,
            (None, relations) => self.works(|_| true, relations),
            (Some(firms), relations) => {
                self.works(|firm| firm.is_some_and(|firm| firms.binary_search(&firm).is_ok()), relations)
            }
        }
    }

    /// Lifted by a licence.
    pub(crate) fn licensed(&self, bit: usize) -> Tri {
        let Some(plan) = self.ask.plan() else { return Tri::No };
        let Some(block) = plan.blocks().get(bit >> 6) else { return Tri::No };
        let mask = crate::bits::mask(bit);
        let named = if block.lifted_for_persons & mask == 0 { Tri::No } else { self.named(plan, bit) };
        named.or_else(|| if block.lifted_for_staff & mask == 0 { Tri::No } else { self.staff(plan, bit) })
    }

    fn named(&self, plan: &Plan, bit: usize) -> Tri {
        let id = match self.world.human {
            _ if self.subject().is_person() => self.subject().file.person,
            Some(human) => human.id,
            None => return Tri::lacks(MissingFact::NaturalPerson),
        };
        let grants = self.ask.regime.grants();
        let entries = id.into_iter().flat_map(|id| grants.of_person_for(id, self.ask.request.model));
        entries.fold(Tri::No, |lifted, entry| lifted.or_else(|| self.entry(&entry, plan, bit)))
    }

    /// Licences of the firm the person works for.
    fn staff(&self, plan: &Plan, bit: usize) -> Tri {
        let stated = match self.subject().file.work {
            Work::At(post) if !self.subject().conflicting(MissingFact::Employment) => Some(post.firm),
            Work::Nobody if !self.subject().conflicting(MissingFact::Employment) => return Tri::No,
            _ => None,
        };
        let assumed = match (self.world.human, self.world.employment) {
            _ if stated.is_some() => None,
            (Some(human), _) if !self.subject().is_person() => Some(human.works),
            (_, Some(work)) => Some(work),
            _ => None,
        };
        let firm = match (stated, assumed) {
            (Some(firm), _) => firm,
            (None, Some(work)) => work.and_then(|(firm, _)| firm),
            (None, None) => return Tri::lacks(self.personal(MissingFact::Employment)),
        };
        let grants = self.ask.regime.grants();
        let entries = firm.into_iter().flat_map(|firm| grants.of_firm_for(firm, self.ask.request.model));
        entries.fold(Tri::No, |lifted, entry| lifted.or_else(|| self.entry(&entry, plan, bit)))
    }

    /// Whether a licence covers the subject, for one of those it is found under.
    pub(crate) fn covers(&self, entry: &Entry) -> Tri {
        let holder = entry.holder;
        match entry.cover {
            Cover::Named => Tri::Yes,
            Cover::Staff => self.works(|firm| firm == holder, None),
            Cover::Employees => self.works(|firm| firm == holder, Some(Mask::of([Relation::Employee as u8]))),
        }
    }

    /// Whether the subject holds a place under a licence, where all are taken.
    pub(crate) fn has_place(&self, entry: &Entry) -> Tri {
        if !entry.full {
            return Tri::Yes;
        }
        let grants = self.ask.regime.grants();
        self.person_number(|person| grants.has_place(entry, person))
    }

    /// One licence, for one of those it is found under.
    pub(crate) fn entry(&self, entry: &Entry, plan: &Plan, bit: usize) -> Tri {
        let grants = self.ask.regime.grants();
        let open = entry.is_for(self.ask.request.model)
            && entry.window().relieves(self.ask.clock)
            && grants.lifts(entry, plan, bit);
        if !open {
            return Tri::No;
        }
        self.covers(entry)
            .and_then(|| self.has_place(entry))
            .and_then(|| grants.terms(entry).map_or(Tri::Yes, |terms| self.meets(terms)))
    }
}
