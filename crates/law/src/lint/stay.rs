//! Stays.

use super::checker::Checker;
use super::condition::Conditions;
use super::finding::warning;
use super::spans::Place;
use crate::instrument::{Condition, Stay};

impl Checker<'_> {
    pub(super) fn stay(&mut self, place: &Place, stay: &Stay) {
        self.window(&place.then("until"), Some(stay.from), stay.until);
        self.source(&place.then("source"), &stay.source);
        let directives = place.then("directives");
        self.filled(&directives, "directives", Some(stay.directives.len()));
        for (index, id) in stay.directives.iter().enumerate() {
            let Some(directive) = self.known_directive(&directives.then(index), id) else { continue };
            self.open_while_bound(place, (Some(stay.from), stay.until), directive, "stay_never_applies");
        }
        self.conditions(&Conditions {
            place: place.then("when"),
            when: &stay.when,
            never: "stay_never_applies",
            names_parties: stay.parties.is_some(),
        });
        self.parties(place, stay);
    }

    fn parties(&mut self, place: &Place, stay: &Stay) {
        if let Some(parties) = &stay.parties {
            self.texts(&place.then("parties"), "parties", parties);
            self.filled(&place.then("parties"), "parties", Some(parties.len()));
        }
        if let Some(persons) = &stay.persons {
            self.list_bound(&place.then("persons"), "persons", persons.len());
            self.filled(&place.then("persons"), "persons", Some(persons.len()));
        }
        if stay.parties.is_none() && stay.persons.is_none() && stay.when == Condition::default() {
            let message = "it names no party and no condition: it suspends the directives for everyone";
            let help = "if the court named parties, write parties = [\"..\"] or persons = [\"..\"]; if not, leave it";
            self.report(place, warning("stay_for_everyone", message, help));
        }
    }
}
