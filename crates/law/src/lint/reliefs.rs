//! The checks of what takes people out: exceptions, licences, liftings.

use super::checks::{Checker, error, warning};
use super::spans::Step;
use crate::groups;
use crate::instrument::{Class, Condition, Destinations, Directive, Exception, Licence};
use terms::Relation;

impl Checker<'_> {
    pub(super) fn exception(&mut self, at: usize, exception: &Exception) {
        let path = |field: &'static str| [Step::Key("exception"), Step::At(at), Step::Key(field)];
        self.window(&path("until"), exception.from, exception.until);
        let directive = self.known_directive(&path("directive"), &exception.directive);
        self.condition(at, &exception.when);
        if exception.when == Condition::default() {
            let message = format!("without any condition it takes everyone out of {}", exception.directive);
            let help = "state who is excepted, or write a lifting";
            self.report(&path("when"), error("exception_without_condition", message, help));
        }
        let Some(directive) = directive else { return };
        self.exception_can_apply(at, exception, &directive);
    }

    /// An exception that contradicts its directive: nothing the directive reaches can meet it.
    fn exception_can_apply(&mut self, at: usize, exception: &Exception, directive: &Directive) {
        let ends = directive.effective_until.zip(exception.from).is_some_and(|(until, from)| from >= until);
        let early = exception.until.is_some_and(|until| until <= directive.effective_from);
        if ends || early {
            let message = format!("it is never open while {} binds", directive.id);
            let edge = Step::Key(if ends { "from" } else { "until" });
            let window = [Step::Key("exception"), Step::At(at), edge];
            self.report(&window, error("exception_never_applies", message, "correct its window"));
        }
        let models = [Step::Key("exception"), Step::At(at), Step::Key("when"), Step::Key("models")];
        let all = |list: &[String]| list.iter().any(|model| model == "*");
        if let Some(named) = &exception.when.models
            && !all(named)
            && !all(&directive.models)
            && !named.iter().any(|model| directive.models.contains(model))
        {
            let message = format!("{} reaches none of these models", directive.id);
            self.report(&models, error("exception_never_applies", message, "name models of the directive"));
        }
        let place = [Step::Key("exception"), Step::At(at), Step::Key("when"), Step::Key("located_in")];
        if let Some(places) = &exception.when.located_in
            && directive.persons.class == Class::LocatedIn
            && directive.destinations == Destinations::None
            && let (Ok(open), Ok(scope)) = (resolve(places), resolve(&directive.persons.countries))
            && open.difference(&scope) == open
        {
            let message = format!("{} reaches nobody located there", directive.id);
            self.report(
                &place,
                error("exception_never_applies", message, "name places the directive reaches"),
            );
        }
    }

    fn condition(&mut self, at: usize, when: &Condition) {
        let path =
            |field: &'static str| [Step::Key("exception"), Step::At(at), Step::Key("when"), Step::Key(field)];
        if let Some(models) = &when.models {
            self.models(&path("models"), models);
        }
        for (field, names) in
            [("all_nationalities_in", &when.all_nationalities_in), ("located_in", &when.located_in)]
        {
            if let Some(names) = names {
                self.countries(&path(field), names);
            }
        }
        let empty = [
            ("end_use", when.end_use.as_ref().is_some_and(Vec::is_empty)),
            ("employer", when.employer.as_ref().is_some_and(Vec::is_empty)),
            ("all_nationalities_in", when.all_nationalities_in.as_ref().is_some_and(Vec::is_empty)),
            ("located_in", when.located_in.as_ref().is_some_and(Vec::is_empty)),
        ];
        for (field, _) in empty.into_iter().filter(|(_, empty)| *empty) {
            let message = format!("`{field}` is an empty list, which nobody meets");
            let help = "fill the list, or remove the condition";
            self.report(&path(field), error("exception_never_applies", message, help));
        }
        if let Some(relations) = &when.relation
            && (relations.is_empty() || relations.contains(&Relation::Unknown))
        {
            let message = "relation must be employee or contractor".to_owned();
            self.report(&path("relation"), error("bad_relation", message, "write relation = [\"employee\"]"));
        }
        if when.relation.is_some() && when.employer.is_none() {
            let message = "a relation without an employer excepts whoever works for anybody".to_owned();
            self.report(
                &path("relation"),
                error("relation_without_employer", message, "add employer = [..]"),
            );
        }
    }

    /// Two exceptions of one directive that say the same of the same people for different times.
    pub(super) fn contradictions(&mut self) {
        let exceptions = &self.file.exception;
        let mut clashes = Vec::new();
        for (at, later) in exceptions.iter().enumerate() {
            let same = |earlier: &&Exception| {
                earlier.id != later.id && earlier.directive == later.directive && earlier.when == later.when
            };
            if let Some(earlier) = exceptions.iter().take(at).find(same)
                && (earlier.from, earlier.until) != (later.from, later.until)
            {
                clashes.push((at, earlier.id.clone(), later.id.clone()));
            }
        }
        for (at, earlier, later) in clashes {
            let message = format!("{later} and {earlier} except the same people for different times");
            let help = "keep the one that counts; to end an exception, close its window";
            let path = [Step::Key("exception"), Step::At(at)];
            self.report(&path, error("contradicting_exceptions", message, help));
        }
    }

    pub(super) fn liftings(&mut self) {
        for (at, lifting) in self.file.lifting.iter().enumerate() {
            for (index, id) in lifting.directives.iter().enumerate() {
                let path = [Step::Key("lifting"), Step::At(at), Step::Key("directives"), Step::At(index)];
                let Some(directive) = self.known_directive(&path, id) else { continue };
                if lifting.at <= directive.effective_from {
                    let message = format!("it lifts {id} before it binds");
                    let path = [Step::Key("lifting"), Step::At(at), Step::Key("at")];
                    self.report(&path, error("lifted_before_effect", message, "correct the instant"));
                }
            }
        }
    }

    pub(super) fn licence(&mut self, at: usize, licence: &Licence) {
        let path = |field: &'static str| [Step::Key("licence"), Step::At(at), Step::Key(field)];
        self.window(&path("until"), Some(licence.from), licence.until);
        self.models(&path("models"), &licence.models);
        for (index, id) in licence.lifts.iter().enumerate() {
            let path = [Step::Key("licence"), Step::At(at), Step::Key("lifts"), Step::At(index)];
            self.known_directive(&path, id);
        }
        for (field, names) in
            [("excluded_nationalities", &licence.excluded_nationalities), ("located_in", &licence.located_in)]
        {
            if let Some(names) = names {
                self.countries(&path(field), names);
            }
        }
        if !licence.holder_employees && licence.persons.as_ref().is_some_and(Vec::is_empty) {
            let message = "it names no person and does not cover the holder's employees".to_owned();
            let help = "name persons, write holder_employees = true, or remove `persons` to cover whoever works for the holder";
            self.report(&path("persons"), warning("licence_covers_nobody", message, help));
        }
    }
}

fn resolve(names: &[String]) -> Result<terms::CountrySet, String> {
    groups::resolve_all(names.iter().map(String::as_str))
}
