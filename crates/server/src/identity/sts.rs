//! The gateway's own token exchange (RFC 8693): an assertion, once, for a token that is bound to the caller's key.

use super::exchange_keys::ExchangeKeys;
use arc_swap::ArcSwap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signer as _;
use people::{Answer, Evidence, Predicate, Thumbprint, strength};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use terms::{AccountId, Instant, PersonId};

/// Life of an exchanged token, seconds.
pub const LIFE_S: i64 = 900;

/// The signer.
pub struct Sts {
    iss: String,
    audience: String,
    keys: ArcSwap<ExchangeKeys>,
    renewing: Mutex<()>,
}

/// The system gave no random bytes.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the system gave no random bytes")]
pub struct NoRandomness;

/// For whom and to what a token is made.
pub struct Made<'a> {
    /// Whose evidence it repeats.
    pub account: &'a AccountId,
    /// The person, as on file.
    pub person: &'a PersonId,
    /// The person in the account's own roster, so that an exchange leaves nothing behind that counts.
    pub named: Option<&'a PersonId>,
    /// The API key that acts for the person, by its id.
    pub actor: &'a str,
    /// The key that the token is bound to.
    pub bound_to: &'a Thumbprint,
}

impl Sts {
    /// For the gateway at this address, with these keys.
    pub fn new(audience: &str, keys: ExchangeKeys) -> Self {
        let iss = format!("{}/oauth", audience.trim_end_matches('/'));
        Self {
            iss,
            audience: audience.to_owned(),
            keys: ArcSwap::from_pointee(keys),
            renewing: Mutex::default(),
        }
    }

    /// Its identifier as an issuer.
    pub fn iss(&self) -> &str {
        &self.iss
    }

    /// Its entry in the trust registry.
    pub(super) fn entry(&self) -> Value {
        json!({
            "iss": self.iss, "kind": "sts", "algs": ["EdDSA"], "max_strength": "S4", "jwks": self.jwks(),
            "may_assert": ["nationalities", "us_person", "not_national_of"],
        })
    }

    /// Its keys, as they are published.
    pub(super) fn jwks(&self) -> Value {
        self.keys.load().jwks()
    }

    /// Replaces keys that have signed long enough. Whether they are others now.
    pub(super) fn renew(&self, now: Instant) -> bool {
        // One at a time: of two new keys, one would be lost.
        let _alone = self.renewing.lock().unwrap_or_else(PoisonError::into_inner);
        match self.keys.load().renewed(now) {
            Ok(None) => false,
            Ok(Some(keys)) => {
                self.keys.store(Arc::new(keys));
                true
            }
            Err(error) => {
                tracing::warn!(%error, "the keys of the token exchange were not renewed; the old ones stay in use");
                false
            }
        }
    }

    /// A token that repeats what the evidence answers, at its level.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn issue(&self, evidence: &Evidence, made: &Made<'_>, now: Instant) -> Result<String, NoRandomness> {
        let iat = now.as_micros().div_euclid(1_000_000);
        let until = iat.saturating_add(LIFE_S);
        let keys = self.keys.load();
        let signer = keys.newest();
        let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": signer.kid});
        let payload = json!({
            "iss": self.iss, "sub": subject(made), "aud": self.audience,
            "client_id": made.actor, "iat": iat, "exp": until, "jti": hex::encode(random()?),
            "act": {"sub": made.actor}, "cnf": {"jkt": made.bound_to.as_str()},
            "douane_evidence": {
                "strength": strength::word(evidence.level()), "predicates": predicates(evidence),
                "valid_until": until,
            },
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", part(&header), part(&payload));
        let signature = URL_SAFE_NO_PAD.encode(signer.key.sign(input.as_bytes()).to_bytes());
        Ok(format!("{input}.{signature}"))
    }
}

/// A person in a token of our own. An identifier holds no `|`.
fn subject(made: &Made<'_>) -> String {
    let named = made.named.map(PersonId::as_str).unwrap_or_default();
    format!("{}|{}|{named}", made.account, made.person)
}

/// The person of a token of our own, and as the account's own roster names that person.
pub(super) fn person_of(subject: &str) -> Option<(AccountId, PersonId, Option<PersonId>)> {
    let (account, rest) = subject.split_once('|')?;
    let (person, named) = rest.split_once('|')?;
    Some((AccountId::parse(account).ok()?, PersonId::parse(person).ok()?, PersonId::parse(named).ok()))
}

fn predicates(evidence: &Evidence) -> Map<String, Value> {
    let facts = evidence.facts();
    let shown = facts.nationalities().map(people::Nationalities::countries).unwrap_or_default();
    let national = shown.iter().map(|country| Predicate::NationalOf(*country));
    let stated = facts.statements().map(|(asked, _)| asked.clone());
    let us_person = std::iter::once(Predicate::UsPerson);
    let asked = national.chain(stated).chain(us_person);
    let answered = asked.map(|asked| (asked.to_string(), evidence.answer(&asked)));
    let known = answered.filter(|(_, answer)| *answer != Answer::Unknown);
    known.map(|(name, answer)| (name, Value::from(answer.word()))).collect()
}

/// 32 bytes of the system's random source.
pub(crate) fn random() -> Result<[u8; 32], NoRandomness> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}
