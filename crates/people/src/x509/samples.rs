//! Keys and certificates that tests make as they need them.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    KeyPair as _,
};

/// A P-256 key pair.
pub(crate) struct Key {
    pkcs8: Vec<u8>,
    /// The public point, uncompressed.
    pub(crate) point: Vec<u8>,
}

impl Key {
    pub(crate) fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        Self {
            pkcs8: pair.to_pkcs8v1().unwrap().as_ref().to_vec(),
            point: pair.public_key().as_ref().to_vec(),
        }
    }

    fn sign(&self, algorithm: &'static EcdsaSigningAlgorithm, message: &[u8]) -> Vec<u8> {
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, &self.pkcs8).unwrap();
        pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }

    pub(crate) fn sign_der(&self, message: &[u8]) -> Vec<u8> {
        self.sign(&ECDSA_P256_SHA256_ASN1_SIGNING, message)
    }

    pub(crate) fn sign_fixed(&self, message: &[u8]) -> Vec<u8> {
        self.sign(&ECDSA_P256_SHA256_FIXED_SIGNING, message)
    }

    /// The private key, PKCS #8 between the lines of RFC 7468.
    #[allow(dead_code, reason = "for the tests of another crate, which read this file too")]
    pub(crate) fn pem(&self) -> String {
        pem(&self.pkcs8).replace("CERTIFICATE", "PRIVATE KEY")
    }

    pub(crate) fn spki(&self) -> Vec<u8> {
        let algorithm = sequence(&[&EC_PUBLIC_KEY, &P256]);
        sequence(&[&algorithm, &tlv(0x03, &[&[0], &self.point])])
    }
}

const EC_PUBLIC_KEY: [u8; 9] = [0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: [u8; 10] = [0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
/// ecdsa-with-SHA256.
pub(crate) const ECDSA_SHA256: [u8; 12] = [0x30, 10, 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

/// A DER value of one tag byte.
pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len()).unwrap();
    let [high, low] = length.to_be_bytes();
    let head = match length {
        0..=127 => vec![tag, low],
        128..=255 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [head, content].concat()
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, parts)
}

/// A name of one common name.
pub(crate) fn name(common: &str) -> Vec<u8> {
    sequence(&[&tlv(0x31, &[&sequence(&[&[0x06, 3, 0x55, 4, 3], &tlv(0x0c, &[common.as_bytes()])])])])
}

/// What a certificate says; [`Spec::leaf`] and [`Spec::anchor`] are sound, tests change one part.
#[derive(Clone)]
pub(crate) struct Spec {
    pub(crate) subject: &'static str,
    pub(crate) issuer: &'static str,
    pub(crate) serial: u8,
    /// UTCTime.
    pub(crate) valid: (&'static str, &'static str),
    pub(crate) ca: bool,
    pub(crate) path_len: Option<u8>,
    /// The first byte of key usage: 0x80 is digitalSignature, 0x04 keyCertSign.
    pub(crate) usage: u8,
    pub(crate) dns: Vec<&'static str>,
    pub(crate) uris: Vec<&'static str>,
    /// Further extensions, encoded.
    pub(crate) more: Vec<Vec<u8>>,
}

impl Spec {
    pub(crate) fn anchor() -> Self {
        let (ca, path_len, usage) = (true, Some(0), 0x04);
        Self { subject: "anchor", issuer: "anchor", serial: 1, ca, path_len, usage, ..Self::leaf() }
    }

    /// Signed by the anchor, valid for the years 2026 and 2027.
    pub(crate) fn leaf() -> Self {
        Self {
            subject: "leaf",
            issuer: "anchor",
            serial: 2,
            valid: ("260101000000Z", "280101000000Z"),
            ca: false,
            path_len: None,
            usage: 0x80,
            dns: vec![],
            uris: vec![],
            more: vec![],
        }
    }

    pub(crate) fn signed(&self, subject: &Key, issuer: &Key) -> Vec<u8> {
        let tbs = self.tbs(subject);
        let signature = tlv(0x03, &[&[0], &issuer.sign_der(&tbs)]);
        sequence(&[&tbs, &ECDSA_SHA256, &signature])
    }

    fn tbs(&self, subject: &Key) -> Vec<u8> {
        let time = |text: &str| tlv(0x17, &[text.as_bytes()]);
        let validity = sequence(&[&time(self.valid.0), &time(self.valid.1)]);
        let extensions = tlv(0xa3, &[&tlv(0x30, &[&self.extensions()])]);
        sequence(&[
            &[0xa0, 3, 2, 1, 2],
            &tlv(0x02, &[&[self.serial]]),
            &ECDSA_SHA256,
            &name(self.issuer),
            &validity,
            &name(self.subject),
            &subject.spki(),
            &extensions,
        ])
    }

    fn extensions(&self) -> Vec<u8> {
        let path_len = self.path_len.map(|limit| tlv(0x02, &[&[limit]])).unwrap_or_default();
        let constraints = if self.ca { sequence(&[&[1, 1, 0xff], &path_len]) } else { sequence(&[]) };
        let usage = tlv(0x03, &[&[self.usage.trailing_zeros().try_into().unwrap(), self.usage]]);
        let names = self.dns.iter().map(|dns| tlv(0x82, &[dns.as_bytes()]));
        let names = names.chain(self.uris.iter().map(|uri| tlv(0x86, &[uri.as_bytes()]))).collect::<Vec<_>>();
        let mut all = extension(19, true, &constraints);
        all.extend(extension(15, true, &usage));
        if !names.is_empty() {
            all.extend(extension(17, false, &sequence(&[&names.concat()])));
        }
        [all, self.more.concat()].concat()
    }
}

/// An extension below 2.5.29.
pub(crate) fn extension(arc: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
    sequence(&[&[0x06, 3, 0x55, 0x1d, arc], critical, &tlv(0x04, &[value])])
}

/// Base64 between the lines of RFC 7468.
pub(crate) fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    let lines = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect::<Vec<_>>();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}
