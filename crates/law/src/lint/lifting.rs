//! Liftings.

use super::checker::Checker;
use super::finding::error;
use super::spans::Place;
use crate::instrument::Lifting;

impl Checker<'_> {
    pub(super) fn lifting(&mut self, place: &Place, lifting: &Lifting) {
        let directives = place.then("directives");
        self.filled(&directives, "directives", Some(lifting.directives.len()));
        for (index, id) in lifting.directives.iter().enumerate() {
            let Some(directive) = self.known_directive(&directives.then(index), id) else { continue };
            if lifting.at <= directive.effective_from.earliest() {
                let message = format!("it lifts {id} before it binds");
                let finding = error("lifted_before_effect", message, "correct the instant");
                self.report(&place.then("at"), finding);
            }
        }
        if let Some(source) = &lifting.source {
            self.source(&place.then("source"), source);
        }
    }
}
