//! Walks one file, kind by kind, and collects findings.

use super::finding::{Finding, error};
use super::spans::{Place, Spans};
use super::{Context, Diagnostic, FINDINGS, Severity};
use crate::instrument::{Directive, LawFile};
use std::collections::{BTreeMap, HashMap, HashSet};
use terms::InstrumentId;

/// What is known of the file and around it, and what was found.
pub(super) struct Checker<'a> {
    pub(super) file: &'a LawFile,
    pub(super) context: &'a Context<'a>,
    pub(super) spans: &'a Spans<'a>,
    /// Directives of this file and those before, by id.
    pub(super) directives: BTreeMap<&'a InstrumentId, &'a Directive>,
    /// Directives to somebody else that some file adopts.
    pub(super) adopted: HashSet<&'a InstrumentId>,
    /// Names of the catalogue, when there is one.
    pub(super) catalogue: Option<HashSet<&'a str>>,
    found: Vec<Diagnostic>,
    /// How many findings there was no room for, and whether an error is among them.
    dropped: (usize, bool),
}

impl<'a> Checker<'a> {
    pub(super) fn new(file: &'a LawFile, spans: &'a Spans<'a>, context: &'a Context<'a>) -> Self {
        let files = || context.before.iter().chain([file]);
        let mut directives = BTreeMap::new();
        for directive in files().flat_map(|file| &file.directive) {
            directives.entry(&directive.id).or_insert(directive);
        }
        let adoptions = files().flat_map(|file| &file.adoption);
        Self {
            file,
            context,
            spans,
            directives,
            adopted: adoptions.map(|adoption| &adoption.directive).collect(),
            catalogue: context.catalogue.map(|models| models.iter().map(|model| model.as_str()).collect()),
            found: Vec::new(),
            dropped: (0, false),
        }
    }

    pub(super) fn run(mut self) -> Vec<Diagnostic> {
        let file = self.file;
        self.schema();
        self.ids();
        each("directive", &file.directive, |place, directive| self.directive(place, directive));
        each("exception", &file.exception, |place, exception| self.exception(place, exception));
        self.contradictions();
        each("lifting", &file.lifting, |place, lifting| self.lifting(place, lifting));
        each("licence", &file.licence, |place, licence| self.licence(place, licence));
        each("stay", &file.stay, |place, stay| self.stay(place, stay));
        each("service_duty", &file.service_duty, |place, duty| self.service_duty(place, duty));
        each("adoption", &file.adoption, |place, adoption| self.adoption(place, adoption));
        each("reading", &file.reading, |place, reading| self.reading(place, reading));
        self.models_of_the_catalogue();
        self.conflicts();
        self.finish()
    }

    /// Gives a finding its place. Beyond a bound findings are only counted.
    pub(super) fn report(&mut self, place: &Place, finding: Finding) {
        let Finding { severity, code, message, help, article } = finding;
        if self.found.len() >= FINDINGS {
            let (count, grave) = self.dropped;
            self.dropped = (count.saturating_add(1), grave || severity == Severity::Error);
            return;
        }
        let span = self.spans.find(place);
        self.found.push(Diagnostic { severity, code, message, help, article, span });
    }

    fn finish(mut self) -> Vec<Diagnostic> {
        let (count, grave) = self.dropped;
        if count > 0 {
            self.found.push(Diagnostic {
                severity: if grave { Severity::Error } else { Severity::Warning },
                code: "too_many_findings",
                message: format!("{count} more findings are not shown"),
                help: "correct those shown first, then check again".to_owned(),
                article: None,
                span: 0..0,
            });
        }
        self.found
    }

    fn schema(&mut self) {
        if self.file.schema != 1 {
            let message = format!("schema {} is not known", self.file.schema);
            self.report(&Place::of("schema"), error("unknown_schema", message, "write schema = 1"));
        }
    }

    fn ids(&mut self) {
        let file = self.file;
        let mut seen: HashMap<&InstrumentId, &str> = self.context.before.iter().flat_map(ids_of).collect();
        let mut at = 0usize;
        let mut last = "";
        for (id, kind) in ids_of(file) {
            at = if kind == last { at.saturating_add(1) } else { 0 };
            last = kind;
            let Some(first) = seen.insert(id, kind) else { continue };
            let (code, message) = if first == "exception" && kind == "exception" {
                ("contradicting_exceptions", format!("two exceptions have the id {id}"))
            } else {
                ("duplicate_id", format!("the id {id} is already that of a {}", first.replace('_', " ")))
            };
            let help = "give each instrument an id of its own; an instrument is never edited in place";
            self.report(&Place::of(kind).then(at).then("id"), error(code, message, help));
        }
    }

    /// A directive that another instrument names.
    pub(super) fn known_directive(&mut self, place: &Place, id: &InstrumentId) -> Option<&'a Directive> {
        if let Some(directive) = self.directives.get(id) {
            return Some(directive);
        }
        let known: Vec<&str> = self.directives.keys().take(20).map(|id| id.as_str()).collect();
        let message = format!("there is no directive `{id}`");
        let help = if known.is_empty() {
            "give the directive's file too: douane lint DIRECTIVE.toml THIS.toml".to_owned()
        } else {
            let more = if self.directives.len() > known.len() { ", ..." } else { "" };
            format!("known directives: {}{more}", known.join(", "))
        };
        self.report(place, error("unknown_directive", message, help));
        None
    }
}

fn each<T>(kind: &'static str, list: &[T], mut check: impl FnMut(&Place, &T)) {
    let root = Place::of(kind);
    list.iter().enumerate().for_each(|(at, item)| check(&root.then(at), item));
}

/// The instruments of a file with their kind, kind by kind, each in the order of the file.
fn ids_of(file: &LawFile) -> impl Iterator<Item = (&InstrumentId, &'static str)> {
    let directives = file.directive.iter().map(|i| (&i.id, "directive"));
    let exceptions = file.exception.iter().map(|i| (&i.id, "exception"));
    let liftings = file.lifting.iter().map(|i| (&i.id, "lifting"));
    let licences = file.licence.iter().map(|i| (&i.id, "licence"));
    let stays = file.stay.iter().map(|i| (&i.id, "stay"));
    let duties = file.service_duty.iter().map(|i| (&i.id, "service_duty"));
    let adoptions = file.adoption.iter().map(|i| (&i.id, "adoption"));
    directives.chain(exceptions).chain(liftings).chain(licences).chain(stays).chain(duties).chain(adoptions)
}
