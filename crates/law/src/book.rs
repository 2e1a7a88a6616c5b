//! A book: the instruments that count at some state of knowledge.

use crate::instrument::{
    Adoption, Directive, Exception, LawFile, Licence, Lifting, Reading, ServiceDuty, Stay,
};
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
    /// Stays.
    pub stays: Vec<Stay>,
    /// Orders to serve.
    pub service_duties: Vec<ServiceDuty>,
    /// Directives to somebody else that are enforced by choice.
    pub adoptions: Vec<Adoption>,
}

/// What an instrument changes, in one line for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Its id.
    pub id: InstrumentId,
    /// `directive`, `exception`, `lifting`, `licence`, `stay`, `service_duty` or
    /// `adoption`.
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
        self.stays.extend(file.stay.iter().cloned());
        self.service_duties.extend(file.service_duty.iter().cloned());
        self.adoptions.extend(file.adoption.iter().cloned());
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
            from: Some(d.effective_from.earliest()),
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
        directives.chain(exceptions).chain(liftings).chain(licences).chain(self.later_changes()).collect()
    }

    fn later_changes(&self) -> impl Iterator<Item = Change> {
        let stays = self.stays.iter().map(|s| Change {
            id: s.id.clone(),
            kind: "stay",
            title: s.title.clone(),
            from: Some(s.from),
            until: s.until,
        });
        let duties = self.service_duties.iter().map(|d| Change {
            id: d.id.clone(),
            kind: "service_duty",
            title: d.title.clone(),
            from: Some(d.from),
            until: d.until,
        });
        let adoptions = self.adoptions.iter().map(|a| Change {
            id: a.id.clone(),
            kind: "adoption",
            title: format!("enforces {}", a.directive),
            from: None,
            until: None,
        });
        stays.chain(duties).chain(adoptions)
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
