//! Adoptions of directives that are addressed to somebody else.

use super::checker::Checker;
use super::finding::{error, warning};
use super::spans::Place;
use crate::instrument::Adoption;

impl Checker<'_> {
    pub(super) fn adoption(&mut self, place: &Place, adoption: &Adoption) {
        let named = place.then("directive");
        let directive = self.known_directive(&named, &adoption.directive);
        if directive.is_some_and(|directive| directive.source.addressees.is_empty()) {
            let message =
                format!("{} has no addressees: it is enforced without an adoption", adoption.directive);
            let help = "remove the adoption, or add the addressees to the directive";
            self.report(&named, warning("adoption_without_use", message, help));
        }
        for (field, text) in [("by", &adoption.by), ("why", &adoption.why)] {
            if text.trim().is_empty() {
                let message = format!("`{field}` is blank");
                let help = "an adoption records who chose it and why";
                self.report(&place.then(field), error("adoption_unsigned", message, help));
            }
        }
    }
}
