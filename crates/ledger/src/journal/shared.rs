//! The meeting point of those who append and the one thread that writes.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::checkpoint::Checkpoint;
use crate::hash::Digest32;
use crate::journal::error::AppendError;
use crate::leaf::Leaf;
use crate::limits;
use crate::promise::{Giver, Promise, promise};

/// An entry and where to answer.
pub(crate) struct Waiting {
    pub(crate) leaf: Leaf,
    pub(crate) giver: Giver<Result<u64, AppendError>>,
}

type CheckpointGiver = Giver<Result<Arc<str>, AppendError>>;

#[derive(Default)]
struct Inbox {
    entries: VecDeque<Waiting>,
    /// Each with the number of entries that were handed in before it and still wait.
    checkpoints: Vec<(usize, CheckpointGiver)>,
    is_closing: bool,
    closed: Option<Closed>,
}

struct Closed {
    reason: Arc<str>,
    is_failure: bool,
}

/// What everybody may see of the log.
pub(crate) struct Head {
    pub(crate) size: u64,
    pub(crate) root: Digest32,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) note: Arc<str>,
}

/// The meeting point of the journal's users and its writer.
pub(crate) struct Shared {
    inbox: Mutex<Inbox>,
    arrived: Condvar,
    head: Mutex<Head>,
}

impl Shared {
    pub(crate) fn new(head: Head) -> Self {
        Self { inbox: Mutex::default(), arrived: Condvar::new(), head: Mutex::new(head) }
    }

    /// Sleeps until there is something to do, at latest until `due_at`.
    pub(crate) fn next_work(&self, due_at: Option<Instant>) -> Work {
        let mut inbox = self.inbox();
        loop {
            let wait = due_at.map(|due| due.saturating_duration_since(Instant::now()));
            if inbox.has_work() || wait.is_some_and(|wait| wait.is_zero()) {
                return inbox.take();
            }
            inbox = match wait {
                None => self.arrived.wait(inbox).unwrap_or_else(PoisonError::into_inner),
                Some(wait) => {
                    self.arrived.wait_timeout(inbox, wait).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    pub(crate) fn send(&self, leaf: Leaf) -> Promise<Result<u64, AppendError>> {
        let (giver, given) = promise();
        if let Err(error) = leaf.check() {
            giver.give(Err(error.into()));
            return given;
        }
        // An outcome closes a decision already recorded, a control entry shows what already happened; refusing them
        // would lose them, so they may use the reserve.
        let reserve = if matches!(leaf, Leaf::Decision(_)) { 0 } else { limits::QUEUE_ENTRIES };
        let mut inbox = self.inbox();
        if let Some(error) = inbox.refusal() {
            giver.give(Err(error));
        } else if inbox.entries.len() >= limits::QUEUE_ENTRIES.saturating_add(reserve) {
            giver.give(Err(AppendError::Busy));
        } else {
            inbox.entries.push_back(Waiting { leaf, giver });
            drop(inbox);
            self.arrived.notify_one();
        }
        given
    }

    pub(crate) fn ask_checkpoint(&self) -> Promise<Result<Arc<str>, AppendError>> {
        let (giver, given) = promise();
        let mut inbox = self.inbox();
        match inbox.refusal() {
            Some(error) => giver.give(Err(error)),
            None => {
                let ahead = inbox.entries.len();
                inbox.checkpoints.push((ahead, giver));
            }
        }
        drop(inbox);
        self.arrived.notify_one();
        given
    }

    pub(crate) fn ask_close(&self) {
        self.inbox().is_closing = true;
        self.arrived.notify_one();
    }

    pub(crate) fn closed(&self) -> Option<Arc<str>> {
        self.inbox().closed.as_ref().map(|closed| Arc::clone(&closed.reason))
    }

    pub(crate) fn failure(&self) -> Option<Arc<str>> {
        self.inbox()
            .closed
            .as_ref()
            .filter(|closed| closed.is_failure)
            .map(|closed| Arc::clone(&closed.reason))
    }

    pub(crate) fn head(&self) -> MutexGuard<'_, Head> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes for good and answers everybody who waits. Only the first reason counts.
    pub(crate) fn close(&self, reason: &str, is_failure: bool) {
        let mut inbox = self.inbox();
        let closed = inbox.closed.get_or_insert_with(|| Closed { reason: reason.into(), is_failure });
        let error = AppendError::Closed { reason: Arc::clone(&closed.reason) };
        let (entries, checkpoints) =
            (std::mem::take(&mut inbox.entries), std::mem::take(&mut inbox.checkpoints));
        drop(inbox);
        entries.into_iter().for_each(|waiting| waiting.giver.give(Err(error.clone())));
        checkpoints.into_iter().for_each(|(_, giver)| giver.give(Err(error.clone())));
    }
}

impl Inbox {
    fn has_work(&self) -> bool {
        !self.entries.is_empty() || !self.checkpoints.is_empty() || self.is_closing
    }

    /// Takes a batch, and the wishes for a checkpoint that need no entry beyond it.
    fn take(&mut self) -> Work {
        let count = self.entries.len().min(limits::BATCH_ENTRIES);
        let entries = self.entries.drain(..count).collect();
        let wishes = std::mem::take(&mut self.checkpoints).into_iter();
        let (ready, later) = wishes.partition(|(ahead, _)| *ahead <= count);
        self.checkpoints = later;
        self.checkpoints.iter_mut().for_each(|(ahead, _)| *ahead = ahead.saturating_sub(count));
        let checkpoints = Vec::into_iter(ready).map(|(_, giver)| giver).collect();
        Work { entries, checkpoints, is_last: self.is_closing && self.entries.is_empty() }
    }

    fn refusal(&self) -> Option<AppendError> {
        match &self.closed {
            Some(closed) => Some(AppendError::Closed { reason: Arc::clone(&closed.reason) }),
            None if self.is_closing => Some(AppendError::Closed { reason: "the log is being closed".into() }),
            None => None,
        }
    }
}

/// What the writer is to do next.
pub(crate) struct Work {
    pub(crate) entries: Vec<Waiting>,
    pub(crate) checkpoints: Vec<CheckpointGiver>,
    pub(crate) is_last: bool,
}
