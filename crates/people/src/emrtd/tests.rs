use super::samples::Sample;
use super::*;
use crate::evidence::{Answer, Predicate};
use crate::x509::samples::{Key, Spec};
use proptest::prelude::*;

/// 2026-06-13T00:00:00Z.
const NOW: i64 = 1_781_308_800;

fn read(
    sample: &Sample,
    dg1: &[u8],
    sod: &[u8],
    bound: (bool, bool),
    now_s: i64,
) -> Result<Evidence, Refusal> {
    let files = [dg1, &Sample::dg2(), sod].map(jose::encode);
    let chip =
        Chip { dg1: &files[0], dg2: &files[1], sod: &files[2], chip_auth: bound.0, face_match: bound.1 };
    let anchors = [Certificate::from_der(&sample.anchor()).unwrap()];
    verify(&chip, &anchors, &Profile::default(), plus_s(Instant::from_micros(0), now_s))
}

/// A sound reading of the sample at that time.
fn sound(sample: &Sample, now_s: i64) -> Result<Evidence, &'static str> {
    let dg1 = sample.dg1();
    let sod = sample.sod(&dg1, &Sample::dg2());
    read(sample, &dg1, &sod, (true, true), now_s).map_err(|refusal| refusal.code())
}

#[test]
fn a_sound_passport_is_evidence_of_the_highest_level() {
    let evidence = sound(&Sample::new(), NOW).unwrap();
    let answer = |asked: &str| evidence.answer(&asked.parse::<Predicate>().unwrap());
    assert_eq!((answer("national_of:DE"), answer("national_of:US")), (Answer::Yes, Answer::Unknown));
    assert_eq!((evidence.level(), evidence.issuer()), (Level::Credential, "CN=anchor"));
    assert_eq!(evidence.valid_until().to_string(), "2033-01-01T23:59:59Z");
    let kept = format!("{evidence:?}{}", serde_json::to_string(&evidence).unwrap());
    assert!(["MUSTER", "AENNE", "C01X00T47", "880229"].iter().all(|personal| !kept.contains(personal)));
}

#[test]
fn codes_of_nationality_are_those_of_icao() {
    let flags = |nationality| {
        let evidence = sound(&Sample { nationality, ..Sample::new() }, NOW)?;
        Ok((
            evidence.facts().nationalities().unwrap().countries().len(),
            evidence.flags().iter().map(|flag| flag.word()).collect::<Vec<_>>(),
        ))
    };
    assert_eq!(flags("USA"), Ok((1, vec![])));
    assert_eq!(flags("GBD"), Ok((1, vec![])));
    assert_eq!(flags("XXA"), Ok((0, vec!["stateless"])));
    assert_eq!(flags("XXB"), Ok((0, vec!["refugee"])));
    assert_eq!(flags("XXC"), Ok((0, vec!["refugee_other"])));
    assert_eq!(flags("XXX"), Err("missing_claim"));
    assert_eq!(flags("UTO"), Err("claim_value"));
    assert_eq!(flags("<<<"), Err("malformed"));
}

#[test]
fn without_chip_and_face_check_the_data_is_declared_only() {
    let sample = Sample::new();
    let dg1 = sample.dg1();
    let sod = sample.sod(&dg1, &Sample::dg2());
    for bound in [(false, false), (true, false), (false, true)] {
        let evidence = read(&sample, &dg1, &sod, bound, NOW).unwrap();
        assert_eq!(evidence.level(), Level::SelfDeclared);
        assert!(evidence.flags().iter().eq([&Flag::HolderUnbound]));
    }
}

#[test]
fn the_document_is_valid_through_its_last_day() {
    let last = Sample { expiry: "260612", ..Sample::new() };
    assert_eq!(sound(&last, NOW - 1).map(|evidence| evidence.level().word()), Ok("credential"));
    assert_eq!(sound(&last, NOW).map(drop), Err("expired"));
}

#[test]
fn the_document_signer_is_checked() {
    let spec = |signer| sound(&Sample { signer, ..Sample::new() }, NOW).map(drop);
    assert_eq!(spec(Spec { issuer: "another", ..Spec::leaf() }), Err("untrusted_issuer"));
    assert_eq!(spec(Spec { serial: 3, ..Spec::leaf() }), Err("untrusted_issuer"));
    assert_eq!(
        spec(Spec { valid: ("240101000000Z", "250101000000Z"), ..Spec::leaf() }),
        Err("untrusted_issuer")
    );
    let sample = Sample::new();
    let dg1 = sample.dg1();
    let sod = sample.sod(&dg1, &Sample::dg2());
    let rogue = Sample { country_signer: Key::new(), ..Sample::new() };
    assert_eq!(
        read(&rogue, &dg1, &sod, (true, true), NOW).map_err(|refusal| refusal.code()).map(drop),
        Err("untrusted_issuer")
    );
}

#[test]
fn the_signed_attributes_name_type_and_digest() {
    let sample = Sample { message_digest: Some(vec![0; 32]), ..Sample::new() };
    assert_eq!(sound(&sample, NOW).map(drop), Err("bad_signature"));
    let sample = Sample { content_type: vec![0x06, 1, 0x2a], ..Sample::new() };
    assert_eq!(sound(&sample, NOW).map(drop), Err("bad_signature"));
}

#[test]
fn hashes_are_compared_before_a_group_is_parsed() {
    let sample = Sample::new();
    let dg1 = sample.dg1();
    let sod = sample.sod(&dg1, &Sample::dg2());
    let code = |sample: &Sample, dg1: &[u8], sod: &[u8]| {
        read(sample, dg1, sod, (true, true), NOW).map_err(|refusal| refusal.code()).map(drop)
    };
    let other = Sample { nationality: "USA", ..Sample::new() }.dg1();
    assert_eq!(code(&sample, &other, &sod), Err("disclosure_invalid"));
    assert_eq!(code(&sample, b"no group at all", &sod), Err("disclosure_invalid"));
    let other_face = sample.sod(&dg1, b"another portrait");
    assert_eq!(code(&sample, &dg1, &other_face), Err("disclosure_invalid"));
    for groups in [vec![1], vec![2]] {
        let sample = Sample { groups, ..Sample::new() };
        assert_eq!(sound(&sample, NOW).map(drop), Err("disclosure_invalid"));
    }
    let twice = Sample { groups: vec![1, 2, 1], ..Sample::new() };
    assert_eq!(sound(&twice, NOW).map(drop), Err("malformed"));
    let signed_junk = sample.sod(b"no group at all", &Sample::dg2());
    assert_eq!(code(&sample, b"no group at all", &signed_junk), Err("malformed"));
}

#[test]
fn what_cannot_be_read_is_malformed() {
    let sample = Sample::new();
    for sod in [&b""[..], b"\x77\x00", b"\x77\x02\x30\x00", b"\x30\x00"] {
        let got = read(&sample, &sample.dg1(), sod, (true, true), NOW).map_err(|refusal| refusal.code());
        assert_eq!(got.map(drop), Err("malformed"));
    }
}

#[test]
fn a_chip_shows_no_file_when_it_is_printed() {
    let chip = Chip { dg1: "MUSTERFRAU", dg2: "FACE", sod: "SOD", chip_auth: true, face_match: false };
    assert_eq!(format!("{chip:?}"), "Chip { chip_auth: true, face_match: false, .. }");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_changed_bit_never_passes_for_another_fact_and_never_panics(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let sample = Sample::new();
        let dg1 = sample.dg1();
        let mut sod = sample.sod(&dg1, &Sample::dg2());
        let at = at.index(sod.len());
        sod[at] ^= 1 << bit;
        if let Ok(evidence) = read(&sample, &dg1, &sod, (true, true), NOW) {
            let expected = sound(&sample, NOW).unwrap();
            prop_assert_eq!((evidence.facts(), evidence.level()), (expected.facts(), expected.level()));
        }
    }
}
