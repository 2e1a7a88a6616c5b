//! For whom the person works, and in which relation.

use super::View;
use crate::subject::{Post, Work};
use crate::tri::Tri;
use law::Mask;
use terms::{MissingFact, Question, Relation};

impl View<'_> {
    /// Works for one of the firms the directive names. Against the person's interest.
    pub(crate) fn employed_by(&self, firms: &[u32]) -> Tri {
        let named = |firm: Option<u32>| firm.is_some_and(|firm| firms.binary_search(&firm).is_ok());
        if let Some(post) = self.stated_post() {
            if named(post.firm) {
                return Tri::Yes;
            }
            if post.level >= self.min_employer() {
                return Tri::No;
            }
        } else if matches!(self.subject().file.work, Work::Nobody) && !self.employment_is_open() {
            return Tri::No;
        }
        match self.assumed_post() {
            Assumed::Open(fact) => Tri::lacks(fact),
            Assumed::Nobody => Tri::No,
            Assumed::At(firm, _) => named(firm).into(),
        }
    }

    /// Works for one of the firms (`None` = for any), in one of the relations. In the person's favour.
    pub(crate) fn works(&self, named: impl Fn(Option<u32>) -> bool, relations: Option<Mask>) -> Tri {
        let related =
            |relation: Relation| relations.map_or(Tri::Yes, |mask| self.relation_in(relation, mask));
        match self.stated_post() {
            Some(post) if !named(post.firm) => return Tri::No,
            Some(post) if self.subject().is_person() => {
                let known = relations.is_none() || post.relation != Relation::Unknown;
                let related = related(post.relation);
                // What is against the person (a relation that is not covered) counts at any level.
                if related == Tri::No || (known && post.level >= self.min_employer()) {
                    return related;
                }
            }
            Some(_) => {}
            None if matches!(self.subject().file.work, Work::Nobody) && !self.employment_is_open() => {
                return Tri::No;
            }
            None => {}
        }
        match self.assumed_post() {
            Assumed::Open(fact) => self.lacks_post(fact, &related),
            Assumed::Nobody => Tri::No,
            Assumed::At(firm, relation) => Tri::from(named(firm)).and_then(|| related(relation)),
        }
    }

    /// Unknown for want of the post; where a stated relation raises a question, for want of that too.
    fn lacks_post(&self, fact: MissingFact, related: &impl Fn(Relation) -> Tri) -> Tri {
        let lacks = Tri::lacks(fact);
        match self.stated_post() {
            Some(post) if self.subject().is_person() && post.relation != Relation::Unknown => {
                lacks.and(related(post.relation))
            }
            _ => lacks,
        }
    }

    fn stated_post(&self) -> Option<Post> {
        match self.subject().file.work {
            Work::At(post) if !self.employment_is_open() => {
                let heard = post.level >= self.min_employer() || !self.world.statements_ignored;
                heard.then_some(post)
            }
            _ => None,
        }
    }

    fn employment_is_open(&self) -> bool {
        self.subject().conflicting(MissingFact::Employment)
    }

    fn assumed_post(&self) -> Assumed {
        if !self.subject().is_person() {
            return match self.world.human {
                None => Assumed::Open(MissingFact::NaturalPerson),
                Some(human) => {
                    human.works.map_or(Assumed::Nobody, |(firm, relation)| Assumed::At(firm, relation))
                }
            };
        }
        match self.world.employment {
            None => Assumed::Open(MissingFact::Employment),
            Some(None) => Assumed::Nobody,
            Some(Some((firm, relation))) => Assumed::At(firm, relation),
        }
    }

    fn relation_in(&self, relation: Relation, allowed: Mask) -> Tri {
        match relation {
            Relation::Unknown => Tri::lacks(MissingFact::Employment),
            known if allowed.has(known as u8) => Tri::Yes,
            Relation::Contractor if allowed.has(Relation::Employee as u8) => self.contractor_is_employee(),
            _ => Tri::No,
        }
    }
}

impl View<'_> {
    /// Whether a contractor counts as an employee. The question arises where the relation is stated; where a contract
    /// is merely possible, what is missing is the relation.
    fn contractor_is_employee(&self) -> Tri {
        let stated = self.subject().is_person()
            && self.stated_post().is_some_and(|post| post.relation == Relation::Contractor);
        if !stated && self.choices().get(Question::EmployeeMeans).is_none() {
            return Tri::No;
        }
        self.either(Question::EmployeeMeans, |option| (option == "includes_contractors").into())
    }
}

/// The post a world assumes.
enum Assumed {
    Open(MissingFact),
    Nobody,
    At(Option<u32>, Relation),
}
