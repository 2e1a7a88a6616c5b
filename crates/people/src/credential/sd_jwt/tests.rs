use super::super::samples::disclosure;
use super::*;
use proptest::prelude::*;
use serde_json::json;

fn object(value: &serde_json::Value) -> Object {
    json::parse_object(value.to_string().as_bytes()).unwrap()
}

/// Claims, and whether an element stayed hidden, or the code of the refusal.
fn opened(payload: &serde_json::Value, disclosures: &[&str]) -> Result<(Object, bool), &'static str> {
    disclose(object(payload), disclosures, Hash::Sha256)
        .map(|disclosed| (disclosed.claims, disclosed.hidden))
        .map_err(|refusal| refusal.code())
}

#[track_caller]
fn refused(payload: &serde_json::Value, disclosures: &[&str]) {
    assert_eq!(opened(payload, disclosures), Err("disclosure_invalid"), "{payload} {disclosures:?}");
}

#[test]
fn digests_of_rfc_9901_section_4_2() {
    // The examples of 4.2.1 and 4.2.3.
    let family_name = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0";
    let digest = "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0";
    let (claims, hidden) = opened(&json!({"_sd": [digest]}), &[family_name]).unwrap();
    assert_eq!(claims, object(&json!({"family_name": "Möbius"})));
    assert!(!hidden);
}

#[test]
fn members_and_elements_open_recursively_and_the_rest_stays_hidden() {
    let (element, element_digest) = disclosure(&json!(["s1", "DE"]));
    let (array, array_digest) =
        disclosure(&json!(["s2", "nationalities", [{"...": element_digest}, {"...": "decoy"}]]));
    let payload =
        json!({"_sd_alg": "sha-256", "_sd": [array_digest, "another decoy"], "plain": {"_sd": ["third"]}});
    let (claims, hidden) = opened(&payload, &[&element, &array]).unwrap();
    assert_eq!(claims, object(&json!({"nationalities": ["DE"], "plain": {}})));
    assert!(hidden);
    let (claims, hidden) = opened(&payload, &[]).unwrap();
    assert_eq!(claims, object(&json!({"plain": {}})));
    assert!(!hidden, "what an unopened member holds is not known");
}

#[test]
fn each_rule_of_section_7_1_refuses() {
    let (member, digest) = disclosure(&json!(["s", "name", 1]));
    let (element, element_digest) = disclosure(&json!(["s", "DE"]));
    let of = |parts: serde_json::Value| disclosure(&parts);
    refused(&json!({}), &[&member]);
    refused(&json!({"_sd": [digest]}), &[&member, &member]);
    refused(&json!({"_sd": [digest, digest]}), &[]);
    refused(&json!({"_sd": [digest], "a": {"_sd": [digest]}}), &[&member]);
    refused(&json!({"_sd": [digest], "a": [{"...": digest}]}), &[]);
    refused(&json!({"_sd": [digest], "name": 2}), &[&member]);
    refused(&json!({"_sd": [element_digest]}), &[&element]);
    refused(&json!({"a": [{"...": digest}]}), &[&member]);
    refused(&json!({"a": [{"...": digest, "b": 1}]}), &[]);
    refused(&json!({"a": [{"...": 1}]}), &[]);
    refused(&json!({"a": {"...": digest}}), &[]);
    refused(&json!({"_sd": "text"}), &[]);
    refused(&json!({"_sd": [1]}), &[]);
    for parts in [
        json!(["s", "_sd", ["x"]]),
        json!(["s", "...", "x"]),
        json!([1, "name", 1]),
        json!(["s", 1, 1]),
        json!(["s", "name", 1, 2]),
        json!(["s"]),
        json!({}),
        json!(["s", "exp", 1]),
        json!(["s", "cnf", {}]),
    ] {
        let (disclosure, digest) = of(parts);
        refused(&json!({"_sd": [digest]}), &[&disclosure]);
    }
}

#[test]
fn two_disclosures_of_one_name_clash() {
    let (one, first) = disclosure(&json!(["s1", "name", 1]));
    let (two, second) = disclosure(&json!(["s2", "name", 2]));
    refused(&json!({"_sd": [first, second]}), &[&one, &two]);
    assert!(opened(&json!({"_sd": [first], "below": {"_sd": [second]}}), &[&one, &two]).is_ok());
}

#[test]
fn repeated_members_are_malformed_and_other_junk_is_no_disclosure() {
    let twice = jose::encode(br#"["s","name",{"a":1,"a":2}]"#);
    assert_eq!(opened(&json!({}), &[&twice]), Err("malformed"));
    refused(&json!({}), &["!"]);
    refused(&json!({}), &[""]);
    refused(&json!({}), &[&jose::encode(b"[")]);
}

#[test]
fn the_hash_is_the_one_the_profile_lists() {
    let profile = Profile::default();
    let chosen = |payload| hash(&object(&payload), &profile).map_err(|refusal| refusal.code());
    assert_eq!(chosen(json!({})), Ok(Hash::Sha256));
    assert_eq!(chosen(json!({"_sd_alg": "sha-256"})), Ok(Hash::Sha256));
    assert_eq!(chosen(json!({"_sd_alg": "sha-512"})), Err("alg_not_allowed"));
    assert_eq!(chosen(json!({"_sd_alg": null})), Err("claim_type"));
    let wider = Profile { sd_alg: vec!["sha-512".into(), "md5".into()], ..Profile::default() };
    assert_eq!(hash(&object(&json!({"_sd_alg": "sha-512"})), &wider), Ok(Hash::Sha512));
    assert!(hash(&object(&json!({"_sd_alg": "md5"})), &wider).is_err());
}

#[test]
fn a_presentation_comes_apart_at_its_tildes() {
    let parts = Presentation::split("a.b.c~d1~d2~x.y.z").unwrap();
    assert_eq!((parts.jwt, &parts.disclosures[..]), ("a.b.c", &["d1", "d2"][..]));
    assert_eq!((parts.key_binding, parts.bound), (Some("x.y.z"), "a.b.c~d1~d2~"));
    assert_eq!(Presentation::split("a.b.c~").unwrap().key_binding, None);
    assert_eq!(Presentation::split("a.b.c").unwrap_err().code(), "malformed");
    assert_eq!(
        Presentation::split(&format!("a{}", "~d".repeat(300))).unwrap_err().code(),
        "disclosure_invalid"
    );
    assert_eq!(Presentation::split(&"~".repeat(PRESENTATION_BYTES + 1)).unwrap_err().code(), "malformed");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}", tail in "[A-Za-z0-9_.~-]{0,80}") {
        for presented in [&text, &tail, &format!("{text}~{tail}")] {
            if let Ok(parts) = Presentation::split(presented) {
                let _ = disclose(Object::new(), &parts.disclosures, Hash::Sha256);
            }
        }
    }
}
