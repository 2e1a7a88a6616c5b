//! What is kept of each request, and that anyone can check it with the pinned key alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use system_tests::http::{Answer, Piece, Request, exchange};
use system_tests::{Bench, Gate, Server, Upstream};

const AFTER: &str = "2026-06-12T18:00:00-04:00";

/// `douane verify`, far from any server, directory or configuration.
fn verify(path: &Path, key: &str) -> (bool, Value) {
    let mut command = Command::new(Bench::binary());
    command.arg("verify").arg(path).args(["--key", key, "--json"]).env_clear().current_dir("/");
    let Output { status, stdout, stderr } = command.output().unwrap();
    let said = serde_json::from_slice(&stdout).unwrap_or_else(|_| json!(String::from_utf8_lossy(&stderr)));
    (status.success(), said)
}

fn receipt(server: &Server, answer: &Answer) -> PathBuf {
    let id = answer.header("douane-receipt").unwrap();
    let path = server.home().join(format!("{}.receipt", answer.receipt()));
    server.douane_ok(&["receipt", id, "--out", &path.display().to_string()]);
    path
}

fn copy(from: &Path, to: &Path) -> PathBuf {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let _ = if path.is_dir() { copy(&path, &target).exists() } else { fs::copy(&path, &target).is_ok() };
    }
    to.to_owned()
}

#[test]
fn every_decision_has_a_receipt_that_holds_offline() {
    let mut server = Server::june(AFTER).start();
    let stream = json!({ "stream": true, "practice": { "chunks": 3, "interval_ms": 1 } });
    let mut expected = BTreeMap::new();
    for (person, model, status, verdict) in [
        ("p-001", "fable-5", 200, "permit"),
        ("p-002", "fable-5", 451, "deny"),
        ("p-002", "opus-4-8", 200, "permit"),
        ("p-004", "mythos-5", 401, "verify_first"),
        ("k-001", "fable-5", 401, "verify_first"),
    ] {
        let key = server.key(person);
        for request in [
            Request::chat(model),
            Request::chat_with(model, stream.clone()),
            Request::message_with(model, json!({ "practice": { "chunks": 3 } })),
            Request::message_with(model, stream.clone()),
        ] {
            let answer = request.key(key).send(server.gateway());
            assert_eq!(answer.status, status, "{person} {model}: {}", answer.text());
            assert_eq!(
                answer.header("cache-control"),
                answer.header("cache-control").filter(|value| *value == "no-store")
            );
            let path = receipt(&server, &answer);
            assert!(
                expected.insert(answer.receipt(), (path, verdict, model)).is_none(),
                "two answers share a receipt"
            );
        }
    }
    server.stop();
    for (index, (path, verdict, model)) in expected {
        let (holds, said) = verify(&path, &server.log_key);
        assert!(holds && said["holds"] == true, "{said}");
        let decision = &said["entry"]["decision"];
        assert_eq!((&said["index"], &decision["seq"]), (&json!(index), &json!(index)), "{said}");
        assert_eq!((&decision["verdict"], &decision["model"]), (&json!(verdict), &json!(model)), "{said}");
    }
}

#[test]
fn a_tampered_receipt_or_log_does_not_hold() {
    let mut server = Server::june(AFTER).start();
    for _ in 0..5 {
        Request::chat("opus-4-8").key(server.key("p-001")).send(server.gateway());
    }
    let denied = Request::chat("fable-5").key(server.key("p-002")).send(server.gateway());
    let text = fs::read_to_string(receipt(&server, &denied)).unwrap();
    assert!(verify(&server.file("good", &text), &server.log_key).0);
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
        let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        changed[at] = with_another_letter(line);
        let path = server.file("changed", &(changed.join("\n") + "\n"));
        assert!(!verify(&path, &server.log_key).0, "line {at} was changed from {line} to {}", changed[at]);
    }
    let other = server.douane_json(&["init", &server.home().join("other").display().to_string()]);
    assert!(
        !verify(&server.file("good", &text), other["log_key"].as_str().unwrap()).0,
        "a stranger's key vouches for nothing"
    );
    server.stop();
    let log = copy(&server.dir().join("log"), &server.home().join("copy"));
    let (holds, report) = verify(&log, &server.log_key);
    assert!(holds, "{report}");
    let mut found = Vec::new();
    files(&log, &mut found);
    let place = |bytes: &[u8]| bytes.windows(9).position(|window| window == b"us-2026-0");
    let (segment, mut bytes) = found
        .into_iter()
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .find(|(_, bytes)| place(bytes).is_some())
        .unwrap();
    let changed = place(&bytes).unwrap() + 8;
    bytes[changed] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let (holds, report) = verify(&log, &server.log_key);
    assert!(!holds, "a changed byte of {} is found: {report}", segment.display());
}

/// Exchanges a letter in the middle of a line for another of its alphabet.
fn with_another_letter(line: &str) -> String {
    let mut letters: Vec<char> = line.chars().collect();
    let middle = letters.len() / 2;
    letters[middle] = if letters[middle] == 'A' { 'B' } else { 'A' };
    letters.into_iter().collect()
}

/// What clients saw is what the log counts, each attempt once.
#[test]
fn the_log_counts_what_clients_saw() {
    let mut server = Server::june("2026-06-12T17:20:00-04:00").start();
    let ask = |model: &str, person: &str, members: Value| {
        Request::chat_with(model, members).key(server.key(person))
    };
    let endless = json!({ "stream": true, "practice": { "chunks": 9_000, "interval_ms": 10 } });
    let (_, mut cut) = ask("fable-5", "p-002", endless.clone()).open(server.gateway());
    let (_, mut left) = ask("fable-5", "p-001", endless).open(server.gateway());
    assert!(matches!((cut.piece(), left.piece()), (Piece::Bytes(_), Piece::Bytes(_))));
    drop(left);
    server.until("the gateway notices who left", || server.status().json()["open_streams"] == 1);
    server.set_clock("2026-06-12T17:21:00-04:00");
    assert!(cut.rest().1, "the cut stream ends in order");
    drop(cut);
    let mut seen = BTreeMap::from([(200, 0), (401, 0), (451, 0)]);
    for (person, rounds) in [("p-001", 7), ("p-002", 5), ("p-004", 3)] {
        for _ in 0..rounds {
            *seen.get_mut(&ask("fable-5", person, json!({})).send(server.gateway()).status).unwrap() += 1;
        }
    }
    // Nothing is decided on these: they name no model that is served, or no caller.
    assert_eq!(ask("no-such-model", "p-001", json!({})).send(server.gateway()).status, 404);
    assert_eq!(Request::chat("fable-5").key("dk_unknown").send(server.gateway()).status, 401);
    server.stop();
    let (holds, report) =
        verify(&copy(&server.dir().join("log"), &server.home().join("copy")), &server.log_key);
    assert!(holds, "{report}");
    let count = |name: &str| report["counts"][name].as_u64().unwrap();
    assert_eq!(seen, BTreeMap::from([(200, 7), (401, 3), (451, 5)]));
    assert_eq!((count("completed"), count("verify_first"), count("deny")), (7, 3, 5), "{report}");
    assert_eq!((count("cut"), count("client_left")), (1, 1), "{report}");
    assert_eq!(
        (count("decisions"), count("open"), count("failed"), count("interrupted")),
        (17, 0, 0, 0),
        "{report}"
    );
}

#[test]
fn an_upstream_that_fails_is_recorded_as_failed() {
    let gone = Upstream::start().address();
    let mut server = Server::june(AFTER).upstream(gone).start();
    let answers: Vec<Answer> =
        (0..2).map(|_| Request::chat("fable-5").key(server.key("p-001")).send(server.gateway())).collect();
    for answer in &answers {
        assert_eq!((answer.status, answer.code().as_str()), (502, "upstream_unreachable"));
        assert!(verify(&receipt(&server, answer), &server.log_key).0);
    }
    server.stop();
    let (holds, report) = verify(&server.dir().join("log"), &server.log_key);
    assert!(holds, "{report}");
    assert_eq!(report["counts"]["failed"], 2, "{report}");
}

/// Permitted before the instant, answered by the upstream after it: the answer does not reach the caller.
#[test]
fn an_answer_that_comes_after_the_instant_is_refused() {
    let gate = Gate::default();
    let held = gate.clone();
    let upstream = Upstream::answering(move |_| {
        held.pass();
        Upstream::json(r#"{"id":"u-1","choices":[],"canary":"late-answer"}"#)
    });
    let mut server = Server::june("2026-06-12T17:20:00-04:00").upstream(upstream.address()).start();
    let ask = |person: &str| {
        let (bytes, to) = (Request::chat("fable-5").key(server.key(person)).bytes(), server.gateway());
        thread::spawn(move || exchange(to, &bytes))
    };
    let (foreign, citizen) = (ask("p-002"), ask("p-001"));
    server.until("both requests are at the upstream", || upstream.received().len() == 2);
    server.set_clock("2026-06-12T17:21:00-04:00");
    gate.open();
    let (foreign, citizen) = (foreign.join().unwrap(), citizen.join().unwrap());
    assert_eq!((foreign.status, foreign.code().as_str()), (451, "legal_restriction"));
    assert!(!foreign.text().contains("late-answer"), "{}", foreign.text());
    assert_eq!(citizen.status, 200);
    assert!(citizen.text().contains("late-answer"));
    assert!(verify(&receipt(&server, &foreign), &server.log_key).0);
    server.stop();
    let (holds, report) = verify(&server.dir().join("log"), &server.log_key);
    assert!(holds && report["counts"]["cut"] == 1 && report["counts"]["completed"] == 1, "{report}");
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() { files(&entry.path(), found) } else { found.push(entry.path()) }
    }
}

fn holds(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// Neither prompts nor completions nor keys are on the disk anywhere; people are in the state and the erasable
/// openings only.
#[test]
fn nothing_private_is_written() {
    let mut server = Server::june(AFTER).env("DOUANE_LOG", "debug").start();
    let members = json!({
        "messages": [{ "role": "user", "content": "prompt-canary-5121" }],
        "practice": { "chunks": 4, "interval_ms": 1, "seed": "completion-canary-7733" },
    });
    let mut streamed = members.clone();
    streamed["stream"] = json!(true);
    let mut statuses = BTreeSet::new();
    for person in ["p-001", "p-002", "p-004"] {
        for members in [&members, &streamed] {
            let chat =
                Request::chat_with("fable-5", members.clone()).key(server.key(person)).send(server.gateway());
            let message = Request::message_with("fable-5", members.clone())
                .set("x-api-key", server.key(person))
                .send(server.gateway());
            assert_eq!(chat.text().contains("completion-canary-7733"), chat.status == 200);
            statuses.extend([chat.status, message.status]);
        }
    }
    assert_eq!(statuses, BTreeSet::from([200, 401, 451]));
    server.stop();
    let mut private = vec!["prompt-canary-5121".to_owned(), "completion-canary-7733".to_owned()];
    private.extend(server.keys.values().map(|key| key.strip_prefix("dk_").unwrap_or(key).to_owned()));
    let mut found = Vec::new();
    files(&server.dir(), &mut found);
    assert!(found.len() > 8, "{found:?}");
    found.push(server.home().join("stderr"));
    for path in &found {
        let bytes = fs::read(path).unwrap();
        let leaked = private.iter().find(|text| holds(&bytes, text));
        assert_eq!(leaked, None, "{}", path.display());
        let about_people =
            ["p-001", "p-002", "Cedar Software", "US@1984"].into_iter().find(|text| holds(&bytes, text));
        let erasable = ["state", "openings"].iter().any(|folder| path.starts_with(server.dir().join(folder)));
        assert!(about_people.is_none() || erasable, "{about_people:?} in {}", path.display());
    }
}
