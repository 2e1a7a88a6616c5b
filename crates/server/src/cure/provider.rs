//! What an OpenID provider publishes about itself, and requests to it.

use super::Trouble;
use crate::identity::{Identity, form};
use crate::outbound::fetch::Errand;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use people::{Evidence, IdToken, Refusal, limits};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use terms::Instant;

use crate::identity::trust::{Listed, SignIn};

/// Age beyond which metadata is fetched again, microseconds.
const KEPT_US: i64 = 600_000_000;

/// Metadata (OpenID Connect Discovery 1.0, 3), what of it is used.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    pub(super) authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: Option<String>,
    pub(super) device_authorization_endpoint: Option<String>,
    /// RFC 9207, 3.
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

/// Metadata at hand, by provider.
#[derive(Default)]
pub(super) struct Providers(Mutex<HashMap<String, (Instant, Arc<Metadata>)>>);

impl Providers {
    /// What the provider publishes; fetched at most once a minute, and the last good one stays in use.
    pub(super) async fn of(
        &self,
        identity: &Identity,
        iss: &str,
        now: Instant,
    ) -> Result<Arc<Metadata>, Trouble> {
        if let Some((_, known)) = self.at_hand(iss).filter(|(at, _)| now.micros_since(*at).abs() < KEPT_US) {
            return Ok(known);
        }
        let url = format!("{}/.well-known/openid-configuration", iss.trim_end_matches('/'));
        let errand = Errand::get(&url, "application/json", limits::JSON_BYTES);
        if let Some(body) = identity.turns.fetch(&identity.fetcher, errand, now).await {
            match serde_json::from_slice::<Metadata>(&body) {
                Ok(read) if read.issuer == iss => {
                    let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                    all.insert(iss.to_owned(), (now, Arc::new(read)));
                }
                _ => tracing::warn!(iss, "what the provider publishes about itself cannot be used"),
            }
        }
        self.at_hand(iss).map(|(_, known)| known).ok_or(Trouble::Elsewhere("provider_unavailable"))
    }

    fn at_hand(&self, iss: &str) -> Option<(Instant, Arc<Metadata>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(iss).cloned()
    }
}

/// A successful answer of a token endpoint.
#[derive(Deserialize)]
pub(super) struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

/// An error answer (RFC 6749, 5.2).
#[derive(Deserialize)]
struct Failed {
    error: String,
}

/// What a token endpoint said.
pub(super) enum Said {
    Tokens(Tokens),
    /// The word of the error.
    Error(String),
}

/// A provider with the gateway's registration there.
#[derive(Clone)]
pub(super) struct Provider {
    pub(super) iss: String,
    pub(super) sign_in: SignIn,
    pub(super) metadata: Arc<Metadata>,
}

impl Provider {
    pub(super) async fn new(
        providers: &Providers,
        identity: &Identity,
        listed: &Listed,
        now: Instant,
    ) -> Result<Self, Trouble> {
        let sign_in = listed.sign_in.clone().ok_or(Trouble::Gone)?;
        let metadata = providers.of(identity, &listed.iss, now).await?;
        Ok(Self { iss: listed.iss.clone(), sign_in, metadata })
    }

    /// Sends a form, as the registered client.
    pub(super) async fn post(
        &self,
        identity: &Identity,
        url: &str,
        pairs: &[(&str, &str)],
    ) -> Result<(u16, bytes::Bytes), Trouble> {
        let down = Trouble::Elsewhere("provider_unavailable");
        let Some(basic) = identity.basic(&self.sign_in.client_id, &self.sign_in.secret) else {
            return Err(down);
        };
        let mut errand = Errand::get(url, "application/json", limits::JSON_BYTES);
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        errand.method = Method::POST;
        errand.headers.extend([(AUTHORIZATION, basic), (CONTENT_TYPE, form)]);
        errand.body = form::write(pairs).into();
        identity.fetcher.run_any(errand).await.map_err(|error| {
            tracing::warn!(iss = self.iss, %error, "a provider could not be asked");
            down
        })
    }

    /// Asks the token endpoint.
    pub(super) async fn tokens(&self, identity: &Identity, pairs: &[(&str, &str)]) -> Result<Said, Trouble> {
        let (status, body) = self.post(identity, &self.metadata.token_endpoint, pairs).await?;
        let broken = |_| Trouble::Elsewhere("provider_answer");
        if status == 200 {
            return serde_json::from_slice(&body).map(Said::Tokens).map_err(broken);
        }
        serde_json::from_slice::<Failed>(&body).map(|failed| Said::Error(failed.error)).map_err(broken)
    }

    /// Verifies what the token endpoint gave. The userinfo endpoint is asked where the ID token is silent.
    pub(super) async fn evidence(
        &self,
        identity: &Identity,
        tokens: &Tokens,
        nonce: Option<&str>,
        now: Instant,
    ) -> Result<Evidence, Refusal> {
        let first = self.verify(identity, tokens, nonce, None, now).await;
        let Err(Refusal::MissingClaim("nationalities")) = first else { return first };
        match self.userinfo(identity, tokens).await {
            Some(body) => self.verify(identity, tokens, nonce, Some(&body), now).await,
            None => first,
        }
    }

    async fn verify(
        &self,
        identity: &Identity,
        tokens: &Tokens,
        nonce: Option<&str>,
        userinfo: Option<&[u8]>,
        now: Instant,
    ) -> Result<Evidence, Refusal> {
        let (token, client_id) = (tokens.id_token.as_str(), self.sign_in.client_id.as_str());
        let presented = IdToken { token, issuer: &self.iss, client_id, nonce, userinfo };
        identity.with_fresh_keys(now, |verifier| verifier.id_token(&presented, now, &identity.replay)).await
    }

    async fn userinfo(&self, identity: &Identity, tokens: &Tokens) -> Option<bytes::Bytes> {
        let (url, token) = (self.metadata.userinfo_endpoint.as_deref()?, tokens.access_token.as_deref()?);
        let mut bearer = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
        bearer.set_sensitive(true);
        let mut errand = Errand::get(url, "application/json", limits::JSON_BYTES);
        errand.headers.push((AUTHORIZATION, bearer));
        identity.fetcher.run(errand).await.ok()
    }
}
