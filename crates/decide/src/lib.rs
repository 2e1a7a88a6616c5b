//! Regime, facts, request and instant in; verdict with reasons and cure out.
//!
//! Pure: no input or output, no clock, no panic. The normative text is the description of the decision cases; the
//! way of working is in [`decide`]: three-valued logic first, possible worlds where that is too cautious.
//!
//! In order of use: [`Subject`], [`Ask`], [`decide`] or [`outcome`], [`Verdict`], [`Outcome`], [`Cure`], [`flags`].
//!
//! ```
//! use decide::{Ask, Outcome, Subject, decide};
//! use law::{Book, Policy, Regime};
//! use terms::{Activity, Attested, ClockReading, Country, Instant, ModelId, PersonFacts, Request};
//!
//! let regime = Regime::compile(&Book::default(), &[ModelId::parse("fable-5").unwrap().into()], &Policy::default()).unwrap();
//! let request = Request {
//!     model: regime.model("fable-5").unwrap(),
//!     activity: Activity::HostedInference,
//!     end_use: Attested::default(),
//!     served_from: Country::US,
//! };
//! let clock = ClockReading::exact(Instant::parse("2026-06-13T09:00:00-04:00").unwrap());
//! let subject = Subject::new(&regime, &PersonFacts::unknown(), clock.at);
//! let verdict = decide(&Ask { regime: &regime, subject: &subject, request, clock });
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
mod bits;
mod cure;
pub mod diff;
mod engine;
pub mod explain;
mod masks;
mod predicates;
mod subject;
mod summary;
mod tri;
mod verdict;
mod worlds;

pub use ask::Ask;
pub use bits::RuleSet;
pub use cure::{Cure, cure};
pub use engine::{Found, decide, flags, outcome, valid_until};
pub use subject::Subject;
pub use verdict::{DependsOn, Flag, Outcome, StreamAction, Verdict};
