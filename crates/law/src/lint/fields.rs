//! Checks that several kinds of instrument share: texts, windows, lists, models, countries, open readings.

use super::checker::Checker;
use super::finding::{Finding, error, warning};
use super::spans::Place;
use crate::groups;
use terms::{EndUse, Instant, Question, limits};

/// Unknown names of one list that are reported one by one.
const UNKNOWN_NAMES: usize = 20;

impl Checker<'_> {
    /// A text that must say something.
    pub(super) fn text(&mut self, place: &Place, name: &str, text: &str, help: &str) {
        if text.trim().is_empty() {
            self.report(place, error("blank_text", format!("`{name}` is blank"), help));
        }
    }

    /// The same for a field that may be absent, not blank.
    pub(super) fn optional_text(&mut self, place: &Place, name: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.text(place, name, text, "fill it in, or remove the field");
        }
    }

    /// Texts of a list, none of them blank.
    pub(super) fn texts(&mut self, place: &Place, name: &str, texts: &[String]) {
        self.list_bound(place, name, texts.len());
        let blank = texts.iter().enumerate().filter(|(_, text)| text.trim().is_empty());
        for (index, _) in blank.take(UNKNOWN_NAMES) {
            let message = format!("`{name}` holds a blank name");
            self.report(&place.then(index), error("blank_text", message, "write the name, or remove it"));
        }
    }

    pub(super) fn window(&mut self, place: &Place, from: Option<Instant>, until: Option<Instant>) {
        if let Some((from, until)) = from.zip(until)
            && until <= from
        {
            let message = format!("the window ends at {until}, before it begins at {from}");
            let help = "windows are half-open: the end must be later than the start";
            self.report(place, error("window_ends_before_start", message, help));
        }
    }

    /// A list that was given must hold something.
    pub(super) fn filled(&mut self, place: &Place, name: &str, length: Option<usize>) {
        if length == Some(0) {
            let message = format!("`{name}` is an empty list, which nothing meets");
            self.report(place, error("empty_list", message, "fill the list, or remove the field"));
        }
    }

    pub(super) fn list_bound(&mut self, place: &Place, name: &str, length: usize) {
        if length > limits::NAMES_PER_LIST {
            let message = format!("`{name}` holds {length} names, more than {}", limits::NAMES_PER_LIST);
            self.report(place, error("too_many_names", message, "split the instrument in two"));
        }
    }

    /// End uses that something is limited to; `unknown` is what is missing, not a use.
    pub(super) fn end_uses(&mut self, place: &Place, list: Option<&Vec<EndUse>>) {
        let Some(list) = list else { return };
        if let Some(index) = list.iter().position(|end_use| *end_use == EndUse::Unknown) {
            let message = "`unknown` is no end use: it says that the fact is missing";
            let help = "name civil, defensive_cyber or military_intelligence, or remove the field for all";
            self.report(&place.then(index), error("unknown_end_use", message, help));
        }
    }

    /// Models by name, where names are the only way to say which.
    pub(super) fn some_models(&mut self, place: &Place, models: &[String]) {
        if models.is_empty() {
            let help = "name models, or write models = [\"*\"]";
            self.report(place, error("no_models", "no model is named", help));
        }
        self.models(place, models);
    }

    pub(super) fn models(&mut self, place: &Place, models: &[String]) {
        self.texts(place, "models", models);
        let Some(catalogue) = &self.catalogue else { return };
        let unknown: Vec<(usize, &String)> = (models.iter().enumerate())
            .filter(|(_, name)| *name != "*" && !name.trim().is_empty() && !catalogue.contains(name.as_str()))
            .take(UNKNOWN_NAMES)
            .collect();
        for (index, name) in unknown {
            let message = format!("the model `{name}` is not in the catalogue");
            let help = "correct the name, or add the model to the catalogue";
            self.report(&place.then(index), error("unknown_model", message, help));
        }
    }

    pub(super) fn countries(&mut self, place: &Place, names: &[String]) {
        self.list_bound(place, "countries", names.len());
        let unknown = names.iter().enumerate().filter(|(_, name)| groups::resolve(name).is_none());
        for (index, name) in unknown.take(UNKNOWN_NAMES) {
            let message = format!("unknown country or country group `{name}`");
            let finding = error("unknown_country", message, suggestion(name));
            self.report(&place.then(index), finding.under("15 CFR part 740, Supplement No. 1"));
        }
    }

    /// A question the text leaves open.
    pub(super) fn open_reading(&mut self, place: &Place, question: Question, message: &str, article: &str) {
        let help = format!(
            "before activation record the reading {} ({}), with who chose it and why",
            question.word(),
            question.options().join(" or "),
        );
        let finding = warning("open_reading", message, help);
        self.report(place, if article.is_empty() { finding } else { finding.under(article) });
    }

    /// A field that has no meaning where it stands.
    pub(super) fn without_use(&mut self, place: &Place, given: bool, finding: Finding) {
        if given {
            self.report(place, finding);
        }
    }
}

/// A known country the writer may have meant.
fn suggestion(name: &str) -> String {
    let upper = name.to_uppercase();
    let meant = groups::everywhere().iter().find(|country| {
        upper == country.code() || upper == country.alpha3() || upper == country.name_en().to_uppercase()
    });
    match meant {
        Some(country) => format!("write {} for {}", country.code(), country.name_en()),
        None if upper == "UK" => "write GB for the United Kingdom".to_owned(),
        None if upper == "EU" => "name the member states: the union is no country".to_owned(),
        None => {
            let groups = groups::names().collect::<Vec<_>>().join(", ");
            format!("use an ISO 3166-1 alpha-2 code such as FR, or one of the groups {groups}")
        }
    }
}
