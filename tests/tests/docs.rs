//! The documents' commands: every one is accepted by the program as it is, and the officers' runbook is carried out
//! line by line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "docs/shell.rs"]
mod shell;

use shell::{fenced, inline};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use system_tests::http::Request;
use system_tests::{Bench, Server};

/// Every Markdown file a reader of the project is meant to read.
fn documents() -> Vec<PathBuf> {
    let root = Bench::root();
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> = ["docs", "examples", "benches"].map(|folder| root.join(folder)).into();
    found
        .extend(fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()));
    while let Some(folder) = waiting.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() { waiting.push(path) } else { found.push(path) }
        }
    }
    found.retain(|path| path.extension().is_some_and(|end| end == "md"));
    found.sort();
    found
}

fn douane(words: &[String], folder: &Path) -> Output {
    Command::new(Bench::binary()).args(words).current_dir(folder).env_remove("DOUANE_DIR").output().unwrap()
}

/// Words that make a command begin something long; these are parsed with `--help` at their end.
const LONG: [&str; 4] = ["demo", "enforce", "serve", "practice"];

/// Runs a documented command where none of its files exist: the parser's own complaint has status 2.
fn is_accepted(words: &[String], folder: &Path) -> Result<(), String> {
    let mut words = words.to_vec();
    if words.iter().any(|word| LONG.contains(&word.as_str())) {
        words.push("--help".to_owned());
    }
    let output = douane(&words, folder);
    match output.status.code() {
        Some(0 | 1) => Ok(()),
        code => Err(format!("douane {words:?}: {code:?}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

#[test]
fn every_command_in_the_documents_is_one() {
    let empty = tempfile::tempdir().unwrap();
    let (mut wrong, mut lines, mut mentions) = (Vec::new(), 0, 0);
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(Bench::root()).unwrap().display();
        for words in fenced(&text) {
            lines += 1;
            wrong.extend(is_accepted(&words, empty.path()).err().map(|why| format!("{name}: {why}")));
        }
        for mut words in inline(&text) {
            mentions += 1;
            words.push("--help".to_owned());
            let known = douane(&words, empty.path()).status.success();
            wrong.extend((!known).then(|| format!("{name}: there is no `douane {}`", words.join(" "))));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        lines >= 30 && mentions >= 10,
        "{lines} lines, {mentions} mentions: the documents were not found"
    );
}

/// Checks a program that takes no harm from being run.
#[test]
fn lint_and_check_in_the_documents_succeed_where_they_stand() {
    let mut ran = 0;
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        for words in fenced(&text).into_iter().filter(|words| matches!(words[0].as_str(), "lint" | "check")) {
            let output = douane(&words, path.parent().unwrap());
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: douane {words:?}: {said}", path.display());
            ran += 1;
        }
    }
    assert!(ran >= 8, "{ran} commands");
}

/// The runbook's commands in their order, each of which must succeed, with its placeholders filled in.
#[test]
fn the_runbook_can_be_followed() {
    let server = Server::builder().at("2026-06-12T17:30:00-04:00").start();
    let runbook = fs::read_to_string(Bench::june("RUNBOOK.md")).unwrap();
    let dir = server.dir().display().to_string();
    let receipt = server.home().join("receipt").display().to_string();
    let mut key = String::new();
    let status = |key: &str| Request::chat("fable-5").key(key).send(server.gateway()).status;
    for words in fenced(&runbook) {
        // The bench has begun the directory, added the officers and started the server.
        if matches!(words[0].as_str(), "init" | "serve")
            || words.starts_with(&["officer".into(), "add".into()])
        {
            continue;
        }
        let mut words: Vec<String> = words.iter().map(|word| word.replace("DIR", &dir)).collect();
        if words[0] == "receipt" {
            let denied = Request::chat("fable-5").key(&server.add_key(Some("p-002"))).send(server.gateway());
            assert_eq!(denied.status, 451);
            let id = denied.header("douane-receipt").unwrap().to_owned();
            words.iter_mut().filter(|word| *word == "ID").for_each(|word| word.clone_from(&id));
            words.extend(["--out".to_owned(), receipt.clone()]);
        }
        words.iter_mut().filter(|word| *word == "PATH").for_each(|word| word.clone_from(&receipt));
        let output = douane(&words, &Bench::june(""));
        assert!(output.status.success(), "douane {words:?}: {}", String::from_utf8_lossy(&output.stderr));
        if words.starts_with(&["key".into(), "add".into()]) {
            key = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        }
    }
    let foreign = server.add_key(Some("p-002"));
    assert_eq!((status(&key), status(&foreign)), (200, 451));
    server.set_clock("2026-06-30T22:00:00Z");
    assert_eq!(status(&foreign), 200, "the runbook ends with the lifting");
}
