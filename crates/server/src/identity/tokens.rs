//! Tokens: verified under the keys at hand, under newer ones when the issuer has rotated, or asked about.

use super::Identity;
use super::form;
use super::trust::Introspection;
use super::who::Known;
use crate::outbound::fetch::Errand;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use people::session::{Epoch, SessionKey, lasts_until};
use people::{Evidence, Introspected, IssuerKind, Presented, Refusal, Verifier, limits};
use std::sync::Arc;
use terms::Instant;

/// Kinds of issuer whose tokens callers bring.
pub(super) const KINDS: [IssuerKind; 2] = [IssuerKind::Oidc, IssuerKind::Kyc];
/// Authorisation servers asked about one opaque token.
const ASKED: usize = 4;

/// A token with the request it came with.
pub(super) struct Token<'a> {
    pub(super) scheme: people::Scheme,
    pub(super) token: &'a str,
    pub(super) dpop: &'a [&'a str],
    pub(super) method: &'a str,
    pub(super) url: String,
    pub(super) api_key: Option<&'a str>,
}

impl Token<'_> {
    fn presented<'a>(&'a self, nonce: Option<&'a str>) -> Presented<'a> {
        Presented {
            scheme: self.scheme,
            token: self.token,
            dpop: self.dpop,
            client_certificate: None,
            method: self.method,
            url: &self.url,
            nonce,
            api_key: self.api_key,
        }
    }

    /// Three segments make a JWT; everything else is asked about.
    fn is_jwt(&self) -> bool {
        self.token.bytes().filter(|byte| *byte == b'.').count() == 2
    }
}

impl Identity {
    /// Who holds a token. One that has a session is not verified again; its proofs always are.
    pub(super) async fn known(
        self: &Arc<Self>,
        token: &Token<'_>,
        now: Instant,
    ) -> Result<Arc<Known>, Refusal> {
        let key = SessionKey::of(token.token);
        if let Some(known) = self.in_session(&key, token, now)? {
            self.refresh_beside(known.evidence.issuer(), now);
            return Ok(known);
        }
        if !token.is_jwt() {
            return self.introspect(&key, token, now).await;
        }
        let began = self.sessions.epoch();
        let verify = |verifier: &Verifier| {
            self.with_nonce(token, now, |presented| verifier.access_token(presented, now, &self.replay))
        };
        let evidence = self.with_fresh_keys(now, verify).await?;
        self.refresh_beside(evidence.issuer(), now);
        let known = self.holder(evidence, client_of(token.token).as_deref())?;
        self.remember(key, &known, began, now);
        Ok(known)
    }

    /// Who holds a token that has a session, once its proofs are checked.
    fn in_session(
        &self,
        key: &SessionKey,
        token: &Token<'_>,
        now: Instant,
    ) -> Result<Option<Arc<Known>>, Refusal> {
        let Some(known) = self.sessions.get(key, now) else { return Ok(None) };
        let verifier = self.trust.verifier();
        self.with_nonce(token, now, |presented| {
            verifier.prove_again(&known.evidence, presented, now, &self.replay)
        })?;
        Ok(Some(known))
    }

    /// Opens a session, where there is room; without one the next request is verified again.
    fn remember(&self, key: SessionKey, known: &Arc<Known>, began: Epoch, now: Instant) {
        let until = lasts_until(&known.evidence, now);
        if self.sessions.open(key, Arc::clone(known), until, began, now).is_err() {
            tracing::debug!("the table of sessions is full");
        }
    }

    /// Whose account verified evidence belongs to, and which person it is about there.
    fn holder(&self, evidence: Evidence, client: Option<&str>) -> Result<Arc<Known>, Refusal> {
        let sub = evidence.subject().unwrap_or_default();
        // Only a token of our own says by itself whose person it is about.
        let (account, person, named) = if evidence.issuer() == self.sts.iss() {
            super::sts::person_of(sub).ok_or(Refusal::ClaimValue("sub"))?
        } else {
            let account = self.trust.account(evidence.issuer(), client);
            let account = account.ok_or(Refusal::UntrustedIssuer("speaks for no account here"))?.clone();
            let person = self.person(&account, evidence.issuer(), sub);
            (account, person, None)
        };
        Ok(Arc::new(Known::new(Arc::new(evidence), account, person, named)))
    }

    /// Verifies under each nonce that is taken now. A proof with another nonce is not used up by that.
    pub(super) fn with_nonce<T>(
        &self,
        token: &Token<'_>,
        now: Instant,
        verify: impl Fn(&Presented<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        // Without a proof there is nothing that could carry a nonce.
        let nonces = self.nonces.as_ref().filter(|_| !token.dpop.is_empty());
        let Some(nonces) = nonces else { return verify(&token.presented(None)) };
        let [current, last] = nonces.taken(now);
        match verify(&token.presented(Some(&current))) {
            Err(Refusal::NonceMismatch) => verify(&token.presented(Some(&last))),
            done => done,
        }
    }

    /// Verifies, and once more under the issuer's keys as they are published now when one is unknown.
    pub(crate) async fn with_fresh_keys<T>(
        &self,
        now: Instant,
        verify: impl Fn(&Verifier) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let verifier = self.trust.verifier();
        match verify(&verifier) {
            Err(Refusal::UnknownKey { issuer }) => {
                self.fetch_keys(&issuer, now).await;
                let newer = self.trust.verifier();
                if Arc::ptr_eq(&verifier, &newer) {
                    return Err(Refusal::UnknownKey { issuer });
                }
                verify(&newer)
            }
            done => done,
        }
    }

    /// Fetches an issuer's keys, where it publishes any and that was not done a moment ago.
    async fn fetch_keys(&self, iss: &str, now: Instant) {
        let Some(uri) = self.trust.listed(iss).and_then(|listed| listed.jwks_uri.as_deref()) else { return };
        let errand = Errand::get(uri, "application/jwk-set+json, application/json", limits::JSON_BYTES);
        let Some(jwks) = self.turns.fetch(&self.fetcher, errand, now).await else { return };
        match self.trust.replace_keys(iss, &jwks) {
            // A key that is gone must not live on in what it signed.
            Ok(()) => self.bump(),
            Err(error) => tracing::warn!(iss, %error, "a key set was not taken; the old keys stay in use"),
        }
    }

    /// Fetches an issuer's keys beside their use when they have become old.
    fn refresh_beside(self: &Arc<Self>, iss: &str, now: Instant) {
        let uri = self.trust.listed(iss).and_then(|listed| listed.jwks_uri.as_deref());
        if uri.is_some_and(|uri| self.turns.is_due(uri, now)) {
            let (identity, iss) = (Arc::clone(self), iss.to_owned());
            drop(tokio::spawn(async move { identity.fetch_keys(&iss, now).await }));
        }
    }

    /// Asks the authorisation servers about an opaque token (RFC 7662), one request at a time for each token. What they
    /// answer is relied on for seconds: [`limits::INTROSPECTED_S`], and less for "inactive".
    async fn introspect(
        &self,
        key: &SessionKey,
        token: &Token<'_>,
        now: Instant,
    ) -> Result<Arc<Known>, Refusal> {
        let turn = self.opaque.turn(key);
        let _turn = turn.lock().await;
        if let Some(known) = self.in_session(key, token, now)? {
            return Ok(known);
        }
        if self.opaque.is_inactive(key, now) {
            return Err(Refusal::Inactive);
        }
        let (began, mut all_answered) = (self.sessions.epoch(), true);
        for (listed, introspection) in self.trust.introspecting().take(ASKED) {
            let Some(answer) = self.ask(introspection, token.token).await else {
                all_answered = false;
                continue;
            };
            let verifier = self.trust.verifier();
            let judged = self.with_nonce(token, now, |presented| {
                let answer = Introspected::Plain(&answer);
                verifier.introspected(presented, &listed.iss, answer, now, &self.replay)
            });
            match judged {
                Err(Refusal::Inactive) => {}
                judged => {
                    let known = self.holder(judged?, client_in(&answer).as_deref())?;
                    self.remember(*key, &known, began, now);
                    return Ok(known);
                }
            }
        }
        if all_answered {
            self.opaque.keep_inactive(*key, now);
        }
        Err(Refusal::Inactive)
    }

    /// Client authentication by secret (RFC 6749, 2.3.1: both parts are form-encoded first).
    pub(crate) fn basic(&self, client_id: &str, secret: &str) -> Option<HeaderValue> {
        let secret = self.secrets.get(secret)?;
        let pair = format!("{}:{}", form::encode(client_id), form::encode(secret));
        let mut basic = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair))).ok()?;
        basic.set_sensitive(true);
        Some(basic)
    }

    async fn ask(&self, introspection: &Introspection, token: &str) -> Option<Bytes> {
        let body = form::write(&[("token", token), ("token_type_hint", "access_token")]);
        let basic = self.basic(&introspection.client_id, &introspection.secret)?;
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let mut errand = Errand::get(&introspection.url, "application/json", limits::JSON_BYTES);
        errand.method = Method::POST;
        errand.headers.extend([(AUTHORIZATION, basic), (CONTENT_TYPE, form)]);
        errand.body = body.into();
        let answered = self.fetcher.run(errand).await;
        answered.inspect_err(|error| tracing::warn!(%error, "an opaque token could not be asked about")).ok()
    }
}

/// `client_id` of a JWT that was verified.
fn client_of(token: &str) -> Option<String> {
    client_in(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?)
}

fn client_in(json: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(json).ok()?;
    value.get("client_id")?.as_str().map(str::to_owned)
}
