//! The wire formats of the gateway: OpenAI and Anthropic dialects. Bytes in, bytes out, no sockets.
//!
//! In the order of a request:
//!
//! 1. [`dialect::route`] finds the [`dialect::Route`]; what is not in its table is refused by the [`mode::Mode`] it is of.
//! 2. [`peek::peek_as`] reads the body once, strictly, and finds every model and mode it names; [`aliases::Aliases`] says
//!    which models the names stand for.
//! 3. [`refusal::render`] writes a [`refusal::Refusal`] for a caller who cannot be served, or
//!    [`peek::Peek::with_models`] writes the decided models into the body for the upstream, and [`translate::request`] the body
//!    in the upstream's dialect where that is another.
//! 4. [`gone::Table`] says why an upstream did not answer; [`answer`] reads which model did, why it stopped and what it took.
//! 5. [`sse::Splitter`] passes the streamed answer on at event edges, [`translate::StreamTranslator`] in the caller's
//!    dialect, so that [`ending::cut_event_of`] can end it lawfully.
//!
//! [`models`] writes model lists, and [`practice`] is the content of a model that needs no provider.
//!
//! ```
//! use wire::{code::Code, dialect::{Dialect, Route, route}, lang::Lang, peek::peek, refusal::{Refusal, render}};
//!
//! let body = br#"{"model":"m-large","stream":true,"messages":[]}"#;
//! assert_eq!(route("POST", "/v1/chat/completions", false), Ok(Route::ChatCompletions));
//! let asked = peek(body)?;
//! assert_eq!((&*asked.model, asked.stream), ("m-large", true));
//!
//! let refusal = Refusal {
//!     model: asked.model,
//!     references: vec!["Letter of 12 June 2026".into()],
//!     ..Refusal::new(Code::LegalRestriction, "01J-receipt")
//! };
//! let answer = render(&refusal, Dialect::OpenAi, Lang::En);
//! assert_eq!(answer.status, 451);
//! # Ok::<(), wire::peek::PeekError>(())
//! ```

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects
    )
)]

pub mod aliases;
pub mod answer;
pub mod code;
pub mod dialect;
pub mod ending;
pub mod gone;
mod header;
mod json;
pub mod lang;
pub mod limits;
pub mod mode;
pub mod models;
pub mod page;
pub mod peek;
pub mod practice;
mod problem;
pub mod refusal;
pub mod splice;
pub mod sse;
mod texts;
pub mod translate;
mod way;
