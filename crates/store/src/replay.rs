//! The state as it was known: the log, replayed up to an event.
//!
//! A replay reads every event up to the one asked for, checks the chain over them, and folds them in memory: some
//! microseconds for each event, and one more read for each account whose people are wanted. It needs no view, so a view
//! that was changed behind the log's back cannot mislead it.

use crate::appeals::{Appeal, Settled};
use crate::chain::follow;
use crate::digest::Digest;
use crate::error::StoreError;
use crate::event::{Event, Recorded};
use crate::file::Fold;
use crate::people::FactsReader;
use crate::persons::People;
use crate::refresh::read_people;
use crate::sqlite::{self, Result, SqliteConnection, log};
use crate::state::{Activation, Approval, Instrument, Key, Letter, Officer, Reading, State, Status};
use terms::{AccountId, Instant, InstrumentId, PersonFacts, PersonId};

/// How much of the log counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KnownAt {
    /// Events up to this number.
    Event(u64),
    /// Events recorded at or before this instant. The log is read in order and ends for the reader at the first later
    /// one: a practice clock can be set back, and what follows an event is not known without it.
    Instant(Instant),
}

impl KnownAt {
    /// All that was ever recorded.
    pub const NOW: Self = Self::Event(u64::MAX);

    fn holds(self, seq: u64, at: Instant) -> bool {
        match self {
            Self::Event(last) => seq <= last,
            Self::Instant(instant) => at <= instant,
        }
    }
}

/// One version of a person's facts.
#[derive(Clone, PartialEq, Debug)]
pub struct FactsVersion {
    /// Number of the event that wrote it.
    pub seq: u64,
    /// When it was recorded.
    pub at: Instant,
    /// The facts.
    pub facts: PersonFacts,
}

/// Everything but the people, as known then.
pub(crate) async fn without_people(conn: &mut SqliteConnection, known: KnownAt) -> Result<State> {
    fold(conn, known, &mut Fold::default()).await
}

/// Everything, as known then. What was erased since is not known any more.
pub(crate) async fn whole(conn: &mut SqliteConnection, known: KnownAt) -> Result<State> {
    let mut files = Fold::default();
    let mut state = fold(conn, known, &mut files).await?;
    for account in state.accounts.keys() {
        let mut people = People::default();
        read_people(conn, &mut people, account, (0, state.head.seq)).await?;
        if !people.is_empty() {
            state.people.insert(account.clone(), people);
        }
    }
    state.files = files.fill(conn).await?;
    Ok(state)
}

async fn fold(conn: &mut SqliteConnection, known: KnownAt, files: &mut Fold) -> Result<State> {
    let mut state = State::default();
    loop {
        let rows = log::events_after(conn, state.head.seq).await?;
        if rows.is_empty() {
            return Ok(state);
        }
        for row in &rows {
            if !known.holds(row.seq, Instant::from_micros(row.at_us)) {
                return Ok(state);
            }
            let mut head = state.head;
            let recorded = follow(&mut head, row)?;
            state.follow(&recorded)?;
            files.follow(&recorded);
            state.head = head;
        }
    }
}

/// The newest versions of one person's facts up to an event, newest first; at most as many as asked for.
pub(crate) async fn facts_versions(
    conn: &mut SqliteConnection,
    (account, person): (&AccountId, &PersonId),
    seq: u64,
    most: u32,
) -> Result<Vec<FactsVersion>> {
    let rows = sqlite::people::versions_up_to(conn, (account, person), seq, most).await?;
    let mut reader = FactsReader::default();
    rows.into_iter()
        .map(|(seq, at, facts)| {
            let (seq, at) = (sqlite::unsigned(seq)?, Instant::from_micros(at));
            Ok(FactsVersion { seq, at, facts: reader.read(person, facts)? })
        })
        .collect()
}

impl State {
    /// Adds what one more event changed; the people of an account and the statements about them are no part of an event and stay as they are, and of
    /// [`State::head`] only the number moves on. The event must be one that the log accepted.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the event speaks of something that is not on file.
    pub fn follow(&mut self, recorded: &Recorded) -> Result<()> {
        let (seq, at) = (recorded.seq, recorded.at);
        self.head.seq = seq;
        match &recorded.event {
            Event::AccountAdded { account, display_name } => {
                let added = crate::Account { display_name: display_name.clone(), added: at };
                self.accounts.insert(account.clone(), added);
            }
            Event::KeyAdded { .. } | Event::KeyRevoked { .. } => self.follow_key(recorded)?,
            Event::PeopleLoaded { .. }
            | Event::PersonFactsSet { .. }
            | Event::EvidenceFiled { .. }
            | Event::EvidenceSuspended { .. }
            | Event::EvidenceResumed { .. }
            | Event::EvidenceRevoked { .. }
            | Event::ReviewSettled { .. } => self.evidence_epoch = seq,
            Event::PersonErased { account, person, .. } => {
                self.evidence_epoch = seq;
                let own = |one: &&mut Appeal| one.account == *account && one.person == *person;
                self.appeals.values_mut().filter(own).for_each(|appeal| appeal.erased = true);
            }
            Event::HoldSet { account, person, held, .. } => {
                let of = (account.clone(), person.clone());
                let _ = if *held { self.holds.insert(of) } else { self.holds.remove(&of) };
            }
            Event::ClockSet { at } => self.practice_clock = Some(*at),
            Event::ReadingRecorded { question, choice, by, why } => {
                let reading = Reading { choice: choice.clone(), by: by.clone(), why: why.clone(), at };
                self.readings.insert(*question, reading);
            }
            Event::OfficerAdded { .. }
            | Event::AccountOfficerAdded { .. }
            | Event::OfficerRetired { .. }
            | Event::OfficerDismissed { .. } => self.follow_officer(recorded)?,
            Event::AppealFiled { .. } | Event::AppealSettled { .. } => self.follow_appeal(recorded)?,
            _ => self.follow_instrument(recorded)?,
        }
        Ok(())
    }

    fn follow_officer(&mut self, recorded: &Recorded) -> Result<()> {
        let (of, officer, public_key, added_by) = match &recorded.event {
            Event::OfficerAdded { officer, public_key, added_by } => (None, officer, public_key, added_by),
            Event::AccountOfficerAdded { officer, public_key, added_by, account } => {
                (Some(account.clone()), officer, public_key, added_by)
            }
            Event::OfficerRetired { officer } | Event::OfficerDismissed { officer, .. } => {
                let known = self.officers.get_mut(officer);
                known.ok_or_else(|| absent(recorded.seq, "officer"))?.retired = Some(recorded.at);
                return Ok(());
            }
            _ => return Ok(()),
        };
        let (public_key, added_by) = (public_key.clone(), added_by.clone());
        let added = Officer { public_key, added_by, added: recorded.at, retired: None, account: of };
        self.officers.insert(officer.clone(), added);
        Ok(())
    }

    fn follow_appeal(&mut self, recorded: &Recorded) -> Result<()> {
        let (seq, at) = (recorded.seq, recorded.at);
        match &recorded.event {
            Event::AppealFiled { account, person, number, model, lang, link, due, .. } => {
                let (account, person) = (account.clone(), person.clone());
                let (model, lang, link, due) = (model.clone(), lang.clone(), *link, *due);
                let (settled, erased) = (None, false);
                let appeal = Appeal { seq, at, due, account, person, model, lang, link, settled, erased };
                self.appeals.insert(*number, appeal);
            }
            Event::AppealSettled { number, granted, by, .. } => {
                let appeal = self.appeals.get_mut(number).ok_or_else(|| absent(seq, "appeal"))?;
                appeal.settled = Some(Settled { seq, at, granted: *granted, by: by.clone() });
            }
            _ => {}
        }
        Ok(())
    }

    fn follow_key(&mut self, recorded: &Recorded) -> Result<()> {
        match &recorded.event {
            Event::KeyAdded { key_hash, account, person, kind, label } => {
                let (account, person, label) = (account.clone(), person.clone(), label.clone());
                let key = Key { account, person, kind: *kind, label, added: recorded.at, revoked: None };
                self.keys.insert(*key_hash, key);
            }
            Event::KeyRevoked { key_hash, .. } => {
                let key = self.keys.remove(key_hash).ok_or_else(|| absent(recorded.seq, "key"))?;
                self.revoked_keys.insert(*key_hash, Key { revoked: Some(recorded.at), ..key });
            }
            _ => {}
        }
        Ok(())
    }

    fn follow_instrument(&mut self, recorded: &Recorded) -> Result<()> {
        let (seq, at) = (recorded.seq, recorded.at);
        match &recorded.event {
            Event::InstrumentDrafted { .. } => self.draft(recorded),
            Event::InstrumentWithdrawn { id } => {
                self.move_on(id, |status| is_open(status).then_some(Status::Withdrawn));
            }
            Event::Approved { instrument, digest, officer, signature } => {
                let version =
                    self.open_version(instrument, Some(digest)).ok_or_else(|| absent(seq, VERSION))?;
                let (officer, signature) = (officer.clone(), signature.clone());
                self.approvals.push(Approval { seq, version, officer, signature, at });
            }
            Event::Activated { instrument, digest, snapshot } => {
                let version =
                    self.open_version(instrument, Some(digest)).ok_or_else(|| absent(seq, VERSION))?;
                let active = |status| matches!(status, Status::Active { .. });
                self.move_on(instrument, |status| active(status).then_some(Status::Superseded));
                let activated = self.instruments.iter_mut().find(|version_of| version_of.version == version);
                activated.into_iter().for_each(|one| one.status = Status::Active { snapshot: *snapshot });
                self.activations.push(Activation { seq, version, snapshot: *snapshot, at });
            }
            Event::LetterConfirmed { instrument, channel, with, by } => {
                let version = self.open_version(instrument, None).ok_or_else(|| absent(seq, VERSION))?;
                let (channel, with, by) = (channel.clone(), with.clone(), by.clone());
                self.letters.push(Letter { seq, version, channel, with, by, at });
            }
            _ => {}
        }
        Ok(())
    }

    fn draft(&mut self, recorded: &Recorded) {
        let Event::InstrumentDrafted { id, kind, toml, digest, drafted_by } = &recorded.event else { return };
        self.move_on(id, |status| (status == Status::Drafted).then_some(Status::Superseded));
        self.instruments.push(Instrument {
            version: recorded.seq,
            id: id.clone(),
            kind: kind.clone(),
            toml: toml.as_str().into(),
            digest: *digest,
            drafted_by: drafted_by.clone(),
            drafted: recorded.at,
            status: Status::Drafted,
        });
    }

    /// Gives every version of an instrument the status that `next` has for it.
    fn move_on(&mut self, id: &InstrumentId, next: impl Fn(Status) -> Option<Status>) {
        for version in self.instruments.iter_mut().filter(|version| version.id == *id) {
            version.status = next(version.status).unwrap_or(version.status);
        }
    }

    /// Number of the newest version that is drafted or active, with the digest when one is given.
    fn open_version(&self, id: &InstrumentId, digest: Option<&Digest>) -> Option<u64> {
        let meant = |version: &&Instrument| {
            version.id == *id
                && is_open(version.status)
                && digest.is_none_or(|digest| version.digest == *digest)
        };
        self.instruments.iter().rfind(meant).map(|version| version.version)
    }
}

const VERSION: &str = "open version of an instrument";

fn is_open(status: Status) -> bool {
    matches!(status, Status::Drafted | Status::Active { .. })
}

fn absent(seq: u64, what: &str) -> StoreError {
    StoreError::damaged(seq, format!("it speaks of an {what} that is not on file"))
}
