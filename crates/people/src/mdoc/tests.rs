use super::samples::{DOCTYPE, Item, Sample, validity};
use crate::credential::samples::{LIST, NOW, World, jwt};
use crate::evidence::{Answer, Evidence, Predicate};
use crate::x509::samples::{Key, Spec};
use proptest::prelude::*;
use serde_json::json;

fn german() -> Sample {
    Sample::pid(Item::texts(&["DE"]))
}

fn verified(world: &World, sample: &Sample) -> Result<Evidence, &'static str> {
    let response = sample.sealed(world, &world.transaction());
    super::verify(&response, &world.transaction(), &world.context()).map_err(|refusal| refusal.code())
}

#[track_caller]
fn refused(sample: &Sample, code: &str) {
    assert_eq!(verified(&World::new(), sample).map(|evidence| evidence.level().word()), Err(code));
}

#[test]
fn a_sound_response_is_evidence_of_the_highest_level() {
    let evidence = verified(&World::new(), &german()).unwrap();
    let answer = |asked: &str| evidence.answer(&asked.parse::<Predicate>().unwrap());
    assert_eq!((answer("national_of:DE"), answer("national_of:IR")), (Answer::Yes, Answer::Unknown));
    assert_eq!(evidence.level(), terms::Level::Credential);
    assert_eq!(evidence.valid_until().to_string(), "2026-06-27T00:00:00Z");
    let kept = format!("{evidence:?}{}", serde_json::to_string(&evidence).unwrap());
    assert!(!kept.contains("Muster") && !kept.contains("family"));
}

#[test]
fn the_holders_key_has_the_thumbprint_of_its_jwk() {
    let world = World::new();
    let jwk = crate::json::parse(world.cnf()["jwk"].to_string().as_bytes()).unwrap();
    let jwk = crate::jose::Jwk::read(&jwk).unwrap();
    assert_eq!(verified(&world, &german()).unwrap().binding().jkt.as_ref(), Some(jwk.thumbprint()));
}

#[test]
fn documents_of_another_type_say_nothing() {
    refused(&Sample { doctype: "org.iso.18013.5.1.mDL", ..german() }, "wrong_type");
    refused(
        &Sample { change_mso: |mso| mso.set("docType", "org.iso.18013.5.1.mDL".into()), ..german() },
        "wrong_type",
    );
    refused(
        &Sample { change_response: |response| response.remove("documents"), ..german() },
        "missing_claim",
    );
    refused(
        &Sample { change_response: |response| response.set("documents", Item::Array(vec![])), ..german() },
        "wrong_type",
    );
    refused(&Sample { change_response: |response| response.remove("version"), ..german() }, "malformed");
}

#[test]
fn validity_has_the_tolerance_and_lies_within_the_certificate() {
    let at = |now: i64| {
        let mut world = World::new();
        world.now = now;
        verified(&world, &german()).map(|evidence| evidence.level().word())
    };
    let (from, until) = (NOW - 86_400, NOW + 14 * 86_400);
    assert_eq!((at(from - 60), at(until + 60)), (Ok("credential"), Ok("credential")));
    assert_eq!((at(from - 61), at(until + 61)), (Err("not_yet_valid"), Err("expired")));
    let early = |mso: &mut Item| {
        mso.set(
            "validityInfo",
            validity("2025-12-31T23:59:59Z", "2026-06-12T00:00:00Z", "2026-06-27T00:00:00Z"),
        )
    };
    refused(&Sample { change_mso: early, ..german() }, "untrusted_issuer");
    let late = |mso: &mut Item| {
        mso.set(
            "validityInfo",
            validity("2026-06-14T00:00:00Z", "2026-06-12T00:00:00Z", "2026-06-27T00:00:00Z"),
        )
    };
    refused(&Sample { change_mso: late, ..german() }, "not_yet_valid");
    let text =
        |mso: &mut Item| mso.set("validityInfo", Item::map([("signed", "2026-06-12T00:00:00Z".into())]));
    refused(&Sample { change_mso: text, ..german() }, "claim_type");
    let empty = |mso: &mut Item| mso.set("validityInfo", Item::Map(vec![]));
    refused(&Sample { change_mso: empty, ..german() }, "missing_claim");
}

#[test]
fn algorithm_issuer_and_signature_are_checked() {
    refused(&Sample { alg: -257, ..german() }, "alg_not_allowed");
    refused(&Sample { alg: -8, ..german() }, "alg_not_allowed");
    refused(&Sample { critical: (true, false), ..german() }, "unsupported_crit");
    let refuses = |world: &World| verified(world, &german()).map(drop);
    let mut world = World::new();
    world.certify(&Spec { dns: vec!["stranger.test"], ..Spec::leaf() });
    assert_eq!(refuses(&world), Err("untrusted_issuer"));
    let mut world = World::new();
    world.signer = Key::new();
    assert_eq!(refuses(&world), Err("bad_signature"));
    let wallet = World::of_wallet();
    assert_eq!(refuses(&wallet), Err("claim_out_of_scope"));
}

#[test]
fn the_device_signs_this_session() {
    let world = World::new();
    let ours = world.transaction();
    for other in [
        crate::credential::Transaction { nonce: "nonce-2", ..ours },
        crate::credential::Transaction { client_id: "x509_san_dns:other.test", ..ours },
        crate::credential::Transaction { response_uri: "https://gateway.test/other", ..ours },
    ] {
        let response = german().sealed(&world, &other);
        let got = super::verify(&response, &ours, &world.context()).map_err(|refusal| refusal.code());
        assert_eq!(got.map(drop), Err("bad_signature"));
    }
    refused(&Sample { device_alg: -257, ..german() }, "alg_not_allowed");
    refused(&Sample { critical: (false, true), ..german() }, "unsupported_crit");
    refused(&Sample { device_payload: true, ..german() }, "malformed");
    refused(&Sample { change_mso: |mso| mso.remove("deviceKeyInfo"), ..german() }, "binding_required");
    let mac = |device: &mut Item| device.set("deviceAuth", Item::map([("deviceMac", Item::Null)]));
    refused(&Sample { change_device: mac, ..german() }, "binding_required");
    let spaces =
        |device: &mut Item| device.set("nameSpaces", Item::map([("x", Item::Map(vec![]))]).embedded());
    refused(&Sample { change_device: spaces, ..german() }, "bad_signature");
}

#[test]
fn digests_cover_each_element() {
    let tampered = |items: &mut Vec<Item>| items[1].set("elementValue", Item::texts(&["US"]));
    refused(&Sample { change_items: tampered, ..german() }, "disclosure_invalid");
    let unknown = |items: &mut Vec<Item>| items[0].set("digestID", 9.into());
    refused(&Sample { change_items: unknown, ..german() }, "disclosure_invalid");
    let twice = |items: &mut Vec<Item>| items.push(items[1].clone());
    refused(&Sample { change_items: twice, ..german() }, "disclosure_invalid");
    let named_twice =
        vec![(0, "nationality", Item::texts(&["DE"])), (1, "nationality", Item::texts(&["US"]))];
    refused(&Sample { spaces: vec![(DOCTYPE, named_twice)], ..german() }, "disclosure_invalid");
    refused(
        &Sample { change_mso: |mso| mso.set("digestAlgorithm", "SHA-512".into()), ..german() },
        "alg_not_allowed",
    );
}

#[test]
fn only_the_element_of_the_pid_name_space_counts() {
    let elsewhere = vec![("other.space", vec![(0, "nationality", Item::texts(&["US"]))])];
    refused(&Sample { spaces: elsewhere, ..german() }, "missing_claim");
    refused(&Sample { change_items: |items| drop(items.pop()), ..german() }, "missing_claim");
    refused(&Sample::pid("DE".into()), "claim_type");
    refused(&Sample::pid(Item::Null), "claim_type");
    refused(&Sample::pid(Item::Array(vec![1.into()])), "claim_type");
    refused(&Sample::pid(Item::Array(vec![])), "missing_claim");
    refused(&Sample::pid(Item::texts(&["QU"])), "missing_claim");
    refused(&Sample::pid(Item::texts(&["Germany"])), "claim_value");
}

#[test]
fn the_status_list_is_looked_up() {
    let referred = |mso: &mut Item| {
        let list = Item::map([("idx", 1.into()), ("uri", LIST.into())]);
        mso.set("status", Item::map([("status_list", list)]));
    };
    let sample = Sample { change_mso: referred, ..german() };
    let mut world = World::new();
    assert_eq!(verified(&world, &sample).map(drop), Err("status_unavailable"));
    for (byte, expected) in [(0, Ok(())), (0b0100, Err("revoked")), (0b1000, Err("suspended"))] {
        let lst = crate::jose::encode(&miniz_oxide::deflate::compress_to_vec_zlib(&[byte], 6));
        let list = json!({"sub": LIST, "iat": NOW, "status_list": {"bits": 2, "lst": lst}});
        world.list = Some(jwt(&world.header("statuslist+jwt"), &list, &world.signer));
        assert_eq!(verified(&world, &sample).map(drop), expected);
    }
    let other = |mso: &mut Item| mso.set("status", Item::map([("identifier_list", Item::Null)]));
    refused(&Sample { change_mso: other, ..german() }, "status_unavailable");
}

#[test]
fn what_is_no_response_is_malformed() {
    let world = World::new();
    let long = "A".repeat(crate::limits::PRESENTATION_BYTES + 4);
    for response in ["", "!", "AA=", &long] {
        let got = super::verify(response, &world.transaction(), &world.context());
        assert_eq!(got.map_err(|refusal| refusal.code()).map(drop), Err("malformed"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_changed_bit_never_passes_for_another_fact_and_never_panics(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let world = World::new();
        let mut bytes = crate::jose::decode(&german().sealed(&world, &world.transaction())).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let got = super::verify(&crate::jose::encode(&bytes), &world.transaction(), &world.context());
        if let Ok(evidence) = got {
            let expected = verified(&world, &german()).unwrap();
            prop_assert_eq!(evidence.facts(), expected.facts());
        }
    }
}
