//! The checks of meaning.

use super::spans::{Spans, Step};
use super::{Context, Diagnostic, Severity, directives};
use crate::authority;
use crate::groups;
use crate::instrument::{Class, Destinations, Directive, Form, LawFile, Status};
use std::collections::{BTreeMap, BTreeSet};
use terms::{Country, Instant, InstrumentId};

/// Walks one file and collects findings.
pub(super) struct Checker<'a> {
    pub(super) file: &'a LawFile,
    spans: &'a Spans<'a>,
    pub(super) context: &'a Context<'a>,
    found: Vec<Diagnostic>,
}

/// A finding before it has a place.
pub(super) struct Finding {
    severity: Severity,
    code: &'static str,
    message: String,
    help: String,
    article: Option<String>,
}

pub(super) fn error(code: &'static str, message: String, help: impl Into<String>) -> Finding {
    Finding { severity: Severity::Error, code, message, help: help.into(), article: None }
}

pub(super) fn warning(code: &'static str, message: String, help: impl Into<String>) -> Finding {
    Finding { severity: Severity::Warning, ..error(code, message, help) }
}

impl Finding {
    fn under(mut self, article: impl Into<String>) -> Self {
        self.article = Some(article.into());
        self
    }
}

impl<'a> Checker<'a> {
    pub(super) fn new(file: &'a LawFile, spans: &'a Spans<'a>, context: &'a Context<'a>) -> Self {
        Self { file, spans, context, found: Vec::new() }
    }

    pub(super) fn run(mut self) -> Vec<Diagnostic> {
        self.schema();
        self.ids();
        self.file.directive.iter().enumerate().for_each(|(at, directive)| self.directive(at, directive));
        self.file.exception.iter().enumerate().for_each(|(at, exception)| self.exception(at, exception));
        self.contradictions();
        self.liftings();
        self.file.licence.iter().enumerate().for_each(|(at, licence)| self.licence(at, licence));
        self.readings();
        self.catalogue();
        self.found
    }

    pub(super) fn report(&mut self, path: &[Step<'_>], finding: Finding) {
        let Finding { severity, code, message, help, article } = finding;
        let span = self.spans.find(path);
        self.found.push(Diagnostic { severity, code, message, help, article, span });
    }

    fn schema(&mut self) {
        if self.file.schema != 1 {
            let message = format!("schema {} is not known", self.file.schema);
            self.report(&["schema".into()], error("unknown_schema", message, "write schema = 1"));
        }
    }

    fn ids(&mut self) {
        let file = self.file;
        let mut seen: BTreeMap<&InstrumentId, &str> = self.context.before.iter().flat_map(ids_of).collect();
        let mut at = 0usize;
        let mut last = "";
        for (id, kind) in ids_of(file) {
            at = if kind == last { at.saturating_add(1) } else { 0 };
            last = kind;
            let Some(first) = seen.insert(id, kind) else { continue };
            let (code, message) = if first == "exception" && kind == "exception" {
                ("contradicting_exceptions", format!("two exceptions have the id {id}"))
            } else {
                ("duplicate_id", format!("the id {id} is already that of a {first}"))
            };
            let help = "give each instrument an id of its own; an instrument is never edited in place";
            self.report(&[kind.into(), at.into(), "id".into()], error(code, message, help));
        }
    }

    fn catalogue(&mut self) {
        let mut seen = BTreeSet::new();
        for (at, model) in self.file.model.iter().enumerate() {
            let path = |field: &'static str| [Step::Key("model"), Step::At(at), Step::Key(field)];
            if !seen.insert(&model.id) {
                let message = format!("the catalogue has the model {} twice", model.id);
                self.report(&path("id"), error("duplicate_model", message, "keep one of the two"));
            }
            if model.dialects.is_empty() {
                let message = format!("{} speaks no dialect, so no route can reach it", model.id);
                let help = "write dialects = [\"openai\"], [\"anthropic\"] or both";
                self.report(&path("dialects"), error("no_dialects", message, help));
            }
        }
    }

    fn directive(&mut self, at: usize, directive: &Directive) {
        let path = |field: &'static str| [Step::Key("directive"), Step::At(at), Step::Key(field)];
        self.window(&path("effective_until"), Some(directive.effective_from), directive.effective_until);
        if directive.issued_at > directive.effective_from {
            let message = "it takes effect before it was issued".to_owned();
            let help = "check both instants; a directive that looks back is enforced from now on only";
            self.report(&path("effective_from"), warning("effective_before_issued", message, help));
        }
        self.models(&path("models"), &directive.models);
        self.persons(at, directive);
        self.authorities(at, directive);
        self.provenance(at, directive);
        if directive.status == Status::Bill {
            let message = "a bill is not law: it is flagged and never enforced".to_owned();
            let help = "set status = \"law\" only once it is enacted";
            self.report(&path("status"), warning("authority_not_enacted", message, help));
        }
        if directive.destinations == Destinations::Unspecified {
            let message =
                "the text is silent on destinations: it can be read to reach US persons abroad or not"
                    .to_owned();
            let help = "before activation record the reading destination_limb (apply or person_only), with who chose it and why";
            let finding = warning("open_reading", message, help).under("15 CFR 734.13(a)(1)");
            self.report(&path("destinations"), finding);
        }
    }

    fn persons(&mut self, at: usize, directive: &Directive) {
        let persons = &directive.persons;
        let path = |field: &'static str| {
            [Step::Key("directive"), Step::At(at), Step::Key("persons"), Step::Key(field)]
        };
        self.countries(&path("countries"), &persons.countries);
        let takes_countries = persons.class == Class::LocatedIn;
        if takes_countries && persons.countries.is_empty() {
            let message = "located_in names no country".to_owned();
            self.report(&path("class"), error("no_countries", message, "add countries = [\"..\"]"));
        }
        if !takes_countries && !persons.countries.is_empty() {
            let message = "this class of persons takes no countries".to_owned();
            let help = "remove countries, or use class = \"located_in\"";
            self.report(&path("countries"), error("countries_without_use", message, help));
        }
        if persons.exempt.is_some() && persons.class != Class::ForeignPerson {
            let message = "exempt belongs to class foreign_person only".to_owned();
            let finding = error("exempt_without_use", message, "remove exempt").under("8 USC 1324b(a)(3)");
            self.report(&path("exempt"), finding);
        }
    }

    fn authorities(&mut self, at: usize, directive: &Directive) {
        let path =
            |index: usize| [Step::Key("directive"), Step::At(at), Step::Key("authority"), Step::At(index)];
        for (index, id) in directive.authority.iter().enumerate() {
            if authority::find(id).is_none() {
                let message = format!("authority `{id}` is not in the table of provisions");
                let help = format!("use an id of data/law/authorities.toml, for instance {}", nearest(id));
                self.report(&path(index), warning("unknown_authority", message, help));
            }
        }
        for excess in authority::excess(directive) {
            let index = directive.authority.iter().position(|id| *id == excess.authority.id).unwrap_or(0);
            let named: Vec<&str> = excess.beyond.iter().take(8).map(Country::code).collect();
            let message = format!(
                "the directive reaches {} countries that {} does not list ({}{})",
                excess.beyond.len(),
                excess.authority.citation,
                named.join(", "),
                if excess.beyond.len() > 8 { ", ..." } else { "" },
            );
            let help =
                "enforced as written; show counsel, and cite the provision that carries the whole scope";
            let finding = warning("authority_scope_exceeds_citation", message, help);
            self.report(&path(index), finding.under(excess.authority.citation.clone()));
        }
    }

    fn provenance(&mut self, at: usize, directive: &Directive) {
        let source = [Step::Key("directive"), Step::At(at), Step::Key("source")];
        let letter = matches!(directive.form, Form::IsInformedLetter | Form::Oral);
        if letter && directive.source.call_back.is_none() {
            let message = "a letter carries no digital signature, and no call-back is recorded".to_owned();
            let help = "call the issuing office on a number found elsewhere and record it: source.call_back = { at, with, by }; \
                        activation is blocked until then";
            self.report(&source, warning("letter_unconfirmed", message, help));
        }
        if let Some(digest) = &directive.source.document_sha256 {
            let hex = digest.len() == 64 && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            if !hex {
                let message = "document_sha256 is no SHA-256 in lower-case hex".to_owned();
                let path =
                    [Step::Key("directive"), Step::At(at), Step::Key("source"), Step::Key("document_sha256")];
                self.report(&path, error("bad_document_hash", message, "paste the output of sha256sum"));
            }
        }
        if directive.source.public_reference.is_none() {
            let message = "refused callers will see no reference".to_owned();
            let help = "set source.public_reference to words that may be shown, even where the letter itself is sealed";
            self.report(
                &source,
                Finding { severity: Severity::Note, ..warning("no_public_reference", message, help) },
            );
        }
    }

    fn readings(&mut self) {
        for (at, reading) in self.file.reading.iter().enumerate() {
            let options = reading.question.options();
            if !options.contains(&reading.choice.as_str()) {
                let message = format!("{} has no option `{}`", reading.question.word(), reading.choice);
                let help = format!("choose one of {}", options.join(", "));
                let path = [Step::Key("reading"), Step::At(at), Step::Key("choice")];
                self.report(&path, error("unknown_choice", message, help));
            }
            for (field, text) in [("by", &reading.by), ("why", &reading.why)] {
                if text.trim().is_empty() {
                    let message = format!("`{field}` is empty");
                    let help = "a reading records who chose it and why";
                    self.report(
                        &[Step::Key("reading"), Step::At(at), Step::Key(field)],
                        error("reading_unsigned", message, help),
                    );
                }
            }
        }
    }

    pub(super) fn window(&mut self, path: &[Step<'_>], from: Option<Instant>, until: Option<Instant>) {
        if let Some((from, until)) = from.zip(until)
            && until <= from
        {
            let message = format!("the window ends at {until}, before it begins at {from}");
            let help = "windows are half-open: the end must be later than the start";
            self.report(path, error("window_ends_before_start", message, help));
        }
    }

    pub(super) fn models(&mut self, path: &[Step<'_>], models: &[String]) {
        if models.is_empty() {
            let message = "no model is named".to_owned();
            self.report(path, error("no_models", message, "name models, or write models = [\"*\"]"));
        }
        let Some(catalogue) = self.context.catalogue else { return };
        for (index, name) in models.iter().enumerate() {
            if name != "*" && !catalogue.iter().any(|model| model.as_str() == name) {
                let message = format!("the model `{name}` is not in the catalogue");
                let help = "correct the name, or add the model to the catalogue";
                let mut path = path.to_vec();
                path.push(Step::At(index));
                self.report(&path, error("unknown_model", message, help));
            }
        }
    }

    pub(super) fn countries(&mut self, path: &[Step<'_>], names: &[String]) {
        for (index, name) in names.iter().enumerate() {
            if groups::resolve(name).is_none() {
                let mut path = path.to_vec();
                path.push(Step::At(index));
                let finding = error(
                    "unknown_country",
                    format!("unknown country or country group `{name}`"),
                    suggestion(name),
                );
                self.report(&path, finding.under("15 CFR part 740, Supplement No. 1"));
            }
        }
    }

    pub(super) fn known_directive(&mut self, path: &[Step<'_>], id: &InstrumentId) -> Option<Directive> {
        let files = || self.context.before.iter().chain([self.file]);
        let found = files().flat_map(|file| &file.directive).find(|directive| directive.id == *id).cloned();
        if found.is_none() {
            let known = directives(files()).iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
            let message = format!("there is no directive `{id}`");
            let help = if known.is_empty() {
                "give the directive's file too: douane lint DIRECTIVE.toml THIS.toml".to_owned()
            } else {
                format!("known directives: {known}")
            };
            self.report(path, error("unknown_directive", message, help));
        }
        found
    }
}

/// The instruments of a file with their kind, kind by kind, each in the order of the file.
fn ids_of(file: &LawFile) -> impl Iterator<Item = (&InstrumentId, &'static str)> {
    let directives = file.directive.iter().map(|i| (&i.id, "directive"));
    let exceptions = file.exception.iter().map(|i| (&i.id, "exception"));
    let liftings = file.lifting.iter().map(|i| (&i.id, "lifting"));
    let licences = file.licence.iter().map(|i| (&i.id, "licence"));
    directives.chain(exceptions).chain(liftings).chain(licences)
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

/// An id of the table that begins like the one written.
fn nearest(id: &str) -> &'static str {
    let shared = |known: &str| known.bytes().zip(id.bytes()).take_while(|(a, b)| a == b).count();
    authority::all()
        .iter()
        .map(|authority| authority.id.as_str())
        .max_by_key(|known| shared(known))
        .unwrap_or("")
}
