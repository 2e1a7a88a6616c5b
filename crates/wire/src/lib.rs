//! The wire formats of the gateway: OpenAI and Anthropic dialects. Bytes in, bytes out, no sockets.
//!
//! In the order of a request:
//!
//! 1. [`dialect::route`] finds the [`dialect::Route`]; what is not in its table is refused.
//! 2. [`peek::peek`] reads the body once, strictly, and finds every model it names.
//! 3. [`refusal::render`] writes a [`refusal::Refusal`] for a caller who cannot be served, or
//!    [`peek::Peek::with_model`] writes the decided model into the body for the upstream.
//! 4. [`sse::Splitter`] passes the streamed answer on at event edges, so that [`ending::cut_event`] can end it lawfully.
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

pub mod code;
pub mod dialect;
pub mod ending;
mod header;
pub mod lang;
pub mod limits;
pub mod models;
pub mod page;
pub mod peek;
pub mod practice;
mod problem;
pub mod refusal;
pub mod splice;
pub mod sse;
mod texts;
mod way;
