//! Device responses made by tests.

use super::cbor::{Cbor, Writer};
use super::device::session_transcript;
use crate::credential::Transaction;
use crate::credential::samples::World;
use crate::x509::Hash;
use crate::x509::samples::Key;

/// An owned value that tests can build and change.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Int(i64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Item>),
    Map(Vec<(Item, Item)>),
    Tag(u64, Box<Item>),
    Null,
}

impl From<&str> for Item {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Item {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl Item {
    pub(super) fn map(entries: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    pub(super) fn texts(texts: &[&str]) -> Self {
        Self::Array(texts.iter().map(|text| (*text).into()).collect())
    }

    /// Tag 24 around the encoded value.
    pub(super) fn embedded(&self) -> Self {
        Self::Tag(24, Box::new(Self::Bytes(self.encoded())))
    }

    pub(super) fn date(text: &str) -> Self {
        Self::Tag(0, Box::new(text.into()))
    }

    /// Replaces or adds a text key.
    pub(super) fn set(&mut self, name: &str, value: Self) {
        self.remove(name);
        let Self::Map(entries) = self else { panic!("no map") };
        entries.push((name.into(), value));
    }

    pub(super) fn remove(&mut self, name: &str) {
        let Self::Map(entries) = self else { panic!("no map") };
        entries.retain(|(key, _)| !matches!(key, Self::Text(key) if key == name));
    }

    pub(super) fn encoded(&self) -> Vec<u8> {
        match self {
            Self::Int(number) if *number < 0 => head(1, (-1 - number).unsigned_abs()),
            Self::Int(number) => head(0, number.unsigned_abs()),
            Self::Bytes(bytes) => Writer::default().bytes(bytes).done(),
            Self::Text(text) => Writer::default().text(text).done(),
            Self::Array(items) => {
                [head(4, items.len() as u64), items.iter().flat_map(Self::encoded).collect()].concat()
            }
            Self::Map(entries) => {
                let entries_bytes =
                    entries.iter().flat_map(|(key, value)| [key.encoded(), value.encoded()].concat());
                [head(5, entries.len() as u64), entries_bytes.collect()].concat()
            }
            Self::Tag(tag, inner) => [head(6, *tag), inner.encoded()].concat(),
            Self::Null => vec![0xf6],
        }
    }
}

/// Arguments below 65,536 are all that tests write.
fn head(major: u8, argument: u64) -> Vec<u8> {
    match argument {
        0..=23 => vec![(major << 5) | argument as u8],
        24..=0xff => vec![(major << 5) | 24, argument as u8],
        _ => [&[(major << 5) | 25][..], &u16::try_from(argument).unwrap().to_be_bytes()].concat(),
    }
}

pub(super) const DOCTYPE: &str = "eu.europa.ec.eudi.pid.1";

/// Digest number, identifier and value.
type Element = (i64, &'static str, Item);

/// A sound response in its parts; tests change one and seal it.
pub(super) struct Sample {
    pub(super) doctype: &'static str,
    /// Elements by name space.
    pub(super) spaces: Vec<(&'static str, Vec<Element>)>,
    /// Changes the object before it is signed.
    pub(super) change_mso: fn(&mut Item),
    /// Changes the items after they were digested.
    pub(super) change_items: fn(&mut Vec<Item>),
    pub(super) alg: i64,
    pub(super) device_alg: i64,
    /// A critical header stands in the issuer's signature, in the device's.
    pub(super) critical: (bool, bool),
    /// The device signature holds its payload.
    pub(super) device_payload: bool,
    /// Changes the response after everything was signed.
    pub(super) change_response: fn(&mut Item),
    /// Changes the map of the device's part.
    pub(super) change_device: fn(&mut Item),
}

impl Sample {
    pub(super) fn pid(nationality: Item) -> Self {
        Self {
            doctype: DOCTYPE,
            spaces: vec![(
                DOCTYPE,
                vec![(0, "family_name", "Musterfrau".into()), (1, "nationality", nationality)],
            )],
            change_mso: |_| {},
            change_items: |_| {},
            alg: -7,
            device_alg: -7,
            critical: (false, false),
            device_payload: false,
            change_response: |_| {},
            change_device: |_| {},
        }
    }

    /// Signs and encodes it, base64url.
    pub(super) fn sealed(&self, world: &World, transaction: &Transaction<'_>) -> String {
        let mut name_spaces = Vec::new();
        let mut digests = Vec::new();
        for (space, items) in &self.spaces {
            let mut items = items.iter().map(|(id, name, value)| item(*id, name, value)).collect::<Vec<_>>();
            let digest = |item: &Item| Item::Bytes(Hash::Sha256.digest(&item.embedded().encoded()));
            let of_space =
                items.iter().zip(0_i64..).map(|(item, id)| (Item::Int(id), digest(item))).collect();
            digests.push(((*space).into(), Item::Map(of_space)));
            (self.change_items)(&mut items);
            name_spaces.push(((*space).into(), Item::Array(items.iter().map(Item::embedded).collect())));
        }
        let mut mso = mso(world, digests);
        (self.change_mso)(&mut mso);
        let issuer_signed = Item::map([
            ("nameSpaces", Item::Map(name_spaces)),
            ("issuerAuth", self.issuer_auth(world, &mso)),
        ]);
        let mut response = Item::map([
            ("version", "1.0".into()),
            (
                "documents",
                Item::Array(vec![Item::map([
                    ("docType", self.doctype.into()),
                    ("issuerSigned", issuer_signed),
                    ("deviceSigned", self.device_signed(world, transaction)),
                ])]),
            ),
            ("status", 0.into()),
        ]);
        (self.change_response)(&mut response);
        crate::jose::encode(&response.encoded())
    }

    fn issuer_auth(&self, world: &World, mso: &Item) -> Item {
        let payload = mso.embedded().encoded();
        let headers = Item::Map(vec![(33.into(), Item::Bytes(world.leaf.clone()))]);
        let protected = protected(self.alg, self.critical.0);
        sign1(protected, headers, Some(&payload), &payload, &world.signer)
    }

    fn device_signed(&self, world: &World, transaction: &Transaction<'_>) -> Item {
        let spaces = Item::Map(vec![]).embedded();
        let authentication = [
            &head(4, 4)[..],
            &Item::from("DeviceAuthentication").encoded(),
            &session_transcript(transaction),
            &Item::from(self.doctype).encoded(),
            &spaces.encoded(),
        ]
        .concat();
        let authentication = Item::Tag(24, Box::new(Item::Bytes(authentication))).encoded();
        let protected = protected(self.device_alg, self.critical.1);
        let inside = self.device_payload.then_some(&authentication[..]);
        let signature = sign1(protected, Item::Map(vec![]), inside, &authentication, &world.holder);
        let mut device =
            Item::map([("nameSpaces", spaces), ("deviceAuth", Item::map([("deviceSignature", signature)]))]);
        (self.change_device)(&mut device);
        device
    }
}

fn item(id: i64, name: &str, value: &Item) -> Item {
    Item::map([
        ("digestID", id.into()),
        ("random", Item::Bytes(vec![7; 32])),
        ("elementIdentifier", name.into()),
        ("elementValue", value.clone()),
    ])
}

fn mso(world: &World, digests: Vec<(Item, Item)>) -> Item {
    let (x, y) = world.holder.point[1..].split_at(32);
    let key = [(1, 2.into()), (-1, 1.into()), (-2, Item::Bytes(x.to_vec())), (-3, Item::Bytes(y.to_vec()))];
    let key = Item::Map(key.into_iter().map(|(label, value): (i64, Item)| (label.into(), value)).collect());
    Item::map([
        ("version", "1.0".into()),
        ("digestAlgorithm", "SHA-256".into()),
        ("valueDigests", Item::Map(digests)),
        ("deviceKeyInfo", Item::map([("deviceKey", key)])),
        ("docType", DOCTYPE.into()),
        ("validityInfo", validity("2026-06-12T00:00:00Z", "2026-06-12T00:00:00Z", "2026-06-27T00:00:00Z")),
    ])
}

pub(super) fn validity(signed: &str, from: &str, until: &str) -> Item {
    Item::map([
        ("signed", Item::date(signed)),
        ("validFrom", Item::date(from)),
        ("validUntil", Item::date(until)),
    ])
}

fn protected(alg: i64, critical: bool) -> Vec<u8> {
    let crit = critical.then(|| (2.into(), Item::Array(vec![99.into()])));
    Item::Map([(1.into(), alg.into())].into_iter().chain(crit).collect()).encoded()
}

fn sign1(protected: Vec<u8>, headers: Item, inside: Option<&[u8]>, payload: &[u8], key: &Key) -> Item {
    let structure = Item::Array(vec![
        "Signature1".into(),
        Item::Bytes(protected.clone()),
        Item::Bytes(vec![]),
        Item::Bytes(payload.to_vec()),
    ]);
    let inside = inside.map_or(Item::Null, |payload| Item::Bytes(payload.to_vec()));
    Item::Array(vec![
        Item::Bytes(protected),
        headers,
        inside,
        Item::Bytes(key.sign_fixed(&structure.encoded())),
    ])
}

/// What the tests write is what the reader takes.
#[test]
fn the_samples_are_of_the_accepted_form() {
    let value = Item::map([("a", Item::Int(-500)), ("b", Item::texts(&["x"; 30]))]).encoded();
    assert_eq!(Cbor::parse(&value).unwrap().get("a").and_then(Cbor::integer), Some(-500));
}
