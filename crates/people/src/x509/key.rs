//! Public keys out of certificates, and the signatures they check.

use crate::jose;
use aws_lc_rs::signature::{self as lc, UnparsedPublicKey, VerificationAlgorithm};
use der::asn1::{ObjectIdentifier, Uint};
use der::{Decode, Encode, Sequence};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The signature does not fit key, scheme and message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify under this key")]
pub struct BadSignature;

/// A hash of the SHA-2 family. SHA-1 and SHA-224 are not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// 32 bytes.
    Sha256,
    /// 48 bytes.
    Sha384,
    /// 64 bytes.
    Sha512,
}

impl Hash {
    /// By its name in the hash registry, in either case (`sha-256`, `SHA-256`).
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "sha-256" => Some(Self::Sha256),
            "sha-384" => Some(Self::Sha384),
            "sha-512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// By its object identifier (RFC 5754).
    pub fn of_oid(oid: ObjectIdentifier) -> Option<Self> {
        [("2.16.840.1.101.3.4.2.1", Self::Sha256), ("2.16.840.1.101.3.4.2.2", Self::Sha384)]
            .into_iter()
            .chain([("2.16.840.1.101.3.4.2.3", Self::Sha512)])
            .find_map(|(text, hash)| (ObjectIdentifier::new_unwrap(text) == oid).then_some(hash))
    }

    /// The digest of the bytes.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        use sha2::Digest;
        match self {
            Self::Sha256 => sha2::Sha256::digest(bytes).to_vec(),
            Self::Sha384 => sha2::Sha384::digest(bytes).to_vec(),
            Self::Sha512 => sha2::Sha512::digest(bytes).to_vec(),
        }
    }

    /// Its length in bytes.
    pub const fn len_bytes(self) -> u32 {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// How a signature is made and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// ECDSA, r and s side by side with fixed length (COSE).
    EcdsaFixed(Hash),
    /// ECDSA, r and s in DER (X.509, CMS).
    EcdsaDer(Hash),
    /// Ed25519 (RFC 8032).
    EdDsa,
    /// RSASSA-PKCS1-v1_5 (RFC 8017).
    RsaPkcs1(Hash),
    /// RSASSA-PSS with MGF1 over the same hash and a salt of its length (RFC 8017).
    RsaPss(Hash),
}

impl Scheme {
    /// By the algorithm identifier of X.509 and CMS (RFC 5758, RFC 4055, RFC 8410). None where it is unknown or too weak.
    pub fn of_algorithm(algorithm: &AlgorithmIdentifierOwned) -> Option<Self> {
        match algorithm.oid.to_string().as_str() {
            "1.2.840.10045.4.3.2" => Some(Self::EcdsaDer(Hash::Sha256)),
            "1.2.840.10045.4.3.3" => Some(Self::EcdsaDer(Hash::Sha384)),
            "1.2.840.10045.4.3.4" => Some(Self::EcdsaDer(Hash::Sha512)),
            "1.2.840.113549.1.1.11" => Some(Self::RsaPkcs1(Hash::Sha256)),
            "1.2.840.113549.1.1.12" => Some(Self::RsaPkcs1(Hash::Sha384)),
            "1.2.840.113549.1.1.13" => Some(Self::RsaPkcs1(Hash::Sha512)),
            "1.2.840.113549.1.1.10" => pss(algorithm).map(Self::RsaPss),
            "1.3.101.112" => Some(Self::EdDsa),
            _ => None,
        }
    }

    /// The same for a CMS signer, who may name the bare key type and the hash apart (RFC 5754).
    pub fn of_signer(algorithm: &AlgorithmIdentifierOwned, hash: Hash) -> Option<Self> {
        match algorithm.oid {
            RSA => Some(Self::RsaPkcs1(hash)),
            EC_PUBLIC_KEY => Some(Self::EcdsaDer(hash)),
            _ => Self::of_algorithm(algorithm),
        }
    }
}

/// RSASSA-PSS-params (RFC 4055, 3.1).
#[derive(Sequence)]
struct PssParams {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    hash: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    salt_bytes: Option<u32>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    trailer: Option<u8>,
}

fn pss(algorithm: &AlgorithmIdentifierOwned) -> Option<Hash> {
    let params = algorithm.parameters.as_ref()?.to_der().ok()?;
    let params = PssParams::from_der(&params).ok()?;
    let hash = Hash::of_oid(params.hash?.oid)?;
    let mask = params.mask.filter(|mask| mask.oid == MGF1)?.parameters?.to_der().ok()?;
    let mask = Hash::of_oid(AlgorithmIdentifierOwned::from_der(&mask).ok()?.oid)?;
    let plain = params.trailer.is_none_or(|trailer| trailer == 1);
    (mask == hash && params.salt_bytes == Some(hash.len_bytes()) && plain).then_some(hash)
}

/// RSAPublicKey (RFC 8017, A.1.1).
#[derive(Sequence)]
struct RsaPublicKey {
    modulus: Uint,
    exponent: Uint,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    P256,
    P384,
    P521,
    Rsa,
    Ed25519,
}

/// A public key: P-256, P-384, P-521, RSA of 2048 to 8192 bits, or Ed25519.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: Kind,
    bytes: Vec<u8>,
}

impl PublicKey {
    /// Out of a certificate's key field. None for a kind not listed above (explicit curve parameters among them).
    pub fn from_spki(spki: &SubjectPublicKeyInfoOwned) -> Option<Self> {
        let curve = || spki.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok();
        let kind = match spki.algorithm.oid {
            EC_PUBLIC_KEY => match curve()? {
                P256 => Kind::P256,
                P384 => Kind::P384,
                P521 => Kind::P521,
                _ => return None,
            },
            RSA | RSA_PSS => Kind::Rsa,
            ED25519 => Kind::Ed25519,
            _ => return None,
        };
        Some(Self { kind, bytes: spki.subject_public_key.as_bytes()?.to_vec() })
    }

    /// A P-256 key from its coordinates of 32 bytes each (a COSE key).
    #[cfg(feature = "mdoc")]
    pub fn p256(x: &[u8], y: &[u8]) -> Option<Self> {
        (x.len() == 32 && y.len() == 32).then(|| Self { kind: Kind::P256, bytes: [&[4], x, y].concat() })
    }

    /// An Ed25519 key from its 32 bytes (a COSE key).
    #[cfg(feature = "mdoc")]
    pub fn ed25519(x: &[u8]) -> Option<Self> {
        (x.len() == 32).then(|| Self { kind: Kind::Ed25519, bytes: x.to_vec() })
    }

    /// The same key for the checks of a JWS; none for a kind that no accepted `alg` uses.
    pub(crate) fn for_jose(&self) -> Option<jose::PublicKey> {
        match self.kind {
            Kind::P256 => jose::PublicKey::p256(&self.bytes),
            Kind::Ed25519 => jose::PublicKey::ed25519(&self.bytes),
            Kind::Rsa => {
                let key = RsaPublicKey::from_der(&self.bytes).ok()?;
                jose::PublicKey::rsa(key.modulus.as_bytes(), key.exponent.as_bytes())
            }
            Kind::P384 | Kind::P521 => None,
        }
    }

    /// Checks a signature over the message.
    pub fn verify(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let algorithm = self.algorithm(scheme).ok_or(BadSignature)?;
        UnparsedPublicKey::new(algorithm, &self.bytes).verify(message, signature).map_err(|_| BadSignature)
    }

    fn algorithm(&self, scheme: Scheme) -> Option<&'static dyn VerificationAlgorithm> {
        use Hash::{Sha256, Sha384, Sha512};
        Some(match (self.kind, scheme) {
            (Kind::P256, Scheme::EcdsaFixed(Sha256)) => &lc::ECDSA_P256_SHA256_FIXED,
            (Kind::P256, Scheme::EcdsaDer(Sha256)) => &lc::ECDSA_P256_SHA256_ASN1,
            (Kind::P256, Scheme::EcdsaDer(Sha384)) => &lc::ECDSA_P256_SHA384_ASN1,
            (Kind::P384, Scheme::EcdsaDer(Sha256)) => &lc::ECDSA_P384_SHA256_ASN1,
            (Kind::P384, Scheme::EcdsaDer(Sha384)) => &lc::ECDSA_P384_SHA384_ASN1,
            (Kind::P521, Scheme::EcdsaDer(Sha256)) => &lc::ECDSA_P521_SHA256_ASN1,
            (Kind::P521, Scheme::EcdsaDer(Sha384)) => &lc::ECDSA_P521_SHA384_ASN1,
            (Kind::P521, Scheme::EcdsaDer(Sha512)) => &lc::ECDSA_P521_SHA512_ASN1,
            (Kind::Ed25519, Scheme::EdDsa) => &lc::ED25519,
            (Kind::Rsa, Scheme::RsaPkcs1(Sha256)) => &lc::RSA_PKCS1_2048_8192_SHA256,
            (Kind::Rsa, Scheme::RsaPkcs1(Sha384)) => &lc::RSA_PKCS1_2048_8192_SHA384,
            (Kind::Rsa, Scheme::RsaPkcs1(Sha512)) => &lc::RSA_PKCS1_2048_8192_SHA512,
            (Kind::Rsa, Scheme::RsaPss(Sha256)) => &lc::RSA_PSS_2048_8192_SHA256,
            (Kind::Rsa, Scheme::RsaPss(Sha384)) => &lc::RSA_PSS_2048_8192_SHA384,
            (Kind::Rsa, Scheme::RsaPss(Sha512)) => &lc::RSA_PSS_2048_8192_SHA512,
            _ => return None,
        })
    }
}
