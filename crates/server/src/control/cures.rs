//! What comes in about people who show what is missing: appeals, an employer's word, vendors' messages.

use super::Desk;
use super::api::AppealAnswer;
use super::error::{Answer, ControlError};
use crate::cure::{Confirmation, Trouble, confirm, receive_vendor};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{AppealEntry, Event};

/// Bytes of a vendor's message.
const MESSAGE_BYTES: usize = 256 << 10;

/// Appeals on file with their words, in order of number.
pub(super) async fn appeals(State(desk): State<Desk>) -> Answer<Vec<AppealEntry>> {
    Ok(Json(desk.house.registry.lock().await.store.appeals().await?))
}

/// Answers an appeal; the person reads it on the link of the appeal.
pub(super) async fn settle_appeal(
    State(desk): State<Desk>,
    Json(said): Json<AppealAnswer>,
) -> Answer<AppealEntry> {
    let AppealAnswer { number, granted, by, why } = said;
    if why.trim().is_empty() {
        return Err(ControlError::bad("say why: the person reads it"));
    }
    let mut registry = desk.house.registry.lock().await;
    let unknown = || ControlError::not_found(format!("there is no appeal {number}"));
    let appeal = registry.state.appeals.get(&number).ok_or_else(unknown)?;
    let (account, person, link) = (appeal.account.clone(), appeal.person.clone(), appeal.link);
    let event = Event::AppealSettled { account, person, number, granted, by, answer: why.into() };
    desk.house.commit(&mut registry, &[event]).await?;
    registry.store.appeal_on(&link).await?.map(Json).ok_or_else(unknown)
}

/// An answer to an employer's link.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attested {
    /// The secret at the end of the link.
    link: String,
    /// What is confirmed.
    claims: Confirmation,
}

/// Puts on file what the operator heard from the employer.
pub(super) async fn attest(State(desk): State<Desk>, Json(said): Json<Attested>) -> Answer<Value> {
    confirm(&desk.house, &said.link, &said.claims, None).await.map_err(refused)?;
    Ok(Json(json!({"status": "filed"})))
}

/// Vendors have no control token: their messages are signed.
pub(super) fn vendors() -> Router<Desk> {
    Router::new().route("/v1/kyc/{vendor}", post(receive)).layer(DefaultBodyLimit::max(MESSAGE_BYTES))
}

async fn receive(
    State(desk): State<Desk>,
    Path(vendor): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Value> {
    let named = ["douane-signature", "persona-signature"].into_iter().find_map(|name| headers.get(name));
    let signature = named.and_then(|value| value.to_str().ok()).unwrap_or_default();
    receive_vendor(&desk.house, &vendor, signature, &body).await.map_err(refused)?;
    Ok(Json(json!({"status": "filed"})))
}

fn refused(trouble: Trouble) -> ControlError {
    match trouble {
        Trouble::Gone => ControlError::not_found(trouble.code()),
        Trouble::Refused(refusal) => ControlError::bad(refusal.to_string()),
        other => ControlError::conflict(other.code(), Vec::new()),
    }
}
