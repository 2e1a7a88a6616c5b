//! People and the versions of their facts.

use super::{PAGE, Result, SqliteConnection, change, signed};
use crate::chain::commit;
use crate::digest::Digest;
use crate::error::StoreError;
use terms::{AccountId, PersonId};

/// A row of `person_facts`: facts and salt, or the commitment that erasure left.
pub(crate) struct FactsRow {
    pub account: String,
    pub person: String,
    pub seq: u64,
    pub facts: Option<String>,
    pub salt: Option<String>,
    pub erased: Option<String>,
}

impl FactsRow {
    /// The commitment, and whether the row was erased.
    pub(crate) fn commitment(&self) -> Result<(Digest, bool)> {
        let damaged = || StoreError::damaged(self.seq, "a commitment to facts does not read");
        match (&self.facts, &self.salt, &self.erased) {
            (Some(facts), Some(salt), None) => {
                let salt = hex::decode(salt).map_err(|_| damaged())?;
                Ok((commit(&salt, &self.person, facts), false))
            }
            (None, None, Some(erased)) => Ok((Digest::parse(erased).map_err(|_| damaged())?, true)),
            _ => Err(damaged()),
        }
    }
}

/// Writes the next version of one person's facts.
pub(crate) async fn put_facts(
    conn: &mut SqliteConnection,
    (account, person): (&AccountId, &PersonId),
    seq: u64,
    (facts, salt): (&str, &[u8]),
) -> Result<()> {
    change!(&mut *conn, "INSERT INTO facts (body) VALUES (?) ON CONFLICT DO NOTHING", facts);
    change!(
        conn,
        "INSERT INTO person_facts (account, person, seq, facts, salt)
         VALUES (?, ?, ?, (SELECT id FROM facts WHERE body = ?), ?)",
        account.as_str(),
        person.as_str(),
        signed(seq)?,
        facts,
        salt,
    );
    Ok(())
}

/// Writes those of many versions that differ from what is on file. `batch` is a JSON object of `texts`, each once, and
/// `rows`: `[person, place in texts]`. SQLite draws the salts from a generator that it seeds with the system's
/// randomness.
pub(crate) async fn put_many_facts(
    conn: &mut SqliteConnection,
    account: &AccountId,
    seq: u64,
    batch: &str,
) -> Result<()> {
    change!(
        &mut *conn,
        "INSERT INTO facts (body) SELECT value FROM json_each(?, '$.texts') WHERE true ON CONFLICT DO NOTHING",
        batch,
    );
    change!(
        conn,
        "WITH texts AS MATERIALIZED (SELECT t.key AS place, f.id AS id FROM json_each(?3, '$.texts') AS t
         JOIN facts AS f ON f.body = t.value)
         INSERT INTO person_facts (account, person, seq, facts, salt)
         SELECT ?1, row.value ->> 0, ?2, texts.id, randomblob(16) FROM json_each(?3, '$.rows') AS row
         CROSS JOIN texts ON texts.place = row.value ->> 1
         LEFT JOIN people AS p ON p.account = ?1 AND p.person = row.value ->> 0
         LEFT JOIN person_facts AS f ON f.account = ?1 AND f.person = p.person AND f.seq = p.seq
         WHERE f.facts IS NOT texts.id",
        account.as_str(),
        signed(seq)?,
        batch,
    );
    Ok(())
}

/// What is kept of the person's facts, version by version.
pub(crate) async fn facts_of_person(
    conn: &mut SqliteConnection,
    account: &AccountId,
    person: &PersonId,
) -> Result<Vec<FactsRow>> {
    let rows = sqlx::query_scalar(
        "SELECT json_group_array(json_array(account, person, seq, body, hex(salt), lower(hex(erased)))) FROM (
         SELECT account, person, seq, body, salt, erased FROM person_facts JOIN facts ON id = facts
         WHERE account = ? AND person = ? ORDER BY seq)",
    );
    unpack_rows(rows.bind(account.as_str()).bind(person.as_str()).fetch_one(conn).await?)
}

/// Leaves of one version only the commitment.
pub(crate) async fn erase_facts(conn: &mut SqliteConnection, row: &FactsRow) -> Result<()> {
    let (commitment, _) = row.commitment()?;
    change!(
        conn,
        "UPDATE person_facts SET facts = NULL, salt = NULL, erased = ? WHERE account = ? AND person = ? AND seq = ?",
        &commitment.as_bytes()[..],
        &row.account,
        &row.person,
        signed(row.seq)?,
    );
    Ok(())
}

/// Deletes the texts that nobody has any more. Looks at every version of everybody once.
pub(crate) async fn forget_texts(conn: &mut SqliteConnection) -> Result<()> {
    change!(
        conn,
        "DELETE FROM facts WHERE id NOT IN (SELECT facts FROM person_facts WHERE facts IS NOT NULL)",
    );
    Ok(())
}

/// Takes a person out of the view.
pub(crate) async fn forget_person(
    conn: &mut SqliteConnection,
    account: &AccountId,
    person: &PersonId,
) -> Result<u64> {
    Ok(change!(
        conn,
        "DELETE FROM people WHERE account = ? AND person = ?",
        account.as_str(),
        person.as_str(),
    ))
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
) -> Result<Vec<FactsRow>> {
    let page = sqlx::query_scalar(
        "SELECT json_group_array(json_array(account, person, seq, body, hex(salt), lower(hex(erased)))
         ORDER BY person) FROM (SELECT account, person, seq, body, salt, erased FROM person_facts
         LEFT JOIN facts ON id = facts
         WHERE account = ? AND person > ? AND seq = ? ORDER BY person LIMIT ?)",
    );
    unpack_rows(page.bind(account.as_str()).bind(person).bind(signed(seq)?).bind(PAGE).fetch_one(conn).await?)
}

/// A page of all versions of all accounts, in order of account, person and number, after `last`.
pub(crate) async fn all_facts_after(
    conn: &mut SqliteConnection,
    last: Option<&FactsRow>,
) -> Result<Vec<FactsRow>> {
    let (account, person, seq) = last.map_or(("", "", 0), |row| (&row.account, &row.person, row.seq));
    let page = sqlx::query_scalar(
        "SELECT json_group_array(json_array(account, person, seq, body, hex(salt), lower(hex(erased)))
         ORDER BY account, person, seq) FROM (
         SELECT account, person, seq, body, salt, erased FROM person_facts LEFT JOIN facts ON id = facts
         WHERE (account, person, seq) > (?, ?, ?) ORDER BY account, person, seq LIMIT ?)",
    );
    unpack_rows(page.bind(account).bind(person).bind(signed(seq)?).bind(PAGE).fetch_one(conn).await?)
}

/// Between the parts of a row, and between rows, of a packed page. Neither stands in an identifier or in JSON.
const UNIT: char = '\u{1f}';
const ROW: char = '\u{1e}';
/// Versions in one packed page.
pub(crate) const PACKED: u32 = 50_000;

/// Where a packed page ended: person and number of the version.
pub(crate) type Place = (String, i64);

/// A page of the versions of the account's facts from event `since` (exclusive) up to event `upto`, in order of person
/// and number, after a place, for [`unpack`]; empty at the end.
///
/// It is one text: a row of its own for each person would cost a change of threads each.
pub(crate) async fn facts_page(
    conn: &mut SqliteConnection,
    account: &AccountId,
    (since, upto): (u64, u64),
    place: &Place,
) -> Result<String> {
    let packed: Option<String> = sqlx::query_scalar(
        "SELECT group_concat(person || char(31) || seq || char(31) || coalesce(facts, ''), char(30)) FROM (
         SELECT person, seq, facts FROM person_facts
         WHERE account = ?1 AND (person, seq) > (?2, ?3) AND seq > ?4 AND seq <= ?5
         ORDER BY person, seq LIMIT ?6)",
    )
    .bind(account.as_str())
    .bind(&place.0)
    .bind(place.1)
    .bind(signed(since)?)
    .bind(i64::try_from(upto).unwrap_or(i64::MAX))
    .bind(PACKED)
    .fetch_one(conn)
    .await?;
    Ok(packed.unwrap_or_default())
}

/// The rows of a packed page: person, number of the event, and which facts unless they were erased. SQLite packs in the
/// order of the key; what is out of order is damage.
pub(crate) fn unpack(packed: &str) -> impl Iterator<Item = Result<(&str, i64, Option<i64>)>> {
    let mut last = ("", 0);
    packed.split(ROW).filter(|row| !row.is_empty()).map(move |row| {
        let row = packed_row(row).filter(|(person, seq, _)| (*person, *seq) > last);
        let (person, seq, facts) =
            row.ok_or_else(|| StoreError::damaged(0, "the rows of facts do not read or are not in order"))?;
        last = (person, seq);
        Ok((person, seq, facts))
    })
}

fn packed_row(row: &str) -> Option<(&str, i64, Option<i64>)> {
    let (person, rest) = row.split_once(UNIT)?;
    let (seq, facts) = rest.split_once(UNIT)?;
    let facts = if facts.is_empty() { None } else { Some(facts.parse().ok()?) };
    Some((person, seq.parse().ok()?, facts))
}

/// The texts with these numbers; `ids` is a JSON list.
pub(crate) async fn texts(conn: &mut SqliteConnection, ids: &[i64]) -> Result<Vec<(i64, String)>> {
    let ids = serde_json::to_string(ids).unwrap_or_default();
    Ok(sqlx::query_as("SELECT id, body FROM facts WHERE id IN (SELECT value FROM json_each(?))")
        .bind(ids)
        .fetch_all(conn)
        .await?)
}

/// The newest facts of one person; `None` where there are none.
pub(crate) async fn newest_facts(
    conn: &mut SqliteConnection,
    account: &AccountId,
    person: &str,
) -> Result<Option<String>> {
    Ok(sqlx::query_scalar(
        "SELECT body FROM person_facts JOIN facts ON id = facts WHERE account = ? AND person = ?
         ORDER BY seq DESC LIMIT 1",
    )
    .bind(account.as_str())
    .bind(person)
    .fetch_optional(conn)
    .await?)
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
        "SELECT f.seq, e.at_us, t.body FROM person_facts AS f JOIN events AS e ON e.seq = f.seq
         JOIN facts AS t ON t.id = f.facts WHERE f.account = ? AND f.person = ? AND f.seq <= ?
         ORDER BY f.seq DESC LIMIT ?",
    )
    .bind(account.as_str())
    .bind(person.as_str())
    .bind(signed(seq)?)
    .bind(most)
    .fetch_all(conn)
    .await?)
}

/// Takes apart a page that SQLite packed into one text.
fn unpack_rows(page: String) -> Result<Vec<FactsRow>> {
    type Row = (String, String, u64, Option<String>, Option<String>, Option<String>);
    let rows: Vec<Row> = serde_json::from_str(&page)
        .map_err(|error| StoreError::damaged(0, format!("facts do not read: {error}")))?;
    let hex = |text: Option<String>| text.filter(|hex| !hex.is_empty());
    let read = |(account, person, seq, facts, salt, erased)| FactsRow {
        account,
        person,
        seq,
        facts,
        salt: hex(salt),
        erased: hex(erased),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Points the empty view at the newest version of each person of the account.
pub(crate) async fn point_newest(conn: &mut SqliteConnection, account: &str) -> Result<()> {
    change!(
        conn,
        "INSERT INTO people (account, person, seq)
         SELECT account, person, max(seq) FROM person_facts
         WHERE account = ? AND facts IS NOT NULL GROUP BY account, person",
        account,
    );
    Ok(())
}
