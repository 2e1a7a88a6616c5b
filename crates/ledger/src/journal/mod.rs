//! The journal: entries go in from any thread, one thread writes them, one sync serves a whole batch.
//!
//! ```text
//! checkpoint            the newest signed checkpoint, replaced atomically
//! key.pub               the verifier key
//! journal/NNNNNN.seg    the entries; the only data that matters
//! derived/              hashes and places, rebuilt at every start
//! lock                  held while a process writes
//! ```
//!
//! An entry is acknowledged after its bytes were synced. A checkpoint follows within
//! [`Options::checkpoint_interval`]. After any failed write or sync the journal is closed for writing for the rest of
//! the process: what the disk holds then is unknown, and only a new start finds out.

mod derived;
mod error;
pub(crate) mod record;
mod recover;
mod shared;
mod writer;

use std::any::Any;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub use error::{AppendError, OpenError, ProveError};
pub use record::Place;

use crate::checkpoint::{Checkpoint, Signer};
use crate::file::{LogDir, RealDir, read_small, replace};
use crate::hash::{Digest32, leaf_hash};
use crate::ident::Ident;
use crate::journal::derived::DerivedReader;
use crate::journal::shared::Shared;
use crate::journal::writer::Writer;
use crate::leaf::Leaf;
use crate::limits;
use crate::note::{SigningKey, VerifierKey};
use crate::promise::Promise;
use crate::proof::verify_inclusion;
use crate::receipt::Receipt;
use crate::tree;

/// File with the newest checkpoint.
pub(crate) const CHECKPOINT: &str = "checkpoint";
/// File with the verifier key.
pub(crate) const KEY: &str = "key.pub";

/// What an operator may choose.
#[derive(Debug, Clone)]
pub struct Options {
    /// Longest time between an entry and the checkpoint that covers it.
    pub checkpoint_interval: Duration,
    /// Size in bytes past which a new segment is begun; at most [`limits::SEGMENT_BYTES_MAX`].
    pub segment_bytes: u64,
    /// A checkpoint known to have existed (from a witness or the control log). An older copy is refused.
    pub at_least: Option<Checkpoint>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            checkpoint_interval: Duration::from_millis(200),
            segment_bytes: limits::SEGMENT_BYTES,
            at_least: None,
        }
    }
}

/// What was found when the journal was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Entries found.
    pub entries: u64,
    /// Entries past the checkpoint found; more than 0 when the last process ended without closing.
    pub unsigned_entries: u64,
    /// Bytes after the last whole record that were cut off. A half-written record was never acknowledged; damage to
    /// the very last unsigned entries cannot be told from one, so more than 0 is worth an alarm.
    pub cut_bytes: u64,
    /// Where they began.
    pub cut_at: Place,
    /// Permits without an outcome, each of which needs an `interrupted` outcome now.
    pub open_decisions: Vec<OpenDecision>,
    /// Entries that show a change of the state beside the log
    /// ([`ControlKind::is_of_state`](crate::leaf::ControlKind::is_of_state)).
    pub changes: u64,
}

/// A permit without an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDecision {
    /// Index of the decision.
    pub index: u64,
    /// Model that was permitted.
    pub model: Ident,
    /// When it was permitted, in microseconds since 1970 UTC.
    pub at_us: u64,
}

/// An append under way: wait for it, or await it. Gives the entry's index, which is also its `seq`.
#[must_use = "the entry is durable only when the acknowledgement says so"]
pub struct Ack(Promise<Result<u64, AppendError>>);

impl Ack {
    /// Blocks until the entry is durable.
    ///
    /// # Errors
    /// [`AppendError`]; the entry then may or may not be found at the next start.
    pub fn wait(self) -> Result<u64, AppendError> {
        settled(self.0.wait())
    }
}

impl Future for Ack {
    type Output = Result<u64, AppendError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(settled)
    }
}

/// A writer that vanished without an answer closed the journal.
fn settled<T>(given: Option<Result<T, AppendError>>) -> Result<T, AppendError> {
    given.unwrap_or_else(|| Err(AppendError::Closed { reason: "the writer stopped".into() }))
}

/// A log open for writing. Share it behind an `Arc`; dropping it closes it.
pub struct Journal {
    dir: Arc<dyn LogDir>,
    shared: Arc<Shared>,
    derived: DerivedReader,
    verifier: VerifierKey,
    recovery: Recovery,
    writer: Mutex<Option<JoinHandle<()>>>,
    _lock: Box<dyn Any + Send + Sync>,
}

impl Journal {
    /// Opens the log in a directory, or begins one there.
    ///
    /// Reads every entry (some seconds per million) and checks them against the signed checkpoint.
    ///
    /// # Errors
    /// [`OpenError`], which says what is damaged and where, and changes no entry.
    pub fn open(path: &Path, key: SigningKey, options: Options) -> Result<Self, OpenError> {
        let dir = RealDir::new(path);
        dir.make_dir("")?;
        Self::open_in(Arc::new(dir), key, options)
    }

    /// Opens the log in any kind of directory.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_in(dir: Arc<dyn LogDir>, key: SigningKey, options: Options) -> Result<Self, OpenError> {
        let lock = dir.lock().map_err(|error| match error.kind() {
            std::io::ErrorKind::WouldBlock => OpenError::Locked,
            _ => OpenError::Io(error),
        })?;
        dir.make_dir(record::SEGMENTS)?;
        let verifier = key.verifier().clone();
        let found = recover::recover(dir.as_ref(), &verifier, options.at_least.clone())?;
        publish_key(dir.as_ref(), &verifier)?;
        let recovery = found.recovery.clone();
        let derived = DerivedReader::open(dir.as_ref())?;
        let last = found.signed.as_ref().map(|signed| signed.checkpoint.clone());
        let (writer, shared) = Writer::begin(Arc::clone(&dir), Signer::new(key, last), found, options)?;
        let writer = thread::Builder::new().name("ledger-writer".into()).spawn(move || writer.run())?;
        Ok(Self { dir, shared, derived, verifier, recovery, writer: Mutex::new(Some(writer)), _lock: lock })
    }

    /// What was found when the journal was opened.
    #[must_use]
    pub fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// Permits found without an outcome when the journal was opened.
    #[must_use]
    pub fn open_decisions(&self) -> &[OpenDecision] {
        &self.recovery.open_decisions
    }

    /// Hands an entry to the writer. Its `seq` is assigned there, whatever it says now. Never blocks.
    pub fn append(&self, leaf: Leaf) -> Ack {
        Ack(self.shared.send(leaf))
    }

    /// Number of durable entries.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.shared.head().size
    }

    /// Root hash over the durable entries.
    #[must_use]
    pub fn root(&self) -> Digest32 {
        self.shared.head().root
    }

    /// Key with which the log's checkpoints are verified.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The newest checkpoint as a signed note.
    #[must_use]
    pub fn checkpoint(&self) -> Arc<str> {
        Arc::clone(&self.shared.head().note)
    }

    /// Why the journal is closed for writing, if it is.
    #[must_use]
    pub fn failed(&self) -> Option<Arc<str>> {
        self.shared.closed()
    }

    /// Signs a checkpoint over everything handed in before this call, and gives the note. Blocks.
    ///
    /// # Errors
    /// [`AppendError::Closed`].
    pub fn checkpoint_now(&self) -> Result<Arc<str>, AppendError> {
        settled(self.shared.ask_checkpoint().wait())
    }

    /// A self-contained receipt for an entry, against the newest checkpoint. Works on a closed journal too.
    ///
    /// Reads files (some 50 short reads); in async code call it where blocking is allowed.
    ///
    /// # Errors
    /// [`ProveError`].
    pub fn prove(&self, index: u64) -> Result<String, ProveError> {
        let (Checkpoint { size, root, .. }, note) = {
            let head = self.shared.head();
            (head.checkpoint.clone(), Arc::clone(&head.note))
        };
        if index >= size {
            return Err(ProveError::NotSigned { index, signed: size });
        }
        let path = tree::inclusion(&self.derived, index, size)?;
        let leaf = record::read(self.dir.as_ref(), self.derived.place(index)?)?;
        let leaf = leaf.ok_or(ProveError::Damaged { index })?;
        verify_inclusion(&leaf_hash(&leaf), index, size, &root, &path)
            .map_err(|_| ProveError::Damaged { index })?;
        Ok(Receipt { extra: Some(leaf), index, path, checkpoint: note.to_string() }.to_text())
    }

    /// Proof that the tree of `old` entries is the beginning of the tree under the newest checkpoint, with that
    /// tree's size: what a witness asks for.
    ///
    /// # Errors
    /// [`ProveError`].
    pub fn prove_consistency(&self, old: u64) -> Result<(u64, Vec<Digest32>), ProveError> {
        let signed = self.shared.head().checkpoint.size;
        if old > signed {
            return Err(ProveError::NotSigned { index: old, signed });
        }
        Ok((signed, tree::consistency(&self.derived, old, signed)?))
    }

    /// Writes what is waiting, signs a last checkpoint and stops the writer. Later appends are refused.
    ///
    /// # Errors
    /// [`AppendError::Closed`] with the reason, when the journal had failed or failed now.
    pub fn close(&self) -> Result<(), AppendError> {
        self.shared.ask_close();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // A panic of the writer shows as a failure below.
            let _ = writer.join();
        }
        match self.shared.failure() {
            Some(reason) => Err(AppendError::Closed { reason }),
            None => Ok(()),
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // Nobody is left to tell; the next start finds the state.
        let _ = self.close();
    }
}

fn publish_key(dir: &dyn LogDir, key: &VerifierKey) -> std::io::Result<()> {
    let text = format!("{key}\n");
    match read_small(dir, KEY, limits::NOTE_BYTES)? {
        Some(there) if there == text.as_bytes() => Ok(()),
        _ => replace(dir, KEY, text.as_bytes()),
    }
}

#[cfg(test)]
mod tests;
