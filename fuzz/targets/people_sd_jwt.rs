//! Wallet credentials: claims and disclosures of any kind under good signatures.

use super::issuer::{encode, world};
use people::Transaction;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use terms::Level;

/// One input: lines. The first is the payload, the others are disclosures. Says whether it was accepted.
pub fn run(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let payload = completed(lines.next().unwrap_or_default());
    let disclosures: Vec<String> = lines.map(|line| encode(line.as_bytes())).collect();
    let Some(evidence) = present(&payload, &disclosures) else { return false };
    assert!(evidence.level() <= Level::Credential && evidence.binding().jkt.is_some());
    let shown = evidence.facts().nationalities().map_or(0, |set| set.countries().len());
    assert!(shown <= text.matches('"').count(), "each country was written somewhere");
    // One more disclosure that no digest covers spoils it.
    let more = encode(b"[\"a salt nobody used\",\"x\",1]");
    assert!(present(&payload, &[&disclosures[..], &[more]].concat()).is_none());
    true
}

fn present(payload: &str, disclosures: &[String]) -> Option<people::Evidence> {
    let world = world();
    let bound = [&[world.signed("dc+sd-jwt", payload)], disclosures].concat().join("~") + "~";
    let binding = json!({"iat": super::issuer::NOW_S, "aud": "c", "nonce": "n", "sd_hash": encode(&Sha256::digest(&bound))});
    let shown = bound + &world.bound(&binding.to_string());
    let transaction = Transaction { client_id: "c", nonce: "n", response_uri: "r" };
    world.verifier.sd_jwt_vc(&shown, &transaction, world.now, &people::NothingOutside).ok()
}

/// With the issuer, the type and the holder's key where the payload is an object that lacks them.
fn completed(payload: &str) -> String {
    let Ok(Value::Object(mut claims)) = serde_json::from_str(payload) else { return payload.to_owned() };
    let own = [
        ("iss", json!("https://pid.test")),
        ("vct", json!("urn:eudi:pid:1")),
        ("cnf", json!({"jwk": world().jwk()})),
    ];
    for (name, value) in own {
        claims.entry(name).or_insert(value);
    }
    // A member that stands twice is gone by now; such texts are kept as they are now and then.
    if payload.len().is_multiple_of(8) { payload.to_owned() } else { Value::Object(claims).to_string() }
}
