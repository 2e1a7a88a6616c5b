//! `POST /oauth/token`: the end-user assertion, once, for a token bound to the caller's key (RFC 8693, RFC 9449).

use super::door::{Offered, find};
use super::sts::{LIFE_S, Made};
use super::tokens::Token;
use super::{Identity, form};
use crate::gateway::GateBody;
use crate::house::House;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use people::{Exchange, Refusal, Scheme};
use serde_json::{Value, json};
use std::sync::Arc;
use terms::PersonId;

/// Where it is.
pub(crate) const PATH: &str = "/oauth/token";
/// Where the keys of its tokens are published (RFC 7517, 5).
pub(crate) const KEYS_PATH: &str = "/oauth/jwks";

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// An error answer (RFC 6749, 5.2).
struct Failed {
    status: StatusCode,
    error: &'static str,
    code: &'static str,
    nonce: Option<String>,
}

impl Failed {
    const fn request(code: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error: "invalid_request", code, nonce: None }
    }

    const fn client() -> Self {
        let code = "an API key is needed";
        Self { status: StatusCode::UNAUTHORIZED, error: "invalid_client", code, nonce: None }
    }

    fn of(refusal: &Refusal) -> Self {
        tracing::info!(code = refusal.code(), detail = refusal.detail(), "exchange refused");
        let proof = matches!(
            refusal,
            Refusal::BindingRequired(_) | Refusal::StaleProof | Refusal::BindingMismatch("htm" | "htu")
        );
        let error = if proof { "invalid_dpop_proof" } else { "invalid_request" };
        Self { error, ..Self::request(refusal.code()) }
    }

    fn answer(self) -> Response<GateBody> {
        let body = json!({"error": self.error, "error_description": self.code});
        let mut response = json_answer(self.status, &body);
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(nonce) = self.nonce.and_then(|nonce| HeaderValue::from_str(&nonce).ok()) {
            headers.insert(HeaderName::from_static("dpop-nonce"), nonce);
        }
        response
    }
}

/// Answers a request to the token endpoint; never fails.
pub(crate) async fn answer(house: &Arc<House>, parts: &Parts, body: &Bytes) -> Response<GateBody> {
    let done = match &house.identity {
        Some(identity) => exchange(house, identity, parts, body).await,
        None => Err(Failed::request("no token exchange is configured")),
    };
    match done {
        Ok(body) => json_answer(StatusCode::OK, &body),
        Err(failed) => failed.answer(),
    }
}

/// Answers a request for the keys; never fails.
pub(crate) fn keys(house: &House, parts: &Parts) -> Response<GateBody> {
    let Some(identity) = &house.identity else {
        return Failed::request("no token exchange is configured").answer();
    };
    if parts.method != Method::GET {
        return Failed { status: StatusCode::METHOD_NOT_ALLOWED, ..Failed::request("GET only") }.answer();
    }
    let mut response = json_answer(StatusCode::OK, &identity.sts.jwks());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}

async fn exchange(
    house: &Arc<House>,
    identity: &Arc<Identity>,
    parts: &Parts,
    body: &Bytes,
) -> Result<Value, Failed> {
    if parts.method != Method::POST {
        return Err(Failed { status: StatusCode::METHOD_NOT_ALLOWED, ..Failed::request("POST only") });
    }
    let offered = Offered::of(&parts.headers).ok_or_else(Failed::client)?;
    let on_file = offered.key.and_then(|key| find(house, key)).ok_or_else(Failed::client)?;
    let form = form::read(body).ok_or(Failed::request("the form cannot be read"))?;
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if field("grant_type") != Some(GRANT) {
        return Err(Failed { error: "unsupported_grant_type", ..Failed::request("only token exchange") });
    }
    let subject_token = field("subject_token").ok_or(Failed::request("subject_token is missing"))?;
    let subject_token_type = field("subject_token_type").unwrap_or_default();
    let now = house.clock.read().at;
    let id = house.files.load().key_id(&on_file.key);
    let bound_to = identity.bound_to(&offered, parts, now)?;
    let request = Exchange { subject_token, subject_token_type, actor_sub: Some(&id), api_key: Some(&id) };
    let replay = &identity.replay;
    let verified = identity.with_fresh_keys(now, |verifier| verifier.exchange(&request, now, replay)).await;
    let evidence = verified.map_err(|refusal| Failed::of(&refusal))?;
    let account = &on_file.account;
    identity.trust.speaks_for(evidence.issuer(), account).map_err(|refusal| Failed::of(&refusal))?;
    let sub = evidence.subject().unwrap_or_default();
    let person = &identity.person(account, evidence.issuer(), sub);
    let named = PersonId::parse(sub).ok();
    identity.renew_exchange_keys(now);
    let made = Made { account, person, named: named.as_ref(), actor: &id, bound_to: &bound_to };
    let token = identity.sts.issue(&evidence, &made, now).map_err(|_| Failed {
        status: StatusCode::SERVICE_UNAVAILABLE,
        ..Failed::request("no token can be made now")
    })?;
    Ok(json!({
        "access_token": token, "issued_token_type": ACCESS_TOKEN, "token_type": "DPoP", "expires_in": LIFE_S,
    }))
}

impl Identity {
    /// Replaces the keys of the token exchange when it is time, also where its own tokens are verified.
    fn renew_exchange_keys(&self, now: terms::Instant) {
        if self.sts.renew(now)
            && let Err(error) =
                self.trust.replace_keys(self.sts.iss(), self.sts.jwks().to_string().as_bytes())
        {
            tracing::warn!(%error, "the new keys of the token exchange were not taken");
        }
    }

    /// The key that the request proves to hold.
    fn bound_to(
        &self,
        offered: &Offered<'_>,
        parts: &Parts,
        now: terms::Instant,
    ) -> Result<people::Thumbprint, Failed> {
        let token = Token {
            scheme: Scheme::Dpop,
            token: "",
            dpop: &offered.dpop,
            method: parts.method.as_str(),
            url: self.url(PATH),
            api_key: None,
        };
        let verifier = self.trust.verifier();
        let proven =
            self.with_nonce(&token, now, |presented| verifier.proof_key(presented, now, &self.replay));
        proven.map_err(|refusal| match (&refusal, &self.nonces) {
            (Refusal::NonceMismatch, Some(nonces)) => {
                let nonce = Some(nonces.taken(now)[0].clone());
                Failed { error: "use_dpop_nonce", nonce, ..Failed::request("nonce required") }
            }
            _ => Failed::of(&refusal),
        })
    }
}

fn json_answer(status: StatusCode, body: &Value) -> Response<GateBody> {
    let mut response = Response::new(GateBody::whole(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
