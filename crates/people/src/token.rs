//! Tokens and assertions: what an issuer with a registered key says over the wire.

pub(crate) mod access;
pub(crate) mod assertion;
pub(crate) mod exchange;
pub(crate) mod id_token;
pub(crate) mod introspection;
pub(crate) mod verified_claims;

use terms::Instant;

use crate::binding::Replay;
use crate::jose::Compact;
use crate::json::Value;
use crate::profile::Profile;
use crate::refusal::Refusal;
use crate::trust::{Issuer, Registry};

/// What every check can look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) profile: &'a Profile,
    pub(crate) replay: &'a Replay,
    pub(crate) now: Instant,
}

impl<'a> Context<'a> {
    /// The issuer that a token names, when it is registered and of a right kind; an absent name is an unknown issuer.
    pub(crate) fn issuer(
        &self,
        token: &Compact<'_>,
        kind: impl Fn(&Issuer) -> bool,
    ) -> Result<&'a Issuer, Refusal> {
        self.named(token.payload().get("iss").and_then(Value::as_text), kind)
    }

    /// As [`Context::issuer`], by name.
    pub(crate) fn named(
        &self,
        iss: Option<&str>,
        kind: impl Fn(&Issuer) -> bool,
    ) -> Result<&'a Issuer, Refusal> {
        let issuer = iss.and_then(|iss| self.registry.issuer(iss));
        let issuer = issuer.ok_or(Refusal::UntrustedIssuer("not in the trust registry"))?;
        if kind(issuer) {
            Ok(issuer)
        } else {
            Err(Refusal::UntrustedIssuer("of a kind that may not issue this"))
        }
    }

    /// Everything from `alg` to the signature, in the normative order.
    pub(crate) fn authentic(
        &self,
        token: &Compact<'_>,
        kind: impl Fn(&Issuer) -> bool,
        types: &[&str],
    ) -> Result<&'a Issuer, Refusal> {
        self.authentic_as(token, kind, |token| token.typ(types))
    }

    /// As [`Context::authentic`], with a check of `typ` of the caller's own.
    fn authentic_as(
        &self,
        token: &Compact<'_>,
        kind: impl Fn(&Issuer) -> bool,
        typ: impl Fn(&Compact<'_>) -> Result<(), Refusal>,
    ) -> Result<&'a Issuer, Refusal> {
        let alg = token.alg(&self.profile.allowed_algs)?;
        let issuer = self.issuer(token, kind)?;
        if !issuer.uses(alg) {
            return Err(Refusal::AlgNotAllowed);
        }
        token.no_crit()?;
        typ(token)?;
        let key = token.kid().and_then(|kid| issuer.key(kid));
        let key = key.ok_or_else(|| Refusal::UnknownKey { issuer: issuer.iss().to_owned() })?;
        token.verify(alg, key)?;
        Ok(issuer)
    }

    /// Whether access tokens may come from this issuer.
    pub(crate) fn issues_tokens(&self, issuer: &Issuer) -> bool {
        self.profile.at_issuer_kinds.contains(issuer.kind())
    }
}

#[cfg(test)]
mod tests;
