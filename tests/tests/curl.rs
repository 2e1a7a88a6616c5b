//! Plain curl, as the README shows it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use std::process::Command;
use system_tests::Server;
use wire::dialect::Dialect;
use wire::practice::{Terminal, full_text, read_text};

const CHAT: &str = "/v1/chat/completions";
const MESSAGES: &str = "/v1/messages";

/// What `curl -i` printed.
struct Shown {
    status: String,
    head: String,
    body: String,
}

impl Shown {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.body))
    }

    #[track_caller]
    fn has(&self, line: &str) {
        let found =
            self.head.lines().any(|have| have.to_ascii_lowercase().starts_with(&line.to_ascii_lowercase()));
        assert!(found, "no `{line}` in\n{}", self.head);
    }
}

fn curl(server: &Server, path: &str, person: &str, words: &[&str]) -> Shown {
    let url = format!("http://{}{path}", server.gateway());
    let key = format!("Authorization: Bearer {}", server.key(person));
    let mut command = Command::new("curl");
    command.args([
        "--silent",
        "--show-error",
        "--include",
        "--noproxy",
        "*",
        "--max-time",
        "20",
        &url,
        "-H",
        &key,
    ]);
    let output = command.args(words).output().expect("curl is installed: `cargo xtask peers`");
    assert!(output.status.success(), "curl: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().to_owned();
    Shown { status, head: head.to_owned(), body: body.to_owned() }
}

fn ask(model: &str, members: Value) -> String {
    let mut body =
        json!({ "model": model, "max_tokens": 64, "messages": [{ "role": "user", "content": "hello" }] });
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body.to_string()
}

#[test]
fn permitted_denied_and_verify_first() {
    let server = Server::june("2026-06-12T18:00:00-04:00").start();
    let body = ask("fable-5", json!({ "practice": { "chunks": 3, "seed": "curl" } }));

    let served = curl(&server, CHAT, "p-001", &["-d", &body]);
    assert_eq!(served.status, "200");
    served.has("douane-receipt: ");
    served.has("douane-served-model: fable-5");
    assert_eq!(served.json()["choices"][0]["message"]["content"], full_text("curl", 3));

    let denied = curl(&server, CHAT, "p-002", &["-d", &body]);
    assert_eq!(denied.status, "451");
    for line in [
        "douane-receipt: ",
        "cache-control: no-store",
        "content-language: en",
        "content-type: application/problem+json",
    ] {
        denied.has(line);
    }
    assert_eq!(denied.json()["references"], json!(["US Department of Commerce letter of 12 June 2026"]));

    let unsure = curl(&server, MESSAGES, "p-004", &["-d", &body, "-H", "anthropic-version: 2023-06-01"]);
    assert_eq!(unsure.status, "401");
    unsure.has("douane-receipt: ");
    unsure.has("cache-control: no-store");
    unsure.has("www-authenticate: Bearer error=\"insufficient_user_authentication\"");
    assert_eq!(unsure.json()["missing_facts"], json!(["us_status"]));
}

#[test]
fn korean_on_request() {
    let server = Server::june("2026-06-12T18:00:00-04:00").start();
    let denied = curl(
        &server,
        MESSAGES,
        "p-015",
        &["-d", &ask("fable-5", json!({})), "-H", "Accept-Language: ko-KR,en;q=0.5"],
    );
    assert_eq!(denied.status, "451");
    denied.has("content-language: ko");
    assert_eq!(denied.json()["title"], "법적 명령으로 이 모델의 이용이 제한되어 있습니다");
}

#[test]
fn events_arrive_unbuffered() {
    let server = Server::june("2026-06-12T18:00:00-04:00").start();
    let practice = json!({ "stream": true, "practice": { "chunks": 5, "interval_ms": 5, "seed": "sse" } });
    for (path, dialect) in [(CHAT, Dialect::OpenAi), (MESSAGES, Dialect::Anthropic)] {
        let stream = curl(&server, path, "p-001", &["-N", "-d", &ask("fable-5", practice.clone())]);
        assert_eq!(stream.status, "200");
        stream.has("content-type: text/event-stream");
        stream.has("douane-receipt: ");
        let reading = read_text(dialect, stream.body.as_bytes());
        assert_eq!((reading.text, reading.terminal), (full_text("sse", 5), Terminal::Completed));
    }
}

#[test]
fn models_are_those_the_caller_may_use() {
    let server = Server::june("2026-06-12T18:00:00-04:00").start();
    let names = |person| {
        let list = curl(&server, "/v1/models", person, &[]);
        assert_eq!(list.status, "200");
        list.has("cache-control: no-store");
        let names = list.json()["data"].as_array().unwrap().iter().map(|model| model["id"].clone()).collect();
        Value::Array(names)
    };
    assert_eq!(names("p-001"), json!(["fable-5", "mythos-5", "opus-4-8", "practice-mini"]));
    assert_eq!(names("p-002"), json!(["opus-4-8", "practice-mini"]));
}
