//! Signing in without a browser on the caller's device (RFC 8628).

use super::need::site;
use super::page::{Page, json};
use super::provider::{Provider, Said};
use super::session::Session;
use super::sign_in::CLAIMS;
use super::{Answer, Trouble, Visit};
use crate::gateway::GateBody;
use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::json as object;
use std::sync::Arc;
use terms::Instant;

/// The grant (RFC 8628, 3.4).
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What a device authorisation endpoint answers (RFC 8628, 3.2).
#[derive(Deserialize)]
struct Begun {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: Option<String>,
    expires_in: u32,
    interval: Option<u32>,
}

/// A code that was given out.
#[derive(Clone)]
pub(super) struct Waiting {
    provider: Provider,
    device_code: Arc<str>,
    interval_s: u32,
    next: Instant,
    until: Instant,
}

impl Waiting {
    /// When the provider may be asked again.
    fn after(&self, now: Instant) -> Instant {
        now.plus_micros(i64::from(self.interval_s).saturating_mul(1_000_000))
    }
}

impl Visit<'_> {
    /// Gives out a code.
    pub(super) async fn begin_device(&self, session: &Arc<Session>) -> Answer {
        let provider = self.provider(session).await?;
        let endpoint = provider.metadata.device_authorization_endpoint.clone();
        let endpoint = endpoint.ok_or(Trouble::Elsewhere("no_device_flow"))?;
        let scope = provider.sign_in.scope.clone();
        let pairs =
            [("client_id", provider.sign_in.client_id.as_str()), ("scope", &scope), ("claims", CLAIMS)];
        let (status, body) = provider.post(self.identity, &endpoint, &pairs).await?;
        let begun: Begun = (status == 200)
            .then(|| serde_json::from_slice(&body).ok())
            .flatten()
            .ok_or(Trouble::Elsewhere("provider_answer"))?;
        let interval_s = begun.interval.unwrap_or(5).clamp(1, 60);
        let seconds = |s: u32| self.now.plus_micros(i64::from(s).saturating_mul(1_000_000));
        let waiting = Waiting {
            device_code: begun.device_code.as_str().into(),
            interval_s,
            next: seconds(interval_s),
            until: seconds(begun.expires_in.min(1800)),
            provider,
        };
        let answer = self.code(session, &begun, &waiting);
        session.progress().device = Some(waiting);
        Ok(answer)
    }

    fn code(&self, session: &Session, begun: &Begun, waiting: &Waiting) -> Response<GateBody> {
        let poll = format!("/cure/{}/device", session.id);
        if self.as_json() {
            let body = object!({
                "user_code": begun.user_code, "verification_uri": begun.verification_uri,
                "verification_uri_complete": begun.verification_uri_complete,
                "expires_in": begun.expires_in, "interval": waiting.interval_s, "poll": self.identity.url(&poll),
            });
            return json(StatusCode::OK, &body);
        }
        Page::new(self.lang, "page_title")
            .heading("page_device", &[("site", site(&waiting.provider.iss))])
            .text("page_device_next", &[("url", &begun.verification_uri)])
            .code(&begun.user_code)
            .text("page_device_wait", &[])
            .link(&poll, "page_device_check", &[])
            .answer(StatusCode::OK)
    }

    /// Looks whether the person has finished.
    pub(super) async fn poll(&self, session: &Arc<Session>) -> Answer {
        if session.progress().done {
            return Ok(self.progress("done", "page_done", session));
        }
        let waiting = {
            let mut progress = session.progress();
            let waiting = progress.device.as_mut().ok_or(Trouble::Gone)?;
            if self.now >= waiting.until {
                progress.device = None;
                return Err(Trouble::Gone);
            }
            if self.now < waiting.next {
                return Ok(self.progress("pending", "page_pending", session));
            }
            // Noted before the provider is asked, so that two who poll at once ask once.
            waiting.next = waiting.after(self.now);
            waiting.clone()
        };
        let pairs = [
            ("grant_type", GRANT),
            ("device_code", &*waiting.device_code),
            ("client_id", &waiting.provider.sign_in.client_id),
        ];
        let said = waiting.provider.tokens(self.identity, &pairs).await?;
        let tokens = match said {
            Said::Tokens(tokens) => tokens,
            Said::Error(error) => return self.not_yet(session, &error),
        };
        session.progress().device = None;
        let evidence = waiting.provider.evidence(self.identity, &tokens, None, self.now).await?;
        self.file(session, &evidence).await?;
        Ok(self.progress("done", "page_done", session))
    }

    /// RFC 8628, 3.5.
    fn not_yet(&self, session: &Session, error: &str) -> Answer {
        let mut progress = session.progress();
        match error {
            "authorization_pending" => {}
            "slow_down" => {
                if let Some(waiting) = progress.device.as_mut() {
                    waiting.interval_s = waiting.interval_s.saturating_add(5).min(300);
                    waiting.next = waiting.after(self.now);
                }
            }
            _ => {
                progress.device = None;
                return Err(Trouble::Elsewhere("provider_refused"));
            }
        }
        drop(progress);
        Ok(self.progress("pending", "page_pending", session))
    }

    fn progress(&self, word: &str, text: &str, session: &Session) -> Response<GateBody> {
        if self.as_json() {
            return json(StatusCode::OK, &object!({"status": word}));
        }
        let page = Page::new(self.lang, "page_title").text(text, &[]);
        let page = if word == "pending" {
            page.link(&format!("/cure/{}/device", session.id), "page_device_check", &[])
        } else {
            page
        };
        page.answer(StatusCode::OK)
    }
}
