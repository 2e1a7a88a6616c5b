//! The values an unknown may have: one representative for each way the regime tells values apart.

use super::{Human, Nationality, World};
use crate::ask::Ask;
use law::{Relief, Rule};
use std::collections::{BTreeMap, BTreeSet};
use terms::{
    Country, Employer, Employment, EndUse, Level, MissingFact, PersonId, Question, Relation, UsStatus,
    employer_key,
};

/// Something unknown that the worlds vary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Axis {
    Fact(MissingFact),
    Question(Question),
}

/// One value of an axis.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Choice(Question, u8),
    UsStatus(UsStatus),
    Human(UsStatus, Nationality, Human),
    Place(Country),
    EndUse(EndUse),
    Employment(Option<Employer>),
    Nationality(Nationality),
    Loss(bool),
    /// A fact no supported directive can ask for.
    Unasked,
}

impl Value {
    /// Gives the value to a world.
    pub(super) fn assume(&self, world: &mut World) {
        match self {
            Self::Choice(question, choice) => world.choices = world.choices.with(*question, *choice),
            Self::UsStatus(status) => world.us_status = Some(*status),
            Self::Human(status, nationality, human) => {
                world.us_status = Some(*status);
                world.nationality = Some(*nationality);
                world.human = Some(human.clone());
            }
            Self::Place(place) => world.place = Some(*place),
            Self::EndUse(end_use) => world.end_use = Some(*end_use),
            Self::Employment(employment) => world.employment = Some(employment.clone()),
            Self::Nationality(nationality) => world.nationality = Some(*nationality),
            Self::Loss(lost) => world.loss = Some(*lost),
            Self::Unasked => {}
        }
    }
}

/// What decides which values have to be told apart.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) ask: &'a Ask<'a>,
    pub(super) undecided: &'a [(usize, &'a Rule)],
}

impl<'a> Scope<'a> {
    /// The values of an axis.
    pub(super) fn values(&self, axis: Axis) -> Vec<Value> {
        match axis {
            Axis::Question(question) => {
                (0u8..).zip(question.options()).map(|(choice, _)| Value::Choice(question, choice)).collect()
            }
            Axis::Fact(MissingFact::UsStatus) => UsStatus::KNOWN.into_iter().map(Value::UsStatus).collect(),
            Axis::Fact(MissingFact::NaturalPerson) => self.humans(),
            Axis::Fact(MissingFact::Location) => self.places().map(Value::Place).collect(),
            Axis::Fact(MissingFact::EndUse) => EndUse::KNOWN.into_iter().map(Value::EndUse).collect(),
            Axis::Fact(MissingFact::Employment) => {
                self.employments().into_iter().map(Value::Employment).collect()
            }
            Axis::Fact(MissingFact::Citizenships) => self.nationalities().map(Value::Nationality).collect(),
            Axis::Fact(MissingFact::ProofOfLoss) => vec![Value::Loss(true), Value::Loss(false)],
            Axis::Fact(_) => vec![Value::Unasked],
        }
    }

    fn places(&self) -> impl Iterator<Item = Country> + Clone + 'a {
        self.ask.regime.places().iter().copied()
    }

    fn nationalities(&self) -> impl Iterator<Item = Nationality> + Clone + 'a {
        self.places().map(Nationality::One).chain([Nationality::Stateless, Nationality::Every])
    }

    /// Exceptions and licences of the undecided rules that are open for the model now.
    fn reliefs(&self) -> impl Iterator<Item = &'a Relief> {
        let Self { ask, undecided } = *self;
        undecided
            .iter()
            .flat_map(|(_, rule)| &rule.reliefs)
            .filter(move |relief| relief.models.has(ask.request.model) && relief.window.relieves(ask.clock))
    }

    /// Who may stand behind a shared key: each status, each relation to the firm, each nationality, named in each
    /// combination of licences or in none.
    fn humans(&self) -> Vec<Value> {
        let named = self.reliefs().map(|relief| {
            let persons = relief.terms.holder.iter().filter_map(|holder| holder.persons.as_ref());
            persons.flatten().collect::<Vec<&PersonId>>()
        });
        let ids: Vec<Option<PersonId>> =
            representatives(named).into_iter().map(|id| Some(id.clone())).chain([None]).collect();
        let relations = [Some(Relation::Employee), Some(Relation::Contractor), None];
        let mut humans = Vec::new();
        for status in UsStatus::KNOWN {
            for works_as in relations {
                for nationality in self.nationalities() {
                    humans.extend(
                        ids.iter()
                            .map(|id| Value::Human(status, nationality, Human { works_as, id: id.clone() })),
                    );
                }
            }
        }
        humans
    }

    /// The employments the undecided rules tell apart: the one on file, or each employer they name, in either
    /// relation, and none: also a relation that is neither, such as that of an owner or a guest.
    fn employments(&self) -> Vec<Option<Employer>> {
        let facts = self.ask.facts;
        let in_each = |name: String, relations: &[Relation]| -> Vec<Option<Employer>> {
            let at = |relation: &Relation| Employer {
                name: name.clone(),
                relation: *relation,
                level: Level::Credential,
            };
            relations.iter().map(|relation| Some(at(relation))).collect()
        };
        let both = [Relation::Employee, Relation::Contractor];
        match &facts.employment {
            Employment::Works(stated) if !facts.conflicting.contains(MissingFact::Employment) => {
                // A contractor's own word is against that person's interest and counts at any level.
                let contractor = stated.relation == Relation::Contractor;
                let relations = if contractor { both.get(1..).unwrap_or_default() } else { &both };
                in_each(stated.name.clone(), relations).into_iter().chain([None]).collect()
            }
            _ => {
                let names = self.employer_names().into_iter();
                names.flat_map(|name| in_each(name, &both)).chain([None]).collect()
            }
        }
    }

    /// Employers in compared form, one for each combination of reliefs that name them.
    fn employer_names(&self) -> Vec<String> {
        let named = self.reliefs().map(|relief| {
            let holder = relief.terms.holder.iter().map(|holder| &holder.key);
            relief.terms.employers.iter().flatten().chain(holder).collect::<Vec<&String>>()
        });
        representatives(named).into_iter().map(|name| employer_key(name)).collect()
    }
}

/// One element for each combination of lists it stands in.
fn representatives<'a, T: Ord>(lists: impl Iterator<Item = Vec<&'a T>>) -> Vec<&'a T> {
    let mut memberships: BTreeMap<&T, BTreeSet<usize>> = BTreeMap::new();
    for (number, list) in lists.enumerate() {
        for element in list {
            memberships.entry(element).or_default().insert(number);
        }
    }
    let mut seen = BTreeSet::new();
    memberships
        .into_iter()
        .filter(|(_, lists)| seen.insert(lists.clone()))
        .map(|(element, _)| element)
        .collect()
}
