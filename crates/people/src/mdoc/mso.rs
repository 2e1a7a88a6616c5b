//! The mobile security object (ISO 18013-5, 9.1.2.4) and the items whose digests it holds.

use super::cbor::{Cbor, Writer};
use super::{parse, require};
use crate::credential::Context;
use crate::credential::status::Reference;
use crate::jose::{self, Jwk, Thumbprint};
use crate::json::{Object, Value};
use crate::profile::Profile;
use crate::refusal::Refusal;
use crate::times::Times;
use crate::x509::{Certificate, Hash, PublicKey};
use terms::Instant;

/// What the issuer signed.
#[derive(Debug)]
pub(super) struct Mso<'c, 'a> {
    pub(super) doctype: &'a str,
    digests: &'c [(Cbor<'a>, Cbor<'a>)],
    hash_name: &'a str,
    /// The key of the holder's device; none where the document is bound to none.
    pub(super) device_key: Option<PublicKey>,
    /// Its thumbprint, as of a JWK (RFC 7638).
    pub(super) thumbprint: Option<Thumbprint>,
    signed: Instant,
    from: Instant,
    /// The end of its validity, included.
    pub(super) until: Instant,
    pub(super) status: Option<Reference>,
}

impl<'c, 'a> Mso<'c, 'a> {
    /// Structure and types.
    pub(super) fn read(mso: &'c Cbor<'a>) -> Result<Self, Refusal> {
        require(mso.get("version").and_then(Cbor::text), "MSO version")?;
        let key = mso.get("deviceKeyInfo").and_then(|info| info.get("deviceKey"));
        let key = key.map(device_key).transpose()?;
        let (device_key, thumbprint) = key.unzip();
        let validity = require(mso.get("validityInfo"), "validityInfo")?;
        Ok(Self {
            doctype: require(mso.get("docType").and_then(Cbor::text), "MSO docType")?,
            digests: require(mso.get("valueDigests").and_then(Cbor::map), "valueDigests")?,
            hash_name: require(mso.get("digestAlgorithm").and_then(Cbor::text), "digestAlgorithm")?,
            device_key,
            thumbprint,
            signed: date(validity, "signed")?,
            from: date(validity, "validFrom")?,
            until: date(validity, "validUntil")?,
            status: mso.get("status").map(status).transpose()?,
        })
    }

    /// Validity with the profile's tolerance, and signed while the signer's certificate was valid (9.3.1, step 5).
    pub(super) fn check_times(&self, signer: &Certificate, context: &Context<'_>) -> Result<(), Refusal> {
        let times = Times { exp: Some(self.until), nbf: Some(self.from), iat: Some(self.signed) };
        times.check(context.now, context.profile.clock_skew_s)?;
        let signed_s = self.signed.as_micros().div_euclid(1_000_000);
        if signer.valid_at(signed_s) {
            Ok(())
        } else {
            Err(Refusal::UntrustedIssuer("signed outside the certificate"))
        }
    }

    /// The hash of the digests, which the profile must list.
    pub(super) fn hash(&self, profile: &Profile) -> Result<Hash, Refusal> {
        let listed = profile.sd_alg.iter().any(|known| known.eq_ignore_ascii_case(self.hash_name));
        Hash::named(self.hash_name).filter(|_| listed).ok_or(Refusal::AlgNotAllowed)
    }

    fn digest(&self, space: &str, id: u64) -> Option<&'a [u8]> {
        let of_space =
            self.digests.iter().find_map(|(name, ids)| (name.text() == Some(space)).then_some(ids))?;
        of_space
            .map()?
            .iter()
            .find_map(|(known, digest)| (*known == Cbor::Unsigned(id)).then(|| digest.bytes())?)
    }
}

/// A date with time (tag 0): RFC 3339.
fn date(validity: &Cbor<'_>, name: &'static str) -> Result<Instant, Refusal> {
    let value = validity.get(name).ok_or(Refusal::MissingClaim(name))?;
    let text = if let Cbor::Tag(0, inner) = value { inner.text() } else { None };
    Instant::parse(text.ok_or(Refusal::ClaimType(name))?).map_err(|_| Refusal::ClaimValue(name))
}

/// A public COSE key of P-256 or Ed25519 (RFC 9053, 7), with the thumbprint of the same key as a JWK.
fn device_key(key: &Cbor<'_>) -> Result<(PublicKey, Thumbprint), Refusal> {
    const BAD: Refusal = Refusal::Malformed("device key");
    let number = |label| key.label(label).and_then(Cbor::integer);
    let bytes = |label| key.label(label).and_then(Cbor::bytes);
    let (kind, curve) = (require(number(1), "device key")?, require(number(-1), "device key")?);
    let x = bytes(-2).ok_or(BAD)?;
    if key.label(-4).is_some() {
        return Err(BAD);
    }
    let (parsed, members) = match (kind, curve) {
        (2, 1) => {
            let y = bytes(-3).ok_or(BAD)?;
            (
                PublicKey::p256(x, y),
                vec![("kty", "EC".into()), ("crv", "P-256".into()), ("y", jose::encode(y))],
            )
        }
        (1, 6) => (PublicKey::ed25519(x), vec![("kty", "OKP".into()), ("crv", "Ed25519".into())]),
        _ => return Err(BAD),
    };
    let members = members.into_iter().chain([("x", jose::encode(x))]);
    let jwk = members.map(|(name, value)| (name.to_owned(), Value::Text(value))).collect::<Object>();
    let jwk = Jwk::read(&Value::Object(jwk)).map_err(|_| BAD)?;
    Ok((parsed.ok_or(BAD)?, jwk.thumbprint().clone()))
}

/// The `status` element: a status list, as in a JWT.
fn status(status: &Cbor<'_>) -> Result<Reference, Refusal> {
    require_type(status.map(), "status")?;
    let list = status.get("status_list").ok_or_else(Reference::unknown)?;
    let uri = list.get("uri").ok_or(Refusal::MissingClaim("status"))?;
    let index = match list.get("idx").ok_or(Refusal::MissingClaim("status"))? {
        Cbor::Unsigned(index) => *index,
        Cbor::Negative(_) => return Err(Refusal::ClaimValue("status")),
        _ => return Err(Refusal::ClaimType("status")),
    };
    Ok(Reference { uri: require_type(uri.text(), "status")?.to_owned(), index })
}

fn require_type<T>(value: Option<T>, name: &'static str) -> Result<T, Refusal> {
    value.ok_or(Refusal::ClaimType(name))
}

/// One item that was disclosed and whose digest fits.
#[derive(Debug)]
struct Item<'a> {
    space: &'a str,
    identifier: &'a str,
    value: Cbor<'a>,
}

/// The items of a document.
#[derive(Debug)]
pub(super) struct Items<'a>(Vec<Item<'a>>);

impl<'a> Items<'a> {
    /// Compares the digest of each item (9.3.1, step 3), in every name space. Its number stands in the item, its value is taken only then.
    pub(super) fn read(issuer_signed: &Cbor<'a>, mso: &Mso<'_, 'a>, hash: Hash) -> Result<Self, Refusal> {
        let mut items = Vec::new();
        let Some(spaces) = issuer_signed.get("nameSpaces") else { return Ok(Self(items)) };
        for (space, members) in require(spaces.map(), "nameSpaces")? {
            let space = require(space.text(), "name space")?;
            let mut ids = std::collections::BTreeSet::new();
            for member in require(members.array(), "nameSpaces")? {
                let encoded = require(member.embedded(), "IssuerSignedItem")?;
                let (id, item) = Item::read(space, encoded, mso, hash)?;
                let named = items
                    .iter()
                    .any(|known: &Item<'_>| known.space == space && known.identifier == item.identifier);
                if !ids.insert(id) || named {
                    return Err(Refusal::DisclosureInvalid("an element twice"));
                }
                items.push(item);
            }
        }
        Ok(Self(items))
    }

    /// The value of an element, where it was disclosed.
    pub(super) fn get(&self, space: &str, identifier: &str) -> Option<&Cbor<'a>> {
        self.0
            .iter()
            .find(|item| item.space == space && item.identifier == identifier)
            .map(|item| &item.value)
    }
}

impl<'a> Item<'a> {
    fn read(
        space: &'a str,
        encoded: &'a [u8],
        mso: &Mso<'_, 'a>,
        hash: Hash,
    ) -> Result<(u64, Self), Refusal> {
        let item = parse(encoded)?;
        let Some(Cbor::Unsigned(id)) = item.get("digestID") else {
            return Err(Refusal::Malformed("digestID"));
        };
        let digest = hash.digest(&Writer::default().embedded(encoded).done());
        if mso.digest(space, *id) != Some(&digest) {
            return Err(Refusal::DisclosureInvalid("digest of an element"));
        }
        require(item.get("random").and_then(Cbor::bytes), "random")?;
        let identifier = require(item.get("elementIdentifier").and_then(Cbor::text), "elementIdentifier")?;
        let value = require(item.get("elementValue"), "elementValue")?.clone();
        Ok((*id, Self { space, identifier, value }))
    }
}
