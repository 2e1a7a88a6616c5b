//! Issuers, a holder and a wallet, all with keys of their own.

use std::cell::Cell;
use std::collections::BTreeMap;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::certificates::{Key as EcKey, Spec, pem};
use crate::changed;

/// 2027-01-15T08:00:00Z.
pub const NOW: i64 = 1_800_000_000;
pub const GATEWAY: &str = "https://gate.other.test";
pub const URL: &str = "https://gate.other.test/v1/messages";
pub const CLIENT_ID: &str = "x509_san_dns:gate.other.test";
pub const NONCE: &str = "nonce-of-another-request";
pub const API_KEY: &str = "ak_works";
pub const IDP: &str = "https://login.other.test";
pub const BANK: &str = "https://bank.other.test";
pub const EMPLOYER: &str = "https://works.other.test";
pub const RIVAL: &str = "https://rival.other.test";
pub const STS: &str = "https://gate.other.test/sts";
pub const PID: &str = "https://pid.other.test";
pub const WALLET: &str = "https://wallet.other.test";
pub const LIST: &str = "https://pid.other.test/status/9";

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// As the open set has it.
pub fn profile() -> Value {
    json!({
        "clock_skew_s": 60, "dpop_max_age_s": 300, "kb_max_age_s": 300, "max_act_depth": 3, "bearer_cap": "S2",
        "verification_max_age_s": 157_680_000, "allowed_algs": ["ES256", "EdDSA", "RS256"], "sd_alg": ["sha-256"],
        "pid_vct": ["urn:eudi:pid:1"],
        "predicate_vct": ["urn:douane:us-person:1", "urn:douane:not-national-of:1"],
        "pid_doctype": "eu.europa.ec.eudi.pid.1", "emrtd_unbound_cap": "S1", "status_list_max_bytes": 4096,
        "at_issuer_kinds": ["oidc", "kyc", "sts"],
    })
}

/// A private key.
pub enum Key {
    Ec(EcKey),
    Ed(Ed25519KeyPair),
}

impl Key {
    pub fn ec() -> Self {
        Self::Ec(EcKey::new())
    }

    pub fn ed() -> Self {
        Self::Ed(Ed25519KeyPair::generate().unwrap())
    }

    pub fn alg(&self) -> &'static str {
        match self {
            Self::Ec(_) => "ES256",
            Self::Ed(_) => "EdDSA",
        }
    }

    /// The public half.
    pub fn jwk(&self) -> Value {
        match self {
            Self::Ec(key) => {
                let (x, y) = (encode(&key.point[1..33]), encode(&key.point[33..]));
                json!({"kty": "EC", "crv": "P-256", "x": x, "y": y})
            }
            Self::Ed(key) => json!({"kty": "OKP", "crv": "Ed25519", "x": encode(key.public_key().as_ref())}),
        }
    }

    /// RFC 7638.
    pub fn jkt(&self) -> String {
        let members: BTreeMap<String, Value> = serde_json::from_value(self.jwk()).unwrap();
        encode(Sha256::digest(serde_json::to_string(&members).unwrap()))
    }

    /// Signs texts as they stand.
    pub fn sign_texts(&self, header: &str, payload: &str) -> String {
        let input = format!("{}.{}", encode(header), encode(payload));
        let signature = match self {
            Self::Ec(key) => key.sign_fixed(input.as_bytes()),
            Self::Ed(key) => key.sign(input.as_bytes()).as_ref().to_vec(),
        };
        format!("{input}.{}", encode(signature))
    }

    pub fn sign(&self, header: &Value, payload: &Value) -> String {
        self.sign_texts(&header.to_string(), &payload.to_string())
    }
}

pub struct World {
    pub idp: Key,
    bank: Key,
    pub employer: Key,
    rival: Key,
    sts: Key,
    pub client: Key,
    pub thief: Key,
    pub holder: Key,
    anchor: EcKey,
    pub signer: Key,
    leaf: Vec<u8>,
    next: Cell<u32>,
}

impl World {
    pub fn new() -> Self {
        let (anchor, signer) = (EcKey::new(), EcKey::new());
        let uris = vec![PID, WALLET];
        let leaf = Spec { dns: vec!["pid.other.test"], uris, ..Spec::leaf() }.signed(&signer, &anchor);
        Self {
            idp: Key::ec(),
            bank: Key::ed(),
            employer: Key::ed(),
            rival: Key::ec(),
            sts: Key::ed(),
            client: Key::ec(),
            thief: Key::ed(),
            holder: Key::ec(),
            anchor,
            signer: Key::Ec(signer),
            leaf,
            next: Cell::new(0),
        }
    }

    /// Something said once.
    pub fn once(&self) -> String {
        format!("once-{}", self.next.replace(self.next.get() + 1))
    }

    pub fn trust(&self) -> Value {
        let frameworks = json!({"eidas": {"low": "S1", "substantial": "S3", "high": "S4"}});
        let oidc = |iss: &str, key: &Key, max: &str, frameworks: Value| {
            json!({"iss": iss, "kind": "oidc", "algs": [key.alg()], "max_strength": max, "jwks": jwks(key),
                "trust_frameworks": frameworks, "may_assert": ["nationalities"], "complete_for": []})
        };
        let employer = |iss: &str, key: &Key, org: &str, api_key: &str, prefix: &str, claims: Value| {
            json!({"iss": iss, "kind": "employer", "algs": [key.alg()], "max_strength": "S2", "jwks": jwks(key),
                "org": org, "api_keys": [api_key], "may_assert": claims, "complete_for": claims,
                "max_ttl_s": 300, "subject_prefix": prefix})
        };
        let all = json!(["nationalities", "us_person", "not_national_of"]);
        let wallet = |iss: &str, kind: &str, claims: Value, complete: Value| {
            json!({"iss": iss, "kind": kind, "x5c_anchor": "ca", "algs": ["ES256"], "max_strength": "S4",
                "may_assert": claims, "complete_for": complete})
        };
        let sts = json!({"iss": STS, "kind": "sts", "algs": ["EdDSA"], "max_strength": "S4",
            "jwks": jwks(&self.sts), "may_assert": all, "complete_for": []});
        json!({
            "issuers": [
                oidc(IDP, &self.idp, "S4", frameworks),
                changed(
                    oidc(BANK, &self.bank, "S3", json!({"de_aml": {"*": "S4", "weak": "S1"}})),
                    &json!({"max_ttl_s": 660}),
                ),
                employer(EMPLOYER, &self.employer, "works", API_KEY, "w:", all.clone()),
                employer(RIVAL, &self.rival, "rival", "ak_rival", "r:", json!(["us_person"])),
                sts,
                wallet(PID, "pid", json!(["nationalities"]), json!([])),
                wallet(WALLET, "wallet_derived", json!(["us_person", "not_national_of"]), json!(["us_person"])),
            ],
            "anchors": {"ca": pem(&Spec::anchor().signed(&self.anchor, &self.anchor))},
        })
    }

    /// A sound access token, changed.
    pub fn access(&self, header: &Value, payload: &Value) -> String {
        self.idp.sign(&changed(self.access_header(), header), &changed(self.access_payload(), payload))
    }

    pub fn access_header(&self) -> Value {
        json!({"alg": "ES256", "typ": "at+jwt", "kid": "k"})
    }

    pub fn access_payload(&self) -> Value {
        json!({"iss": IDP, "sub": "u-1", "aud": GATEWAY, "client_id": "c-1", "iat": NOW - 60, "exp": NOW + 600,
            "jti": self.once(), "verified_claims": verified("eidas", "high", &["DE"])})
    }

    /// A token of the bank, whose framework has a level for everything.
    pub fn of_bank(&self, payload: &Value) -> String {
        let own = json!({"iss": BANK, "verified_claims": verified("de_aml", "any", &["DE"])});
        let payload = changed(changed(self.access_payload(), &own), payload);
        self.bank.sign(&changed(self.access_header(), &json!({"alg": "EdDSA"})), &payload)
    }

    /// An organisation's assertion, changed.
    pub fn assertion(&self, header: &Value, payload: &Value) -> String {
        let plain = json!({"iss": EMPLOYER, "sub": "w:1", "aud": GATEWAY, "iat": NOW - 5, "exp": NOW + 100,
            "org": "works", "api_key_id": API_KEY, "jti": self.once(), "claims": {"us_person": true}});
        let head = json!({"alg": "EdDSA", "typ": "douane-eua+jwt", "kid": "k"});
        self.employer.sign(&changed(head, header), &changed(plain, payload))
    }

    /// The other organisation's.
    pub fn of_rival(&self, payload: &Value) -> String {
        let plain = json!({"iss": RIVAL, "sub": "r:1", "aud": GATEWAY, "iat": NOW - 5, "exp": NOW + 100,
            "org": "rival", "api_key_id": "ak_rival", "jti": self.once(), "claims": {"us_person": true}});
        let head = json!({"alg": "ES256", "typ": "douane-eua+jwt", "kid": "k"});
        self.rival.sign(&head, &changed(plain, payload))
    }

    /// A token of the gateway's own exchange, bound to the client.
    pub fn exchanged(&self, payload: &Value) -> String {
        let plain = json!({"iss": STS, "sub": "pw:1", "aud": GATEWAY, "client_id": "c-1", "iat": NOW - 60,
            "exp": NOW + 600, "jti": self.once(), "act": {"sub": API_KEY}, "cnf": {"jkt": self.client.jkt()},
            "douane_evidence": {"strength": "S2", "predicates": {"us_person": "yes"}, "valid_until": NOW + 900}});
        let head = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "k"});
        self.sts.sign(&head, &changed(plain, payload))
    }

    /// A proof of the client's for a token, changed.
    pub fn proof(&self, token: &str, header: &Value, payload: &Value) -> String {
        proof_by(&self.client, token, header, payload, self.once())
    }

    /// The header of what the wallet issuers sign.
    pub fn wallet_header(&self, typ: &str) -> Value {
        json!({"alg": "ES256", "typ": typ, "x5c": [STANDARD.encode(&self.leaf)]})
    }
}

pub fn proof_by(key: &Key, token: &str, header: &Value, payload: &Value, jti: String) -> String {
    let head = json!({"alg": key.alg(), "typ": "dpop+jwt", "jwk": key.jwk()});
    let ath = encode(Sha256::digest(token));
    let plain = json!({"jti": jti, "htm": "POST", "htu": URL, "iat": NOW - 5, "ath": ath});
    key.sign(&changed(head, header), &changed(plain, payload))
}

fn jwks(key: &Key) -> Value {
    json!({"keys": [changed(key.jwk(), &json!({"kid": "k", "use": "sig", "alg": key.alg()}))]})
}

pub fn verified(framework: &str, level: &str, countries: &[&str]) -> Value {
    json!({
        "verification": {"trust_framework": framework, "assurance_level": level, "time": "2026-12-01T10:00:00Z"},
        "claims": {"nationalities": countries},
    })
}
