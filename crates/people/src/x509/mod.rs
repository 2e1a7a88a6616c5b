//! Certificates: one leaf, the certificates it brought along, and an anchor the operator chose (RFC 5280, the part needed here).
//!
//! Used by SD-JWT VC and status lists (`x5c`), by mdoc (`x5chain`) and by passports (document signer under a CSCA).
//! There is no path building: each certificate must be signed by the next one, the last by the anchor. Certificate revocation
//! is not looked up; a withdrawn signer leaves the trust registry.
#![cfg_attr(
    not(all(feature = "mdoc", feature = "emrtd")),
    expect(dead_code, reason = "mdoc and passports use parts that `x5c` does not")
)]

mod certificate;
mod chain;
mod key;

pub use certificate::Certificate;
pub use chain::verify_chain;
pub use key::Hash;
#[cfg(feature = "mdoc")]
pub use key::PublicKey;
#[cfg(any(feature = "mdoc", feature = "emrtd"))]
pub use key::Scheme;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
