//! Officers, approvals and confirmations.

use super::Desk;
use super::api::{Approval, InstrumentView, NewOfficer, OfficerView, Removal, Removed};
use super::error::{Answer, ControlError};
use super::instruments::{newest, view};
use super::signatures::{covers, same_key, signed_by, signed_by_any};
use axum::Json;
use axum::extract::{Path, State};
use law::{CallBackOnFile, account_introduction_text, introduction_text};
use ledger::note::VerifierKey;
use store::{Event, State as Filed};
use terms::{AccountId, InstrumentId, OfficerId};

pub(super) async fn officers(State(desk): State<Desk>) -> Json<Vec<OfficerView>> {
    let registry = desk.house.registry.lock().await;
    let officers = registry.state.officers.iter().map(|(officer, on_file)| OfficerView {
        officer: officer.clone(),
        public_key: on_file.public_key.clone(),
        retired: on_file.retired.is_some(),
        account: on_file.account.clone(),
    });
    Json(officers.collect())
}

pub(super) async fn add_officer(
    State(desk): State<Desk>,
    Json(new): Json<NewOfficer>,
) -> Answer<OfficerView> {
    let key: VerifierKey =
        new.public_key.parse().map_err(|error| ControlError::bad(format!("public key: {error}")))?;
    if key.name() != new.officer.as_str() {
        return Err(ControlError::bad(format!(
            "the key is named {}, the officer {}",
            key.name(),
            new.officer
        )));
    }
    let mut registry = desk.house.registry.lock().await;
    let shared =
        registry.state.officers.values().any(|officer| same_key(&officer.public_key, &new.public_key));
    if shared {
        return Err(ControlError::conflict(
            "another officer has this key: each officer needs a credential of their own",
            Vec::new(),
        ));
    }
    let (officer, public_key) = (new.officer.clone(), key.to_string());
    let event = match new.account.clone() {
        Some(account) => {
            let added_by = account_introducer(&registry.state, &account, &new)?;
            let (officer, public_key) = (officer.clone(), public_key.clone());
            Event::AccountOfficerAdded { officer, public_key, added_by, account }
        }
        None => {
            let added_by = introducer(&registry.state, desk.house.settings.officers_needed, &new)?;
            Event::OfficerAdded { officer: officer.clone(), public_key: public_key.clone(), added_by }
        }
    };
    desk.house.commit(&mut registry, &[event]).await?;
    Ok(Json(OfficerView { officer, public_key, retired: false, account: new.account }))
}

/// Who introduces an officer of an account. The operator names the first one; further ones are introduced by an officer
/// of the operator or by one of that account.
fn account_introducer(
    state: &Filed,
    account: &AccountId,
    new: &NewOfficer,
) -> Result<Option<OfficerId>, ControlError> {
    let own = |officer: &&store::Officer| officer.account.as_ref() == Some(account);
    let Some(Approval { officer, note }) = &new.introduced_by else {
        let active = state.officers.values().filter(own).filter(|officer| officer.retired.is_none()).count();
        return if active == 0 {
            Ok(None)
        } else {
            Err(ControlError::forbidden(format!(
                "{account} has an officer: a further one is introduced by that officer or by one of the operator's \
                 (douane officer add {} --account {account} --by OFFICER)",
                new.officer
            )))
        };
    };
    let text = account_introduction_text(&new.officer, &new.public_key, account);
    let may = state.officers.get(officer).is_some_and(|by| by.account.is_none() || own(&by));
    if may && signed_by_any(state, officer, note, &text) {
        Ok(Some(officer.clone()))
    } else {
        Err(ControlError::forbidden(format!(
            "the introduction is not signed by an officer of {account} or of the operator"
        )))
    }
}

/// Ends an account officer's term. For cause, what rests on that officer's word is withdrawn with it; otherwise it stands
/// until its own end. The operator's officers are not removed here: the token must not thin out those who approve.
pub(super) async fn remove_officer(
    State(desk): State<Desk>,
    Json(removal): Json<Removal>,
) -> Answer<Removed> {
    let Removal { officer, for_cause, why } = removal;
    let mut registry = desk.house.registry.lock().await;
    let on_file = registry.state.officers.get(&officer);
    if on_file.is_some_and(|officer| officer.account.is_none()) {
        return Err(ControlError::forbidden("officers of the operator are not removed over this port"));
    }
    let mut events = vec![match for_cause {
        true => Event::OfficerDismissed { officer: officer.clone(), why },
        false => Event::OfficerRetired { officer: officer.clone() },
    }];
    if for_cause {
        for (account, person, id) in registry.store.attested_by(&officer).await? {
            let why = format!("it rests on the word of officer {officer}, who was removed for cause");
            events.push(Event::EvidenceRevoked { account, person, id, why });
        }
    }
    desk.house.commit(&mut registry, &events).await?;
    Ok(Json(Removed { officer, withdrawn: events.len().saturating_sub(1) }))
}

/// Who introduces a new officer. The first ones are named when the directory is set up; once there are enough to
/// activate anything, whoever has the control token must not be able to make more of them.
fn introducer(state: &Filed, needed: usize, new: &NewOfficer) -> Result<Option<OfficerId>, ControlError> {
    let operators = state.officers.values().filter(|officer| officer.account.is_none());
    let active = operators.filter(|officer| officer.retired.is_none()).count();
    let Some(Approval { officer, note }) = &new.introduced_by else {
        return if active < needed {
            Ok(None)
        } else {
            Err(ControlError::forbidden(format!(
                "{active} officers are on file: a further one is introduced by one of them (douane officer add {} --by OFFICER)",
                new.officer
            )))
        };
    };
    let text = introduction_text(&new.officer, &new.public_key);
    if signed_by(state, officer, note, &text) {
        Ok(Some(officer.clone()))
    } else {
        Err(ControlError::forbidden("the introduction is not signed by an officer on file"))
    }
}

pub(super) async fn approve(
    State(desk): State<Desk>,
    Path(id): Path<InstrumentId>,
    Json(approval): Json<Approval>,
) -> Answer<InstrumentView> {
    let mut registry = desk.house.registry.lock().await;
    let instrument = newest(&registry.state, &id)?.clone();
    if !covers(&registry.state, &instrument, &approval.officer, &approval.note) {
        return Err(ControlError::bad(
            "the note is no signature of an officer on file over the instrument and readings as they are now: \
             show the instrument again and sign what it shows",
        ));
    }
    let Approval { officer, note } = approval;
    let event = Event::Approved { instrument: id, digest: instrument.digest, officer, signature: note };
    desk.house.commit(&mut registry, &[event]).await?;
    view(&desk, &registry.state, &instrument).map(Json)
}

pub(super) async fn confirm(
    State(desk): State<Desk>,
    Path(id): Path<InstrumentId>,
    Json(call_back): Json<CallBackOnFile>,
) -> Answer<InstrumentView> {
    let mut registry = desk.house.registry.lock().await;
    let instrument = newest(&registry.state, &id)?.clone();
    let CallBackOnFile { channel, with, by } = call_back;
    let event = Event::LetterConfirmed { instrument: id, channel, with, by };
    desk.house.commit(&mut registry, &[event]).await?;
    view(&desk, &registry.state, &instrument).map(Json)
}
