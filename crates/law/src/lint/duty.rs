//! Orders to serve, and where they meet the directives of another state.

use super::FINDINGS;
use super::checker::Checker;
use super::finding::warning;
use super::spans::Place;
use crate::book::Book;
use crate::compile::ListedModel;
use crate::conflict;
use crate::instrument::ServiceDuty;
use std::collections::HashMap;
use terms::InstrumentId;

impl Checker<'_> {
    pub(super) fn service_duty(&mut self, place: &Place, duty: &ServiceDuty) {
        self.text(&place.then("title"), "title", &duty.title, "say in a few words whom it orders to serve");
        self.window(&place.then("until"), Some(duty.from), duty.until);
        self.source(&place.then("source"), &duty.source);
        self.some_models(&place.then("models"), &duty.models);
        self.persons(&place.then("persons"), &duty.persons);
    }

    /// Pairs of a directive and a service duty of two states, at least one of them in this file.
    pub(super) fn conflicts(&mut self) {
        let file = self.file;
        let files = || self.context.before.iter().chain([file]);
        if files().all(|file| file.service_duty.is_empty()) {
            return;
        }
        let book = Book {
            directives: files().flat_map(|file| file.directive.iter().cloned()).collect(),
            liftings: files().flat_map(|file| file.lifting.iter().cloned()).collect(),
            service_duties: files().flat_map(|file| file.service_duty.iter().cloned()).collect(),
            ..Book::default()
        };
        let duties = positions(file.service_duty.iter().map(|duty| &duty.id));
        let directives = positions(file.directive.iter().map(|directive| &directive.id));
        let listed = files().flat_map(|file| &file.model);
        let models: Vec<ListedModel> = listed
            .map(|model| ListedModel { id: model.id.clone(), capabilities: model.capabilities.clone() })
            .collect();
        for conflict in conflict::conflicts(&book, &models).take(FINDINGS) {
            let duty = duties.get(&conflict.duty).map(|at| Place::of("service_duty").then(*at));
            let directive = || directives.get(&conflict.directive).map(|at| Place::of("directive").then(*at));
            let Some(place) = duty.or_else(directive) else { continue };
            let help = "reported before activation, never silently ranked: the directive is enforced. Show counsel both texts";
            self.report(&place, warning("sovereigns_conflict", conflict.to_string(), help));
        }
    }
}

fn positions<'a>(ids: impl Iterator<Item = &'a InstrumentId>) -> HashMap<&'a InstrumentId, usize> {
    ids.zip(0..).collect()
}
