//! What bylaws say to a request that the law permits.

use crate::notes::Notes;
use decide::Outcome;
use std::sync::Arc;
use terms::FactMask;

/// A permit of the law. There is no other way to get one, so bylaws are never asked about a refusal and cannot turn
/// one into a permit.
#[derive(Debug)]
pub struct Permitted(());

impl Permitted {
    /// The witness, when the law's outcome is a permit.
    pub fn of(law: Outcome) -> Option<Self> {
        (law == Outcome::Permit).then_some(Self(()))
    }
}

/// How a bylaw refuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// For as long as the bylaw holds.
    Deny,
    /// Until these facts are shown; never an empty set.
    Verify(FactMask),
}

/// A bylaw that refuses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hit {
    pub(crate) notes: Arc<Notes>,
}

impl Hit {
    /// Its id.
    pub fn id(&self) -> &str {
        &self.notes.id
    }

    /// What the caller is told, in English; the operator's words.
    pub fn reason_en(&self) -> Option<&str> {
        self.notes.reason_en.as_deref()
    }

    /// The same in Korean.
    pub fn reason_ko(&self) -> Option<&str> {
        self.notes.reason_ko.as_deref()
    }

    /// How it refuses.
    pub fn effect(&self) -> Effect {
        self.notes.effect
    }
}

/// What the bylaws say: nothing, which leaves the law's permit as it is, or refusals.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Judgement {
    /// Bylaws that refuse, by id.
    pub refused: Vec<Hit>,
    /// What could not be evaluated. Each refuses by itself. For the operator, not for the caller.
    pub errors: Vec<String>,
}

impl Judgement {
    /// The judgement of bylaws that could not be asked at all.
    pub fn failed(why: impl ToString) -> Self {
        Self { refused: Vec::new(), errors: vec![why.to_string()] }
    }

    /// The outcome for a request that the law permits: an error or a plain refusal is `deny`, else a fact to show is
    /// `verify_first`, else the law's permit stands.
    pub fn outcome(&self) -> Outcome {
        let denied = self.refused.iter().any(|hit| hit.effect() == Effect::Deny);
        if denied || !self.errors.is_empty() {
            Outcome::Deny
        } else if self.refused.is_empty() {
            Outcome::Permit
        } else {
            Outcome::VerifyFirst
        }
    }

    /// The bylaw that decides: the first plain refusal, else the first that wants facts. `None` when an error alone
    /// decides, or when nothing refuses.
    pub fn deciding(&self) -> Option<&Hit> {
        let plain = self.refused.iter().find(|hit| hit.effect() == Effect::Deny);
        if plain.is_none() && !self.errors.is_empty() {
            return None;
        }
        plain.or_else(|| self.refused.first())
    }

    /// For `verify_first`: every fact that some bylaw wants shown; empty otherwise.
    pub fn missing(&self) -> FactMask {
        if self.outcome() != Outcome::VerifyFirst {
            return FactMask::EMPTY;
        }
        self.refused.iter().fold(FactMask::EMPTY, |all, hit| match hit.effect() {
            Effect::Deny => all,
            Effect::Verify(facts) => all.union(facts),
        })
    }

    /// Adds what was said of the same request at another reading of the clock.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.refused.extend(other.refused);
        self.refused.sort_by(|a, b| a.id().cmp(b.id()));
        self.refused.dedup();
        self.errors.extend(other.errors);
        self.errors.sort();
        self.errors.dedup();
        self
    }
}
