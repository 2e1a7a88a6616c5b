//! Inputs of the open identity vectors, to be changed byte by byte.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use people::{Profile, Registry, Verifier};
use serde_json::Value;
use std::sync::OnceLock;
use terms::Instant;

/// A verifier under the vectors' registry and clock.
pub fn verifier() -> &'static (Verifier, Instant) {
    static VERIFIER: OnceLock<(Verifier, Instant)> = OnceLock::new();
    VERIFIER.get_or_init(|| {
        let index: Value = read(include_str!("../../vectors/open/index.json"));
        let registry =
            Registry::from_json(include_bytes!("../../vectors/open/trust.json")).expect("a registry");
        let profile: Profile = serde_json::from_value(index["profile"].clone()).expect("a profile");
        let now = index["now"].as_i64().expect("a time");
        (Verifier::new(registry, profile), Instant::from_micros(now * 1_000_000))
    })
}

pub fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// A member of one case.
pub fn member<'a>(cases: &'a Value, id: &str, name: &str) -> &'a Value {
    let all = cases.as_array().expect("cases");
    &all.iter().find(|case| case["id"] == id).expect("the case")["input"][name]
}

pub fn decoded(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().expect("text")).expect("base64url")
}

/// The bytes with changes: three bytes of data each, a place and what stands there then.
pub fn edited(bytes: &[u8], data: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for change in data.chunks_exact(3) {
        let place = usize::from(u16::from_be_bytes([change[0], change[1]])) % bytes.len();
        bytes[place] = change[2];
    }
    bytes
}

pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
