//! Everything a server needs at start, in memory.

use crate::appeals::Appeal;
use crate::chain::Head;
use crate::digest::{Digest, KeyHash};
use crate::error::StoreError;
use crate::file::{Files, Review};
use crate::persons::People;
use crate::sqlite::Result;
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
    /// Appeals, by number, also those that were answered.
    pub appeals: BTreeMap<u64, Appeal>,
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
    /// The account whose people the officer may speak of, and nothing else; `None` for the operator's officers.
    pub account: Option<AccountId>,
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

    /// Whoever has statements or appeals on file that all ended before this instant, no roster row, and no legal hold.
    /// An appeal ends with its answer.
    pub fn past_retention(&self, ended_before: Instant) -> Vec<(AccountId, PersonId)> {
        let mut over: BTreeSet<(AccountId, PersonId)> = BTreeSet::new();
        let mut kept: BTreeSet<(AccountId, PersonId)> = BTreeSet::new();
        let files = self.files.iter().flat_map(|(account, files)| files.iter().map(move |of| (account, of)));
        for (account, (person, file)) in files {
            let ended = file.iter().all(|one| one.statement.valid_until < ended_before);
            let list = if ended { &mut over } else { &mut kept };
            list.insert((account.clone(), person.clone()));
        }
        for appeal in self.appeals.values().filter(|appeal| !appeal.erased) {
            let ended = appeal.settled.as_ref().is_some_and(|settled| settled.at < ended_before);
            let list = if ended { &mut over } else { &mut kept };
            list.insert((appeal.account.clone(), appeal.person.clone()));
        }
        let due = |of: &(AccountId, PersonId)| {
            !kept.contains(of) && !self.holds.contains(of) && self.roster(&of.0, &of.1).is_none()
        };
        over.into_iter().filter(due).collect()
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
}

fn suspended(file: &[Filed]) -> Vec<String> {
    let contested = file.iter().filter(|one| one.state == people::file::State::Suspended);
    contested.map(|one| one.id.clone()).collect()
}

pub(crate) fn id<T>(parse: fn(&str) -> std::result::Result<T, BadId>, text: &str) -> Result<T> {
    parse(text).map_err(|_| unreadable("identifier", text))
}

pub(crate) fn unreadable(what: &str, text: &str) -> StoreError {
    StoreError::damaged(0, format!("a view holds the {what} `{}`", text.escape_debug()))
}
