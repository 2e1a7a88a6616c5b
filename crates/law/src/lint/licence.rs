//! Licences.

use super::checker::Checker;
use super::finding::{error, note, warning};
use super::spans::Place;
use crate::instrument::{ConditionState, Licence};
use std::collections::HashSet;

impl Checker<'_> {
    pub(super) fn licence(&mut self, place: &Place, licence: &Licence) {
        self.window(&place.then("until"), Some(licence.from), licence.until);
        self.text(&place.then("holder"), "holder", &licence.holder, "name the firm that holds the licence");
        self.some_models(&place.then("models"), &licence.models);
        let lifts = place.then("lifts");
        self.filled(&lifts, "lifts", Some(licence.lifts.len()));
        for (index, id) in licence.lifts.iter().enumerate() {
            self.known_directive(&lifts.then(index), id);
        }
        let end_use = place.then("end_use");
        self.filled(&end_use, "end_use", licence.end_use.as_ref().map(Vec::len));
        self.end_uses(&end_use, licence.end_use.as_ref());
        for (field, names) in
            [("excluded_nationalities", &licence.excluded_nationalities), ("located_in", &licence.located_in)]
        {
            if let Some(names) = names {
                self.filled(&place.then(field), field, Some(names.len()));
                self.countries(&place.then(field), names);
            }
        }
        self.covered(place, licence);
        self.caps(place, licence);
        self.licence_conditions(place, licence);
    }

    fn covered(&mut self, place: &Place, licence: &Licence) {
        let Some(persons) = &licence.persons else { return };
        let place = place.then("persons");
        self.list_bound(&place, "persons", persons.len());
        if persons.is_empty() && !licence.holder_employees {
            let message = "it names no person and does not cover the holder's employees";
            let help = "name persons, write holder_employees = true, or remove `persons` to cover whoever works for the holder";
            self.report(&place, error("licence_covers_nobody", message, help));
        } else {
            self.filled(&place, "persons", Some(persons.len()));
        }
    }

    fn caps(&mut self, place: &Place, licence: &Licence) {
        self.list_bound(&place.then("enrolled"), "enrolled", licence.enrolled.len());
        let Some(max) = licence.max_persons else { return };
        if max == 0 {
            let help = "write how many persons it allows, or remove max_persons for no limit";
            self.report(&place.then("max_persons"), error("no_places", "it allows no person at all", help));
        }
        let enrolled = licence.enrolled.iter().collect::<HashSet<_>>().len();
        if u32::try_from(enrolled).map_or(true, |enrolled| enrolled > max) {
            let message = format!("{enrolled} persons hold a place, and it has {max}");
            let help = "take out who holds no place, or correct max_persons";
            self.report(&place.then("enrolled"), error("too_many_enrolled", message, help));
        }
        if let Some(used) = licence.persons_used
            && used > max
        {
            let message =
                format!("{used} places are used, and it has {max}: only who is enrolled is covered");
            let help = "check both numbers; use beyond the cap may have to be reported";
            self.report(&place.then("persons_used"), warning("licence_over_cap", message, help));
        }
    }

    fn licence_conditions(&mut self, place: &Place, licence: &Licence) {
        let place = place.then("conditions");
        self.list_bound(&place, "conditions", licence.conditions.len());
        let mut seen = HashSet::new();
        for (index, condition) in licence.conditions.iter().enumerate() {
            let place = place.then(index);
            let id = condition.id.trim();
            if id.is_empty() || !seen.insert(id) {
                let message = if id.is_empty() {
                    "a condition has a blank id".to_owned()
                } else {
                    format!("two conditions have the id {id}")
                };
                let help = "give each condition of the licence an id of its own";
                self.report(&place.then("id"), error("bad_condition_id", message, help));
            }
            if condition.suspends && condition.state == ConditionState::Breached {
                let message = format!("the licence is off: its condition {id} is breached and suspends it");
                let help = "it lifts nothing until the state of the condition is met or open";
                self.report(&place.then("state"), note("licence_off", message, help));
            }
        }
    }
}
