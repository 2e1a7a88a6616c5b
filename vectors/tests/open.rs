//! The open set passes, and the runner notices every kind of difference.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

fn open() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("open")
}

#[test]
fn every_open_vector_gives_its_verdict() {
    let outcomes = vectors::run(&open()).unwrap();
    let failed: Vec<_> = outcomes.iter().filter(|outcome| !outcome.differences.is_empty()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(outcomes.len(), 191);
}

/// The open set with one verdict edited; what differs then.
fn differences(id: &str, edit: impl FnOnce(&mut Value)) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let mut index: Value = serde_json::from_slice(&fs::read(open().join("index.json")).unwrap()).unwrap();
    let cases = index["cases"].as_array_mut().unwrap();
    cases.retain(|case| case["id"] == id);
    edit(&mut cases[0]["expect"]);
    let file = cases[0]["file"].as_str().unwrap().to_owned();
    fs::create_dir(dir.path().join("cases")).unwrap();
    for name in ["trust.json", file.as_str()] {
        fs::copy(open().join(name), dir.path().join(name)).unwrap();
    }
    fs::write(dir.path().join("index.json"), index.to_string()).unwrap();
    let mut outcomes = vectors::run(dir.path()).unwrap();
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0).differences
}

#[track_caller]
fn check(id: &str, member: &str, value: Value, expected: &str) {
    let found = differences(id, |expect| expect[member] = value);
    assert!(found.len() == 1 && found[0].contains(expected), "{found:?}");
}

#[test]
fn a_wrong_verdict_or_code_is_noticed() {
    check("access_token/expired", "errors", json!(["stale_proof"]), "got `expired");
    check("access_token/expired", "verdict", json!("accept"), "got `expired");
    let found =
        differences("dpop/ok-es256", |expect| *expect = json!({"verdict": "reject", "errors": ["expired"]}));
    assert!(found.len() == 1 && found[0].contains("got evidence"), "{found:?}");
}

#[test]
fn each_member_of_a_verdict_is_compared() {
    let id = "dpop/ok-es256";
    check(id, "strength", json!("S3"), "strength");
    check(id, "facts", json!({"nationalities": ["FR"], "nationalities_complete": false}), "facts");
    check(id, "facts", json!({"nationalities": ["DE"], "nationalities_complete": true}), "facts");
    check(id, "predicates", json!({"us_person": "no"}), "us_person");
    check(id, "flags", json!(["stateless"]), "flags");
    check(id, "bound_to", json!({"jkt": "x"}), "bound_to");
    check(id, "subject", json!("somebody"), "subject");
    check(id, "actor", json!(["somebody"]), "actor");
    check("emrtd/pa-only", "flags", json!([]), "flags");
    check("derivation/lpr", "us_person", json!({"answer": "no"}), "us_person");
}

#[test]
fn what_must_not_be_stored_is_looked_for() {
    check("end_user_assertion/over-collection", "must_not_store", json!(["sub"]), "the value of `sub`");
    check("token_exchange/ok", "must_not_store", json!(["jkt"]), "the value of `jkt`");
}

#[test]
fn sequences_are_compared_step_by_step() {
    let found = differences("dpop/replay", |expect| expect["sequence"][1]["errors"] = json!(["expired"]));
    assert!(found.len() == 1 && found[0].starts_with("step 2: "), "{found:?}");
}

#[test]
fn a_directory_of_another_form_is_no_pass() {
    assert!(vectors::run(Path::new(env!("CARGO_MANIFEST_DIR"))).is_err());
}
