//! Compact tokens: a text nobody signed is no evidence, and what a signed one says is taken only within its rules.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use people::{Introspected, Presented, Profile, Registry, Replay, Scheme, Verifier};
use serde_json::{Value, json};
use std::sync::OnceLock;
use terms::{Instant, Level};

const NOW_S: i64 = 1_900_000_000;
const AUDIENCE: &str = "https://g.test";

struct World {
    key: Ed25519KeyPair,
    verifier: Verifier,
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key");
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": encode(key.public_key().as_ref())});
        let issuer = |iss: &str, kind: &str| {
            let claims = ["nationalities", "us_person", "not_national_of"];
            json!({"iss": iss, "kind": kind, "algs": ["EdDSA"], "max_strength": "S4", "jwks": {"keys": [jwk]},
                "org": "o", "api_keys": ["ak"], "may_assert": claims, "complete_for": claims,
                "trust_frameworks": {"f": {"*": "S4"}}})
        };
        let trust = json!({"issuers": [issuer("i", "oidc"), issuer("e", "employer"), issuer("s", "sts")]});
        let registry = Registry::from_json(trust.to_string().as_bytes()).expect("a registry");
        let profile = Profile { gateway: AUDIENCE.to_owned(), ..Profile::default() };
        World { key, verifier: Verifier::new(registry, profile) }
    })
}

/// One input: a token as it stands; or, with a line end in it, header and payload to be signed. Gives how often it was
/// accepted.
pub fn run(data: &[u8]) -> usize {
    let text = String::from_utf8_lossy(data);
    match text.split_once('\n') {
        None => {
            unsigned(&text);
            0
        }
        Some((header, payload)) => signed(header, payload),
    }
}

fn unsigned(text: &str) {
    let (verifier, replay, now) =
        (&world().verifier, Replay::with_room(16), Instant::from_micros(NOW_S * 1_000_000));
    let presented = presented(text, &[]);
    assert!(verifier.access_token(&presented, now, &replay).is_err());
    assert!(verifier.end_user_assertion(Some(text), Some("ak"), now, &replay).is_err());
    assert!(verifier.introspected(&presented, "i", Introspected::Signed(text), now, &replay).is_err());
    let proof = [text];
    let proof = Presented { dpop: &proof, scheme: Scheme::Dpop, ..presented };
    let _ = verifier.proof_key(&proof, now, &replay);
}

fn presented<'a>(token: &'a str, dpop: &'a [&'a str]) -> Presented<'a> {
    Presented {
        scheme: Scheme::Bearer,
        token,
        dpop,
        client_certificate: None,
        method: "POST",
        url: "https://g.test/v1/messages",
        nonce: None,
        api_key: Some("ak"),
    }
}

fn signed(header: &str, payload: &str) -> usize {
    let World { key, verifier } = world();
    let input = format!("{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()));
    let token = format!("{input}.{}", encode(key.sign(input.as_bytes()).as_ref()));
    let (replay, now) = (Replay::with_room(16), Instant::from_micros(NOW_S * 1_000_000));
    let of_token = verifier.access_token(&presented(&token, &[]), now, &replay);
    let of_assertion = verifier.end_user_assertion(Some(&token), Some("ak"), now, &replay);
    let mut accepted = 0;
    for evidence in of_token.into_iter().chain(of_assertion) {
        accepted += 1;
        let claims: Value = serde_json::from_str(payload).expect("what is accepted is JSON");
        let head: Value = serde_json::from_str(header).expect("what is accepted is JSON");
        assert_eq!((&head["alg"], &head["kid"]), (&json!("EdDSA"), &json!("k")));
        assert!(head.get("crit").is_none());
        assert_eq!(claims["iss"], evidence.issuer());
        assert!(
            claims["aud"] == AUDIENCE
                || claims["aud"].as_array().is_some_and(|all| all.contains(&json!(AUDIENCE)))
        );
        assert!(claims["exp"].as_f64().expect("a date") >= (NOW_S - 60) as f64);
        assert!(evidence.level() <= Level::Employer, "nothing was proven to be held");
    }
    let _ = verifier.introspected(
        &presented("opaque", &[]),
        "i",
        Introspected::Plain(payload.as_bytes()),
        now,
        &replay,
    );
    accepted
}
