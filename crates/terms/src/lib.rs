//! The words of Douane as types.
//!
//! Everything above this crate speaks in these nouns. In order of use:
//! [`Country`] and [`CountrySet`], [`Instant`] and [`Window`], [`Level`], [`PersonFacts`], [`Request`],
//! [`MissingFact`], [`Question`], and the bounds in [`limits`].
//!
//! ```
//! use terms::{Country, CountrySet, Level};
//!
//! let france = Country::parse("FR").unwrap();
//! let mut set = CountrySet::EMPTY;
//! set.insert(france);
//! assert!(set.contains(france));
//! assert!(Level::Document > Level::Employer);
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

mod capability;
mod country;
mod country_table;
mod employer;
mod fact;
mod id;
mod instant;
mod level;
pub mod limits;
mod person;
mod question;
mod request;

pub use capability::{BadCapability, Capability, Tier};
pub use country::{Country, CountrySet, UnknownCountry};
pub use employer::{Employer, Employment, Ownership, Relation, Share, employer_key};
pub use fact::{FactMask, MissingFact};
pub use id::{AccountId, BadId, InstrumentId, ModelId, OfficerId, PersonId, UpstreamId};
pub use instant::{BadInstant, ClockReading, Instant, Window};
pub use level::Level;
pub use person::{
    Attested, Citizenship, Disputed, NotCitizen, PartyMatch, PersonFacts, SubjectKind, UsStatus,
};
pub use question::{Choices, Question};
pub use request::{Activity, EndUse, Request};
