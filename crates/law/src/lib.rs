//! Instruments: legal texts as data.
//!
//! A letter, licence or reading is written as TOML ([`LawFile`]), checked by [`lint`] with diagnostics that point
//! at the line and name the article, and compiled with the operator's catalogue and thresholds into a [`Regime`],
//! which the engine in `decide` reads. No file, socket or clock is touched here.
//!
//! In order of use: [`LawFile`], [`lint::check`], [`Book`], [`Regime`].
//!
//! ```
//! let text = r#"
//! schema = 1
//! [[directive]]
//! id = "example-1"
//! title = "Nobody located in Cuba"
//! form = "rule"
//! issued_at = "2026-01-01T00:00:00Z"
//! effective_from = "2026-01-02T00:00:00Z"
//! models = ["*"]
//! persons = { class = "located_in", countries = ["E:2"] }
//! destinations = "none"
//! authority = ["ecra-4812"]
//! source = { state = "US", office = "Example office", public_reference = "Example notice 1" }
//! "#;
//! let report = law::lint::check(text, &law::lint::Context::default());
//! assert!(!report.has_errors(), "{:?}", report.diagnostics);
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

mod approval;
pub mod authority;
mod book;
mod compile;
pub mod conflict;
mod equality;
mod grants;
pub mod groups;
mod instrument;
pub mod lint;
mod names;
mod narrow;
mod plan;
mod regime;
mod shelf;
mod when;

pub use approval::{CallBackOnFile, account_introduction_text, approval_text, introduction_text};
pub use book::{Book, Change, sha256};
pub use compile::{CompileError, ListedModel, Policy};
pub use conflict::{Conflict, Witness, sovereign_conflicts};
pub use equality::{EqualTreatment, equal_treatment};
pub use grants::{Cover, Entries, Entry, ForModel, Grants, Span};
pub use instrument::{
    Adoption, CallBack, Class, Condition, ConditionState, Destinations, Dialect, Directive, Exception,
    Exempt, Fold, FoldOptions, Form, HongKong, HostedInference, LawFile, Licence, LicenceCondition,
    LicenceStatus, Lifting, Model, NationalityRule, Persons, Reading, ServiceDuty, Source, Start, Status,
    Stay,
};
pub use names::Names;
pub use plan::{Block, Common, Epoch, NO_STATUS, NOWHERE, Named, NamedFirms, OPEN, Plan, Rare, SETTLED, row};
pub use regime::{
    Dormant, Mask, ModelSet, NamedCountries, Parties, Regime, Relief, ReliefKind, Rule, Scope, Terms,
    next_edge,
};
pub use shelf::Shelf;
