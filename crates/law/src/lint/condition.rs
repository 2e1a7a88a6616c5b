//! The conditions of exceptions and stays.

use super::checker::Checker;
use super::finding::error;
use super::spans::Place;
use crate::instrument::Condition;
use terms::Relation;

/// The conditions, where they stand, and what an empty one makes of the instrument.
pub(super) struct Conditions<'a> {
    pub(super) place: Place,
    pub(super) when: &'a Condition,
    /// The code for conditions that nobody meets.
    pub(super) never: &'static str,
    /// Whether the instrument itself names parties, so that a relation is a relation to them.
    pub(super) names_parties: bool,
}

impl Checker<'_> {
    pub(super) fn conditions(&mut self, conditions: &Conditions<'_>) {
        let Conditions { place, when, .. } = conditions;
        if let Some(models) = &when.models {
            self.some_models(&place.then("models"), models);
        }
        self.end_uses(&place.then("end_use"), when.end_use.as_ref());
        if let Some(firms) = &when.employer {
            self.texts(&place.then("employer"), "employer", firms);
        }
        let countries = [
            ("all_nationalities_in", &when.all_nationalities_in),
            ("located_in", &when.located_in),
            ("permanent_resident_of", &when.permanent_resident_of),
        ];
        for (field, names) in countries {
            if let Some(names) = names {
                self.countries(&place.then(field), names);
            }
        }
        self.conditions_nobody_meets(conditions);
        self.relations(conditions);
    }

    fn conditions_nobody_meets(&mut self, Conditions { place, when, never, .. }: &Conditions<'_>) {
        let empty = |list: &Option<Vec<String>>| list.as_ref().is_some_and(Vec::is_empty);
        let lists = [
            ("end_use", when.end_use.as_ref().is_some_and(Vec::is_empty)),
            ("employer", empty(&when.employer)),
            ("all_nationalities_in", empty(&when.all_nationalities_in)),
            ("located_in", empty(&when.located_in)),
            ("permanent_resident_of", empty(&when.permanent_resident_of)),
        ];
        for (field, _) in lists.into_iter().filter(|(_, empty)| *empty) {
            let message = format!("`{field}` is an empty list, which nobody meets");
            let help = "fill the list, or remove the condition";
            self.report(&place.then(field), error(never, message, help));
        }
    }

    fn relations(&mut self, Conditions { place, when, names_parties, .. }: &Conditions<'_>) {
        let Some(relations) = &when.relation else { return };
        let place = place.then("relation");
        if relations.is_empty() || relations.contains(&Relation::Unknown) {
            let message = "relation must be employee or contractor";
            self.report(&place, error("bad_relation", message, "write relation = [\"employee\"]"));
        }
        if when.employer.is_none() && !names_parties {
            let message = "a relation without an employer excepts whoever works for anybody";
            self.report(&place, error("relation_without_employer", message, "add employer = [..]"));
        }
    }
}
