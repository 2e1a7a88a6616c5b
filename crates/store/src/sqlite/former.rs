//! Tables of older formats.

use super::log::EventRow;
use super::{PAGE, Result, SqliteConnection, digest, make_tables, make_views, signed, unsigned};
use crate::error::StoreError;
use sqlx::SqlitePool;
use std::path::Path;
use terms::{AccountId, PersonId};

/// Names of the views of formats 1 and 2, children before parents.
const VIEWS: &str =
    "DROP TABLE letters; DROP TABLE activations; DROP TABLE approvals; DROP TABLE instruments;
    DROP TABLE readings; DROP TABLE practice_clock; DROP TABLE officers; DROP TABLE people;
    DROP TABLE IF EXISTS evidence; DROP TABLE IF EXISTS holds; DROP TABLE keys; DROP TABLE accounts;";

/// Copies the whole file to one that is absent or empty.
pub(crate) async fn copy(pool: &SqlitePool, to: &Path) -> Result<()> {
    let to = to.to_string_lossy().into_owned();
    sqlx::query("VACUUM INTO ?").bind(to).execute(pool).await?;
    Ok(())
}

/// Gives format 2 the views of this format, empty. Log and texts stay as they are.
pub(crate) async fn renew_views(conn: &mut SqliteConnection) -> Result<()> {
    sqlx::raw_sql("PRAGMA defer_foreign_keys = ON").execute(&mut *conn).await?;
    sqlx::raw_sql(VIEWS).execute(&mut *conn).await?;
    make_views(conn).await
}

/// Puts the tables of format 1 aside and makes those of this format, empty.
pub(crate) async fn put_aside(conn: &mut SqliteConnection) -> Result<()> {
    sqlx::raw_sql("PRAGMA defer_foreign_keys = ON").execute(&mut *conn).await?;
    sqlx::raw_sql(VIEWS).execute(&mut *conn).await?;
    sqlx::raw_sql(
        "DROP TRIGGER events_follow; DROP TRIGGER events_stay; DROP TRIGGER events_remain;
         DROP TRIGGER person_facts_follow; DROP TRIGGER person_facts_stay; DROP TRIGGER person_facts_remain;
         ALTER TABLE events RENAME TO former_events; ALTER TABLE person_facts RENAME TO former_facts;",
    )
    .execute(&mut *conn)
    .await?;
    make_tables(conn).await
}

/// Deletes what was put aside.
pub(crate) async fn drop_former(conn: &mut SqliteConnection) -> Result<()> {
    sqlx::raw_sql("DROP TABLE former_facts; DROP TABLE former_events;").execute(conn).await?;
    Ok(())
}

/// At most [`PAGE`] events of format 1 after `seq`, in order.
pub(crate) async fn events_after(conn: &mut SqliteConnection, seq: u64) -> Result<Vec<EventRow>> {
    type Row = (i64, i64, String, String, Vec<u8>, Vec<u8>);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT seq, at_us, kind, body, prev, link FROM former_events WHERE seq > ? ORDER BY seq LIMIT ?",
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

/// At most [`PAGE`] people and facts that an event of format 1 wrote, in order of person, after `person`.
pub(crate) async fn facts_of_event(
    conn: &mut SqliteConnection,
    account: &AccountId,
    seq: u64,
    person: &str,
) -> Result<Vec<(PersonId, String)>> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT person, facts FROM former_facts WHERE account = ? AND seq = ? AND person > ? ORDER BY person LIMIT ?",
    )
    .bind(account.as_str())
    .bind(signed(seq)?)
    .bind(person)
    .bind(PAGE)
    .fetch_all(conn)
    .await?;
    let read = |(person, facts): (String, String)| match PersonId::parse(&person) {
        Ok(person) => Ok((person, facts)),
        Err(_) => Err(StoreError::damaged(seq, "a person has no identifier")),
    };
    rows.into_iter().map(read).collect()
}
