//! Every SQL statement of the crate is in this folder.
//!
//! Statements about people and keys carry the account. Large reads come in pages, in order of their key.

pub(crate) mod appeals;
pub(crate) mod evidence;
pub(crate) mod former;
pub(crate) mod instruments;
pub(crate) mod log;
pub(crate) mod people;
pub(crate) mod register;

use crate::digest::Digest;
use crate::error::StoreError;
use crate::migrate::{Migration, migrate};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Sqlite, Transaction};
pub(crate) use sqlx::{SqliteConnection, SqlitePool};
use std::path::Path;
use std::time::Duration;

/// Format of the file this release writes.
pub(crate) const FORMAT: i64 = 3;
/// How long a statement waits for a lock another connection holds.
const BUSY: Duration = Duration::from_secs(10);
/// Connections for reading, beside the one for writing.
const READERS: u32 = 2;
/// Size to which the write-ahead log is cut back after a large load.
const WAL_BYTES: &str = "67108864";
/// Rows of one page of a large read.
pub(crate) const PAGE: u32 = 2_000;

pub(crate) type Tx = Transaction<'static, Sqlite>;
pub(crate) type Result<T, E = StoreError> = std::result::Result<T, E>;

/// One connection that writes and a few that read.
#[derive(Debug)]
pub(crate) struct Db {
    writer: SqlitePool,
    reader: SqlitePool,
}

impl Db {
    /// Opens the file, which exists; an empty one is given the tables, one of an older format is migrated.
    pub(crate) async fn open(file: &Path) -> Result<(Self, Option<Migration>)> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(false)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .row_buffer_size(PAGE as usize)
            .pragma("fullfsync", "ON")
            .pragma("checkpoint_fullfsync", "ON")
            .pragma("journal_size_limit", WAL_BYTES)
            .pragma("trusted_schema", "OFF")
            // What is erased is overwritten in the file, not only forgotten.
            .pragma("secure_delete", "ON")
            .disable_statement_logging();
        let lasting = || SqlitePoolOptions::new().idle_timeout(None).max_lifetime(None);
        let writer = lasting().max_connections(1).connect_with(options).await?;
        let migration = prepare(&writer, file).await?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .read_only(true)
            .busy_timeout(BUSY)
            .row_buffer_size(PAGE as usize)
            .disable_statement_logging();
        let reader = lasting().max_connections(READERS).connect_with(options).await?;
        let db = Self { writer, reader };
        if migration.is_some() {
            db.empty_wal().await?;
        }
        Ok((db, migration))
    }

    /// Begins a transaction that holds the write lock from its start.
    pub(crate) async fn write(&self) -> Result<Tx> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Begins a transaction that sees one state throughout.
    pub(crate) async fn read(&self) -> Result<Tx> {
        Ok(self.reader.begin().await?)
    }

    /// Empties the write-ahead log, which may hold pages from before an erasure.
    pub(crate) async fn empty_wal(&self) -> Result<()> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.writer).await?;
        Ok(())
    }

    pub(crate) async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// Opens a file for reading alone, beside a process that writes it. A copy on a read-only medium, where SQLite cannot make
/// the files it shares with a writer, is read as what nobody changes.
pub(crate) async fn open_read_only(file: &Path) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .busy_timeout(BUSY)
        .row_buffer_size(PAGE as usize)
        .disable_statement_logging();
    let pool = match read_pool(options.clone()).await {
        Err(_) if !file.with_extension("db-wal").exists() => read_pool(options.immutable(true)).await?,
        opened => opened?,
    };
    let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&pool).await?;
    if found == FORMAT { Ok(pool) } else { Err(other_format(found)) }
}

/// A pool of one connection that can read its file.
async fn read_pool(options: SqliteConnectOptions) -> Result<SqlitePool> {
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
    let _: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&pool).await?;
    Ok(pool)
}

async fn prepare(writer: &SqlitePool, file: &Path) -> Result<Option<Migration>> {
    let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(writer).await?;
    match found {
        FORMAT => Ok(None),
        0 => {
            let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
            make_tables(&mut tx).await?;
            tx.commit().await?;
            Ok(None)
        }
        1..FORMAT => migrate(writer, file, found).await.map(Some),
        _ => Err(other_format(found)),
    }
}

/// Makes every table, empty.
pub(crate) async fn make_tables(conn: &mut SqliteConnection) -> Result<()> {
    sqlx::raw_sql(include_str!("../schema/log.sql")).execute(&mut *conn).await?;
    make_views(conn).await
}

/// Makes the tables of the views, empty.
pub(crate) async fn make_views(conn: &mut SqliteConnection) -> Result<()> {
    sqlx::raw_sql(include_str!("../schema/views.sql")).execute(conn).await?;
    Ok(())
}

fn other_format(found: i64) -> StoreError {
    if found > FORMAT {
        StoreError::Newer { found, known: FORMAT }
    } else {
        StoreError::Older { found, known: FORMAT }
    }
}

/// Runs a statement with its values bound, `change!(connection, sql, value, ..)`, and says how many rows it changed.
macro_rules! change {
    ($conn:expr, $sql:literal $(, $value:expr)* $(,)?) => {
        sqlx::query($sql)$(.bind($value))*.execute($conn).await?.rows_affected()
    };
}
use change;

pub(crate) fn signed(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(|_| StoreError::damaged(number, "the number is beyond 2^63"))
}

pub(crate) fn unsigned(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| StoreError::damaged(0, "a number is negative"))
}

/// Reads 32 bytes as a digest.
pub(crate) fn digest(bytes: &[u8]) -> Result<Digest> {
    let bytes = bytes.try_into().map_err(|_| StoreError::damaged(0, "a digest has not 32 bytes"))?;
    Ok(Digest::from_bytes(bytes))
}

/// Empties every view, children before parents.
pub(crate) async fn clear_views(conn: &mut SqliteConnection) -> Result<()> {
    sqlx::raw_sql(
        "PRAGMA defer_foreign_keys = ON;
         DELETE FROM letters; DELETE FROM activations; DELETE FROM approvals; DELETE FROM instruments;
         DELETE FROM readings; DELETE FROM practice_clock; DELETE FROM cures; DELETE FROM appeals;
         DELETE FROM officers;
         DELETE FROM people; DELETE FROM evidence; DELETE FROM holds; DELETE FROM keys; DELETE FROM accounts;",
    )
    .execute(conn)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_writer_flushes_and_the_readers_cannot_write() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("douane.db");
        std::fs::write(&file, "").unwrap();
        let (db, _) = Db::open(&file).await.unwrap();
        let mut tx = db.write().await.unwrap();
        // 2 is FULL: the write-ahead log is flushed at each commit.
        let numbers = [("PRAGMA synchronous", 2_i64), ("PRAGMA foreign_keys", 1), ("PRAGMA fullfsync", 1)];
        for (pragma, value) in numbers {
            let found: i64 = sqlx::query_scalar(pragma).fetch_one(&mut *tx).await.unwrap();
            assert_eq!(found, value, "{pragma}");
        }
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *tx).await.unwrap();
        assert_eq!(mode, "wal");
        let mut reader = db.read().await.unwrap();
        let refused = sqlx::query("DELETE FROM accounts").execute(&mut *reader).await.unwrap_err();
        assert!(refused.to_string().contains("readonly"), "{refused}");
    }
}
