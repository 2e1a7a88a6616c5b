use super::certificate::BadCertificate;
use super::chain::{BadChain, MAX_CHAIN};
use super::samples::{Key, Spec, extension};
use super::*;
use proptest::prelude::*;

/// 2026-06-13T00:00:00Z.
const NOW: i64 = 1_781_308_800;

/// The outcome for a leaf under an anchor.
fn outcome(leaf: &Spec, anchor: &Spec, now: i64) -> Result<(), BadChain> {
    let (upper, lower) = (Key::new(), Key::new());
    let anchor = Certificate::from_der(&anchor.signed(&upper, &upper)).unwrap();
    let leaf = Certificate::from_der(&leaf.signed(&lower, &upper)).unwrap();
    verify_chain(&[leaf], &[anchor], now).map(drop)
}

#[test]
fn a_leaf_under_its_anchor_is_trusted_to_the_last_second() {
    assert_eq!(outcome(&Spec::leaf(), &Spec::anchor(), NOW), Ok(()));
    assert_eq!(outcome(&Spec::leaf(), &Spec::anchor(), 1_767_225_600), Ok(()));
    assert_eq!(outcome(&Spec::leaf(), &Spec::anchor(), 1_830_297_600), Ok(()));
    assert_eq!(outcome(&Spec::leaf(), &Spec::anchor(), 1_767_225_599), Err(BadChain::Validity));
    assert_eq!(outcome(&Spec::leaf(), &Spec::anchor(), 1_830_297_601), Err(BadChain::Validity));
}

#[test]
fn each_rule_of_the_chain_refuses() {
    let leaf = Spec::leaf();
    let expired = Spec { valid: ("240101000000Z", "250101000000Z"), ..Spec::anchor() };
    assert_eq!(outcome(&leaf, &expired, NOW), Err(BadChain::Validity));
    for anchor in
        [Spec { ca: false, path_len: None, ..Spec::anchor() }, Spec { usage: 0x80, ..Spec::anchor() }]
    {
        assert_eq!(outcome(&leaf, &anchor, NOW), Err(BadChain::Usage));
    }
    for leaf in [Spec { ca: true, ..Spec::leaf() }, Spec { usage: 0x04, ..Spec::leaf() }] {
        assert_eq!(outcome(&leaf, &Spec::anchor(), NOW), Err(BadChain::Usage));
    }
    let stranger = Spec { issuer: "another", ..Spec::leaf() };
    assert_eq!(outcome(&stranger, &Spec::anchor(), NOW), Err(BadChain::Signature));
}

#[test]
fn the_same_name_under_another_key_is_a_stranger() {
    let (anchor, rogue, key) = (Key::new(), Key::new(), Key::new());
    let anchor = Certificate::from_der(&Spec::anchor().signed(&anchor, &anchor)).unwrap();
    let leaf = Certificate::from_der(&Spec::leaf().signed(&key, &rogue)).unwrap();
    assert_eq!(verify_chain(&[leaf], &[anchor], NOW), Err(BadChain::Signature));
}

#[test]
fn intermediates_count_against_the_path_length_and_a_sent_anchor_does_not() {
    let (root, middle, end) = (Key::new(), Key::new(), Key::new());
    let read = |der: Vec<u8>| Certificate::from_der(&der).unwrap();
    let between = read(Spec { subject: "middle", ..Spec::anchor() }.signed(&middle, &root));
    let leaf = read(Spec { issuer: "middle", ..Spec::leaf() }.signed(&end, &middle));
    let anchor = |path_len| read(Spec { path_len, ..Spec::anchor() }.signed(&root, &root));
    let chain = [leaf.clone(), between.clone()];
    assert!(verify_chain(&chain, &[anchor(Some(1))], NOW).is_ok());
    assert!(verify_chain(&chain, &[anchor(None)], NOW).is_ok());
    assert_eq!(verify_chain(&chain, &[anchor(Some(0))], NOW), Err(BadChain::Usage));
    let root = [anchor(None)];
    let sent = [leaf.clone(), between.clone(), anchor(None)];
    assert!(verify_chain(&sent, &root, NOW).is_ok());
    let reversed = [between, leaf.clone()];
    assert_eq!(verify_chain(&reversed, &root, NOW), Err(BadChain::Signature));
    assert_eq!(verify_chain(&chain[..1], &root, NOW), Err(BadChain::Signature));
    assert_eq!(verify_chain(&[], &root, NOW), Err(BadChain::Length));
    assert_eq!(verify_chain(&vec![leaf; MAX_CHAIN + 1], &root, NOW), Err(BadChain::Length));
}

#[test]
fn a_stranger_below_a_certified_intermediate_is_refused() {
    let (root, middle, end, rogue) = (Key::new(), Key::new(), Key::new(), Key::new());
    let read = |der: Vec<u8>| Certificate::from_der(&der).unwrap();
    let anchor = [read(Spec { path_len: None, ..Spec::anchor() }.signed(&root, &root))];
    let between = read(Spec { subject: "middle", ..Spec::anchor() }.signed(&middle, &root));
    let leaf = |signer: &Key| read(Spec { issuer: "middle", ..Spec::leaf() }.signed(&end, signer));
    assert!(verify_chain(&[leaf(&middle), between.clone()], &anchor, NOW).is_ok());
    assert_eq!(verify_chain(&[leaf(&rogue), between], &anchor, NOW), Err(BadChain::Signature));
}

#[test]
fn names_are_whole_urls_or_hosts() {
    let key = Key::new();
    let spec = Spec { dns: vec!["PID.test"], uris: vec!["https://other.test/a"], ..Spec::leaf() };
    let leaf = Certificate::from_der(&spec.signed(&key, &key)).unwrap();
    for url in ["https://pid.test", "https://pid.test/status/1", "https://other.test/a"] {
        assert!(leaf.names(url), "{url}");
    }
    for url in [
        "https://other.test",
        "http://pid.test",
        "https://pid.test:8443",
        "https://pid.test@evil.test",
        "https://evil.test/pid.test",
        "https://sub.pid.test",
        "pid.test",
        "https://",
    ] {
        assert!(!leaf.names(url), "{url}");
    }
}

/// Reads a self-signed certificate that OpenSSL made and checks its signature under its own key.
fn self_signed(pem: &str) -> Result<bool, BadCertificate> {
    let der = crate::trust::certificates(pem).unwrap();
    let certificate = Certificate::from_der(&der[0])?;
    Ok(certificate.signed_by(&certificate).is_ok())
}

#[test]
fn each_kind_of_key_and_signature_verifies_what_openssl_signed() {
    for pem in [
        include_str!("samples/rsa-pkcs1-sha256.pem"),
        include_str!("samples/rsa-pkcs1-sha512.pem"),
        include_str!("samples/rsa-pss-sha256.pem"),
        include_str!("samples/p384-sha384.pem"),
        include_str!("samples/p521-sha512.pem"),
        include_str!("samples/ed25519.pem"),
    ] {
        assert_eq!(self_signed(pem), Ok(true), "{pem}");
    }
}

#[test]
fn weak_and_unknown_kinds_are_refused() {
    for pem in [
        include_str!("samples/rsa-sha1.pem"),
        include_str!("samples/rsa-pss-salt20.pem"),
        include_str!("samples/brainpool.pem"),
    ] {
        assert_eq!(self_signed(pem), Err(BadCertificate::Algorithm), "{pem}");
    }
    assert_eq!(self_signed(include_str!("samples/rsa-1024.pem")), Ok(false));
}

#[test]
fn keys_of_a_certificate_serve_a_jws_where_an_accepted_algorithm_uses_them() {
    let alg = |pem: &str| {
        let der = crate::trust::certificates(pem).unwrap();
        Certificate::from_der(&der[0]).unwrap().key().for_jose().map(|key| key.alg())
    };
    assert_eq!(alg(include_str!("samples/rsa-pkcs1-sha256.pem")), Some(crate::jose::Alg::Rs256));
    assert_eq!(alg(include_str!("samples/ed25519.pem")), Some(crate::jose::Alg::EdDsa));
    assert_eq!(alg(include_str!("samples/p384-sha384.pem")), None);
}

#[test]
fn extensions_not_understood_are_refused_when_critical() {
    let key = Key::new();
    let read =
        |more: Vec<u8>| Certificate::from_der(&Spec { more: vec![more], ..Spec::leaf() }.signed(&key, &key));
    assert!(read(extension(30, false, &[0x30, 0])).is_ok());
    assert_eq!(read(extension(30, true, &[0x30, 0])), Err(BadCertificate::Extension));
    assert_eq!(read(extension(15, true, &[3, 2, 7, 0x80])), Err(BadCertificate::Extension));
}

#[test]
fn bytes_after_the_end_and_long_certificates_are_refused() {
    let key = Key::new();
    let der = Spec::leaf().signed(&key, &key);
    assert!(Certificate::from_der(&der).is_ok());
    assert_eq!(Certificate::from_der(&[&der[..], &[0]].concat()), Err(BadCertificate::Form));
    let long = extension(30, false, &vec![0; 17 * 1024]);
    assert_eq!(
        Certificate::from_der(&Spec { more: vec![long], ..Spec::leaf() }.signed(&key, &key)),
        Err(BadCertificate::Form)
    );
}

proptest! {
    #[test]
    fn a_changed_byte_is_refused_and_never_panics(at in 0_usize..1000, bit in 0_u8..8) {
        let (root, end) = (Key::new(), Key::new());
        let anchor = Certificate::from_der(&Spec::anchor().signed(&root, &root)).unwrap();
        let mut der = Spec::leaf().signed(&end, &root);
        let at = at % der.len();
        der[at] ^= 1 << bit;
        let trusted = Certificate::from_der(&der).is_ok_and(|leaf| verify_chain(&[leaf], &[anchor], NOW).is_ok());
        prop_assert!(!trusted);
    }
}
