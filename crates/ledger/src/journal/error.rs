//! What can go wrong with a journal, whose fault it is, and what to do.

use std::io;
use std::sync::Arc;

use crate::checkpoint::CheckpointError;
use crate::leaf::LeafError;
use crate::tree::TreeError;

/// The journal was not opened. Nothing was changed on disk; the operator is asked to act.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file system refused.
    #[error("the log directory cannot be used: {0}")]
    Io(#[from] io::Error),
    /// Another process writes this log.
    #[error("another process holds this log; stop it first, or give this one a directory of its own")]
    Locked,
    /// Entries that were signed, or acknowledged before others, are damaged.
    #[error(
        "{segment} is damaged at byte {offset} ({why}), in a part that was already durable. Nothing was changed. \
         Restore the log directory from a replica or backup; if there is none, keep this copy as evidence and begin a \
         new log with a new name and key"
    )]
    Damaged {
        /// File name of the segment.
        segment: String,
        /// Byte offset of the damaged record.
        offset: u64,
        /// What is wrong there.
        why: String,
    },
    /// Every record is whole, and yet they are not the entries that were signed.
    #[error(
        "the first {size} entries do not give the root that was signed: an entry was altered or the checkpoint is of \
         another log. Nothing was changed. Restore the log directory from a replica or backup"
    )]
    WrongRoot {
        /// Size at which the roots differ.
        size: u64,
    },
    /// There are entries and no checkpoint.
    #[error("the checkpoint file is missing though the log has entries; restore it from a replica or backup")]
    NoCheckpoint,
    /// The checkpoint file is not one of this key.
    #[error("the checkpoint file is not usable: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The log is older than one that is known to have existed.
    #[error(
        "this copy of the log has {found} entries, but a checkpoint over {known} is known: it is an old backup. \
         Restore the newest copy"
    )]
    RolledBack {
        /// Entries found.
        found: u64,
        /// Size of the known checkpoint.
        known: u64,
    },
}

/// An entry was not recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The journal is closed for writing for the rest of this process.
    #[error(
        "the log is closed for writing ({reason}); nothing may be served that needs a record. Mend the cause and restart"
    )]
    Closed {
        /// What closed it.
        reason: Arc<str>,
    },
    /// Too many entries wait already.
    #[error("the log has too many entries waiting; try again shortly")]
    Busy,
    /// The leaf breaks the format. The caller is at fault.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// The outcome belongs to no open decision. The caller is at fault.
    #[error("decision {index} is not an open permit: it is unknown, was refused, or has its outcome already")]
    NotOpen {
        /// Index that the outcome was to close.
        index: u64,
    },
}

/// A receipt was not given.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The entry does not exist, or no checkpoint covers it yet.
    #[error(
        "entry {index} is not covered by the checkpoint over {signed} entries; if it was just recorded, ask again shortly"
    )]
    NotSigned {
        /// Index asked for.
        index: u64,
        /// Size of the newest checkpoint.
        signed: u64,
    },
    /// A file could not be read.
    #[error("the log cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A hash could not be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// What was read does not prove anything, so it was not handed out.
    #[error(
        "the stored hashes or the entry {index} are damaged; restart to rebuild the hashes and check the entries"
    )]
    Damaged {
        /// Index asked for.
        index: u64,
    },
}
