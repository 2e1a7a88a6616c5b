//! A gateway with three issuers, and the keys to sign for them. For tests.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use terms::Instant;

use crate::jose::{Jwk, encode};
use crate::{Presented, Profile, Registry, Scheme, Verifier, json};

/// The clock of the tests, Unix seconds.
pub(crate) const NOW: i64 = 1_900_000_000;
pub(crate) const GATEWAY: &str = "https://gateway.test";
pub(crate) const URL: &str = "https://gateway.test/v1/messages";
pub(crate) const IDP: &str = "https://idp.test";
pub(crate) const EMPLOYER: &str = "https://sso.test";
pub(crate) const STS: &str = "https://gateway.test/sts";

pub(crate) fn now() -> Instant {
    Instant::from_micros(NOW * 1_000_000)
}

/// A private key.
pub(crate) enum Signer {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

impl Signer {
    pub(crate) fn es256() -> Self {
        Self::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(crate) fn ed_dsa() -> Self {
        Self::EdDsa(Ed25519KeyPair::generate().unwrap())
    }

    pub(crate) fn alg(&self) -> &'static str {
        match self {
            Self::Es256(_) => "ES256",
            Self::EdDsa(_) => "EdDSA",
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        match self {
            Self::Es256(pair) => {
                let point = pair.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "x": encode(&point[1..33]), "y": encode(&point[33..])})
            }
            Self::EdDsa(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref())})
            }
        }
    }

    /// As an entry of a key set.
    pub(crate) fn registered(&self, kid: &str) -> Value {
        let mut jwk = self.jwk();
        jwk["kid"] = json!(kid);
        jwk
    }

    pub(crate) fn jkt(&self) -> String {
        let value = json::parse(self.jwk().to_string().as_bytes()).unwrap();
        Jwk::read(&value).unwrap().thumbprint().as_str().to_owned()
    }

    pub(crate) fn sign(&self, header: &Value, payload: &Value) -> String {
        let input =
            format!("{}.{}", encode(header.to_string().as_bytes()), encode(payload.to_string().as_bytes()));
        let signature = match self {
            Self::Es256(pair) => pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap().as_ref().to_vec(),
            Self::EdDsa(pair) => pair.sign(input.as_bytes()).as_ref().to_vec(),
        };
        format!("{input}.{}", encode(&signature))
    }

    /// A DPoP proof for a token and the request of [`presented`].
    pub(crate) fn proof(&self, token: &str, edit: impl FnOnce(&mut Value, &mut Value)) -> String {
        let mut header = json!({"alg": self.alg(), "typ": "dpop+jwt", "jwk": self.jwk()});
        let ath = encode(&Sha256::digest(token));
        let mut payload = json!({"jti": "p-1", "htm": "POST", "htu": URL, "iat": NOW, "ath": ath});
        edit(&mut header, &mut payload);
        self.sign(&header, &payload)
    }
}

/// The gateway and the private keys of its issuers.
pub(crate) struct Bench {
    pub(crate) verifier: Verifier,
    pub(crate) idp: Signer,
    pub(crate) employer: Signer,
    pub(crate) sts: Signer,
    pub(crate) holder: Signer,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let (idp, employer, sts) = (Signer::es256(), Signer::ed_dsa(), Signer::ed_dsa());
        let trust = json!({"issuers": [
            {"iss": IDP, "kind": "oidc", "jwks": {"keys": [idp.registered("idp-1")]}, "algs": ["ES256"],
             "max_strength": "S4", "may_assert": ["nationalities"],
             "trust_frameworks": {"eidas": {"high": "S4", "low": "S1"}, "aml": {"*": "S3"}}},
            {"iss": EMPLOYER, "kind": "employer", "jwks": {"keys": [employer.registered("emp-1")]}, "algs": ["EdDSA"],
             "max_strength": "S2", "may_assert": ["nationalities", "us_person"], "complete_for": ["us_person"],
             "org": "org-1", "api_keys": ["ak_1", "ak_2"], "max_ttl_s": 300, "subject_prefix": "e:"},
            {"iss": STS, "kind": "sts", "jwks": {"keys": [sts.registered("sts-1")]}, "algs": ["EdDSA"],
             "max_strength": "S4", "may_assert": ["us_person"]},
        ]});
        let registry = Registry::from_json(trust.to_string().as_bytes()).unwrap();
        let profile = Profile { gateway: GATEWAY.to_owned(), ..Profile::default() };
        Self { verifier: Verifier::new(registry, profile), idp, employer, sts, holder: Signer::es256() }
    }

    /// An access token of the identity provider, after an edit of header and payload.
    pub(crate) fn access(&self, edit: impl FnOnce(&mut Value, &mut Value)) -> String {
        let mut header = json!({"alg": "ES256", "typ": "at+jwt", "kid": "idp-1"});
        let mut payload = json!({
            "iss": IDP, "sub": "u-1", "aud": GATEWAY, "client_id": "c-1", "iat": NOW - 10, "exp": NOW + 600,
            "jti": "t-1", "verified_claims": verified("high", &["DE"]),
        });
        edit(&mut header, &mut payload);
        self.idp.sign(&header, &payload)
    }

    /// An end-user assertion of the employer.
    pub(crate) fn assertion(&self, edit: impl FnOnce(&mut Value, &mut Value)) -> String {
        let mut header = json!({"alg": "EdDSA", "typ": "douane-eua+jwt", "kid": "emp-1"});
        let mut payload = json!({
            "iss": EMPLOYER, "sub": "e:7", "aud": GATEWAY, "iat": NOW - 10, "exp": NOW + 110, "jti": "a-1",
            "org": "org-1", "api_key_id": "ak_1", "claims": {"us_person": true},
        });
        edit(&mut header, &mut payload);
        self.employer.sign(&header, &payload)
    }

    /// A token of the gateway's own exchange, bound to the holder's key.
    pub(crate) fn exchanged(&self, edit: impl FnOnce(&mut Value)) -> String {
        let mut payload = json!({
            "iss": STS, "sub": "p-1", "aud": GATEWAY, "client_id": "c-1", "iat": NOW - 10, "exp": NOW + 600,
            "jti": "x-1", "act": {"sub": "agent", "act": {"sub": "ak_1"}}, "cnf": {"jkt": self.holder.jkt()},
            "douane_evidence": {"strength": "S3", "predicates": {"us_person": "yes"}, "valid_until": NOW + 60},
        });
        edit(&mut payload);
        self.sts.sign(&json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "sts-1"}), &payload)
    }
}

/// A `verified_claims` object under eIDAS.
pub(crate) fn verified(level: &str, nationalities: &[&str]) -> Value {
    json!({
        "verification": {"trust_framework": "eidas", "assurance_level": level, "time": "2029-01-01T00:00:00Z"},
        "claims": {"nationalities": nationalities},
    })
}

/// A request with a bearer token.
pub(crate) fn bearer(token: &str) -> Presented<'_> {
    Presented {
        scheme: Scheme::Bearer,
        token,
        dpop: &[],
        client_certificate: None,
        method: "POST",
        url: URL,
        nonce: None,
        api_key: None,
    }
}

/// A request with a DPoP-bound token and its proofs.
pub(crate) fn proven<'a>(token: &'a str, dpop: &'a [&'a str]) -> Presented<'a> {
    Presented { scheme: Scheme::Dpop, dpop, ..bearer(token) }
}
