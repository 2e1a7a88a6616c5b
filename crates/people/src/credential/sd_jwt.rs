//! Selective disclosure (RFC 9901): taking a presentation apart, and opening what its digests cover (section 7.1).

use crate::jose;
use crate::json::{self, Members, Object, Value};
use crate::limits::{JSON_DEPTH, PRESENTATION_BYTES};
use crate::profile::Profile;
use crate::refusal::Refusal;
use crate::x509::Hash;
use std::collections::{BTreeMap, BTreeSet};

/// Most disclosures in one presentation.
const MAX_DISCLOSURES: usize = 256;

/// Claims that must stand in the open (SD-JWT VC, 3.2.2.2).
const NEVER_DISCLOSED: [&str; 6] = ["iss", "nbf", "exp", "cnf", "vct", "status"];

/// A presentation taken apart at its tildes. Nothing is decoded yet.
#[derive(Debug)]
pub(super) struct Presentation<'a> {
    pub(super) jwt: &'a str,
    pub(super) disclosures: Vec<&'a str>,
    /// The key-binding JWT; none when nothing follows the last tilde.
    pub(super) key_binding: Option<&'a str>,
    /// What the key-binding JWT covers: everything up to the last tilde, included.
    pub(super) bound: &'a str,
}

impl<'a> Presentation<'a> {
    /// Form only (RFC 9901, 4).
    pub(super) fn split(presented: &'a str) -> Result<Self, Refusal> {
        if presented.len() > PRESENTATION_BYTES {
            return Err(Refusal::Malformed("presentation over the size limit"));
        }
        let (front, last) = presented.rsplit_once('~').ok_or(Refusal::Malformed("no SD-JWT"))?;
        let bound = presented.strip_suffix(last).ok_or(Refusal::Malformed("no SD-JWT"))?;
        let mut parts = front.split('~');
        let jwt = parts.next().unwrap_or_default();
        let disclosures = parts.collect::<Vec<_>>();
        if disclosures.len() > MAX_DISCLOSURES {
            return Err(Refusal::DisclosureInvalid("too many disclosures"));
        }
        Ok(Self { jwt, disclosures, key_binding: (!last.is_empty()).then_some(last), bound })
    }
}

/// The hash of digests and `sd_hash`: `_sd_alg`, by default SHA-256 (RFC 9901, 4.1.1). The profile lists what is accepted.
pub(super) fn hash(payload: &Object, profile: &Profile) -> Result<Hash, Refusal> {
    let name = payload.text("_sd_alg")?.unwrap_or("sha-256");
    let listed = profile.sd_alg.iter().any(|known| known == name);
    Hash::named(name).filter(|_| listed).ok_or(Refusal::AlgNotAllowed)
}

/// The claims after disclosure.
#[derive(Debug)]
pub(super) struct Disclosed {
    pub(super) claims: Object,
    /// An array digest stayed closed, decoys included: nobody but the issuer can tell one from the other.
    pub(super) hidden: bool,
}

/// Opens the digests of a verified payload.
///
/// # Errors
/// [`Refusal::DisclosureInvalid`] when a rule of RFC 9901, 7.1 is broken; [`Refusal::Malformed`] for a repeated member.
pub(super) fn disclose(payload: Object, disclosures: &[&str], hash: Hash) -> Result<Disclosed, Refusal> {
    let mut opener = Opener { closed: BTreeMap::new(), seen: BTreeSet::new(), hidden: false };
    for disclosure in disclosures {
        let digest = jose::encode(&hash.digest(disclosure.as_bytes()));
        if opener.closed.insert(digest, parts(disclosure)?).is_some() {
            return Err(Refusal::DisclosureInvalid("a disclosure twice"));
        }
    }
    let mut claims = opener.object(payload, 0)?;
    claims.remove("_sd_alg");
    if !opener.closed.is_empty() {
        return Err(Refusal::DisclosureInvalid("a disclosure without digest"));
    }
    Ok(Disclosed { claims, hidden: opener.hidden })
}

/// The array that a disclosure encodes.
fn parts(disclosure: &str) -> Result<Vec<Value>, Refusal> {
    let text = jose::decode(disclosure).ok_or(Refusal::DisclosureInvalid("not base64url"))?;
    match json::parse(&text) {
        Ok(Value::Array(parts)) => Ok(parts),
        Ok(_) => Err(Refusal::DisclosureInvalid("not an array")),
        // What a plain reader takes and the strict one does not has a repeated member, or is over a bound.
        Err(refusal) if serde_json::from_slice::<serde::de::IgnoredAny>(&text).is_ok() => Err(refusal),
        Err(_) => Err(Refusal::DisclosureInvalid("not JSON")),
    }
}

struct Opener {
    /// Disclosures by digest, taken out as they are used.
    closed: BTreeMap<String, Vec<Value>>,
    seen: BTreeSet<String>,
    hidden: bool,
}

impl Opener {
    /// The disclosure of a digest, if it was presented. Each digest may stand once in the whole credential.
    fn open(&mut self, digest: &Value) -> Result<Option<Vec<Value>>, Refusal> {
        let digest = digest.as_text().ok_or(Refusal::DisclosureInvalid("a digest is no text"))?;
        if !self.seen.insert(digest.to_owned()) {
            return Err(Refusal::DisclosureInvalid("a digest twice"));
        }
        Ok(self.closed.remove(digest))
    }

    fn value(&mut self, value: Value, depth: usize) -> Result<Value, Refusal> {
        let deeper = depth.saturating_add(1);
        match value {
            _ if depth > JSON_DEPTH => Err(Refusal::DisclosureInvalid("nested too deep")),
            Value::Object(object) => Ok(Value::Object(self.object(object, deeper)?)),
            Value::Array(elements) => Ok(Value::Array(self.array(elements, deeper)?)),
            other => Ok(other),
        }
    }

    fn object(&mut self, mut object: Object, depth: usize) -> Result<Object, Refusal> {
        let digests = object.remove("_sd");
        if object.contains_key("...") {
            return Err(Refusal::DisclosureInvalid("a placeholder outside an array"));
        }
        let mut open = Object::new();
        for (name, value) in object {
            open.insert(name, self.value(value, depth)?);
        }
        let Some(digests) = digests else { return Ok(open) };
        for digest in digests.as_array().ok_or(Refusal::DisclosureInvalid("_sd is no array"))? {
            let Some(parts) = self.open(digest)? else { continue };
            let (name, value) = named(parts)?;
            if open.contains_key(&name) || (depth == 0 && NEVER_DISCLOSED.contains(&name.as_str())) {
                return Err(Refusal::DisclosureInvalid("a disclosed name is taken"));
            }
            open.insert(name, self.value(value, depth)?);
        }
        Ok(open)
    }

    fn array(&mut self, elements: Vec<Value>, depth: usize) -> Result<Vec<Value>, Refusal> {
        let mut open = Vec::new();
        for element in elements {
            let element = match placeholder(&element)? {
                None => Some(element),
                Some(digest) => self.open(digest)?.map(unnamed).transpose()?,
            };
            match element {
                Some(element) => open.push(self.value(element, depth)?),
                None => self.hidden = true,
            }
        }
        Ok(open)
    }
}

/// The digest of an array element that stands for another: an object with the one member `...`.
fn placeholder(element: &Value) -> Result<Option<&Value>, Refusal> {
    let Some(object) = element.as_object() else { return Ok(None) };
    match object.get("...") {
        Some(_) if object.len() > 1 => Err(Refusal::DisclosureInvalid("a placeholder with other members")),
        digest => Ok(digest),
    }
}

/// Salt, name and value of an object's member.
fn named(parts: Vec<Value>) -> Result<(String, Value), Refusal> {
    match <[Value; 3]>::try_from(parts) {
        Ok([Value::Text(_), Value::Text(name), value]) if name != "_sd" && name != "..." => Ok((name, value)),
        _ => Err(Refusal::DisclosureInvalid("not salt, allowed name and value")),
    }
}

/// Salt and value of an array element.
fn unnamed(parts: Vec<Value>) -> Result<Value, Refusal> {
    match <[Value; 2]>::try_from(parts) {
        Ok([Value::Text(_), value]) => Ok(value),
        _ => Err(Refusal::DisclosureInvalid("not salt and value")),
    }
}

#[cfg(test)]
mod tests;
