//! The store: one directory, one log.

use crate::appeals::{self, AppealEntry, CureEntry};
use crate::beside;
use crate::chain::{Head, follow};
use crate::digest::Digest;
use crate::error::Refusal;
use crate::event::{Event, Recorded, RosterSource};
use crate::keys::{KeyError, KeyHasher, pepper_path};
use crate::lock::{Lock, private_dir, private_file, sync_dir};
use crate::migrate::Migration;
use crate::people::{self, LoadSummary};
use crate::record::PersonRecord;
use crate::refresh::Changes;
use crate::replay::{self, KnownAt};
use crate::roster::{RosterError, RosterRow};
use crate::sqlite::{self, Db, Result, SqliteConnection, log, register};
use crate::state::{State, id as parse};
use crate::views;
use std::path::{Path, PathBuf};
use terms::{AccountId, Instant, OfficerId, PersonId};

/// Events whose chain is checked when the directory is opened.
pub const CHECKED_AT_OPEN: u64 = 256;

/// The state in one directory, open for this process alone.
///
/// What a method has acknowledged survives a killed process and a power cut: each write is one transaction whose
/// log is flushed before it returns.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    db: Db,
    migration: Option<Migration>,
    _lock: Lock,
}

impl Store {
    /// Opens `<dir>/state/douane.db`, making the directory (mode 0700) and the file (mode 0600) when they are
    /// missing, and checks the chain over the last [`CHECKED_AT_OPEN`] events. A directory of an older format is brought
    /// up to date in one transaction, after a copy was made ([`Self::migration`]).
    ///
    /// # Errors
    /// [`crate::StoreError::InUse`] when another process has it open, [`crate::StoreError::Newer`] when a later release wrote it,
    /// [`crate::StoreError::Damaged`] when the chain does not hold.
    pub async fn open(dir: impl AsRef<Path>) -> Result<Self> {
        let dir = dir.as_ref().to_owned();
        let folder = dir.join("state");
        if !dir.exists() {
            private_dir(&dir)?;
        }
        private_dir(&folder)?;
        let lock = Lock::take(&dir)?;
        let file = folder.join("douane.db");
        private_file(&file)?;
        let (db, migration) = Db::open(&file).await?;
        sync_dir(&folder)?;
        let store = Self { dir, db, migration, _lock: lock };
        store.check_tail().await?;
        Ok(store)
    }

    /// Closes the database once statements under way have ended. Dropping the store is as safe.
    pub async fn close(self) {
        self.db.close().await;
    }

    /// Appends the events in order, all or none, and returns the number of the last event on file.
    ///
    /// # Errors
    /// [`crate::StoreError::Refused`] when an event contradicts what is on file.
    pub async fn append(&self, at: Instant, events: &[Event]) -> Result<u64> {
        let mut tx = self.db.write().await?;
        let mut head = log::head(&mut tx).await?;
        for event in events {
            match event {
                Event::PeopleLoaded { .. } => return Err(Refusal::RosterEvent.into()),
                Event::StateMigrated { .. } => return Err(Refusal::MigrationEvent.into()),
                _ => {}
            }
            head = record(&mut tx, head, at, event.clone()).await?;
        }
        tx.commit().await?;
        if events.iter().any(|event| matches!(event, Event::PersonErased { .. })) {
            self.db.empty_wal().await?;
        }
        Ok(head.seq)
    }

    /// Loads a roster as one event, all rows or none. People it does not name keep the facts on file.
    ///
    /// # Errors
    /// [`crate::StoreError::Roster`] with the line of the first row that is wrong.
    pub async fn load_people(
        &self,
        at: Instant,
        account: &AccountId,
        source: RosterSource,
        rows: impl Iterator<Item = Result<RosterRow, RosterError>> + Send,
    ) -> Result<LoadSummary> {
        let mut tx = self.db.write().await?;
        let head = log::head(&mut tx).await?;
        let (_, summary) = people::load(&mut tx, head, at, (account, source), rows).await?;
        tx.commit().await?;
        Ok(summary)
    }

    /// All that is on file, as of one event.
    pub async fn state(&self) -> Result<State> {
        let mut state = State::default();
        self.refresh(&mut state).await?;
        Ok(state)
    }

    /// Brings a state read earlier up to date, reading only what changed, and says what that was. On an error it stays
    /// as it was.
    pub async fn refresh(&self, state: &mut State) -> Result<Changes> {
        let mut tx = self.db.read().await?;
        state.refresh(&mut tx).await
    }

    /// All that was on file, as known then; see [`crate::Reader`] for what it costs.
    ///
    /// # Errors
    /// [`crate::StoreError::Damaged`] when the chain does not hold up to there.
    pub async fn known_at(&self, known: KnownAt) -> Result<State> {
        replay::whole(&mut *self.db.read().await?, known).await
    }

    /// The same without the people.
    ///
    /// # Errors
    /// As [`Self::known_at`].
    pub async fn law_known_at(&self, known: KnownAt) -> Result<State> {
        replay::without_people(&mut *self.db.read().await?, known).await
    }

    /// The end of the log.
    pub async fn head(&self) -> Result<Head> {
        log::head(&mut *self.db.read().await?).await
    }

    /// The events after `seq`, in order; at most 2,000, so that a caller asks again from the last one it got.
    pub async fn events_since(&self, seq: u64) -> Result<Vec<Recorded>> {
        let mut tx = self.db.read().await?;
        let rows = log::events_after(&mut tx, seq).await?;
        rows.iter().map(log::EventRow::recorded).collect()
    }

    /// Everything on file about one person in one account, for that person: facts, statements, and what was recorded.
    ///
    /// # Errors
    /// [`Refusal::UnknownPerson`] when nothing was ever recorded.
    pub async fn export(&self, account: &AccountId, person: &PersonId) -> Result<PersonRecord> {
        PersonRecord::read(&mut *self.db.read().await?, account, person).await
    }

    /// The appeal that was filed on a link, by SHA-256 of the link's secret.
    pub async fn appeal_on(&self, link: &Digest) -> Result<Option<AppealEntry>> {
        let row = sqlite::appeals::appeal_on(&mut *self.db.read().await?, link).await?;
        row.map(AppealEntry::of).transpose()
    }

    /// The statements that rest on an officer's word and are not withdrawn: account, person and name of each.
    pub async fn attested_by(&self, officer: &OfficerId) -> Result<Vec<(AccountId, PersonId, String)>> {
        let rows = sqlite::appeals::attested_by(&mut *self.db.read().await?, officer).await?;
        let read = |(account, person, id): (String, String, String)| {
            let (account, person) = (parse(AccountId::parse, &account)?, parse(PersonId::parse, &person)?);
            Ok((account, person, id))
        };
        rows.into_iter().map(read).collect()
    }

    /// Every appeal with its words, in order of number.
    pub async fn appeals(&self) -> Result<Vec<AppealEntry>> {
        appeals::all(&mut *self.db.read().await?).await
    }

    /// How statements came through cure pages, in order; what was erased since is left out.
    pub async fn cures(&self) -> Result<Vec<CureEntry>> {
        appeals::all_cures(&mut *self.db.read().await?).await
    }

    /// The hasher of API keys; the pepper is made at first use, under `<dir>/secrets/pepper` (mode 0600).
    ///
    /// # Errors
    /// [`KeyError::PepperLost`] when keys are on file but the pepper is not: a new one would lock every customer out.
    pub async fn key_hasher(&self) -> Result<KeyHasher> {
        if let Some(hasher) = KeyHasher::read(&self.dir)? {
            return Ok(hasher);
        }
        if register::any_key(&mut *self.db.read().await?).await? {
            return Err(KeyError::PepperLost(pepper_path(&self.dir)).into());
        }
        KeyHasher::create(&self.dir)
    }

    /// Makes every view again from the log.
    ///
    /// # Errors
    /// [`crate::StoreError::Damaged`] when the chain does not hold; the views then stay as they were.
    pub async fn rebuild_views(&self) -> Result<()> {
        let mut tx = self.db.write().await?;
        sqlite::clear_views(&mut tx).await?;
        fill_views(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// What was brought up to this release's format when the directory was opened.
    pub const fn migration(&self) -> Option<&Migration> {
        self.migration.as_ref()
    }

    /// Checks the chain from the first event on, and what is kept beside the log against the events that wrote it.
    ///
    /// # Errors
    /// [`crate::StoreError::Damaged`] with the first event that does not fit.
    pub async fn verify_events(&self) -> Result<Head> {
        let mut tx = self.db.read().await?;
        let (mut head, mut kept) = (Head::GENESIS, beside::Kept::read(&mut tx).await?);
        loop {
            let rows = log::events_after(&mut tx, head.seq).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                kept.check(&follow(&mut head, row)?)?;
            }
        }
        kept.finish()?;
        Ok(head)
    }

    async fn check_tail(&self) -> Result<()> {
        let mut tx = self.db.read().await?;
        let last = log::head(&mut tx).await?;
        let first = last.seq.saturating_sub(CHECKED_AT_OPEN);
        let rows = log::events_after(&mut tx, first).await?;
        let Some(start) = rows.first() else { return Ok(()) };
        let mut head = if first == 0 { Head::GENESIS } else { Head { seq: first, link: start.prev } };
        rows.iter().try_for_each(|row| follow(&mut head, row).map(drop))
    }
}

/// Makes every view from the log; the views are empty.
pub(crate) async fn fill_views(conn: &mut SqliteConnection) -> Result<()> {
    let mut head = Head::GENESIS;
    loop {
        let rows = log::events_after(conn, head.seq).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            views::apply(conn, &follow(&mut head, row)?).await?;
        }
    }
    for (account, ..) in register::accounts(conn).await? {
        sqlite::people::point_newest(conn, &account).await?;
    }
    Ok(())
}

/// Writes one event, what is kept beside it, and the views.
pub(crate) async fn record(
    conn: &mut SqliteConnection,
    before: Head,
    at: Instant,
    mut event: Event,
) -> Result<Head> {
    let seq = before.seq.saturating_add(1);
    beside::put(conn, seq, &mut event).await?;
    let body = event.body()?;
    let after = before.then(at, &body);
    log::insert_event(conn, (&before, &after), at, (event.word(), &body)).await?;
    let recorded = Recorded { seq, at, event };
    views::apply(conn, &recorded).await?;
    views::apply_to_people(conn, &recorded).await?;
    Ok(after)
}
