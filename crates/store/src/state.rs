//! Everything a server needs at start, in memory.

use crate::chain::Head;
use crate::digest::{Digest, KeyHash};
use crate::error::StoreError;
use crate::people::FactsReader;
use crate::sqlite::{self, Result, SqliteConnection, instruments, log, people, register};
use crate::views::subject_of;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use terms::{
    AccountId, BadId, Choices, Instant, InstrumentId, OfficerId, PersonFacts, PersonId, Question, SubjectKind,
};

/// The people of one account.
pub type People = HashMap<PersonId, Arc<PersonFacts>>;

/// What is on file as of [`State::head`].
#[derive(Clone, PartialEq, Debug, Default)]
pub struct State {
    /// The event it goes up to.
    pub head: Head,
    /// Customers.
    pub accounts: BTreeMap<AccountId, Account>,
    /// Live keys.
    pub keys: HashMap<KeyHash, Key>,
    /// Keys withdrawn, kept apart so that none is taken for a live one.
    pub revoked_keys: HashMap<KeyHash, Key>,
    /// People, by the account that supplied their facts.
    pub people: HashMap<AccountId, People>,
    /// Officers, also retired ones.
    pub officers: BTreeMap<OfficerId, Officer>,
    /// Versions of instruments, in the order of their drafting.
    pub instruments: Vec<Instrument>,
    /// Signatures, in order.
    pub approvals: Vec<Approval>,
    /// The latest answer to each open question.
    pub readings: BTreeMap<Question, Reading>,
    /// Activations, in order.
    pub activations: Vec<Activation>,
    /// Call-backs that confirmed a letter, in order.
    pub letters: Vec<Letter>,
    /// What the practice clock was last set to.
    pub practice_clock: Option<Instant>,
}

/// A customer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// The firm's or agency's name.
    pub display_name: String,
    /// When it was added.
    pub added: Instant,
}

/// A credential.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key {
    /// Whose evidence applies to it.
    pub account: AccountId,
    /// The natural person behind it, when it is one.
    pub person: Option<PersonId>,
    /// Who stands behind it.
    pub kind: SubjectKind,
    /// What the operator calls it.
    pub label: String,
    /// When it was issued.
    pub added: Instant,
    /// When it was withdrawn.
    pub revoked: Option<Instant>,
}

/// An officer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Officer {
    /// The key that verifies approvals.
    pub public_key: String,
    /// Who added.
    pub added_by: Option<OfficerId>,
    /// When.
    pub added: Instant,
    /// From when on the officer can no longer act.
    pub retired: Option<Instant>,
}

/// Where a version stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Written down.
    Drafted,
    /// In this snapshot.
    Active {
        /// Its number.
        snapshot: u64,
    },
    /// Another version took its place.
    Superseded,
    /// Withdrawn.
    Withdrawn,
}

/// One version of an instrument.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Instrument {
    /// Number of the event that drafted it.
    pub version: u64,
    /// The instrument.
    pub id: InstrumentId,
    /// Directive, exception, licence and so on.
    pub kind: String,
    /// Its text.
    pub toml: Arc<str>,
    /// What officers sign.
    pub digest: Digest,
    /// The author.
    pub drafted_by: Option<OfficerId>,
    /// When it was drafted.
    pub drafted: Instant,
    /// Where it stands.
    pub status: Status,
}

/// A signature under one version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Approval {
    /// Number of the event.
    pub seq: u64,
    /// The version, as in [`Instrument::version`].
    pub version: u64,
    /// Who signed.
    pub officer: OfficerId,
    /// The signature, hexadecimal.
    pub signature: String,
    /// When.
    pub at: Instant,
}

/// An answer to an open legal question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// One of the question's options.
    pub choice: String,
    /// Who chose.
    pub by: OfficerId,
    /// Why.
    pub why: String,
    /// When.
    pub at: Instant,
}

/// A version went into a snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Activation {
    /// Number of the event.
    pub seq: u64,
    /// The version, as in [`Instrument::version`].
    pub version: u64,
    /// Number of the snapshot.
    pub snapshot: u64,
    /// When.
    pub at: Instant,
}

/// A call-back that confirmed a letter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    /// Number of the event.
    pub seq: u64,
    /// The newest open version at that time, as in [`Instrument::version`].
    pub version: u64,
    /// How.
    pub channel: String,
    /// With which office.
    pub with: String,
    /// Who called back.
    pub by: OfficerId,
    /// When.
    pub at: Instant,
}

impl State {
    /// The facts the account has on file about the person.
    pub fn person(&self, account: &AccountId, person: &PersonId) -> Option<&Arc<PersonFacts>> {
        self.people.get(account)?.get(person)
    }

    /// The version with this number.
    pub fn version(&self, version: u64) -> Option<&Instrument> {
        let place = self.instruments.binary_search_by_key(&version, |instrument| instrument.version).ok()?;
        self.instruments.get(place)
    }

    /// The signatures under a version.
    pub fn approvals_of(&self, version: u64) -> impl Iterator<Item = &Approval> {
        self.approvals.iter().filter(move |approval| approval.version == version)
    }

    /// The recorded answers, as the engine takes them.
    pub fn choices(&self) -> Choices {
        let mut choices = Choices::default();
        for (question, reading) in &self.readings {
            choices.record(*question, &reading.choice);
        }
        choices
    }

    /// Brings the state up to date; on an error it stays as it was. People are read only where they changed.
    pub(crate) async fn refresh(&mut self, conn: &mut SqliteConnection) -> Result<()> {
        let mut new = read_all_but_people(conn).await?;
        let mut changes = Vec::new();
        for account in log::accounts_with_people_after(conn, self.head.seq).await? {
            let account = id(AccountId::parse, &account)?;
            let people = read_people(conn, &account, self.head.seq).await?;
            changes.push((account, people));
        }
        new.people = std::mem::take(&mut self.people);
        for (account, people) in changes {
            match new.people.entry(account) {
                Entry::Occupied(mut known) => known.get_mut().extend(people),
                Entry::Vacant(unknown) => drop(unknown.insert_entry(people)),
            }
        }
        *self = new;
        Ok(())
    }
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
    state.practice_clock = register::clock(conn).await?.map(Instant::from_micros);
    Ok(state)
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
    for (officer, public_key, added_by, added, retired) in register::officers(conn).await? {
        let added_by = added_by.map(|by| id(OfficerId::parse, &by)).transpose()?;
        let (added, retired) = (Instant::from_micros(added), retired.map(Instant::from_micros));
        state
            .officers
            .insert(id(OfficerId::parse, &officer)?, Officer { public_key, added_by, added, retired });
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

async fn read_people(conn: &mut SqliteConnection, account: &AccountId, since: u64) -> Result<People> {
    let (mut read, mut reader) = (People::new(), FactsReader::default());
    let mut last = String::new();
    loop {
        let page = people::people_after(conn, account, since, &last).await?;
        let Some((person, _)) = page.last() else { return Ok(read) };
        last.clone_from(person);
        for (person, facts) in page {
            let person = id(PersonId::parse, &person)?;
            let facts = reader.read(&person, facts)?;
            read.insert(person, Arc::new(facts));
        }
    }
}

fn id<T>(parse: fn(&str) -> std::result::Result<T, BadId>, text: &str) -> Result<T> {
    parse(text).map_err(|_| unreadable("identifier", text))
}

fn unreadable(what: &str, text: &str) -> StoreError {
    StoreError::damaged(0, format!("a view holds the {what} `{}`", text.escape_debug()))
}
