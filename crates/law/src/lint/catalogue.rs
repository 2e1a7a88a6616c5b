//! What the operator adds: readings and the model catalogue.

use super::checker::Checker;
use super::finding::error;
use super::spans::Place;
use crate::instrument::Reading;
use std::collections::HashSet;

impl Checker<'_> {
    pub(super) fn reading(&mut self, place: &Place, reading: &Reading) {
        let options = reading.question.options();
        if !options.contains(&reading.choice.as_str()) {
            let message = format!("{} has no option `{}`", reading.question.word(), reading.choice);
            let help = format!("choose one of {}", options.join(", "));
            self.report(&place.then("choice"), error("unknown_choice", message, help));
        }
        for (field, text) in [("by", &reading.by), ("why", &reading.why)] {
            if text.trim().is_empty() {
                let message = format!("`{field}` is empty");
                let help = "a reading records who chose it and why";
                self.report(&place.then(field), error("reading_unsigned", message, help));
            }
        }
    }

    pub(super) fn models_of_the_catalogue(&mut self) {
        let mut seen = HashSet::new();
        let root = Place::of("model");
        for (at, model) in self.file.model.iter().enumerate() {
            let place = root.then(at);
            if !seen.insert(&model.id) {
                let message = format!("the catalogue has the model {} twice", model.id);
                self.report(&place.then("id"), error("duplicate_model", message, "keep one of the two"));
            }
            if model.dialects.is_empty() {
                let message = format!("{} speaks no dialect, so no route can reach it", model.id);
                let help = "write dialects = [\"openai\"], [\"anthropic\"] or both";
                self.report(&place.then("dialects"), error("no_dialects", message, help));
            }
        }
    }
}
