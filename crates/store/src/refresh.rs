//! A state in memory, read from disk and kept up to date.

use crate::appeals::Appeal;
use crate::chain::{Head, follow};
use crate::digest::KeyHash;
use crate::event::Recorded;
use crate::file::{self, Files};
use crate::persons::{People, PeopleReader};
use crate::sqlite::{
    self, Result, SqliteConnection, appeals, evidence, instruments, log, people as rows, register,
};
use crate::state::{
    Account, Activation, Approval, Instrument, Key, Letter, Officer, Reading, State, Status, id, unreadable,
};
use crate::views::subject_of;
use people::file::Filed;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use terms::{AccountId, Instant, InstrumentId, OfficerId, PersonId, Question};

impl State {
    /// Brings the state up to date; on an error it stays as it was. People are read only where they changed, and so is
    /// everything else while not much has happened since.
    pub(crate) async fn refresh(&mut self, conn: &mut SqliteConnection) -> Result<Changes> {
        let rows = log::events_after(conn, self.head.seq).await?;
        if self.head == Head::GENESIS || rows.len() >= MANY {
            self.read_again(conn).await?;
            return Ok(Changes::Many);
        }
        let mut head = self.head;
        let events = rows.iter().map(|row| follow(&mut head, row)).collect::<Result<Vec<_>>>()?;
        let rosters = changed_rosters(conn, self.head.seq, &self.people).await?;
        let files = changed_files(conn, self.head.seq).await?;
        if events.iter().any(|event| self.follow(event).is_err()) {
            // Half of it was followed: what is on file is read as a whole.
            let mut whole = Self::default();
            whole.read_again(conn).await?;
            *self = whole;
            return Ok(Changes::Many);
        }
        self.head = head;
        self.put_people(rosters, files);
        Ok(Changes::Events(events))
    }

    async fn read_again(&mut self, conn: &mut SqliteConnection) -> Result<()> {
        let since = self.head.seq;
        let mut new = read_all_but_people(conn).await?;
        new.evidence_epoch = log::evidence_epoch_after(conn, since).await?.unwrap_or(self.evidence_epoch);
        let rosters = changed_rosters(conn, since, &self.people).await?;
        let files = changed_files(conn, since).await?;
        new.people = std::mem::take(&mut self.people);
        new.files = std::mem::take(&mut self.files);
        new.put_people(rosters, files);
        *self = new;
        Ok(())
    }

    fn put_people(&mut self, rosters: Vec<(AccountId, People)>, files: Vec<FileOf>) {
        for (account, people) in rosters {
            drop(if people.is_empty() {
                self.people.remove(&account)
            } else {
                self.people.insert(account, people)
            });
        }
        for ((account, person), file) in files {
            put_file(&mut self.files, account, person, file);
        }
    }
}

/// Events after which everything but the people is read again instead of followed.
const MANY: usize = 1_000;

/// What a refresh found.
#[derive(Clone, PartialEq, Debug)]
pub enum Changes {
    /// These events, in order; nothing else changed.
    Events(Vec<Recorded>),
    /// So many that everything is to be looked at.
    Many,
}

fn put_file(files: &mut HashMap<AccountId, Files>, account: AccountId, person: PersonId, file: Arc<[Filed]>) {
    if !file.is_empty() {
        files.entry(account).or_default().insert(person, file);
    } else if let Some(of_account) = files.get_mut(&account) {
        of_account.remove(&person);
        if of_account.is_empty() {
            files.remove(&account);
        }
    }
}

/// People changed one by one whose rows are looked up one by one; of more, the whole account is read.
const SINGLE: usize = 256;

/// The people of each account whose roster changed after event `since`. After an erasure an account is read from the
/// start, so that memory keeps nothing of the person.
async fn changed_rosters(
    conn: &mut SqliteConnection,
    since: u64,
    known: &HashMap<AccountId, People>,
) -> Result<Vec<(AccountId, People)>> {
    let mut spans: BTreeMap<String, u64> = BTreeMap::new();
    for (account, erased) in log::accounts_with_people_after(conn, since).await? {
        spans.insert(account, if erased { 0 } else { since });
    }
    let mut single = log::persons_set_after(conn, since).await?;
    if single.len() > SINGLE {
        for (account, _) in std::mem::take(&mut single) {
            spans.entry(account).or_insert(since);
        }
    }
    let mut changed: BTreeMap<AccountId, People> = BTreeMap::new();
    for (account, from) in &spans {
        let account = id(AccountId::parse, account)?;
        let before = known.get(&account).filter(|_| *from > 0).cloned();
        let mut people = before.unwrap_or_default();
        read_people(conn, &mut people, &account, (*from, u64::MAX)).await?;
        changed.insert(account, people);
    }
    for (account, person) in single.iter().filter(|(account, _)| !spans.contains_key(account)) {
        let account = id(AccountId::parse, account)?;
        let before = || known.get(&account).cloned().unwrap_or_default();
        let of_account = changed.entry(account.clone()).or_insert_with(before);
        if let Some(facts) = rows::newest_facts(conn, &account, person).await? {
            PeopleReader::new(of_account).put(person, &facts)?;
        }
    }
    Ok(changed.into_iter().collect())
}

/// Texts of facts read with one statement.
const TEXTS: usize = 2_000;

/// The versions of the account's people after one event and up to another.
pub(crate) async fn read_people(
    conn: &mut SqliteConnection,
    people: &mut People,
    account: &AccountId,
    span: (u64, u64),
) -> Result<()> {
    let mut reader = PeopleReader::new(people);
    let mut place = rows::Place::default();
    loop {
        let page = rows::facts_page(conn, account, span, &place).await?;
        let unknown = reader.unknown(&page)?;
        for part in unknown.chunks(TEXTS) {
            for (number, text) in rows::texts(conn, part).await? {
                reader.learn(number, &text)?;
            }
        }
        match reader.put_page(&page)? {
            Some(last) => place = last,
            None => break,
        }
    }
    reader.finish();
    Ok(())
}

type FileOf = ((AccountId, PersonId), Arc<[Filed]>);

async fn changed_files(conn: &mut SqliteConnection, since: u64) -> Result<Vec<FileOf>> {
    let touched = evidence::touched_after(conn, since).await?;
    let mut bulk = if touched.len() > SINGLE { Some(file::read_all(conn).await?) } else { None };
    let mut changed = Vec::new();
    for (account, person) in touched {
        let filed = match &mut bulk {
            Some(all) => all.remove(&(account.clone(), person.clone())).unwrap_or_default(),
            None => file::read(conn, &account, &person).await?,
        };
        changed.push(((id(AccountId::parse, &account)?, id(PersonId::parse, &person)?), filed));
    }
    Ok(changed)
}

async fn read_all_but_people(conn: &mut SqliteConnection) -> Result<State> {
    let mut state = State { head: log::head(conn).await?, ..State::default() };
    read_accounts(conn, &mut state).await?;
    read_officers(conn, &mut state).await?;
    state.instruments = read_versions(conn).await?;
    read_signatures(conn, &mut state).await?;
    for (question, choice, by, why, at) in register::readings(conn).await? {
        let question = Question::parse(&question).ok_or_else(|| unreadable("question", &question))?;
        let by = id(OfficerId::parse, &by)?;
        state.readings.insert(question, Reading { choice, by, why, at: Instant::from_micros(at) });
    }
    for (account, person) in evidence::holds(conn).await? {
        state.holds.insert((id(AccountId::parse, &account)?, id(PersonId::parse, &person)?));
    }
    loop {
        let last = state.appeals.keys().next_back().copied().unwrap_or_default();
        let page = rows_of_appeals(conn, last).await?;
        if page.is_empty() {
            break;
        }
        state.appeals.extend(page);
    }
    state.practice_clock = register::clock(conn).await?.map(Instant::from_micros);
    Ok(state)
}

async fn rows_of_appeals(conn: &mut SqliteConnection, after: u64) -> Result<Vec<(u64, Appeal)>> {
    appeals::appeals_after(conn, after).await?.into_iter().map(crate::appeals::read).collect()
}

async fn read_accounts(conn: &mut SqliteConnection, state: &mut State) -> Result<()> {
    for (account, display_name, added) in register::accounts(conn).await? {
        let account = id(AccountId::parse, &account)?;
        for row in register::keys(conn, &account).await? {
            let (hash, key) = read_key(&account, row)?;
            let keys = if key.revoked.is_none() { &mut state.keys } else { &mut state.revoked_keys };
            keys.insert(hash, key);
        }
        state.accounts.insert(account, Account { display_name, added: Instant::from_micros(added) });
    }
    Ok(())
}

fn read_key(account: &AccountId, row: register::KeyRow) -> Result<(KeyHash, Key)> {
    let (hash, person, kind, label, added, revoked) = row;
    let key = Key {
        account: account.clone(),
        person: person.map(|person| id(PersonId::parse, &person)).transpose()?,
        kind: subject_of(&kind).ok_or_else(|| unreadable("subject", &kind))?,
        label,
        added: Instant::from_micros(added),
        revoked: revoked.map(Instant::from_micros),
    };
    Ok((KeyHash::from_bytes(*sqlite::digest(&hash)?.as_bytes()), key))
}

async fn read_officers(conn: &mut SqliteConnection, state: &mut State) -> Result<()> {
    for (officer, public_key, added_by, added, retired, account) in register::officers(conn).await? {
        let added_by = added_by.map(|by| id(OfficerId::parse, &by)).transpose()?;
        let account = account.map(|account| id(AccountId::parse, &account)).transpose()?;
        let (added, retired) = (Instant::from_micros(added), retired.map(Instant::from_micros));
        let on_file = Officer { public_key, added_by, added, retired, account };
        state.officers.insert(id(OfficerId::parse, &officer)?, on_file);
    }
    Ok(())
}

async fn read_versions(conn: &mut SqliteConnection) -> Result<Vec<Instrument>> {
    let mut versions: Vec<Instrument> = Vec::new();
    loop {
        let last = versions.last().map_or(0, |version| version.version);
        let page = instruments::versions_after(conn, last).await?;
        if page.is_empty() {
            return Ok(versions);
        }
        for row in page {
            versions.push(read_version(row)?);
        }
    }
}

fn read_version(row: instruments::VersionRow) -> Result<Instrument> {
    let (version, name, kind, toml, digest, drafted_by, drafted, status, snapshot) = row;
    let status = match (status.as_str(), snapshot) {
        ("drafted", _) => Status::Drafted,
        ("active", Some(snapshot)) => Status::Active { snapshot: sqlite::unsigned(snapshot)? },
        ("superseded", _) => Status::Superseded,
        ("withdrawn", _) => Status::Withdrawn,
        _ => return Err(unreadable("status", &status)),
    };
    Ok(Instrument {
        version: sqlite::unsigned(version)?,
        id: id(InstrumentId::parse, &name)?,
        kind,
        toml: toml.into(),
        digest: sqlite::digest(&digest)?,
        drafted_by: drafted_by.map(|by| id(OfficerId::parse, &by)).transpose()?,
        drafted: Instant::from_micros(drafted),
        status,
    })
}

async fn read_signatures(conn: &mut SqliteConnection, state: &mut State) -> Result<()> {
    for (seq, version, officer, signature, at) in instruments::approvals(conn).await? {
        let (seq, version) = (sqlite::unsigned(seq)?, sqlite::unsigned(version)?);
        let (officer, at) = (id(OfficerId::parse, &officer)?, Instant::from_micros(at));
        state.approvals.push(Approval { seq, version, officer, signature, at });
    }
    for (seq, version, snapshot, at) in instruments::activations(conn).await? {
        let (seq, version) = (sqlite::unsigned(seq)?, sqlite::unsigned(version)?);
        let (snapshot, at) = (sqlite::unsigned(snapshot)?, Instant::from_micros(at));
        state.activations.push(Activation { seq, version, snapshot, at });
    }
    for (seq, version, channel, with, by, at) in instruments::letters(conn).await? {
        let (seq, version) = (sqlite::unsigned(seq)?, sqlite::unsigned(version)?);
        let (by, at) = (id(OfficerId::parse, &by)?, Instant::from_micros(at));
        state.letters.push(Letter { seq, version, channel, with, by, at });
    }
    Ok(())
}
