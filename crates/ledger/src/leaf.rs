//! Leaves: what the log says, in one canonical form.
//!
//! A leaf is RFC 8785 canonical JSON (keys sorted, no white space, whole numbers up to 2^53 - 1, absent instead of
//! null) under one key that names its kind: `{"decision":{...}}`, `{"outcome":{...}}`, `{"control":{...}}`.
//! No type here can hold a name, a key or a prompt: fields are numbers, closed lists of words, identifiers and hashes.

use serde::{Deserialize, Serialize};

use crate::commit::Commitment;
use crate::hash::Digest32;
use crate::ident::Ident;
use crate::limits;

/// One entry of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaf {
    /// The attempt: a request for a restricted model and its verdict. Boxed, being far the largest.
    Decision(Box<Decision>),
    /// How a permitted request ended.
    Outcome(Outcome),
    /// Something that changed or vouches for the law in force.
    Control(Control),
}

/// The verdict on one request. One whose verdict is not `permit` is its own outcome: refused.
// Fields stand in the order of their keys: that order is the canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Activity, taken from the route.
    pub activity: Ident,
    /// When it was decided, in microseconds since 1970 UTC.
    pub at_us: u64,
    /// Instruments that decide, weightiest first.
    pub decisive: Vec<Ident>,
    /// Commitment to the evidence used.
    pub evidence: Commitment,
    /// Gateway that decided.
    pub gateway: Ident,
    /// Facts or readings that are missing.
    pub missing: Vec<Ident>,
    /// Model decided upon.
    pub model: Ident,
    /// Reason code.
    pub reason: Ident,
    /// Digest of the compiled regime.
    pub regime: Digest32,
    /// Commitment to the request.
    pub request: Commitment,
    /// Catalogue name that was asked for, if it is another than `model`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_model: Option<Ident>,
    /// Place in the log, which the journal assigns.
    pub seq: u64,
    /// Number of the snapshot.
    pub snapshot: u64,
    /// Whether the answer was to be streamed.
    pub stream: bool,
    /// Commitment to the person.
    pub subject: Commitment,
    /// The verdict.
    pub verdict: Verdict,
}

/// The verdicts that the log knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// May proceed; an outcome follows.
    Permit,
    /// Refused by an instrument.
    Deny,
    /// Refused until a named fact is shown.
    VerifyFirst,
    /// Refused while a legal reading is open.
    Depends,
    /// Refused because the request could not be read.
    RefusedRequest,
}

/// How a permitted request ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// When it ended, in microseconds since 1970 UTC.
    pub at_us: u64,
    /// Body bytes sent to the caller.
    pub bytes_sent: u64,
    /// Index of the decision that this closes.
    pub closes: u64,
    /// Stream events sent to the caller; 0 when it was no stream.
    pub events_sent: u64,
    /// Reason code, where there is more to say than the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Ident>,
    /// The result.
    pub result: OutcomeKind,
    /// Place in the log, which the journal assigns.
    pub seq: u64,
    /// Model that the upstream said it served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub served_model: Option<Ident>,
    /// Commitment to the upstream's own request number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_request: Option<Commitment>,
}

/// The ends that a permitted request can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// The whole answer was sent.
    Completed,
    /// A later verdict ended the stream.
    Cut,
    /// The upstream or the gateway failed.
    Failed,
    /// The caller hung up.
    ClientLeft,
    /// The gateway stopped in the middle; recorded at its next start.
    Interrupted,
}

/// An event of the control plane or of the log's own life, as a commitment to its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// When it happened, in microseconds since 1970 UTC.
    pub at_us: u64,
    /// Digest of the event's body (salted where the body could be guessed).
    pub digest: Digest32,
    /// What happened.
    pub kind: ControlKind,
    /// Public reference, given only by choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Ident>,
    /// Place in the log, which the journal assigns.
    pub seq: u64,
}

/// The events that the log knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlKind {
    /// An instrument was drafted.
    InstrumentDrafted,
    /// An instrument was amended: a new version of it exists.
    InstrumentAmended,
    /// An instrument was withdrawn before it took effect.
    InstrumentWithdrawn,
    /// An answer to a legal question was recorded.
    ReadingRecorded,
    /// An officer was added.
    OfficerAdded,
    /// An officer was removed.
    OfficerRemoved,
    /// An officer approved.
    Approved,
    /// An approval was taken back.
    ApprovalRevoked,
    /// The receipt of a letter was confirmed by call-back.
    ReceiptConfirmed,
    /// A regime was activated.
    Activated,
    /// A directive was lifted.
    Lifted,
    /// A snapshot was published.
    SnapshotPublished,
    /// A gateway acknowledged a snapshot.
    SnapshotAcknowledged,
    /// A gateway refused a snapshot.
    SnapshotRefused,
    /// A gateway was fenced off.
    GatewayFenced,
    /// A regime is enforced everywhere.
    EnforcedEverywhere,
    /// The checkpoint of another log.
    CheckpointRecorded,
    /// A signing key was replaced.
    KeyRotated,
    /// Openings were erased.
    OpeningsErased,
    /// A process started.
    Started,
    /// A process stopped in order.
    Stopped,
    /// A process started after an end without order.
    Recovered,
    /// Accounts, keys or people on file changed.
    RegisterChanged,
}

impl ControlKind {
    /// Whether it shows a change of the state kept beside the log: law, officers, accounts, keys, people. The others
    /// tell of the log, its process and its gateways.
    #[must_use]
    pub fn is_of_state(self) -> bool {
        match self {
            Self::InstrumentDrafted
            | Self::InstrumentAmended
            | Self::InstrumentWithdrawn
            | Self::ReadingRecorded
            | Self::OfficerAdded
            | Self::OfficerRemoved
            | Self::Approved
            | Self::ApprovalRevoked
            | Self::ReceiptConfirmed
            | Self::Activated
            | Self::Lifted
            | Self::RegisterChanged => true,
            Self::SnapshotPublished
            | Self::SnapshotAcknowledged
            | Self::SnapshotRefused
            | Self::GatewayFenced
            | Self::EnforcedEverywhere
            | Self::CheckpointRecorded
            | Self::KeyRotated
            | Self::OpeningsErased
            | Self::Started
            | Self::Stopped
            | Self::Recovered => false,
        }
    }
}

/// Why bytes are not a leaf, or a leaf cannot be written. Whoever made the leaf is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Longer than an entry bundle can hold.
    #[error("a leaf has at most 65535 bytes, this one has {0}; shorten its lists")]
    Length(usize),
    /// A number or list is out of bounds.
    #[error("the field {0} is out of bounds; numbers go up to 2^53 - 1 and lists hold up to 64 items")]
    Bounds(&'static str),
    /// The bytes are not one of the leaves.
    #[error("these bytes are not a leaf: {0}")]
    Form(String),
    /// The same content in another spelling.
    #[error("the leaf is not in canonical form (sorted keys, no white space, nothing superfluous)")]
    Spelling,
}

impl Leaf {
    /// The leaf's own statement of its place in the log, which equals its index.
    #[must_use]
    pub fn seq(&self) -> u64 {
        match self {
            Self::Decision(leaf) => leaf.seq,
            Self::Outcome(leaf) => leaf.seq,
            Self::Control(leaf) => leaf.seq,
        }
    }

    /// When it happened, in microseconds since 1970 UTC.
    #[must_use]
    pub fn at_us(&self) -> u64 {
        match self {
            Self::Decision(leaf) => leaf.at_us,
            Self::Outcome(leaf) => leaf.at_us,
            Self::Control(leaf) => leaf.at_us,
        }
    }

    pub(crate) fn set_seq(&mut self, seq: u64) {
        match self {
            Self::Decision(leaf) => leaf.seq = seq,
            Self::Outcome(leaf) => leaf.seq = seq,
            Self::Control(leaf) => leaf.seq = seq,
        }
    }

    /// The canonical bytes.
    ///
    /// # Errors
    /// [`LeafError::Bounds`] or [`LeafError::Length`].
    pub fn encode(&self) -> Result<Vec<u8>, LeafError> {
        self.check()?;
        let bytes = serde_json::to_vec(self).map_err(|error| LeafError::Form(error.to_string()))?;
        if bytes.len() > limits::LEAF_BYTES { Err(LeafError::Length(bytes.len())) } else { Ok(bytes) }
    }

    /// Reads canonical bytes, and refuses the same content in any other spelling.
    ///
    /// # Errors
    /// [`LeafError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, LeafError> {
        if bytes.len() > limits::LEAF_BYTES {
            return Err(LeafError::Length(bytes.len()));
        }
        let leaf: Self = serde_json::from_slice(bytes).map_err(|error| LeafError::Form(error.to_string()))?;
        if leaf.encode()? == bytes { Ok(leaf) } else { Err(LeafError::Spelling) }
    }

    /// Whether every field is within bounds.
    ///
    /// # Errors
    /// [`LeafError::Bounds`] with the field's name.
    pub fn check(&self) -> Result<(), LeafError> {
        number("seq", self.seq())?;
        number("at_us", self.at_us())?;
        match self {
            Self::Decision(leaf) => {
                number("snapshot", leaf.snapshot)?;
                list("decisive", &leaf.decisive)?;
                list("missing", &leaf.missing)
            }
            Self::Outcome(leaf) => {
                number("closes", leaf.closes)?;
                number("bytes_sent", leaf.bytes_sent)?;
                number("events_sent", leaf.events_sent)
            }
            Self::Control(_) => Ok(()),
        }
    }
}

fn number(field: &'static str, value: u64) -> Result<(), LeafError> {
    if value <= limits::INTEGER { Ok(()) } else { Err(LeafError::Bounds(field)) }
}

fn list(field: &'static str, items: &[Ident]) -> Result<(), LeafError> {
    if items.len() <= limits::LIST_ITEMS { Ok(()) } else { Err(LeafError::Bounds(field)) }
}

#[cfg(test)]
pub(crate) mod tests;
