//! Evidence and file together: one key and two people, one person and two accounts, evidence that arrives and goes.

use crate::issuer::{GATEWAY, Key, NOW};
use crate::rig::{commit, issue_to};
use crate::stage::{Stage, account, trust};
use people::file::Filed;
use people::{Profile, Registry, Replay, Verifier};
use serde_json::json;
use store::Event;
use terms::{Attested, Instant, Level, PersonFacts, PersonId, UsStatus};

fn us_person(stage: &Stage, sub: &str, answer: bool) -> String {
    stage.hr.assertion(sub, json!({"us_person": answer}), |_, _| {})
}

fn says_nothing_of_status(stage: &Stage, sub: &str) -> String {
    stage.hr.assertion(sub, json!({"nationalities": ["DE"]}), |_, _| {})
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_behind_one_key_are_decided_each_by_their_own_facts() {
    let stage = Stage::start().await;
    let (citizen, foreigner) = (us_person(&stage, "c", true), us_person(&stage, "f", false));
    let (permitted, refused) = tokio::join!(stage.ask_as(&citizen), stage.ask_as(&foreigner));
    assert_eq!((permitted.status, refused.status), (200, 451), "{} {}", permitted.body, refused.body);
    assert!(refused.header("link").unwrap().contains("blocked-by"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_who_the_end_user_is_before_a_directive_needs_it() {
    let stage = Stage::start().await;
    let key = [("x-api-key", &*stage.shared)];
    assert_eq!(stage.ask_for("open-1", &key).await.status, 200);
    let asked = stage.ask(&key).await;
    assert_eq!((asked.status, asked.code()), (401, "assertion_required"), "{}", asked.body);
    assert_eq!(asked.body["type"], "urn:douane:problem:assertion_required");
    assert_eq!(asked.body["title"], "This key is shared; say who the end user is");
    let korean = stage.ask(&[key[0], ("accept-language", "ko")]).await;
    assert_eq!(korean.header("content-language"), Some("ko"));
    assert!(korean.body["title"].as_str().unwrap().contains("최종 사용자"), "{}", korean.body);
    assert_eq!(asked.header("www-authenticate"), Some("Douane-End-User error=\"assertion_required\""));
    assert_eq!(asked.body["evidence_code"], "assertion_required");
    let methods: Vec<_> = asked.body["cures"].as_array().unwrap().iter().map(|way| &way["method"]).collect();
    assert_eq!(methods[..3], ["employer_assertion", "token_exchange", "access_token"]);
    assert_eq!(asked.body["cures"][1]["token_endpoint"], format!("{GATEWAY}/oauth/token"));
    assert_eq!(asked.body["alternatives"], json!([{"model": "open-1", "permitted_now": true}]));
    assert_eq!(asked.header("cache-control"), Some("no-store"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named_with_the_level_it_needs() {
    let stage = Stage::start().await;
    let asked = stage.ask_as(&says_nothing_of_status(&stage, "c")).await;
    assert_eq!((asked.status, asked.code()), (401, "verification_required"), "{}", asked.body);
    assert_eq!(asked.body["asks"][0], json!({"predicate": "us_person", "min_strength": "S2"}));
    let challenge = asked.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer error=\"insufficient_user_authentication\""), "{challenge}");
    assert!(challenge.contains("acr_values=\"urn:douane:acr:s2 urn:douane:acr:s3 urn:douane:acr:s4\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_in_two_accounts_with_opposite_rosters() {
    let stage = Stage::start().await;
    for (name, status) in [("acme", UsStatus::Citizen), ("other", UsStatus::None)] {
        let facts =
            PersonFacts { us_status: Attested::new(status, Level::Employer), ..PersonFacts::unknown() };
        let person = PersonId::parse("u1").unwrap();
        let set = Event::PersonFactsSet { account: account(name), person, facts: facts.into() };
        commit(&stage.rig.house, &[set]).await;
    }
    let here = stage.ask_as(&says_nothing_of_status(&stage, "u1")).await;
    let there = stage.hr.assertion("u1", json!({"nationalities": ["DE"]}), |_, payload| {
        payload["iss"] = json!("https://hr.other.test");
        payload["org"] = json!("other");
        payload["api_key_id"] = json!("ak_other");
    });
    let there = stage.ask(&[("x-api-key", &stage.others), ("douane-end-user", &there)]).await;
    assert_eq!((here.status, there.status), (200, 451), "{} {}", here.body, there.body);
}

/// What a wallet or an officer would put on file: verified as the gateway does.
fn filed(stage: &Stage, sub: &str) -> Event {
    let registry = trust(&stage.hr, &stage.idp, json!({})).to_string();
    let registry = Registry::from_json(registry.as_bytes()).unwrap();
    let profile = Profile { gateway: GATEWAY.to_owned(), ..Profile::default() };
    let now = Instant::from_micros(NOW * 1_000_000);
    let evidence = Verifier::new(registry, profile)
        .end_user_assertion(Some(&us_person(stage, sub, true)), Some("ak_acme"), now, &Replay::default())
        .unwrap();
    let identity = stage.rig.house.identity.as_ref().unwrap();
    let person = identity.person(&account("acme"), "https://hr.acme.test", sub);
    Event::filed(account("acme"), person, Filed::of(&evidence))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_very_next_request_is_decided_anew() {
    let stage = Stage::start().await;
    let ask = || async { stage.ask_as(&says_nothing_of_status(&stage, "c")).await.status };
    assert_eq!(ask().await, 401);
    let event = filed(&stage, "c");
    let Event::EvidenceFiled { account, person, id, .. } = event.clone() else { unreachable!() };
    commit(&stage.rig.house, &[event]).await;
    assert_eq!(ask().await, 200);
    // Somebody else behind the same key has nothing of it.
    assert_eq!(stage.ask_as(&says_nothing_of_status(&stage, "d")).await.status, 401);
    let why = "contested".to_owned();
    commit(&stage.rig.house, &[Event::EvidenceSuspended { account, person, id, why }]).await;
    assert_eq!(ask().await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_no_say_about_another_accounts_key() {
    let stage = Stage::start().await;
    // The other organisation's label is the same; its key is not.
    let lent = us_person(&stage, "c", true);
    let answer = stage.ask(&[("x-api-key", &stage.others), ("douane-end-user", &lent)]).await;
    assert_eq!(answer.evidence_code(), "binding_mismatch");
    let token = stage.idp.access("US", |_, _| {});
    let bearer = format!("Bearer {token}");
    let answer = stage.ask(&[("x-api-key", &stage.others), ("authorization", &bearer)]).await;
    assert_eq!(answer.evidence_code(), "binding_mismatch");
    let own = stage.ask(&[("x-api-key", &stage.shared), ("authorization", &bearer)]).await;
    assert_eq!(own.status, 200, "{}", own.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_personal_key_is_as_good_as_before() {
    let stage = Stage::start().await;
    assert_eq!(stage.ask(&[("x-api-key", &stage.rig.citizen)]).await.status, 200);
    assert_eq!(stage.ask(&[("x-api-key", &stage.rig.foreigner)]).await.status, 451);
    let facts = PersonFacts::unknown();
    let unknown = issue_to(&stage.rig.house, "u", facts).await;
    let asked = stage.ask(&[("x-api-key", &unknown)]).await;
    assert_eq!((asked.status, asked.code()), (401, "verification_required"));
    let none = Key::new("nobody").assertion("x", json!({"us_person": true}), |_, _| {});
    let answer = stage.ask(&[("douane-end-user", &none)]).await;
    assert_eq!((answer.status, answer.code()), (401, "invalid_api_key"));
}
