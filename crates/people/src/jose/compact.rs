//! The compact form of a signed JWT (RFC 7515, 7.1): exactly three unpadded base64url segments.

use super::{Alg, Jwk, PublicKey, decode};
use crate::json::{self, Object, Value};
use crate::limits::TOKEN_BYTES;
use crate::refusal::Refusal;

/// A token taken apart; nothing in it is believed before [`Compact::verify`].
///
/// The checks below are methods so that each verifier runs them in the normative order: form, `alg`, issuer, the
/// issuer's algorithms, `crit`, `typ`, `kid`, signature, claims.
#[derive(Debug)]
pub(crate) struct Compact<'a> {
    header: Object,
    payload: Object,
    signing_input: &'a str,
    signature: Vec<u8>,
}

impl<'a> Compact<'a> {
    /// Form only.
    pub(crate) fn parse(token: &'a str) -> Result<Self, Refusal> {
        Self::parse_bounded(token, TOKEN_BYTES)
    }

    /// Form only, with another bound on the whole token, bytes.
    pub(crate) fn parse_bounded(token: &'a str, max_bytes: usize) -> Result<Self, Refusal> {
        if token.len() > max_bytes {
            return Err(Refusal::Malformed("token over the size limit"));
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(SEGMENTS)?;
        let (header, payload) = signing_input.split_once('.').ok_or(SEGMENTS)?;
        let [header, payload] = [header, payload].map(decode);
        let object = |bytes: Vec<u8>| match json::parse_bounded(&bytes, max_bytes)? {
            Value::Object(object) => Ok(object),
            _ => Err(Refusal::Malformed("header or payload is not a JSON object")),
        };
        let signature = decode(signature).ok_or(SEGMENTS)?;
        let (header, payload) = (object(header.ok_or(SEGMENTS)?)?, object(payload.ok_or(SEGMENTS)?)?);
        Ok(Self { header, payload, signing_input, signature })
    }

    /// The header. Not believed.
    pub(crate) fn header(&self) -> &Object {
        &self.header
    }

    /// The payload. Believed only after [`Compact::verify`].
    pub(crate) fn payload(&self) -> &Object {
        &self.payload
    }

    /// The payload, taken out.
    pub(crate) fn into_payload(self) -> Object {
        self.payload
    }

    /// `alg`, which must be among `allowed`; and a `jwk` header, where there is one, must be a public key.
    pub(crate) fn alg(&self, allowed: &[Alg]) -> Result<Alg, Refusal> {
        Ok(self.alg_and_jwk(allowed)?.0)
    }

    /// As [`Compact::alg`], with the key of the header.
    pub(crate) fn alg_and_jwk(&self, allowed: &[Alg]) -> Result<(Alg, Option<Jwk>), Refusal> {
        let alg = self.header.get("alg").and_then(Value::as_text).and_then(Alg::parse);
        let alg = alg.filter(|alg| allowed.contains(alg)).ok_or(Refusal::AlgNotAllowed)?;
        Ok((alg, self.header.get("jwk").map(Jwk::read).transpose()?))
    }

    /// Any `crit` is refused: no extension is supported.
    pub(crate) fn no_crit(&self) -> Result<(), Refusal> {
        if self.header.contains_key("crit") { Err(Refusal::UnsupportedCrit) } else { Ok(()) }
    }

    /// `typ` must be one of `types`, compared as media types (RFC 7515, 4.1.9).
    pub(crate) fn typ(&self, types: &[&str]) -> Result<(), Refusal> {
        let typ = self.header.get("typ").and_then(Value::as_text).ok_or(Refusal::WrongType("typ"))?;
        let bare = match typ.split_at_checked("application/".len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
            _ => typ,
        };
        let known = types.iter().any(|known| known.eq_ignore_ascii_case(bare));
        if known { Ok(()) } else { Err(Refusal::WrongType("typ")) }
    }

    /// As [`Compact::typ`] where there is a `typ`; OpenID Connect asks for none.
    pub(crate) fn typ_if_any(&self, types: &[&str]) -> Result<(), Refusal> {
        if self.header.contains_key("typ") { self.typ(types) } else { Ok(()) }
    }

    /// `kid`, where it is text.
    pub(crate) fn kid(&self) -> Option<&str> {
        self.header.get("kid").and_then(Value::as_text)
    }

    /// The signature, under one key and algorithm.
    pub(crate) fn verify(&self, alg: Alg, key: &PublicKey) -> Result<(), Refusal> {
        let good = key.verifies(alg, self.signing_input.as_bytes(), &self.signature);
        if good { Ok(()) } else { Err(Refusal::BadSignature) }
    }
}

const SEGMENTS: Refusal = Refusal::Malformed("not three unpadded base64url segments");
