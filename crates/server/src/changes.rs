//! Changes of the state. Each has its entry in the log before it takes effect and is acknowledged, also when the
//! process dies between the two.
//!
//! The state is written first, the log second. A process that dies in between leaves at most one change that the log
//! does not show; the next start records it. More than one cannot come about, so a state further ahead of its log, or
//! behind it, is an old copy of one of the two, and the start is refused.

use crate::house::{CommitError, House, OpenError, Registry};
use ledger::journal::AppendError;
use ledger::leaf::ControlKind;
use sha2::{Digest as _, Sha256};
use store::roster::{RosterError, RosterRow};
use store::{Event, KeyHasher, LoadSummary, RosterSource, Store, StoreError};
use terms::{AccountId, Instant};

/// State and log are not of the same time. Nothing was changed; the operator is asked to act.
#[derive(Debug, thiserror::Error)]
pub enum OutOfStep {
    /// The state is an old copy.
    #[error(
        "the log shows {shown} changes, the state holds {held}: the state is an old copy; restore the newest one"
    )]
    StateBehind {
        /// Changes that the log shows.
        shown: u64,
        /// Changes on file.
        held: u64,
    },
    /// The log is an old copy.
    #[error(
        "the state holds {held} changes, the log shows {shown}: the log is an old copy; restore the newest one"
    )]
    LogBehind {
        /// Changes that the log shows.
        shown: u64,
        /// Changes on file.
        held: u64,
    },
}

impl House {
    /// Writes events and puts the new state into effect. Events are on disk and in the log when this returns.
    pub async fn commit(&self, registry: &mut Registry, events: &[Event]) -> Result<(), CommitError> {
        self.begin_change(registry).await?;
        registry.store.append(self.clock.read().at, events).await?;
        self.finish_change(registry).await
    }

    /// The same for the people of an account, from a roster.
    pub async fn commit_people(
        &self,
        registry: &mut Registry,
        account: &AccountId,
        source: RosterSource,
        rows: impl Iterator<Item = Result<RosterRow, RosterError>> + Send,
    ) -> Result<LoadSummary, CommitError> {
        self.begin_change(registry).await?;
        let summary = registry.store.load_people(self.clock.read().at, account, source, rows).await?;
        self.finish_change(registry).await?;
        Ok(summary)
    }

    /// Refuses a change that the log could not show, and first records one that an earlier error left out.
    async fn begin_change(&self, registry: &mut Registry) -> Result<(), CommitError> {
        if let Some(reason) = self.record.journal().failed() {
            return Err(AppendError::Closed { reason }.into());
        }
        self.record_changes(registry).await
    }

    async fn finish_change(&self, registry: &mut Registry) -> Result<(), CommitError> {
        self.record_changes(registry).await?;
        self.refresh(registry).await
    }

    /// Gives the log an entry for each event on file that it does not show yet.
    async fn record_changes(&self, registry: &mut Registry) -> Result<(), CommitError> {
        loop {
            let events = registry.store.events_since(registry.recorded).await?;
            let Some(last) = events.last() else { return Ok(()) };
            let entries = events
                .iter()
                .map(|recorded| (control_kind(&recorded.event), shown_digest(&self.hasher, &recorded.event)));
            self.record.controls(self.clock.read().at, entries).await?;
            registry.recorded = last.seq;
        }
    }

    /// Records the change that the last process wrote and did not live to record, if there is one. Gives the number of
    /// its events.
    pub(crate) async fn catch_up(&self) -> Result<u64, OpenError> {
        let mut registry = self.registry.lock().await;
        let shown = self.record.journal().recovery().changes;
        let held = registry.state.head.seq;
        check_step(&registry.store, shown, held).await?;
        registry.recorded = shown;
        self.record_changes(&mut registry).await.map_err(|error| match error {
            CommitError::Store(error) => OpenError::Store(error),
            CommitError::Log(error) => OpenError::Append(error),
            CommitError::Law(error) => error,
        })?;
        Ok(held.saturating_sub(shown))
    }
}

/// Whether the state is at most one change ahead of its log, and not behind it.
async fn check_step(store: &Store, shown: u64, held: u64) -> Result<(), OpenError> {
    if shown > held {
        return Err(OutOfStep::StateBehind { shown, held }.into());
    }
    // The events of one change have one time.
    let (first, last) = (time_after(store, shown).await?, time_after(store, held.saturating_sub(1)).await?);
    if shown < held && first != last { Err(OutOfStep::LogBehind { shown, held }.into()) } else { Ok(()) }
}

/// When the event after this number was written.
async fn time_after(store: &Store, number: u64) -> Result<Option<Instant>, StoreError> {
    Ok(store.events_since(number).await?.first().map(|recorded| recorded.at))
}

/// What stands in the log for an event. Events about accounts, keys and people could be guessed, so their digest is
/// sealed under the pepper; events about the law are digests anybody can compute from their text.
fn shown_digest(hasher: &KeyHasher, event: &Event) -> [u8; 32] {
    open_digest(event).unwrap_or_else(|body| hasher.seal(DOMAIN, &body))
}

/// The same for whoever may not have the pepper; `None` where it takes one.
pub(crate) fn event_digest(hasher: Option<&KeyHasher>, event: &Event) -> Option<[u8; 32]> {
    open_digest(event).or_else(|body| hasher.map(|hasher| hasher.seal(DOMAIN, &body)).ok_or(())).ok()
}

const DOMAIN: &str = "douane/event/v1";

/// The digest of an event about the law; of any other, the text that is to be sealed.
fn open_digest(event: &Event) -> Result<[u8; 32], Vec<u8>> {
    let body = serde_json::to_vec(event).unwrap_or_default();
    match control_kind(event) {
        ControlKind::RegisterChanged => Err(body),
        _ => Ok(Sha256::new_with_prefix(DOMAIN).chain_update([0]).chain_update(body).finalize().into()),
    }
}

pub(crate) fn control_kind(event: &Event) -> ControlKind {
    match event {
        Event::InstrumentDrafted { .. } => ControlKind::InstrumentDrafted,
        Event::InstrumentWithdrawn { .. } => ControlKind::InstrumentWithdrawn,
        Event::ReadingRecorded { .. } => ControlKind::ReadingRecorded,
        Event::OfficerAdded { .. } => ControlKind::OfficerAdded,
        Event::OfficerRetired { .. } => ControlKind::OfficerRemoved,
        Event::Approved { .. } => ControlKind::Approved,
        Event::Activated { .. } => ControlKind::Activated,
        Event::LetterConfirmed { .. } => ControlKind::ReceiptConfirmed,
        Event::AccountAdded { .. }
        | Event::KeyAdded { .. }
        | Event::KeyRevoked { .. }
        | Event::PeopleLoaded { .. }
        | Event::PersonFactsSet { .. }
        | Event::EvidenceFiled { .. }
        | Event::EvidenceSuspended { .. }
        | Event::EvidenceResumed { .. }
        | Event::EvidenceRevoked { .. }
        | Event::ReviewSettled { .. }
        | Event::ShownOnPage { .. }
        | Event::AppealFiled { .. }
        | Event::AppealSettled { .. }
        | Event::AccountOfficerAdded { .. }
        | Event::OfficerDismissed { .. }
        | Event::StateMigrated { .. }
        | Event::HoldSet { .. }
        | Event::PersonErased { .. }
        | Event::ClockSet { .. } => ControlKind::RegisterChanged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::house::Settings;
    use ledger::note::SigningKey;
    use std::path::Path;
    use std::sync::Arc;
    use terms::Level;

    /// What the clock shows.
    const NOON: Instant = Instant::from_micros(1_781_280_000_000_000);

    async fn open(dir: &Path) -> Result<Arc<House>, OpenError> {
        let settings = Settings {
            dir: dir.to_owned(),
            gateway: "gate-1".to_owned(),
            operator_url: None,
            operator_name: None,
            cure_url: None,
            min_evidence: Level::Document,
            min_location_evidence: Level::Document,
            serve_unrestricted_unrecorded: false,
            officers_needed: 2,
            bylaws: bylaws::Bylaws::default(),
            identity: None,
            place: None,
            models: Vec::new(),
            upstreams: Vec::new(),
        };
        let key = SigningKey::from_seed("gate-1", &[3; 32]).unwrap();
        House::open(settings, Clock::practice(|| NOON, NOON), key).await
    }

    fn account(name: &str) -> Event {
        Event::AccountAdded { account: AccountId::parse(name).unwrap(), display_name: name.to_owned() }
    }

    /// A server that writes one change in order, and stops.
    async fn live(dir: &Path) {
        let house = open(dir).await.unwrap();
        house.commit(&mut *house.registry.lock().await, &[account("one")]).await.unwrap();
    }

    /// Writes to the state as a process does that dies before it writes to the log.
    async fn write_behind_the_log(dir: &Path, at: Instant, events: &[Event]) {
        let store = Store::open(dir).await.unwrap();
        store.append(at, events).await.unwrap();
        store.close().await;
    }

    /// Changes that the log shows before a start mends it.
    async fn shown_at_start(dir: &Path) -> Result<u64, OpenError> {
        Ok(open(dir).await?.record.journal().recovery().changes)
    }

    #[tokio::test]
    async fn a_change_that_its_process_did_not_live_to_record_is_recorded_by_the_next() {
        let dir = tempfile::tempdir().unwrap();
        live(dir.path()).await;
        write_behind_the_log(dir.path(), NOON, &[account("two"), account("three")]).await;
        assert_eq!(shown_at_start(dir.path()).await.unwrap(), 1);
        assert_eq!(shown_at_start(dir.path()).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn an_old_copy_of_the_log_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        live(dir.path()).await;
        write_behind_the_log(dir.path(), NOON, &[account("two")]).await;
        write_behind_the_log(dir.path(), NOON.plus_micros(1), &[account("three")]).await;
        let refused = shown_at_start(dir.path()).await.unwrap_err();
        assert!(
            matches!(refused, OpenError::OutOfStep(OutOfStep::LogBehind { shown: 1, held: 3 })),
            "{refused}"
        );
    }

    #[tokio::test]
    async fn an_old_copy_of_the_state_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        live(dir.path()).await;
        std::fs::remove_dir_all(dir.path().join("state")).unwrap();
        let refused = shown_at_start(dir.path()).await.unwrap_err();
        assert!(
            matches!(refused, OpenError::OutOfStep(OutOfStep::StateBehind { shown: 1, held: 0 })),
            "{refused}"
        );
    }

    #[tokio::test]
    async fn a_change_that_the_log_cannot_show_is_not_made() {
        let dir = tempfile::tempdir().unwrap();
        let house = open(dir.path()).await.unwrap();
        house.record.journal().close().unwrap();
        let mut registry = house.registry.lock().await;
        let refused = house.commit(&mut registry, &[account("one")]).await.unwrap_err();
        assert!(matches!(refused, CommitError::Log(_)), "{refused}");
        assert_eq!(registry.store.head().await.unwrap().seq, 0);
    }

    #[test]
    fn what_could_be_guessed_is_sealed_and_the_law_is_not() {
        let (one, other) = (KeyHasher::new(&[1; 32]), KeyHasher::new(&[2; 32]));
        let guessable = account("acme");
        assert_ne!(shown_digest(&one, &guessable), shown_digest(&other, &guessable));
        let law = Event::InstrumentWithdrawn { id: terms::InstrumentId::parse("letter").unwrap() };
        assert_eq!(shown_digest(&one, &law), shown_digest(&other, &law));
    }
}
