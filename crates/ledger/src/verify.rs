//! The verifier: receipts and whole logs, offline, from copied files and a pinned key. Trusts nothing else.

use std::io;
use std::path::Path;

use serde::Serialize;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::file::{LogDir, RealDir, read_small};
use crate::hash::{Digest32, leaf_hash};
use crate::journal::record::{self, End, segment_name};
use crate::journal::{CHECKPOINT, KEY, Place};
use crate::leaf::{Leaf, LeafError, OutcomeKind, Verdict};
use crate::limits;
use crate::note::VerifierKey;
use crate::proof::{ProofError, verify_inclusion};
use crate::receipt::{Receipt, ReceiptError};
use crate::tree::Frontier;

/// What a receipt proves: the log vouches for this entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The entry.
    pub leaf: Leaf,
    /// Its place in the log.
    pub index: u64,
    /// The checkpoint that covers it.
    pub checkpoint: Checkpoint,
}

/// Why a receipt proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum Unproven {
    /// The text is no receipt.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// The checkpoint is not signed by the pinned key.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The entry is not in the tree of the checkpoint.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The entry is in the tree and yet no entry of this kind of log.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// The receipt holds no entry and none was given.
    #[error("the receipt holds no entry; give the entry beside it")]
    NoEntry,
    /// The receipt holds another entry than the one given.
    #[error("the receipt is for another entry than the one given")]
    OtherEntry,
    /// The entry names another place than the proof.
    #[error(
        "the entry says it is number {seq}, the proof says {index}; the log contradicts itself, keep this file"
    )]
    Place {
        /// Place named by the entry.
        seq: u64,
        /// Place proven.
        index: u64,
    },
}

/// Verifies a self-contained receipt.
///
/// # Errors
/// [`Unproven`].
pub fn verify_receipt(text: &str, key: &VerifierKey) -> Result<Proven, Unproven> {
    let receipt = Receipt::parse(text)?;
    let entry = receipt.extra.as_deref().ok_or(Unproven::NoEntry)?;
    verify_parsed(&receipt, entry, key)
}

/// Verifies a receipt for an entry that the caller holds.
///
/// # Errors
/// [`Unproven`], also when the receipt carries another entry.
pub fn verify_receipt_for(text: &str, entry: &[u8], key: &VerifierKey) -> Result<Proven, Unproven> {
    let receipt = Receipt::parse(text)?;
    if receipt.extra.as_deref().is_some_and(|carried| carried != entry) {
        return Err(Unproven::OtherEntry);
    }
    verify_parsed(&receipt, entry, key)
}

fn verify_parsed(receipt: &Receipt, entry: &[u8], key: &VerifierKey) -> Result<Proven, Unproven> {
    let checkpoint = Checkpoint::open(&receipt.checkpoint, key)?;
    let (index, size) = (receipt.index, checkpoint.size);
    verify_inclusion(&leaf_hash(entry), index, size, &checkpoint.root, &receipt.path)?;
    let leaf = Leaf::parse(entry)?;
    if leaf.seq() != index {
        return Err(Unproven::Place { seq: leaf.seq(), index });
    }
    Ok(Proven { leaf, index, checkpoint })
}

/// How many entries of each kind a log holds.
///
/// `decisions = completed + refused + cut + failed + client_left + interrupted + open`, with
/// `refused = deny + verify_first + depends + refused_request`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Decisions: one for each attempt.
    pub decisions: u64,
    /// Refused by an instrument.
    pub deny: u64,
    /// Refused until a fact is shown.
    pub verify_first: u64,
    /// Refused while a reading is open.
    pub depends: u64,
    /// Refused as unreadable.
    pub refused_request: u64,
    /// Permitted and served in full.
    pub completed: u64,
    /// Permitted and cut by a later verdict.
    pub cut: u64,
    /// Permitted and failed.
    pub failed: u64,
    /// Permitted, and the caller hung up.
    pub client_left: u64,
    /// Permitted, and the gateway stopped in the middle.
    pub interrupted: u64,
    /// Permitted and under way when the log was copied.
    pub open: u64,
    /// Events of the control plane and of the log itself.
    pub control: u64,
}

impl Counts {
    /// Decisions that were refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        [self.deny, self.verify_first, self.depends, self.refused_request].iter().sum()
    }

    /// Whether each decision has exactly one end or is under way.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        let ends = [self.completed, self.cut, self.failed, self.client_left, self.interrupted, self.open];
        self.decisions == ends.iter().sum::<u64>().saturating_add(self.refused())
    }

    fn outcome(&mut self, kind: OutcomeKind) -> &mut u64 {
        match kind {
            OutcomeKind::Completed => &mut self.completed,
            OutcomeKind::Cut => &mut self.cut,
            OutcomeKind::Failed => &mut self.failed,
            OutcomeKind::ClientLeft => &mut self.client_left,
            OutcomeKind::Interrupted => &mut self.interrupted,
        }
    }
}

/// Something that should not be so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// A word for programs.
    pub code: &'static str,
    /// Index of the entry, where there is one.
    pub index: Option<u64>,
    /// Where in the files, where that is known.
    pub place: Option<Place>,
    /// A sentence for people.
    pub text: String,
}

/// What the verifier found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogReport {
    /// Identity of the log: the name of the pinned key.
    pub origin: String,
    /// Whole entries read.
    pub entries: u64,
    /// Entries that the signed checkpoint covers.
    pub signed_entries: u64,
    /// Root hash of the signed entries, as re-derived from them.
    pub signed_root: Option<Digest32>,
    /// Bytes after the last whole entry, not signed: a copy of a running log may end so.
    pub tail_bytes: u64,
    /// How far a time may step back between entries, in microseconds.
    pub backstep_us: u64,
    /// Entries by kind.
    pub counts: Counts,
    /// Problems in the order found, at most [`limits::REPORT_PROBLEMS`].
    pub problems: Vec<Problem>,
    /// All problems, also those not listed.
    pub problem_count: u64,
}

impl LogReport {
    /// Whether everything was as it should be.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.problem_count == 0 && self.counts.is_balanced()
    }
}

/// Verifies a log directory, copied anywhere, with nothing but the pinned key. Changes nothing.
///
/// # Errors
/// Only when the files cannot be read; whatever is wrong in them is in the report.
pub fn verify_log(path: &Path, key: &VerifierKey) -> io::Result<LogReport> {
    verify_log_in(&RealDir::new(path), key)
}

/// Verifies a log in any kind of directory.
///
/// # Errors
/// As [`verify_log`].
pub fn verify_log_in(dir: &dyn LogDir, key: &VerifierKey) -> io::Result<LogReport> {
    let mut audit = Audit::new(key);
    audit.read_checkpoint(dir, key)?;
    audit.compare_key(dir, key)?;
    match record::count_segments(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            audit.problem("segment_missing", None, None, format!("{error}; the entries in it are lost here"));
        }
        counted => {
            counted?;
            let end = record::walk(dir, Place::default(), &mut |place, content| {
                audit.entry(place, content);
                Ok::<_, io::Error>(())
            })?;
            audit.end(end);
        }
    }
    Ok(audit.finish())
}

/// What became of an index.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Needs no outcome.
    None,
    Open,
    Closed,
}

struct Audit {
    report: LogReport,
    checkpoint: Option<Checkpoint>,
    frontier: Frontier,
    fates: Vec<Fate>,
    latest_us: u64,
}

impl Audit {
    fn new(key: &VerifierKey) -> Self {
        let report = LogReport {
            origin: key.name().to_owned(),
            entries: 0,
            signed_entries: 0,
            signed_root: None,
            tail_bytes: 0,
            backstep_us: limits::BACKSTEP_US,
            counts: Counts::default(),
            problems: Vec::new(),
            problem_count: 0,
        };
        Self { report, checkpoint: None, frontier: Frontier::default(), fates: Vec::new(), latest_us: 0 }
    }

    fn problem(&mut self, code: &'static str, index: Option<u64>, place: Option<Place>, text: String) {
        self.report.problem_count = self.report.problem_count.saturating_add(1);
        if self.report.problems.len() < limits::REPORT_PROBLEMS {
            self.report.problems.push(Problem { code, index, place, text });
        }
    }

    fn read_checkpoint(&mut self, dir: &dyn LogDir, key: &VerifierKey) -> io::Result<()> {
        let Some(bytes) = read_small(dir, CHECKPOINT, limits::NOTE_BYTES)? else {
            let text = "there is no checkpoint file, so nothing here is vouched for".to_owned();
            self.problem("checkpoint_missing", None, None, text);
            return Ok(());
        };
        match str::from_utf8(&bytes)
            .map_err(|_| None)
            .and_then(|note| Checkpoint::open(note, key).map_err(Some))
        {
            Ok(checkpoint) => {
                self.report.signed_entries = checkpoint.size;
                self.checkpoint = Some(checkpoint);
                self.reach();
            }
            Err(error) => {
                let text = error.map_or("the checkpoint is not text".to_owned(), |error| error.to_string());
                self.problem("checkpoint_refused", None, None, text);
            }
        }
        Ok(())
    }

    fn compare_key(&mut self, dir: &dyn LogDir, key: &VerifierKey) -> io::Result<()> {
        match read_small(dir, KEY, limits::NOTE_BYTES)? {
            Some(there) if there.trim_ascii_end() != key.to_string().as_bytes() => {
                let text = "the key file beside the log is another key than the pinned one".to_owned();
                self.problem("key_differs", None, None, text);
            }
            _ => {}
        }
        Ok(())
    }

    fn entry(&mut self, place: Place, content: &[u8]) {
        let index = self.frontier.size();
        let fate = match Leaf::parse(content) {
            Ok(leaf) => self.leaf(index, place, &leaf),
            Err(error) => {
                self.problem("leaf_refused", Some(index), Some(place), format!("entry {index}: {error}"));
                Fate::None
            }
        };
        self.fates.push(fate);
        self.frontier.push(content, &mut Vec::new());
        self.reach();
    }

    fn leaf(&mut self, index: u64, place: Place, leaf: &Leaf) -> Fate {
        if leaf.seq() != index {
            let text =
                format!("entry {index} says it is number {}: an entry was taken out or put in", leaf.seq());
            self.problem("sequence", Some(index), Some(place), text);
        }
        if leaf.at_us().saturating_add(limits::BACKSTEP_US) < self.latest_us {
            let back_us = self.latest_us.saturating_sub(leaf.at_us());
            let text = format!("entry {index} is dated {back_us} microseconds before an earlier entry");
            self.problem("time", Some(index), Some(place), text);
        }
        self.latest_us = self.latest_us.max(leaf.at_us());
        match leaf {
            Leaf::Decision(decision) => self.decision(decision.verdict),
            Leaf::Outcome(outcome) => {
                self.outcome(index, place, outcome.closes, outcome.result);
                Fate::None
            }
            Leaf::Control(_) => {
                add_one(&mut self.report.counts.control);
                Fate::None
            }
        }
    }

    fn decision(&mut self, verdict: Verdict) -> Fate {
        let counts = &mut self.report.counts;
        add_one(&mut counts.decisions);
        match verdict {
            Verdict::Permit => return Fate::Open,
            Verdict::Deny => add_one(&mut counts.deny),
            Verdict::VerifyFirst => add_one(&mut counts.verify_first),
            Verdict::Depends => add_one(&mut counts.depends),
            Verdict::RefusedRequest => add_one(&mut counts.refused_request),
        }
        Fate::None
    }

    fn outcome(&mut self, index: u64, place: Place, closes: u64, kind: OutcomeKind) {
        let fate = usize::try_from(closes).ok().and_then(|at| self.fates.get_mut(at));
        let (code, what) = match fate {
            Some(fate @ Fate::Open) => {
                *fate = Fate::Closed;
                add_one(self.report.counts.outcome(kind));
                return;
            }
            Some(Fate::Closed) => ("outcome_twice", "has its outcome already"),
            Some(Fate::None) => ("outcome_of_no_permit", "is no permit"),
            None => ("outcome_before_decision", "does not stand before it"),
        };
        self.problem(
            code,
            Some(index),
            Some(place),
            format!("entry {index} closes entry {closes}, which {what}"),
        );
    }

    /// Compares the root when as many entries were read as were signed.
    fn reach(&mut self) {
        let Some(checkpoint) = &self.checkpoint else { return };
        if checkpoint.size != self.frontier.size() {
            return;
        }
        let (size, signed, derived) = (checkpoint.size, checkpoint.root, self.frontier.root());
        self.report.signed_root = Some(derived);
        if signed != derived {
            let text = format!(
                "the first {size} entries give the root {derived}, signed was {signed}: an entry was altered"
            );
            self.problem("root", None, None, text);
        }
    }

    fn end(&mut self, end: End) {
        let read = self.frontier.size();
        if end.is_inside || (end.broken_bytes > 0 && read < self.report.signed_entries) {
            let segment = segment_name(end.place.segment);
            let text =
                format!("{segment} is damaged at byte {}; nothing after it was read", end.place.offset);
            self.problem("record_damaged", Some(read), Some(end.place), text);
        } else {
            self.report.tail_bytes = end.broken_bytes;
        }
    }

    fn finish(mut self) -> LogReport {
        self.report.entries = self.frontier.size();
        let (read, signed) = (self.report.entries, self.report.signed_entries);
        if read < signed {
            let text = format!("{signed} entries are signed, only {read} could be read");
            self.problem("entries_missing", None, None, text);
        }
        let open = self.fates.iter().filter(|fate| **fate == Fate::Open).count();
        self.report.counts.open = open as u64;
        self.report
    }
}

fn add_one(count: &mut u64) {
    *count = count.saturating_add(1);
}

#[cfg(test)]
mod tests;
