//! Officers ask why: the control port explains a verdict from what is on file, in each form and language.
#![allow(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

#[allow(dead_code, reason = "each user of the rig takes what it needs")]
mod rig;

use rig::Rig;
use serde_json::{Value, json};
use server::control;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const TOKEN: &str = "officers-only";

/// A control port beside the gateway of a rig.
async fn control_of(rig: &Rig) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let house = Arc::clone(&rig.house);
    tokio::spawn(async move { control::serve(house, TOKEN, listener, std::future::pending()).await });
    address
}

/// Status, head and body of an answer.
async fn post(to: SocketAddr, token: &str, accept: &str, body: &Value) -> (u16, String, String) {
    let body = body.to_string();
    let request = format!(
        "POST /v1/explain HTTP/1.1\r\nhost: {to}\r\nconnection: close\r\nauthorization: Bearer {token}\r\naccept: {accept}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_ascii_lowercase(), body.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_is_explained_from_what_is_on_file() {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::start(dir.path(), rig::on_disk(dir.path())).await;
    let control = control_of(&rig).await;
    let before = rig.house.record.journal().size();

    let person = json!({ "account": "rig", "person": "f", "model": "fable-5" });
    let (status, head, body) = post(control, TOKEN, "application/json", &person).await;
    assert!(status == 200 && head.contains("content-type: application/json"), "{head} {body}");
    let trace: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (&trace["verdict"]["outcome"], &trace["directives"][0]["id"]),
        (&json!("deny"), &json!("letter"))
    );
    assert!(!body.contains(&rig.foreigner), "a key is never shown");

    let citizen = json!({ "account": "rig", "key": rig.citizen, "model": "fable-5", "lang": "ko" });
    let (status, head, body) = post(control, TOKEN, "text/plain", &citizen).await;
    assert!(status == 200 && head.contains("content-language: ko"), "{head}");
    assert!(head.contains("content-type: text/plain") && body.starts_with("판정: 허용"), "{body}");

    let earlier =
        json!({ "account": "rig", "person": "f", "model": "fable-5", "at": "2026-06-12T21:20:59Z" });
    let (_, head, body) = post(control, TOKEN, "text/markdown", &earlier).await;
    assert!(head.contains("content-type: text/markdown") && body.starts_with("# Verdict: permit"), "{body}");
    assert!(body.contains("from 2026-06-12T21:21:00Z on → deny"), "{body}");
    assert_eq!(rig.house.record.journal().size(), before, "nothing is decided, so nothing is recorded");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_explained_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::start(dir.path(), rig::on_disk(dir.path())).await;
    let control = control_of(&rig).await;
    let person = json!({ "account": "rig", "person": "f", "model": "fable-5" });
    assert_eq!(post(control, "guess", "*/*", &person).await.0, 401);
    for (status, wrong) in [
        (404, json!({ "account": "rig", "person": "nobody", "model": "fable-5" })),
        (404, json!({ "account": "other", "person": "f", "model": "fable-5" })),
        (404, json!({ "account": "other", "key": rig.foreigner, "model": "fable-5" })),
        (404, json!({ "account": "rig", "person": "f", "model": "no-such-model" })),
        (422, json!({ "account": "rig", "model": "fable-5" })),
        (422, json!({ "account": "rig", "person": "f", "key": rig.foreigner, "model": "fable-5" })),
        (422, json!({ "account": "rig", "key": "no key", "model": "fable-5" })),
    ] {
        let (got, _, body) = post(control, TOKEN, "*/*", &wrong).await;
        assert_eq!(got, status, "{wrong}: {body}");
    }
}
