//! Proof that whoever shows a token holds the key it was made for.

pub(crate) mod dpop;
mod mtls;
mod replay;
mod url;

pub use replay::Replay;

use terms::Instant;

use crate::evidence::Binding;
use crate::jose::Thumbprint;
use crate::json::{Members, Object};
use crate::profile::Profile;
use crate::refusal::Refusal;

/// How the `Authorization` header offers a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scheme {
    /// RFC 6750; also used with certificate-bound tokens (RFC 8705).
    Bearer,
    /// RFC 9449.
    Dpop,
}

/// One request as far as it matters to proof of possession.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The scheme of the `Authorization` header.
    pub scheme: Scheme,
    /// The token, exactly as sent.
    pub token: &'a str,
    /// Every `DPoP` header of the request; more than one is refused.
    pub dpop: &'a [&'a str],
    /// The client certificate of the TLS connection, DER.
    pub client_certificate: Option<&'a [u8]>,
    /// HTTP method.
    pub method: &'a str,
    /// The URL the client used.
    pub url: &'a str,
    /// The nonce a DPoP proof must carry, when the gateway demands one.
    pub nonce: Option<&'a str>,
    /// The API key presented beside the token, by its id.
    pub api_key: Option<&'a str>,
}

/// What `cnf` demands (RFC 7800). A method that is not known here can be met by nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Confirmation {
    jkt: Option<String>,
    x5t_s256: Option<String>,
    demanded: bool,
}

impl Confirmation {
    /// Reads `cnf`; only types are checked.
    pub(crate) fn read(payload: &Object) -> Result<Self, Refusal> {
        let Some(cnf) = payload.object("cnf")? else { return Ok(Self::default()) };
        Ok(Self {
            jkt: cnf.text("jkt")?.map(str::to_owned),
            x5t_s256: cnf.text("x5t#S256")?.map(str::to_owned),
            demanded: true,
        })
    }

    /// What was demanded of evidence that was verified before.
    pub(crate) fn of(binding: &Binding) -> Self {
        let jkt = binding.jkt.as_ref().map(|jkt| jkt.as_str().to_owned());
        let demanded = jkt.is_some() || binding.x5t_s256.is_some();
        Self { jkt, x5t_s256: binding.x5t_s256.clone(), demanded }
    }

    /// Checks every demanded proof.
    ///
    /// # Errors
    /// [`Refusal::BindingRequired`], [`Refusal::BindingMismatch`], and those of a DPoP proof.
    pub(crate) fn prove(
        &self,
        presented: &Presented<'_>,
        now: Instant,
        profile: &Profile,
        replay: &Replay,
    ) -> Result<Binding, Refusal> {
        if presented.scheme == Scheme::Dpop && self.jkt.is_none() {
            return Err(Refusal::BindingMismatch("the token is not bound to a DPoP key"));
        }
        if self.demanded && self.jkt.is_none() && self.x5t_s256.is_none() {
            return Err(Refusal::BindingRequired("cnf"));
        }
        let x5t_s256 =
            self.x5t_s256.as_deref().map(|demanded| mtls::check(demanded, presented.client_certificate));
        let x5t_s256 = x5t_s256.transpose()?;
        let jkt =
            self.jkt.as_deref().map(|jkt| dpop::check(jkt, presented, now, profile, replay)).transpose()?;
        Ok(Binding { jkt, x5t_s256, api_key: None })
    }
}

/// Whether a key proof was shown.
pub(crate) fn is_bound(binding: &Binding) -> bool {
    binding.jkt.is_some() || binding.x5t_s256.is_some()
}

/// A thumbprint that a proof has met.
fn met(jkt: &str) -> Thumbprint {
    Thumbprint(jkt.to_owned())
}

#[cfg(test)]
mod tests;
