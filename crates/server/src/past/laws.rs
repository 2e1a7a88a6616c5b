//! The law as known at each event: recorded changes, and what they compile to under a configuration.

use super::PastError;
use super::frame::Frame;
use crate::changes::{control_kind, event_digest};
use crate::house::{InForce, compile};
use ledger::leaf::ControlKind;
use std::collections::HashMap;
use std::sync::Arc;
use store::{Event, KeyHasher, Reader, Recorded, State};
use terms::Instant;

/// Changes of the law a gateway may not have taken up yet, while it decides.
const BACK: usize = 8;
/// Compiled laws kept in memory.
const COMPILED: usize = 32;

/// What the log shows for an event, as its text gives it; `None` where that is sealed under a pepper nobody has here.
type Shown = (ControlKind, Option<[u8; 32]>);

/// Every change of the law that was recorded.
pub(super) struct Laws {
    /// Events about instruments and readings.
    events: Vec<Recorded>,
    /// Numbers of those that alter the law in force, and when they were recorded.
    points: Vec<(u64, Instant)>,
    /// For every event on file, in order.
    shown: Vec<Shown>,
    /// Today's configuration first.
    frames: Vec<Frame>,
    /// Replayed last.
    state: State,
    compiled: HashMap<(u64, usize), Option<Arc<InForce>>>,
}

/// The law a decision names.
pub(super) struct Found {
    pub(super) law: Arc<InForce>,
    /// Under which configuration.
    pub(super) frame: usize,
    /// The first change that had been recorded and was not taken up.
    pub(super) behind: Option<(u64, Instant)>,
    /// Whether it has the digest that was looked for.
    pub(super) named: bool,
}

impl Laws {
    /// Reads the whole event log. Keeps the texts of instruments and a digest for each event.
    pub(super) async fn read(
        reader: &Reader,
        hasher: Option<&KeyHasher>,
        frames: Vec<Frame>,
    ) -> Result<Self, PastError> {
        let (events, points, shown) = (Vec::new(), Vec::new(), Vec::new());
        let (state, compiled) = (State::default(), HashMap::new());
        let mut laws = Self { events, points, shown, frames, state, compiled };
        let (mut last, mut about_people) = (0, Vec::new());
        loop {
            let page = reader.events_since(last).await?;
            let Some(newest) = page.last() else { return Ok(laws) };
            last = newest.seq;
            for recorded in page {
                match recorded.event {
                    Event::PeopleLoaded { .. } | Event::PersonFactsSet { .. } => {
                        about_people.push(laws.shown.len());
                    }
                    Event::StateMigrated { .. } => laws.leave_open(&about_people),
                    _ => {}
                }
                laws.shown.push((control_kind(&recorded.event), event_digest(hasher, &recorded.event)));
                laws.take(recorded);
            }
        }
    }

    /// Before a migration, facts stood in the events: the log shows what is now a commitment, and nothing here tells
    /// whether it is to the same facts. The copy that the migration left does.
    fn leave_open(&mut self, rewritten: &[usize]) {
        for place in rewritten {
            self.shown.get_mut(*place).into_iter().for_each(|(_, digest)| *digest = None);
        }
    }

    fn take(&mut self, recorded: Recorded) {
        let alters = match recorded.event {
            Event::InstrumentDrafted { .. } => false,
            Event::InstrumentWithdrawn { .. } | Event::ReadingRecorded { .. } | Event::Activated { .. } => {
                true
            }
            _ => return,
        };
        if alters {
            self.points.push((recorded.seq, recorded.at));
        }
        self.events.push(recorded);
    }

    /// Whether the log's entry for event `seq` can be of this kind and digest.
    pub(super) fn shows(&self, seq: u64, kind: ControlKind, digest: &[u8; 32]) -> bool {
        let event = usize::try_from(seq).ok().and_then(|seq| self.shown.get(seq.checked_sub(1)?));
        event.is_some_and(|(of, text)| *of == kind && text.is_none_or(|text| text == *digest))
    }

    pub(super) fn frame(&self, number: usize) -> Option<&Frame> {
        self.frames.get(number)
    }

    /// The law with this digest, as known when `seq` events were recorded, or shortly before: a gateway takes a change
    /// up a moment after it was recorded. Without one, the law known then under today's configuration.
    pub(super) fn find(&mut self, digest: &[u8; 32], seq: u64) -> Result<Option<Found>, PastError> {
        let known = self.points.partition_point(|(point, _)| *point <= seq);
        for count in (known.saturating_sub(BACK)..=known).rev() {
            let behind = self.points.get(count).copied().filter(|_| count < known);
            for frame in 0..self.frames.len() {
                if let Some(law) = self.law(count, frame)?.filter(|law| law.regime.digest() == *digest) {
                    return Ok(Some(Found { law, frame, behind, named: true }));
                }
            }
        }
        let today = self.law(known, 0)?;
        Ok(today.map(|law| Found { law, frame: 0, behind: None, named: false }))
    }

    /// The law after so many changes under a configuration; `None` where it does not compile.
    fn law(&mut self, count: usize, frame: usize) -> Result<Option<Arc<InForce>>, PastError> {
        let seq = count.checked_sub(1).and_then(|last| self.points.get(last)).map_or(0, |(seq, _)| *seq);
        if let Some(known) = self.compiled.get(&(seq, frame)) {
            return Ok(known.clone());
        }
        self.replay(seq)?;
        let Some(configured) = self.frames.get(frame) else { return Ok(None) };
        let policy = configured.policy(self.state.choices());
        let law = compile(&self.state, &configured.listed(), &policy).ok().map(Arc::new);
        if self.compiled.len() >= COMPILED {
            self.compiled.clear();
        }
        self.compiled.insert((seq, frame), law.clone());
        Ok(law)
    }

    /// Brings the state to event `seq`; forward from where it is, or from the start.
    fn replay(&mut self, seq: u64) -> Result<(), PastError> {
        if self.state.head.seq > seq {
            self.state = State::default();
        }
        let from = self.state.head.seq;
        let next = self.events.partition_point(|event| event.seq <= from);
        for event in self.events.iter().skip(next).take_while(|event| event.seq <= seq) {
            self.state.follow(event)?;
        }
        Ok(())
    }
}
