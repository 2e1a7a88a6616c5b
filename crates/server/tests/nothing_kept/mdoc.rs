//! A device response with a whole identity in it, for one request of the gateway's.

use crate::certificates::{Key, Spec, pem};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const ISSUER: &str = "https://pid.kept.test";
const DOCTYPE: &str = "eu.europa.ec.eudi.pid.1";
/// What is shown beside the nationality. None of it may be kept.
pub const SHOWN: [(&str, &str); 4] = [
    ("family_name", "Zwiebelfisch"),
    ("given_name", "Apollonia"),
    ("birth_date", "1987-11-03"),
    ("document_number", "Z9K4PQ7731"),
];

/// An issuer of identities, and somebody who has one.
pub struct Wallet {
    anchor: Key,
    signer: Key,
    holder: Key,
}

fn head(major: u8, argument: usize) -> Vec<u8> {
    match u16::try_from(argument).unwrap() {
        short @ 0..=23 => vec![(major << 5) | short as u8],
        short @ 24..=0xff => vec![(major << 5) | 24, short as u8],
        long => [&[(major << 5) | 25][..], &long.to_be_bytes()].concat(),
    }
}

fn text(text: &str) -> Vec<u8> {
    [head(3, text.len()), text.as_bytes().to_vec()].concat()
}

fn bytes(bytes: &[u8]) -> Vec<u8> {
    [head(2, bytes.len()), bytes.to_vec()].concat()
}

fn array(items: &[Vec<u8>]) -> Vec<u8> {
    [head(4, items.len()), items.concat()].concat()
}

fn entries(entries: Vec<(Vec<u8>, Vec<u8>)>) -> Vec<u8> {
    let count = entries.len();
    [head(5, count), entries.into_iter().flat_map(|(key, value)| [key, value].concat()).collect()].concat()
}

fn map(members: Vec<(&str, Vec<u8>)>) -> Vec<u8> {
    entries(members.into_iter().map(|(name, value)| (text(name), value)).collect())
}

/// A small integer, as labels of COSE are.
fn label(number: i8) -> Vec<u8> {
    if number < 0 {
        head(1, usize::from((-1 - number).unsigned_abs()))
    } else {
        head(0, usize::from(number.unsigned_abs()))
    }
}

fn tagged(tag: usize, value: Vec<u8>) -> Vec<u8> {
    [head(6, tag), value].concat()
}

fn embedded(value: &[u8]) -> Vec<u8> {
    tagged(24, bytes(value))
}

fn date(at: &str) -> Vec<u8> {
    tagged(0, text(at))
}

/// COSE_Sign1 under ES256, with the payload inside where it is to stand there.
fn sign1(key: &Key, headers: Vec<u8>, payload: &[u8], inside: bool) -> Vec<u8> {
    let protected = entries(vec![(label(1), label(-7))]);
    let structure = array(&[text("Signature1"), bytes(&protected), bytes(&[]), bytes(payload)]);
    let inside = if inside { bytes(payload) } else { vec![0xf6] };
    array(&[bytes(&protected), headers, inside, bytes(&key.sign_fixed(&structure))])
}

impl Wallet {
    pub fn new() -> Self {
        Self { anchor: Key::new(), signer: Key::new(), holder: Key::new() }
    }

    /// The issuer in a registry, and its anchor.
    pub fn registered(&self) -> (Value, String) {
        let issuer = json!({"iss": ISSUER, "kind": "pid", "x5c_anchor": "kept", "algs": ["ES256"], "max_strength": "S4",
            "may_assert": ["nationalities"], "complete_for": []});
        (issuer, pem(&Spec::anchor().signed(&self.anchor, &self.anchor)))
    }

    /// A response that shows everything, base64url.
    pub fn response(&self, client_id: &str, nonce: &str, response_uri: &str) -> String {
        let shown = SHOWN.iter().map(|(name, value)| (*name, text(value)));
        let shown = shown.chain([("nationality", array(&[text("US")]))]);
        let items: Vec<Vec<u8>> = (0..).zip(shown).map(|(id, (name, value))| item(id, name, value)).collect();
        let digests =
            (0..).zip(&items).map(|(id, item)| (label(id), bytes(&Sha256::digest(embedded(item))))).collect();
        let leaf = Spec { uris: vec![ISSUER], ..Spec::leaf() }.signed(&self.signer, &self.anchor);
        let chain = entries(vec![(head(0, 33), bytes(&leaf))]);
        let auth = sign1(&self.signer, chain, &embedded(&self.mso(entries(digests))), true);
        let items = array(&items.iter().map(|item| embedded(item)).collect::<Vec<_>>());
        let issuer_signed = map(vec![("nameSpaces", map(vec![(DOCTYPE, items)])), ("issuerAuth", auth)]);
        let document = map(vec![
            ("docType", text(DOCTYPE)),
            ("issuerSigned", issuer_signed),
            ("deviceSigned", self.device_signed(client_id, nonce, response_uri)),
        ]);
        let response =
            map(vec![("version", text("1.0")), ("documents", array(&[document])), ("status", label(0))]);
        URL_SAFE_NO_PAD.encode(response)
    }

    fn mso(&self, digests: Vec<u8>) -> Vec<u8> {
        let (x, y) = self.holder.point[1..].split_at(32);
        let key =
            vec![(label(1), label(2)), (label(-1), label(1)), (label(-2), bytes(x)), (label(-3), bytes(y))];
        let validity = vec![
            ("signed", date("2026-06-12T00:00:00Z")),
            ("validFrom", date("2026-06-12T00:00:00Z")),
            ("validUntil", date("2026-07-12T00:00:00Z")),
        ];
        map(vec![
            ("version", text("1.0")),
            ("digestAlgorithm", text("SHA-256")),
            ("valueDigests", map(vec![(DOCTYPE, digests)])),
            ("deviceKeyInfo", map(vec![("deviceKey", entries(key))])),
            ("docType", text(DOCTYPE)),
            ("validityInfo", map(validity)),
        ])
    }

    /// The device's signature over the session (OpenID4VP 1.0, B.2.6.1).
    fn device_signed(&self, client_id: &str, nonce: &str, response_uri: &str) -> Vec<u8> {
        let null = vec![0xf6];
        let info = array(&[text(client_id), text(nonce), null.clone(), text(response_uri)]);
        let handover = array(&[text("OpenID4VPHandover"), bytes(&Sha256::digest(info))]);
        let transcript = array(&[null.clone(), null, handover]);
        let spaces = embedded(&map(vec![]));
        let signed = array(&[text("DeviceAuthentication"), transcript, text(DOCTYPE), spaces.clone()]);
        let signature = sign1(&self.holder, map(vec![]), &embedded(&signed), false);
        map(vec![("nameSpaces", spaces), ("deviceAuth", map(vec![("deviceSignature", signature)]))])
    }
}

fn item(id: i8, name: &str, value: Vec<u8>) -> Vec<u8> {
    map(vec![
        ("digestID", label(id)),
        ("random", bytes(&[0x5a ^ id.unsigned_abs(); 32])),
        ("elementIdentifier", text(name)),
        ("elementValue", value),
    ])
}
