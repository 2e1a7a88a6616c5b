//! Officers, approvals and confirmations.

use super::Desk;
use super::api::{Approval, InstrumentView, NewOfficer, OfficerView};
use super::error::{Answer, ControlError};
use super::instruments::{newest, view};
use super::signatures::{covers, same_key, signed_by};
use axum::Json;
use axum::extract::{Path, State};
use law::{CallBackOnFile, introduction_text};
use ledger::note::VerifierKey;
use store::{Event, State as Filed};
use terms::{InstrumentId, OfficerId};

pub(super) async fn officers(State(desk): State<Desk>) -> Json<Vec<OfficerView>> {
    let registry = desk.house.registry.lock().await;
    let officers = registry.state.officers.iter().map(|(officer, on_file)| OfficerView {
        officer: officer.clone(),
        public_key: on_file.public_key.clone(),
        retired: on_file.retired.is_some(),
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
    let added_by = introducer(&registry.state, desk.house.settings.officers_needed, &new)?;
    let (officer, public_key) = (new.officer, key.to_string());
    let event = Event::OfficerAdded { officer: officer.clone(), public_key: public_key.clone(), added_by };
    desk.house.commit(&mut registry, &[event]).await?;
    Ok(Json(OfficerView { officer, public_key, retired: false }))
}

/// Who introduces a new officer. The first ones are named when the directory is set up; once there are enough to
/// activate anything, whoever has the control token must not be able to make more of them.
fn introducer(state: &Filed, needed: usize, new: &NewOfficer) -> Result<Option<OfficerId>, ControlError> {
    let active = state.officers.values().filter(|officer| officer.retired.is_none()).count();
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
