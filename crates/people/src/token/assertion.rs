//! The organisation's end-user assertion: header `Douane-End-User`, a JWT of type `douane-eua+jwt`.

use terms::Level;

use super::Context;
use crate::evidence::{Binding, Commitment, Draft, Evidence, KnownClaims, Method};
use crate::jose::Compact;
use crate::json::{Members, Object};
use crate::refusal::Refusal;
use crate::times::{Times, audience, lifetime, plus_s, required};
use crate::trust::{Issuer, IssuerKind};

/// Verifies the assertion that came with a request under a shared API key.
pub(crate) fn verify(
    context: &Context<'_>,
    assertion: Option<&str>,
    api_key: Option<&str>,
) -> Result<Evidence, Refusal> {
    verify_for(context, assertion.ok_or(Refusal::AssertionRequired)?, api_key, None)
}

/// As [`verify`]; with `actor`, the subject must also let that actor act (RFC 8693, 4.4).
pub(super) fn verify_for(
    context: &Context<'_>,
    assertion: &str,
    api_key: Option<&str>,
    actor: Option<&str>,
) -> Result<Evidence, Refusal> {
    let token = Compact::parse(assertion)?;
    let issuer =
        context.authentic(&token, |issuer| *issuer.kind() == IssuerKind::Employer, &["douane-eua+jwt"])?;
    let claims = Claims::read(token.payload())?.require()?;
    claims.times.check(context.now, context.profile.clock_skew_s)?;
    audience(&claims.aud, &context.profile.gateway)?;
    claims.check_lifetime(issuer)?;
    claims.check_actor(actor)?;
    claims.check_key(issuer, api_key)?;
    claims.check_first_use(context, issuer)?;
    claims.establish(context, issuer, actor, assertion)
}

/// Typed claims, before presence is looked at.
struct Claims<'a> {
    times: Times,
    iss: Option<&'a str>,
    sub: Option<&'a str>,
    aud: Option<Vec<&'a str>>,
    org: Option<&'a str>,
    api_key_id: Option<&'a str>,
    jti: Option<&'a str>,
    may_act: Option<MayAct<'a>>,
    known: Option<KnownClaims<'a>>,
}

/// `may_act`: present, with or without a subject.
struct MayAct<'a>(Option<&'a str>);

impl<'a> Claims<'a> {
    fn read(payload: &'a Object) -> Result<Self, Refusal> {
        let may_act = payload.object("may_act")?;
        Ok(Self {
            times: Times::read(payload)?,
            iss: payload.text("iss")?,
            sub: payload.text("sub")?,
            aud: payload.text_or_texts("aud")?,
            org: payload.text("org")?,
            api_key_id: payload.text("api_key_id")?,
            jti: payload.text("jti")?,
            may_act: may_act.map(|may_act| may_act.text("sub").map(MayAct)).transpose()?,
            known: payload.object("claims")?.map(KnownClaims::read).transpose()?,
        })
    }

    /// Presence of what an assertion must state.
    fn require(self) -> Result<Assertion<'a>, Refusal> {
        required(self.iss, "iss")?;
        Ok(Assertion {
            times: self.times,
            iat: required(self.times.iat, "iat")?,
            exp: required(self.times.exp, "exp")?,
            sub: required(self.sub, "sub")?,
            aud: required(self.aud, "aud")?,
            org: required(self.org, "org")?,
            api_key_id: required(self.api_key_id, "api_key_id")?,
            jti: required(self.jti, "jti")?,
            may_act: self.may_act,
            known: required(self.known.filter(|known| !known.is_empty()), "claims")?,
        })
    }
}

/// An assertion that states all it must.
struct Assertion<'a> {
    times: Times,
    iat: terms::Instant,
    exp: terms::Instant,
    sub: &'a str,
    aud: Vec<&'a str>,
    org: &'a str,
    api_key_id: &'a str,
    jti: &'a str,
    may_act: Option<MayAct<'a>>,
    known: KnownClaims<'a>,
}

impl Assertion<'_> {
    fn check_lifetime(&self, issuer: &Issuer) -> Result<(), Refusal> {
        lifetime(self.iat, self.exp, issuer.max_ttl_s())
    }

    /// An assertion that names no actor lets only the API key act that it was made for.
    fn check_actor(&self, actor: Option<&str>) -> Result<(), Refusal> {
        let allowed = match &self.may_act {
            Some(MayAct(named)) => *named,
            None => Some(self.api_key_id),
        };
        if actor.is_none() || actor == allowed { Ok(()) } else { Err(Refusal::ActorNotAllowed) }
    }

    fn check_key(&self, issuer: &Issuer, api_key: Option<&str>) -> Result<(), Refusal> {
        if api_key != Some(self.api_key_id) {
            return Err(Refusal::BindingMismatch("made for another API key"));
        }
        let owned = issuer.owns_api_key(self.api_key_id);
        if owned { Ok(()) } else { Err(Refusal::BindingMismatch("the API key is another organisation's")) }
    }

    fn check_first_use(&self, context: &Context<'_>, issuer: &Issuer) -> Result<(), Refusal> {
        let until = plus_s(self.exp, context.profile.clock_skew_s);
        context.replay.first_use(&[b"eua", issuer.iss().as_bytes(), self.jti.as_bytes()], context.now, until)
    }

    fn establish(
        &self,
        context: &Context<'_>,
        issuer: &Issuer,
        actor: Option<&str>,
        assertion: &str,
    ) -> Result<Evidence, Refusal> {
        if issuer.org() != Some(self.org) {
            return Err(Refusal::ClaimOutOfScope("org"));
        }
        if issuer.subject_prefix().is_some_and(|prefix| !self.sub.starts_with(prefix)) {
            return Err(Refusal::ClaimOutOfScope("sub"));
        }
        Ok(Evidence::establish(Draft {
            asserted: self.known.assert(issuer, false)?,
            level: Level::Employer.min(issuer.max_level()).min(context.profile.bearer_cap),
            issuer: issuer.iss().to_owned(),
            method: Method::Assertion,
            subject: Some(self.sub.to_owned()),
            actor: actor.map(str::to_owned).into_iter().collect(),
            org: Some(self.org.to_owned()),
            valid_until: self.exp,
            verified_at: context.now,
            binding: Binding { api_key: Some(self.api_key_id.to_owned()), ..Binding::default() },
            status: None,
            commitment: Commitment::to(Method::Assertion, &[assertion.as_bytes()]),
        }))
    }
}
