//! Loading rosters, and the stored form of facts.

use crate::chain::{Head, RowsHash};
use crate::digest::Digest;
use crate::error::{Refusal, StoreError};
use crate::event::{Event, RosterSource};
use crate::roster::{Problem, RosterError, RosterRow};
use crate::sqlite::{Result, SqliteConnection, Tx, people};
use crate::store::record;
use crate::views::known_account;
use std::collections::HashMap;
use terms::{AccountId, Instant, PersonFacts, PersonId};

/// Rows written with one statement.
const BATCH: usize = 2_000;
/// Distinct facts kept while reading or writing many, so that each is parsed once.
const DISTINCT: usize = 4_096;

/// What a load did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LoadSummary {
    /// Number of the event.
    pub seq: u64,
    /// Rows in the roster.
    pub people: u64,
    /// Rows that were new or differed from what was on file; the others changed nothing.
    pub written: u64,
}

/// Writes the rows and the event; nothing lasts unless the caller commits.
pub(crate) async fn load(
    tx: &mut Tx,
    head: Head,
    at: Instant,
    (account, source): (&AccountId, RosterSource),
    rows: impl Iterator<Item = Result<RosterRow, RosterError>> + Send,
) -> Result<(Head, LoadSummary)> {
    known_account(tx, account).await?;
    let seq = head.seq.saturating_add(1);
    let people = write_rows(tx, account, seq, rows).await?;
    if people == 0 {
        return Err(RosterError { line: 1, problem: Problem::NoRows }.into());
    }
    let (written, rows) = digest_rows(tx, account, seq).await?;
    let event = Event::PeopleLoaded { account: account.clone(), source, people, written, rows };
    let head = record(tx, head, at, event).await?;
    Ok((head, LoadSummary { seq, people, written }))
}

/// Writes rows of the next event; gives their number.
pub(crate) async fn write_rows(
    conn: &mut SqliteConnection,
    account: &AccountId,
    seq: u64,
    rows: impl Iterator<Item = Result<RosterRow, RosterError>> + Send,
) -> Result<u64> {
    let mut writer = FactsWriter::default();
    let mut batch = Batch::default();
    let mut people: u64 = 0;
    for row in rows {
        let row = row?;
        let text = writer.write(&row.person, row.facts)?;
        batch.push(row.person, text);
        people = people.saturating_add(1);
        if batch.rows.len() >= BATCH {
            flush(conn, account, seq, &mut batch).await?;
        }
    }
    flush(conn, account, seq, &mut batch).await?;
    Ok(people)
}

async fn flush(conn: &mut SqliteConnection, account: &AccountId, seq: u64, batch: &mut Batch) -> Result<()> {
    let batch = std::mem::take(batch);
    let text = serde_json::to_string(&batch).map_err(|_| Refusal::Unwritable)?;
    people::put_many_facts(conn, account, seq, &text).await
}

/// Rows to be written with one statement, each text once.
#[derive(Default, serde::Serialize)]
struct Batch {
    texts: Vec<String>,
    rows: Vec<(PersonId, usize)>,
    #[serde(skip)]
    places: HashMap<String, usize>,
}

impl Batch {
    fn push(&mut self, person: PersonId, text: String) {
        let place = match self.places.get(&text) {
            Some(place) => *place,
            None => {
                let place = self.texts.len();
                self.texts.push(text.clone());
                self.places.insert(text, place);
                place
            }
        };
        self.rows.push((person, place));
    }
}

/// How many rows the event wrote, and the digest over them.
pub(crate) async fn digest_rows(
    conn: &mut SqliteConnection,
    account: &AccountId,
    seq: u64,
) -> Result<(u64, Digest)> {
    let (mut hash, mut count, mut last) = (RowsHash::default(), 0_u64, String::new());
    loop {
        let page = people::facts_of_event(conn, account, seq, &last).await?;
        let Some(row) = page.last() else { return Ok((count, hash.finish())) };
        last.clone_from(&row.person);
        for row in page {
            hash.add(&row.commitment()?.0);
            count = count.saturating_add(1);
        }
    }
}

/// Turns facts into their stored form: JSON without the person, so that people with the same facts share a text.
#[derive(Default)]
pub(crate) struct FactsWriter {
    sound: std::collections::HashSet<String>,
}

impl FactsWriter {
    /// The stored form, once it is certain that it reads back.
    pub(crate) fn write(&mut self, person: &PersonId, mut facts: PersonFacts) -> Result<String> {
        if facts.person_id.take().is_some_and(|named| named != *person) {
            return Err(Refusal::OtherPerson(person.clone()).into());
        }
        let text = serde_json::to_string(&facts).map_err(|_| Refusal::Unwritable)?;
        if self.sound.contains(&text) {
            return Ok(text);
        }
        match serde_json::from_str::<PersonFacts>(&text) {
            Ok(read) if read == facts => {}
            _ => return Err(Refusal::Unwritable.into()),
        }
        if self.sound.len() < DISTINCT {
            self.sound.insert(text.clone());
        }
        Ok(text)
    }
}

/// Reads the stored form.
#[derive(Default)]
pub(crate) struct FactsReader {
    known: HashMap<String, PersonFacts>,
}

impl FactsReader {
    /// The facts, with the person named in them.
    pub(crate) fn read(&mut self, person: &PersonId, text: String) -> Result<PersonFacts> {
        let mut facts = match self.known.get(&text) {
            Some(facts) => facts.clone(),
            None => self.parse(text)?,
        };
        facts.person_id = Some(person.clone());
        Ok(facts)
    }

    fn parse(&mut self, text: String) -> Result<PersonFacts> {
        let facts: PersonFacts = serde_json::from_str(&text)
            .map_err(|error| StoreError::damaged(0, format!("facts do not read: {error}")))?;
        if self.known.len() < DISTINCT {
            self.known.insert(text, facts.clone());
        }
        Ok(facts)
    }
}
