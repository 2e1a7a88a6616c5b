//! Versions of instruments, and what officers sign and confirm about them.

use super::{PAGE, Result, SqliteConnection, change, signed, unsigned};
use crate::digest::Digest;
use crate::error::Refusal;
use terms::{Instant, InstrumentId, OfficerId};

/// Number of the newest version that is drafted or active, with the digest when one is given.
pub(crate) async fn open_version(
    conn: &mut SqliteConnection,
    id: &InstrumentId,
    digest: Option<&Digest>,
) -> Result<Option<u64>> {
    let version: Option<i64> = sqlx::query_scalar(
        "SELECT max(version) FROM instruments
         WHERE id = ?1 AND status IN ('drafted', 'active') AND (?2 IS NULL OR digest = ?2)",
    )
    .bind(id.as_str())
    .bind(digest.map(|digest| digest.as_bytes().to_vec()))
    .fetch_one(conn)
    .await?;
    version.map(unsigned).transpose()
}

pub(crate) async fn put_version(
    conn: &mut SqliteConnection,
    (version, id, digest): (u64, &InstrumentId, &Digest),
    (kind, toml): (&str, &str),
    drafted_by: Option<&OfficerId>,
    at: Instant,
) -> Result<()> {
    change!(
        &mut *conn,
        "UPDATE instruments SET status = 'superseded' WHERE id = ? AND status = 'drafted'",
        id.as_str(),
    );
    change!(
        conn,
        "INSERT INTO instruments (version, id, kind, toml, digest, drafted_by, drafted_us, status)
         VALUES (?, ?, ?, ?, ?, ?, ?, 'drafted')",
        signed(version)?,
        id.as_str(),
        kind,
        toml,
        &digest.as_bytes()[..],
        drafted_by.map(OfficerId::as_str),
        at.as_micros(),
    );
    Ok(())
}

pub(crate) async fn withdraw(conn: &mut SqliteConnection, id: &InstrumentId) -> Result<u64> {
    Ok(change!(
        conn,
        "UPDATE instruments SET status = 'withdrawn' WHERE id = ? AND status IN ('drafted', 'active')",
        id.as_str(),
    ))
}

pub(crate) async fn activate(
    conn: &mut SqliteConnection,
    (seq, version): (u64, u64),
    id: &InstrumentId,
    snapshot: u64,
    at: Instant,
) -> Result<()> {
    let (seq, version) = (signed(seq)?, signed(version)?);
    let snapshot = i64::try_from(snapshot).map_err(|_| Refusal::Unwritable)?;
    change!(
        &mut *conn,
        "UPDATE instruments SET status = 'superseded' WHERE id = ? AND status = 'active' AND version <> ?",
        id.as_str(),
        version,
    );
    change!(
        &mut *conn,
        "UPDATE instruments SET status = 'active', snapshot = ? WHERE version = ?",
        snapshot,
        version,
    );
    change!(
        conn,
        "INSERT INTO activations (seq, version, snapshot, at_us) VALUES (?, ?, ?, ?)",
        seq,
        version,
        snapshot,
        at.as_micros(),
    );
    Ok(())
}

/// Version, id, kind, text, digest, drafted by, drafted, status, snapshot.
pub(crate) type VersionRow = (i64, String, String, String, Vec<u8>, Option<String>, i64, String, Option<i64>);

/// A page of versions after `version`, in order.
pub(crate) async fn versions_after(conn: &mut SqliteConnection, version: u64) -> Result<Vec<VersionRow>> {
    Ok(sqlx::query_as(
        "SELECT version, id, kind, toml, digest, drafted_by, drafted_us, status, snapshot
         FROM instruments WHERE version > ? ORDER BY version LIMIT ?",
    )
    .bind(signed(version)?)
    .bind(PAGE)
    .fetch_all(conn)
    .await?)
}

pub(crate) async fn put_approval(
    conn: &mut SqliteConnection,
    (seq, version): (u64, u64),
    (officer, signature): (&OfficerId, &str),
    at: Instant,
) -> Result<u64> {
    Ok(change!(
        conn,
        "INSERT INTO approvals (seq, version, officer, signature, at_us) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (version, officer, signature) DO NOTHING",
        signed(seq)?,
        signed(version)?,
        officer.as_str(),
        signature,
        at.as_micros(),
    ))
}

/// Number of the event, version, officer, signature, signed.
pub(crate) type ApprovalRow = (i64, i64, String, String, i64);

pub(crate) async fn approvals(conn: &mut SqliteConnection) -> Result<Vec<ApprovalRow>> {
    Ok(sqlx::query_as("SELECT seq, version, officer, signature, at_us FROM approvals ORDER BY seq")
        .fetch_all(conn)
        .await?)
}

/// Number of the event, version, snapshot, recorded.
pub(crate) type ActivationRow = (i64, i64, i64, i64);

pub(crate) async fn activations(conn: &mut SqliteConnection) -> Result<Vec<ActivationRow>> {
    Ok(sqlx::query_as("SELECT seq, version, snapshot, at_us FROM activations ORDER BY seq")
        .fetch_all(conn)
        .await?)
}

pub(crate) async fn put_letter(
    conn: &mut SqliteConnection,
    (seq, version): (u64, u64),
    (channel, with): (&str, &str),
    officer: &OfficerId,
    at: Instant,
) -> Result<()> {
    change!(
        conn,
        "INSERT INTO letters (seq, version, channel, with_whom, officer, at_us) VALUES (?, ?, ?, ?, ?, ?)",
        signed(seq)?,
        signed(version)?,
        channel,
        with,
        officer.as_str(),
        at.as_micros(),
    );
    Ok(())
}

/// Number of the event, version, channel, with whom, officer, recorded.
pub(crate) type LetterRow = (i64, i64, String, String, String, i64);

pub(crate) async fn letters(conn: &mut SqliteConnection) -> Result<Vec<LetterRow>> {
    Ok(sqlx::query_as("SELECT seq, version, channel, with_whom, officer, at_us FROM letters ORDER BY seq")
        .fetch_all(conn)
        .await?)
}
