//! Officers and vendors.

use super::*;
use crate::evidence::{Answer, Predicate};
use crate::testing::{Bench, EMPLOYER, now};
use serde_json::json;

const VENDOR: &str = "https://kyc.test";
const SECRET: &[u8] = b"shared with the vendor";

fn registry() -> Registry {
    let trust = json!({"issuers": [
        {"iss": VENDOR, "kind": "kyc", "algs": ["ES256"], "max_strength": "S4",
         "may_assert": ["us_person", "nationalities"], "complete_for": ["us_person"]},
    ]});
    Registry::from_json(trust.to_string().as_bytes()).unwrap()
}

fn confirmed<'a>(claims: &'a [u8], link: &'a [u8]) -> Attestation<'a> {
    Attestation { issuer: EMPLOYER, subject: "e:7", claims, link }
}

#[test]
fn an_officer_answers_a_link_once_and_at_most_as_employer() {
    let (bench, replay) = (Bench::new(), Replay::default());
    let said = confirmed(br#"{"us_person":true}"#, b"secret");
    let evidence = bench.verifier.attestation(&said, now(), &replay).unwrap();
    assert_eq!((evidence.level(), evidence.method()), (Level::Employer, Method::Attestation));
    assert_eq!(evidence.answer(&Predicate::UsPerson), Answer::Yes);
    assert_eq!(bench.verifier.attestation(&said, now(), &replay), Err(Refusal::Replayed));
}

#[test]
fn an_officer_says_no_more_than_the_employer_may() {
    let (bench, replay) = (Bench::new(), Replay::default());
    let refused =
        |said: Attestation<'_>| bench.verifier.attestation(&said, now(), &replay).unwrap_err().code();
    let us_person = br#"{"us_person":true}"#;
    assert_eq!(refused(confirmed(br#"{"not_national_of":["CN"]}"#, b"a")), "claim_out_of_scope");
    assert_eq!(refused(confirmed(br#"{"us_person":true,"us_person":false}"#, b"b")), "malformed");
    assert_eq!(refused(Attestation { subject: "x:7", ..confirmed(us_person, b"c") }), "claim_out_of_scope");
    assert_eq!(refused(Attestation { issuer: VENDOR, ..confirmed(us_person, b"d") }), "untrusted_issuer");
    assert_eq!(
        refused(Attestation { issuer: crate::testing::IDP, ..confirmed(us_person, b"e") }),
        "untrusted_issuer"
    );
}

fn body(name: &str, status: &str, fields: serde_json::Value) -> String {
    let inquiry = json!({"status": status, "reference-id": "u-1", "fields": fields, "name-first": "Zebra"});
    let payload = json!({"data": {"type": "inquiry", "id": "inq_1", "attributes": inquiry}});
    json!({"data": {"type": "event", "attributes": {"name": name, "payload": payload}}}).to_string()
}

fn signed(body: &str, seconds: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
    let tag = hmac::sign(&key, format!("{seconds}.{body}").as_bytes());
    let tag: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={tag}")
}

fn check(body: &str, signature: &str, replay: &Replay) -> Result<Evidence, Refusal> {
    let message = Message { issuer: VENDOR, secret: SECRET, signature, body: body.as_bytes() };
    vendor(&registry(), &message, now(), replay)
}

const AT: i64 = crate::testing::NOW;

fn approved() -> String {
    let fields = json!({
        "us-person": {"type": "boolean", "value": true}, "nationality": {"type": "string", "value": "DE"},
        "birthdate": {"type": "date", "value": "1990-01-01"}, "address": {"type": "string", "value": null},
    });
    body("inquiry.approved", "approved", fields)
}

#[test]
fn an_approved_inquiry_is_evidence_and_nothing_else_of_it_is_kept() {
    let (body, replay) = (approved(), Replay::default());
    let evidence = check(&body, &signed(&body, AT), &replay).unwrap();
    assert_eq!((evidence.level(), evidence.subject()), (Level::Document, Some("u-1")));
    assert_eq!(evidence.answer(&Predicate::UsPerson), Answer::Yes);
    let kept = format!("{evidence:?}");
    assert!(!kept.contains("1990") && !kept.contains("Zebra"), "{kept}");
    assert_eq!(check(&body, &signed(&body, AT), &replay), Err(Refusal::Replayed));
}

#[test]
fn a_message_must_be_signed_fresh_and_about_an_approval() {
    let (body_of_it, replay) = (approved(), Replay::default());
    let code = |body: &str, signature: &str| check(body, signature, &replay).unwrap_err().code();
    let good = signed(&body_of_it, AT);
    assert_eq!(code(&body_of_it.replace("DE", "US"), &good), "bad_signature");
    assert_eq!(code(&body_of_it, &good.replace("v1=", "v1=00")), "bad_signature");
    assert_eq!(code(&body_of_it, "v1=00"), "malformed");
    assert_eq!(code(&body_of_it, ""), "bad_signature");
    assert_eq!(code(&body_of_it, &signed(&body_of_it, AT - 301)), "stale_proof");
    assert_eq!(code(&body_of_it, &signed(&body_of_it, AT + 301)), "stale_proof");
    for other in
        [body("inquiry.declined", "declined", json!({})), body("inquiry.approved", "pending", json!({}))]
    {
        assert_eq!(code(&other, &signed(&other, AT)), "inactive");
    }
    let silent = body("inquiry.approved", "approved", json!({"us-person": {"value": null}}));
    assert_eq!(code(&silent, &signed(&silent, AT)), "missing_claim");
}

#[test]
fn a_secret_can_be_changed_while_both_are_sent() {
    let (body, replay) = (approved(), Replay::default());
    let both = format!("t={AT},v1={} {}", "00".repeat(32), signed(&body, AT));
    assert!(check(&body, &both, &replay).is_ok());
}
