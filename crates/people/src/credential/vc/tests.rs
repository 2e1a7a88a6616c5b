use super::super::samples::{LIST, NOW, PROVIDER, WALLET, World, changed, disclosure, jwt};
use crate::evidence::{Answer, Flag, Predicate};
use crate::x509::samples::{Key, Spec};
use proptest::prelude::*;
use serde_json::{Value, json};
use terms::{Country, Instant};

/// The outcome of a PID whose payload is changed so.
fn issued(with: Value) -> Result<&'static str, &'static str> {
    let world = World::new();
    world.outcome(&world.payload(with), &[])
}

/// The outcome of a sound PID whose key binding is changed so.
fn bound(with: Value) -> Result<&'static str, &'static str> {
    let world = World::new();
    let presented = world.present(&world.issue(&world.payload(json!({}))), &[], with);
    world.verify(&presented).map(|evidence| evidence.level().word()).map_err(|refusal| refusal.code())
}

/// The outcome of a sound PID under another header.
fn headed(with: Value) -> Result<&'static str, &'static str> {
    let world = World::new();
    let credential = jwt(&changed(world.header("dc+sd-jwt"), with), &world.payload(json!({})), &world.signer);
    let presented = world.present(&credential, &[], json!({}));
    world.verify(&presented).map(|evidence| evidence.level().word()).map_err(|refusal| refusal.code())
}

#[test]
fn a_sound_pid_is_evidence_of_the_highest_level() {
    let world = World::new();
    let evidence =
        world.verify(&world.present(&world.issue(&world.payload(json!({}))), &[], json!({}))).unwrap();
    let national = |code| evidence.answer(&Predicate::NationalOf(Country::parse(code).unwrap()));
    assert_eq!((national("DE"), national("IR")), (Answer::Yes, Answer::Unknown));
    assert_eq!(evidence.level(), terms::Level::Credential);
    assert_eq!(evidence.valid_until(), Instant::from_micros((NOW + 86_400) * 1_000_000));
    assert!(evidence.binding().jkt.is_some() && evidence.flags().is_empty() && evidence.subject().is_none());
}

#[test]
fn a_signers_certificate_ends_its_evidence() {
    let world = World::new();
    let payload = world.payload(json!({"exp": NOW + 400 * 86_400 * 5}));
    let evidence = world.verify(&world.present(&world.issue(&payload), &[], json!({}))).unwrap();
    assert_eq!(evidence.valid_until().to_string(), "2028-01-01T00:00:00Z");
}

#[test]
fn claims_about_the_credential_are_checked() {
    for (with, code) in [
        (json!({"iss": "absent"}), "untrusted_issuer"),
        (json!({"iss": 1}), "untrusted_issuer"),
        (json!({"iss": "https://unknown.test"}), "untrusted_issuer"),
        (json!({"iss": "https://idp.test"}), "untrusted_issuer"),
        (json!({"iss": WALLET}), "untrusted_issuer"),
        (json!({"vct": "urn:other:1"}), "wrong_type"),
        (json!({"vct": "absent"}), "missing_claim"),
        (json!({"vct": 1}), "claim_type"),
        (json!({"exp": NOW - 61}), "expired"),
        (json!({"nbf": NOW + 61}), "not_yet_valid"),
        (json!({"iat": NOW + 61}), "not_yet_valid"),
        (json!({"exp": "1"}), "claim_type"),
        (json!({"cnf": "absent"}), "binding_required"),
        (json!({"cnf": {}}), "binding_required"),
        (json!({"cnf": 1}), "claim_type"),
        (json!({"cnf": {"jwk": {"kty": "oct", "k": "AA"}}}), "malformed"),
        (json!({"status": {"status_list": {"idx": 0, "uri": LIST}}}), "status_unavailable"),
        (json!({"nationalities": "absent"}), "missing_claim"),
        (json!({"nationalities": []}), "missing_claim"),
        (json!({"nationalities": ["QU"]}), "missing_claim"),
        (json!({"nationalities": "DE"}), "claim_type"),
        (json!({"nationalities": [null]}), "claim_type"),
        (json!({"nationalities": ["de"]}), "claim_value"),
    ] {
        assert_eq!(issued(with.clone()), Err(code), "{with}");
    }
    assert_eq!(issued(json!({"exp": NOW - 60})), Ok("credential"));
    assert_eq!(issued(json!({"exp": "absent", "iat": "absent"})), Ok("credential"));
}

#[test]
fn the_header_is_checked() {
    for (with, code) in [
        (json!({"alg": "none"}), "alg_not_allowed"),
        (json!({"alg": "HS256"}), "alg_not_allowed"),
        (json!({"alg": "EdDSA"}), "alg_not_allowed"),
        (json!({"crit": []}), "unsupported_crit"),
        (json!({"typ": "JWT"}), "wrong_type"),
        (json!({"typ": "absent"}), "wrong_type"),
        (json!({"x5c": "absent"}), "untrusted_issuer"),
        (json!({"x5c": []}), "untrusted_issuer"),
        (json!({"x5c": ["AAAA"]}), "untrusted_issuer"),
        (json!({"x5c": "AAAA"}), "untrusted_issuer"),
    ] {
        assert_eq!(headed(with.clone()), Err(code), "{with}");
    }
    assert_eq!(headed(json!({"typ": "vc+sd-jwt"})), Ok("credential"));
}

#[test]
fn certificate_and_signature_are_checked() {
    let code = |world: &World| world.outcome(&world.payload(json!({})), &[]);
    for spec in [
        Spec { uris: vec!["https://pid.test/"], ..Spec::leaf() },
        Spec { valid: ("240101000000Z", "250101000000Z"), dns: vec!["pid.test"], ..Spec::leaf() },
        Spec { issuer: "another", dns: vec!["pid.test"], ..Spec::leaf() },
    ] {
        let mut world = World::new();
        world.certify(&spec);
        assert_eq!(code(&world), Err("untrusted_issuer"));
    }
    let mut world = World::new();
    world.signer = Key::new();
    assert_eq!(code(&world), Err("bad_signature"));
}

#[test]
fn a_certified_issuer_of_another_kind_issues_no_credential() {
    let mut world = World::new();
    world.certify(&Spec { uris: vec![PROVIDER], ..Spec::leaf() });
    assert_eq!(world.outcome(&world.payload(json!({"iss": PROVIDER})), &[]), Err("untrusted_issuer"));
}

#[test]
fn the_key_binding_is_checked() {
    for (with, code) in [
        (json!({"aud": "absent"}), "missing_claim"),
        (json!({"nonce": "absent"}), "missing_claim"),
        (json!({"sd_hash": "absent"}), "missing_claim"),
        (json!({"iat": "absent"}), "missing_claim"),
        (json!({"iat": "1"}), "claim_type"),
        (json!({"aud": "x509_san_dns:other.test"}), "wrong_audience"),
        (json!({"aud": []}), "wrong_audience"),
        (json!({"aud": ["x509_san_dns:gateway.test"]}), "claim_type"),
        (json!({"nonce": "nonce-2"}), "nonce_mismatch"),
        (json!({"sd_hash": "AAAA"}), "binding_mismatch"),
        (json!({"iat": NOW - 301}), "stale_proof"),
        (json!({"iat": NOW + 61}), "stale_proof"),
    ] {
        assert_eq!(bound(with.clone()), Err(code), "{with}");
    }
    assert_eq!(bound(json!({"iat": NOW - 300})), Ok("credential"));
    assert_eq!(bound(json!({"iat": NOW + 60})), Ok("credential"));
}

#[test]
fn a_credential_needs_its_holder() {
    let mut world = World::new();
    let credential = world.issue(&world.payload(json!({})));
    let code =
        |world: &World, presented: &str| world.verify(presented).map(drop).map_err(|refusal| refusal.code());
    assert_eq!(code(&world, &format!("{credential}~")), Err("binding_required"));
    assert_eq!(code(&world, &format!("{credential}~x")), Err("malformed"));
    assert_eq!(code(&world, &credential), Err("malformed"));
    let sound = world.present(&credential, &[], json!({}));
    assert_eq!(code(&world, &sound), Ok(()));
    for (from, to) in [("kb+jwt", "JWT"), ("ES256", "none"), ("ES256", "RS256")] {
        let (rest, binding) = sound.rsplit_once('~').unwrap();
        let header = r#"{"alg":"ES256","typ":"kb+jwt"}"#.replace(from, to);
        let header = serde_json::from_str::<Value>(&header).unwrap();
        let payload = binding.split('.').nth(1).unwrap();
        let payload = serde_json::from_slice(&crate::jose::decode(payload).unwrap()).unwrap();
        let expected = if from == "kb+jwt" { "wrong_type" } else { "alg_not_allowed" };
        assert_eq!(code(&world, &format!("{rest}~{}", jwt(&header, &payload, &world.holder))), Err(expected));
    }
    let (rest, binding) = sound.rsplit_once('~').unwrap();
    let payload = crate::jose::decode(binding.split('.').nth(1).unwrap()).unwrap();
    let critical = json!({"alg": "ES256", "typ": "kb+jwt", "crit": ["exp"]});
    let critical = jwt(&critical, &serde_json::from_slice(&payload).unwrap(), &world.holder);
    assert_eq!(code(&world, &format!("{rest}~{critical}")), Err("unsupported_crit"));
    world.holder = Key::new();
    assert_eq!(code(&world, &world.present(&credential, &[], json!({}))), Err("bad_signature"));
}

#[test]
fn hidden_elements_are_flagged_and_nothing_else_is_kept() {
    let world = World::new();
    let (element, digest) = disclosure(&json!(["s1", "US"]));
    let (name, name_digest) = disclosure(&json!(["s2", "family_name", "Musterfrau"]));
    let payload =
        world.payload(json!({"nationalities": [{"...": digest}, {"...": "decoy"}], "_sd": [name_digest]}));
    let evidence = world.verify(&world.present(&world.issue(&payload), &[element, name], json!({}))).unwrap();
    assert!(evidence.flags().iter().eq([&Flag::UndisclosedElements]));
    assert_eq!(evidence.answer(&Predicate::UsPerson), Answer::Yes);
    let kept = format!("{evidence:?}{}", serde_json::to_string(&evidence).unwrap());
    assert!(!kept.contains("Musterfrau") && !kept.contains("family_name"));
}

/// The outcome of a predicate credential of the wallet issuer.
fn predicate(with: Value) -> Result<Vec<&'static str>, &'static str> {
    let world = World::of_wallet();
    let payload = world.payload(changed(json!({"iss": WALLET, "nationalities": "absent"}), with));
    let presented = world.present(&world.issue(&payload), &[], json!({}));
    let evidence = world.verify(&presented).map_err(|refusal| refusal.code())?;
    let asked = ["us_person", "national_of:CN", "national_of:BY"];
    Ok(asked.iter().map(|asked| evidence.answer(&asked.parse().unwrap()).word()).collect())
}

#[test]
fn predicate_credentials_answer_what_their_type_names() {
    let us = "urn:douane:us-person:1";
    let not = "urn:douane:not-national-of:1";
    assert_eq!(predicate(json!({"vct": us, "us_person": true})), Ok(vec!["yes", "unknown", "unknown"]));
    assert_eq!(predicate(json!({"vct": us, "us_person": false})), Ok(vec!["no", "unknown", "unknown"]));
    assert_eq!(
        predicate(json!({"vct": not, "not_national_of": ["CN"]})),
        Ok(vec!["unknown", "no", "unknown"])
    );
    for (with, code) in [
        (json!({"vct": us, "us_person": "true"}), "claim_type"),
        (json!({"vct": us, "us_person": null}), "claim_type"),
        (json!({"vct": us}), "missing_claim"),
        (json!({"vct": us, "not_national_of": ["CN"]}), "missing_claim"),
        (json!({"vct": not, "not_national_of": []}), "missing_claim"),
        (json!({"vct": not, "not_national_of": "CN"}), "claim_type"),
        (json!({"vct": not, "not_national_of": ["cn"]}), "claim_value"),
        (json!({"nationalities": ["DE"]}), "claim_out_of_scope"),
    ] {
        assert_eq!(predicate(with.clone()), Err(code), "{with}");
    }
    let pid = World::new();
    let payload = pid.payload(json!({"vct": us, "us_person": true}));
    assert_eq!(pid.outcome(&payload, &[]), Err("claim_out_of_scope"));
}

#[test]
fn a_hidden_element_is_flagged_in_every_array() {
    let world = World::of_wallet();
    let vct = "urn:douane:not-national-of:1";
    for with in [
        json!({"not_national_of": ["CN", {"...": "decoy"}]}),
        json!({"not_national_of": ["CN"], "address": {"lines": [{"...": "decoy"}]}}),
    ] {
        let payload =
            world.payload(changed(json!({"iss": WALLET, "nationalities": "absent", "vct": vct}), with));
        let evidence = world.verify(&world.present(&world.issue(&payload), &[], json!({}))).unwrap();
        assert!(evidence.flags().iter().eq([&Flag::UndisclosedElements]));
        assert_eq!(evidence.answer(&"national_of:CN".parse().unwrap()), Answer::No);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_changed_character_never_passes_and_never_panics(at in any::<prop::sample::Index>(), with in "[A-Za-z0-9_.~-]") {
        let world = World::new();
        let sound = world.present(&world.issue(&world.payload(json!({}))), &[], json!({}));
        let at = at.index(sound.len());
        let mutated = format!("{}{with}{}", &sound[..at], &sound[at + 1..]);
        prop_assert!(mutated == sound || world.verify(&mutated).is_err());
    }
}
