//! Employers and vendors.

use super::{path_of, personal, plain, stage};
use crate::issuer::{GATEWAY, NOW};
use crate::rig::commit;
use crate::stage::{Answer, Stage, account, send};
use aws_lc_rs::hmac;
use ledger::note::SigningKey;
use serde_json::{Value, json};
use server::control;
use std::net::SocketAddr;
use std::sync::Arc;
use store::Event;
use terms::{Attested, Level, OfficerId, PersonFacts, UsStatus};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const TOKEN: (&str, &str) = ("authorization", "Bearer control-token");

/// The control port of a stage.
pub async fn control(stage: &Stage) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let house = Arc::clone(&stage.rig.house);
    tokio::spawn(control::serve(house, "control-token", listener, std::future::pending()).into_future());
    address
}

pub async fn desk(method: &str, to: SocketAddr, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let always = [("host", "127.0.0.1"), ("content-type", "application/json")];
    send(method, to, path, &[&always, headers].concat(), body).await
}

/// A link for the officer, and the path it stands for.
async fn employer_link(stage: &Stage, path: &str) -> String {
    let made = stage.form(&format!("{path}/employer"), &[], "").await;
    assert_eq!((made.status, &made.body["expires_in"]), (200, &json!(604_800)), "{}", made.text);
    made.body["link"].as_str().unwrap().strip_prefix(GATEWAY).unwrap().to_owned()
}

/// The text to sign, as it stands on the officer's page.
async fn text_to_sign(stage: &Stage, link: &str) -> String {
    let page = stage.get(link, &[]).await;
    assert!(page.status == 200 && page.text.contains("e7 asks"), "{}", page.text);
    let (_, text) = page.text.split_once("<p class=\"code\">").unwrap();
    text.split_once("</p>").unwrap().0.to_owned()
}

/// An officer of an account.
async fn add_officer(stage: &Stage, name: &str, of: &str, seed: u8) -> SigningKey {
    let key = SigningKey::from_seed(name, &[seed; 32]).unwrap();
    let (officer, account) = (OfficerId::parse(name).unwrap(), account(of));
    let (added_by, public_key) = (Some(OfficerId::parse("one").unwrap()), key.verifier().to_string());
    commit(&stage.rig.house, &[Event::AccountOfficerAdded { officer, public_key, added_by, account }]).await;
    key
}

/// A text of an officer's page with an answer, signed and sent as the form sends it.
fn signed(by: &SigningKey, pattern: &str, us_person: &str) -> String {
    let text = pattern.replace("us_person ...", &format!("us_person {us_person}"));
    format!("note={}", encoded(&by.sign(&text).unwrap()))
}

pub fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officers_signature_settles_it_once() {
    let stage = plain().await;
    let key = personal(&stage, "e7", PersonFacts::unknown()).await;
    let link = employer_link(&stage, &stage.link(&key).await).await;
    let officer = add_officer(&stage, "hr-officer", "acme", 9).await;
    let pattern = text_to_sign(&stage, &link).await;
    assert!(!link.contains(pattern.lines().nth(1).unwrap().strip_prefix("link ").unwrap()));
    let signed = |by: &SigningKey, us_person: &str| signed(by, &pattern, us_person);
    let stranger = SigningKey::from_seed("hr-officer", &[8; 32]).unwrap();
    for bad in [signed(&stranger, "yes"), signed(&officer, "maybe"), "note=x".to_owned()] {
        assert_eq!(stage.form(&link, &[], &bad).await.body["code"], "unsigned");
    }
    assert_eq!(stage.form(&link, &[], &signed(&officer, "...")).await.body["code"], "missing_claim");
    assert_eq!(stage.ask_with(&key).await.status, 401);
    let done = stage.form(&link, &[], &signed(&officer, "yes")).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(stage.ask_with(&key).await.status, 200);
    assert_eq!(stage.form(&link, &[], &signed(&officer, "yes")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_of_another_account_is_refused_and_the_link_still_works() {
    let stage = plain().await;
    let key = personal(&stage, "e7", PersonFacts::unknown()).await;
    let link = employer_link(&stage, &stage.link(&key).await).await;
    let own = add_officer(&stage, "hr-acme", "acme", 9).await;
    let other = add_officer(&stage, "hr-other", "other", 8).await;
    let pattern = text_to_sign(&stage, &link).await;
    let refused = stage.form(&link, &[], &signed(&other, &pattern, "yes")).await;
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!("officer_of_another_account")));
    assert_eq!(stage.ask_with(&key).await.status, 401);
    assert_eq!(stage.form(&link, &[], &signed(&own, &pattern, "yes")).await.status, 200);
    assert_eq!(stage.ask_with(&key).await.status, 200);
}

/// A person confirmed by an officer of `acme` who then leaves; the status of the next request.
async fn after_removal(for_cause: bool) -> (u16, Value) {
    let stage = plain().await;
    let (key, control) = (personal(&stage, "e7", PersonFacts::unknown()).await, control(&stage).await);
    let link = employer_link(&stage, &stage.link(&key).await).await;
    let officer = add_officer(&stage, "hr-acme", "acme", 9).await;
    let pattern = text_to_sign(&stage, &link).await;
    assert_eq!(stage.form(&link, &[], &signed(&officer, &pattern, "yes")).await.status, 200);
    assert_eq!(stage.ask_with(&key).await.status, 200);
    let removal = json!({"officer": "hr-acme", "for_cause": for_cause, "why": "left"}).to_string();
    let removed = desk("POST", control, "/v1/officers/removal", &[TOKEN], &removal).await;
    assert_eq!(removed.status, 200, "{}", removed.text);
    let again = desk("POST", control, "/v1/officers/removal", &[TOKEN], &removal).await;
    assert_eq!(again.status, 409, "{}", again.text);
    (stage.ask_with(&key).await.status, removed.body["withdrawn"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_officer_confirmed_stands_unless_the_officer_was_removed_for_cause() {
    assert_eq!(after_removal(false).await, (200, json!(0)));
    assert_eq!(after_removal(true).await, (401, json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn officers_of_an_account_are_introduced_and_cannot_rise() {
    let stage = plain().await;
    let control = control(&stage).await;
    let seeds = |name: &str| match name {
        "hr-1" => 1,
        "hr-2" => 2,
        "hr-3" => 3,
        _ => 4,
    };
    let key = |name: &str| SigningKey::from_seed(name, &[seeds(name); 32]).unwrap();
    let add = async |name: &str, account: Option<&str>, by: Option<&str>| {
        let public_key = key(name).verifier().to_string();
        let officer = OfficerId::parse(name).unwrap();
        let text = match account {
            Some(of) => law::account_introduction_text(&officer, &public_key, &crate::stage::account(of)),
            None => law::introduction_text(&officer, &public_key),
        };
        let mut new = json!({"officer": name, "public_key": public_key});
        if let Some(account) = account {
            new["account"] = json!(account);
        }
        if let Some(by) = by {
            new["introduced_by"] = json!({"officer": by, "note": key(by).sign(&text).unwrap()});
        }
        desk("POST", control, "/v1/officers", &[TOKEN], &new.to_string()).await
    };
    assert_eq!(add("hr-1", Some("acme"), None).await.status, 200, "the operator names the first");
    assert_eq!(add("hr-2", Some("acme"), None).await.status, 403, "and no further one");
    assert_eq!(add("hr-2", Some("other"), Some("hr-1")).await.status, 403, "nor one of another account");
    assert_eq!(add("hr-2", Some("acme"), Some("hr-1")).await.status, 200);
    assert_eq!(add("hr-3", Some("nowhere"), None).await.status, 409, "an account is on file first");
    // The operator has one officer of the two that it needs: hr-1 does not count and introduces nobody there.
    assert_eq!(add("hr-3", None, Some("hr-1")).await.status, 403);
    assert_eq!(add("hr-3", None, None).await.status, 200);
    assert_eq!(add("op", None, None).await.status, 403);
    let listed = desk("GET", control, "/v1/officers", &[TOKEN], "").await;
    let of: Vec<_> =
        listed.body.as_array().unwrap().iter().map(|one| (&one["officer"], &one["account"])).collect();
    let (acme, none) = (json!("acme"), Value::Null);
    assert!(of.contains(&(&json!("hr-1"), &acme)) && of.contains(&(&json!("hr-3"), &none)), "{of:?}");
    let removal = json!({"officer": "hr-3"}).to_string();
    assert_eq!(desk("POST", control, "/v1/officers/removal", &[TOKEN], &removal).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_can_enter_what_the_employer_said() {
    let stage = plain().await;
    let (key, control) = (personal(&stage, "e7", PersonFacts::unknown()).await, control(&stage).await);
    let link = employer_link(&stage, &stage.link(&key).await).await;
    let secret = link.strip_prefix("/cure/ask/").unwrap();
    let said = json!({"link": secret, "claims": {"us_person": true}}).to_string();
    assert_eq!(desk("POST", control, "/v1/attestations", &[], &said).await.status, 401);
    let beyond = json!({"link": secret, "claims": {"us_person": true, "religion": "x"}}).to_string();
    assert_eq!(desk("POST", control, "/v1/attestations", &[TOKEN], &beyond).await.status, 422);
    let done = desk("POST", control, "/v1/attestations", &[TOKEN], &said).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(stage.ask_with(&key).await.status, 200);
    assert_eq!(desk("POST", control, "/v1/attestations", &[TOKEN], &said).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_declined_is_spent() {
    let stage = plain().await;
    let key = personal(&stage, "e7", PersonFacts::unknown()).await;
    let link = employer_link(&stage, &stage.link(&key).await).await;
    assert_eq!(stage.form(&link, &[], "decline=1").await.status, 200);
    assert_eq!(stage.get(&link, &[]).await.status, 404);
    assert_eq!(stage.ask_with(&key).await.status, 401);
}

const SECRET: &str = "s3cret";

async fn with_vendor() -> Stage {
    let kyc = json!({"name": "persona", "secret": "idp", "start": "https://kyc.test/verify?reference-id={reference}"});
    let vendor = json!({"iss": "https://kyc.test", "kind": "kyc", "algs": ["ES256"], "max_strength": "S3", "kyc": kyc,
        "may_assert": ["us_person"], "complete_for": ["us_person"], "accounts": [{"account": "acme"}]});
    stage(json!({}), vec![vendor], json!({})).await
}

fn approved(reference: &str, us_person: bool) -> String {
    let fields = json!({"us-person": {"value": us_person}, "birthdate": {"value": "1990-01-01"}});
    let inquiry = json!({"status": "approved", "reference-id": reference, "fields": fields});
    let payload = json!({"data": {"attributes": inquiry}});
    json!({"data": {"attributes": {"name": "inquiry.approved", "payload": payload}}}).to_string()
}

fn signature(body: &str, seconds: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = hmac::sign(&key, format!("{seconds}.{body}").as_bytes());
    let tag: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={tag}")
}

async fn refer(stage: &Stage, path: &str) -> String {
    let sent = stage.form(&format!("{path}/vendor"), &[], "").await;
    let reference = sent.body["reference"].as_str().unwrap_or_else(|| panic!("{}", sent.text)).to_owned();
    assert_eq!(sent.body["start"], format!("https://kyc.test/verify?reference-id={reference}"));
    reference
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendors_signed_message_settles_it() {
    let stage = with_vendor().await;
    let (key, control) = (personal(&stage, "e7", PersonFacts::unknown()).await, control(&stage).await);
    let body = approved(&refer(&stage, &stage.link(&key).await).await, true);
    let tell = async |name: &str, body: &str, signature: &str| {
        let path = format!("/v1/kyc/{name}");
        desk("POST", control, &path, &[("persona-signature", signature)], body).await
    };
    let good = signature(&body, NOW);
    for (name, sent, signed, status, code) in [
        ("persona", body.as_str(), signature(&body, NOW - 301), 422, "stale_proof"),
        ("persona", &body.replace("true", "false"), good.clone(), 422, "bad_signature"),
        ("persona", &body, String::new(), 422, "bad_signature"),
        ("other", &body, good.clone(), 404, "link_gone"),
    ] {
        let refused = tell(name, sent, &signed).await;
        assert_eq!(refused.status, status, "{}", refused.text);
        assert!(refused.text.contains(code), "{}", refused.text);
    }
    let unknown = approved(&"0".repeat(64), true);
    assert_eq!(tell("persona", &unknown, &signature(&unknown, NOW)).await.status, 404);
    assert_eq!(stage.ask_with(&key).await.status, 401);
    let done = tell("persona", &body, &good).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(stage.ask_with(&key).await.status, 200);
    let replayed = tell("persona", &body, &good).await;
    assert!(replayed.status == 422 && replayed.text.contains("replayed"), "{}", replayed.text);
    assert_eq!(tell("persona", &body, &signature(&body, NOW + 1)).await.status, 404);
}

/// Reads a stream until it ends; `begun` is told when its first event is there.
async fn stream(to: SocketAddr, key: String, begun: tokio::sync::oneshot::Sender<()>) -> String {
    let body = r#"{"model":"fable-5","stream":true,"messages":[],"practice":{"chunks":2000,"interval_ms":20,"seed":"s"}}"#;
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: gate.test\r\nconnection: close\r\nx-api-key: {key}\r\n"
    );
    let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut all, mut begun) = (Vec::new(), Some(begun));
    let mut some = [0; 4096];
    loop {
        let read = stream.read(&mut some).await.unwrap();
        all.extend(&some[..read]);
        if String::from_utf8_lossy(&all).contains("data: ")
            && let Some(begun) = begun.take()
        {
            begun.send(()).unwrap();
        }
        if read == 0 {
            return String::from_utf8(all).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_arrives_decides_open_streams_anew() {
    let stage = with_vendor().await;
    let control = control(&stage).await;
    let path = {
        let key = personal(&stage, "e7", PersonFacts::unknown()).await;
        path_of(&stage.ask_with(&key).await)
    };
    let reference = refer(&stage, &path).await;
    let citizen = Attested::new(UsStatus::Citizen, Level::Employer);
    let key = personal(&stage, "e7", PersonFacts { us_status: citizen, ..PersonFacts::unknown() }).await;
    let (begun, told) = tokio::sync::oneshot::channel();
    let open = tokio::spawn(stream(stage.rig.gateway, key, begun));
    told.await.unwrap();
    let body = approved(&reference, false);
    let done =
        desk("POST", control, "/v1/kyc/persona", &[("douane-signature", &signature(&body, NOW))], &body)
            .await;
    assert_eq!(done.status, 200, "{}", done.text);
    let ended = tokio::time::timeout(std::time::Duration::from_secs(10), open).await.unwrap().unwrap();
    assert!(
        ended.contains("legal_restriction"),
        "{}",
        ended.get(ended.len().saturating_sub(800)..).unwrap_or(&ended)
    );
    let _: Value = done.body;
}
