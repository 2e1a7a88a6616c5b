//! Exceptions and licences: what takes a person out. Each condition favours the person.

use super::case::{Case, Clock, name_key, names_model};
use super::countries::resolve;
use super::world::{Axis, World};
use crate::scenario::{Directive, Exception, Licence, Scenario};
use terms::{CountrySet, EndUse, MissingFact, Question, Relation};

/// Whom a relief covers.
#[derive(Debug)]
enum Who<'a> {
    /// Whoever works for one of these, in one of these relations.
    Exception { firms: Option<Vec<String>>, relations: Option<&'a [Relation]> },
    /// Named persons, employees of the holder; with neither, whoever works for the holder.
    Licence { persons: Option<&'a [String]>, employees: bool, holder: [String; 1] },
}

/// An exception or a licence that is open and names the model.
#[derive(Debug)]
pub(super) struct Relief<'a> {
    who: Who<'a>,
    end_uses: Option<&'a [EndUse]>,
    pub(super) all_nationalities_in: Option<CountrySet>,
    pub(super) excluded_nationalities: Option<CountrySet>,
    pub(super) located_in: Option<CountrySet>,
}

impl<'a> Relief<'a> {
    /// Everything that may take somebody out of the directive.
    pub(super) fn all(scenario: &'a Scenario, directive: &'a Directive, clock: Clock) -> Vec<Self> {
        let model = &scenario.request.model;
        let exceptions = directive.exceptions.iter().filter(|exception| {
            clock.relieves(exception.from, exception.until)
                && exception.when.models.as_ref().is_none_or(|models| names_model(models, model))
        });
        let licences = scenario.licences.iter().filter(|licence| {
            licence.status == "issued"
                && licence.lifts.contains(&directive.id)
                && names_model(&licence.models, model)
                && clock.relieves(Some(licence.from), licence.until)
                && has_a_place(licence)
                && !licence
                    .conditions
                    .iter()
                    .any(|condition| condition.suspends && condition.state == "breached")
        });
        exceptions.map(Self::of_exception).chain(licences.map(Self::of_licence)).collect()
    }

    fn of_exception(exception: &'a Exception) -> Self {
        let when = &exception.when;
        let firms = when.employer.as_ref().map(|firms| firms.iter().map(|firm| name_key(firm)).collect());
        Self {
            who: Who::Exception { firms, relations: when.relation.as_deref() },
            end_uses: when.end_use.as_deref(),
            all_nationalities_in: when.all_nationalities_in.as_ref().map(|list| resolve(list, true)),
            excluded_nationalities: None,
            located_in: when.located_in.as_ref().map(|list| resolve(list, true)),
        }
    }

    fn of_licence(licence: &'a Licence) -> Self {
        Self {
            who: Who::Licence {
                persons: licence.persons.as_deref(),
                employees: licence.holder_employees == Some(true),
                holder: [name_key(&licence.holder)],
            },
            end_uses: licence.end_use.as_deref(),
            all_nationalities_in: None,
            excluded_nationalities: licence.excluded_nationalities.as_ref().map(|list| resolve(list, true)),
            located_in: licence.located_in.as_ref().map(|list| resolve(list, true)),
        }
    }

    /// Firms it names.
    pub(super) fn firms(&self) -> &[String] {
        match &self.who {
            Who::Exception { firms, .. } => firms.as_deref().unwrap_or_default(),
            Who::Licence { holder, .. } => holder,
        }
    }

    /// Persons it names.
    pub(super) fn persons(&self) -> &'a [String] {
        match &self.who {
            Who::Exception { .. } => &[],
            Who::Licence { persons, .. } => persons.unwrap_or_default(),
        }
    }
}

/// Whether the cap leaves room, or the subject holds a place already.
fn has_a_place(licence: &Licence) -> bool {
    let full = licence.max_persons.is_some_and(|cap| licence.persons_used.unwrap_or(0) >= cap);
    !full || licence.enrolled == Some(true)
}

impl Case<'_> {
    /// Whether the relief takes the subject out in this world.
    pub(super) fn is_relieved(&self, relief: &Relief<'_>, world: &World) -> bool {
        relief.end_uses.is_none_or(|uses| uses.contains(&self.end_use(world)))
            && self.is_covered(&relief.who, world)
            && relief.located_in.is_none_or(|set| self.is_proven_in(&set, world))
            && relief.excluded_nationalities.is_none_or(|set| !self.any_held(&set, world))
            && relief.all_nationalities_in.is_none_or(|set| self.all_nationalities_in(&set, world))
    }

    fn is_covered(&self, who: &Who<'_>, world: &World) -> bool {
        match who {
            Who::Exception { firms, relations } => {
                firms.as_ref().is_none_or(|firms| self.works_for(firms, world))
                    && relations.is_none_or(|relations| self.works_as(relations, world))
            }
            Who::Licence { persons, employees, holder } => match persons {
                None if !employees => self.works_for(holder, world),
                _ => {
                    persons.is_some_and(|persons| self.is_named(persons, world))
                        || *employees
                            && self.works_for(holder, world)
                            && self.works_as(&[Relation::Employee], world)
                }
            },
        }
    }

    fn is_named(&self, persons: &[String], world: &World) -> bool {
        if self.is_person() {
            return self.scenario.subject.person_id.as_ref().is_some_and(|id| persons.contains(id));
        }
        let behind_the_key = world.value(Axis::Name).checked_sub(1).map(|number| &self.names()[number]);
        behind_the_key.is_some_and(|id| persons.contains(id))
    }

    /// Whether the employer is one of these firms: false as stated, true only as proven.
    fn works_for(&self, firms: &[String], world: &World) -> bool {
        if !self.conflicting(MissingFact::Employment) {
            let Some(name) = &self.employer_key else { return false };
            if !firms.contains(name) {
                return false;
            }
            // A key proves the customer, not that whoever uses it works there.
            if self.is_person() && self.employer_is_proven() {
                return true;
            }
        }
        self.firm(world).is_some_and(|firm| firms.contains(firm))
    }

    /// Whether the relation is one of these: false as stated, true only as proven.
    fn works_as(&self, relations: &[Relation], world: &World) -> bool {
        let conflicting = self.conflicting(MissingFact::Employment);
        if !conflicting && self.employer_key.is_none() {
            return false;
        }
        if let Some(stated) = self.stated_relation() {
            if !self.relation_counts(stated, relations, world) {
                return false;
            }
            if self.employer_is_proven() {
                return true;
            }
        }
        let shown = self.is_person() && !conflicting && self.employer_is_proven();
        if !shown && self.firm(world).is_none() {
            return false;
        }
        self.relation_counts(super::case::RELATIONS[world.value(Axis::Relation)], relations, world)
    }

    /// The relation on file. On a key it would be that of the human behind it, who is not known.
    fn stated_relation(&self) -> Option<Relation> {
        let employer = self.scenario.subject.employer.as_ref()?;
        let usable = self.is_person() && !self.conflicting(MissingFact::Employment);
        Some(employer.relation).filter(|relation| usable && *relation != Relation::Unknown)
    }

    fn relation_counts(&self, relation: Relation, relations: &[Relation], world: &World) -> bool {
        relations.contains(&relation)
            || relation == Relation::Contractor
                && relations.contains(&Relation::Employee)
                && self.employees_include_contractors(world)
    }

    /// The question arises only where the relation on file is that of a contractor; for others an answer on record
    /// applies.
    fn employees_include_contractors(&self, world: &World) -> bool {
        let arises = self.stated_relation() == Some(Relation::Contractor);
        let recorded = self.scenario.operator.choices.contains_key(&Question::EmployeeMeans);
        (arises || recorded) && self.reading(Question::EmployeeMeans, world) == "includes_contractors"
    }

    /// The firm the person works for in this world.
    pub(super) fn firm(&self, world: &World) -> Option<&String> {
        self.firms()[world.value(Axis::Firm)].as_ref()
    }

    /// Whether what is on file about the employer counts in favour.
    pub(super) fn employer_is_proven(&self) -> bool {
        let employer = self.scenario.subject.employer.as_ref();
        employer.is_some_and(|employer| self.suffices_for_employer(employer.evidence))
    }
}
