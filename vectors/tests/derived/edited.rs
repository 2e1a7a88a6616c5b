//! Cases of the open set under another clock or in another context: the verdict changes with them.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::{accept, reject};

fn open() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("open")
}

fn read(path: PathBuf) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// What differs when one case of the open set, edited, is expected to end so at this time.
fn differences(id: &str, now: Option<i64>, edit: impl FnOnce(&mut Value), expect: Value) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let mut index = read(open().join("index.json"));
    let file = format!("cases/{}.json", id.split('/').next().unwrap());
    let mut cases = read(open().join(&file));
    let cases = cases.as_array_mut().unwrap();
    cases.retain(|case| case["id"] == id);
    edit(&mut cases[0]);
    if let Some(now) = now {
        index["now"] = json!(now);
    }
    index["cases"] = json!([{"id": id, "file": file, "expect": expect}]);
    fs::create_dir(dir.path().join("cases")).unwrap();
    fs::copy(open().join("trust.json"), dir.path().join("trust.json")).unwrap();
    fs::write(dir.path().join(&file), json!(cases).to_string()).unwrap();
    fs::write(dir.path().join("index.json"), index.to_string()).unwrap();
    vectors::run(dir.path()).unwrap().remove(0).differences
}

#[track_caller]
fn check(id: &str, now: Option<i64>, edit: impl FnOnce(&mut Value), expect: Value) {
    let found = differences(id, now, edit, expect);
    assert!(found.is_empty(), "{found:?}");
}

/// Unix seconds of a date in the mobile security object of a device response.
fn date(id: &str, name: &str) -> i64 {
    let cases = read(open().join("cases/mdoc.json"));
    let case = cases.as_array().unwrap().iter().find(|case| case["id"] == id).unwrap();
    let response = URL_SAFE_NO_PAD.decode(case["input"]["vp_token_mdoc"].as_str().unwrap()).unwrap();
    let at = response.windows(name.len()).position(|window| window == name.as_bytes()).unwrap() + name.len();
    // Tag 0, then a text of 20 bytes.
    assert_eq!(response[at..at + 2], [0xc0, 0x74]);
    let text = std::str::from_utf8(&response[at + 2..at + 22]).unwrap();
    terms::Instant::parse(text).unwrap().as_micros() / 1_000_000
}

#[test]
fn a_device_response_counts_to_the_ends_of_its_validity() {
    let id = "mdoc/ok-full";
    let (from, until) = (date(id, "validFrom"), date(id, "validUntil"));
    let good = || accept("S4", json!({"predicates": {"national_of:DE": "yes"}}));
    check(id, Some(until + 60), |_| {}, good());
    check(id, Some(until + 61), |_| {}, reject("expired"));
    check(id, Some(from - 60), |_| {}, good());
    check(id, Some(from - 61), |_| {}, reject("not_yet_valid"));
}

#[test]
fn a_device_response_is_for_one_session() {
    let id = "mdoc/ok-nationality-only";
    for (member, value) in [
        ("nonce", "n-other"),
        ("client_id", "x509_san_dns:other.test"),
        ("response_uri", "https://other.test/"),
    ] {
        check(id, None, |case| case["context"][member] = json!(value), reject("bad_signature"));
    }
    let padded = |case: &mut Value| {
        let response = case["input"]["vp_token_mdoc"].as_str().unwrap();
        case["input"]["vp_token_mdoc"] = json!(format!("{response}="));
    };
    check(id, None, padded, reject("malformed"));
}

#[test]
fn a_passport_without_its_holder_is_a_statement() {
    for (chip_auth, face_match) in [(true, false), (false, true), (false, false)] {
        let unbound =
            accept("S1", json!({"flags": ["holder_unbound"], "predicates": {"national_of:US": "yes"}}));
        let edit = |case: &mut Value| {
            case["context"]["chip_auth"] = json!(chip_auth);
            case["context"]["face_match"] = json!(face_match);
        };
        check("emrtd/ok-us", None, edit, unbound);
    }
}

#[test]
fn a_passport_needs_its_signer_and_its_portrait() {
    let id = "emrtd/ok-de";
    check(id, None, |case| case["context"]["csca_pem"] = json!([]), reject("untrusted_issuer"));
    check(id, None, |case| case["input"]["dg2"] = json!("AAAA"), reject("disclosure_invalid"));
    // Hashes are compared before a group is parsed.
    check(id, None, |case| case["input"]["dg1"] = json!("AAAA"), reject("disclosure_invalid"));
    check(id, None, |case| case["input"]["sod"] = json!("AAAA"), reject("malformed"));
    check(id, None, |case| case["input"]["dg1"] = json!("????"), reject("malformed"));
    check(id, Some(4_000_000_000), |_| {}, reject("untrusted_issuer"));
}

#[test]
fn the_verdict_of_an_edited_case_is_looked_at() {
    assert!(!differences("emrtd/ok-de", None, |_| {}, reject("expired")).is_empty());
    assert!(!differences("mdoc/ok-full", Some(4_000_000_000), |_| {}, accept("S4", json!({}))).is_empty());
}
