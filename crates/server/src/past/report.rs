//! What came of recomputing a decision.

use ledger::hash::Digest32;
use ledger::ident::Ident;
use ledger::leaf::{Decision, Verdict};
use serde::Serialize;
use terms::Instant;

/// How a decision of the log compares with itself, recomputed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// The same entry, bit for bit, from what was known then.
    Same,
    /// The openings are gone, so nobody can tell any more who asked for what; the law it names is the law that was
    /// known then.
    DigestsOnly,
    /// What it depends on is not all on file, so it cannot be told.
    CannotTell,
    /// Something is not as it was recorded.
    Differs,
}

impl Conclusion {
    /// The word used in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::DigestsOnly => "digests_only",
            Self::CannotTell => "cannot_tell",
            Self::Differs => "differs",
        }
    }

    /// Whether nothing speaks against the record.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Same | Self::DigestsOnly)
    }
}

/// Something to know about a recomputation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Remark {
    /// A word for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub text: String,
    /// As recorded, where two values differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<String>,
    /// As recomputed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recomputed: Option<String>,
}

/// What a decision says, in the words of the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Said {
    /// The verdict.
    pub verdict: Verdict,
    /// Instruments that decide.
    pub decisive: Vec<Ident>,
    /// Facts and readings missing.
    pub missing: Vec<Ident>,
    /// Reason code.
    pub reason: Ident,
    /// Digest of the regime.
    pub regime: Digest32,
    /// Number of the snapshot.
    pub snapshot: u64,
}

impl Said {
    pub(super) fn of(decision: &Decision) -> Self {
        Self {
            verdict: decision.verdict,
            decisive: decision.decisive.clone(),
            missing: decision.missing.clone(),
            reason: decision.reason.clone(),
            regime: decision.regime,
            snapshot: decision.snapshot,
        }
    }
}

/// One decision, recomputed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Recomputed {
    /// Its place in the log.
    pub index: u64,
    /// When it was decided.
    pub at: Instant,
    /// The model decided upon.
    pub model: Ident,
    /// How it compares.
    pub result: Conclusion,
    /// Events that were on file when it was written to the log.
    pub known_events: u64,
    /// What the log says.
    pub recorded: Said,
    /// What comes out now; `None` where it cannot be decided again.
    pub recomputed: Option<Said>,
    /// Hash of the entry in the log (RFC 6962).
    pub leaf_hash: Digest32,
    /// Hash of the entry written anew from what was recomputed.
    pub recomputed_leaf_hash: Option<Digest32>,
    /// What differs.
    pub differences: Vec<Remark>,
    /// What else is worth knowing; none of it speaks against the record.
    pub notes: Vec<Remark>,
}

/// A report in the making.
pub(super) struct Draft {
    pub(super) differences: Vec<Remark>,
    pub(super) notes: Vec<Remark>,
    /// The least that can be concluded so far.
    floor: Conclusion,
}

impl Draft {
    pub(super) fn new() -> Self {
        Self { differences: Vec::new(), notes: Vec::new(), floor: Conclusion::Same }
    }

    pub(super) fn note(&mut self, code: &'static str, text: impl Into<String>) {
        self.notes.push(remark(code, text));
    }

    /// Something that keeps the decision from being told the same.
    pub(super) fn at_best(&mut self, floor: Conclusion, code: &'static str, text: impl Into<String>) {
        self.floor = self.floor.max(floor);
        self.note(code, text);
    }

    pub(super) fn differs(&mut self, code: &'static str, text: impl Into<String>) {
        self.differences.push(remark(code, text));
    }

    /// Two values that should be one.
    pub(super) fn compare(&mut self, code: &'static str, recorded: &str, recomputed: &str) {
        if recorded == recomputed {
            return;
        }
        let text = format!("{code} differs");
        let (recorded, recomputed) = (Some(recorded.to_owned()), Some(recomputed.to_owned()));
        self.differences.push(Remark { code, text, recorded, recomputed });
    }

    pub(super) fn conclusion(&self) -> Conclusion {
        if self.differences.is_empty() { self.floor } else { Conclusion::Differs }
    }
}

fn remark(code: &'static str, text: impl Into<String>) -> Remark {
    Remark { code, text: text.into(), recorded: None, recomputed: None }
}
