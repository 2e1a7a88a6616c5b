//! Officers, approvals and confirmations.

use super::Desk;
use super::api::{Approval, Confirmation, InstrumentView, OfficerView};
use super::error::{Answer, ControlError};
use super::instruments::{newest, view};
use crate::house::read_instrument;
use axum::Json;
use axum::extract::{Path, State};
use law::approval_text;
use ledger::note::{Note, VerifierKey};
use store::{Event, Instrument, State as Filed};
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
    Json(new): Json<OfficerView>,
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
    let event =
        Event::OfficerAdded { officer: new.officer.clone(), public_key: key.to_string(), added_by: None };
    desk.house.commit(&mut registry, &[event]).await?;
    Ok(Json(new))
}

/// Whether two verifier keys hold the same key material, whatever their names.
fn same_key(one: &str, other: &str) -> bool {
    one.rsplit('+').next() == other.rsplit('+').next()
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

/// Whether the note is the officer's signature over this version and the readings recorded now.
fn covers(state: &Filed, instrument: &Instrument, officer: &OfficerId, note: &str) -> bool {
    let Ok(file) = read_instrument(instrument) else { return false };
    let Some(on_file) = state.officers.get(officer).filter(|officer| officer.retired.is_none()) else {
        return false;
    };
    let (Ok(key), Ok(note)) = (on_file.public_key.parse::<VerifierKey>(), Note::parse(note)) else {
        return false;
    };
    let text = approval_text(&instrument.id, &file.approval_digest(state.choices()));
    note.verified_by(&key).is_ok_and(|signed| signed == text)
}

/// Officers whose approval stands, each once, in the order of signing.
pub(super) fn standing(state: &Filed, instrument: &Instrument) -> Vec<OfficerId> {
    let mut officers: Vec<OfficerId> = Vec::new();
    for approval in state.approvals_of(instrument.version) {
        if !officers.contains(&approval.officer)
            && covers(state, instrument, &approval.officer, &approval.signature)
        {
            officers.push(approval.officer.clone());
        }
    }
    officers
}

pub(super) async fn confirm(
    State(desk): State<Desk>,
    Path(id): Path<InstrumentId>,
    Json(confirmation): Json<Confirmation>,
) -> Answer<InstrumentView> {
    let mut registry = desk.house.registry.lock().await;
    let instrument = newest(&registry.state, &id)?.clone();
    let Confirmation { channel, with, by } = confirmation;
    let event = Event::LetterConfirmed { instrument: id, channel, with, by };
    desk.house.commit(&mut registry, &[event]).await?;
    view(&desk, &registry.state, &instrument).map(Json)
}
