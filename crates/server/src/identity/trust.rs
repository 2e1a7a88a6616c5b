//! The trust registry as the gateway holds it: what `people` reads, and beside it where keys are fetched, where opaque
//! tokens are asked about, and whose account an issuer's people belong to.

use super::sts::Sts;
use arc_swap::ArcSwap;
use people::{BadRegistry, IssuerKind, Profile, Registry, Verifier};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use terms::AccountId;

/// The registry cannot be used. The operator's file has to be mended.
#[derive(Debug, thiserror::Error)]
pub enum BadTrust {
    /// What `people` says of it.
    #[error(transparent)]
    Registry(#[from] BadRegistry),
    /// A member of the gateway's own is missing or of the wrong form.
    #[error("the trust registry cannot be read: {0}")]
    Form(#[from] serde_json::Error),
    /// The registry names the gateway's own exchange.
    #[error("issuer `{0}` is the gateway's own token exchange; it registers itself, so leave it out")]
    OwnExchange(String),
    /// A secret that an issuer refers to is not configured.
    #[error("issuer `{iss}` refers to the secret `{name}`; add it under [identity.secrets]")]
    NoSecret {
        /// The issuer.
        iss: String,
        /// The name of the secret.
        name: String,
    },
}

/// What the gateway knows of an issuer beside its keys and entitlements.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Listed {
    /// Its identifier.
    pub iss: String,
    /// Where its keys are published.
    pub jwks_uri: Option<String>,
    /// Where its opaque tokens are asked about.
    pub introspection: Option<Introspection>,
    /// How people sign in there.
    pub sign_in: Option<SignIn>,
    /// How a vendor is sent to, and its messages known.
    pub kyc: Option<Kyc>,
    /// Whose evidence it gives.
    #[serde(default)]
    pub accounts: Vec<Mapping>,
}

/// An introspection endpoint (RFC 7662) and the gateway's registration there.
#[derive(Clone, Debug, Deserialize)]
pub struct Introspection {
    /// The endpoint.
    pub url: String,
    /// The gateway's client id.
    pub client_id: String,
    /// Name of the client secret in `[identity.secrets]`.
    pub secret: String,
}

/// The gateway's registration with an OpenID provider.
#[derive(Clone, Debug, Deserialize)]
pub struct SignIn {
    /// The gateway's client id.
    pub client_id: String,
    /// Name of the client secret in `[identity.secrets]`.
    pub secret: String,
    /// What is asked for; `openid` at least.
    #[serde(default = "openid")]
    pub scope: String,
}

fn openid() -> String {
    "openid".to_owned()
}

/// A vendor that looks at documents and reports to the control port.
#[derive(Clone, Debug, Deserialize)]
pub struct Kyc {
    /// Its name in the address of its messages, `/v1/kyc/NAME`.
    pub name: String,
    /// Name of the secret that signs its messages, in `[identity.secrets]`.
    pub secret: String,
    /// Where a person begins; `{reference}` stands for the one-time reference.
    pub start: String,
}

/// The account that an issuer's people belong to.
#[derive(Clone, Debug, Deserialize)]
pub struct Mapping {
    /// Only tokens of this client; absent = every client.
    pub client_id: Option<String>,
    /// The account.
    pub account: AccountId,
}

/// Verifier and lists, replaced together with the keys they rest on.
pub struct Trust {
    written: Mutex<Value>,
    listed: BTreeMap<String, Listed>,
    profile: Profile,
    verifier: ArcSwap<Verifier>,
}

#[derive(Deserialize)]
struct Lists {
    issuers: Vec<Listed>,
}

impl Trust {
    /// Reads the registry and adds the gateway's own exchange to it.
    ///
    /// # Errors
    /// [`BadTrust`]: the whole registry is refused, never a part of it.
    pub fn read(text: &[u8], profile: Profile, sts: &Sts) -> Result<Self, BadTrust> {
        // Strict first: what follows would let a repeated member pass.
        Registry::from_json(text)?;
        let lists: Lists = serde_json::from_slice(text)?;
        let listed: BTreeMap<String, Listed> =
            lists.issuers.into_iter().map(|one| (one.iss.clone(), one)).collect();
        if listed.contains_key(sts.iss()) {
            return Err(BadTrust::OwnExchange(sts.iss().to_owned()));
        }
        let mut written: Value = serde_json::from_slice(text)?;
        if let Some(issuers) = written.get_mut("issuers").and_then(Value::as_array_mut) {
            issuers.push(sts.entry());
        }
        let verifier = ArcSwap::from_pointee(verifier(&written, &profile)?);
        Ok(Self { written: Mutex::new(written), listed, profile, verifier })
    }

    /// The verifier under the keys known now.
    pub fn verifier(&self) -> Arc<Verifier> {
        self.verifier.load_full()
    }

    /// What is listed of an issuer.
    pub fn listed(&self, iss: &str) -> Option<&Listed> {
        self.listed.get(iss)
    }

    /// Issuers with an introspection endpoint, in order of identifier.
    pub fn introspecting(&self) -> impl Iterator<Item = (&Listed, &Introspection)> {
        self.listed.values().filter_map(|one| Some((one, one.introspection.as_ref()?)))
    }

    /// The secrets that issuers refer to, with the issuer.
    pub(super) fn secrets_used(&self) -> impl Iterator<Item = (&str, &str)> {
        self.listed.values().flat_map(|one| {
            let introspection = one.introspection.iter().map(|it| &it.secret);
            let sign_in = one.sign_in.iter().map(|it| &it.secret);
            let all = introspection.chain(sign_in).chain(one.kyc.iter().map(|it| &it.secret));
            all.map(|secret| (one.iss.as_str(), secret.as_str()))
        })
    }

    /// Issuers that speak for an account, in order of identifier.
    pub fn speaking_for(&self, account: &AccountId) -> impl Iterator<Item = &Listed> {
        let speaks = |one: &&Listed| one.accounts.iter().any(|mapping| mapping.account == *account);
        self.listed.values().filter(speaks)
    }

    /// The vendor whose messages come to this name.
    pub fn vendor(&self, name: &str) -> Option<(&Listed, &Kyc)> {
        self.listed.values().find_map(|one| Some((one, one.kyc.as_ref().filter(|kyc| kyc.name == name)?)))
    }

    /// The account of a person whom this issuer knows, through this client.
    pub fn account(&self, iss: &str, client_id: Option<&str>) -> Option<&AccountId> {
        let mappings = &self.listed.get(iss)?.accounts;
        let named =
            |mapping: &&Mapping| mapping.client_id.is_some() && mapping.client_id.as_deref() == client_id;
        let any = || mappings.iter().find(|mapping| mapping.client_id.is_none());
        mappings.iter().find(named).or_else(any).map(|mapping| &mapping.account)
    }

    /// Every account that some issuer speaks for.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountId> {
        self.listed.values().flat_map(|one| &one.accounts).map(|mapping| &mapping.account)
    }

    /// The issuers of these kinds that speak for an account, in order of identifier.
    pub fn issuers_for(&self, account: &AccountId, kinds: &[IssuerKind]) -> Vec<String> {
        let verifier = self.verifier();
        let speaks = |one: &&Listed| one.accounts.iter().any(|mapping| mapping.account == *account);
        let of_kind =
            |one: &&Listed| verifier.registry().issuer(&one.iss).is_some_and(|it| kinds.contains(it.kind()));
        self.listed.values().filter(speaks).filter(of_kind).map(|one| one.iss.clone()).collect()
    }

    /// Puts a fetched key set in place of an issuer's keys.
    ///
    /// # Errors
    /// The set is not strict JSON, no key set, or over a bound; the old keys stay.
    pub fn replace_keys(&self, iss: &str, jwks: &[u8]) -> Result<(), BadTrust> {
        let jwks = strict_key_set(jwks)?;
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = written.clone();
        let issuers = next.get_mut("issuers").and_then(Value::as_array_mut);
        let entry = issuers.into_iter().flatten().find(|one| one.get("iss").is_some_and(|it| it == iss));
        if let Some(entry) = entry {
            entry["jwks"] = jwks;
        }
        self.verifier.store(Arc::new(verifier(&next, &self.profile)?));
        *written = next;
        Ok(())
    }
}

fn verifier(written: &Value, profile: &Profile) -> Result<Verifier, BadTrust> {
    let registry = Registry::from_json(written.to_string().as_bytes())?;
    Ok(Verifier::new(registry, profile.clone()))
}

/// Reads a key set as strictly as the registry is read: as that of an issuer that may do nothing.
fn strict_key_set(jwks: &[u8]) -> Result<Value, BadTrust> {
    let value: Value = serde_json::from_slice(jwks)?;
    let head = br#"{"issuers":[{"iss":"x","kind":"none","algs":[],"max_strength":"S0","jwks":"#;
    Registry::from_json(&[head, jwks, b"}]}"].concat())?;
    Ok(json!({ "keys": value.get("keys") }))
}

#[cfg(test)]
mod tests {
    use super::super::exchange_keys::ExchangeKeys;
    use super::*;

    const TRUST: &str = r#"{"issuers": [
        {"iss": "https://idp.test", "kind": "oidc", "algs": ["ES256"], "max_strength": "S4",
         "accounts": [{"client_id": "app", "account": "acme"}, {"account": "other"}]},
        {"iss": "https://hr.test", "kind": "employer", "algs": ["EdDSA"], "max_strength": "S2",
         "accounts": [{"account": "acme"}]}
    ]}"#;

    fn sts() -> Sts {
        let dir = tempfile::tempdir().unwrap();
        Sts::new("https://gate.test", ExchangeKeys::open(dir.path(), terms::Instant::from_micros(0)).unwrap())
    }

    fn trust() -> Trust {
        let sts = sts();
        Trust::read(TRUST.as_bytes(), Profile::default(), &sts).unwrap()
    }

    #[test]
    fn an_issuer_speaks_for_the_account_its_client_is_mapped_to() {
        let trust = trust();
        let account = |iss, client| trust.account(iss, client).map(AccountId::as_str);
        assert_eq!(account("https://idp.test", Some("app")), Some("acme"));
        assert_eq!(account("https://idp.test", Some("new")), Some("other"));
        assert_eq!(account("https://idp.test", None), Some("other"));
        assert_eq!(account("https://unknown.test", None), None);
        let acme = AccountId::parse("acme").unwrap();
        assert_eq!(trust.issuers_for(&acme, &[IssuerKind::Employer]), ["https://hr.test"]);
    }

    #[test]
    fn a_key_set_that_is_not_strict_leaves_the_old_keys() {
        let trust = trust();
        let before = trust.verifier();
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        for bad in [
            "",
            "{}",
            "[]",
            r#"{"keys": [], "keys": []}"#,
            &format!(
                r#"{{"keys": [{{"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "{x}", "d": "{x}"}}]}}"#
            ),
            r#"{"keys": []}]}, {"iss": "https://evil.test""#,
        ] {
            assert!(trust.replace_keys("https://hr.test", bad.as_bytes()).is_err(), "{bad}");
            assert!(Arc::ptr_eq(&before, &trust.verifier()), "{bad}");
        }
        let good = format!(r#"{{"keys": [{{"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "{x}"}}]}}"#);
        trust.replace_keys("https://hr.test", good.as_bytes()).unwrap();
        let now = trust.verifier();
        assert!(now.registry().issuer("https://hr.test").unwrap().key("a").is_some());
        assert!(now.registry().issuer("https://idp.test").unwrap().key("a").is_none());
    }

    #[test]
    fn the_gateways_own_exchange_cannot_be_registered() {
        let sts = sts();
        let own = r#"{"issuers": [{"iss": "https://gate.test/oauth", "kind": "sts", "algs": [], "max_strength": "S4"}]}"#;
        assert!(matches!(
            Trust::read(own.as_bytes(), Profile::default(), &sts),
            Err(BadTrust::OwnExchange(_))
        ));
    }
}
