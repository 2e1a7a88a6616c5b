//! Putting law in force: what officers can do, and what nobody can do without them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use ledger::keyfile;
use ledger::note::SigningKey;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use system_tests::http::Request;
use system_tests::{Bench, Server};

const LETTER: &str = "us-2026-06-12";

/// The people of June, and no law yet.
fn before_the_letter() -> Server {
    Server::builder().at("2026-06-12T18:00:00-04:00").roster(Bench::june("people.csv")).start()
}

/// The same with the letter drafted and its readings recorded.
fn drafted() -> Server {
    let server = before_the_letter();
    server.record_readings();
    draft(&server, &Bench::june("letter-1.toml"));
    server
}

fn draft(server: &Server, path: &Path) -> Value {
    server.douane_json(&["directive", "draft", &path.display().to_string()])
}

fn approve(server: &Server, officer: &str) {
    server.douane_ok(&["directive", "approve", LETTER, "--officer", officer]);
}

fn show(server: &Server) -> Value {
    server.douane_json(&["directive", "show", LETTER])
}

fn status(server: &Server, person: &str) -> u16 {
    Request::chat("fable-5").key(server.key(person)).send(server.gateway()).status
}

/// Activation is refused for this reason, nothing is in force, and a foreign person is still served.
#[track_caller]
fn is_blocked(server: &Server, reason: &str) {
    let said = server.douane_err(&["directive", "activate", LETTER]);
    assert!(said.contains("cannot be activated yet") && said.contains(reason), "{said}");
    let view = show(server);
    assert_eq!(view["status"], "drafted");
    assert!(view["blockers"].to_string().contains(reason), "{view}");
    assert_eq!(status(server, "p-002"), 200);
    assert_eq!(server.status().json()["snapshot"], 0);
}

#[track_caller]
fn is_in_force(server: &Server) {
    server.douane_ok(&["directive", "activate", LETTER]);
    assert_eq!(
        (show(server)["status"].clone(), status(server, "p-002"), status(server, "p-001")),
        (json!("active"), 451, 200)
    );
}

#[test]
fn it_takes_two_different_officers() {
    let server = drafted();
    is_blocked(&server, "0 of 2 officers");
    approve(&server, "first-officer");
    is_blocked(&server, "1 of 2 officers");
    let again = server.douane(&["directive", "approve", LETTER, "--officer", "first-officer"]);
    assert!(!again.status.success(), "an officer approves once: {again:?}");
    is_blocked(&server, "1 of 2 officers");
    approve(&server, "second-officer");
    assert_eq!(show(&server)["approved_by"], json!(["first-officer", "second-officer"]));
    is_in_force(&server);
}

#[test]
fn an_edit_voids_approvals() {
    let server = drafted();
    approve(&server, "first-officer");
    approve(&server, "second-officer");
    let text = std::fs::read_to_string(Bench::june("letter-1.toml")).unwrap();
    let edited = server
        .file("edited.toml", &text.replace(r#"models = ["fable-5", "mythos-5"]"#, r#"models = ["fable-5"]"#));
    draft(&server, &edited);
    is_blocked(&server, "0 of 2 officers");
    approve(&server, "first-officer");
    approve(&server, "second-officer");
    is_in_force(&server);
    let mythos = Request::chat("mythos-5").key(server.key("p-002")).send(server.gateway());
    assert_eq!(mythos.status, 200, "the edited text is in force, not the first: {}", mythos.text());
}

#[test]
fn a_changed_reading_voids_approvals() {
    let server = drafted();
    approve(&server, "first-officer");
    approve(&server, "second-officer");
    let before = show(&server)["approval_digest"].clone();
    server.douane_ok(&[
        "reading",
        "record",
        "destination_limb",
        "apply",
        "--by",
        "second-officer",
        "--why",
        "counsel wrote again",
    ]);
    assert_ne!(show(&server)["approval_digest"], before);
    is_blocked(&server, "0 of 2 officers");
    approve(&server, "first-officer");
    approve(&server, "second-officer");
    is_in_force(&server);
    assert_eq!(status(&server, "p-011"), 451, "the citizen in Paris, under the reading that counts now");
}

#[test]
fn an_open_reading_blocks() {
    let server = before_the_letter();
    draft(&server, &Bench::june("letter-1.toml"));
    let said = server.douane_err(&["directive", "approve", LETTER, "--officer", "first-officer"]);
    assert!(said.contains("destination_limb") && said.contains("douane reading record"), "{said}");
    is_blocked(&server, "the reading destination_limb is open");
}

#[test]
fn an_unconfirmed_letter_blocks() {
    let server = before_the_letter();
    server.record_readings();
    let text = std::fs::read_to_string(Bench::june("letter-1.toml")).unwrap();
    let (unconfirmed, _) = text.split_once("[directive.source.call_back]").unwrap();
    let drafted = draft(&server, &server.file("unconfirmed.toml", unconfirmed));
    assert!(drafted["warnings"].to_string().contains("letter_unconfirmed"), "{drafted}");
    approve(&server, "first-officer");
    is_blocked(&server, "the letter is not confirmed");
    let words =
        ["directive", "confirm", LETTER, "--with", "duty desk of the Department", "--by", "first-officer"];
    server.douane_ok(&words);
    // The call-back is part of what officers sign: nobody can add it behind their backs.
    is_blocked(&server, "0 of 2 officers");
    assert_eq!(show(&server)["call_back"]["with"], "duty desk of the Department");
    approve(&server, "first-officer");
    approve(&server, "second-officer");
    is_in_force(&server);
}

/// Writes a key file of an officer's name around other key material.
fn forged(server: &Server, name: &str) -> PathBuf {
    let path = server.home().join("forged.key");
    keyfile::write(&path, &SigningKey::from_seed(name, &[7; 32]).unwrap()).unwrap();
    path
}

#[test]
fn only_the_officers_own_key_approves() {
    let server = drafted();
    let others = server.dir().join("officers/second-officer.key").display().to_string();
    for key in [forged(&server, "first-officer").display().to_string(), others] {
        let said =
            server.douane_err(&["directive", "approve", LETTER, "--officer", "first-officer", "--key", &key]);
        assert!(said.contains("no signature of an officer on file"), "{said}");
    }
    let stranger = server.douane(&[
        "directive",
        "approve",
        LETTER,
        "--officer",
        "nobody",
        "--key",
        &forged_as(&server, "nobody"),
    ]);
    assert!(!stranger.status.success(), "{stranger:?}");
    is_blocked(&server, "0 of 2 officers");
}

fn forged_as(server: &Server, name: &str) -> String {
    let path = server.home().join(format!("{name}.key"));
    keyfile::write(&path, &SigningKey::from_seed(name, &[9; 32]).unwrap()).unwrap();
    path.display().to_string()
}

fn post(server: &Server, path: &str, body: &Value) -> (u16, Value) {
    let answer = Request::post(path, body.to_string()).key(&server.token()).send(server.control());
    (answer.status, answer.json())
}

/// The token opens the control port, and still it is no signature.
#[test]
fn no_token_approves() {
    let server = drafted();
    approve(&server, "first-officer");
    let approvals = format!("/v1/instruments/{LETTER}/approvals");
    for note in ["", &server.token(), "douane approval\n\n\u{2014} second-officer AAAA\n"] {
        let (status, problem) =
            post(&server, &approvals, &json!({ "officer": "second-officer", "note": note }));
        assert_eq!(status, 422, "{problem}");
    }
    let (status, problem) =
        post(&server, &format!("/v1/instruments/{LETTER}/activation"), &json!({ "force": true }));
    assert_eq!(status, 409, "{problem}");
    // An officer's public key cannot be exchanged for one whose private half the token's holder has.
    let own = SigningKey::from_seed("second-officer", &[3; 32]).unwrap().verifier().to_string();
    let (status, problem) =
        post(&server, "/v1/officers", &json!({ "officer": "second-officer", "public_key": own }));
    assert_eq!(status, 403, "{problem}");
    // Nor can one officer become two.
    let officers = server.douane_json(&["officer", "list"]);
    let first =
        officers.as_array().unwrap().iter().find(|officer| officer["officer"] == "first-officer").unwrap();
    let (_, material) = first["public_key"].as_str().unwrap().rsplit_once('+').unwrap();
    let (status, problem) = post(
        &server,
        "/v1/officers",
        &json!({ "officer": "third-officer", "public_key": format!("third-officer+00000000+{material}") }),
    );
    assert!(status == 409 || status == 422, "{status} {problem}");
    is_blocked(&server, "1 of 2 officers");
}

#[test]
fn a_law_in_force_survives_stop_and_crash() {
    let mut server = drafted();
    approve(&server, "first-officer");
    approve(&server, "second-officer");
    is_in_force(&server);
    let before = server.status().json();
    server.stop();
    server.restart();
    assert_eq!((status(&server, "p-002"), status(&server, "p-001")), (451, 200));
    server.kill9();
    server.restart();
    assert_eq!(
        (status(&server, "p-002"), status(&server, "p-001"), status(&server, "p-004")),
        (451, 200, 401)
    );
    let after = server.status().json();
    assert_eq!((&after["regime"], &after["snapshot"]), (&before["regime"], &before["snapshot"]));
    server.stop();
    assert_eq!(server.stderr(), "", "a start after a crash and an orderly end are no cause for alarm");
}

#[test]
fn lifting_is_an_instrument_like_any_other() {
    let server = Server::june("2026-06-30T17:59:00-04:00").start();
    let drafted = server.douane_json(&["directive", "lift", LETTER, "--at", "2026-06-30T22:00:00Z"]);
    let id = drafted["instruments"][0].as_str().unwrap().to_owned();
    assert!(server.douane_err(&["directive", "activate", &id]).contains("0 of 2 officers"));
    server.approve_and_activate(&id);
    assert_eq!(show(&server)["until"], "2026-06-30T22:00:00Z");
    assert_eq!(status(&server, "p-002"), 451, "a minute before the instant");
    server.set_clock("2026-06-30T22:00:00Z");
    assert_eq!(status(&server, "p-002"), 200);
    assert_eq!(show(&server)["status"], "active", "a lifting deletes nothing");
}

#[test]
fn list_and_show_tell_what_is_on_file() {
    let server = drafted();
    let listed = server.douane_json(&["directive", "list"]);
    let one = &listed.as_array().unwrap()[0];
    assert_eq!(
        (one["id"].as_str(), one["kind"].as_str(), one["status"].as_str()),
        (Some(LETTER), Some("directive"), Some("drafted"))
    );
    assert_eq!(one["from"], "2026-06-12T21:21:00Z");
    let view = show(&server);
    assert_eq!(view["readings"][0]["choice"], "person_only");
    assert_eq!(view["approval_digest"].as_str().map(str::len), Some(64));
    let text = server.douane_ok(&["directive", "show", LETTER]);
    for part in [
        LETTER,
        "drafted",
        "destination_limb = person_only",
        "blocked: 0 of 2 officers",
        view["approval_digest"].as_str().unwrap(),
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(server.douane_ok(&["directive", "list"]).contains("1 points: show us-2026-06-12"));
    assert!(server.douane_err(&["directive", "show", "no-such-letter"]).contains("no-such-letter"));
    assert!(server.douane_ok(&["reading", "list"]).contains("employee_means = payroll_only"));
    assert!(server.douane_ok(&["officer", "list"]).contains("second-officer"));
}

fn models(server: &Server, person: &str) -> Vec<String> {
    let list = Request::get("/v1/models").key(server.key(person)).send(server.gateway()).json();
    list["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_models_list_follows_the_law() {
    let server = Server::june("2026-06-12T17:20:00-04:00").start();
    assert_eq!(models(&server, "p-002"), ["fable-5", "mythos-5", "opus-4-8", "practice-mini"]);
    server.set_clock("2026-06-12T17:21:00-04:00");
    assert_eq!(models(&server, "p-002"), ["opus-4-8", "practice-mini"]);
    assert_eq!(models(&server, "p-001"), ["fable-5", "mythos-5", "opus-4-8", "practice-mini"]);
    assert_eq!(
        models(&server, "k-001"),
        ["opus-4-8", "practice-mini"],
        "a shared key has nobody known behind it"
    );
}

/// The same person in two accounts whose rosters say the opposite: each account's evidence decides its own traffic.
#[test]
fn evidence_stays_with_the_account_that_gave_it() {
    let server = Server::june("2026-06-12T18:00:00-04:00").start();
    let roster = std::fs::read_to_string(Bench::june("people.csv")).unwrap();
    let swapped = roster.replace("p-001,", "p-zzz,").replace("p-002,", "p-001,").replace("p-zzz,", "p-002,");
    let keys = server.load_people(&server.file("swapped.csv", &swapped), "other-account");
    let status = |key: &str| Request::chat("fable-5").key(key).send(server.gateway()).status;
    assert_eq!((status(server.key("p-001")), status(&keys["p-001"])), (200, 451));
    assert_eq!((status(server.key("p-002")), status(&keys["p-002"])), (451, 200));
    let third = server.douane_ok(&["key", "add", "--account", "third-account", "--person", "p-001"]);
    assert_eq!(status(third.trim()), 401, "an account without a roster knows nothing of anybody");
    let revoke = ["key", "revoke", "--account", "other-account"];
    let output = server.douane_with_input(&revoke, server.key("p-001"));
    assert!(!output.status.success(), "an account cannot withdraw another account's key: {output:?}");
    assert_eq!(status(server.key("p-001")), 200);
}

/// Once two officers are on file, whoever has the control token cannot make more of them: an officer introduces.
#[test]
fn a_further_officer_is_introduced_by_one_on_file() {
    let server = before_the_letter();
    let refused = server.douane_err(&["officer", "add", "third-officer"]);
    assert!(refused.contains("introduced by one of them"), "{refused}");
    server.douane_ok(&["officer", "add", "third-officer", "--by", "first-officer"]);
    let officers = server.douane_json(&["officer", "list"]);
    assert_eq!(officers.as_array().map(Vec::len), Some(3), "{officers}");
    let forged = forged_as(&server, "second-officer");
    let refused = server.douane_err(&[
        "officer",
        "add",
        "fourth-officer",
        "--by",
        "second-officer",
        "--by-key",
        &forged,
    ]);
    assert!(refused.contains("not signed by an officer on file"), "{refused}");
}

/// A key is shown once, so a later run of the same command must not lose the keys of an earlier one.
#[test]
fn keys_issued_later_do_not_replace_those_issued_before() {
    let server = before_the_letter();
    let keys = server.file("keys.csv", "person_id,key\n");
    let issue = |person: &str| {
        let roster = server.file("more.csv", &format!("person_id\n{person}\n"));
        server.douane_ok(&["people", "load", &roster.display().to_string(), "--account", "late"]);
        let out = keys.display().to_string();
        server.douane_ok(&["key", "add-missing", "--account", "late", "--out", &out]);
    };
    issue("x-001");
    let first = std::fs::read_to_string(&keys).unwrap();
    issue("x-002");
    let both = std::fs::read_to_string(&keys).unwrap();
    assert!(
        first.contains("x-001,dk_") && both.starts_with(&first) && both.contains("x-002,dk_"),
        "{}",
        both.len()
    );
}
