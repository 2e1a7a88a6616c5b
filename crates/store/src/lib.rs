//! The state as an append-only event log with views.
//!
//! Everything an operator or officer does becomes an [`Event`], and each event is kept for good in a chain of
//! hashes ([`Head`]). Tables made from the log, the views, answer what is so now; they can be made again from it at any
//! time. In order of use: [`Store`] opens a directory, [`Event`]s are appended, [`roster`]s are loaded, and a server
//! takes the [`State`] into memory. A [`Reader`] looks back: the state as it was [known](KnownAt) at any event. API keys are made with [`ApiKey`] and recognised with [`KeyHasher`].
//!
//! What a verifier made of somebody's token or credential is filed as a statement ([`Event::filed`]); [`State::person`]
//! makes one value per fact of the statements and the roster. Facts and statements stand beside the log, which holds
//! salted commitments to them: [`Event::PersonErased`] deletes them and the chain still verifies.
//!
//! Evidence is scoped to the account that supplied it: the same person may stand in two accounts with opposite facts.
//!
//! ```
//! use store::{Event, Store, roster::Roster};
//! use terms::{AccountId, Instant, PersonId, UsStatus};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let dir = folder.path();
//! let now = Instant::parse("2026-06-12T21:21:00Z")?;
//! let store = Store::open(dir).await?;
//! let account = AccountId::parse("acme")?;
//! store
//!     .append(now, &[Event::AccountAdded { account: account.clone(), display_name: "Acme".into() }])
//!     .await?;
//!
//! let file = "person_id,us_status,us_status_level\nu1,citizen,document\n";
//! let source = store::RosterSource { file: "people.csv".into(), sha256: store::Digest::of(file.as_bytes()) };
//! let loaded = store.load_people(now, &account, source, Roster::new(file.as_bytes(), None)?).await?;
//! assert_eq!(loaded.written, 1);
//!
//! let state = store.state().await?;
//! let known = state.person(&account, &PersonId::parse("u1")?, now).ok_or("not on file")?;
//! assert_eq!(known.facts.us_status.value, UsStatus::Citizen);
//! # Ok(())
//! # }
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

mod appeals;
mod beside;
mod chain;
mod digest;
mod error;
mod event;
mod file;
mod keys;
mod lock;
mod migrate;
mod people;
mod persons;
mod reader;
mod record;
mod refresh;
mod replay;
pub mod roster;
mod shards;
mod sqlite;
mod state;
mod store;
mod views;

pub use appeals::{Appeal, AppealEntry, Cure, CureEntry, OPEN_APPEALS, Settled, Standing};
pub use chain::Head;
pub use digest::{BadDigest, Digest, KeyHash};
pub use error::{Refusal, StoreError};
pub use event::{Erasable, Event, Recorded, RosterSource, TEXT_BYTES, WORDS_BYTES};
pub use file::{Files, Review};
pub use keys::{ApiKey, BadKey, KeyError, KeyHasher, KeyText, parse_key};
pub use migrate::Migration;
pub use people::LoadSummary;
pub use persons::People;
pub use reader::Reader;
pub use record::{Entry, FactsEntry, PersonRecord, StatementEntry};
pub use refresh::Changes;
pub use replay::{FactsVersion, KnownAt};
pub use shards::{Entries, Shards};
pub use state::{Account, Activation, Approval, Instrument, Key, Letter, Officer, Reading, State, Status};
pub use store::{CHECKED_AT_OPEN, Store};
