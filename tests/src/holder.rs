//! A key of an app, and proofs that it is held (RFC 9449).

use crate::certificates::Key;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Base64url without padding.
pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A text that is new each time.
pub(crate) fn unique() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let seed = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    encode(Sha256::digest(seed))
}

/// A key that does not leave the app.
pub struct Holder(Key);

impl Default for Holder {
    fn default() -> Self {
        Self(Key::new())
    }
}

impl Holder {
    /// A proof for one request at `at` (Unix seconds); `token` is named where there is one already.
    pub fn proof(&self, method: &str, url: &str, token: Option<&str>, at: i64) -> String {
        let mut claims = json!({"jti": unique(), "htm": method, "htu": url, "iat": at});
        if let Some(token) = token {
            claims["ath"] = encode(Sha256::digest(token)).into();
        }
        let (x, y) = self.0.point[1..].split_at(32);
        let jwk = json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)});
        self.sign(&json!({"alg": "ES256", "typ": "dpop+jwt", "jwk": jwk}), &claims)
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let input = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let signature = self.0.sign_fixed(input.as_bytes());
        format!("{input}.{}", encode(signature))
    }
}
