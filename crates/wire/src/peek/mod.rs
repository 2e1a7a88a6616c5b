//! One strict pass over a request body that finds every model it names.
//!
//! A gateway that decides on the first `model` and forwards the bytes can be made to decide on one model and have
//! the provider serve another (repeated members, text after the object, escaped member names). So the whole body is
//! read once by one parser, what is ambiguous is refused, and [`Peek::with_model`] writes the decided name to the wire.

//!
//! | where a model may be named | path, for instance |
//! |---|---|
//! | the outermost object | `model` |
//! | substitutes: `fallbacks`, `models`, `context_window_fallbacks`, `content_policy_fallbacks`, as names or as objects with `model`, with or without the beta header that switches them on | `fallbacks.0.model` |
//! | tool definitions, however nested, and what they hold except schemas and examples | `tools.16.model`, `tools.0.svg.model` |
//! | tools brought into a conversation by its messages | `messages.4.content.0.tool.definition.model`, `input.2.tools.0.model` |
//! | any other member of the outermost object, also one nobody has heard of (`advisor`, `subagents`, `moderation`), except texts, schemas and the caller's own data | `moderation.model` |
//!
//! Modes that are not served unless allowed are found in the same pass; [`crate::mode`] has their table.

mod carriers;
mod content;
mod members;
mod path;
mod walk;

use std::ops::Range;

use bytes::Bytes;

use crate::{
    code::Code,
    dialect::Form,
    gone::Asked,
    json::Fault,
    limits,
    mode::{Allowed, Mode},
    splice,
};
pub use splice::SpliceError;
use walk::{Stop, Walk};

/// What the decision needs from a request body. Ranges are byte offsets of whole JSON string tokens, quotes included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peek {
    /// The model asked for, escapes decoded.
    pub model: String,
    /// Where `model` is written.
    pub model_range: Range<usize>,
    /// Whether a streamed answer is asked for; absent and `null` are `false`.
    pub stream: bool,
    /// Every other model the body names, in the order met: substitutes and models of nested tools.
    pub other_models: Vec<NamedModel>,
    /// The modes the body asks for, all of them allowed, in the order met.
    pub modes: Vec<NamedMode>,
}

/// A model named somewhere else than in the outermost `model`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedModel {
    /// The name, escapes decoded.
    pub model: String,
    /// Where it is written.
    pub range: Range<usize>,
    /// The way to it: member names and positions, joined by dots, as the providers write it in their own errors.
    pub path: String,
}

/// A mode that the body asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedMode {
    /// Which.
    pub mode: Mode,
    /// The member that asks for it.
    pub path: String,
}

impl Peek {
    /// Writes the decided model into the body it was read from; all other bytes stay as they are.
    ///
    /// # Errors
    /// [`SpliceError`] when `body` is not the body this was read from.
    pub fn with_model(&self, body: Bytes, decided: &str) -> Result<Bytes, SpliceError> {
        splice::with_model(body, &self.model_range, decided)
    }

    /// Writes a decided model in the place of every model named: first that of `model`, then those of
    /// [`other_models`](Self::other_models) in their order. All other bytes stay as they are.
    ///
    /// # Errors
    /// [`SpliceError`] when `body` is not the body this was read from, or there are not as many names as places.
    pub fn with_models(&self, body: Bytes, decided: &[&str]) -> Result<Bytes, SpliceError> {
        if decided.len() != self.other_models.len().saturating_add(1) {
            return Err(SpliceError);
        }
        let places =
            std::iter::once(&self.model_range).chain(self.other_models.iter().map(|named| &named.range));
        let edits: Vec<_> = places.cloned().zip(decided.iter().copied()).collect();
        splice::with_models(body, &edits)
    }

    /// The models as they were written to the upstream, with their places, for [`crate::gone::Table::cause`].
    pub fn asked<'a>(&'a self, decided: &'a [&'a str]) -> Vec<Asked<'a>> {
        let paths = std::iter::once("model").chain(self.other_models.iter().map(|named| named.path.as_str()));
        decided.iter().zip(paths).map(|(model, path)| Asked { model, path }).collect()
    }

    /// Whether something it asks for can be fetched later and is to be decided anew then.
    #[must_use]
    pub fn is_fetched_later(&self) -> bool {
        self.modes.iter().any(|named| named.mode.is_fetched_later())
    }
}

/// Why a body was refused. All are the caller's to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeekError {
    /// A byte that is not UTF-8.
    #[error("the body is not UTF-8 after byte {valid_up_to}")]
    InvalidUtf8 {
        /// Bytes before the first wrong one.
        valid_up_to: usize,
    },
    /// Not JSON, or something follows the object.
    #[error("the body is not one JSON object: line {line}, column {column}")]
    InvalidJson {
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// Nested deeper than [`limits::BODY_DEPTH`].
    #[error("the body is nested deeper than {} levels", limits::BODY_DEPTH)]
    TooDeep,
    /// JSON, but not an object.
    #[error("the body is not a JSON object")]
    NotAnObject,
    /// A member occurs twice, perhaps once in escaped spelling.
    #[error("a member occurs twice: {key}")]
    DuplicateKey {
        /// The member, shortened to 64 characters.
        key: String,
    },
    /// More members than [`limits::BODY_MEMBERS`] or more models than [`limits::OTHER_MODELS`].
    #[error("the body has too many members or names too many models")]
    TooManyMembers,
    /// No `model`, or `null`.
    #[error("the body names no model")]
    ModelMissing,
    /// A model that is not text, is empty, too long or holds a control character.
    #[error("a model name is not a plain name of at most {} bytes", limits::MODEL_BYTES)]
    ModelInvalid,
    /// `stream` is neither boolean nor `null`.
    #[error("stream is not a boolean")]
    StreamInvalid,
    /// Substitutes that are not a list of names or of objects with `model`.
    #[error("{member} is not a list of model names")]
    FallbacksInvalid {
        /// The member at fault.
        member: &'static str,
    },
    /// `fallbacks: "default"` lets the provider choose a model nobody has decided on.
    #[error("fallbacks must name its models")]
    FallbackNotNamed,
    /// A mode that is not served and not allowed.
    #[error("the member {path} asks for the mode {}", mode.as_str())]
    ModeNotServed {
        /// Which.
        mode: Mode,
        /// The member at fault.
        path: String,
    },
    /// A member that would choose the upstream or its key.
    #[error("the member {member} would choose the upstream")]
    UpstreamChoice {
        /// The member at fault.
        member: &'static str,
    },
}

impl PeekError {
    /// The code of the refusal this error becomes.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::InvalidUtf8 { .. } => Code::InvalidUtf8,
            Self::InvalidJson { .. } => Code::InvalidJson,
            Self::TooDeep => Code::TooDeep,
            Self::NotAnObject => Code::NotAnObject,
            Self::DuplicateKey { .. } => Code::DuplicateKey,
            Self::TooManyMembers => Code::TooManyMembers,
            Self::ModelMissing => Code::ModelMissing,
            Self::ModelInvalid => Code::ModelInvalid,
            Self::StreamInvalid => Code::StreamInvalid,
            Self::FallbacksInvalid { .. } => Code::FallbacksInvalid,
            Self::FallbackNotNamed => Code::FallbackNotNamed,
            Self::ModeNotServed { .. } => Code::ModeNotServed,
            Self::UpstreamChoice { .. } => Code::UnsupportedUpstreamChoice,
        }
    }

    /// The member at fault, for [`crate::refusal::Refusal::param`].
    #[must_use]
    pub fn param(&self) -> Option<&str> {
        match self {
            Self::DuplicateKey { key } => Some(key),
            Self::ModeNotServed { path, .. } => Some(path),
            Self::FallbacksInvalid { member } | Self::UpstreamChoice { member } => Some(member),
            _ => self.code().param(),
        }
    }

    /// The mode that was asked for, where the refusal is one of a mode.
    #[must_use]
    pub const fn mode(&self) -> Option<Mode> {
        match self {
            Self::ModeNotServed { mode, .. } => Some(*mode),
            _ => None,
        }
    }
}

/// Reads a body once, whole and strictly, with no mode allowed. What it accepts, `serde_json` accepts as a value too.
///
/// Without the form of the body it cannot be known that a member left out asks for something: use [`peek_as`] where the
/// route is known.
///
/// # Errors
/// [`PeekError`], the first thing that cannot be accepted.
pub fn peek(body: &[u8]) -> Result<Peek, PeekError> {
    read(body, None, Allowed::NONE)
}

/// Reads a body of this form once, whole and strictly, where an operator allows these modes.
///
/// ```
/// use wire::{dialect::Form, mode::{Allowed, Mode}, peek::{PeekError, peek_as}};
/// let kept = br#"{"model":"m","input":"Hi"}"#;
/// let refused = PeekError::ModeNotServed { mode: Mode::StoredResponses, path: "store".into() };
/// assert_eq!(peek_as(kept, Form::Responses, Allowed::NONE), Err(refused));
/// assert!(peek_as(br#"{"model":"m","input":"Hi","store":false}"#, Form::Responses, Allowed::NONE).is_ok());
/// ```
///
/// # Errors
/// [`PeekError`], the first thing that cannot be accepted.
pub fn peek_as(body: &[u8], form: Form, allowed: Allowed) -> Result<Peek, PeekError> {
    read(body, Some(form), allowed)
}

fn read(body: &[u8], form: Option<Form>, allowed: Allowed) -> Result<Peek, PeekError> {
    let text = std::str::from_utf8(body)
        .map_err(|error| PeekError::InvalidUtf8 { valid_up_to: error.valid_up_to() })?;
    Walk::new(text, form, allowed).read().map_err(|stop| match stop {
        Stop::Refused(problem) => problem,
        Stop::Fault(Fault::TooDeep) => PeekError::TooDeep,
        Stop::Fault(Fault::Duplicate(key)) => PeekError::DuplicateKey { key },
        Stop::Fault(Fault::Syntax { at }) => not_json(body, at),
    })
}

fn not_json(body: &[u8], at: usize) -> PeekError {
    let before = body.get(..at).unwrap_or(body);
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at.saturating_add(1));
    let line = before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1);
    PeekError::InvalidJson { line, column: before.len().saturating_sub(line_start).saturating_add(1) }
}

/// Whether a text can be the name of a model.
pub(crate) fn is_model_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= limits::MODEL_BYTES && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests;
