//! What each event does to the views, and which events what is on file refuses.

use crate::appeals::OPEN_APPEALS;
use crate::digest::Digest;
use crate::error::{Refusal, StoreError};
use crate::event::{Event, Recorded};
use crate::sqlite::appeals::{self, Filing};
use crate::sqlite::{self, Result, SqliteConnection, evidence, instruments, people, register};
use crate::state::id;
use terms::{AccountId, Instant, InstrumentId, OfficerId, PersonId, SubjectKind};

/// Updates every view but `people`.
pub(crate) async fn apply(conn: &mut SqliteConnection, recorded: &Recorded) -> Result<()> {
    let (seq, at) = (recorded.seq, recorded.at);
    match &recorded.event {
        Event::AccountAdded { account, display_name } => {
            let added = register::put_account(conn, account, display_name, at).await?;
            one(added, || Refusal::AccountExists(account.clone()))
        }
        Event::KeyAdded { key_hash, account, person, kind, label } => {
            known_account(conn, account).await?;
            let texts = (subject_word(*kind), label.as_str());
            let added = register::put_key(conn, (key_hash, account), person.as_ref(), texts, at).await?;
            one(added, || Refusal::KeyExists)
        }
        Event::KeyRevoked { account, key_hash } => {
            let revoked = register::revoke_key(conn, account, key_hash, at).await?;
            one(revoked, || Refusal::UnknownKey(account.clone()))
        }
        Event::PeopleLoaded { account, .. } => known_account(conn, account).await,
        Event::PersonFactsSet { account, .. } => known_account(conn, account).await,
        Event::EvidenceFiled { .. }
        | Event::EvidenceSuspended { .. }
        | Event::EvidenceResumed { .. }
        | Event::EvidenceRevoked { .. }
        | Event::ReviewSettled { .. } => apply_to_evidence(conn, seq, &recorded.event).await,
        Event::HoldSet { account, person, held, .. } => {
            known_account(conn, account).await?;
            evidence::set_hold(conn, account, person, *held).await
        }
        Event::ShownOnPage { .. } | Event::AppealFiled { .. } | Event::AppealSettled { .. } => {
            apply_to_appeals(conn, (seq, at), &recorded.event).await
        }
        Event::PersonErased { account, person, .. } => {
            evidence::forget(conn, account, person).await?;
            appeals::forget(conn, (account, person)).await?;
            people::forget_person(conn, account, person).await.map(drop)
        }
        Event::ClockSet { at } => register::put_clock(conn, *at).await,
        Event::ReadingRecorded { question, choice, by, why } => {
            if !question.options().contains(&choice.as_str()) {
                return Err(Refusal::BadChoice { question: *question, choice: choice.clone() }.into());
            }
            operators(conn, by).await?;
            register::put_reading(conn, (*question, choice), (by, why), at).await
        }
        Event::OfficerAdded { .. }
        | Event::AccountOfficerAdded { .. }
        | Event::OfficerRetired { .. }
        | Event::OfficerDismissed { .. } => apply_to_officers(conn, at, &recorded.event).await,
        Event::StateMigrated { .. } => Ok(()),
        _ => apply_to_instruments(conn, seq, at, &recorded.event).await,
    }
}

/// Points the view `people` at what the event wrote.
pub(crate) async fn apply_to_people(conn: &mut SqliteConnection, recorded: &Recorded) -> Result<()> {
    match &recorded.event {
        Event::PeopleLoaded { account, .. } => people::point_people(conn, account, recorded.seq).await,
        Event::PersonFactsSet { account, person, .. } => {
            people::point_person(conn, account, person, recorded.seq).await
        }
        _ => Ok(()),
    }
}

async fn apply_to_evidence(conn: &mut SqliteConnection, seq: u64, event: &Event) -> Result<()> {
    match event {
        Event::EvidenceFiled { account, person, id, .. } => {
            known_account(conn, account).await?;
            may_file(conn, (account, person), id).await?;
            evidence::put_evidence(conn, (account, person), id, seq).await
        }
        Event::EvidenceSuspended { account, person, id, .. } => {
            move_on(conn, (account, person), id, ("suspended", &["active"])).await
        }
        Event::EvidenceResumed { account, person, id, .. } => {
            move_on(conn, (account, person), id, ("active", &["suspended"])).await
        }
        Event::EvidenceRevoked { account, person, id, .. } => {
            move_on(conn, (account, person), id, ("revoked", &["active", "suspended", "revoked"])).await
        }
        Event::ReviewSettled { account, person, id, stands, by, .. } => {
            operators(conn, by).await?;
            let next = if *stands { "active" } else { "revoked" };
            move_on(conn, (account, person), id, (next, &["active", "suspended"])).await
        }
        _ => Ok(()),
    }
}

async fn apply_to_appeals(conn: &mut SqliteConnection, at: (u64, Instant), event: &Event) -> Result<()> {
    match event {
        Event::ShownOnPage { account, person, id, by, .. } => {
            if evidence::state_of(conn, (account, person), id).await?.is_none() {
                let (account, person) = (account.clone(), person.clone());
                return Err(Refusal::UnknownStatement { account, person, id: id.clone() }.into());
            }
            if let Some(officer) = by {
                acts_for(conn, officer, account).await?;
            }
            appeals::put_cure(conn, at.0, (account, person, id), by.as_ref()).await
        }
        Event::AppealFiled { account, person, number, model, lang, link, due, .. } => {
            known_account(conn, account).await?;
            let of = (account, person);
            if appeals::count_open(conn, of).await? >= i64::from(OPEN_APPEALS) {
                let (person, limit) = (person.clone(), OPEN_APPEALS);
                return Err(Refusal::TooManyAppeals { person, limit }.into());
            }
            let next = sqlite::unsigned(appeals::last_number(conn).await?)?.saturating_add(1);
            let filing = Filing { of, number: *number, texts: (model, lang), link, due: *due };
            let filed = *number == next && appeals::put_appeal(conn, at, &filing).await?;
            if filed { Ok(()) } else { Err(Refusal::AppealExists { next }.into()) }
        }
        Event::AppealSettled { account, person, number, granted, by, .. } => {
            operators(conn, by).await?;
            let settled = appeals::settle(conn, (account, person, *number), (*granted, by), at).await?;
            let (account, person, number) = (account.clone(), person.clone(), *number);
            one(settled, || Refusal::UnknownAppeal { account, person, number })
        }
        _ => Ok(()),
    }
}

/// Statements about one person on file at the same time.
const STATEMENTS: u32 = 256;

/// Refuses a statement that was contested or withdrawn before: presenting it again does not settle anything.
async fn may_file(conn: &mut SqliteConnection, of: (&AccountId, &PersonId), id: &str) -> Result<()> {
    match evidence::state_of(conn, of, id).await?.as_deref() {
        Some("active") => Ok(()),
        Some(_) => Err(Refusal::StatementNotActive(id.to_owned()).into()),
        None if evidence::count_of(conn, of.0, of.1).await? < i64::from(STATEMENTS) => Ok(()),
        None => Err(Refusal::TooManyStatements { person: of.1.clone(), limit: STATEMENTS }.into()),
    }
}

/// Gives a statement another state, from one of those it may have.
async fn move_on(
    conn: &mut SqliteConnection,
    of: (&AccountId, &PersonId),
    id: &str,
    (next, from): (&str, &[&str]),
) -> Result<()> {
    match evidence::state_of(conn, of, id).await? {
        Some(state) if from.contains(&state.as_str()) => {
            evidence::set_state(conn, of, id, next).await.map(drop)
        }
        Some(_) => Err(Refusal::StatementNotActive(id.to_owned()).into()),
        None => {
            let (account, person) = (of.0.clone(), of.1.clone());
            Err(Refusal::UnknownStatement { account, person, id: id.to_owned() }.into())
        }
    }
}

async fn apply_to_officers(conn: &mut SqliteConnection, at: Instant, event: &Event) -> Result<()> {
    match event {
        Event::OfficerAdded { officer, public_key, added_by } => {
            operators_if_any(conn, added_by.as_ref()).await?;
            let added =
                register::put_officer(conn, (officer, added_by.as_ref()), public_key, None, at).await?;
            one(added, || Refusal::OfficerExists(officer.clone()))
        }
        Event::AccountOfficerAdded { officer, public_key, added_by, account } => {
            known_account(conn, account).await?;
            if let Some(by) = added_by {
                acts_for(conn, by, account).await?;
            }
            let of = Some(account);
            let added = register::put_officer(conn, (officer, added_by.as_ref()), public_key, of, at).await?;
            one(added, || Refusal::OfficerExists(officer.clone()))
        }
        Event::OfficerRetired { officer } | Event::OfficerDismissed { officer, .. } => {
            in_office(conn, officer).await?;
            register::retire_officer(conn, officer, at).await
        }
        _ => Ok(()),
    }
}

async fn apply_to_instruments(
    conn: &mut SqliteConnection,
    seq: u64,
    at: Instant,
    event: &Event,
) -> Result<()> {
    match event {
        Event::InstrumentDrafted { id, kind, toml, digest, drafted_by } => {
            operators_if_any(conn, drafted_by.as_ref()).await?;
            if instruments::open_version(conn, id, Some(digest)).await?.is_some() {
                return Err(Refusal::VersionExists(id.clone()).into());
            }
            let version = (seq, id, digest);
            instruments::put_version(conn, version, (kind, toml), drafted_by.as_ref(), at).await
        }
        Event::InstrumentWithdrawn { id } => {
            let withdrawn = instruments::withdraw(conn, id).await?;
            one(withdrawn, || Refusal::UnknownInstrument(id.clone()))
        }
        Event::Approved { instrument, digest, officer, signature } => {
            operators(conn, officer).await?;
            let version = version(conn, instrument, Some(digest)).await?;
            let added = instruments::put_approval(conn, (seq, version), (officer, signature), at).await?;
            let (instrument, officer) = (instrument.clone(), officer.clone());
            one(added, || Refusal::AlreadyApproved { instrument, officer })
        }
        Event::Activated { instrument, digest, snapshot } => {
            let version = version(conn, instrument, Some(digest)).await?;
            instruments::activate(conn, (seq, version), instrument, *snapshot, at).await
        }
        Event::LetterConfirmed { instrument, channel, with, by } => {
            operators(conn, by).await?;
            let version = version(conn, instrument, None).await?;
            instruments::put_letter(conn, (seq, version), (channel, with), by, at).await
        }
        _ => Ok(()),
    }
}

/// Refuses an account that is not on file.
pub(crate) async fn known_account(conn: &mut SqliteConnection, account: &AccountId) -> Result<()> {
    let known = register::has_account(conn, account).await?;
    if known { Ok(()) } else { Err(Refusal::UnknownAccount(account.clone()).into()) }
}

/// Refuses an officer who is not on file or has retired; gives the account whose officer it is.
async fn in_office(conn: &mut SqliteConnection, officer: &OfficerId) -> Result<Option<AccountId>> {
    match register::officer_in_office(conn, officer).await? {
        Some((true, account)) => account.map(|account| id(AccountId::parse, &account)).transpose(),
        Some((false, _)) => Err(Refusal::OfficerRetired(officer.clone()).into()),
        None => Err(Refusal::UnknownOfficer(officer.clone()).into()),
    }
}

/// Refuses whoever is not an officer of the operator in office.
async fn operators(conn: &mut SqliteConnection, officer: &OfficerId) -> Result<()> {
    match in_office(conn, officer).await? {
        None => Ok(()),
        Some(account) => Err(Refusal::OfficerOfAccount { officer: officer.clone(), account }.into()),
    }
}

async fn operators_if_any(conn: &mut SqliteConnection, officer: Option<&OfficerId>) -> Result<()> {
    match officer {
        Some(officer) => operators(conn, officer).await,
        None => Ok(()),
    }
}

/// Refuses an officer who acts for another account. The operator's act for every one.
async fn acts_for(conn: &mut SqliteConnection, officer: &OfficerId, account: &AccountId) -> Result<()> {
    match in_office(conn, officer).await? {
        Some(own) if own != *account => {
            Err(Refusal::OfficerOfAccount { officer: officer.clone(), account: own }.into())
        }
        _ => Ok(()),
    }
}

/// The newest open version, with this digest when one is given.
async fn version(conn: &mut SqliteConnection, id: &InstrumentId, digest: Option<&Digest>) -> Result<u64> {
    match instruments::open_version(conn, id, digest).await? {
        Some(version) => Ok(version),
        None if instruments::open_version(conn, id, None).await?.is_some() => {
            Err(Refusal::UnknownVersion(id.clone()).into())
        }
        None => Err(Refusal::UnknownInstrument(id.clone()).into()),
    }
}

fn one(changed: u64, otherwise: impl FnOnce() -> Refusal) -> Result<()> {
    if changed > 0 { Ok(()) } else { Err(StoreError::Refused(otherwise())) }
}

/// The word for who stands behind a credential.
pub(crate) const fn subject_word(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Person => "person",
        SubjectKind::SharedKey => "shared_key",
        SubjectKind::Service => "service",
    }
}

/// Reads the word of [`subject_word`].
pub(crate) fn subject_of(word: &str) -> Option<SubjectKind> {
    [SubjectKind::Person, SubjectKind::SharedKey, SubjectKind::Service]
        .into_iter()
        .find(|kind| subject_word(*kind) == word)
}
