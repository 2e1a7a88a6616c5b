//! Directories of older formats, brought up to this one in one transaction, after a copy was made.
//!
//! Format 2 has the same log; its views are made anew. Format 1 held facts in the open: in the events that set one
//! person's facts, and under digests over whole rosters. Such a log cannot be erased from, so it is written anew, event
//! by event, with commitments in place of facts; [`Event::StateMigrated`] names the end of the former chain, which the
//! copy holds.

use crate::chain::Head;
use crate::digest::Digest;
use crate::error::StoreError;
use crate::event::{Event, RosterSource};
use crate::lock::private_file;
use crate::people::{digest_rows, write_rows};
use crate::roster::RosterRow;
use crate::sqlite::log::EventRow;
use crate::sqlite::{Result, SqliteConnection, SqlitePool, former};
use crate::store::{fill_views, record};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::Digest as _;
use std::path::{Path, PathBuf};
use terms::{AccountId, Instant, PersonFacts, PersonId};

/// A directory was brought up to this release's format.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Migration {
    /// The format it had.
    pub from: i64,
    /// The copy of the file as it was, readable by its owner only. An erasure does not reach it: it is to be deleted
    /// once it is not needed any more.
    pub copy: PathBuf,
}

/// Migrates a file of format 1 or 2.
///
/// # Errors
/// [`StoreError::Damaged`] when the former log does not hold; the file then stays as it was.
pub(crate) async fn migrate(writer: &SqlitePool, file: &Path, from: i64) -> Result<Migration> {
    let copy = file.with_extension(format!("format-{from}.db"));
    // What an attempt that failed left behind: the file itself is as it was then.
    private_file(&copy)?.set_len(0).map_err(StoreError::io("empty", &copy))?;
    former::copy(writer, &copy).await?;
    let flush = private_file(&copy)?.sync_all();
    flush.map_err(StoreError::io("flush", &copy))?;
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    if from == 1 {
        former::put_aside(&mut tx).await?;
        rewrite(&mut tx).await?;
        former::drop_former(&mut tx).await?;
    } else {
        former::renew_views(&mut tx).await?;
        fill_views(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(Migration { from, copy })
}

/// Writes the log of format 1 anew.
async fn rewrite(conn: &mut SqliteConnection) -> Result<()> {
    let (mut former, mut head, mut last) = (Head::GENESIS, Head::GENESIS, None);
    loop {
        let rows = former::events_after(conn, former.seq).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            check(&mut former, row)?;
            let event = read(conn, row).await?;
            let at = Instant::from_micros(row.at_us);
            head = record(conn, head, at, event).await?;
            last = Some(at);
        }
    }
    let Some(at) = last else { return Ok(()) };
    // At the time of the last event: the server then takes it for a part of a change it had no time to record.
    record(conn, head, at, Event::StateMigrated { from: 1, head: former.link }).await?;
    Ok(())
}

/// Moves `before` onto a row, which has to follow it.
fn check(before: &mut Head, row: &EventRow) -> Result<()> {
    let after = before.then(Instant::from_micros(row.at_us), &row.body);
    if row.seq != after.seq || row.prev != before.link || row.link != after.link {
        return Err(StoreError::damaged(after.seq, "the event is not the one that was recorded"));
    }
    *before = after;
    Ok(())
}

#[derive(Deserialize)]
struct Loaded {
    account: AccountId,
    source: RosterSource,
    people: u64,
    rows: Digest,
}

#[derive(Deserialize)]
struct Set<'a> {
    account: AccountId,
    person: PersonId,
    #[serde(borrow)]
    facts: &'a RawValue,
}

/// The event of a row, to be recorded next; the rows of a roster are written.
async fn read(conn: &mut SqliteConnection, row: &EventRow) -> Result<Event> {
    let bad = |error: serde_json::Error| StoreError::damaged(row.seq, format!("it does not read: {error}"));
    match row.kind.as_str() {
        "people_loaded" => {
            let Loaded { account, source, people, rows } = serde_json::from_str(&row.body).map_err(bad)?;
            if copy_rows(conn, &account, row.seq).await? != rows {
                return Err(StoreError::damaged(row.seq, "the facts on file are not those recorded"));
            }
            let (written, rows) = digest_rows(conn, &account, row.seq).await?;
            Ok(Event::PeopleLoaded { account, source, people, written, rows })
        }
        "person_facts_set" => {
            let Set { account, person, facts } = serde_json::from_str(&row.body).map_err(bad)?;
            let on_file = former::facts_of_event(conn, &account, row.seq, "").await?;
            if !matches!(on_file.as_slice(), [(of, text)] if *of == person && text == facts.get()) {
                return Err(StoreError::damaged(row.seq, "the facts on file are not those recorded"));
            }
            let facts: PersonFacts = serde_json::from_str(facts.get()).map_err(bad)?;
            Ok(Event::PersonFactsSet { account, person, facts: facts.into() })
        }
        _ => serde_json::from_str(&row.body).map_err(bad),
    }
}

/// Writes the rows of a roster under salted commitments. Gives the digest over them as format 1 had it: person and
/// facts in order of person, each preceded by its length in bytes as a big-endian 64-bit number.
async fn copy_rows(conn: &mut SqliteConnection, account: &AccountId, seq: u64) -> Result<Digest> {
    let (mut hash, mut last) = (sha2::Sha256::new(), String::new());
    loop {
        let page = former::facts_of_event(conn, account, seq, &last).await?;
        let Some((person, _)) = page.last() else { return Ok(Digest::from_bytes(hash.finalize().into())) };
        person.as_str().clone_into(&mut last);
        let mut rows = Vec::with_capacity(page.len());
        for (person, text) in page {
            for part in [person.as_str(), &text] {
                hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
                hash.update(part);
            }
            let facts = serde_json::from_str(&text)
                .map_err(|error| StoreError::damaged(seq, format!("facts do not read: {error}")))?;
            rows.push(Ok(RosterRow { line: 0, person, facts }));
        }
        write_rows(conn, account, seq, rows.into_iter()).await?;
    }
}
