//! The gateway's own token exchange: an assertion once, then proofs.

use crate::issuer::{Key, NOW};
use crate::rig::commit;
use crate::stage::{Answer, Stage, account, post, send};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use store::Event;
use terms::{Attested, Instant, Level, PersonFacts, PersonId, UsStatus};

const ENDPOINT: &str = "https://gate.test/oauth/token";
const URL: &str = "https://gate.test/v1/chat/completions";

async fn exchange(stage: &Stage, key: &str, assertion: &str, proof: &str) -> Answer {
    let form = format!(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
         &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt&subject_token={assertion}"
    );
    let headers =
        [("x-api-key", key), ("dpop", proof), ("content-type", "application/x-www-form-urlencoded")];
    post(stage.rig.gateway, "/oauth/token", &headers, &form).await
}

async fn exchanged(stage: &Stage, us_person: bool) -> String {
    let assertion = stage.hr.assertion("c", json!({"us_person": us_person}), |_, _| {});
    let proof = stage.holder.proof(ENDPOINT, None, |_| {});
    let answer = exchange(stage, &stage.shared, &assertion, &proof).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!((&answer.body["token_type"], &answer.body["expires_in"]), (&json!("DPoP"), &json!(900)));
    answer.body["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchanged_token_stands_for_the_person_and_needs_its_key() {
    let stage = Stage::start().await;
    let proof = |token: &str| stage.holder.proof(URL, Some(token), |_| {});
    let citizen = exchanged(&stage, true).await;
    let answer = stage.ask_proving(&citizen, &proof(&citizen)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let foreigner = exchanged(&stage, false).await;
    assert_eq!(stage.ask_proving(&foreigner, &proof(&foreigner)).await.status, 451);
    assert_eq!(stage.ask_bearing(&citizen).await.evidence_code(), "binding_required");
    let thief = Key::new("thief").proof(URL, Some(&citizen), |_| {});
    assert_eq!(stage.ask_proving(&citizen, &thief).await.evidence_code(), "binding_mismatch");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_leaves_nothing_behind_that_the_account_has_on_file() {
    let stage = Stage::start().await;
    let status = Attested::new(UsStatus::None, Level::Employer);
    let facts = PersonFacts { us_status: status, ..PersonFacts::unknown() };
    let (account, person) = (account("acme"), PersonId::parse("c").unwrap());
    let set = Event::PersonFactsSet { account, person, facts: facts.into() };
    commit(&stage.rig.house, &[set]).await;
    // Roster and assertion contradict each other, with or without an exchange.
    let assertion = stage.hr.assertion("c", json!({"us_person": true}), |_, _| {});
    assert_eq!(stage.ask_as(&assertion).await.status, 401);
    let token = exchanged(&stage, true).await;
    let proof = stage.holder.proof(URL, Some(&token), |_| {});
    let answer = stage.ask_proving(&token, &proof).await;
    assert_eq!((answer.status, answer.code()), (401, "verification_required"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchanged_token_is_for_one_key_and_ends() {
    let stage = Stage::start().await;
    let token = exchanged(&stage, true).await;
    let dpop = format!("DPoP {token}");
    let with_key = |key: &str, proof: String| {
        let headers = [("x-api-key", key.to_owned()), ("authorization", dpop.clone()), ("dpop", proof)];
        let stage = &stage;
        async move {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            stage.ask(&headers).await
        }
    };
    let proof = || stage.holder.proof(URL, Some(&token), |_| {});
    assert_eq!(with_key(&stage.shared, proof()).await.status, 200);
    assert_eq!(with_key(&stage.others, proof()).await.evidence_code(), "binding_mismatch");
    stage.rig.house.clock.jump_to(Instant::from_micros((NOW + 901) * 1_000_000)).unwrap();
    let late = stage.holder.proof(URL, Some(&token), |payload| payload["iat"] = json!(NOW + 901));
    assert_eq!(with_key(&stage.shared, late).await.evidence_code(), "evidence_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_exchanged() {
    let stage = Stage::start().await;
    let assertion = || stage.hr.assertion("c", json!({"us_person": true}), |_, _| {});
    let proof = || stage.holder.proof(ENDPOINT, None, |_| {});
    let refused = |answer: Answer| answer.body["error_description"].as_str().unwrap().to_owned();

    let twice = assertion();
    assert_eq!(exchange(&stage, &stage.shared, &twice, &proof()).await.status, 200);
    assert_eq!(refused(exchange(&stage, &stage.shared, &twice, &proof()).await), "replayed");
    let once = proof();
    assert_eq!(exchange(&stage, &stage.shared, &assertion(), &once).await.status, 200);
    assert_eq!(refused(exchange(&stage, &stage.shared, &assertion(), &once).await), "replayed");
    assert_eq!(refused(exchange(&stage, &stage.others, &assertion(), &proof()).await), "actor_not_allowed");
    let elsewhere = stage.holder.proof(URL, None, |_| {});
    assert_eq!(refused(exchange(&stage, &stage.shared, &assertion(), &elsewhere).await), "binding_mismatch");
    let for_another = stage.hr.assertion("c", json!({"us_person": true}), |_, payload| {
        payload["may_act"] = json!({"sub": "agent"});
    });
    assert_eq!(refused(exchange(&stage, &stage.shared, &for_another, &proof()).await), "actor_not_allowed");
    let no_key = exchange(&stage, "dk_none", &assertion(), &proof()).await;
    assert_eq!((no_key.status, &no_key.body["error"]), (401, &json!("invalid_client")));
}

/// The names of the keys that the gateway publishes.
async fn published(stage: &Stage) -> Vec<String> {
    let answer = send("GET", stage.rig.gateway, "/oauth/jwks", &[], "").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/jwk-set+json")));
    let keys = answer.body["keys"].as_array().unwrap();
    assert!(keys.iter().all(|key| key.get("d").is_none() && key["use"] == "sig"), "{}", answer.body);
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn kid(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchanged_token_outlasts_a_restart() {
    let stage = Stage::start().await;
    let token = exchanged(&stage, true).await;
    assert_eq!(published(&stage).await, [kid(&token)]);
    let wrong = send("POST", stage.rig.gateway, "/oauth/jwks", &[], "").await;
    assert_eq!(wrong.status, 405);
    let stage = stage.restarted().await;
    let proof = || stage.holder.proof(URL, Some(&token), |_| {});
    let answer = stage.ask_proving(&token, &proof()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    // Without the file there are new keys, and what the lost ones signed is refused.
    let stage = stage.restarted_after(|dir| {
        let path = dir.join("secrets/exchange-keys.json");
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        std::fs::remove_file(path).unwrap();
    });
    let stage = stage.await;
    let proof = stage.holder.proof(URL, Some(&token), |_| {});
    assert_eq!(stage.ask_proving(&token, &proof).await.evidence_code(), "unknown_key");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_of_the_exchange_are_replaced_and_the_old_ones_kept_while_they_are_needed() {
    let stage = Stage::start().await;
    let day = 86_400;
    let at = |seconds: i64| stage.rig.house.clock.jump_to(Instant::from_micros((NOW + seconds) * 1_000_000));
    let made_at = |seconds: i64| {
        let stage = &stage;
        async move {
            let assertion = stage.hr.assertion("c", json!({"us_person": true}), |_, payload| {
                (payload["iat"], payload["exp"]) = (json!(NOW + seconds), json!(NOW + seconds + 200));
            });
            let proof = stage.holder.proof(ENDPOINT, None, |payload| payload["iat"] = json!(NOW + seconds));
            let answer = exchange(stage, &stage.shared, &assertion, &proof).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            answer.body["access_token"].as_str().unwrap().to_owned()
        }
    };
    at(30 * day - 10).unwrap();
    let old = made_at(30 * day - 10).await;
    at(30 * day).unwrap();
    let new = made_at(30 * day).await;
    assert_ne!(kid(&old), kid(&new));
    assert_eq!(published(&stage).await, [kid(&old), kid(&new)]);
    for token in [&old, &new] {
        let proof = stage.holder.proof(URL, Some(token), |payload| payload["iat"] = json!(NOW + 30 * day));
        let answer = stage.ask_proving(token, &proof).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    at(30 * day + 3_600).unwrap();
    made_at(30 * day + 3_600).await;
    assert_eq!(published(&stage).await, [kid(&new)]);
}
