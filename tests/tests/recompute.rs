//! What was known then: verdicts of the log recomputed, and the law of an earlier day, from a server's directory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use serde_json::Value;
use std::process::Output;
use system_tests::http::Request;
use system_tests::{Bench, Server};

const AFTER: &str = "2026-06-12T18:00:00-04:00";

/// Asks for a model and gives the receipt.
fn ask(server: &Server, person: &str, model: &str, status: u16) -> String {
    let answer = Request::chat(model).key(server.key(person)).send(server.gateway());
    assert_eq!(answer.status, status, "{person} {model}: {}", answer.text());
    answer.header("douane-receipt").unwrap().to_owned()
}

fn recompute(server: &Server, words: &[&str]) -> (bool, Value) {
    let Output { status, stdout, stderr } = server.douane(&[&["recompute", "--json"], words].concat());
    let text = String::from_utf8(stdout).unwrap();
    let json = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error} in {text}: {}", String::from_utf8_lossy(&stderr)));
    (status.success(), json)
}

/// Recomputes everything once the openings of the last decision are on disk: they follow it by a moment.
fn recompute_all(server: &Server, decisions: u64) -> Value {
    let mut last = Value::Null;
    server.until("every opening is on disk", || {
        last = recompute(server, &["--all"]).1;
        last["results"]["same"] == decisions
    });
    last
}

#[test]
fn verdicts_of_june_are_recomputed_beside_the_server_and_after_it() {
    let mut server = Server::june(AFTER).start();
    let denied = ask(&server, "p-002", "mythos-5", 451);
    ask(&server, "p-001", "fable-5", 200);
    ask(&server, "p-004", "fable-5", 401);
    server.put_in_force(&Bench::june("letter-2.toml"));
    server.set_clock("2026-06-27T01:00:00Z");
    ask(&server, "p-002", "mythos-5", 200);
    ask(&server, "p-002", "fable-5", 451);
    server.put_in_force(&Bench::june("letter-3.toml"));
    server.set_clock("2026-06-30T22:00:00Z");
    ask(&server, "p-002", "fable-5", 200);
    assert_eq!(recompute_all(&server, 6)["decisions"], 6);

    let file = server.home().join("denied.tlog-proof").display().to_string();
    server.douane_ok(&["receipt", &denied, "--out", &file]);
    server.stop();
    // An edit of the configuration after the fact: the one of then was kept.
    server.edit_config(|config| {
        let evidence = config.entry("evidence").or_insert_with(|| toml::Table::new().into());
        evidence.as_table_mut().unwrap().insert("person".to_owned(), "credential".into());
    });
    for name in [&denied, &file] {
        let (holds, report) = recompute(&server, &[name]);
        assert!(holds && report["result"] == "same", "{report}");
        assert_eq!(report["recorded"], report["recomputed"]);
        assert_eq!(report["recorded"]["verdict"], "deny");
        assert_eq!(report["recorded"]["decisive"][0], "us-2026-06-12");
    }
    assert_eq!(recompute_all(&server, 6)["results"]["same"], 6);
    let text = server.douane_ok(&["recompute", &denied]);
    assert!(text.starts_with("SAME: entry") && text.contains("us-2026-06-12"), "{text}");
    assert!(server.douane_err(&["recompute", "0"]).contains("no decision"));
}

/// `douane check` for the French engineer and Mythos 5 on 28 June, when the second letter opened it.
fn check(server: &Server, more: &[&str]) -> Value {
    let person = Bench::june("person-french-engineer.toml").display().to_string();
    let words = ["check", "--person", &person, "--model", "mythos-5", "--at", "2026-06-28T00:00:00Z"];
    server.douane_json(&[&words, more].concat())
}

#[test]
fn the_law_is_asked_as_it_was_known() {
    let server = Server::june(AFTER).start();
    server.set_clock("2026-06-26T20:30:00-04:00");
    server.put_in_force(&Bench::june("letter-2.toml"));
    let data = server.dir().display().to_string();
    let known = |instant: &str| check(&server, &["--data", &data, "--known-at", instant])["verdict"].clone();
    assert_eq!(check(&server, &["--data", &data])["verdict"], "permit");
    assert_eq!(known("2026-06-27T01:00:00Z"), "permit");
    assert_eq!(known("2026-06-20T00:00:00Z"), "deny", "the second letter was not known");
    assert_eq!(known("2026-06-12T12:00:00Z"), "permit", "nothing was known");
    // The same from the letters that ship with the program, by when they were received.
    let readings = ["--reading", "destination_limb=person_only", "--reading", "employee_means=payroll_only"];
    let received = |instant: &str| {
        check(&server, &[&readings[..], &["--known-at", instant]].concat())["verdict"].clone()
    };
    assert_eq!(received("2026-06-20T00:00:00Z"), "deny");
    assert_eq!(received("2026-06-27T01:00:00Z"), "permit");
    let person = Bench::june("person-french-engineer.toml").display().to_string();
    let words = ["check", "--person", &person, "--model", "mythos-5", "--at", "2026-06-28T00:00:00Z"];
    let output = server.douane(&[&words[..], &["--known-at", "2026-06-20T00:00:00Z"]].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("us-2026-06-30-lifting is left out: it became known at 2026-06-30T22:00:00Z"),
        "{said}"
    );
}
