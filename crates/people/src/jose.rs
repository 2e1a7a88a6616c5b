//! JSON Object Signing and Encryption, as much as is needed: compact JWS, public keys, three algorithms.

mod compact;
mod jwk;
mod verify;

pub(crate) use compact::Compact;
pub use jwk::{Jwk, Thumbprint};
pub use verify::{Alg, PublicKey};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Decodes base64url as RFC 7515 wants it: no padding, no white space, no stray bits at the end.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Encodes as unpadded base64url.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
