//! Accounts, keys, officers, readings and the practice clock.

use super::{Result, SqliteConnection, change};
use crate::digest::KeyHash;
use terms::{AccountId, Instant, OfficerId, PersonId, Question};

pub(crate) async fn has_account(conn: &mut SqliteConnection, account: &AccountId) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM accounts WHERE account = ?)")
        .bind(account.as_str())
        .fetch_one(conn)
        .await?)
}

pub(crate) async fn put_account(
    conn: &mut SqliteConnection,
    account: &AccountId,
    name: &str,
    at: Instant,
) -> Result<u64> {
    Ok(change!(
        conn,
        "INSERT INTO accounts (account, display_name, added_us) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        account.as_str(),
        name,
        at.as_micros(),
    ))
}

pub(crate) async fn accounts(conn: &mut SqliteConnection) -> Result<Vec<(String, String, i64)>> {
    Ok(sqlx::query_as("SELECT account, display_name, added_us FROM accounts ORDER BY account")
        .fetch_all(conn)
        .await?)
}

pub(crate) async fn put_key(
    conn: &mut SqliteConnection,
    (hash, account): (&KeyHash, &AccountId),
    person: Option<&PersonId>,
    (kind, label): (&str, &str),
    at: Instant,
) -> Result<u64> {
    Ok(change!(
        conn,
        "INSERT INTO keys (key_hash, account, person, kind, label, added_us) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
        &hash.as_bytes()[..],
        account.as_str(),
        person.map(PersonId::as_str),
        kind,
        label,
        at.as_micros(),
    ))
}

pub(crate) async fn revoke_key(
    conn: &mut SqliteConnection,
    account: &AccountId,
    hash: &KeyHash,
    at: Instant,
) -> Result<u64> {
    Ok(change!(
        conn,
        "UPDATE keys SET revoked_us = ? WHERE account = ? AND key_hash = ? AND revoked_us IS NULL",
        at.as_micros(),
        account.as_str(),
        &hash.as_bytes()[..],
    ))
}

/// Key hash, person, kind, label, added, revoked.
pub(crate) type KeyRow = (Vec<u8>, Option<String>, String, String, i64, Option<i64>);

pub(crate) async fn keys(conn: &mut SqliteConnection, account: &AccountId) -> Result<Vec<KeyRow>> {
    Ok(sqlx::query_as(
        "SELECT key_hash, person, kind, label, added_us, revoked_us FROM keys WHERE account = ?",
    )
    .bind(account.as_str())
    .fetch_all(conn)
    .await?)
}

/// Whether any key was ever issued, by whichever account.
pub(crate) async fn any_key(conn: &mut SqliteConnection) -> Result<bool> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM keys)").fetch_one(conn).await?)
}

/// Whether the officer is still in office, and the account whose officer it is; `None` when not on file.
pub(crate) async fn officer_in_office(
    conn: &mut SqliteConnection,
    officer: &OfficerId,
) -> Result<Option<(bool, Option<String>)>> {
    Ok(sqlx::query_as("SELECT retired_us IS NULL, account FROM officers WHERE officer = ?")
        .bind(officer.as_str())
        .fetch_optional(conn)
        .await?)
}

pub(crate) async fn put_officer(
    conn: &mut SqliteConnection,
    (officer, added_by): (&OfficerId, Option<&OfficerId>),
    public_key: &str,
    account: Option<&AccountId>,
    at: Instant,
) -> Result<u64> {
    Ok(change!(
        conn,
        "INSERT INTO officers (officer, public_key, added_by, added_us, account) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
        officer.as_str(),
        public_key,
        added_by.map(OfficerId::as_str),
        at.as_micros(),
        account.map(AccountId::as_str),
    ))
}

pub(crate) async fn retire_officer(
    conn: &mut SqliteConnection,
    officer: &OfficerId,
    at: Instant,
) -> Result<()> {
    change!(conn, "UPDATE officers SET retired_us = ? WHERE officer = ?", at.as_micros(), officer.as_str());
    Ok(())
}

/// Officer, public key, added by, added, retired, account.
pub(crate) type OfficerRow = (String, String, Option<String>, i64, Option<i64>, Option<String>);

pub(crate) async fn officers(conn: &mut SqliteConnection) -> Result<Vec<OfficerRow>> {
    Ok(sqlx::query_as(
        "SELECT officer, public_key, added_by, added_us, retired_us, account FROM officers ORDER BY officer",
    )
    .fetch_all(conn)
    .await?)
}

pub(crate) async fn put_reading(
    conn: &mut SqliteConnection,
    (question, choice): (Question, &str),
    (officer, why): (&OfficerId, &str),
    at: Instant,
) -> Result<()> {
    change!(
        conn,
        "INSERT INTO readings (question, choice, officer, why, at_us) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (question) DO UPDATE SET
         choice = excluded.choice, officer = excluded.officer, why = excluded.why, at_us = excluded.at_us",
        question.word(),
        choice,
        officer.as_str(),
        why,
        at.as_micros(),
    );
    Ok(())
}

/// Question, choice, officer, why, recorded.
pub(crate) type ReadingRow = (String, String, String, String, i64);

pub(crate) async fn readings(conn: &mut SqliteConnection) -> Result<Vec<ReadingRow>> {
    Ok(sqlx::query_as("SELECT question, choice, officer, why, at_us FROM readings ORDER BY question")
        .fetch_all(conn)
        .await?)
}

pub(crate) async fn put_clock(conn: &mut SqliteConnection, to: Instant) -> Result<()> {
    change!(
        conn,
        "INSERT INTO practice_clock (only, at_us) VALUES (1, ?)
         ON CONFLICT (only) DO UPDATE SET at_us = excluded.at_us",
        to.as_micros(),
    );
    Ok(())
}

pub(crate) async fn clock(conn: &mut SqliteConnection) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar("SELECT at_us FROM practice_clock").fetch_optional(conn).await?)
}
