//! One strict pass over a request body that finds every model it names.
//!
//! A gateway that decides on the first `model` and forwards the bytes can be made to decide on one model and have
//! the provider serve another (repeated members, text after the object, escaped member names). So the whole body is
//! read once by one parser, what is ambiguous is refused, and [`Peek::with_model`] writes the decided name to the wire.

mod names;
mod skip;

use std::ops::Range;

use bytes::Bytes;
use serde::Deserializer as _;

use crate::{code::Code, limits, splice};
use names::{BodyVisitor, Names};
pub use splice::SpliceError;

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
}

/// A model named somewhere else than in the outermost `model`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedModel {
    /// The name, escapes decoded.
    pub model: String,
    /// Where it is written.
    pub range: Range<usize>,
}

impl Peek {
    /// Writes the decided model into the body it was read from; all other bytes stay as they are.
    ///
    /// # Errors
    /// [`SpliceError`] when `body` is not the body this was read from.
    pub fn with_model(&self, body: Bytes, decided: &str) -> Result<Bytes, SpliceError> {
        splice::with_model(body, &self.model_range, decided)
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
            Self::UpstreamChoice { .. } => Code::UnsupportedUpstreamChoice,
        }
    }

    /// The member at fault, for [`crate::refusal::Refusal::param`].
    #[must_use]
    pub fn param(&self) -> Option<&str> {
        match self {
            Self::DuplicateKey { key } => Some(key),
            Self::FallbacksInvalid { member } | Self::UpstreamChoice { member } => Some(member),
            _ => self.code().param(),
        }
    }
}

/// Reads a body once, whole and strictly. What it accepts, `serde_json` accepts as a value too.
///
/// # Errors
/// [`PeekError`], the first thing that cannot be accepted.
pub fn peek(body: &[u8]) -> Result<Peek, PeekError> {
    let text = std::str::from_utf8(body)
        .map_err(|error| PeekError::InvalidUtf8 { valid_up_to: error.valid_up_to() })?;
    let mut names = Names::of(text);
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = reader.deserialize_any(BodyVisitor(&mut names)).and_then(|()| reader.end());
    match (names.problem.take(), read) {
        (Some(problem), _) => Err(problem),
        (None, Err(error)) => Err(parser_problem(&error)),
        (None, Ok(())) => finish(names),
    }
}

fn finish(names: Names<'_>) -> Result<Peek, PeekError> {
    let NamedModel { model, range } = names.model.ok_or(PeekError::ModelMissing)?;
    Ok(Peek { model, model_range: range, stream: names.stream, other_models: names.others })
}

fn parser_problem(error: &serde_json::Error) -> PeekError {
    // serde_json has no category of its own for this; its text is fixed by a test below.
    if error.to_string().starts_with("recursion limit exceeded") {
        return PeekError::TooDeep;
    }
    if error.is_data() {
        return PeekError::NotAnObject;
    }
    PeekError::InvalidJson { line: error.line(), column: error.column() }
}

#[cfg(test)]
mod tests;
