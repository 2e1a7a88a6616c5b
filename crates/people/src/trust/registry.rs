//! The trust registry: issuers with keys, entitlements and ceilings, and certificate anchors.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer};
use terms::Level;

use super::{Claim, certificates};
use crate::jose::{Alg, Jwk, PublicKey};
use crate::json::{self, Object, Value};
use crate::limits::{ISSUERS, KEYS_PER_ISSUER};
use crate::refusal::Refusal;
use crate::strength::{self, Strength};

/// What kind of party an issuer is: it decides what it may issue.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum IssuerKind {
    /// An OpenID provider.
    Oidc,
    /// A KYC vendor.
    Kyc,
    /// The gateway's own token exchange.
    Sts,
    /// An organisation that attests its people.
    Employer,
    /// A provider of person identification data.
    Pid,
    /// A wallet that derives credentials.
    WalletDerived,
    /// A kind this crate gives no right to.
    Other(String),
}

impl<'de> Deserialize<'de> for IssuerKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Ok(match word.as_str() {
            "oidc" => Self::Oidc,
            "kyc" => Self::Kyc,
            "sts" => Self::Sts,
            "employer" => Self::Employer,
            "pid" => Self::Pid,
            "wallet_derived" => Self::WalletDerived,
            _ => Self::Other(word),
        })
    }
}

/// One issuer, as registered.
#[derive(Clone, Debug, Deserialize)]
pub struct Issuer {
    iss: String,
    kind: IssuerKind,
    #[serde(default, deserialize_with = "keys")]
    jwks: BTreeMap<String, PublicKey>,
    algs: Vec<Alg>,
    #[serde(deserialize_with = "strength::deserialize")]
    max_strength: Level,
    #[serde(default)]
    trust_frameworks: BTreeMap<String, BTreeMap<String, Strength>>,
    #[serde(default)]
    may_assert: BTreeSet<Claim>,
    #[serde(default)]
    complete_for: BTreeSet<Claim>,
    org: Option<String>,
    #[serde(default)]
    api_keys: BTreeSet<String>,
    max_ttl_s: Option<i64>,
    subject_prefix: Option<String>,
    x5c_anchor: Option<String>,
}

impl Issuer {
    /// Its identifier, byte for byte.
    pub fn iss(&self) -> &str {
        &self.iss
    }

    /// Its kind.
    pub fn kind(&self) -> &IssuerKind {
        &self.kind
    }

    /// Whether it may sign with this algorithm.
    pub fn uses(&self, alg: Alg) -> bool {
        self.algs.contains(&alg)
    }

    /// The key with this `kid`.
    pub fn key(&self, kid: &str) -> Option<&PublicKey> {
        self.jwks.get(kid)
    }

    /// The ceiling of whatever it says.
    pub fn max_level(&self) -> Level {
        self.max_strength
    }

    /// Whether it may make this claim.
    pub fn may_assert(&self, claim: Claim) -> bool {
        self.may_assert.contains(&claim)
    }

    /// Whether its silence, or its "no", counts for this claim.
    pub fn complete_for(&self, claim: Claim) -> bool {
        self.complete_for.contains(&claim)
    }

    /// The organisation it speaks for.
    pub fn org(&self) -> Option<&str> {
        self.org.as_deref()
    }

    /// Whether this API key is one of its organisation's.
    pub fn owns_api_key(&self, key: &str) -> bool {
        self.api_keys.contains(key)
    }

    /// Greatest life of its assertions, seconds; 300 unless registered otherwise.
    pub fn max_ttl_s(&self) -> i64 {
        self.max_ttl_s.unwrap_or(300)
    }

    /// Greatest life of its tokens, seconds, where one is registered.
    pub fn max_token_ttl_s(&self) -> Option<i64> {
        self.max_ttl_s
    }

    /// How the subjects it may speak of begin.
    pub fn subject_prefix(&self) -> Option<&str> {
        self.subject_prefix.as_deref()
    }

    /// The name of the anchor of its certificates.
    pub fn x5c_anchor(&self) -> Option<&str> {
        self.x5c_anchor.as_deref()
    }

    /// The level that a verification has: `trust_frameworks[framework][level]`, where `*` matches any level, also a
    /// missing one. What is not registered is declared only. The ceiling is not applied here.
    pub fn assurance(&self, framework: &str, level: Option<&str>) -> Level {
        let levels = self.trust_frameworks.get(framework);
        let named = levels.and_then(|levels| levels.get(level?).or_else(|| levels.get("*")));
        let any = || levels.and_then(|levels| levels.get("*"));
        named.or_else(any).map_or(Level::SelfDeclared, |strength| strength.0)
    }
}

/// Keys by `kid`. A key without `kid`, for encryption, or of a kind that no accepted algorithm uses, can verify nothing
/// and is left out.
fn keys<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, PublicKey>, D::Error> {
    use serde::de::Error as _;
    #[derive(Deserialize)]
    struct KeySet {
        keys: Vec<serde_json::Value>,
    }
    let set = KeySet::deserialize(deserializer)?;
    if set.keys.len() > KEYS_PER_ISSUER {
        return Err(D::Error::custom("too many keys for one issuer"));
    }
    let mut keys = BTreeMap::new();
    for key in set.keys {
        let value = json::parse(key.to_string().as_bytes()).map_err(D::Error::custom)?;
        let Some((kid, key)) = signing_key(&value).map_err(D::Error::custom)? else { continue };
        if keys.insert(kid, key).is_some() {
            return Err(D::Error::custom("one `kid` for two keys"));
        }
    }
    Ok(keys)
}

fn signing_key(value: &Value) -> Result<Option<(String, PublicKey)>, Refusal> {
    let jwk = Jwk::read(value)?;
    let text = |name| value.as_object().and_then(|object: &Object| object.get(name)).and_then(Value::as_text);
    if text("use").is_some_and(|purpose| purpose != "sig") {
        return Ok(None);
    }
    Ok(text("kid").zip(jwk.key()).map(|(kid, key)| (kid.to_owned(), key.clone())))
}

/// Why a registry cannot be used. The operator's file has to be mended.
#[derive(Debug, thiserror::Error)]
pub enum BadRegistry {
    /// No strict JSON.
    #[error("the trust registry is no strict JSON: {0}")]
    Json(#[from] Refusal),
    /// A member is missing or of the wrong form.
    #[error("the trust registry cannot be read: {0}")]
    Form(#[from] serde_json::Error),
    /// The same issuer twice.
    #[error("issuer `{0}` stands twice in the trust registry; keep one entry")]
    Twice(String),
    /// An anchor is no certificate.
    #[error("anchor `{0}` is no PEM certificate")]
    Anchor(String),
    /// An issuer names an anchor that is not there.
    #[error("issuer `{iss}` names the anchor `{anchor}`, which the trust registry lacks")]
    NoAnchor {
        /// The issuer.
        iss: String,
        /// The anchor it names.
        anchor: String,
    },
    /// Over a bound.
    #[error("the trust registry has more than {ISSUERS} issuers")]
    TooMany,
}

/// Issuers by identifier, and anchors by name.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    issuers: BTreeMap<String, Issuer>,
    anchors: BTreeMap<String, Vec<Vec<u8>>>,
}

/// The written form: the vectors' `trust.json`, and `[trust]` in configuration.
#[derive(Deserialize)]
struct Written {
    issuers: Vec<Issuer>,
    #[serde(default)]
    anchors: BTreeMap<String, String>,
}

impl Registry {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`BadRegistry`]: the whole registry is refused, never a part of it.
    pub fn from_json(text: &[u8]) -> Result<Self, BadRegistry> {
        json::parse_bounded(text, 64 << 20)?;
        Self::assemble(serde_json::from_slice(text)?)
    }

    fn assemble(written: Written) -> Result<Self, BadRegistry> {
        if written.issuers.len() > ISSUERS {
            return Err(BadRegistry::TooMany);
        }
        let mut registry = Self::default();
        for (name, text) in written.anchors {
            let certificates = certificates(&text).ok_or_else(|| BadRegistry::Anchor(name.clone()))?;
            registry.anchors.insert(name, certificates);
        }
        for issuer in written.issuers {
            registry.insert(issuer)?;
        }
        Ok(registry)
    }

    fn insert(&mut self, issuer: Issuer) -> Result<(), BadRegistry> {
        if let Some(anchor) = issuer.x5c_anchor.as_ref().filter(|anchor| !self.anchors.contains_key(*anchor))
        {
            return Err(BadRegistry::NoAnchor { iss: issuer.iss.clone(), anchor: anchor.clone() });
        }
        match self.issuers.insert(issuer.iss.clone(), issuer) {
            Some(twice) => Err(BadRegistry::Twice(twice.iss)),
            None => Ok(()),
        }
    }

    /// The issuer with this identifier, byte for byte.
    pub fn issuer(&self, iss: &str) -> Option<&Issuer> {
        self.issuers.get(iss)
    }

    /// Every issuer, in order of identifier.
    pub fn issuers(&self) -> impl Iterator<Item = &Issuer> {
        self.issuers.values()
    }

    /// The certificates of an anchor, DER.
    pub fn anchor(&self, name: &str) -> Option<&[Vec<u8>]> {
        self.anchors.get(name).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests;
