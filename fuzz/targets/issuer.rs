//! An issuer of wallet credentials and a holder, made once.

use super::certificates::{Key, Spec, pem};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use people::{Profile, Registry, Verifier};
use serde_json::{Value, json};
use std::sync::OnceLock;
use terms::Instant;

/// 2026-06-13T00:00:00Z.
pub const NOW_S: i64 = 1_781_308_800;

pub struct World {
    signer: Key,
    holder: Key,
    leaf: Vec<u8>,
    pub verifier: Verifier,
    pub now: Instant,
}

pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let (anchor, signer, holder) = (Key::new(), Key::new(), Key::new());
        let issuer = json!({"iss": "https://pid.test", "kind": "pid", "x5c_anchor": "ca", "algs": ["ES256"],
            "max_strength": "S4", "may_assert": ["nationalities"], "complete_for": ["nationalities"]});
        let root = pem(&Spec::anchor().signed(&anchor, &anchor));
        let trust = json!({"issuers": [issuer], "anchors": {"ca": root}});
        let registry = Registry::from_json(trust.to_string().as_bytes()).expect("a registry");
        let leaf = Spec { dns: vec!["pid.test"], ..Spec::leaf() }.signed(&signer, &anchor);
        let verifier = Verifier::new(registry, Profile::default());
        World { signer, holder, leaf, verifier, now: Instant::from_micros(NOW_S * 1_000_000) }
    })
}

impl World {
    /// A payload under the issuer's certificate, as it stands.
    pub fn signed(&self, typ: &str, payload: &str) -> String {
        let header = json!({"alg": "ES256", "typ": typ, "x5c": [STANDARD.encode(&self.leaf)]});
        jwt(&self.signer, &header, payload)
    }

    /// A key binding of the holder's.
    pub fn bound(&self, payload: &str) -> String {
        jwt(&self.holder, &json!({"alg": "ES256", "typ": "kb+jwt"}), payload)
    }

    /// The holder's public key.
    pub fn jwk(&self) -> Value {
        let point = &self.holder.point;
        json!({"kty": "EC", "crv": "P-256", "x": encode(&point[1..33]), "y": encode(&point[33..])})
    }
}

fn jwt(key: &Key, header: &Value, payload: &str) -> String {
    let input = format!("{}.{}", encode(header.to_string().as_bytes()), encode(payload.as_bytes()));
    format!("{input}.{}", encode(&key.sign_fixed(input.as_bytes())))
}
