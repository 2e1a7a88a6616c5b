//! Directives.

use super::checker::Checker;
use super::finding::{error, note, warning};
use super::spans::Place;
use crate::instrument::{Destinations, Directive, Fold, Form, Start, Status};
use terms::Question;

/// Clocks are set back by one hour or less, nowhere by three: the two instants lie closer together.
const FOLD_MICROS: i64 = 3 * 3_600 * 1_000_000;

impl Checker<'_> {
    pub(super) fn directive(&mut self, place: &Place, directive: &Directive) {
        self.text(&place.then("title"), "title", &directive.title, "say in a few words what it orders");
        self.times(place, directive);
        self.reach(place, directive);
        self.persons(&place.then("persons"), &directive.persons);
        self.open_readings_of(&place.then("persons"), &directive.persons);
        self.open_readings_of_directive(place, directive);
        self.authorities(place, directive);
        self.source(&place.then("source"), &directive.source);
        self.letter(place, directive);
        if directive.status == Status::Bill {
            let message = "a bill is not law: it is flagged and never enforced";
            let help = "set status = \"law\" only once it is enacted";
            self.report(&place.then("status"), warning("authority_not_enacted", message, help));
        }
    }

    fn times(&mut self, place: &Place, directive: &Directive) {
        let start = &directive.effective_from;
        self.window(&place.then("effective_until"), Some(start.latest()), directive.effective_until);
        if directive.issued_at > start.earliest() {
            let message = "it takes effect before it was issued";
            let help = "check both instants; a directive that looks back is enforced from now on only";
            self.report(&place.then("effective_from"), warning("effective_before_issued", message, help));
        }
        if let Start::Fold(fold) = start {
            self.fold(&place.then("effective_from"), fold);
        }
    }

    fn fold(&mut self, place: &Place, fold: &Fold) {
        let help = "write the local time and its zone as the text gives them, such as America/New_York";
        self.text(&place.then("local"), "local", &fold.local, help);
        self.text(&place.then("zone"), "zone", &fold.zone, help);
        let apart = fold.options.second.micros_since(fold.options.first);
        if apart <= 0 || apart >= FOLD_MICROS {
            let message = "the two instants of an ambiguous local time: the first must be the earlier, by less than three hours";
            let help = "first is the time before the clocks are set back, second the time after";
            self.report(&place.then("options"), error("bad_fold", message, help));
        }
        let message = format!("the local time {} in {} occurs twice", fold.local.trim(), fold.zone.trim());
        self.open_reading(place, Question::LocalTimeFold, &message, "");
    }

    /// Models, activities and end uses.
    fn reach(&mut self, place: &Place, directive: &Directive) {
        let models = place.then("models");
        if directive.models.is_empty() && directive.capabilities.is_empty() {
            let message = "no model is named, and no capability";
            let help = "name models, write models = [\"*\"], or name capabilities such as cyber:expert";
            self.report(&models, error("no_models", message, help));
        }
        self.models(&models, &directive.models);
        for (name, list) in [("capabilities", &directive.capabilities), ("criterion", &directive.criterion)] {
            self.list_bound(&place.then(name), name, list.len());
        }
        let activities = directive.activities.as_ref().map(Vec::len);
        self.filled(&place.then("activities"), "activities", activities);
        let end_uses = place.then("end_uses");
        self.filled(&end_uses, "end_uses", directive.end_uses.as_ref().map(Vec::len));
        self.end_uses(&end_uses, directive.end_uses.as_ref());
    }

    fn open_readings_of_directive(&mut self, place: &Place, directive: &Directive) {
        if directive.destinations == Destinations::Unspecified {
            let message =
                "the text is silent on destinations: it can be read to reach US persons abroad or not";
            let place = place.then("destinations");
            self.open_reading(&place, Question::DestinationLimb, message, "15 CFR 734.13(a)(1)");
        }
        if directive.hosted_inference.is_some() {
            let message = "it covers hosted use only if that is an export, which is not settled";
            let place = place.then("hosted_inference");
            self.open_reading(&place, Question::HostedInferenceIsExport, message, "15 CFR 734.13(a)(1)");
        }
        if directive.remote_access {
            let message = "\"a place other than where the item is\" can mean another site or another country";
            let place = place.then("remote_access");
            self.open_reading(&place, Question::RemoteLocationUnit, message, "H.R. 2683");
        }
    }

    /// How a directive arrives, and to whom it is addressed.
    fn letter(&mut self, place: &Place, directive: &Directive) {
        let source = place.then("source");
        let letter = matches!(directive.form, Form::IsInformedLetter | Form::Oral);
        if letter && directive.source.call_back.is_none() {
            let message = "a letter carries no digital signature, and no call-back is recorded";
            let help = "call the issuing office on a number found elsewhere and record it: source.call_back = { at, with, by }; \
                        activation is blocked until then";
            self.report(&source, warning("letter_unconfirmed", message, help));
        }
        if directive.source.public_reference.is_none() {
            let message = "refused callers will see no reference";
            let help = "set source.public_reference to words that may be shown, even where the letter itself is sealed";
            self.report(&source, note("no_public_reference", message, help));
        }
        if !directive.source.addressees.is_empty() && !self.adopted.contains(&directive.id) {
            let message = "it has addressees: it is enforced only where the operator is one of them, or an adoption is recorded";
            let help = "compare the names with the operator's own; an operator who is not named and wants to enforce it \
                        writes an [[adoption]]";
            self.report(&source.then("addressees"), note("enforced_by_addressees", message, help));
        }
    }
}
