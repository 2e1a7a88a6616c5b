//! Looking back: the law as it was known, and decisions of the log decided again.
//!
//! A verdict follows from the law and the readings on file, the configuration ([`Frame`]), the person's facts, the
//! request and the clock. The first is replayed from the events that the log shows before the decision; every
//! configuration a server ran with is kept in its data directory; the others are what the decision's commitments open
//! to. [`Past::recompute`] puts them together again and compares entry with entry. It changes nothing and runs beside a
//! server.
//!
//! It takes the log's files as they are; `ledger::verify` is what checks them against a pinned key.

mod frame;
mod judge;
mod laws;
mod openings;
mod report;

pub use frame::{Frame, FrameError};
pub use report::{Conclusion, Recomputed, Remark, Said};

use crate::house::{House, InForce, OpenError, active_book, in_force};
use judge::{Matter, compare_law, decided_at};
use law::Book;
use laws::Laws;
use ledger::file::RealDir;
use ledger::hash::leaf_hash;
use ledger::leaf::{Control, Decision, Leaf, LeafError, Verdict};
use ledger::openings::{OpeningError, OpeningsReader};
use ledger::read::{Entry, LogReader};
use openings::Opened;
use report::Draft;
use std::io;
use std::path::{Path, PathBuf};
use store::{KnownAt, Reader, State, StoreError};
use terms::Country;

/// Entries read at once.
const PART: usize = 4_096;

/// Why nothing can be recomputed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PastError {
    /// State on disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The kept configurations.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The openings.
    #[error("the openings cannot be read: {0}")]
    Openings(#[from] OpeningError),
    /// The log.
    #[error("the log in {dir} cannot be read: {source}")]
    Log {
        /// Where.
        dir: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An entry is no entry.
    #[error("entry {index} of the log: {source}; check the log with douane verify")]
    Leaf {
        /// Which.
        index: u64,
        /// Why.
        source: LeafError,
    },
    /// The log is shorter.
    #[error("the log has {size} entries, none with number {index}")]
    NoEntry {
        /// Which was asked for.
        index: u64,
        /// How many there are.
        size: u64,
    },
    /// The entry is of another kind.
    #[error("entry {0} is no decision: give the number in a Douane-Receipt header")]
    NoDecision(u64),
}

impl House {
    /// The law as known then, under the configuration of today. Replays the event log from its start.
    ///
    /// # Errors
    /// [`OpenError`] when the log does not hold, or an instrument no longer reads or compiles.
    pub async fn law_known_at(&self, known: KnownAt) -> Result<InForce, OpenError> {
        let registry = self.registry.lock().await;
        let state = registry.store.law_known_at(known).await?;
        drop(registry);
        in_force(&self.settings, &self.catalogue, &state)
    }
}

/// The active instruments of a state, in the order of their activation.
///
/// # Errors
/// [`OpenError::Instrument`] when one no longer reads.
pub fn book_of(state: &State) -> Result<Book, OpenError> {
    active_book(state)
}

/// Which decisions are to be recomputed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pick {
    /// The one at this place in the log.
    One(u64),
    /// Every one.
    All,
}

/// State, openings and log of a data directory, open for reading.
pub struct Past {
    reader: Reader,
    openings: OpeningsReader,
    log: PathBuf,
    laws: Laws,
}

impl Past {
    /// Opens a data directory. `today` is the configuration as it is now, if it can be read; others are taken from the
    /// directory. Reads all events: some microseconds for each.
    ///
    /// # Errors
    /// [`PastError`] when something cannot be read.
    pub async fn open(dir: &Path, today: Option<Frame>) -> Result<Self, PastError> {
        let reader = Reader::open(dir).await?;
        let hasher = reader.key_hasher()?;
        let mut frames: Vec<Frame> = today.into_iter().collect();
        for kept in Frame::kept(dir)? {
            if !frames.contains(&kept) {
                frames.push(kept);
            }
        }
        let laws = Laws::read(&reader, hasher.as_ref(), frames).await?;
        let openings = OpeningsReader::open(&RealDir::new(&dir.join("openings")))?;
        Ok(Self { reader, openings, log: dir.join("log"), laws })
    }

    /// Decides again what the log holds, in the order of the log, and hands over each comparison.
    ///
    /// # Errors
    /// [`PastError`] when something cannot be read, or the one decision asked for is not there.
    pub async fn recompute(&mut self, pick: Pick, mut each: impl FnMut(Recomputed)) -> Result<(), PastError> {
        let mut log = LogReader::new(&self.log);
        let (mut shown, mut size) = (Changes::default(), 0);
        loop {
            let part = log.next(PART).map_err(|source| PastError::Log { dir: self.log.clone(), source })?;
            let Some(last) = part.last() else { break };
            size = last.index.saturating_add(1);
            for entry in &part {
                let leaf = entry.leaf().map_err(|source| PastError::Leaf { index: entry.index, source })?;
                let wanted = pick == Pick::All || pick == Pick::One(entry.index);
                match leaf {
                    Leaf::Control(control) => shown.count(&self.laws, &control),
                    Leaf::Decision(decision) if wanted => each(self.one(entry, &decision, &shown).await?),
                    _ => {}
                }
                if pick == Pick::One(entry.index) {
                    let is_decision = matches!(entry.leaf(), Ok(Leaf::Decision(_)));
                    return if is_decision { Ok(()) } else { Err(PastError::NoDecision(entry.index)) };
                }
            }
        }
        match pick {
            Pick::All => Ok(()),
            Pick::One(index) => Err(PastError::NoEntry { index, size }),
        }
    }

    async fn one(
        &mut self,
        entry: &Entry,
        decision: &Decision,
        shown: &Changes,
    ) -> Result<Recomputed, PastError> {
        let mut draft = Draft::new();
        shown.remark(&mut draft);
        let mut again = None;
        if decision.verdict == Verdict::RefusedRequest {
            let text = "the request could not be read, so no law was asked";
            draft.at_best(Conclusion::DigestsOnly, "request_not_read", text);
        } else {
            let found = self.laws.find(&decision.regime.0, shown.events)?;
            compare_law(&mut draft, decision, found.as_ref());
            let opened = Opened::read(&mut draft, &self.openings, decision)?;
            opened.check_facts(&mut draft, &self.reader, decision, shown.events).await?;
            if let (Some(found), Some(facts), Some(circumstances)) =
                (found, &opened.evidence, opened.circumstances)
            {
                let frame = self.laws.frame(found.frame);
                let served_from = frame.and_then(|frame| frame.served_from(decision.model.as_str()));
                let served_from = served_from.unwrap_or(Country::US);
                let matter = Matter { law: &found.law, facts, circumstances, served_from };
                again = if found.named {
                    matter.decide(&mut draft, decision)
                } else {
                    // For the reader alone: under another law than the one that decided, a difference says nothing.
                    matter.decide(&mut Draft::new(), decision)
                };
            }
        }
        Ok(report(entry, decision, again, draft, shown.events))
    }
}

fn report(
    entry: &Entry,
    decision: &Decision,
    again: Option<Decision>,
    mut draft: Draft,
    known_events: u64,
) -> Recomputed {
    let recorded_hash = leaf_hash(&entry.bytes);
    let recomputed = again.as_ref().map(Said::of);
    let anew = again.and_then(|again| Leaf::Decision(Box::new(again)).encode().ok());
    let anew_hash = anew.map(|bytes| leaf_hash(&bytes));
    if draft.conclusion() == Conclusion::Same && anew_hash != Some(recorded_hash) {
        draft.differs("entry", "the entry written anew is another one");
    }
    Recomputed {
        index: entry.index,
        at: decided_at(decision),
        model: decision.model.clone(),
        result: draft.conclusion(),
        known_events,
        recorded: Said::of(decision),
        recomputed,
        leaf_hash: recorded_hash,
        recomputed_leaf_hash: anew_hash,
        differences: draft.differences,
        notes: draft.notes,
    }
}

/// Changes of the state that the log shows so far.
#[derive(Default)]
struct Changes {
    events: u64,
    /// The first event on file that is not the one the log shows.
    other: Option<u64>,
}

impl Changes {
    fn count(&mut self, laws: &Laws, control: &Control) {
        if !control.kind.is_of_state() {
            return;
        }
        self.events = self.events.saturating_add(1);
        if self.other.is_none() && !laws.shows(self.events, control.kind, &control.digest.0) {
            self.other = Some(self.events);
        }
    }

    fn remark(&self, draft: &mut Draft) {
        if let Some(event) = self.other {
            let text = format!("event {event} on file is not the one that the log shows");
            draft.differs("state_is_not_the_logs", text);
        }
    }
}
