//! Further cases of the open set's form, under other keys and another clock: each is settled by the set's README, mostly at
//! the very ends of what is allowed and where two checks fail at once.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

#[path = "../../../crates/people/src/x509/samples.rs"]
#[allow(dead_code, reason = "made for the tests of another crate")]
mod certificates;
mod edited;
mod ledger;
mod lists;
mod organisations;
mod proofs;
mod tokens;
mod wallets;
mod world;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use world::World;

/// One case with its verdict.
pub struct Case {
    id: String,
    input: Value,
    context: Value,
    expect: Value,
}

/// Refused with this code.
pub fn reject(code: &str) -> Value {
    json!({"verdict": "reject", "errors": [code]})
}

/// Usable at this strength, with no flag unless `more` names some.
pub fn accept(strength: &str, more: Value) -> Value {
    let mut expect = json!({"verdict": "accept", "strength": strength});
    expect.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    expect
}

/// Members of `with` replace those of `plain`, also one level down; the text "absent" removes one.
pub fn changed(mut plain: Value, with: &Value) -> Value {
    for (name, value) in with.as_object().unwrap() {
        if *value == json!("absent") {
            plain.as_object_mut().unwrap().remove(name);
        } else {
            plain[name] = value.clone();
        }
    }
    plain
}

/// Writes the cases as a directory of the set's form and runs it.
fn check(world: &World, profile: &Value, cases: Vec<Case>) -> usize {
    let ids: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids.len(), cases.len(), "each case has its own name");
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("cases")).unwrap();
    let all: Vec<_> = cases
        .iter()
        .map(|case| json!({"id": case.id, "input": case.input, "context": case.context}))
        .collect();
    let expected: Vec<_> = cases
        .iter()
        .map(|case| json!({"id": case.id, "file": "cases/all.json", "expect": case.expect}))
        .collect();
    let index = json!({
        "format": "douane-identity-vectors/1", "now": world::NOW, "gateway": world::GATEWAY,
        "vp_client_id": world::CLIENT_ID, "vp_response_uri": "https://gate.other.test/response",
        "profile": profile, "trust": "trust.json", "cases": expected,
    });
    for (name, value) in
        [("index.json", index), ("trust.json", world.trust()), ("cases/all.json", json!(all))]
    {
        std::fs::write(dir.path().join(name), value.to_string()).unwrap();
    }
    let outcomes = vectors::run(dir.path()).unwrap();
    let failed: Vec<_> = outcomes.iter().filter(|outcome| !outcome.differences.is_empty()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    outcomes.len()
}

#[test]
fn access_tokens() {
    let world = World::new();
    assert!(check(&world, &world::profile(), tokens::cases(&world)) > 80);
}

#[test]
fn proofs_of_possession() {
    let world = World::new();
    assert!(check(&world, &world::profile(), proofs::cases(&world)) > 25);
}

#[test]
fn organisations_and_exchange() {
    let world = World::new();
    assert!(check(&world, &world::profile(), organisations::cases(&world)) > 60);
}

#[test]
fn wallets() {
    let world = World::new();
    assert!(check(&world, &world::profile(), wallets::cases(&world)) > 50);
}

#[test]
fn status_lists() {
    let world = World::new();
    assert!(check(&world, &world::profile(), lists::cases(&world)) > 30);
}

#[test]
fn what_is_on_file_together() {
    let world = World::new();
    assert!(check(&world, &world::profile(), ledger::cases()) > 8);
}

#[test]
fn a_profile_may_allow_less() {
    let world = World::new();
    let profile = changed(
        world::profile(),
        &json!({"allowed_algs": ["EdDSA"], "max_act_depth": 1, "bearer_cap": "S1"}),
    );
    let es256 = world.access(&json!({}), &json!({}));
    let cases = vec![
        tokens::case("profile/es256", &es256, reject("alg_not_allowed")),
        organisations::asserted(&world, "profile/bearer-cap", &json!({}), accept("S1", json!({}))),
        organisations::exchanged(&world, "profile/one-actor", &json!({}), accept("S2", json!({}))),
        organisations::exchanged(
            &world,
            "profile/two-actors",
            &json!({"act": {"sub": "agent", "act": {"sub": world::API_KEY}}}),
            reject("claim_value"),
        ),
    ];
    assert_eq!(check(&world, &profile, cases), 4);
}
