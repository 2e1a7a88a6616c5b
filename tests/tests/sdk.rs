//! The vendors' own client libraries against the gate: what their users see.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use system_tests::{Python, Server};
use wire::practice::full_text;

const OPENAI: &str = "openai_calls.py";
const ANTHROPIC: &str = "anthropic_calls.py";
const REFERENCE: &str = "US Department of Commerce letter of 12 June 2026";
/// Words that would tell a caller about somebody else's licence or exception.
const CONFIDENTIAL: [&str; 6] = ["licen", "annex", "exception", "exempt", "harbor grid", "plains water"];

fn server() -> Server {
    let operator = ("https://gate.example/about", "https://gate.example/verify");
    Server::june("2026-06-12T18:00:00-04:00").operator(operator.0, operator.1).start()
}

fn plan(server: &Server, calls: &[Value]) -> Value {
    json!({ "base_url": format!("http://{}", server.gateway()), "calls": calls })
}

fn call(server: &Server, name: &str, kind: &str, person: &str, model: &str) -> Value {
    let practice = json!({ "chunks": 12, "interval_ms": 5, "seed": name });
    json!({ "name": name, "kind": kind, "key": server.key(person), "model": model, "practice": practice })
}

fn with(mut call: Value, name: &str, value: impl Into<Value>) -> Value {
    call[name] = value.into();
    call
}

/// Every verdict as one client library meets it.
fn all_verdicts(server: &Server) -> Vec<Value> {
    let call = |name: &str, kind: &str, person: &str, model: &str| call(server, name, kind, person, model);
    vec![
        call("served", "create", "p-001", "fable-5"),
        call("served-stream", "stream", "p-001", "fable-5"),
        call("served-async", "async_create", "p-001", "mythos-5"),
        call("served-async-stream", "async_stream", "p-001", "fable-5"),
        call("other-model", "create", "p-002", "opus-4-8"),
        call("denied", "create", "p-002", "fable-5"),
        call("denied-stream", "stream", "p-002", "mythos-5"),
        call("denied-async", "async_stream", "p-002", "fable-5"),
        call("unsure", "create", "p-004", "fable-5"),
        with(call("korean", "create", "p-015", "fable-5"), "language", "ko"),
        call("models-open", "models", "p-001", ""),
        call("models-closed", "models", "p-002", ""),
        call("model-closed", "model", "p-002", "fable-5"),
        call("unknown-model", "create", "p-001", "no-such-model"),
        with(call("bad-key", "create", "p-001", "fable-5"), "key", "dk_no_such_key"),
    ]
}

fn check_served(seen: &Value) {
    for name in ["served", "served-stream", "served-async", "served-async-stream", "other-model"] {
        let one = &seen[name];
        assert_eq!(one["error"], Value::Null, "{name}: {one}");
        assert_eq!(one["text"], full_text(name, 12), "{name}");
        assert!(matches!(one["finish"].as_str(), Some("stop" | "end_turn")), "{name}: {one}");
        assert!(one["headers"]["douane-receipt"].is_string(), "{name}: {one}");
    }
    assert_eq!(seen["models-open"]["models"], json!(["fable-5", "mythos-5", "opus-4-8", "practice-mini"]));
    assert_eq!(seen["models-closed"]["models"], json!(["opus-4-8", "practice-mini"]));
}

fn is_a(one: &Value, class: &str) -> bool {
    one["bases"].as_array().is_some_and(|bases| bases.iter().any(|base| base == class))
}

/// What is the same in both dialects about a refusal by law.
fn check_denied(one: &Value, model: &str) {
    assert_eq!(one["error"], "APIStatusError", "{one}");
    assert_eq!(one["status_code"], 451);
    assert_eq!(one["attempts"], 1, "a refusal by law is not tried again: {one}");
    assert_eq!(one["text"], "");
    let message = one["message"].as_str().unwrap();
    for part in [REFERENCE, model, "done nothing wrong", "opus-4-8"] {
        assert!(message.contains(part), "{part} is not in {message}");
    }
    let told = [message, &one["body"].to_string(), &one["headers"].to_string()].concat().to_lowercase();
    assert!(!CONFIDENTIAL.iter().any(|word| told.contains(word)), "{told}");
    let headers = &one["headers"];
    assert_eq!(headers["link"], "<https://gate.example/about>; rel=\"blocked-by\"");
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["content-language"], "en");
    assert_eq!(one["request_id"], headers["douane-receipt"], "the id an SDK shows is the receipt: {one}");
}

fn check_unsure(one: &Value) {
    assert_eq!(one["error"], "AuthenticationError", "{one}");
    assert!(is_a(one, "APIStatusError"));
    assert_eq!((&one["status_code"], &one["attempts"]), (&json!(401), &json!(1)), "{one}");
    let message = one["message"].as_str().unwrap();
    for part in [REFERENCE, "US status", "https://gate.example/verify"] {
        assert!(message.contains(part), "{part} is not in {message}");
    }
    let challenge = one["headers"]["www-authenticate"].as_str().unwrap();
    assert!(challenge.starts_with("Bearer error=\"insufficient_user_authentication\""), "{challenge}");
    assert!(challenge.contains("acr_values=\"urn:douane:acr:s3 urn:douane:acr:s4\""), "{challenge}");
}

fn check_korean(one: &Value) {
    assert_eq!((&one["status_code"], &one["headers"]["content-language"]), (&json!(451), &json!("ko")));
    let message = one["message"].as_str().unwrap();
    assert!(message.contains("요청하신 분의 잘못이 아닙니다"), "{message}");
    assert!(!message.contains("done nothing wrong"), "{message}");
}

fn check_mistakes(seen: &Value) {
    for name in ["unknown-model", "model-closed"] {
        assert_eq!(
            (&seen[name]["error"], &seen[name]["status_code"]),
            (&json!("NotFoundError"), &json!(404))
        );
    }
    assert!(seen["unknown-model"]["message"].as_str().unwrap().contains("no-such-model"));
    let bad_key = &seen["bad-key"];
    assert_eq!((&bad_key["error"], &bad_key["status_code"]), (&json!("AuthenticationError"), &json!(401)));
    assert_eq!(bad_key["headers"]["www-authenticate"], "Bearer error=\"invalid_token\"");
    for name in ["unknown-model", "model-closed", "bad-key"] {
        assert_eq!(seen[name]["attempts"], 1, "{name}");
    }
}

#[test]
fn openai_meets_every_verdict() {
    let server = server();
    let seen = last(Python::start(OPENAI, &plan(&server, &all_verdicts(&server))));
    check_served(&seen);
    for (name, model) in [("denied", "fable-5"), ("denied-stream", "mythos-5"), ("denied-async", "fable-5")] {
        check_denied(&seen[name], model);
        let (code, kind) = (&seen[name]["code"], &seen[name]["type"]);
        assert_eq!(
            (code, kind, &seen[name]["param"]),
            (&json!("legal_restriction"), &json!("permission_error"), &json!("model"))
        );
    }
    check_unsure(&seen["unsure"]);
    assert_eq!(seen["unsure"]["code"], "verification_required");
    check_korean(&seen["korean"]);
    check_mistakes(&seen);
    assert_eq!(seen["unknown-model"]["code"], "model_not_in_catalogue");
}

#[test]
fn anthropic_meets_every_verdict() {
    let server = server();
    let seen = last(Python::start(ANTHROPIC, &plan(&server, &all_verdicts(&server))));
    check_served(&seen);
    for (name, model) in [("denied", "fable-5"), ("denied-stream", "mythos-5"), ("denied-async", "fable-5")] {
        check_denied(&seen[name], model);
        assert_eq!(
            (&seen[name]["error_code"], &seen[name]["type"]),
            (&json!("legal_restriction"), &json!("permission_error"))
        );
        let body = &seen[name]["body"];
        assert_eq!((&body["code"], &body["status"]), (&json!("legal_restriction"), &json!(451)), "{body}");
        assert_eq!(body["references"], json!([REFERENCE]));
    }
    check_unsure(&seen["unsure"]);
    assert_eq!(seen["unsure"]["body"]["missing_facts"], json!(["us_status"]));
    assert_eq!(seen["unsure"]["body"]["cure"]["url"], "https://gate.example/verify");
    assert_eq!(seen["unsure"]["body"]["required_level"], "document");
    check_korean(&seen["korean"]);
    check_mistakes(&seen);
}

/// The last line of a script, past the lines that say how its calls go.
fn last(mut python: Python) -> Value {
    loop {
        let line = python.line();
        if line.get("began").is_none() && line.get("ended").is_none() {
            return line;
        }
    }
}

/// Reads lines until each of these has come.
fn await_lines(python: &mut Python, kind: &str, names: &[&str]) {
    let mut missing: Vec<&str> = names.to_vec();
    while !missing.is_empty() {
        let line = python.line();
        assert!(line.get(kind).is_some(), "{missing:?} missing when the client wrote {line}");
        missing.retain(|name| line[kind] != *name);
    }
}

/// Streams run when it becomes 17:21:00: the forbidden ones end with the SDK's error, the other loses no byte.
fn cut_at_the_instant(script: &str) -> Value {
    let server = Server::june("2026-06-12T17:20:00-04:00").start();
    let slow = |name: &str, kind: &str, person: &str, chunks: u32| {
        let practice = json!({ "chunks": chunks, "interval_ms": 20, "seed": name });
        with(call(&server, name, kind, person, "fable-5"), "practice", practice)
    };
    let calls = [
        slow("forbidden", "stream", "p-002", 3_000),
        slow("forbidden-async", "async_stream", "p-015", 3_000),
        slow("unsure", "stream", "p-004", 3_000),
        slow("permitted", "stream", "p-001", 250),
    ];
    let mut python = Python::start(script, &plan(&server, &calls));
    await_lines(&mut python, "began", &["forbidden", "forbidden-async", "unsure", "permitted"]);
    server.set_clock("2026-06-12T17:20:59.300-04:00");
    await_lines(&mut python, "ended", &["forbidden", "forbidden-async", "unsure", "permitted"]);
    let seen = python.finish();
    assert_eq!(
        (&seen["permitted"]["error"], &seen["permitted"]["text"]),
        (&Value::Null, &json!(full_text("permitted", 250)))
    );
    for (name, code) in [
        ("forbidden", "legal_restriction"),
        ("forbidden-async", "legal_restriction"),
        ("unsure", "verification_required"),
    ] {
        let one = &seen[name];
        assert!(is_a(one, "APIError"), "{one}");
        let (text, message) = (one["text"].as_str().unwrap(), one["message"].as_str().unwrap());
        assert!(!text.is_empty() && full_text(name, 2_999).starts_with(text), "{name}: {text}");
        for part in ["The answer was ended here", REFERENCE] {
            assert!(message.contains(part), "{part} is not in {message}");
        }
        assert!(one.to_string().contains(code), "{one}");
        assert_eq!(one["attempts"], 1, "{one}");
    }
    let log = server.douane_json(&["verify", &server.dir().display().to_string(), "--key", &server.log_key]);
    assert_eq!(log["counts"]["cut"], 3, "{log}");
    seen
}

#[test]
fn openai_streams_are_cut_at_the_instant() {
    let seen = cut_at_the_instant(OPENAI);
    assert_eq!(seen["forbidden"]["error"], "APIError");
    assert_eq!(seen["forbidden"]["code"], "legal_restriction");
}

#[test]
fn anthropic_streams_are_cut_at_the_instant() {
    let seen = cut_at_the_instant(ANTHROPIC);
    assert_eq!(seen["forbidden"]["error"], "APIStatusError");
    assert_eq!(seen["forbidden"]["error_code"], "legal_restriction");
}
