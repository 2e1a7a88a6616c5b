//! From a file of policies to bylaws, or to findings that point at the line.

use crate::judgement::Effect;
use crate::notes::{self, Notes};
use crate::text::{Statement, statements};
use crate::{SCHEMA, limits, shape, vocabulary};
use cedar_policy::{Effect as CedarEffect, Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use law::lint::{Diagnostic, Severity};
use miette::Diagnostic as _;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// One bylaw.
#[derive(Clone, Debug)]
pub(crate) struct Bylaw {
    /// Named by its id.
    pub(crate) policy: Policy,
    pub(crate) notes: Arc<Notes>,
    /// The models it is confined to; `None` = any.
    pub(crate) models: Option<BTreeSet<String>>,
    pub(crate) reads_clock: bool,
}

/// The bylaws of an operator: each a `forbid`, valid against [`SCHEMA`].
#[derive(Clone, Debug, Default)]
pub struct Bylaws {
    pub(crate) by_id: BTreeMap<String, Bylaw>,
}

/// Two files have a bylaw of the same id.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("two bylaws have the id `{0}`, or there are more than 1024: give each an id of its own")]
pub struct Twice(pub String);

impl Bylaws {
    /// Reads one file.
    ///
    /// # Errors
    /// Every finding, in order of place: what is no Cedar policy, a policy that would permit, one that speaks of what
    /// the schema does not have, one that can never hold, annotations that are missing or unknown.
    pub fn parse(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut reader = Reader { bylaws: Self::default(), spans: BTreeMap::new(), found: Vec::new() };
        if text.len() > limits::FILE_BYTES {
            let message = format!("a file of bylaws has at most {} bytes", limits::FILE_BYTES);
            reader.report("bylaw_too_big", message, "divide it into several files", 0..0);
        } else {
            statements(text).iter().for_each(|statement| reader.read(text, statement));
            reader.validate();
        }
        reader.found.sort_by_key(|diagnostic| diagnostic.span.start);
        if reader.found.is_empty() { Ok(reader.bylaws) } else { Err(reader.found) }
    }

    /// Adds those of another file.
    ///
    /// # Errors
    /// [`Twice`] when both have a bylaw of one id.
    pub fn join(mut self, other: Self) -> Result<Self, Twice> {
        for (id, bylaw) in other.by_id {
            if self.by_id.len() >= limits::BYLAWS || self.by_id.contains_key(&id) {
                return Err(Twice(id));
            }
            self.by_id.insert(id, bylaw);
        }
        Ok(self)
    }

    /// The same without the bylaw of this id.
    #[must_use]
    pub fn without(mut self, id: &str) -> Self {
        self.by_id.remove(id);
        self
    }

    /// Ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.by_id.keys().map(String::as_str)
    }

    /// Number of bylaws.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Every model that some bylaw is confined to.
    pub fn models_named(&self) -> BTreeSet<&str> {
        let sets = self.by_id.values().filter_map(|bylaw| bylaw.models.as_ref());
        sets.flatten().map(String::as_str).collect()
    }

    /// Bylaws that demand verification, with the facts they want.
    pub fn verifying(&self) -> impl Iterator<Item = (&str, terms::FactMask)> {
        self.by_id.values().filter_map(|bylaw| match bylaw.notes.effect {
            Effect::Deny => None,
            Effect::Verify(facts) => Some((bylaw.notes.id.as_str(), facts)),
        })
    }
}

struct Reader {
    bylaws: Bylaws,
    /// Where each bylaw stands, by id.
    spans: BTreeMap<String, Range<usize>>,
    found: Vec<Diagnostic>,
}

impl Reader {
    fn report(&mut self, code: &'static str, message: impl Into<String>, help: &str, span: Range<usize>) {
        self.found.push(Diagnostic {
            severity: Severity::Error,
            code,
            message: message.into(),
            help: help.to_owned(),
            article: None,
            span,
        });
    }

    fn read(&mut self, text: &str, statement: &Statement) {
        let span = statement.span.clone();
        if let Some(why) = statement.too_big() {
            return self.report("bylaw_too_big", why, "divide it into several bylaws", span);
        }
        match Policy::parse(None, text.get(span.clone()).unwrap_or_default()) {
            Ok(policy) => self.add(&policy, span),
            Err(errors) => {
                for error in errors.iter() {
                    let help = error.help().map(|help| help.to_string()).unwrap_or_default();
                    self.report("bylaw_unreadable", error.to_string(), &help, label(error, &span));
                }
            }
        }
    }

    fn add(&mut self, policy: &Policy, span: Range<usize>) {
        let name = || policy.annotation("id").unwrap_or("without an id").to_owned();
        if policy.effect() != CedarEffect::Forbid {
            let message = format!("the policy `{}` permits; a bylaw can only refuse", name());
            return self.report("bylaw_permits", message, "write forbid, or leave it to the law", span);
        }
        let notes = match notes::read(policy) {
            Ok(notes) => notes,
            Err(bad) => return self.report("bylaw_annotation", bad.message, bad.help, span),
        };
        let form = match policy.to_json() {
            Ok(form) => form,
            Err(error) => return self.report("bylaw_unreadable", error.to_string(), "", span),
        };
        if let Some((fact, word)) = vocabulary::impossible(&form) {
            let message = format!("`{fact}` is never `{word}`, so this would compare for nothing");
            return self.report("bylaw_word", message, vocabulary::help(&fact), span);
        }
        if self.bylaws.by_id.contains_key(&notes.id) || self.bylaws.len() >= limits::BYLAWS {
            let message = Twice(notes.id).to_string();
            return self.report("bylaw_twice", message, "choose another id", span);
        }
        let id = notes.id.clone();
        let bylaw = Bylaw {
            policy: policy.new_id(PolicyId::new(&id)),
            notes: Arc::new(notes),
            models: shape::models(&form),
            reads_clock: shape::reads_clock(&form),
        };
        self.spans.insert(id.clone(), span);
        self.bylaws.by_id.insert(id, bylaw);
    }

    /// Checks against the schema. A warning is a policy that can never hold or whose text deceives the eye.
    fn validate(&mut self) {
        let policies = PolicySet::from_policies(self.bylaws.by_id.values().map(|bylaw| bylaw.policy.clone()));
        let (policies, schema) = match (policies, Schema::from_cedarschema_str(SCHEMA)) {
            (Ok(policies), Ok((schema, _))) => (policies, schema),
            (Err(error), _) => return self.report("bylaw_unreadable", error.to_string(), "", 0..0),
            (_, Err(error)) => return self.report("bylaw_schema", error.to_string(), "", 0..0),
        };
        let result = Validator::new(schema).validate(&policies, ValidationMode::Strict);
        for error in result.validation_errors() {
            self.invalid("bylaw_invalid", error.policy_id().clone(), error);
        }
        for warning in result.validation_warnings() {
            self.invalid("bylaw_idle", warning.policy_id().clone(), warning);
        }
    }

    fn invalid(&mut self, code: &'static str, policy: PolicyId, why: &dyn miette::Diagnostic) {
        let whole = self.spans.get(AsRef::<str>::as_ref(&policy)).cloned().unwrap_or_default();
        let help = why.help().map(|help| help.to_string());
        let help = help.unwrap_or_else(|| "the schema is in docs/bylaws.md".to_owned());
        self.report(code, why.to_string(), &help, label(why, &whole));
    }
}

/// The place an error points at, inside the policy that stands at `whole`; the whole policy when it names none.
fn label(error: &dyn miette::Diagnostic, whole: &Range<usize>) -> Range<usize> {
    let first = error.labels().and_then(|mut labels| labels.next());
    first.map_or_else(
        || whole.clone(),
        |label| {
            let start = whole.start.saturating_add(label.offset()).min(whole.end);
            start..start.saturating_add(label.len()).min(whole.end)
        },
    )
}
