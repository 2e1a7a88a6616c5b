//! People and the versions of their facts.

use super::{PAGE, Result, SqliteConnection, change, signed};
use crate::error::StoreError;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use terms::{AccountId, PersonId};

/// A row of `person_facts`.
#[derive(Deserialize)]
pub(crate) struct FactsRow {
    pub account: String,
    pub person: String,
    pub seq: u64,
    pub facts: String,
}

/// Writes the next version of one person's facts.
pub(crate) async fn put_facts(
    conn: &mut SqliteConnection,
    account: &AccountId,
    person: &PersonId,
    seq: u64,
    facts: &str,
) -> Result<()> {
    change!(
        conn,
        "INSERT INTO person_facts (account, person, seq, facts) VALUES (?, ?, ?, ?)",
        account.as_str(),
        person.as_str(),
        signed(seq)?,
        facts,
    );
    Ok(())
}

/// Writes those of many versions that differ from what is on file. `rows` is a JSON list of `[person, facts]`, both texts.
pub(crate) async fn put_many_facts(
    conn: &mut SqliteConnection,
    account: &AccountId,
    seq: u64,
    rows: &str,
) -> Result<()> {
    change!(
        conn,
        "INSERT INTO person_facts (account, person, seq, facts)
         SELECT ?1, row.value ->> 0, ?2, row.value ->> 1 FROM json_each(?3) AS row
         LEFT JOIN people AS p ON p.account = ?1 AND p.person = row.value ->> 0
         LEFT JOIN person_facts AS f ON f.account = ?1 AND f.person = p.person AND f.seq = p.seq
         WHERE f.facts IS NOT row.value ->> 1",
        account.as_str(),
        signed(seq)?,
        rows,
    );
    Ok(())
}

/// Points the view at all the account's versions of this event.
pub(crate) async fn point_people(conn: &mut SqliteConnection, account: &AccountId, seq: u64) -> Result<()> {
    change!(
        conn,
        "INSERT INTO people (account, person, seq)
         SELECT account, person, seq FROM person_facts WHERE account = ? AND seq = ?
         ON CONFLICT (account, person) DO UPDATE SET seq = excluded.seq",
        account.as_str(),
        signed(seq)?,
    );
    Ok(())
}

/// Points the view at one person's version of this event.
pub(crate) async fn point_person(
    conn: &mut SqliteConnection,
    account: &AccountId,
    person: &PersonId,
    seq: u64,
) -> Result<()> {
    change!(
        conn,
        "INSERT INTO people (account, person, seq) VALUES (?, ?, ?)
         ON CONFLICT (account, person) DO UPDATE SET seq = excluded.seq",
        account.as_str(),
        person.as_str(),
        signed(seq)?,
    );
    Ok(())
}

/// A page of the versions an event wrote, in order of person, after `person`.
pub(crate) async fn facts_of_event(
    conn: &mut SqliteConnection,
    account: &AccountId,
    seq: u64,
    person: &str,
) -> Result<Vec<(String, String)>> {
    let page = sqlx::query_scalar(
        "SELECT json_group_array(json_array(person, facts) ORDER BY person) FROM (
         SELECT person, facts FROM person_facts
         WHERE account = ? AND person > ? AND seq = ? ORDER BY person LIMIT ?)",
    );
    unpack(page.bind(account.as_str()).bind(person).bind(signed(seq)?).bind(PAGE).fetch_one(conn).await?)
}

/// A page of all versions of all accounts, in order of account, person and number, after `last`.
pub(crate) async fn all_facts_after(
    conn: &mut SqliteConnection,
    last: Option<&FactsRow>,
) -> Result<Vec<FactsRow>> {
    let (account, person, seq) = last.map_or(("", "", 0), |row| (&row.account, &row.person, row.seq));
    let page = sqlx::query_scalar(
        "SELECT json_group_array(json_array(account, person, seq, facts) ORDER BY account, person, seq) FROM (
         SELECT account, person, seq, facts FROM person_facts
         WHERE (account, person, seq) > (?, ?, ?) ORDER BY account, person, seq LIMIT ?)",
    );
    unpack(page.bind(account).bind(person).bind(signed(seq)?).bind(PAGE).fetch_one(conn).await?)
}

/// A page of the account's people whose newest facts came after event `seq`, in order, after `person`.
pub(crate) async fn people_after(
    conn: &mut SqliteConnection,
    account: &AccountId,
    seq: u64,
    person: &str,
) -> Result<Vec<(String, String)>> {
    let page = sqlx::query_scalar(
        "SELECT json_group_array(json_array(person, facts) ORDER BY person) FROM (
         SELECT p.person, f.facts FROM people AS p JOIN person_facts AS f
         ON f.account = p.account AND f.person = p.person AND f.seq = p.seq
         WHERE p.account = ? AND p.person > ? AND p.seq > ? ORDER BY p.person LIMIT ?)",
    );
    unpack(page.bind(account.as_str()).bind(person).bind(signed(seq)?).bind(PAGE).fetch_one(conn).await?)
}

/// A page of the account's people as they were after event `seq`, in order, after `person`.
pub(crate) async fn people_known_at(
    conn: &mut SqliteConnection,
    account: &AccountId,
    seq: u64,
    person: &str,
) -> Result<Vec<(String, String)>> {
    // SQLite takes the other columns of an aggregate with max() from the row that holds the maximum.
    let page = sqlx::query_scalar(
        "SELECT json_group_array(json_array(person, facts) ORDER BY person) FROM (
         SELECT person, facts, max(seq) FROM person_facts
         WHERE account = ? AND person > ? AND seq <= ? GROUP BY person ORDER BY person LIMIT ?)",
    );
    unpack(page.bind(account.as_str()).bind(person).bind(signed(seq)?).bind(PAGE).fetch_one(conn).await?)
}

/// Number of the event, when it was recorded, and the facts.
pub(crate) type VersionRow = (i64, i64, String);

/// The newest versions of one person's facts up to event `seq`, newest first.
pub(crate) async fn versions_up_to(
    conn: &mut SqliteConnection,
    (account, person): (&AccountId, &PersonId),
    seq: u64,
    most: u32,
) -> Result<Vec<VersionRow>> {
    Ok(sqlx::query_as(
        "SELECT f.seq, e.at_us, f.facts FROM person_facts AS f JOIN events AS e ON e.seq = f.seq
         WHERE f.account = ? AND f.person = ? AND f.seq <= ? ORDER BY f.seq DESC LIMIT ?",
    )
    .bind(account.as_str())
    .bind(person.as_str())
    .bind(signed(seq)?)
    .bind(most)
    .fetch_all(conn)
    .await?)
}

/// Takes apart a page that SQLite packed into one text: a row of its own for each person would cost a change of
/// threads each.
fn unpack<T: DeserializeOwned>(page: String) -> Result<Vec<T>> {
    serde_json::from_str(&page).map_err(|error| StoreError::damaged(0, format!("facts do not read: {error}")))
}

/// Points the empty view at the newest version of each person of the account.
pub(crate) async fn point_newest(conn: &mut SqliteConnection, account: &str) -> Result<()> {
    change!(
        conn,
        "INSERT INTO people (account, person, seq)
         SELECT account, person, max(seq) FROM person_facts WHERE account = ? GROUP BY account, person",
        account,
    );
    Ok(())
}
