//! Everything a server needs at start, in memory.

use crate::chain::Head;
use crate::digest::{Digest, KeyHash};
use crate::error::StoreError;
use crate::file::{self, Files, Review};
use crate::persons::{People, PeopleReader};
use crate::sqlite::{self, Result, SqliteConnection, evidence, instruments, log, people as rows, register};
use crate::views::subject_of;
use people::file::{Filed, Resolved, resolve};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use terms::{
    AccountId, BadId, Choices, Instant, InstrumentId, OfficerId, PersonFacts, PersonId, Question, SubjectKind,
};

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
    /// Statements filed, by the account that supplied them. They are kept after their end, until they are erased.
    pub files: HashMap<AccountId, Files>,
    /// Who is under a legal hold.
    pub holds: BTreeSet<(AccountId, PersonId)>,
    /// Number of the last event that changed what is on file about anybody: whatever was decided under a lower one has
    /// to be decided anew.
    pub evidence_epoch: u64,
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
    /// The facts of the account's roster about the person. People with equal facts share them, so they name nobody.
    pub fn roster(&self, account: &AccountId, person: &PersonId) -> Option<&Arc<PersonFacts>> {
        self.people.get(account)?.get(person)
    }

    /// The statements the account has on file about the person, in the order of filing, also those that count no more.
    pub fn file(&self, account: &AccountId, person: &PersonId) -> Arc<[Filed]> {
        self.files.get(account).and_then(|files| files.get(person)).cloned().unwrap_or_default()
    }

    /// What roster and statements of the account come to at this instant; `None` where it has neither.
    pub fn person(&self, account: &AccountId, person: &PersonId, now: Instant) -> Option<Resolved> {
        let (roster, file) = (self.roster(account, person), self.file(account, person));
        if roster.is_none() && file.is_empty() {
            return None;
        }
        let mut resolved = resolve(&file, roster.map(Arc::as_ref), now);
        resolved.facts.person_id = Some(person.clone());
        Some(resolved)
    }

    /// What officers have to look at now, in order of account and person.
    pub fn reviews(&self, now: Instant) -> Vec<Review> {
        let files = self.files.iter().flat_map(|(account, files)| files.iter().map(move |of| (account, of)));
        let mut reviews: Vec<Review> = files
            .map(|(account, (person, file))| Review {
                account: account.clone(),
                person: person.clone(),
                conflicts: resolve(file, self.roster(account, person).map(Arc::as_ref), now).conflicts,
                suspended: suspended(file),
            })
            .filter(|review| !review.conflicts.is_empty() || !review.suspended.is_empty())
            .collect();
        reviews.sort_by(|one, other| (&one.account, &one.person).cmp(&(&other.account, &other.person)));
        reviews
    }

    /// Whoever has statements on file that all ended before this instant, no roster row, and no legal hold.
    pub fn past_retention(&self, ended_before: Instant) -> Vec<(AccountId, PersonId)> {
        let mut over = Vec::new();
        for (account, files) in &self.files {
            for (person, file) in files {
                let ended = file.iter().all(|one| one.statement.valid_until < ended_before);
                let of = (account.clone(), person.clone());
                if ended && self.roster(account, person).is_none() && !self.holds.contains(&of) {
                    over.push(of);
                }
            }
        }
        over.sort();
        over
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
        let since = self.head.seq;
        let mut new = read_all_but_people(conn).await?;
        new.evidence_epoch = log::evidence_epoch_after(conn, since).await?.unwrap_or(self.evidence_epoch);
        let rosters = changed_rosters(conn, since, &self.people).await?;
        let files = changed_files(conn, since).await?;
        new.people = std::mem::take(&mut self.people);
        for (account, people) in rosters {
            drop(if people.is_empty() {
                new.people.remove(&account)
            } else {
                new.people.insert(account, people)
            });
        }
        new.files = std::mem::take(&mut self.files);
        for ((account, person), file) in files {
            put_file(&mut new.files, account, person, file);
        }
        *self = new;
        Ok(())
    }
}

fn suspended(file: &[Filed]) -> Vec<String> {
    let contested = file.iter().filter(|one| one.state == people::file::State::Suspended);
    contested.map(|one| one.id.clone()).collect()
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

fn id<T>(parse: fn(&str) -> std::result::Result<T, BadId>, text: &str) -> Result<T> {
    parse(text).map_err(|_| unreadable("identifier", text))
}

fn unreadable(what: &str, text: &str) -> StoreError {
    StoreError::damaged(0, format!("a view holds the {what} `{}`", text.escape_debug()))
}
