//! Exceptions.

use super::checker::Checker;
use super::condition::Conditions;
use super::finding::error;
use super::spans::Place;
use crate::groups;
use crate::instrument::{Class, Condition, Destinations, Directive, Exception};
use std::collections::HashMap;
use terms::{CountrySet, Instant};

impl Checker<'_> {
    pub(super) fn exception(&mut self, place: &Place, exception: &Exception) {
        self.window(&place.then("until"), exception.from, exception.until);
        let directive = self.known_directive(&place.then("directive"), &exception.directive);
        let when = place.then("when");
        self.conditions(&Conditions {
            place: when.clone(),
            when: &exception.when,
            never: "exception_never_applies",
            names_parties: false,
        });
        if exception.when == Condition::default() {
            let message = format!("without any condition it takes everyone out of {}", exception.directive);
            let help = "state who is excepted, or write a lifting";
            self.report(&when, error("exception_without_condition", message, help));
        }
        if let Some(source) = &exception.source {
            self.source(&place.then("source"), source);
        }
        if let Some(directive) = directive {
            self.open_while_bound(
                place,
                (exception.from, exception.until),
                directive,
                "exception_never_applies",
            );
            self.models_of_directive(&when, &exception.when, directive);
            self.places_of_directive(&when, &exception.when, directive);
        }
    }

    /// What takes people out must be open while the directive binds.
    pub(super) fn open_while_bound(
        &mut self,
        place: &Place,
        (from, until): (Option<Instant>, Option<Instant>),
        directive: &Directive,
        code: &'static str,
    ) {
        let late = directive.effective_until.zip(from).is_some_and(|(end, from)| from >= end);
        let early = until.is_some_and(|until| until <= directive.effective_from.earliest());
        if late || early {
            let message = format!("it is never open while {} binds", directive.id);
            let edge = place.then(if late { "from" } else { "until" });
            self.report(&edge, error(code, message, "correct its window"));
        }
    }

    fn models_of_directive(&mut self, place: &Place, when: &Condition, directive: &Directive) {
        let Some(named) = &when.models else { return };
        let all = |list: &[String]| list.iter().any(|model| model == "*");
        let by_capability = !directive.capabilities.is_empty();
        if by_capability || named.is_empty() || all(named) || all(&directive.models) {
            return;
        }
        if !named.iter().any(|model| directive.models.contains(model)) {
            let message = format!("{} reaches none of these models", directive.id);
            let finding = error("exception_never_applies", message, "name models of the directive");
            self.report(&place.then("models"), finding);
        }
    }

    fn places_of_directive(&mut self, place: &Place, when: &Condition, directive: &Directive) {
        if let Some(places) = &when.located_in
            && !places.is_empty()
            && directive.persons.class == Class::LocatedIn
            && directive.destinations == Destinations::None
            && let (Ok(open), Ok(scope)) = (resolve(places), resolve(&directive.persons.countries))
            && open.difference(&scope) == open
        {
            let message = format!("{} reaches nobody located there", directive.id);
            let finding = error("exception_never_applies", message, "name places the directive reaches");
            self.report(&place.then("located_in"), finding);
        }
    }

    /// Two exceptions of one directive that say the same of the same people for different times.
    pub(super) fn contradictions(&mut self) {
        let mut first: HashMap<_, &Exception> = HashMap::new();
        let root = Place::of("exception");
        for (at, later) in self.file.exception.iter().enumerate() {
            let earlier = *first.entry((&later.directive, format!("{:?}", later.when))).or_insert(later);
            if earlier.id != later.id && (earlier.from, earlier.until) != (later.from, later.until) {
                let message =
                    format!("{} and {} except the same people for different times", later.id, earlier.id);
                let help = "keep the one that counts; to end an exception, close its window";
                self.report(&root.then(at), error("contradicting_exceptions", message, help));
            }
        }
    }
}

fn resolve(names: &[String]) -> Result<CountrySet, String> {
    groups::resolve_all(names.iter().map(String::as_str))
}
