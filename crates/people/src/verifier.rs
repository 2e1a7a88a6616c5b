//! One entry for each kind of thing that can be presented.

use terms::Instant;

use crate::attest::{self, Attestation, Message};
use crate::binding::{Confirmation, Presented, Replay};
use crate::credential::{self, StatusList, Transaction};
use crate::evidence::{Evidence, Method};
use crate::jose::Thumbprint;
use crate::outside::Outside;
use crate::profile::Profile;
use crate::refusal::Refusal;
use crate::token::exchange::Exchange;
use crate::token::id_token::{self, IdToken};
use crate::token::introspection::Introspected;
use crate::token::{self, access, assertion, exchange, introspection};
use crate::trust::Registry;

/// Verifies under one trust registry and one profile. It keeps no state: what was used is in [`Replay`], what was
/// verified in [`crate::session::Sessions`].
///
/// Each entry checks in the same order, and the first failure is the refusal: form; algorithm; issuer; the issuer's
/// algorithms, `crit`, `typ`; key; signature; types, presence, times, audience; lifetime, binding, replay; status;
/// content.
#[derive(Clone, Debug)]
pub struct Verifier {
    registry: Registry,
    profile: Profile,
}

impl Verifier {
    /// Under this registry and profile.
    pub fn new(registry: Registry, profile: Profile) -> Self {
        Self { registry, profile }
    }

    /// The registry.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// A JWT access token (RFC 9068) with verified claims, or one from the gateway's own exchange, with its proofs of
    /// possession (RFC 9449, RFC 8705).
    ///
    /// # Errors
    /// The first check that fails.
    pub fn access_token(
        &self,
        presented: &Presented<'_>,
        now: Instant,
        replay: &Replay,
    ) -> Result<Evidence, Refusal> {
        access::verify(&self.tokens(now, replay), presented)
    }

    /// The proofs of possession of one more request with evidence that was verified before.
    ///
    /// # Errors
    /// [`Refusal::Expired`] when the evidence has ended, and those of the proofs.
    pub fn prove_again(
        &self,
        evidence: &Evidence,
        presented: &Presented<'_>,
        now: Instant,
        replay: &Replay,
    ) -> Result<(), Refusal> {
        if now > evidence.valid_until() {
            return Err(Refusal::Expired);
        }
        Confirmation::of(evidence.binding()).prove(presented, now, &self.profile, replay)?;
        let fits =
            evidence.method() != Method::Exchange || exchange::fits(evidence.actor(), presented.api_key);
        if fits { Ok(()) } else { Err(Refusal::BindingMismatch("made for another API key")) }
    }

    /// The key that a request to a token endpoint proves to hold (RFC 9449, 5): the one to bind the new token to.
    ///
    /// # Errors
    /// The first check of the proof that fails.
    pub fn proof_key(
        &self,
        presented: &Presented<'_>,
        now: Instant,
        replay: &Replay,
    ) -> Result<Thumbprint, Refusal> {
        crate::binding::dpop::key_of(presented, now, &self.profile, replay)
    }

    /// What `issuer` answered about an opaque token (RFC 7662, RFC 9701), with the token's proofs of possession.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn introspected(
        &self,
        presented: &Presented<'_>,
        issuer: &str,
        answer: Introspected<'_>,
        now: Instant,
        replay: &Replay,
    ) -> Result<Evidence, Refusal> {
        introspection::verify(&self.tokens(now, replay), presented, issuer, answer)
    }

    /// An ID token (OpenID Connect Core 1.0, 2) that the caller of this crate fetched itself from the provider's token
    /// endpoint, with its client secret, after the person signed in. A token that somebody else brings is no ID token
    /// for this purpose: give it to [`Verifier::access_token`].
    ///
    /// # Errors
    /// [`Refusal::MissingClaim`] of `nationalities` where the token states none: the provider may state them at its
    /// userinfo endpoint. Otherwise the first check that fails.
    pub fn id_token(
        &self,
        presented: &IdToken<'_>,
        now: Instant,
        replay: &Replay,
    ) -> Result<Evidence, Refusal> {
        id_token::verify(&self.tokens(now, replay), presented)
    }

    /// The `Douane-End-User` assertion of a request under the shared API key `api_key`.
    ///
    /// # Errors
    /// [`Refusal::AssertionRequired`] when there is none; otherwise the first check that fails.
    pub fn end_user_assertion(
        &self,
        assertion: Option<&str>,
        api_key: Option<&str>,
        now: Instant,
        replay: &Replay,
    ) -> Result<Evidence, Refusal> {
        assertion::verify(&self.tokens(now, replay), assertion, api_key)
    }

    /// The subject token of a token exchange (RFC 8693), for the actor that asks.
    ///
    /// # Errors
    /// [`Refusal::ActorNotAllowed`] when the subject names another actor; otherwise the first check that fails.
    pub fn exchange(
        &self,
        request: &Exchange<'_>,
        now: Instant,
        replay: &Replay,
    ) -> Result<Evidence, Refusal> {
        exchange::verify(&self.tokens(now, replay), request)
    }

    /// What an officer of an employer confirmed when asked through a one-time link. The caller has made sure who answered.
    ///
    /// # Errors
    /// [`Refusal::Replayed`] when the link was answered before; otherwise the first check that fails.
    pub fn attestation(
        &self,
        said: &Attestation<'_>,
        now: Instant,
        replay: &Replay,
    ) -> Result<Evidence, Refusal> {
        attest::attestation(&self.registry, said, now, replay)
    }

    /// A signed message of a KYC vendor about an inquiry that it approved.
    ///
    /// # Errors
    /// [`Refusal::Inactive`] for a message about anything else; otherwise the first check that fails.
    pub fn vendor(&self, message: &Message<'_>, now: Instant, replay: &Replay) -> Result<Evidence, Refusal> {
        attest::vendor(&self.registry, message, now, replay)
    }

    /// An SD-JWT VC with key binding: a PID or a predicate credential.
    ///
    /// # Errors
    /// [`Refusal::StatusUnavailable`] names a status list to fetch before the same is presented again; otherwise the
    /// first check that fails.
    pub fn sd_jwt_vc(
        &self,
        presented: &str,
        transaction: &Transaction<'_>,
        now: Instant,
        outside: &dyn Outside,
    ) -> Result<Evidence, Refusal> {
        credential::vc::verify(presented, transaction, &self.credentials(now, outside))
    }

    /// A status list fetched from `uri`, as it counts for the credentials of `issuer`: looked at again for credentials
    /// that were presented before.
    ///
    /// # Errors
    /// [`Refusal::UntrustedIssuer`] when the issuer is no longer registered for credentials, and
    /// [`Refusal::StatusUnavailable`] for a list that fails a check.
    pub fn status_list(
        &self,
        uri: &str,
        issuer: &str,
        list: &str,
        now: Instant,
    ) -> Result<StatusList, Refusal> {
        let issuer = self.registry.issuer(issuer).filter(|issuer| credential::issues_credentials(issuer));
        let issuer = issuer.ok_or(Refusal::UntrustedIssuer("issues no credentials"))?;
        StatusList::verify(uri, issuer, list, &self.credentials(now, &crate::NothingOutside))
    }

    /// A PID as mdoc: base64url of a device response under the OpenID4VP 1.0 handover.
    ///
    /// # Errors
    /// As [`Verifier::sd_jwt_vc`].
    #[cfg(feature = "mdoc")]
    pub fn mdoc(
        &self,
        presented: &str,
        transaction: &Transaction<'_>,
        now: Instant,
        outside: &dyn Outside,
    ) -> Result<Evidence, Refusal> {
        crate::mdoc::verify(presented, transaction, &self.credentials(now, outside))
    }

    /// What was read from a passport chip, under the country signing certificates (DER) that the operator trusts.
    ///
    /// # Errors
    /// The first check that fails.
    #[cfg(feature = "emrtd")]
    pub fn passport(
        &self,
        chip: &crate::emrtd::Chip<'_>,
        country_signers: &[Vec<u8>],
        now: Instant,
    ) -> Result<Evidence, Refusal> {
        let signers = country_signers.iter().filter_map(|der| crate::x509::Certificate::from_der(der).ok());
        crate::emrtd::verify(chip, &signers.collect::<Vec<_>>(), &self.profile, now)
    }

    fn tokens<'a>(&'a self, now: Instant, replay: &'a Replay) -> token::Context<'a> {
        token::Context { registry: &self.registry, profile: &self.profile, replay, now }
    }

    fn credentials<'a>(&'a self, now: Instant, outside: &'a dyn Outside) -> credential::Context<'a> {
        credential::Context { registry: &self.registry, profile: &self.profile, outside, now }
    }
}
