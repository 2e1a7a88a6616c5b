//! The control port: officers draft, approve and activate; operators add keys and people; anybody with the control
//! token reads the state. No token can approve: an approval is an officer's signature.
//!
//! [`api`] holds the forms that go over the wire, for this server and for its clients.

pub mod api;
mod approvals;
mod cures;
mod error;
mod explain;
mod instruments;
mod people;
mod receipts;
mod signatures;
mod status;

pub(crate) use signatures::signed_by_anyone;

use crate::house::House;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use error::ControlError;
use std::future::Future;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;

/// Bytes of a request body: a roster of a million people fits.
const BODY_BYTES: usize = 512 << 20;

/// The house, and the token that opens the control port.
#[derive(Clone)]
struct Desk {
    house: Arc<House>,
    token: Arc<str>,
}

/// Serves the control port until `stop` is done.
pub async fn serve(
    house: Arc<House>,
    token: &str,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = router(Desk { house, token: token.into() });
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

fn router(desk: Desk) -> Router {
    Router::new()
        .route("/v1/status", get(status::status))
        .route("/v1/practice/clock", post(status::set_clock))
        .route("/v1/officers", get(approvals::officers).post(approvals::add_officer))
        .route("/v1/officers/removal", post(approvals::remove_officer))
        .route("/v1/instruments", get(instruments::list).post(instruments::draft))
        .route("/v1/instruments/{id}", get(instruments::show))
        .route("/v1/instruments/{id}/approvals", post(approvals::approve))
        .route("/v1/instruments/{id}/confirmation", post(approvals::confirm))
        .route("/v1/instruments/{id}/activation", post(instruments::activate))
        .route("/v1/readings", get(instruments::readings).post(instruments::record_reading))
        .route("/v1/people", post(people::load))
        .route("/v1/people/erasure", post(people::erase))
        .route("/v1/people/hold", post(people::hold))
        .route("/v1/people/settlement", post(people::settle))
        .route("/v1/keys", post(people::add_key))
        .route("/v1/keys/missing", post(people::add_missing_keys))
        .route("/v1/keys/revocation", post(people::revoke_key))
        .route("/v1/appeals", get(cures::appeals))
        .route("/v1/appeals/settlement", post(cures::settle_appeal))
        .route("/v1/attestations", post(cures::attest))
        .route("/v1/explain", post(explain::explain_one))
        .route("/v1/receipts/{index}", get(receipts::receipt))
        .fallback(|| async { ControlError::not_found("there is no such route on the control port") })
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(desk.clone(), guard))
        .merge(cures::vendors())
        .with_state(desk)
}

/// Lets a request through that names this host (a page on another site cannot) and carries the token.
async fn guard(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    match admit(&desk, request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    }
}

fn admit(desk: &Desk, headers: &HeaderMap) -> Result<(), ControlError> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if !header(HOST).is_some_and(is_local) {
        return Err(ControlError::forbidden("the control port answers to loopback names only"));
    }
    let token = header(AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    if bool::from(token.as_bytes().ct_eq(desk.token.as_bytes())) {
        Ok(())
    } else {
        Err(ControlError::unauthorised())
    }
}

fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_loopback_names_are_local() {
        for good in ["127.0.0.1", "127.0.0.1:8452", "localhost:8452", "[::1]:8452", "[::1]"] {
            assert!(is_local(good), "{good}");
        }
        for bad in ["attacker.example", "127.0.0.1.attacker.example:8452", "localhost.attacker.example", ""] {
            assert!(!is_local(bad), "{bad}");
        }
    }
}
