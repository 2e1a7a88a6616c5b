//! COSE_Sign1 (RFC 9052, 4.2 and 4.4) with the certificates of RFC 9360.

use super::cbor::{Cbor, Writer};
use super::{parse, require};
use crate::jose::Alg;
use crate::refusal::Refusal;
use crate::x509::{Hash, PublicKey, Scheme};

/// Header parameters.
const ALG: i64 = 1;
const CRIT: i64 = 2;
const X5CHAIN: i64 = 33;

/// One signer over a payload that stands inside or apart.
#[derive(Debug)]
pub(super) struct Sign1<'a> {
    protected_bytes: &'a [u8],
    protected: Cbor<'a>,
    unprotected: Cbor<'a>,
    /// None when the payload stands apart.
    pub(super) payload: Option<&'a [u8]>,
    signature: &'a [u8],
}

impl<'a> Sign1<'a> {
    /// Form only.
    pub(super) fn read(value: &Cbor<'a>) -> Result<Self, Refusal> {
        let value = if let Cbor::Tag(18, inner) = value { inner } else { value };
        let Some([protected, unprotected @ Cbor::Map(_), payload, signature]) = value.array() else {
            return Err(Refusal::Malformed("COSE_Sign1"));
        };
        let protected_bytes = require(protected.bytes(), "COSE protected header")?;
        let protected = match protected_bytes {
            [] => Cbor::Map(Vec::new()),
            bytes => parse(bytes)?,
        };
        require(protected.map(), "COSE protected header")?;
        let payload = match payload {
            Cbor::Null => None,
            Cbor::Bytes(bytes) => Some(*bytes),
            _ => return Err(Refusal::Malformed("COSE payload")),
        };
        let signature = require(signature.bytes(), "COSE signature")?;
        Ok(Self { protected_bytes, protected, unprotected: unprotected.clone(), payload, signature })
    }

    /// The algorithm of the protected header: ES256 or EdDSA, also under the numbers of RFC 9864 that fix the curve.
    pub(super) fn alg(&self, allowed: &[Alg]) -> Result<Alg, Refusal> {
        let alg = match self.protected.label(ALG).and_then(Cbor::integer) {
            Some(-7 | -9) => Alg::Es256,
            Some(-8 | -19) => Alg::EdDsa,
            _ => return Err(Refusal::AlgNotAllowed),
        };
        if allowed.contains(&alg) { Ok(alg) } else { Err(Refusal::AlgNotAllowed) }
    }

    /// No critical header parameter is understood beyond those read here.
    pub(super) fn no_crit(&self) -> Result<(), Refusal> {
        let crit = self.protected.label(CRIT).or_else(|| self.unprotected.label(CRIT));
        if crit.is_some() { Err(Refusal::UnsupportedCrit) } else { Ok(()) }
    }

    /// The certificates, leaf first (RFC 9360, 2): one byte string, or an array of them.
    pub(super) fn chain(&self) -> Option<Vec<&'a [u8]>> {
        match self.unprotected.label(X5CHAIN).or_else(|| self.protected.label(X5CHAIN))? {
            Cbor::Bytes(der) => Some(vec![*der]),
            Cbor::Array(ders) => ders.iter().map(Cbor::bytes).collect(),
            _ => None,
        }
    }

    /// The signature over the payload, or over `apart` where the payload stands apart.
    pub(super) fn verify(&self, key: &PublicKey, alg: Alg, apart: Option<&[u8]>) -> Result<(), Refusal> {
        let payload = apart.or(self.payload).ok_or(Refusal::Malformed("COSE payload"))?;
        let structure = Writer::default()
            .array(4)
            .text("Signature1")
            .bytes(self.protected_bytes)
            .bytes(&[])
            .bytes(payload)
            .done();
        let scheme = match alg {
            Alg::Es256 => Scheme::EcdsaFixed(Hash::Sha256),
            Alg::EdDsa => Scheme::EdDsa,
            Alg::Rs256 => return Err(Refusal::AlgNotAllowed),
        };
        key.verify(scheme, &structure, self.signature).map_err(|_| Refusal::BadSignature)
    }
}
