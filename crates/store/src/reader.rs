//! The state of a directory, read and never changed: for whoever looks back while a server may be running.

use crate::appeals::{self, AppealEntry, CureEntry};
use crate::error::StoreError;
use crate::event::Recorded;
use crate::keys::KeyHasher;
use crate::record::PersonRecord;
use crate::replay::{self, FactsVersion, KnownAt};
use crate::sqlite::{Result, SqlitePool, log, open_read_only};
use crate::state::State;
use people::file::Filed;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use terms::{AccountId, PersonId};

/// A directory open for reading. It takes no lock and runs beside a server; every answer is read in one transaction.
#[derive(Debug)]
pub struct Reader {
    dir: PathBuf,
    pool: SqlitePool,
}

impl Reader {
    /// Opens `<dir>/state/douane.db`.
    ///
    /// # Errors
    /// [`StoreError::Io`] when there is none, [`StoreError::Newer`] when a later release wrote it.
    pub async fn open(dir: impl AsRef<Path>) -> Result<Self> {
        let dir = dir.as_ref().to_owned();
        let file = dir.join("state").join("douane.db");
        std::fs::metadata(&file).map_err(StoreError::io("read", &file))?;
        Ok(Self { pool: open_read_only(&file).await?, dir })
    }

    /// All that was on file, as known then.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the chain does not hold up to there.
    pub async fn known_at(&self, known: KnownAt) -> Result<State> {
        replay::whole(&mut *self.pool.begin().await?, known).await
    }

    /// The same without the people, which are most of a state and no part of the law.
    ///
    /// # Errors
    /// As [`Self::known_at`].
    pub async fn law_known_at(&self, known: KnownAt) -> Result<State> {
        replay::without_people(&mut *self.pool.begin().await?, known).await
    }

    /// The events after `seq`, in order; at most 2,000, so that a caller asks again from the last one it got.
    pub async fn events_since(&self, seq: u64) -> Result<Vec<Recorded>> {
        let rows = log::events_after(&mut *self.pool.begin().await?, seq).await?;
        rows.iter().map(log::EventRow::recorded).collect()
    }

    /// The newest versions of one person's facts up to event `seq`, newest first; at most `most`.
    pub async fn facts_versions(
        &self,
        account: &AccountId,
        person: &PersonId,
        seq: u64,
        most: u32,
    ) -> Result<Vec<FactsVersion>> {
        replay::facts_versions(&mut *self.pool.begin().await?, (account, person), seq, most).await
    }

    /// Everything on file about one person in one account.
    ///
    /// # Errors
    /// [`crate::Refusal::UnknownPerson`] when nothing was ever recorded.
    pub async fn export(&self, account: &AccountId, person: &PersonId) -> Result<PersonRecord> {
        PersonRecord::read(&mut *self.pool.begin().await?, account, person).await
    }

    /// The statements about one person as they were after event `seq`, in the order of filing; what was erased since is
    /// not known any more. Reads the events that name the person.
    pub async fn file_known_at(
        &self,
        account: &AccountId,
        person: &PersonId,
        seq: u64,
    ) -> Result<Arc<[Filed]>> {
        crate::file::known_at(&mut *self.pool.begin().await?, (account, person), seq).await
    }

    /// Every appeal with its words, in order of number.
    pub async fn appeals(&self) -> Result<Vec<AppealEntry>> {
        appeals::all(&mut *self.pool.begin().await?).await
    }

    /// How statements came through cure pages, in order; what was erased since is left out.
    pub async fn cures(&self) -> Result<Vec<CureEntry>> {
        appeals::all_cures(&mut *self.pool.begin().await?).await
    }

    /// The hasher of API keys; `None` where the pepper is not in the directory, as in a copy without its secrets.
    pub fn key_hasher(&self) -> Result<Option<KeyHasher>> {
        KeyHasher::read(&self.dir)
    }

    /// Closes the file.
    pub async fn close(self) {
        self.pool.close().await;
    }
}
