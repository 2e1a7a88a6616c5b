//! The record of what was decided: a tamper-evident log that anyone can check offline, and that names nobody.
//!
//! The types in order of use:
//!
//! 1. [`commit::Opening`] hides who asked and why behind salted [`commit::Commitment`]s; [`openings::Openings`] keeps
//!    the openings where they can be erased.
//! 2. [`leaf::Leaf`] is one entry in canonical JSON: a decision, its outcome, or a control event.
//! 3. [`journal::Journal`] makes entries durable, many under one sync, and signs a [`checkpoint::Checkpoint`] over
//!    them. Its [`journal::Ack`] is waited for or awaited; nothing that needs a record may be served before.
//! 4. [`journal::Journal::prove`] gives a receipt, which [`verify::verify_receipt`] checks with the log's key alone.
//! 5. [`verify::verify_log`] re-derives a whole copied log and counts every attempt against its outcome.
//!
//! Formats: RFC 6962 tree, C2SP signed-note, tlog-checkpoint and tlog-proof. `seq` in a leaf is its index.
//!
//! ```
//! use ledger::hash::Digest32;
//! use ledger::journal::{Journal, Options};
//! use ledger::leaf::{Control, ControlKind, Leaf};
//! use ledger::note::SigningKey;
//! use ledger::verify::{verify_log, verify_receipt};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let directory = tempfile::tempdir()?;
//! # let seed = [7; 32]; // in earnest: 32 bytes from the operating system
//! let key = SigningKey::from_seed("log.example/gw-1", &seed)?;
//! let pinned = key.verifier().clone();
//! let journal = Journal::open(directory.path(), key, Options::default())?;
//!
//! let started = Control {
//!     at_us: 1_781_299_260_000_000,
//!     digest: Digest32::of(b"the event's body"),
//!     kind: ControlKind::Started,
//!     reference: None,
//!     seq: 0,
//! };
//! let index = journal.append(Leaf::Control(started)).wait()?; // durable from here on
//! journal.checkpoint_now()?;
//!
//! let receipt = journal.prove(index)?;
//! assert_eq!(verify_receipt(&receipt, &pinned)?.index, index);
//! assert!(verify_log(directory.path(), &pinned)?.is_sound());
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

pub mod checkpoint;
pub mod commit;
#[cfg(any(test, feature = "faults"))]
pub mod faults;
pub mod file;
pub mod hash;
pub mod ident;
pub mod journal;
pub mod keyfile;
pub mod leaf;
pub mod limits;
pub mod note;
pub mod openings;
mod promise;
pub mod proof;
pub mod read;
pub mod receipt;
pub mod tree;
pub mod verify;
