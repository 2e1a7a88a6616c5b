//! Whatever is presented: one refusal, never a panic, never evidence that was not signed.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use people::{
    Introspected, Predicate, Presented, Profile, Registry, Replay, Scheme, Verifier, certificates_from_pem,
};
use proptest::prelude::*;
use serde_json::json;
use terms::Instant;

/// RFC 8037, A.2: the public half of its example key. Nothing in these tests is signed by it.
const KEY: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn verifier() -> Verifier {
    let trust = json!({"issuers": [{
        "iss": "https://i.test", "kind": "oidc", "algs": ["EdDSA"], "max_strength": "S4",
        "jwks": {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": KEY}]},
        "may_assert": ["nationalities"],
    }]});
    let registry = Registry::from_json(trust.to_string().as_bytes()).unwrap();
    Verifier::new(registry, Profile { gateway: "https://g.test".to_owned(), ..Profile::default() })
}

fn encode(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

fn present<'a>(token: &'a str, dpop: &'a [&'a str]) -> Presented<'a> {
    Presented {
        scheme: Scheme::Dpop,
        token,
        dpop,
        client_certificate: None,
        method: "POST",
        url: "https://g.test/",
        nonce: None,
        api_key: None,
    }
}

fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        "[ -~]{0,12}".prop_map(serde_json::Value::from),
    ];
    let names = prop::sample::select(vec![
        "alg",
        "typ",
        "kid",
        "crit",
        "jwk",
        "iss",
        "aud",
        "exp",
        "cnf",
        "act",
        "sub",
        "verified_claims",
        "claims",
        "nationalities",
        "active",
        "kty",
        "x",
        "douane_evidence",
        "token_introspection",
    ]);
    let value = leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(names.clone().prop_map(str::to_owned), inner, 0..8)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    });
    value.prop_map(|value| value.to_string())
}

proptest! {
    #[test]
    fn any_text_as_token_proof_or_assertion_is_refused(token in "\\PC*", proof in "[A-Za-z0-9_.=~-]{0,200}") {
        let (verifier, replay, now) = (verifier(), Replay::default(), Instant::from_micros(0));
        prop_assert!(verifier.access_token(&present(&token, &[&proof]), now, &replay).is_err());
        prop_assert!(verifier.end_user_assertion(Some(&proof), Some("ak"), now, &replay).is_err());
        prop_assert!(replay.is_empty());
    }

    #[test]
    fn any_json_inside_of_a_token_is_refused(header in json_text(), payload in json_text()) {
        let (verifier, replay, now) = (verifier(), Replay::default(), Instant::from_micros(0));
        let token = format!("{}.{}.{}", encode(&header), encode(&payload), "A".repeat(86));
        prop_assert!(verifier.access_token(&present(&token, &[&token]), now, &replay).is_err());
        let known = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "k"}).to_string();
        let token = format!("{}.{}.{}", encode(&known), encode(&payload), "A".repeat(86));
        prop_assert!(verifier.access_token(&present(&token, &[&token]), now, &replay).is_err());
    }

    #[test]
    fn any_introspection_answer_is_judged_without_a_panic(body in json_text(), noise in any::<Vec<u8>>()) {
        let (verifier, replay, now) = (verifier(), Replay::default(), Instant::from_micros(0));
        for body in [body.as_bytes(), &noise] {
            let answer = Introspected::Plain(body);
            let outcome = verifier.introspected(&present("opaque", &[]), "https://i.test", answer, now, &replay);
            prop_assert!(outcome.is_err());
        }
    }

    #[test]
    fn any_registry_certificate_or_predicate_is_read_or_refused(text in "\\PC*", noise in any::<Vec<u8>>()) {
        prop_assert!(Registry::from_json(&noise).is_err());
        let pem = format!("-----BEGIN CERTIFICATE-----{text}-----END CERTIFICATE-----");
        prop_assert!(certificates_from_pem(&text).is_none_or(|found| !found.is_empty()));
        prop_assert!(certificates_from_pem(&pem).is_none_or(|found| !found.is_empty()));
        if let Ok(predicate) = text.parse::<Predicate>() {
            prop_assert_eq!(predicate.to_string().parse::<Predicate>(), Ok(predicate));
        }
    }
}
