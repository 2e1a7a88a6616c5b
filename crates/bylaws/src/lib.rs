//! Bylaws: an operator's own extra rules, as Cedar policies that may only refuse or demand verification.
//!
//! A bylaw is a Cedar `forbid` over the schema in [`SCHEMA`]. It is asked after the law permits and only then:
//! [`Rulebook::judge`] takes a [`Permitted`], which nothing but a permit of the law gives, and what it returns can
//! refuse or agree, never permit over a refusal. A policy that cannot be evaluated refuses and is reported: Cedar by
//! itself would skip it.
//!
//! In order of use: [`Bylaws::parse`], [`Rulebook::new`], [`Rulebook::person`], [`Permitted`], [`Call`],
//! [`Rulebook::judge`], [`Judgement`].
//!
//! ```
//! use bylaws::{Bylaws, Call, Permitted, Rulebook};
//! use decide::Outcome;
//! use terms::{AccountId, Activity, Attested, ClockReading, Country, Instant, PersonFacts, Request};
//!
//! let text = r#"
//!     @id("no-streams")
//!     @reason("This service answers in one piece.")
//!     forbid (principal, action, resource) when { context.streaming };
//! "#;
//! let catalogue = law::lint::read(r#"
//!     schema = 1
//!     [[model]]
//!     id = "fable-5"
//!     upstream = "u"
//!     served_from = "US"
//!     dialects = ["openai"]
//! "#).unwrap().model;
//! let book = Rulebook::new(Bylaws::parse(text).unwrap(), &catalogue).unwrap();
//! let clock = ClockReading::exact(Instant::parse("2026-06-13T09:00:00-04:00").unwrap());
//! let person = book.person(&AccountId::parse("acme").unwrap(), None, &PersonFacts::unknown(), clock.at).unwrap();
//! let request = Request {
//!     model: 0,
//!     activity: Activity::HostedInference,
//!     end_use: Attested::default(),
//!     served_from: Country::US,
//! };
//! let judge = |streaming| {
//!     let permitted = Permitted::of(Outcome::Permit).unwrap();
//!     book.judge(permitted, &Call { person: &person, request, streaming, clock })
//! };
//! assert_eq!(judge(false).outcome(), Outcome::Permit);
//! assert_eq!(judge(true).outcome(), Outcome::Deny);
//! assert_eq!(judge(true).refused[0].id(), "no-streams");
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

mod judgement;
pub mod limits;
mod notes;
mod parse;
mod person;
mod rulebook;
mod shape;
mod text;
mod vocabulary;

pub use judgement::{Effect, Hit, Judgement, Permitted};
pub use law::lint::Diagnostic;
pub use notes::Notes;
pub use parse::{Bylaws, Twice};
pub use person::Person;
pub use rulebook::{Call, Rulebook, Unready};
pub use text::line_of;

/// What a bylaw can speak of, in Cedar's schema language.
pub const SCHEMA: &str = include_str!("schema.cedarschema");
