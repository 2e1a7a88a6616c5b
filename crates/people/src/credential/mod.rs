//! What a wallet presents: SD-JWT VC (a PID or a predicate credential) with key binding and revocation.

mod issuer;
mod key_binding;
mod predicate;
mod sd_jwt;
pub(crate) mod status;
pub(crate) mod vc;

#[cfg(test)]
pub(crate) mod samples;

pub(crate) use issuer::issues_credentials;
#[cfg(feature = "mdoc")]
pub(crate) use issuer::trusted_signer;
pub use status::{Status, StatusList};

use crate::outside::Outside;
use crate::profile::Profile;
use crate::trust::Registry;
use terms::Instant;

/// The OpenID4VP request that a presentation must answer (OpenID4VP 1.0, 5).
#[derive(Clone, Copy, Debug)]
pub struct Transaction<'a> {
    /// Client id of this verifier, with its prefix.
    pub client_id: &'a str,
    /// The nonce of this request.
    pub nonce: &'a str,
    /// Where the wallet was told to post.
    pub response_uri: &'a str,
}

/// What every verifier of credentials looks at beside the credential.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) profile: &'a Profile,
    pub(crate) outside: &'a dyn Outside,
    pub(crate) now: Instant,
}

impl Context<'_> {
    /// Now, in whole Unix seconds.
    pub(crate) fn now_s(&self) -> i64 {
        self.now.as_micros().div_euclid(1_000_000)
    }
}
