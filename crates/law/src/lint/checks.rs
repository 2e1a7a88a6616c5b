//! The checks of meaning.

use super::spans::{Spans, Step};
use super::{Context, Diagnostic, Severity, directives};
use crate::authority;
use crate::groups;
use crate::instrument::{
    Class, Condition, Destinations, Directive, Exception, Form, LawFile, Licence, Status,
};
use std::collections::BTreeMap;
use terms::{Country, Instant, InstrumentId, Relation};

/// Walks one file and collects findings.
pub(super) struct Checker<'a> {
    file: &'a LawFile,
    spans: &'a Spans<'a>,
    context: &'a Context<'a>,
    found: Vec<Diagnostic>,
}

/// A finding before it has a place.
struct Finding {
    severity: Severity,
    code: &'static str,
    message: String,
    help: String,
    article: Option<String>,
}

fn error(code: &'static str, message: String, help: impl Into<String>) -> Finding {
    Finding { severity: Severity::Error, code, message, help: help.into(), article: None }
}

fn warning(code: &'static str, message: String, help: impl Into<String>) -> Finding {
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
        self.found
    }

    fn report(&mut self, path: &[Step<'_>], finding: Finding) {
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
        let groups: [(&str, Vec<&InstrumentId>); 4] = [
            ("directive", file.directive.iter().map(|i| &i.id).collect()),
            ("exception", file.exception.iter().map(|i| &i.id).collect()),
            ("lifting", file.lifting.iter().map(|i| &i.id).collect()),
            ("licence", file.licence.iter().map(|i| &i.id).collect()),
        ];
        let mut seen: BTreeMap<&InstrumentId, &str> = BTreeMap::new();
        for (kind, ids) in groups {
            for (at, id) in ids.into_iter().enumerate() {
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

    fn exception(&mut self, at: usize, exception: &Exception) {
        let path = |field: &'static str| [Step::Key("exception"), Step::At(at), Step::Key(field)];
        self.window(&path("until"), exception.from, exception.until);
        let directive = self.known_directive(&path("directive"), &exception.directive);
        self.condition(at, &exception.when);
        if exception.when == Condition::default() {
            let message = format!("without any condition it takes everyone out of {}", exception.directive);
            let help = "state who is excepted, or write a lifting";
            self.report(&path("when"), error("exception_without_condition", message, help));
        }
        let Some(directive) = directive else { return };
        self.exception_can_apply(at, exception, &directive);
    }

    /// An exception that contradicts its directive: nothing the directive reaches can meet it.
    fn exception_can_apply(&mut self, at: usize, exception: &Exception, directive: &Directive) {
        let window = [Step::Key("exception"), Step::At(at), Step::Key("from")];
        let ends = directive.effective_until.zip(exception.from).is_some_and(|(until, from)| from >= until);
        let early = exception.until.is_some_and(|until| until <= directive.effective_from);
        if ends || early {
            let message = format!("it is never open while {} binds", directive.id);
            self.report(&window, error("exception_never_applies", message, "correct its window"));
        }
        let models = [Step::Key("exception"), Step::At(at), Step::Key("when"), Step::Key("models")];
        let all = |list: &[String]| list.iter().any(|model| model == "*");
        if let Some(named) = &exception.when.models
            && !all(named)
            && !all(&directive.models)
            && !named.iter().any(|model| directive.models.contains(model))
        {
            let message = format!("{} reaches none of these models", directive.id);
            self.report(&models, error("exception_never_applies", message, "name models of the directive"));
        }
        let place = [Step::Key("exception"), Step::At(at), Step::Key("when"), Step::Key("located_in")];
        if let Some(places) = &exception.when.located_in
            && directive.persons.class == Class::LocatedIn
            && directive.destinations == Destinations::None
            && let (Ok(open), Ok(scope)) = (resolve(places), resolve(&directive.persons.countries))
            && open.difference(&scope) == open
        {
            let message = format!("{} reaches nobody located there", directive.id);
            self.report(
                &place,
                error("exception_never_applies", message, "name places the directive reaches"),
            );
        }
    }

    fn condition(&mut self, at: usize, when: &Condition) {
        let path =
            |field: &'static str| [Step::Key("exception"), Step::At(at), Step::Key("when"), Step::Key(field)];
        if let Some(models) = &when.models {
            self.models(&path("models"), models);
        }
        for (field, names) in
            [("all_nationalities_in", &when.all_nationalities_in), ("located_in", &when.located_in)]
        {
            if let Some(names) = names {
                self.countries(&path(field), names);
            }
        }
        if let Some(relations) = &when.relation
            && (relations.is_empty() || relations.contains(&Relation::Unknown))
        {
            let message = "relation must be employee or contractor".to_owned();
            self.report(&path("relation"), error("bad_relation", message, "write relation = [\"employee\"]"));
        }
        if when.relation.is_some() && when.employer.is_none() {
            let message = "a relation without an employer excepts whoever works for anybody".to_owned();
            self.report(
                &path("relation"),
                error("relation_without_employer", message, "add employer = [..]"),
            );
        }
    }

    /// Two exceptions of one directive that say the same of the same people for different times.
    fn contradictions(&mut self) {
        let exceptions = &self.file.exception;
        let mut clashes = Vec::new();
        for (at, later) in exceptions.iter().enumerate() {
            let same = |earlier: &&Exception| {
                earlier.id != later.id && earlier.directive == later.directive && earlier.when == later.when
            };
            if let Some(earlier) = exceptions.iter().take(at).find(same)
                && (earlier.from, earlier.until) != (later.from, later.until)
            {
                clashes.push((at, earlier.id.clone(), later.id.clone()));
            }
        }
        for (at, earlier, later) in clashes {
            let message = format!("{later} and {earlier} except the same people for different times");
            let help = "keep the one that counts; to end an exception, close its window";
            let path = [Step::Key("exception"), Step::At(at)];
            self.report(&path, error("contradicting_exceptions", message, help));
        }
    }

    fn liftings(&mut self) {
        for (at, lifting) in self.file.lifting.iter().enumerate() {
            for (index, id) in lifting.directives.iter().enumerate() {
                let path = [Step::Key("lifting"), Step::At(at), Step::Key("directives"), Step::At(index)];
                let Some(directive) = self.known_directive(&path, id) else { continue };
                if lifting.at <= directive.effective_from {
                    let message = format!("it lifts {id} before it binds");
                    let path = [Step::Key("lifting"), Step::At(at), Step::Key("at")];
                    self.report(&path, error("lifted_before_effect", message, "correct the instant"));
                }
            }
        }
    }

    fn licence(&mut self, at: usize, licence: &Licence) {
        let path = |field: &'static str| [Step::Key("licence"), Step::At(at), Step::Key(field)];
        self.window(&path("until"), Some(licence.from), licence.until);
        self.models(&path("models"), &licence.models);
        for (index, id) in licence.lifts.iter().enumerate() {
            let path = [Step::Key("licence"), Step::At(at), Step::Key("lifts"), Step::At(index)];
            self.known_directive(&path, id);
        }
        for (field, names) in
            [("excluded_nationalities", &licence.excluded_nationalities), ("located_in", &licence.located_in)]
        {
            if let Some(names) = names {
                self.countries(&path(field), names);
            }
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

    fn window(&mut self, path: &[Step<'_>], from: Option<Instant>, until: Option<Instant>) {
        if let Some((from, until)) = from.zip(until)
            && until <= from
        {
            let message = format!("the window ends at {until}, before it begins at {from}");
            let help = "windows are half-open: the end must be later than the start";
            self.report(path, error("window_ends_before_start", message, help));
        }
    }

    fn models(&mut self, path: &[Step<'_>], models: &[String]) {
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

    fn countries(&mut self, path: &[Step<'_>], names: &[String]) {
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

    fn known_directive(&mut self, path: &[Step<'_>], id: &InstrumentId) -> Option<Directive> {
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

fn resolve(names: &[String]) -> Result<terms::CountrySet, String> {
    groups::resolve_all(names.iter().map(String::as_str))
}

/// A known country the writer may have meant.
fn suggestion(name: &str) -> String {
    let upper = name.to_uppercase();
    let meant = Country::all().find(|country| {
        upper == country.code() || upper == country.alpha3() || upper == country.name_en().to_uppercase()
    });
    match meant {
        Some(country) => format!("write {} for {}", country.code(), country.name_en()),
        None if upper == "UK" => "write GB for the United Kingdom".to_owned(),
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
