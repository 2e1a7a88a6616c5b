//! What is kept beside the log: the parts of events that can be erased. The log holds commitments to them.

use crate::chain::{RowsHash, SALT_BYTES, commit};
use crate::digest::Digest;
use crate::error::{Refusal, StoreError};
use crate::event::{Erasable, Event, Recorded, WORDS_BYTES, plain};
use crate::keys::KeyError;
use crate::people::FactsWriter;
use crate::sqlite::{self, Result, SqliteConnection, appeals, evidence, log, people};
use ::people::file::{Filed, State};
use std::collections::{BTreeMap, HashMap};
use terms::{AccountId, PersonFacts, PersonId};

/// Writes what belongs beside event `seq` and leaves a commitment in the event; erases what an erasure names.
pub(crate) async fn put(conn: &mut SqliteConnection, seq: u64, event: &mut Event) -> Result<()> {
    match event {
        Event::PersonFactsSet { account, person, facts } => {
            let text = FactsWriter::default().write(person, open_facts(facts)?)?;
            let salt = salt()?;
            people::put_facts(conn, (account, person), seq, (&text, &salt)).await?;
            *facts = Erasable::Sealed(commit(&salt, person.as_str(), &text));
        }
        Event::EvidenceFiled { account, person, id, filed } => {
            let text = open_statement(id, filed)?;
            *filed = Erasable::Sealed(put_text(conn, seq, (account, person), &text).await?);
        }
        Event::ShownOnPage { account, person, cure, .. } => {
            let text = match cure {
                Erasable::Open(cure) => serde_json::to_string(cure).map_err(|_| Refusal::Unwritable)?,
                Erasable::Sealed(_) => return Err(Refusal::Unwritable.into()),
            };
            *cure = Erasable::Sealed(put_text(conn, seq, (account, person), &text).await?);
        }
        Event::AppealFiled { account, person, words, .. }
        | Event::AppealSettled { account, person, answer: words, .. } => {
            let text = match words {
                Erasable::Open(words) => std::mem::take(words),
                Erasable::Sealed(_) => return Err(Refusal::Unwritable.into()),
            };
            plain("words", &text, WORDS_BYTES)?;
            *words = Erasable::Sealed(put_text(conn, seq, (account, person), &text).await?);
        }
        Event::PersonErased { account, person, .. } => erase(conn, account, person).await?,
        _ => {}
    }
    Ok(())
}

/// Keeps the erasable text of an event; gives the commitment to it.
async fn put_text(
    conn: &mut SqliteConnection,
    seq: u64,
    of: (&AccountId, &PersonId),
    text: &str,
) -> Result<Digest> {
    let salt = salt()?;
    evidence::put_statement(conn, of, seq, (text, &salt)).await?;
    Ok(commit(&salt, of.1.as_str(), text))
}

fn open_facts(facts: &Erasable<PersonFacts>) -> Result<PersonFacts> {
    match facts {
        Erasable::Open(facts) => Ok(facts.clone()),
        Erasable::Sealed(_) => Err(Refusal::Unwritable.into()),
    }
}

/// The JSON of a statement, once it is certain that it reads back.
fn open_statement(id: &str, filed: &Erasable<Box<Filed>>) -> Result<String> {
    let Erasable::Open(filed) = filed else { return Err(Refusal::Unwritable.into()) };
    if filed.id != *id || filed.state != State::Active {
        return Err(Refusal::OtherStatement(id.to_owned()).into());
    }
    let text = serde_json::to_string(filed).map_err(|_| Refusal::Unwritable)?;
    match serde_json::from_str::<Filed>(&text) {
        Ok(read) if read == **filed => Ok(text),
        _ => Err(Refusal::Unwritable.into()),
    }
}

fn salt() -> Result<[u8; SALT_BYTES]> {
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).map_err(|_| KeyError::NoRandomness)?;
    Ok(salt)
}

/// Erases facts, statements and salts; of facts the commitments stay, since one event may hold those of many people.
async fn erase(conn: &mut SqliteConnection, account: &AccountId, person: &PersonId) -> Result<()> {
    let held = evidence::holds(conn).await?;
    if held.iter().any(|(of, who)| of == account.as_str() && who == person.as_str()) {
        return Err(Refusal::Held(account.clone(), person.clone()).into());
    }
    let versions = people::facts_of_person(conn, account, person).await?;
    for version in &versions {
        people::erase_facts(conn, version).await?;
    }
    people::forget_texts(conn).await?;
    let filed = evidence::erase(conn, account, person).await?;
    let said = appeals::forget(conn, (account, person)).await?;
    if versions.is_empty() && filed == 0 && said == 0 {
        return Err(Refusal::UnknownPerson(account.clone(), person.clone()).into());
    }
    Ok(())
}

/// What is kept, to be held against the events that wrote it.
pub(crate) struct Kept {
    /// The digest of person rows by event and account.
    rows: BTreeMap<(u64, String), RowsHash>,
    /// Commitments to statements, and the account of each, by event.
    statements: BTreeMap<u64, (Digest, String)>,
    /// The last erasure of each person, by account and person.
    erased: HashMap<(String, String), u64>,
}

impl Kept {
    pub(crate) async fn read(conn: &mut SqliteConnection) -> Result<Self> {
        let mut kept = Self { rows: BTreeMap::new(), statements: BTreeMap::new(), erased: HashMap::new() };
        for (account, person, seq) in log::erasures(conn).await? {
            kept.erased.insert((account, person), sqlite::unsigned(seq)?);
        }
        kept.read_rows(conn).await?;
        kept.read_statements(conn).await?;
        Ok(kept)
    }

    async fn read_rows(&mut self, conn: &mut SqliteConnection) -> Result<()> {
        let mut last = None;
        loop {
            let page = people::all_facts_after(conn, last.as_ref()).await?;
            for row in &page {
                let (commitment, erased) = row.commitment()?;
                if erased && !self.erased_after(&row.account, &row.person, row.seq) {
                    return Err(StoreError::damaged(row.seq, "facts were erased that no event erased"));
                }
                self.rows.entry((row.seq, row.account.clone())).or_default().add(&commitment);
            }
            last = page.into_iter().last();
            if last.is_none() {
                return Ok(());
            }
        }
    }

    async fn read_statements(&mut self, conn: &mut SqliteConnection) -> Result<()> {
        let mut last = 0;
        loop {
            let page = evidence::statements_after(conn, last).await?;
            if page.is_empty() {
                return Ok(());
            }
            for row in &page {
                last = sqlite::unsigned(row.seq)?;
                self.statements.insert(last, (row.commitment(), row.account.clone()));
            }
        }
    }

    fn erased_after(&self, account: &str, person: &str, seq: u64) -> bool {
        self.erased.get(&(account.to_owned(), person.to_owned())).is_some_and(|erasure| *erasure > seq)
    }

    /// Takes out what an event wrote.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when that is not what is kept.
    pub(crate) fn check(&mut self, recorded: &Recorded) -> Result<()> {
        let seq = recorded.seq;
        match &recorded.event {
            Event::PeopleLoaded { account, rows, .. } => self.check_rows(seq, account, *rows),
            Event::PersonFactsSet { account, facts: Erasable::Sealed(facts), .. } => {
                let mut rows = RowsHash::default();
                rows.add(facts);
                self.check_rows(seq, account, rows.finish())
            }
            Event::EvidenceFiled { account, person, filed: Erasable::Sealed(text), .. } => {
                self.check_text(seq, (account, person), text)
            }
            Event::ShownOnPage { account, person, cure: Erasable::Sealed(text), .. } => {
                self.check_text(seq, (account, person), text)
            }
            Event::AppealFiled { account, person, words: Erasable::Sealed(text), .. }
            | Event::AppealSettled { account, person, answer: Erasable::Sealed(text), .. } => {
                self.check_text(seq, (account, person), text)
            }
            _ => Ok(()),
        }
    }

    fn check_text(
        &mut self,
        seq: u64,
        (account, person): (&AccountId, &PersonId),
        recorded: &Digest,
    ) -> Result<()> {
        match self.statements.remove(&seq) {
            Some((found, of)) if found == *recorded && of == account.as_str() => Ok(()),
            None if self.erased_after(account.as_str(), person.as_str(), seq) => Ok(()),
            _ => Err(StoreError::damaged(seq, "the text on file is not the one that was recorded")),
        }
    }

    fn check_rows(&mut self, seq: u64, account: &AccountId, expected: Digest) -> Result<()> {
        let found = self.rows.remove(&(seq, account.as_str().to_owned())).unwrap_or_default();
        if found.finish() == expected {
            return Ok(());
        }
        Err(StoreError::damaged(seq, "the facts on file are not those that were recorded"))
    }

    /// Whether every event has been followed.
    pub(crate) fn finish(&self) -> Result<()> {
        let rows = self.rows.keys().map(|(seq, _)| *seq);
        match rows.chain(self.statements.keys().copied()).min() {
            Some(seq) => Err(StoreError::damaged(seq, "facts are on file that no event wrote")),
            None => Ok(()),
        }
    }
}
