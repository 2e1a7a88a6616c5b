//! Signatures: `jsonwebtoken` over aws-lc-rs checks them; which algorithm and key may be used is decided here.

use std::fmt;

use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

/// A signature algorithm. `none`, HMAC and all others have no value here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Deserialize)]
pub enum Alg {
    /// ECDSA on P-256 with SHA-256 (RFC 7518, 3.4); in COSE -7.
    #[serde(rename = "ES256")]
    Es256,
    /// EdDSA on Ed25519 (RFC 8037); in COSE -8.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, 3.3), 2048 to 8192 bits.
    #[serde(rename = "RS256")]
    Rs256,
}

impl Alg {
    /// Those of proofs of possession: DPoP and key binding.
    pub const OF_PROOFS: [Self; 2] = [Self::Es256, Self::EdDsa];

    /// Reads the name in the `alg` header.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            "RS256" => Some(Self::Rs256),
            _ => None,
        }
    }

    fn library(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::ES256,
            Self::EdDsa => Algorithm::EdDSA,
            Self::Rs256 => Algorithm::RS256,
        }
    }
}

/// A public key that can verify under exactly one algorithm.
#[derive(Clone)]
pub struct PublicKey {
    alg: Alg,
    key: DecodingKey,
}

impl PublicKey {
    /// A P-256 key from an uncompressed SEC 1 point (65 bytes). None when it is no point of the curve.
    pub fn p256(point: &[u8]) -> Option<Self> {
        aws_lc_rs::signature::ParsedPublicKey::new(&aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED, point)
            .ok()?;
        (point.len() == 65).then(|| Self { alg: Alg::Es256, key: DecodingKey::from_ec_der(point) })
    }

    /// An Ed25519 key (32 bytes).
    pub fn ed25519(key: &[u8]) -> Option<Self> {
        (key.len() == 32).then(|| Self { alg: Alg::EdDsa, key: DecodingKey::from_ed_der(key) })
    }

    /// An RSA key from modulus and exponent, big-endian without leading zeros. None outside 2048 to 8192 bits.
    pub fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let sound = (256..=1024).contains(&modulus.len())
            && (1..=8).contains(&exponent.len())
            && modulus.first() != Some(&0)
            && exponent.first() != Some(&0);
        let key = || DecodingKey::from_rsa_raw_components(modulus, exponent);
        sound.then(|| Self { alg: Alg::Rs256, key: key() })
    }

    /// The one algorithm this key is for.
    pub fn alg(&self) -> Alg {
        self.alg
    }

    /// Whether `signature` (for ECDSA `r || s`, 64 bytes) is this key's over `message` under `alg`.
    pub fn verifies(&self, alg: Alg, message: &[u8], signature: &[u8]) -> bool {
        alg == self.alg
            && (DEFAULT_PROVIDER.verifier_factory)(&alg.library(), &self.key)
                .is_ok_and(|verifier| verifier.verify(message, &signature.to_vec()).is_ok())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?})", self.alg)
    }
}
