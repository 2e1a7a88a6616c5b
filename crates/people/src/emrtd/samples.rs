//! Passports made by tests.

use crate::x509::Hash;
use crate::x509::samples::{ECDSA_SHA256, Key, Spec, name, sequence, tlv};

const SHA256: [u8; 13] = [0x30, 11, 0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
const SIGNED_DATA: [u8; 11] = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
const CONTENT_TYPE: [u8; 11] = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3];
const MESSAGE_DIGEST: [u8; 11] = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4];
const LDS_SECURITY_OBJECT: [u8; 8] = [0x06, 6, 0x67, 0x81, 8, 1, 1, 1];

/// A sound passport in its parts; tests change one.
pub(super) struct Sample {
    pub(super) country_signer: Key,
    pub(super) document_signer: Key,
    pub(super) signer: Spec,
    pub(super) nationality: &'static str,
    pub(super) expiry: &'static str,
    /// Digest named in the attributes; the right one when absent.
    pub(super) message_digest: Option<Vec<u8>>,
    /// Content type named in the attributes.
    pub(super) content_type: Vec<u8>,
    /// Groups the list covers.
    pub(super) groups: Vec<u8>,
}

impl Sample {
    pub(super) fn new() -> Self {
        Self {
            country_signer: Key::new(),
            document_signer: Key::new(),
            signer: Spec::leaf(),
            nationality: "D<<",
            expiry: "330101",
            message_digest: None,
            content_type: LDS_SECURITY_OBJECT.to_vec(),
            groups: vec![1, 2],
        }
    }

    /// The country signing certificate.
    pub(super) fn anchor(&self) -> Vec<u8> {
        Spec::anchor().signed(&self.country_signer, &self.country_signer)
    }

    /// Data group 1 with a zone of size TD3.
    pub(super) fn dg1(&self) -> Vec<u8> {
        let number = "C01X00T47";
        let digit = |field: &str| check_digit(field);
        let (birth, optional) = ("880229", "<".repeat(14));
        let head = format!("{number}{}{}{birth}{}F", digit(number), self.nationality, digit(birth));
        let tail = format!("{}{}{optional}0", self.expiry, digit(self.expiry));
        let composite = [&head[..10], &head[13..20], &tail].concat();
        let first = format!("P<D<<{:<<39}", "MUSTERFRAU<<AENNE");
        let zone = format!("{first}{head}{tail}{}", digit(&composite));
        assert_eq!(zone.len(), 88);
        tlv(0x61, &[&[0x5f, 0x1f, 88], zone.as_bytes()])
    }

    pub(super) fn dg2() -> Vec<u8> {
        tlv(0x75, &[&[7; 60]])
    }

    /// EF.SOD over the groups given.
    pub(super) fn sod(&self, dg1: &[u8], dg2: &[u8]) -> Vec<u8> {
        let hashes = self.groups.iter().map(|group| {
            let bytes = if *group == 1 { dg1 } else { dg2 };
            sequence(&[&[2, 1, *group], &tlv(0x04, &[&Hash::Sha256.digest(bytes)])])
        });
        let list = sequence(&[&hashes.collect::<Vec<_>>().concat()]);
        let content = sequence(&[&[2, 1, 0], &SHA256, &list]);
        let encapsulated = sequence(&[&LDS_SECURITY_OBJECT, &tlv(0xa0, &[&tlv(0x04, &[&content])])]);
        let certificate = tlv(0xa0, &[&self.signer.signed(&self.document_signer, &self.country_signer)]);
        let signers = tlv(0x31, &[&self.signer_info(&content)]);
        let data = sequence(&[&[2, 1, 3], &tlv(0x31, &[&SHA256]), &encapsulated, &certificate, &signers]);
        tlv(0x77, &[&sequence(&[&SIGNED_DATA, &tlv(0xa0, &[&data])])])
    }

    fn signer_info(&self, content: &[u8]) -> Vec<u8> {
        let digest = self.message_digest.clone().unwrap_or_else(|| Hash::Sha256.digest(content));
        let attribute = |oid: &[u8], value: &[u8]| sequence(&[oid, &tlv(0x31, &[value])]);
        let attributes = [
            attribute(&CONTENT_TYPE, &self.content_type),
            attribute(&MESSAGE_DIGEST, &tlv(0x04, &[&digest])),
        ]
        .concat();
        let signature = self.document_signer.sign_der(&tlv(0x31, &[&attributes]));
        let id = sequence(&[&name("anchor"), &[2, 1, 2]]);
        sequence(&[
            &[2, 1, 1],
            &id,
            &SHA256,
            &tlv(0xa0, &[&attributes]),
            &ECDSA_SHA256,
            &tlv(0x04, &[&signature]),
        ])
    }
}

/// Written apart from the reader's, so that a fault in one shows.
fn check_digit(field: &str) -> u32 {
    let weights = [7, 3, 1];
    let value = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'Z' => u32::from(byte - b'A') + 10,
        _ => 0,
    };
    field.bytes().enumerate().map(|(at, byte)| value(byte) * weights[at % 3]).sum::<u32>() % 10
}
