//! The log.

use super::{PAGE, Result, SqliteConnection, change, digest, signed, unsigned};
use crate::chain::Head;
use crate::digest::Digest;
use terms::{AccountId, Instant, PersonId};

/// A row of `events`.
pub(crate) struct EventRow {
    pub seq: u64,
    pub at_us: i64,
    pub kind: String,
    pub body: String,
    pub prev: Digest,
    pub link: Digest,
}

pub(crate) async fn head(conn: &mut SqliteConnection) -> Result<Head> {
    let row: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT seq, link FROM events ORDER BY seq DESC LIMIT 1").fetch_optional(conn).await?;
    row.map_or(Ok(Head::GENESIS), |(seq, link)| Ok(Head { seq: unsigned(seq)?, link: digest(&link)? }))
}

pub(crate) async fn insert_event(
    conn: &mut SqliteConnection,
    (before, after): (&Head, &Head),
    at: Instant,
    (kind, body): (&str, &str),
) -> Result<()> {
    change!(
        conn,
        "INSERT INTO events (seq, at_us, kind, body, prev, link) VALUES (?, ?, ?, ?, ?, ?)",
        signed(after.seq)?,
        at.as_micros(),
        kind,
        body,
        &before.link.as_bytes()[..],
        &after.link.as_bytes()[..],
    );
    Ok(())
}

/// At most [`PAGE`] events after `seq`, in order.
pub(crate) async fn events_after(conn: &mut SqliteConnection, seq: u64) -> Result<Vec<EventRow>> {
    type Row = (i64, i64, String, String, Vec<u8>, Vec<u8>);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT seq, at_us, kind, body, prev, link FROM events WHERE seq > ? ORDER BY seq LIMIT ?",
    )
    .bind(signed(seq)?)
    .bind(PAGE)
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|(seq, at_us, kind, body, prev, link)| {
            let (prev, link) = (digest(&prev)?, digest(&link)?);
            Ok(EventRow { seq: unsigned(seq)?, at_us, kind, body, prev, link })
        })
        .collect()
}

/// The accounts whose people have to be read again after event `seq`, and whether somebody was erased there.
pub(crate) async fn accounts_with_people_after(
    conn: &mut SqliteConnection,
    seq: u64,
) -> Result<Vec<(String, bool)>> {
    Ok(sqlx::query_as(
        "SELECT body ->> 'account', max(kind = 'person_erased') FROM events
         WHERE seq > ? AND kind IN ('people_loaded', 'person_erased') GROUP BY 1 ORDER BY 1",
    )
    .bind(signed(seq)?)
    .fetch_all(conn)
    .await?)
}

/// Account and person whose facts were set one by one after event `seq`.
pub(crate) async fn persons_set_after(
    conn: &mut SqliteConnection,
    seq: u64,
) -> Result<Vec<(String, String)>> {
    Ok(sqlx::query_as(
        "SELECT DISTINCT body ->> 'account', body ->> 'person' FROM events
         WHERE seq > ? AND kind = 'person_facts_set'",
    )
    .bind(signed(seq)?)
    .fetch_all(conn)
    .await?)
}

/// Number of the last event after `seq` that changed what is on file about anybody.
pub(crate) async fn evidence_epoch_after(conn: &mut SqliteConnection, seq: u64) -> Result<Option<u64>> {
    let last: Option<i64> = sqlx::query_scalar(
        "SELECT max(seq) FROM events WHERE seq > ? AND kind IN ('people_loaded', 'person_facts_set',
         'evidence_filed', 'evidence_suspended', 'evidence_resumed', 'evidence_revoked', 'review_settled',
         'person_erased')",
    )
    .bind(signed(seq)?)
    .fetch_one(conn)
    .await?;
    last.map(unsigned).transpose()
}

/// Account and person of each erasure, with the number of the event.
pub(crate) async fn erasures(conn: &mut SqliteConnection) -> Result<Vec<(String, String, i64)>> {
    Ok(sqlx::query_as(
        "SELECT body ->> 'account', body ->> 'person', max(seq) FROM events WHERE kind = 'person_erased'
         GROUP BY 1, 2",
    )
    .fetch_all(conn)
    .await?)
}

/// Number, time and body of every event that names the person, in order.
pub(crate) async fn events_naming(
    conn: &mut SqliteConnection,
    account: &AccountId,
    person: &PersonId,
) -> Result<Vec<(i64, i64, String)>> {
    Ok(sqlx::query_as(
        "SELECT seq, at_us, body FROM events WHERE kind IN ('key_added', 'person_facts_set', 'evidence_filed',
         'evidence_suspended', 'evidence_resumed', 'evidence_revoked', 'review_settled', 'hold_set',
         'person_erased', 'shown_on_page', 'appeal_filed', 'appeal_settled')
         AND body ->> 'account' = ? AND body ->> 'person' = ? ORDER BY seq",
    )
    .bind(account.as_str())
    .bind(person.as_str())
    .fetch_all(conn)
    .await?)
}
