//! The operator's own rules at the gateway: they refuse what the law permits, say so, and never do more.
#![allow(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

mod rig;

use bylaws::Bylaws;
use rig::{Rig, issue_to, on_disk};
use serde_json::Value;
use std::time::Duration;
use terms::{Attested, Country, Employer, Employment, Instant, Level, PersonFacts, Relation, UsStatus};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CONTRACTORS: &str = r#"
@id("contractors")
@reason("Contractors use the smaller model.")
@ko("협력 업체 인력은 작은 모델을 이용합니다.")
forbid (principal, action, resource == Model::"fable-5")
when { principal has relation && principal.relation == "contractor" };
"#;
const PLACE: &str = r#"
@id("place")
@effect("verify")
@missing("location")
forbid (principal, action, resource == Model::"fable-5")
unless { principal has location && principal.location_level >= 3 };
"#;
const BROKEN: &str = r#"
@id("broken")
forbid (principal, action, resource == Model::"open-1")
when { principal.us_status_level + 9223372036854775807 > 0 };
"#;
const SOON: &str = r#"
@id("soon")
forbid (principal, action, resource == Model::"open-1")
when { context.at >= datetime("2026-06-13T12:00:05Z") && context.streaming };
"#;

const CHAT: &str = "POST /v1/chat/completions HTTP/1.1";
const MODELS: &str = "GET /v1/models HTTP/1.1";

struct Answer {
    status: String,
    head: String,
    body: String,
}

impl Answer {
    fn problem(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

async fn send(rig: &Rig, head: &str, key: &str, body: &str) -> TcpStream {
    let request = format!(
        "{head}\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer {key}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len(),
    );
    let mut stream = TcpStream::connect(rig.gateway).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn get(rig: &Rig, head: &str, key: &str, body: &str) -> Answer {
    let mut text = String::new();
    send(rig, head, key, body).await.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap_or_default().to_owned();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// A chat of one chunk.
fn chat(model: &str) -> String {
    format!(r#"{{"model":"{model}","messages":[],"practice":{{"chunks":1,"interval_ms":0,"seed":"s"}}}}"#)
}

async fn ask(rig: &Rig, key: &str, model: &str) -> Answer {
    get(rig, CHAT, key, &chat(model)).await
}

fn contractor() -> PersonFacts {
    let employer =
        Employer { name: "Acme".to_owned(), relation: Relation::Contractor, ..Employer::default() };
    PersonFacts {
        us_status: Attested::new(UsStatus::Citizen, Level::Document),
        employment: Employment::Works(employer),
        ..PersonFacts::unknown()
    }
}

async fn start(dir: &tempfile::TempDir, texts: &[&str]) -> Rig {
    let all = texts.iter().map(|text| Bylaws::parse(text).unwrap());
    let bylaws = all.reduce(|all, one| all.join(one).unwrap()).unwrap_or_default();
    Rig::start_with(dir.path(), on_disk(dir.path()), bylaws).await
}

/// The reasons of the decisions recorded, in order.
fn reasons(dir: &tempfile::TempDir, rig: &Rig) -> Vec<String> {
    rig.house.close().unwrap();
    let mut all = Vec::new();
    let mut folders = vec![dir.path().join("log")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            all.extend(
                text.split("\"reason\":\"")
                    .skip(1)
                    .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())),
            );
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bylaw_refuses_one_model_for_a_contractor_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let rig = start(&dir, &[CONTRACTORS]).await;
    let key = issue_to(&rig.house, "x", contractor()).await;
    let refused = ask(&rig, &key, "fable-5").await;
    assert_eq!(refused.status, "403", "{}", refused.body);
    let problem = refused.problem();
    assert_eq!(problem["code"], "house_rule");
    assert_eq!(problem["error"]["type"], "permission_error");
    let message = problem["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("Contractors use the smaller model.") && message.contains("open-1"),
        "{message}"
    );
    assert!(
        refused.head.contains("douane-receipt: ") && !refused.head.contains("blocked-by"),
        "{}",
        refused.head
    );
    let in_korean = format!("{CHAT}\r\naccept-language: ko");
    let korean = get(&rig, &in_korean, &key, &chat("fable-5")).await;
    assert!(korean.body.contains("협력 업체 인력은 작은 모델을 이용합니다."), "{}", korean.body);

    assert_eq!(ask(&rig, &key, "open-1").await.status, "200");
    assert_eq!(ask(&rig, &rig.citizen, "fable-5").await.status, "200");
    let foreign = ask(&rig, &rig.foreigner, "fable-5").await;
    assert_eq!(foreign.status, "451", "the law speaks first: {}", foreign.body);
    let list = get(&rig, MODELS, &key, "").await;
    assert!(list.body.contains("open-1") && !list.body.contains("fable-5"), "{}", list.body);
    let list = get(&rig, MODELS, &rig.citizen, "").await;
    assert!(list.body.contains("fable-5"), "{}", list.body);
    let rules = rig.house.rules.as_ref().unwrap();
    assert_eq!(rules.errors(), 0);
    let reasons = reasons(&dir, &rig);
    assert!(reasons.iter().filter(|reason| *reason == "house_rule:contractors").count() == 2, "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_demand_names_the_fact_and_how_to_show_it() {
    let dir = tempfile::tempdir().unwrap();
    let rig = start(&dir, &[PLACE]).await;
    let refused = ask(&rig, &rig.citizen, "fable-5").await;
    assert_eq!(refused.status, "401", "{}", refused.body);
    assert!(refused.head.contains("insufficient_user_authentication"), "{}", refused.head);
    let problem = refused.problem();
    assert_eq!(problem["code"], "house_rule_verification");
    assert_eq!(problem["missing_facts"], serde_json::json!(["location"]));
    assert_eq!(problem["cure"]["url"], "https://operator.example/verify");
    let placed = PersonFacts {
        us_status: Attested::new(UsStatus::Citizen, Level::Document),
        location: Some(Attested::new(Country::US, Level::Employer)),
        ..PersonFacts::unknown()
    };
    let key = issue_to(&rig.house, "p", placed).await;
    assert_eq!(ask(&rig, &key, "fable-5").await.status, "200");
    let reasons = reasons(&dir, &rig);
    assert!(reasons.contains(&"house_rule_verification:place".to_owned()), "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bylaw_that_fails_refuses_and_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let rig = start(&dir, &[BROKEN]).await;
    let refused = ask(&rig, &rig.citizen, "open-1").await;
    assert_eq!(refused.status, "403", "{}", refused.body);
    assert_eq!(refused.problem()["code"], "house_rule_error");
    assert!(
        !refused.body.contains("overflow"),
        "what went wrong is the operator's business: {}",
        refused.body
    );
    assert_eq!(rig.house.rules.as_ref().unwrap().errors(), 1);
    assert_eq!(ask(&rig, &rig.citizen, "fable-5").await.status, "200");
    assert_eq!(rig.house.rules.as_ref().unwrap().errors(), 1);
    let reasons = reasons(&dir, &rig);
    assert!(reasons.contains(&"house_rule_error".to_owned()), "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_stream_ends_when_a_bylaw_begins_to_hold() {
    let dir = tempfile::tempdir().unwrap();
    let rig = start(&dir, &[SOON]).await;
    let body = r#"{"model":"open-1","stream":true,"messages":[],"practice":{"chunks":100000,"interval_ms":20,"seed":"s"}}"#;
    let mut stream = send(&rig, CHAT, &rig.citizen, body).await;
    let mut first = [0u8; 512];
    let read = stream.read(&mut first).await.unwrap();
    assert!(String::from_utf8_lossy(&first[..read]).contains(" 200 "));
    let list = get(&rig, MODELS, &rig.citizen, "").await;
    rig.house.clock.jump_to(Instant::parse("2026-06-13T12:00:06Z").unwrap()).unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut rest)).await.unwrap().unwrap();
    let rest = String::from_utf8_lossy(&rest);
    assert!(rest.contains("house_rule"), "{}", &rest[rest.len().saturating_sub(600)..]);
    assert_eq!(ask(&rig, &rig.citizen, "open-1").await.status, "200", "a whole answer is still given");
    let later = get(&rig, MODELS, &rig.citizen, "").await;
    assert_eq!(list.body, later.body, "the model is still open to whole answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_bylaws_none_are_asked() {
    let dir = tempfile::tempdir().unwrap();
    let rig = start(&dir, &[]).await;
    assert!(rig.house.rules.is_none());
    assert_eq!(ask(&rig, &rig.citizen, "fable-5").await.status, "200");
}
