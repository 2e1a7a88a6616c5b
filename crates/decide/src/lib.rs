//! Regime, facts, request and instant in; verdict with reasons and cure out.
//!
//! Pure: no input or output, no clock, no panic. The normative text is the description of the decision cases; the
//! way of working is in [`decide`]: three-valued logic first, possible worlds where that is too cautious.
//!
//! In order of use: [`Ask`], [`decide`], [`Verdict`], [`Outcome`], [`Cure`], [`flags`].
//!
//! ```
//! use decide::{Ask, Outcome, decide};
//! use law::{Book, Policy, Regime};
//! use terms::{Activity, ClockReading, Country, EndUse, Instant, ModelId, PersonFacts, Request};
//!
//! let regime = Regime::compile(&Book::default(), &[ModelId::parse("fable-5").unwrap()], &Policy::default()).unwrap();
//! let facts = PersonFacts::unknown();
//! let request = Request {
//!     model: regime.model("fable-5").unwrap(),
//!     activity: Activity::HostedInference,
//!     end_use: EndUse::Unknown,
//!     served_from: Country::US,
//! };
//! let clock = ClockReading::exact(Instant::parse("2026-06-13T09:00:00-04:00").unwrap());
//! let verdict = decide(&Ask { regime: &regime, facts: &facts, request, clock });
//! assert_eq!(verdict.outcome, Outcome::Permit);
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

mod ask;
mod cure;
mod engine;
mod predicates;
mod rules;
mod tri;
mod verdict;
mod worlds;

pub use ask::Ask;
pub use cure::{Cure, cure};
pub use engine::{decide, flags, valid_until};
pub use verdict::{DependsOn, Flag, Outcome, StreamAction, Verdict};
