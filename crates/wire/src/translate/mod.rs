//! Between the dialects: a chat completion asked of an Anthropic upstream, a message asked of an OpenAI one.
//!
//! Texts, system texts, tools with their calls and results, pictures, stop sequences, the length and temperature of the
//! answer, tool choice and token counts have counterparts. Whatever has none is refused by its name, never left out in
//! silence. `docs/translation.md` lists both.
//!
//! Requests are expected to have passed [`crate::peek`]; numbers are carried as 64-bit integers or doubles.
//!
//! ```
//! use wire::{dialect::Dialect, translate::{Defaults, request}};
//! let body = br#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}"#;
//! let translated = request(Dialect::OpenAi, body, &Defaults::default())?;
//! assert_eq!(translated.body, br#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}"#);
//!
//! let seeded = br#"{"model":"m","max_tokens":9,"seed":1,"messages":[]}"#;
//! let error = request(Dialect::OpenAi, seeded, &Defaults::default()).unwrap_err();
//! assert_eq!(error.path(), "seed");
//! # Ok::<(), wire::translate::TranslateError>(())
//! ```

mod answer;
mod ask_anthropic;
mod ask_openai;
mod errors;
mod fields;
mod pictures;
mod stream;
mod to_chunks;
mod to_events;

pub use answer::answer;
pub use errors::error_body;
pub use stream::StreamTranslator;

use serde_json::Value;

use crate::{code::Code, dialect::Dialect, limits};
use fields::Fields;

/// What cannot be translated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TranslateError {
    /// The other dialect has nothing like it.
    #[error("{path} has no counterpart in the other dialect")]
    NoCounterpart {
        /// The member at fault, as `messages.0.content.1.type`.
        path: String,
    },
    /// It is not what its own dialect says it is.
    #[error("{path} is not what its dialect says it is")]
    Unreadable {
        /// The member at fault; `body` for the whole.
        path: String,
    },
    /// Longer than [`limits::TRANSLATED_BYTES`], or for one event of a stream [`limits::TRANSLATED_EVENT_BYTES`].
    #[error("too long to be translated")]
    TooLong,
    /// The stream ended without the end mark of its dialect.
    #[error("the stream was broken off")]
    BrokenOff,
}

impl TranslateError {
    /// The code of the refusal this error becomes when a request could not be translated. An answer that could not be is
    /// the upstream's fault: [`Code::UpstreamUnreachable`].
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::NoCounterpart { .. } => Code::NotTranslatable,
            Self::Unreadable { .. } | Self::BrokenOff => Code::BadRequest,
            Self::TooLong => Code::BodyTooLarge,
        }
    }

    /// The member at fault, for [`crate::refusal::Refusal::param`].
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::NoCounterpart { path } | Self::Unreadable { path } => path,
            Self::TooLong | Self::BrokenOff => "body",
        }
    }
}

pub(super) type Translation<T> = Result<T, TranslateError>;

fn no_counterpart<T>(path: impl Into<String>) -> Translation<T> {
    Err(TranslateError::NoCounterpart { path: path.into() })
}

fn unreadable<T>(path: impl Into<String>) -> Translation<T> {
    Err(TranslateError::Unreadable { path: path.into() })
}

/// What the operator sets where one dialect requires what the other leaves open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// Most output tokens of a message when the caller of chat completions names no bound; without it such a request is
    /// refused, because the Anthropic dialect requires one.
    pub max_tokens: Option<u64>,
}

/// A request in the other dialect.
#[derive(Clone, Debug, PartialEq)]
pub struct TranslatedRequest {
    /// The body for the upstream.
    pub body: Vec<u8>,
    /// Whether a streamed answer is asked for.
    pub stream: bool,
    /// Whether the caller wants token counts at the end of a stream of chat completions.
    pub include_usage: bool,
}

/// Writes a request of dialect `from` in the other one. The model's name is carried over as it is.
///
/// # Errors
/// [`TranslateError`] for the first member that cannot be translated.
pub fn request(from: Dialect, body: &[u8], defaults: &Defaults) -> Translation<TranslatedRequest> {
    let fields = Fields::of(read(body)?, "")?;
    match from {
        Dialect::OpenAi => ask_anthropic::request(fields, defaults),
        Dialect::Anthropic => ask_openai::request(fields),
    }
}

fn read(body: &[u8]) -> Translation<Value> {
    if body.len() > limits::TRANSLATED_BYTES {
        return Err(TranslateError::TooLong);
    }
    serde_json::from_slice(body).or_else(|_| unreadable("body"))
}

#[cfg(test)]
mod tests;
