//! From the head of a request to a caller, or to the refusal.

use super::tokens::Token;
use super::trust::Trust;
use super::who::{Caller, Known, Proof};
use super::{Identity, Peer, tokens};
use crate::directory::Credential;
use crate::house::House;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use people::{IssuerKind, Refusal as NoEvidence};
use std::sync::Arc;
use terms::{AccountId, Instant, PersonId, SubjectKind};
use wire::code::Code;
use wire::refusal::{Refusal, Scheme, Shown};

/// The header of the organisation's assertion about the end user.
const END_USER: &str = "douane-end-user";

/// The credentials in a head.
#[derive(Debug, Default)]
pub(super) struct Offered<'a> {
    pub(super) key: Option<&'a str>,
    pub(super) token: Option<(people::Scheme, &'a str)>,
    pub(super) end_user: Option<&'a str>,
    pub(super) dpop: Vec<&'a str>,
}

impl<'a> Offered<'a> {
    /// `None` when the head names two callers, or none.
    pub(super) fn of(headers: &'a HeaderMap) -> Option<Self> {
        let mut offered = Self { dpop: texts(headers, "dpop")?, ..Self::default() };
        for line in headers.get_all(AUTHORIZATION) {
            let (scheme, text) = line.to_str().ok()?.split_once(' ')?;
            let text = text.trim();
            let scheme = match scheme {
                _ if scheme.eq_ignore_ascii_case("bearer") => people::Scheme::Bearer,
                _ if scheme.eq_ignore_ascii_case("dpop") => people::Scheme::Dpop,
                _ => return None,
            };
            if scheme == people::Scheme::Bearer && store::parse_key(text).is_ok() {
                offered.add_key(text)?;
            } else if offered.token.replace((scheme, text)).is_some() {
                return None;
            }
        }
        for key in texts(headers, "x-api-key")? {
            offered.add_key(key)?;
        }
        let end_users = texts(headers, END_USER)?;
        offered.end_user = end_users.first().copied();
        let one = end_users.len() <= 1 && (offered.key.is_some() || offered.token.is_some());
        one.then_some(offered)
    }

    /// Two different keys would be two callers.
    fn add_key(&mut self, key: &'a str) -> Option<()> {
        match self.key {
            Some(known) if known != key => None,
            _ => {
                self.key = Some(key);
                Some(())
            }
        }
    }
}

fn texts<'a>(headers: &'a HeaderMap, name: &str) -> Option<Vec<&'a str>> {
    headers.get_all(name).iter().map(|value: &HeaderValue| value.to_str().ok()).collect()
}

/// Who calls.
pub(crate) async fn identify(house: &Arc<House>, parts: &Parts) -> Result<Arc<Caller>, Box<Refusal>> {
    let unknown = || Box::new(Refusal::new(Code::InvalidApiKey, ""));
    let offered = Offered::of(&parts.headers).ok_or_else(unknown)?;
    let on_file = match offered.key {
        Some(key) => Some(find(house, key).ok_or_else(unknown)?),
        None => None,
    };
    let peer = parts.extensions.get::<Peer>();
    let place = house.places.as_ref().and_then(|places| places.of(peer, &parts.headers));
    let Some(identity) = &house.identity else {
        let key = on_file.filter(|_| offered.token.is_none()).ok_or_else(unknown)?;
        return Ok(Arc::new(Caller::of_key(key.key).seen_at(place)));
    };
    let door = Door { house, identity, parts, offered: &offered, on_file: on_file.as_deref() };
    let caller = match (offered.token, offered.end_user, &on_file) {
        (Some(token), None, _) => door.token(token).await,
        // A token and an assertion would be two people.
        (Some(_), Some(_), _) => Err(NoEvidence::Malformed("token and assertion")),
        (None, Some(assertion), Some(key)) => door.end_user(assertion, key).await,
        (None, _, Some(key)) => Ok(Caller::of_key(key.key)),
        (None, _, None) => return Err(unknown()),
    };
    caller
        .map(|caller| Arc::new(caller.seen_at(place)))
        .map_err(|refusal| Box::new(identity.refusal(&refusal, &offered, door.now())))
}

/// What a request with this head would be decided on; none where it names no caller that is known and believed.
pub async fn resolve(house: &Arc<House>, parts: &Parts) -> Option<Arc<Credential>> {
    identify(house, parts).await.ok()?.now(house).map(|(credential, _)| credential)
}

/// What is on file for the text of a key.
pub(super) fn find(house: &House, key: &str) -> Option<Arc<Credential>> {
    let hash = house.hasher.hash(store::parse_key(key).ok()?);
    house.directory.load().find_at(&hash, house.clock.read().at)
}

struct Door<'a> {
    house: &'a Arc<House>,
    identity: &'a Arc<Identity>,
    parts: &'a Parts,
    offered: &'a Offered<'a>,
    on_file: Option<&'a Credential>,
}

impl Door<'_> {
    fn now(&self) -> Instant {
        self.house.clock.read().at
    }

    /// A token of an identity provider or of the gateway's own exchange.
    async fn token(&self, (scheme, token): (people::Scheme, &str)) -> Result<Caller, NoEvidence> {
        let key = self.on_file.map(|key| (key, self.house.files.load().key_id(&key.key)));
        let token = Token {
            scheme,
            token,
            dpop: &self.offered.dpop,
            method: self.parts.method.as_str(),
            url: self.identity.url(self.parts.uri.path()),
            api_key: key.as_ref().map(|(_, id)| &**id),
        };
        let known = self.identity.known(&token, self.now()).await?;
        if key.is_some_and(|(key, _)| key.account != known.account) {
            return Err(NoEvidence::BindingMismatch("the API key is another account's"));
        }
        let scheme = if scheme == people::Scheme::Dpop { Scheme::Dpop } else { Scheme::Bearer };
        let key = self.on_file.map(|key| key.key);
        Ok(Caller::proven(Proof { known, key, scheme }))
    }

    /// The organisation's assertion about the end user of one of its keys.
    async fn end_user(&self, assertion: &str, key: &Credential) -> Result<Caller, NoEvidence> {
        let id = self.house.files.load().key_id(&key.key);
        let (now, replay) = (self.now(), &self.identity.replay);
        let evidence = self
            .identity
            .with_fresh_keys(now, |verifier| {
                verifier.end_user_assertion(Some(assertion), Some(&id), now, replay)
            })
            .await?;
        self.identity.trust.speaks_for(evidence.issuer(), &key.account)?;
        let sub = evidence.subject().unwrap_or_default();
        let account = key.account.clone();
        let person = self.identity.person(&account, evidence.issuer(), sub);
        let named = PersonId::parse(sub).ok();
        let known = Arc::new(Known::new(Arc::new(evidence), account, person, named));
        Ok(Caller::proven(Proof { known, key: Some(key.key), scheme: Scheme::EndUser }))
    }
}

impl Trust {
    /// Whether an issuer may speak of an account's people.
    pub(crate) fn speaks_for(&self, iss: &str, account: &AccountId) -> Result<(), NoEvidence> {
        let mappings = self.listed(iss).map(|listed| listed.accounts.as_slice()).unwrap_or_default();
        let speaks = mappings.iter().any(|mapping| mapping.account == *account);
        if speaks { Ok(()) } else { Err(NoEvidence::BindingMismatch("the API key is another account's")) }
    }
}

impl Identity {
    /// What the caller is told about evidence that is none.
    pub(super) fn refusal(&self, refusal: &NoEvidence, offered: &Offered<'_>, now: Instant) -> Refusal {
        tracing::info!(code = refusal.code(), detail = refusal.detail(), "evidence refused");
        let nonce = self.nonces.as_ref().map(|nonces| nonces.taken(now)[0].clone());
        if *refusal == NoEvidence::NonceMismatch && nonce.is_some() {
            return Refusal { nonce, scheme: Scheme::Dpop, ..Refusal::new(Code::UseDpopNonce, "") };
        }
        let scheme = match offered.token {
            Some((people::Scheme::Dpop, _)) => Scheme::Dpop,
            Some(_) => Scheme::Bearer,
            None => Scheme::EndUser,
        };
        Refusal { shown: Some(shown(refusal)), scheme, ..Refusal::new(Code::EvidenceRefused, "") }
    }

    /// The ways by which this account's callers can show what is missing, the quickest first.
    pub(crate) fn ways(&self, credential: &Credential) -> Vec<wire::refusal::Way> {
        use wire::refusal::{Way, WayKind};
        let account = &credential.account;
        let mut ways = Vec::new();
        let speaks = !self.trust.issuers_for(account, &[IssuerKind::Employer]).is_empty();
        if credential.facts.kind != SubjectKind::Person && speaks {
            ways.push(Way { header: Some("Douane-End-User"), ..Way::new(WayKind::EmployerAssertion, 1) });
            let token_endpoint = Some(self.url(super::TOKEN_PATH));
            ways.push(Way { token_endpoint, ..Way::new(WayKind::TokenExchange, 2) });
        }
        let issuers = self.trust.issuers_for(account, &tokens::KINDS);
        if !issuers.is_empty() {
            ways.push(Way { issuers, ..Way::new(WayKind::AccessToken, 60) });
        }
        ways
    }

    /// Whether an organisation can say who uses this key.
    pub(crate) fn asks_who(&self, credential: &Credential) -> bool {
        let shared = credential.facts.kind != SubjectKind::Person;
        shared && !self.trust.issuers_for(&credential.account, &[IssuerKind::Employer]).is_empty()
    }
}

/// The words of a refusal.
pub(crate) fn shown(refusal: &NoEvidence) -> Shown {
    Shown { code: refusal.code(), en: refusal.sentence(), ko: refusal.sentence_ko() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "dk_0000000000000000000000000000000000000000000";
    const OTHER: &str = "dk_1111111111111111111111111111111111111111111";

    fn offered(lines: &[(&'static str, String)]) -> Option<(Option<String>, Option<String>)> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        let offered = Offered::of(&headers)?;
        Some((offered.key.map(str::to_owned), offered.token.map(|(_, token)| token.to_owned())))
    }

    #[test]
    fn one_key_and_one_token_however_they_are_sent() {
        let bearer = |text: &str| ("authorization", format!("Bearer {text}"));
        let plain = |text: &str| ("x-api-key", text.to_owned());
        let key = Some((Some(KEY.to_owned()), None));
        assert_eq!(offered(&[bearer(KEY)]), key);
        assert_eq!(offered(&[plain(KEY)]), key);
        assert_eq!(offered(&[plain(KEY), ("authorization", format!("bearer {KEY}"))]), key);
        let token = Some("a.b.c".to_owned());
        assert_eq!(offered(&[bearer("a.b.c")]), Some((None, token.clone())));
        assert_eq!(offered(&[bearer("a.b.c"), plain(KEY)]), Some((Some(KEY.to_owned()), token)));
        for bad in [
            vec![],
            vec![("authorization", format!("Basic {KEY}"))],
            vec![plain(KEY), bearer(OTHER)],
            vec![plain(KEY), plain(OTHER)],
            vec![bearer("a.b.c"), bearer("a.b.d")],
            vec![bearer(KEY), ("douane-end-user", "a".into()), ("douane-end-user", "a".into())],
        ] {
            assert_eq!(offered(&bad), None, "{bad:?}");
        }
    }
}
