//! The one thread that writes: takes what waits, writes it, syncs once, extends the tree, acknowledges, signs.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::checkpoint::Signer;
use crate::file::{LogDir, LogFile, read_small, replace};
use crate::journal::derived::Derived;
use crate::journal::error::{AppendError, OpenError};
use crate::journal::record::{self, Place, segment_name};
use crate::journal::recover::{Found, OpenDecisions, Signed};
use crate::journal::shared::{Head, Shared, Waiting, Work};
use crate::journal::{CHECKPOINT, Options};
use crate::leaf::Leaf;
use crate::limits;
use crate::promise::Giver;
use crate::tree::Frontier;

/// Owner of the files and the key.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    dir: Arc<dyn LogDir>,
    segment: Box<dyn LogFile>,
    /// Where the next record goes.
    place: Place,
    derived: Derived,
    frontier: Frontier,
    open: OpenDecisions,
    signer: Signer,
    signed: Signed,
    /// When the oldest entry not covered by a checkpoint was written.
    unsigned_since: Option<Instant>,
    interval: Duration,
    segment_bytes: u64,
}

impl Writer {
    /// Takes over a log found sound; signs a first checkpoint when there is none.
    pub(crate) fn begin(
        dir: Arc<dyn LogDir>,
        mut signer: Signer,
        found: Found,
        options: Options,
    ) -> Result<(Self, Arc<Shared>), OpenError> {
        let Found { frontier, signed, end, derived, open, .. } = found;
        let signed = match signed {
            Some(signed) => signed,
            None => first_checkpoint(dir.as_ref(), &mut signer)?,
        };
        let segment = dir.open(&segment_name(end.segment))?;
        dir.sync_dir(record::SEGMENTS)?;
        dir.sync_dir("")?;
        let head = Head {
            size: frontier.size(),
            root: frontier.root(),
            checkpoint: signed.checkpoint.clone(),
            note: signed.note.as_str().into(),
        };
        let shared = Arc::new(Shared::new(head));
        let unsigned_since = (frontier.size() > signed.checkpoint.size).then(Instant::now);
        let writer = Self {
            shared: Arc::clone(&shared),
            dir,
            segment,
            place: end,
            derived,
            frontier,
            open,
            signer,
            signed,
            unsigned_since,
            interval: options.checkpoint_interval,
            segment_bytes: options.segment_bytes.min(limits::SEGMENT_BYTES_MAX),
        };
        Ok((writer, shared))
    }

    /// Works until told to stop or until anything fails.
    pub(crate) fn run(mut self) {
        let guard = CloseOnExit(Arc::clone(&self.shared));
        loop {
            let due_at = self.unsigned_since.and_then(|since| since.checked_add(self.interval));
            let Work { entries, checkpoints, is_last } = self.shared.next_work(due_at);
            match self.work(entries, is_last || !checkpoints.is_empty()) {
                Ok(()) => {
                    let note = Arc::clone(&self.shared.head().note);
                    checkpoints.into_iter().for_each(|giver| giver.give(Ok(Arc::clone(&note))));
                }
                Err(reason) => {
                    // Closed first, so that whoever is told finds it closed.
                    guard.0.close(&reason, true);
                    let error = AppendError::Closed { reason: reason.into() };
                    return checkpoints.into_iter().for_each(|giver| giver.give(Err(error.clone())));
                }
            }
            if is_last {
                return guard.0.close("the log was closed", false);
            }
        }
    }

    fn work(&mut self, entries: Vec<Waiting>, is_asked_to_sign: bool) -> Result<(), String> {
        if !entries.is_empty() {
            self.write_batch(entries)?;
        }
        let is_due = self.unsigned_since.is_some_and(|since| since.elapsed() >= self.interval);
        if is_due || is_asked_to_sign { self.sign() } else { Ok(()) }
    }

    /// Writes and syncs entries, then acknowledges them.
    fn write_batch(&mut self, entries: Vec<Waiting>) -> Result<(), String> {
        let mut batch = Batch::default();
        for waiting in entries {
            batch.take(waiting, self.frontier.size(), &mut self.open);
        }
        if batch.contents.is_empty() {
            return Ok(());
        }
        match self.store(&batch.contents) {
            Ok(()) => {
                self.unsigned_since.get_or_insert_with(Instant::now);
                batch.givers.into_iter().for_each(|(giver, index)| giver.give(Ok(index)));
                Ok(())
            }
            Err(error) => {
                let reason = format!("an entry could not be made durable: {error}");
                let refused = AppendError::Closed { reason: reason.as_str().into() };
                self.shared.close(&reason, true);
                batch.givers.into_iter().for_each(|(giver, _)| giver.give(Err(refused.clone())));
                Err(reason)
            }
        }
    }

    fn store(&mut self, contents: &[Vec<u8>]) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut ends = Vec::with_capacity(contents.len());
        for content in contents {
            record::push(&mut bytes, content)?;
            ends.push(bytes.len() as u64);
        }
        self.roll(bytes.len() as u64)?;
        self.segment.append(&bytes)?;
        self.segment.sync()?;
        let start = self.place;
        for (content, end) in contents.iter().zip(ends) {
            self.frontier.push(content, &mut self.derived.fresh_hashes);
            self.derived.push_place(self.place)?;
            self.place.offset = start.offset.saturating_add(end);
        }
        self.derived.flush()?;
        let mut head = self.shared.head();
        head.size = self.frontier.size();
        head.root = self.frontier.root();
        Ok(())
    }

    /// Begins a new segment when this one has entries and would grow too large.
    fn roll(&mut self, bytes: u64) -> io::Result<()> {
        if self.place.offset == 0 || self.place.offset.saturating_add(bytes) <= self.segment_bytes {
            return Ok(());
        }
        let segment = self.place.segment.checked_add(1).ok_or(io::ErrorKind::FileTooLarge)?;
        self.segment = self.dir.open(&segment_name(segment))?;
        self.dir.sync_dir(record::SEGMENTS)?;
        self.place = Place { segment, offset: 0 };
        Ok(())
    }

    /// Signs and publishes a checkpoint over all entries, unless there is one already.
    fn sign(&mut self) -> Result<(), String> {
        self.unsigned_since = None;
        if self.frontier.size() == self.signed.checkpoint.size {
            return Ok(());
        }
        self.recheck().map_err(|error| format!("nothing was signed: {error}"))?;
        let published = read_small(self.dir.as_ref(), CHECKPOINT, limits::NOTE_BYTES);
        if published.map_err(|error| error.to_string())?.as_deref() != Some(self.signed.note.as_bytes()) {
            return Err("the checkpoint file was changed by somebody else; nothing was signed".to_owned());
        }
        let (size, root) = (self.frontier.size(), self.frontier.root());
        let (checkpoint, note) =
            self.signer.sign(Some(&self.signed.checkpoint), size, root).map_err(|error| error.to_string())?;
        replace(self.dir.as_ref(), CHECKPOINT, note.as_bytes())
            .map_err(|error| format!("the checkpoint could not be made durable: {error}"))?;
        let mut head = self.shared.head();
        head.checkpoint = checkpoint.clone();
        head.note = note.as_str().into();
        drop(head);
        self.signed = Signed { checkpoint, note, frontier: self.frontier.clone(), place: self.place };
        Ok(())
    }

    /// Reads back what the signature will cover for the first time: a bit flipped in memory or on the way to the file
    /// would else be signed and make the log unverifiable for ever.
    fn recheck(&self) -> io::Result<()> {
        let mut frontier = self.signed.frontier.clone();
        let mut hashes = Vec::new();
        let end = record::walk(self.dir.as_ref(), self.signed.place, &mut |_, content| {
            hashes.clear();
            frontier.push(content, &mut hashes);
            Ok::<_, io::Error>(())
        })?;
        if end.place != self.place || end.broken_bytes > 0 || frontier != self.frontier {
            let message = format!("the entries read back from {} differ", segment_name(end.place.segment));
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(())
    }
}

/// Entries that got a place, in order.
#[derive(Default)]
struct Batch {
    contents: Vec<Vec<u8>>,
    givers: Vec<(Giver<Result<u64, AppendError>>, u64)>,
}

impl Batch {
    /// Gives the entry the next place and serialises it, or answers why it gets none.
    fn take(&mut self, waiting: Waiting, size: u64, open: &mut OpenDecisions) {
        let Waiting { mut leaf, giver } = waiting;
        let index = size.saturating_add(self.contents.len() as u64);
        leaf.set_seq(index);
        match leaf.encode() {
            Err(error) => giver.give(Err(error.into())),
            Ok(content) => {
                if open.admit(index, &leaf) {
                    self.contents.push(content);
                    self.givers.push((giver, index));
                } else if let Leaf::Outcome(outcome) = leaf {
                    giver.give(Err(AppendError::NotOpen { index: outcome.closes }));
                }
            }
        }
    }
}

/// Closes the journal however the writer ends, also by a panic.
struct CloseOnExit(Arc<Shared>);

impl Drop for CloseOnExit {
    fn drop(&mut self) {
        self.0.close("the writer stopped unexpectedly", true);
    }
}

fn first_checkpoint(dir: &dyn LogDir, signer: &mut Signer) -> Result<Signed, OpenError> {
    let frontier = Frontier::default();
    let (checkpoint, note) = signer.sign(None, 0, frontier.root())?;
    replace(dir, CHECKPOINT, note.as_bytes())?;
    Ok(Signed { checkpoint, note, frontier, place: Place::default() })
}
