//! What a registry refuses, and what an issuer may do.

use serde_json::{Value, json};
use terms::Level;

use super::{BadRegistry, Issuer, Registry};
use crate::jose::Alg;
use crate::testing::Signer;
use crate::trust::Claim;

fn issuer(edit: impl FnOnce(&mut Value)) -> Value {
    let mut issuer = json!({
        "iss": "https://i.test", "kind": "oidc", "algs": ["ES256"], "max_strength": "S3",
        "jwks": {"keys": [Signer::es256().registered("k-1")]}, "may_assert": ["nationalities"],
        "trust_frameworks": {"eidas": {"high": "S4"}, "aml": {"*": "S3", "weak": "S1"}},
    });
    edit(&mut issuer);
    issuer
}

fn read(issuers: Vec<Value>) -> Result<Registry, BadRegistry> {
    Registry::from_json(json!({"issuers": issuers}).to_string().as_bytes())
}

#[track_caller]
fn check_refused(edit: impl FnOnce(&mut Value), expected: &str) {
    let error = read(vec![issuer(edit)]).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

fn one(edit: impl FnOnce(&mut Value)) -> Issuer {
    read(vec![issuer(edit)]).unwrap().issuer("https://i.test").unwrap().clone()
}

#[test]
fn entitlements_are_exactly_what_is_written() {
    let issuer = one(|_| {});
    assert!(issuer.may_assert(Claim::Nationalities) && !issuer.may_assert(Claim::UsPerson));
    assert!(!issuer.complete_for(Claim::Nationalities));
    assert!(issuer.uses(Alg::Es256) && !issuer.uses(Alg::EdDsa));
    assert_eq!((issuer.max_level(), issuer.max_ttl_s()), (Level::Document, 300));
    assert!(issuer.key("k-1").is_some() && issuer.key("K-1").is_none());
    assert!(!issuer.owns_api_key("ak"));
}

#[test]
fn assurance_is_looked_up_and_unknown_is_declared() {
    let issuer = one(|_| {});
    let level = |framework, level| issuer.assurance(framework, level);
    assert_eq!(level("eidas", Some("high")), Level::Credential);
    assert_eq!(level("eidas", None), Level::SelfDeclared);
    assert_eq!(level("aml", None), Level::Document);
    assert_eq!(level("aml", Some("x")), Level::Document);
    assert_eq!(level("aml", Some("weak")), Level::SelfDeclared);
    assert_eq!(level("other", Some("high")), Level::SelfDeclared);
}

#[test]
fn keys_that_cannot_verify_are_left_out_and_private_ones_refused() {
    let keys = |keys: Value| one(|issuer| issuer["jwks"]["keys"] = keys);
    let mut encryption = Signer::es256().registered("k-1");
    encryption["use"] = json!("enc");
    assert!(keys(json!([encryption])).key("k-1").is_none());
    assert!(keys(json!([Signer::es256().jwk()])).key("").is_none());
    let private = |issuer: &mut Value| issuer["jwks"]["keys"][0]["d"] = json!("AAAA");
    check_refused(private, "private key in public");
    let twice = json!([Signer::es256().registered("k"), Signer::ed_dsa().registered("k")]);
    check_refused(|issuer| issuer["jwks"]["keys"] = twice, "one `kid` for two keys");
}

#[test]
fn a_registry_is_refused_as_a_whole() {
    check_refused(|issuer| issuer["max_strength"] = json!("S5"), "a strength is S0");
    check_refused(|issuer| issuer["algs"] = json!(["HS256"]), "HS256");
    check_refused(|issuer| issuer["may_assert"] = json!(["name"]), "name");
    check_refused(|issuer| issuer["x5c_anchor"] = json!("ca"), "lacks");
    assert!(
        matches!(read(vec![issuer(|_| {}), issuer(|_| {})]), Err(BadRegistry::Twice(iss)) if iss == "https://i.test")
    );
    let repeated = br#"{"issuers":[],"issuers":[]}"#;
    assert!(matches!(Registry::from_json(repeated), Err(BadRegistry::Json(_))));
    let anchor = json!({"issuers": [], "anchors": {"ca": "none"}}).to_string();
    assert!(matches!(Registry::from_json(anchor.as_bytes()), Err(BadRegistry::Anchor(name)) if name == "ca"));
}
