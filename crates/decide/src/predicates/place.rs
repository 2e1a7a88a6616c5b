//! Where the person is.

use super::View;
use crate::tri::Tri;
use law::{NamedCountries, Scope};
use terms::{Country, CountrySet, MissingFact, Question};

impl View<'_> {
    /// Located in one of the countries of the scope.
    pub(crate) fn located_in(&self, scope: &Scope) -> Tri {
        self.under_hong_kong(&scope.countries, |set| self.adversely_located(|place| set.contains(place)))
    }

    /// What holds where China includes Hong Kong, or does not, or the text leaves that open.
    pub(crate) fn under_hong_kong(&self, named: &NamedCountries, holds: impl Fn(&CountrySet) -> Tri) -> Tri {
        if !named.hong_kong_open {
            return holds(&named.with_hong_kong);
        }
        self.either(Question::HongKongIsCn, |option| {
            holds(if option == "yes" { &named.with_hong_kong } else { &named.without_hong_kong })
        })
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
    pub(crate) fn favourably_located(&self, set: &CountrySet) -> Tri {
        self.located(&|place| set.contains(place), |inside, proven| match (inside, proven) {
            (false, _) => Some(false),
            (true, true) => Some(true),
            (true, false) => None,
        })
    }

    fn located(&self, in_set: &impl Fn(Country) -> bool, weigh: impl Fn(bool, bool) -> Option<bool>) -> Tri {
        let subject = self.subject();
        let stated = subject.file.location.filter(|_| !subject.conflicting(MissingFact::Location));
        // The place of a shared key or service is the caller's own and counts as given.
        let proven = stated.filter(|place| !subject.is_person() || place.level >= self.min_location);
        let heard = proven.is_some() || !self.world.statements_ignored;
        let weighed = stated
            .filter(|_| heard)
            .and_then(|place| weigh(in_set(place.value.as_place()), proven.is_some()));
        match (weighed, self.world.place) {
            (Some(known), _) => known.into(),
            (None, Some(place)) => in_set(place.as_place()).into(),
            (None, None) => Tri::lacks(MissingFact::Location),
        }
    }
}
