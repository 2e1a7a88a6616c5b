//! The log.

use super::{PAGE, Result, SqliteConnection, change, digest, signed, unsigned};
use crate::chain::Head;
use crate::digest::Digest;
use terms::Instant;

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

/// The accounts whose people changed after event `seq`.
pub(crate) async fn accounts_with_people_after(conn: &mut SqliteConnection, seq: u64) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        "SELECT DISTINCT body ->> 'account' FROM events
         WHERE seq > ? AND kind IN ('people_loaded', 'person_facts_set') ORDER BY 1",
    )
    .bind(signed(seq)?)
    .fetch_all(conn)
    .await?)
}
