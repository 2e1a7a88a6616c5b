//! Opening a journal: read every entry, check them against the signed checkpoint, cut off what a crash left half
//! written, rebuild what is derived.

use std::collections::BTreeMap;
use std::io;

use crate::checkpoint::Checkpoint;
use crate::file::{LogDir, read_exact_at, read_small};
use crate::hash::Digest32;
use crate::journal::derived::Derived;
use crate::journal::error::OpenError;
use crate::journal::record::{self, End, HEADER, Place, segment_name};
use crate::journal::{CHECKPOINT, OpenDecision, Recovery};
use crate::leaf::{Leaf, Verdict};
use crate::limits;
use crate::note::VerifierKey;
use crate::tree::Frontier;

const SETTLE_BYTES: u64 = 1 << 20;

/// The state of a log on disk, found sound.
pub(crate) struct Found {
    pub(crate) frontier: Frontier,
    pub(crate) signed: Option<Signed>,
    pub(crate) end: Place,
    pub(crate) derived: Derived,
    pub(crate) open: OpenDecisions,
    pub(crate) recovery: Recovery,
}

/// The newest checkpoint, its note, and the tree as it was then.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) note: String,
    pub(crate) frontier: Frontier,
    /// Where the next entry began.
    pub(crate) place: Place,
}

/// Permits that still need an outcome.
#[derive(Debug, Default)]
pub(crate) struct OpenDecisions(BTreeMap<u64, OpenDecision>);

impl OpenDecisions {
    /// Takes note of the leaf at `index`; false when it closes what is not open.
    pub(crate) fn admit(&mut self, index: u64, leaf: &Leaf) -> bool {
        match leaf {
            Leaf::Decision(decision) if decision.verdict == Verdict::Permit => {
                let open = OpenDecision { index, model: decision.model.clone(), at_us: decision.at_us };
                self.0.insert(index, open);
                true
            }
            Leaf::Outcome(outcome) => self.0.remove(&outcome.closes).is_some(),
            Leaf::Decision(_) | Leaf::Control(_) => true,
        }
    }

    pub(crate) fn list(&self) -> Vec<OpenDecision> {
        self.0.values().cloned().collect()
    }
}

/// Roots that the entries must give at certain sizes.
struct Expected {
    checkpoint: Option<(Checkpoint, String)>,
    at_least: Option<Checkpoint>,
}

/// Reads and checks the whole log, then cuts a torn tail.
pub(crate) fn recover(
    dir: &dyn LogDir,
    key: &VerifierKey,
    at_least: Option<Checkpoint>,
) -> Result<Found, OpenError> {
    let expected = Expected { checkpoint: read_checkpoint(dir, key)?, at_least };
    let mut pass = Pass::new(dir, expected)?;
    let end = record::walk(dir, Place::default(), &mut |place, content| pass.visit(place, content))?;
    pass.reach(end.place);
    let found = pass.finish(dir, end)?;
    settle(dir, found.signed.as_ref().map_or(Place::default(), |signed| signed.place), end)?;
    Ok(found)
}

fn read_checkpoint(dir: &dyn LogDir, key: &VerifierKey) -> Result<Option<(Checkpoint, String)>, OpenError> {
    let Some(bytes) = read_small(dir, CHECKPOINT, limits::NOTE_BYTES)? else { return Ok(None) };
    let note = String::from_utf8(bytes).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(Some((Checkpoint::open(&note, key)?, note)))
}

/// One pass over all entries.
struct Pass {
    expected: Expected,
    frontier: Frontier,
    derived: Derived,
    open: OpenDecisions,
    changes: u64,
    signed: Option<Signed>,
    known_root: Option<Digest32>,
}

impl Pass {
    fn new(dir: &dyn LogDir, expected: Expected) -> Result<Self, OpenError> {
        let derived = Derived::begin(dir)?;
        let (frontier, open) = (Frontier::default(), OpenDecisions::default());
        Ok(Self { expected, frontier, derived, open, changes: 0, signed: None, known_root: None })
    }

    /// Takes note of the state before the entry at `place`.
    fn reach(&mut self, place: Place) {
        if let Some((checkpoint, note)) = &self.expected.checkpoint
            && checkpoint.size == self.frontier.size()
        {
            let (checkpoint, note, frontier) = (checkpoint.clone(), note.clone(), self.frontier.clone());
            self.signed = Some(Signed { checkpoint, note, frontier, place });
        }
        if self.expected.at_least.as_ref().is_some_and(|known| known.size == self.frontier.size()) {
            self.known_root = Some(self.frontier.root());
        }
    }

    fn visit(&mut self, place: Place, content: &[u8]) -> Result<(), OpenError> {
        self.reach(place);
        let index = self.frontier.size();
        let leaf = Leaf::parse(content).map_err(|error| damaged(place, error.to_string()))?;
        if leaf.seq() != index {
            return Err(damaged(place, format!("entry {index} says it is entry {}", leaf.seq())));
        }
        if !self.open.admit(index, &leaf) {
            return Err(damaged(place, "an outcome closes a decision that is not open".to_owned()));
        }
        if let Leaf::Control(control) = &leaf
            && control.kind.is_of_state()
        {
            self.changes = self.changes.saturating_add(1);
        }
        self.frontier.push(content, &mut self.derived.fresh_hashes);
        Ok(self.derived.push_place(place)?)
    }

    fn finish(mut self, dir: &dyn LogDir, end: End) -> Result<Found, OpenError> {
        self.check_end(dir, end)?;
        self.check_roots()?;
        self.derived.flush()?;
        let entries = self.frontier.size();
        let signed_entries = self.signed.as_ref().map_or(0, |signed| signed.checkpoint.size);
        let recovery = Recovery {
            entries,
            unsigned_entries: entries.saturating_sub(signed_entries),
            cut_bytes: end.broken_bytes,
            cut_at: end.place,
            open_decisions: self.open.list(),
            changes: self.changes,
        };
        let Self { frontier, derived, open, signed, .. } = self;
        Ok(Found { frontier, signed, end: end.place, derived, open, recovery })
    }

    /// A broken record is a torn tail only where nothing durable can have stood.
    fn check_end(&self, dir: &dyn LogDir, end: End) -> Result<(), OpenError> {
        let signed = self.expected.checkpoint.as_ref().map(|(checkpoint, _)| checkpoint.size);
        match signed {
            Some(size) if self.frontier.size() < size => {
                let why = format!("entry {} of {size} signed ones is not whole", self.frontier.size());
                return Err(damaged(end.place, why));
            }
            None if self.frontier.size() > 0 => return Err(OpenError::NoCheckpoint),
            _ => {}
        }
        if end.is_inside {
            return Err(damaged(end.place, "a later segment exists".to_owned()));
        }
        match later_entry(dir, end, self.frontier.size())? {
            Some(seq) => Err(damaged(end.place, format!("entry {seq} stands whole after it"))),
            None => Ok(()),
        }
    }

    fn check_roots(&self) -> Result<(), OpenError> {
        if let Some(signed) = &self.signed
            && signed.frontier.root() != signed.checkpoint.root
        {
            return Err(OpenError::WrongRoot { size: signed.checkpoint.size });
        }
        match (&self.expected.at_least, self.known_root) {
            (Some(known), None) => {
                Err(OpenError::RolledBack { found: self.frontier.size(), known: known.size })
            }
            (Some(known), Some(root)) if root != known.root => Err(OpenError::WrongRoot { size: known.size }),
            _ => Ok(()),
        }
    }
}

fn damaged(place: Place, why: String) -> OpenError {
    OpenError::Damaged { segment: segment_name(place.segment), offset: place.offset, why }
}

/// Looks behind a broken record for an entry of a later batch: its batch was begun only after the broken one was
/// durable, so the break is damage and no torn write.
fn later_entry(dir: &dyn LogDir, end: End, entries: u64) -> Result<Option<u64>, OpenError> {
    if end.broken_bytes == 0 {
        return Ok(None);
    }
    let file = dir.open_read(&segment_name(end.place.segment))?;
    let length = usize::try_from(end.broken_bytes).unwrap_or(usize::MAX);
    let mut tail = vec![0; length];
    read_exact_at(file.as_ref(), &mut tail, end.place.offset)?;
    let next_batch = entries.saturating_add(limits::BATCH_ENTRIES as u64);
    let starts = tail.windows(2).enumerate().filter(|(_, pair)| pair == b"{\"").map(|(at, _)| at);
    for start in starts {
        let record = start.checked_sub(HEADER as usize).and_then(|at| tail.get(at..));
        let leaf = record.and_then(whole_record).and_then(|content| Leaf::parse(content).ok());
        if let Some(leaf) = leaf.filter(|leaf| leaf.seq() >= next_batch) {
            return Ok(Some(leaf.seq()));
        }
    }
    Ok(None)
}

/// The content of the record with which `bytes` begin, if it is whole.
fn whole_record(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (crc, rest) = rest.split_first_chunk()?;
    let content = rest.get(..u32::from_be_bytes(*length) as usize)?;
    (content.len() <= limits::LEAF_BYTES && crc32fast::hash(content) == u32::from_be_bytes(*crc))
        .then_some(content)
}

/// Removes a torn tail, and makes durable what stands before it but may never have reached the disk.
///
/// After a failed sync the system may hold pages as clean that were never written. They are therefore written once
/// more before anything relies on them. Earlier segments were synced with success before the next was begun.
fn settle(dir: &dyn LogDir, signed: Place, end: End) -> Result<(), OpenError> {
    if record::count_segments(dir)? == 0 {
        return Ok(());
    }
    let mut file = dir.open(&segment_name(end.place.segment))?;
    if end.broken_bytes > 0 {
        file.truncate(end.place.offset)?;
    }
    let mut at = if signed.segment == end.place.segment { signed.offset } else { 0 };
    while at < end.place.offset {
        let length = end.place.offset.saturating_sub(at).min(SETTLE_BYTES);
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        read_exact_at(file.as_ref(), &mut bytes, at)?;
        file.write_at(&bytes, at)?;
        at = at.saturating_add(length);
    }
    Ok(file.sync()?)
}
