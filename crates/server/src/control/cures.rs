//! What comes in about people who show what is missing: appeals, an employer's word, vendors' messages.

use super::Desk;
use super::error::{Answer, ControlError};
use crate::cure::{Appeal, Confirmation, Trouble, confirm, receive_vendor};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

/// Bytes of a vendor's message.
const MESSAGE_BYTES: usize = 256 << 10;

/// Appeals on file, in order of number.
pub(super) async fn appeals(State(desk): State<Desk>) -> Answer<Vec<Appeal>> {
    let none =
        || ControlError::not_found("there are no cure pages: add [identity.cure] to the configuration");
    let cure = desk.house.cure.as_ref().ok_or_else(none)?;
    cure.appeals().map(Json).map_err(|error| ControlError::bad(error.to_string()))
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
    confirm(&desk.house, &said.link, &said.claims).await.map_err(refused)?;
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
