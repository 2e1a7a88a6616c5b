//! An issuer, its status list and a holder, for tests.

use super::{Context, Transaction, vc};
use crate::evidence::Evidence;
use crate::jose::encode;
use crate::outside::Outside;
use crate::profile::Profile;
use crate::refusal::Refusal;
use crate::trust::Registry;
use crate::x509::Hash;
use crate::x509::samples::{Key, Spec, pem};
use serde_json::{Value, json};
use terms::Instant;

/// 2026-06-13T00:00:00Z.
pub(crate) const NOW: i64 = 1_781_308_800;
pub(crate) const PID: &str = "https://pid.test";
pub(crate) const WALLET: &str = "https://wallet.test";
/// An OpenID provider that has certificates under the same anchor and is registered for EdDSA only.
pub(crate) const PROVIDER: &str = "https://idp.test";
pub(crate) const LIST: &str = "https://lists.test/1";

/// A PID issuer and a wallet issuer under one anchor, and a holder.
pub(crate) struct World {
    pub(crate) registry: Registry,
    pub(crate) profile: Profile,
    pub(crate) anchor: Key,
    pub(crate) signer: Key,
    pub(crate) holder: Key,
    /// The PID issuer's certificate.
    pub(crate) leaf: Vec<u8>,
    /// The list that is at hand.
    pub(crate) list: Option<String>,
    pub(crate) now: i64,
}

impl Outside for World {
    fn status_list(&self, _: &str) -> Option<&str> {
        self.list.as_deref()
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let (anchor, signer, holder) = (Key::new(), Key::new(), Key::new());
        let root = pem(&Spec::anchor().signed(&anchor, &anchor));
        let issuer = |iss: &str, kind: &str, claims: Value| {
            json!({"iss": iss, "kind": kind, "x5c_anchor": "ca", "algs": [if kind == "oidc" { "EdDSA" } else { "ES256" }], "max_strength": "S4",
                "may_assert": claims, "complete_for": if kind == "pid" { json!([]) } else { claims }})
        };
        let issuers = [
            issuer(PID, "pid", json!(["nationalities"])),
            issuer(WALLET, "wallet_derived", json!(["us_person", "not_national_of"])),
            issuer(PROVIDER, "oidc", json!(["nationalities"])),
        ];
        let trust = json!({"issuers": issuers, "anchors": {"ca": root}}).to_string();
        let registry = Registry::from_json(trust.as_bytes()).unwrap();
        let leaf = Spec { dns: vec!["pid.test"], uris: vec![PID], ..Spec::leaf() }.signed(&signer, &anchor);
        let (profile, list, now) = (Profile::default(), None, NOW);
        Self { registry, profile, anchor, signer, holder, leaf, list, now }
    }

    /// Certifies the signer anew.
    pub(crate) fn certify(&mut self, spec: &Spec) {
        self.leaf = spec.signed(&self.signer, &self.anchor);
    }

    /// For the wallet issuer.
    pub(crate) fn of_wallet() -> Self {
        let mut world = Self::new();
        world.certify(&Spec { uris: vec![WALLET], ..Spec::leaf() });
        world
    }

    pub(crate) fn context(&self) -> Context<'_> {
        let now = Instant::from_micros(self.now * 1_000_000);
        Context { registry: &self.registry, profile: &self.profile, outside: self, now }
    }

    pub(crate) fn transaction(&self) -> Transaction<'static> {
        let response_uri = "https://gateway.test/response";
        Transaction { client_id: "x509_san_dns:gateway.test", nonce: "nonce-1", response_uri }
    }

    /// The holder's key as a JWK.
    pub(crate) fn cnf(&self) -> Value {
        let point = &self.holder.point;
        json!({"jwk": {"kty": "EC", "crv": "P-256", "x": encode(&point[1..33]), "y": encode(&point[33..])}})
    }

    pub(crate) fn header(&self, typ: &str) -> Value {
        use base64::Engine as _;
        json!({"alg": "ES256", "typ": typ, "x5c": [base64::engine::general_purpose::STANDARD.encode(&self.leaf)]})
    }

    /// A sound payload of a PID, changed as [`changed`] says.
    pub(crate) fn payload(&self, with: Value) -> Value {
        let plain = json!({"iss": PID, "vct": "urn:eudi:pid:1", "iat": self.now - 3600, "exp": self.now + 86_400,
            "cnf": self.cnf(), "nationalities": ["DE"]});
        changed(plain, with)
    }

    /// Issues under the PID issuer's certificate.
    pub(crate) fn issue(&self, payload: &Value) -> String {
        jwt(&self.header("dc+sd-jwt"), payload, &self.signer)
    }

    /// What the holder presents: the credential, its disclosures and a key binding whose claims `with` changes.
    pub(crate) fn present(&self, credential: &str, disclosures: &[String], with: Value) -> String {
        let bound = [&[credential.to_owned()], disclosures].concat().join("~") + "~";
        let digest = encode(&Hash::Sha256.digest(bound.as_bytes()));
        let (client_id, nonce) = (self.transaction().client_id, self.transaction().nonce);
        let plain = json!({"iat": self.now - 10, "aud": client_id, "nonce": nonce, "sd_hash": digest});
        let binding = jwt(&json!({"alg": "ES256", "typ": "kb+jwt"}), &changed(plain, with), &self.holder);
        bound + &binding
    }

    pub(crate) fn verify(&self, presented: &str) -> Result<Evidence, Refusal> {
        vc::verify(presented, &self.transaction(), &self.context())
    }

    /// The code of the refusal of a credential with this payload and these disclosures, or the level reached.
    pub(crate) fn outcome(
        &self,
        payload: &Value,
        disclosures: &[String],
    ) -> Result<&'static str, &'static str> {
        let presented = self.present(&self.issue(payload), disclosures, json!({}));
        self.verify(&presented).map(|evidence| evidence.level().word()).map_err(|refusal| refusal.code())
    }
}

/// Members of `with` replace those of `plain`; the text "absent" removes one.
pub(crate) fn changed(mut plain: Value, with: Value) -> Value {
    for (name, value) in with.as_object().unwrap() {
        if value == "absent" {
            plain.as_object_mut().unwrap().remove(name);
        } else {
            plain[name] = value.clone();
        }
    }
    plain
}

pub(crate) fn jwt(header: &Value, payload: &Value, key: &Key) -> String {
    let input =
        format!("{}.{}", encode(header.to_string().as_bytes()), encode(payload.to_string().as_bytes()));
    format!("{input}.{}", encode(&key.sign_fixed(input.as_bytes())))
}

/// A disclosure and its digest.
pub(crate) fn disclosure(parts: &Value) -> (String, String) {
    let disclosure = encode(parts.to_string().as_bytes());
    let digest = encode(&Hash::Sha256.digest(disclosure.as_bytes()));
    (disclosure, digest)
}
