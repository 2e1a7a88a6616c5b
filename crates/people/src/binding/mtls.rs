//! Certificate-bound tokens (RFC 8705, section 3).

use sha2::{Digest, Sha256};

use crate::jose::encode;
use crate::refusal::Refusal;

/// Compares the demanded thumbprint with the certificate of the connection. The TLS layer has checked that the client
/// holds its key.
pub(super) fn check(demanded: &str, certificate: Option<&[u8]>) -> Result<String, Refusal> {
    let certificate = certificate.ok_or(Refusal::BindingRequired("client certificate"))?;
    let shown = encode(&Sha256::digest(certificate));
    if shown == demanded { Ok(shown) } else { Err(Refusal::BindingMismatch("x5t#S256")) }
}
