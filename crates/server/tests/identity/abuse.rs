//! What is shown a second time, by somebody else, for something else, or under another algorithm.

use crate::issuer::{Key, NOW, encode};
use crate::stage::Stage;
use serde_json::{Value, json};
use terms::Instant;

const URL: &str = "https://gate.test/v1/chat/completions";

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_serves_one_request() {
    let stage = Stage::start().await;
    let assertion = stage.hr.assertion("c", json!({"us_person": true}), |_, _| {});
    assert_eq!(stage.ask_as(&assertion).await.status, 200);
    let again = stage.ask_as(&assertion).await;
    assert_eq!(again.evidence_code(), "replayed");
    let challenge = again.header("www-authenticate");
    assert_eq!(challenge, Some("Douane-End-User error=\"replayed\", error_description=\"replayed\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn assertions_that_are_none() {
    let stage = Stage::start().await;
    type Edit = fn(&mut Value, &mut Value);
    let cases: [(&str, Edit); 12] = [
        ("wrong_audience", |_, p| p["aud"] = json!("https://gate.test/")),
        ("expired", |_, p| (p["iat"], p["exp"]) = (json!(NOW - 200), json!(NOW - 61))),
        ("not_yet_valid", |_, p| (p["iat"], p["exp"]) = (json!(NOW + 61), json!(NOW + 90))),
        ("lifetime", |_, p| p["exp"] = json!(NOW + 296)),
        ("unsupported_crit", |h, _| h["crit"] = json!(["b64"])),
        ("wrong_type", |h, _| h["typ"] = json!("at+jwt")),
        ("unknown_key", |h, _| h["kid"] = json!("hr-2")),
        ("alg_not_allowed", |h, _| h["alg"] = json!("none")),
        ("alg_not_allowed", |h, _| h["alg"] = json!("HS256")),
        ("alg_not_allowed", |h, _| h["alg"] = json!("ES256")),
        ("untrusted_issuer", |_, p| p["iss"] = json!("https://idp.test")),
        ("binding_mismatch", |_, p| p["api_key_id"] = json!("ak_other")),
    ];
    for (code, edit) in cases {
        let assertion = stage.hr.assertion("c", json!({"us_person": true}), edit);
        assert_eq!(stage.ask_as(&assertion).await.evidence_code(), code);
    }
    // At the ends of what is allowed it is one.
    let ends = stage.hr.assertion("c", json!({"us_person": true}), |_, payload| {
        (payload["iat"], payload["exp"]) = (json!(NOW + 60), json!(NOW + 360));
    });
    assert_eq!(stage.ask_as(&ends).await.status, 200);
    let forged = Key::new("forger").assertion("c", json!({"us_person": true}), |header, _| {
        header["kid"] = json!("hr-1");
    });
    assert_eq!(stage.ask_as(&forged).await.evidence_code(), "bad_signature");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_an_unmapped_client_speaks_for_nobody() {
    let stage = Stage::start().await;
    assert_eq!(stage.ask_bearing(&stage.idp.access("US", |_, _| {})).await.status, 200);
    let stranger = stage.idp.access("US", |_, payload| payload["client_id"] = json!("stranger"));
    assert_eq!(stage.ask_bearing(&stranger).await.evidence_code(), "untrusted_issuer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_token_is_useless_without_its_key() {
    let stage = Stage::start().await;
    let bound = json!({"jkt": stage.holder.jkt()});
    let token = stage.idp.access("US", |_, payload| payload["cnf"] = bound);
    let proof = |key: &Key, edit: fn(&mut Value)| key.proof(URL, Some(&token), edit);
    let good = proof(&stage.holder, |_| {});
    assert_eq!(stage.ask_proving(&token, &good).await.status, 200);
    assert_eq!(stage.ask_proving(&token, &good).await.evidence_code(), "replayed");
    assert_eq!(stage.ask_bearing(&token).await.evidence_code(), "binding_required");
    let thief = Key::new("thief");
    let answer = stage.ask_proving(&token, &proof(&thief, |_| {})).await;
    assert_eq!(answer.evidence_code(), "binding_mismatch");
    assert!(answer.header("www-authenticate").unwrap().starts_with("DPoP error=\"invalid_dpop_proof\""));
    type Edit = fn(&mut Value);
    let cases: [(&str, Edit); 5] = [
        ("stale_proof", |p| p["iat"] = json!(NOW - 301)),
        ("stale_proof", |p| p["iat"] = json!(NOW + 61)),
        ("binding_mismatch", |p| p["htm"] = json!("GET")),
        ("binding_mismatch", |p| p["htu"] = json!("https://gate.test/v1/messages")),
        ("binding_mismatch", |p| p["ath"] = json!(encode([0; 32]))),
    ];
    for (code, edit) in cases {
        assert_eq!(stage.ask_proving(&token, &proof(&stage.holder, edit)).await.evidence_code(), code);
    }
    let unbound = stage.idp.access("US", |_, _| {});
    let answer = stage.ask_proving(&unbound, &stage.holder.proof(URL, Some(&unbound), |_| {})).await;
    assert_eq!(answer.evidence_code(), "binding_mismatch");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_carries_the_gateways_nonce_where_that_is_asked_for() {
    let stage = Stage::start_with(json!({}), true).await;
    let bound = json!({"jkt": stage.holder.jkt()});
    let token = stage.idp.access("US", |_, payload| payload["cnf"] = bound);
    let proof = |nonce: Option<&str>| {
        stage.holder.proof(URL, Some(&token), |payload| {
            if let Some(nonce) = nonce {
                payload["nonce"] = json!(nonce);
            }
        })
    };
    let asked = stage.ask_proving(&token, &proof(None)).await;
    assert_eq!((asked.status, asked.code()), (401, "use_dpop_nonce"), "{}", asked.body);
    assert!(asked.header("www-authenticate").unwrap().starts_with("DPoP error=\"use_dpop_nonce\""));
    let nonce = asked.header("dpop-nonce").unwrap().to_owned();
    assert_eq!(stage.ask_proving(&token, &proof(Some(&nonce))).await.status, 200);
    assert_eq!(stage.ask_proving(&token, &proof(Some("guessed"))).await.code(), "use_dpop_nonce");
    stage.rig.house.clock.jump_to(Instant::from_micros((NOW + 151) * 1_000_000)).unwrap();
    assert_eq!(stage.ask_proving(&token, &proof(Some(&nonce))).await.status, 200);
    stage.rig.house.clock.jump_to(Instant::from_micros((NOW + 299) * 1_000_000)).unwrap();
    assert_eq!(stage.ask_proving(&token, &proof(Some(&nonce))).await.status, 200);
    stage.rig.house.clock.jump_to(Instant::from_micros((NOW + 300) * 1_000_000)).unwrap();
    assert_eq!(stage.ask_proving(&token, &proof(Some(&nonce))).await.code(), "use_dpop_nonce");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_callers_in_one_head_are_none() {
    let stage = Stage::start().await;
    let (token, other) = (stage.idp.access("US", |_, _| {}), stage.idp.access("DE", |_, _| {}));
    let (token, other) = (format!("Bearer {token}"), format!("Bearer {other}"));
    let answer = stage.ask(&[("authorization", &token), ("authorization", &other)]).await;
    assert_eq!((answer.status, answer.code()), (401, "invalid_api_key"));
    let assertion = stage.hr.assertion("c", json!({"us_person": true}), |_, _| {});
    let both = [("x-api-key", &*stage.shared), ("authorization", &token), ("douane-end-user", &assertion)];
    assert_eq!(stage.ask(&both).await.evidence_code(), "malformed");
}
