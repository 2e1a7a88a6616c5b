//! A book: the instruments that count at some state of knowledge.

use crate::instrument::{Directive, Exception, LawFile, Licence, Lifting, Reading};
use sha2::{Digest, Sha256};
use terms::{Choices, Instant, InstrumentId};

/// Instruments taken together, in the order they were put in force.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize)]
pub struct Book {
    /// Directives.
    pub directives: Vec<Directive>,
    /// Exceptions.
    pub exceptions: Vec<Exception>,
    /// Liftings.
    pub liftings: Vec<Lifting>,
    /// Licences.
    pub licences: Vec<Licence>,
}

/// What an instrument changes, in one line for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Its id.
    pub id: InstrumentId,
    /// `directive`, `exception`, `lifting` or `licence`.
    pub kind: &'static str,
    /// Its title.
    pub title: String,
    /// First instant it has effect; `None` = since ever.
    pub from: Option<Instant>,
    /// First instant it no longer has effect.
    pub until: Option<Instant>,
}

impl Book {
    /// Adds the instruments of a file; readings and models are not instruments of a book.
    pub fn add(&mut self, file: &LawFile) {
        self.directives.extend(file.directive.iter().cloned());
        self.exceptions.extend(file.exception.iter().cloned());
        self.liftings.extend(file.lifting.iter().cloned());
        self.licences.extend(file.licence.iter().cloned());
    }

    /// When a directive stops binding: its own end or the earliest lifting.
    pub fn end_of(&self, directive: &Directive) -> Option<Instant> {
        let lifted = self.liftings.iter().filter(|lifting| lifting.directives.contains(&directive.id));
        lifted.map(|lifting| lifting.at).chain(directive.effective_until).min()
    }

    /// Every instrument, as changes.
    pub fn changes(&self) -> Vec<Change> {
        let directives = self.directives.iter().map(|d| Change {
            id: d.id.clone(),
            kind: "directive",
            title: d.title.clone(),
            from: Some(d.effective_from),
            until: d.effective_until,
        });
        let exceptions = self.exceptions.iter().map(|e| Change {
            id: e.id.clone(),
            kind: "exception",
            title: e.title.clone(),
            from: e.from,
            until: e.until,
        });
        let liftings = self.liftings.iter().map(|l| Change {
            id: l.id.clone(),
            kind: "lifting",
            title: l.title.clone(),
            from: Some(l.at),
            until: None,
        });
        let licences = self.licences.iter().map(|l| Change {
            id: l.id.clone(),
            kind: "licence",
            title: l.holder.clone(),
            from: Some(l.from),
            until: l.until,
        });
        directives.chain(exceptions).chain(liftings).chain(licences).collect()
    }
}

/// The operator's choices recorded by readings; a later reading of the same question replaces an earlier one. The
/// first choice that is no option of its question is the error.
pub(crate) fn choices(readings: &[Reading]) -> Result<Choices, Reading> {
    readings.iter().try_fold(Choices::default(), |mut choices, reading| {
        if choices.record(reading.question, &reading.choice) { Ok(choices) } else { Err(reading.clone()) }
    })
}

impl LawFile {
    /// The choices recorded in this file; the first reading whose choice is no option is the error.
    pub fn choices(&self) -> Result<Choices, Reading> {
        choices(&self.reading)
    }
}

/// SHA-256 of a value's JSON. Struct fields have a fixed order, so the same value gives the same digest.
pub fn sha256<T: serde::Serialize>(domain: &str, value: &T) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(domain.as_bytes());
    hasher.update([0]);
    // Serialising these types to memory has no failing case; an empty body would only make the digest differ.
    hasher.update(serde_json::to_vec(value).unwrap_or_default());
    hasher.finalize().into()
}
