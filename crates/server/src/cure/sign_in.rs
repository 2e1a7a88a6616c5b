//! Signing in with an OpenID provider: authorisation code with PKCE (RFC 7636), state, nonce and `iss` (RFC 9207).

use super::need::{Offer, site};
use super::page::{Page, json};
use super::provider::{Provider, Said};
use super::session::Session;
use super::{Answer, Trouble, Visit};
use crate::identity::form;
use crate::identity::sts::random;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderValue, StatusCode, Uri};
use serde_json::json as object;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// The cookie that ties a sign-in to the browser which began it. Without it somebody could begin one, have another
/// person finish it, and have that person's evidence put on file for themselves.
const COOKIE_NAME: &str = "douane-cure";

/// A sign-in that was begun.
pub(super) struct Started {
    session: Arc<Session>,
    provider: Provider,
    nonce: String,
    verifier: String,
    cookie: String,
}

/// What of a sign-in is asked for: nationality as verified, and nothing else.
pub(super) const CLAIMS: &str = r#"{"id_token":{"verified_claims":{"verification":{"trust_framework":null,"assurance_level":null,"time":null},"claims":{"nationalities":null}}},"userinfo":{"verified_claims":{"verification":{"trust_framework":null,"assurance_level":null,"time":null},"claims":{"nationalities":null}}}}"#;

fn secret() -> Result<String, Trouble> {
    random().map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).map_err(|_| Trouble::NotFiled)
}

impl Visit<'_> {
    /// The provider that the form names, where it is one that could settle the need.
    pub(super) async fn provider(&self, session: &Session) -> Result<Provider, Trouble> {
        let named = self.field("with")?;
        let offer = Offer::of(&self.identity.trust, &session.about);
        let is_named = |iss: &str| named.as_deref().is_none_or(|named| named == iss);
        let listed = offer.sign_ins.iter().find(|one| is_named(&one.iss)).ok_or(Trouble::Gone)?;
        Provider::new(&self.cure.providers, self.identity, listed, self.now).await
    }

    /// Begins a sign-in. The page holds a link instead of leading on by itself, so that one sees where it leads, and
    /// the policy of the page can forbid forms to lead anywhere else.
    pub(super) async fn sign_in(&self, session: &Arc<Session>) -> Answer {
        let provider = self.provider(session).await?;
        let (nonce, verifier, cookie) = (secret()?, secret()?, secret()?);
        let started = Started {
            session: Arc::clone(session),
            provider: provider.clone(),
            nonce: nonce.clone(),
            verifier: verifier.clone(),
            cookie: cookie.clone(),
        };
        let put = self.cure.started.put(self.now, |_| Arc::new(started));
        let (state, _) = put.ok_or(Trouble::TooMany)?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let to = self.authorization(
            &provider,
            &[
                ("response_type", "code"),
                ("client_id", &provider.sign_in.client_id),
                ("redirect_uri", &self.redirect_uri()),
                ("scope", &provider.sign_in.scope),
                ("state", &state),
                ("nonce", &nonce),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
                ("claims", CLAIMS),
            ],
        )?;
        let args = [("site", site(&provider.iss))];
        let mut response = if self.as_json() {
            json(StatusCode::OK, &object!({"authorization_uri": to}))
        } else {
            let page = Page::new(self.lang, "page_title").text("page_sign_in_next", &args);
            page.link(&to, "page_sign_in_go", &args).answer(StatusCode::OK)
        };
        let secure = if self.identity.is_https() { "; Secure" } else { "" };
        let cookie =
            format!("{COOKIE_NAME}={cookie}; Path=/cure; HttpOnly; SameSite=Lax; Max-Age=600{secure}");
        let cookie = HeaderValue::from_str(&cookie).map_err(|_| Trouble::NotFiled)?;
        response.headers_mut().insert(SET_COOKIE, cookie);
        Ok(response)
    }

    fn redirect_uri(&self) -> String {
        self.identity.url("/cure/callback")
    }

    /// The address to sign in at. It goes into a link, so its scheme is looked at.
    fn authorization(&self, provider: &Provider, pairs: &[(&str, &str)]) -> Result<String, Trouble> {
        let endpoint = &provider.metadata.authorization_endpoint;
        let uri: Uri = endpoint.parse().map_err(|_| Trouble::Elsewhere("provider_answer"))?;
        let practice = self.house.clock.is_practice() && uri.scheme_str() == Some("http");
        if uri.authority().is_none() || !(practice || uri.scheme_str() == Some("https")) {
            return Err(Trouble::Elsewhere("provider_answer"));
        }
        let joint = if uri.query().is_some() { '&' } else { '?' };
        Ok(format!("{endpoint}{joint}{}", form::write(pairs)))
    }

    /// The way back from the provider.
    pub(super) async fn signed_in(&self) -> Answer {
        let query = self.parts.uri.query().unwrap_or_default();
        let query = form::read(query.as_bytes()).ok_or(Trouble::Form)?;
        let field =
            |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        // Taken: whatever comes of it, a state works once.
        let state = field("state").ok_or(Trouble::Form)?;
        let started = self.cure.started.take(state, self.now).ok_or(Trouble::Gone)?;
        if !self.is_from(&started.cookie) {
            return Err(Trouble::CrossSite);
        }
        let provider = &started.provider;
        let must_name = provider.metadata.authorization_response_iss_parameter_supported;
        match field("iss") {
            Some(iss) if iss != provider.iss => return Err(Trouble::Elsewhere("mixed_up_provider")),
            None if must_name => return Err(Trouble::Elsewhere("mixed_up_provider")),
            _ => {}
        }
        if field("error").is_some() {
            return Ok(self.again(&started.session));
        }
        let code = field("code").ok_or(Trouble::Form)?;
        let redirect_uri = self.redirect_uri();
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", &started.verifier),
        ];
        let said = provider.tokens(self.identity, &pairs).await?;
        let Said::Tokens(tokens) = said else { return Err(Trouble::Elsewhere("provider_refused")) };
        let evidence = provider.evidence(self.identity, &tokens, Some(&started.nonce), self.now).await?;
        self.file(&started.session, &evidence).await?;
        Ok(Page::new(self.lang, "page_title").text("page_done", &[]).answer(StatusCode::OK))
    }

    /// Whether the request comes from the browser that holds this cookie.
    fn is_from(&self, cookie: &str) -> bool {
        let lines = self.parts.headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs
            .any(|(name, value)| name == COOKIE_NAME && bool::from(value.as_bytes().ct_eq(cookie.as_bytes())))
    }

    /// Back to the ways, after one that was not gone to its end.
    fn again(&self, session: &Session) -> http::Response<crate::gateway::GateBody> {
        let page = Page::new(self.lang, "page_title").text("page_trouble", &[]);
        page.link(&format!("/cure/{}", session.id), "page_again", &[]).answer(StatusCode::OK)
    }
}
