//! Statements filed, their states, and legal holds.

use super::{PAGE, Result, SqliteConnection, change, signed};
use crate::chain::commit;
use crate::digest::Digest;
use terms::{AccountId, PersonId};

/// A statement as filed.
pub(crate) struct StatementRow {
    pub seq: i64,
    pub account: String,
    pub person: String,
    pub salt: Vec<u8>,
    pub body: String,
}

impl StatementRow {
    pub(crate) fn commitment(&self) -> Digest {
        commit(&self.salt, &self.person, &self.body)
    }
}

pub(crate) async fn put_statement(
    conn: &mut SqliteConnection,
    (account, person): (&AccountId, &PersonId),
    seq: u64,
    (body, salt): (&str, &[u8]),
) -> Result<()> {
    change!(
        conn,
        "INSERT INTO statements (seq, account, person, salt, body) VALUES (?, ?, ?, ?, ?)",
        signed(seq)?,
        account.as_str(),
        person.as_str(),
        salt,
        body,
    );
    Ok(())
}

/// A page of all statements after event `seq`, in order.
pub(crate) async fn statements_after(conn: &mut SqliteConnection, seq: u64) -> Result<Vec<StatementRow>> {
    type Row = (i64, String, String, Vec<u8>, String);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT seq, account, person, salt, body FROM statements WHERE seq > ? ORDER BY seq LIMIT ?",
    )
    .bind(signed(seq)?)
    .bind(PAGE)
    .fetch_all(conn)
    .await?;
    let read = |(seq, account, person, salt, body)| StatementRow { seq, account, person, salt, body };
    Ok(rows.into_iter().map(read).collect())
}

/// Number and body of every statement about one person.
pub(crate) async fn bodies_of(
    conn: &mut SqliteConnection,
    account: &AccountId,
    person: &PersonId,
) -> Result<Vec<(i64, String)>> {
    Ok(sqlx::query_as("SELECT seq, body FROM statements WHERE account = ? AND person = ? ORDER BY seq")
        .bind(account.as_str())
        .bind(person.as_str())
        .fetch_all(conn)
        .await?)
}

/// Number, account, person, body and state.
pub(crate) type FiledRow = (i64, String, String, String, String);

/// A page of the statements in the view filed last after event `seq`, in order.
pub(crate) async fn filed_after(conn: &mut SqliteConnection, seq: i64) -> Result<Vec<FiledRow>> {
    Ok(sqlx::query_as(
        "SELECT e.seq, e.account, e.person, s.body, e.state FROM evidence AS e
         JOIN statements AS s ON s.seq = e.seq WHERE e.seq > ? ORDER BY e.seq LIMIT ?",
    )
    .bind(seq)
    .bind(PAGE)
    .fetch_all(conn)
    .await?)
}

/// The statements about one person, in the order in which they were filed, with the state of each: number of the event
/// that filed it last, body, state.
pub(crate) async fn file_of(
    conn: &mut SqliteConnection,
    account: &str,
    person: &str,
) -> Result<Vec<(String, String)>> {
    Ok(sqlx::query_as(
        "SELECT s.body, e.state FROM evidence AS e JOIN statements AS s ON s.seq = e.seq
         WHERE e.account = ? AND e.person = ? ORDER BY e.seq",
    )
    .bind(account)
    .bind(person)
    .fetch_all(conn)
    .await?)
}

/// Account and person of everybody with a statement or a hold changed after event `seq`.
pub(crate) async fn touched_after(conn: &mut SqliteConnection, seq: u64) -> Result<Vec<(String, String)>> {
    Ok(sqlx::query_as(
        "SELECT DISTINCT body ->> 'account', body ->> 'person' FROM events WHERE seq > ? AND kind IN
         ('evidence_filed', 'evidence_suspended', 'evidence_resumed', 'evidence_revoked', 'review_settled',
          'person_erased')",
    )
    .bind(signed(seq)?)
    .fetch_all(conn)
    .await?)
}

/// The state of a statement; `None` when it is not on file.
pub(crate) async fn state_of(
    conn: &mut SqliteConnection,
    (account, person): (&AccountId, &PersonId),
    id: &str,
) -> Result<Option<String>> {
    Ok(sqlx::query_scalar("SELECT state FROM evidence WHERE account = ? AND person = ? AND id = ?")
        .bind(account.as_str())
        .bind(person.as_str())
        .bind(id)
        .fetch_optional(conn)
        .await?)
}

pub(crate) async fn count_of(
    conn: &mut SqliteConnection,
    account: &AccountId,
    person: &PersonId,
) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM evidence WHERE account = ? AND person = ?")
        .bind(account.as_str())
        .bind(person.as_str())
        .fetch_one(conn)
        .await?)
}

/// Puts a statement into the view, or renews it there.
pub(crate) async fn put_evidence(
    conn: &mut SqliteConnection,
    (account, person): (&AccountId, &PersonId),
    id: &str,
    seq: u64,
) -> Result<()> {
    change!(
        conn,
        "INSERT INTO evidence (account, person, id, seq, state) VALUES (?, ?, ?, ?, 'active')
         ON CONFLICT (account, person, id) DO UPDATE SET seq = excluded.seq",
        account.as_str(),
        person.as_str(),
        id,
        signed(seq)?,
    );
    Ok(())
}

pub(crate) async fn set_state(
    conn: &mut SqliteConnection,
    (account, person): (&AccountId, &PersonId),
    id: &str,
    state: &str,
) -> Result<u64> {
    Ok(change!(
        conn,
        "UPDATE evidence SET state = ? WHERE account = ? AND person = ? AND id = ?",
        state,
        account.as_str(),
        person.as_str(),
        id,
    ))
}

/// Deletes what was filed about a person. Gives the number of statements.
pub(crate) async fn erase(
    conn: &mut SqliteConnection,
    account: &AccountId,
    person: &PersonId,
) -> Result<u64> {
    change!(
        &mut *conn,
        "DELETE FROM statements WHERE account = ? AND person = ?",
        account.as_str(),
        person.as_str(),
    );
    forget(conn, account, person).await
}

/// Takes a person's statements out of the view.
pub(crate) async fn forget(
    conn: &mut SqliteConnection,
    account: &AccountId,
    person: &PersonId,
) -> Result<u64> {
    Ok(change!(
        conn,
        "DELETE FROM evidence WHERE account = ? AND person = ?",
        account.as_str(),
        person.as_str(),
    ))
}

pub(crate) async fn set_hold(
    conn: &mut SqliteConnection,
    account: &AccountId,
    person: &PersonId,
    held: bool,
) -> Result<()> {
    let statement = match held {
        true => "INSERT INTO holds (account, person) VALUES (?, ?) ON CONFLICT DO NOTHING",
        false => "DELETE FROM holds WHERE account = ? AND person = ?",
    };
    sqlx::query(statement).bind(account.as_str()).bind(person.as_str()).execute(conn).await?;
    Ok(())
}

/// Account and person of every hold.
pub(crate) async fn holds(conn: &mut SqliteConnection) -> Result<Vec<(String, String)>> {
    Ok(sqlx::query_as("SELECT account, person FROM holds ORDER BY account, person").fetch_all(conn).await?)
}
