//! DPoP and mutual TLS.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::tokens::context;
use crate::world::{Key, NOW, URL, World, encode, proof_by, verified};
use crate::{Case, accept, changed, reject};

fn good() -> Value {
    accept("S4", json!({"predicates": {"national_of:DE": "yes"}}))
}

fn case(id: &str, scheme: &str, token: &str, dpop: Value, expect: Value) -> Case {
    let input = json!({"access_token": token, "dpop": dpop});
    Case { id: format!("proof/{id}"), input, context: context(scheme), expect }
}

fn bound(world: &World) -> String {
    world.access(&json!({}), &json!({"cnf": {"jkt": world.client.jkt()}}))
}

pub fn cases(world: &World) -> Vec<Case> {
    [claims(world), headers(world), schemes(world), ceilings(world), certificates(world)]
        .into_iter()
        .flatten()
        .collect()
}

fn claims(world: &World) -> Vec<Case> {
    let changes = [
        ("iat-at-its-age", json!({"iat": NOW - 300}), good()),
        ("iat-over-its-age", json!({"iat": NOW - 301}), reject("stale_proof")),
        ("iat-ahead", json!({"iat": NOW + 60}), good()),
        ("iat-too-far-ahead", json!({"iat": NOW + 61}), reject("stale_proof")),
        ("iat-text", json!({"iat": "now"}), reject("claim_type")),
        ("iat-missing", json!({"iat": "absent"}), reject("missing_claim")),
        ("jti-number", json!({"jti": 7}), reject("claim_type")),
        ("htm-missing", json!({"htm": "absent"}), reject("missing_claim")),
        ("htm-lower-case", json!({"htm": "post"}), reject("binding_mismatch")),
        ("htu-missing", json!({"htu": "absent"}), reject("missing_claim")),
        ("htu-query", json!({"htu": format!("{URL}?a=b#c")}), good()),
        ("htu-port", json!({"htu": URL.replace("other.test", "other.test:443")}), good()),
        (
            "htu-other-port",
            json!({"htu": URL.replace("other.test", "other.test:444")}),
            reject("binding_mismatch"),
        ),
        ("htu-plain", json!({"htu": URL.replace("https", "http")}), reject("binding_mismatch")),
        ("htu-deeper", json!({"htu": format!("{URL}/batches")}), reject("binding_mismatch")),
        ("ath-null", json!({"ath": null}), reject("claim_type")),
        ("ath-of-another", json!({"ath": encode(Sha256::digest("x"))}), reject("binding_mismatch")),
        ("nonce-null", json!({"nonce": null}), reject("claim_type")),
        ("nonce-nobody-asked-for", json!({"nonce": "n"}), good()),
    ];
    let one = |(name, change, expect): (&str, Value, Value)| {
        let token = bound(world);
        case(name, "DPoP", &token, json!(world.proof(&token, &json!({}), &change)), expect)
    };
    changes.into_iter().map(one).collect()
}

fn headers(world: &World) -> Vec<Case> {
    let (thief, private) = (world.thief.jwk(), changed(world.client.jwk(), &json!({"d": "AAAA"})));
    let changes = [
        ("alg-rsa", json!({"alg": "RS256"}), reject("alg_not_allowed")),
        ("alg-none", json!({"alg": "none"}), reject("alg_not_allowed")),
        ("crit", json!({"crit": ["x"]}), reject("unsupported_crit")),
        ("typ-missing", json!({"typ": "absent"}), reject("wrong_type")),
        ("crit-before-typ", json!({"crit": ["x"], "typ": "JWT"}), reject("unsupported_crit")),
        ("jwk-missing", json!({"jwk": "absent"}), reject("malformed")),
        ("jwk-private", json!({"jwk": private}), reject("malformed")),
        ("jwk-symmetric", json!({"jwk": {"kty": "oct", "k": "AAAA"}}), reject("malformed")),
        ("jwk-of-another-kind", json!({"jwk": thief}), reject("bad_signature")),
    ];
    let one = |(name, change, expect): (&str, Value, Value)| {
        let token = bound(world);
        case(name, "DPoP", &token, json!(world.proof(&token, &change, &json!({}))), expect)
    };
    changes.into_iter().map(one).collect()
}

fn schemes(world: &World) -> Vec<Case> {
    let (token, plain) = (bound(world), world.access(&json!({}), &json!({})));
    let proof = world.proof(&token, &json!({}), &json!({}));
    let by_thief = |change: Value| proof_by(&world.thief, &token, &json!({}), &change, world.once());
    let spoilt = format!("{}AAAAAAAA", &by_thief(json!({}))[..by_thief(json!({})).len() - 8]);
    let of_plain = world.proof(&plain, &json!({}), &json!({}));
    let by_certificate = world.access(&json!({}), &json!({"cnf": {"x5t#S256": "x"}}));
    let of_certificate = world.proof(&by_certificate, &json!({}), &json!({}));
    let twice = [&proof, &proof].map(|proof| json!({"access_token": token, "dpop": proof}));
    let mut replay =
        case("replay", "DPoP", &token, json!(null), json!({"sequence": [good(), reject("replayed")]}));
    replay.input = json!({"sequence": twice});
    vec![
        replay,
        case("thief", "DPoP", &token, json!(by_thief(json!({}))), reject("binding_mismatch")),
        case("signature-before-thumbprint", "DPoP", &token, json!(spoilt), reject("bad_signature")),
        case(
            "age-before-thumbprint",
            "DPoP",
            &token,
            json!(by_thief(json!({"iat": NOW - 999}))),
            reject("stale_proof"),
        ),
        case("two", "DPoP", &token, json!([proof, proof]), reject("malformed")),
        case("none", "DPoP", &token, json!(null), reject("binding_required")),
        case("as-bearer-with-proof", "Bearer", &token, json!(proof), reject("binding_required")),
        case("unbound-token", "DPoP", &plain, json!(of_plain), reject("binding_mismatch")),
        case(
            "certificate-bound-token",
            "DPoP",
            &by_certificate,
            json!(of_certificate),
            reject("binding_mismatch"),
        ),
    ]
}

/// Without the cap of bearer tokens, the issuer's own ceiling is left.
fn ceilings(world: &World) -> Vec<Case> {
    let cnf = json!({"jkt": world.client.jkt()});
    let proven = |id: &str, token: String, expect| {
        let proof = world.proof(&token, &json!({}), &json!({}));
        case(id, "DPoP", &token, json!(proof), expect)
    };
    let claims = |level: &str| json!({"cnf": cnf, "verified_claims": verified("eidas", level, &["DE"])});
    let none = json!({});
    vec![
        proven("substantial", world.access(&none, &claims("substantial")), accept("S3", json!({}))),
        proven("low", world.access(&none, &claims("low")), accept("S1", json!({}))),
        proven("issuers-ceiling", world.of_bank(&json!({"cnf": cnf})), accept("S3", json!({}))),
        proven(
            "bound-to",
            world.access(&none, &claims("high")),
            accept("S4", json!({"bound_to": {"jkt": world.client.jkt()}, "subject": "u-1"})),
        ),
    ]
}

fn certificates(world: &World) -> Vec<Case> {
    use crate::certificates::{Key as EcKey, Spec, pem};
    let key = EcKey::new();
    let der = Spec::leaf().signed(&key, &key);
    let other = Spec { serial: 3, ..Spec::leaf() }.signed(&key, &key);
    let x5t = encode(Sha256::digest(&der));
    let standard = STANDARD.encode(Sha256::digest(&der));
    let with = |cnf: Value| world.access(&json!({}), &json!({"cnf": cnf}));
    let shown = |id: &str, cnf: Value, certificate: Option<&[u8]>, expect| {
        let input = json!({"access_token": with(cnf), "client_cert_pem": certificate.map(pem)});
        Case { id: format!("certificate/{id}"), input, context: context("Bearer"), expect }
    };
    let own = Key::ec().jkt();
    vec![
        shown(
            "fits",
            json!({"x5t#S256": x5t}),
            Some(&der),
            accept("S4", json!({"bound_to": {"x5t#S256": x5t}})),
        ),
        shown("other", json!({"x5t#S256": x5t}), Some(&other), reject("binding_mismatch")),
        shown("none", json!({"x5t#S256": x5t}), None, reject("binding_required")),
        shown("padded", json!({"x5t#S256": standard}), Some(&der), reject("binding_mismatch")),
        shown("number", json!({"x5t#S256": 7}), Some(&der), reject("claim_type")),
        shown("and-a-key", json!({"x5t#S256": x5t, "jkt": own}), Some(&der), reject("binding_required")),
        shown("not-demanded", json!("absent"), Some(&der), accept("S2", json!({}))),
    ]
}
