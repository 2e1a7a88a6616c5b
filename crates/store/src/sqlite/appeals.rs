//! Appeals, and how evidence came through cure pages.

use super::{PAGE, Result, SqliteConnection, change, signed};
use crate::appeals::{Cure, CureEntry};
use crate::digest::Digest;
use crate::error::StoreError;
use crate::state::id as parse;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use terms::{AccountId, Instant, OfficerId, PersonId};

/// A row of `appeals` with the words that belong to it.
pub(crate) struct AppealRow {
    pub number: i64,
    pub seq: i64,
    pub account: String,
    pub person: String,
    pub model: String,
    pub lang: String,
    pub link: Vec<u8>,
    pub at_us: i64,
    pub due_us: i64,
    pub erased: bool,
    pub settled: Option<i64>,
    pub settled_us: Option<i64>,
    pub granted: Option<bool>,
    pub officer: Option<String>,
    pub words: Option<String>,
    pub answer: Option<String>,
}

impl sqlx::FromRow<'_, SqliteRow> for AppealRow {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            number: row.try_get("number")?,
            seq: row.try_get("seq")?,
            account: row.try_get("account")?,
            person: row.try_get("person")?,
            model: row.try_get("model")?,
            lang: row.try_get("lang")?,
            link: row.try_get("link")?,
            at_us: row.try_get("at_us")?,
            due_us: row.try_get("due_us")?,
            erased: row.try_get("erased")?,
            settled: row.try_get("settled")?,
            settled_us: row.try_get("settled_us")?,
            granted: row.try_get("granted")?,
            officer: row.try_get("officer")?,
            words: row.try_get("words")?,
            answer: row.try_get("answer")?,
        })
    }
}

/// A new appeal as its event tells it.
pub(crate) struct Filing<'a> {
    pub of: (&'a AccountId, &'a PersonId),
    pub number: u64,
    pub texts: (&'a str, &'a str),
    pub link: &'a Digest,
    pub due: Instant,
}

/// `false` when the number or the link is taken.
pub(crate) async fn put_appeal(
    conn: &mut SqliteConnection,
    (seq, at): (u64, Instant),
    filing: &Filing<'_>,
) -> Result<bool> {
    let changed = change!(
        conn,
        "INSERT INTO appeals (number, seq, account, person, model, lang, link, at_us, due_us)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        signed(filing.number)?,
        signed(seq)?,
        filing.of.0.as_str(),
        filing.of.1.as_str(),
        filing.texts.0,
        filing.texts.1,
        &filing.link.as_bytes()[..],
        at.as_micros(),
        filing.due.as_micros(),
    );
    Ok(changed > 0)
}

/// The number of the last appeal.
pub(crate) async fn last_number(conn: &mut SqliteConnection) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT coalesce(max(number), 0) FROM appeals").fetch_one(conn).await?)
}

/// Appeals of one person that wait for an answer.
pub(crate) async fn count_open(
    conn: &mut SqliteConnection,
    (account, person): (&AccountId, &PersonId),
) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT count(*) FROM appeals WHERE account = ? AND person = ? AND settled IS NULL AND NOT erased",
    )
    .bind(account.as_str())
    .bind(person.as_str())
    .fetch_one(conn)
    .await?)
}

/// Writes the answer to an appeal that waits for one.
pub(crate) async fn settle(
    conn: &mut SqliteConnection,
    (account, person, number): (&AccountId, &PersonId, u64),
    (granted, by): (bool, &OfficerId),
    (seq, at): (u64, Instant),
) -> Result<u64> {
    Ok(change!(
        conn,
        "UPDATE appeals SET settled = ?, settled_us = ?, granted = ?, officer = ?
         WHERE number = ? AND account = ? AND person = ? AND settled IS NULL AND NOT erased",
        signed(seq)?,
        at.as_micros(),
        granted,
        by.as_str(),
        signed(number)?,
        account.as_str(),
        person.as_str(),
    ))
}

/// A page of all appeals after `number`, in order.
pub(crate) async fn appeals_after(conn: &mut SqliteConnection, number: u64) -> Result<Vec<AppealRow>> {
    Ok(sqlx::query_as(
        "SELECT a.*, w.body AS words, s.body AS answer FROM appeals AS a
         LEFT JOIN statements AS w ON w.seq = a.seq LEFT JOIN statements AS s ON s.seq = a.settled
         WHERE a.number > ? ORDER BY a.number LIMIT ?",
    )
    .bind(signed(number)?)
    .bind(PAGE)
    .fetch_all(conn)
    .await?)
}

/// The appeal filed on a link.
pub(crate) async fn appeal_on(conn: &mut SqliteConnection, link: &Digest) -> Result<Option<AppealRow>> {
    Ok(sqlx::query_as(
        "SELECT a.*, w.body AS words, s.body AS answer FROM appeals AS a
         LEFT JOIN statements AS w ON w.seq = a.seq LEFT JOIN statements AS s ON s.seq = a.settled
         WHERE a.link = ?",
    )
    .bind(&link.as_bytes()[..])
    .fetch_optional(conn)
    .await?)
}

/// The appeals of one person, in order.
pub(crate) async fn appeals_of(
    conn: &mut SqliteConnection,
    (account, person): (&AccountId, &PersonId),
) -> Result<Vec<AppealRow>> {
    Ok(sqlx::query_as(
        "SELECT a.*, w.body AS words, s.body AS answer FROM appeals AS a
         LEFT JOIN statements AS w ON w.seq = a.seq LEFT JOIN statements AS s ON s.seq = a.settled
         WHERE a.account = ? AND a.person = ? ORDER BY a.number",
    )
    .bind(account.as_str())
    .bind(person.as_str())
    .fetch_all(conn)
    .await?)
}

pub(crate) async fn put_cure(
    conn: &mut SqliteConnection,
    seq: u64,
    (account, person, id): (&AccountId, &PersonId, &str),
    by: Option<&OfficerId>,
) -> Result<()> {
    change!(
        conn,
        "INSERT INTO cures (seq, account, person, id, officer) VALUES (?, ?, ?, ?, ?)",
        signed(seq)?,
        account.as_str(),
        person.as_str(),
        id,
        by.map(OfficerId::as_str),
    );
    Ok(())
}

/// Account, person and name of each statement that is not withdrawn and rests on the officer's word.
pub(crate) async fn attested_by(
    conn: &mut SqliteConnection,
    officer: &OfficerId,
) -> Result<Vec<(String, String, String)>> {
    Ok(sqlx::query_as(
        "SELECT DISTINCT e.account, e.person, e.id FROM cures AS c
         JOIN evidence AS e ON e.account = c.account AND e.person = c.person AND e.id = c.id
         WHERE c.officer = ? AND e.state <> 'revoked' ORDER BY 1, 2, 3",
    )
    .bind(officer.as_str())
    .fetch_all(conn)
    .await?)
}

type CureRow = (i64, i64, String, String, String, Option<String>, String);

/// A page of all cures after event `seq`, in order; with the number of each.
pub(crate) async fn cures_after(conn: &mut SqliteConnection, seq: i64) -> Result<Vec<(i64, CureEntry)>> {
    let rows: Vec<CureRow> = sqlx::query_as(
        "SELECT c.seq, e.at_us, c.account, c.person, c.id, c.officer, s.body FROM cures AS c
         JOIN events AS e ON e.seq = c.seq JOIN statements AS s ON s.seq = c.seq
         WHERE c.seq > ? ORDER BY c.seq LIMIT ?",
    )
    .bind(seq)
    .bind(PAGE)
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(cure).collect()
}

/// How the statements of one person came, in order.
pub(crate) async fn cures_of(
    conn: &mut SqliteConnection,
    (account, person): (&AccountId, &PersonId),
) -> Result<Vec<CureEntry>> {
    let rows: Vec<CureRow> = sqlx::query_as(
        "SELECT c.seq, e.at_us, c.account, c.person, c.id, c.officer, s.body FROM cures AS c
         JOIN events AS e ON e.seq = c.seq JOIN statements AS s ON s.seq = c.seq
         WHERE c.account = ? AND c.person = ? ORDER BY c.seq",
    )
    .bind(account.as_str())
    .bind(person.as_str())
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok(cure(row)?.1)).collect()
}

fn cure((seq, at, account, person, id, officer, body): CureRow) -> Result<(i64, CureEntry)> {
    let read: Cure = serde_json::from_str(&body)
        .map_err(|error| StoreError::damaged(0, format!("a cure does not read: {error}")))?;
    let entry = CureEntry {
        account: parse(AccountId::parse, &account)?,
        person: parse(PersonId::parse, &person)?,
        id,
        at: Instant::from_micros(at),
        by: officer.map(|by| parse(OfficerId::parse, &by)).transpose()?,
        cure: read,
    };
    Ok((seq, entry))
}

/// Takes what a person said and how evidence came out of the views. Gives the number of appeals that were there.
pub(crate) async fn forget(
    conn: &mut SqliteConnection,
    (account, person): (&AccountId, &PersonId),
) -> Result<u64> {
    change!(
        &mut *conn,
        "DELETE FROM cures WHERE account = ? AND person = ?",
        account.as_str(),
        person.as_str(),
    );
    Ok(change!(
        conn,
        "UPDATE appeals SET erased = 1 WHERE account = ? AND person = ? AND NOT erased",
        account.as_str(),
        person.as_str(),
    ))
}
