//! JWT access tokens (RFC 9068), and what introspected tokens share with them.

use terms::{Instant, Level};

use super::Context;
use super::exchange::{Delegation, Repeated};
use super::verified_claims::Verified;
use crate::binding::{Confirmation, Presented, is_bound};
use crate::evidence::{Asserted, Binding, Commitment, Draft, Evidence, Method};
use crate::jose::Compact;
use crate::json::{Members, Object};
use crate::refusal::Refusal;
use crate::times::{Times, audience, lifetime, required};
use crate::trust::{Issuer, IssuerKind};

/// Verifies a JWT access token and its proofs of possession.
pub(crate) fn verify(context: &Context<'_>, presented: &Presented<'_>) -> Result<Evidence, Refusal> {
    let token = Compact::parse(presented.token)?;
    let issuer = context.authentic(&token, |issuer| context.issues_tokens(issuer), &["at+jwt"])?;
    let claims = Claims::read(token.payload(), issuer)?;
    claims.require_rfc_9068()?;
    claims.judge(context, issuer, presented, Method::AccessToken)
}

/// The claims of a token, typed. Values are looked at later, in the normative order.
pub(super) struct Claims<'a> {
    times: Times,
    iss: Option<&'a str>,
    sub: Option<&'a str>,
    client_id: Option<&'a str>,
    jti: Option<&'a str>,
    aud: Option<Vec<&'a str>>,
    confirmation: Confirmation,
    delegation: Delegation,
    content: Content<'a>,
}

enum Content<'a> {
    /// The token exchange repeats the gateway's own answers.
    Repeated(Option<Repeated<'a>>),
    Verified(Verified<'a>),
}

impl<'a> Claims<'a> {
    /// Types only.
    pub(super) fn read(payload: &'a Object, issuer: &Issuer) -> Result<Self, Refusal> {
        let content = match issuer.kind() {
            IssuerKind::Sts => Content::Repeated(Repeated::read(payload)?),
            _ => Content::Verified(Verified::read(payload)?),
        };
        Ok(Self {
            times: Times::read(payload)?,
            iss: payload.text("iss")?,
            sub: payload.text("sub")?,
            client_id: payload.text("client_id")?,
            jti: payload.text("jti")?,
            aud: payload.text_or_texts("aud")?,
            confirmation: Confirmation::read(payload)?,
            delegation: Delegation::read(payload)?,
            content,
        })
    }

    /// `iss`, where it is stated.
    pub(super) fn iss(&self) -> Option<&'a str> {
        self.iss
    }

    /// RFC 9068, 2.2: required of JWT access tokens beyond what every token needs.
    fn require_rfc_9068(&self) -> Result<(), Refusal> {
        required(self.times.iat, "iat")?;
        required(self.client_id, "client_id")?;
        required(self.jti, "jti").map(drop)
    }

    /// Everything after the types: presence, times, audience, binding, replay, content.
    pub(super) fn judge(
        self,
        context: &Context<'_>,
        issuer: &Issuer,
        presented: &Presented<'_>,
        method: Method,
    ) -> Result<Evidence, Refusal> {
        let (exp, sub) = (required(self.times.exp, "exp")?, required(self.sub, "sub")?);
        let aud = required(self.aud.as_deref(), "aud")?;
        if let Content::Repeated(repeated) = &self.content {
            required(repeated.as_ref(), "douane_evidence")?.require()?;
        }
        self.times.check(context.now, context.profile.clock_skew_s)?;
        audience(aud, &context.profile.gateway)?;
        if let Some((iat, max_ttl_s)) = self.times.iat.zip(issuer.max_token_ttl_s()) {
            lifetime(iat, exp, max_ttl_s)?;
        }
        let binding = self.bind(context, presented)?;
        let actor = self.delegation.chain(context.profile.max_act_depth)?;
        let Judged { asserted, level, valid_until, method } = self.content.judge(context, issuer, method)?;
        let level = if is_bound(&binding) { level } else { level.min(context.profile.bearer_cap) };
        Ok(Evidence::establish(Draft {
            asserted,
            level,
            issuer: issuer.iss().to_owned(),
            method,
            subject: Some(sub.to_owned()),
            actor,
            org: issuer.org().map(str::to_owned),
            valid_until: valid_until.map_or(exp, |until| until.min(exp)),
            verified_at: context.now,
            binding,
            status: None,
            commitment: Commitment::to(method, &[presented.token.as_bytes()]),
        }))
    }

    /// Exchanged tokens must be bound, and to the API key they are used with where they name one.
    fn bind(&self, context: &Context<'_>, presented: &Presented<'_>) -> Result<Binding, Refusal> {
        let Context { now, profile, replay, .. } = *context;
        let exchanged = matches!(self.content, Content::Repeated(_));
        let binding = self.confirmation.prove(presented, now, profile, replay)?;
        if exchanged && !is_bound(&binding) {
            return Err(Refusal::BindingRequired("exchanged tokens must be sender-constrained"));
        }
        if exchanged && !self.delegation.fits(presented.api_key) {
            return Err(Refusal::BindingMismatch("made for another API key"));
        }
        let api_key = presented.api_key.filter(|_| exchanged).map(str::to_owned);
        Ok(Binding { api_key, ..binding })
    }
}

struct Judged {
    asserted: Asserted,
    level: Level,
    valid_until: Option<Instant>,
    method: Method,
}

impl Content<'_> {
    fn judge(&self, context: &Context<'_>, issuer: &Issuer, method: Method) -> Result<Judged, Refusal> {
        match self {
            Self::Repeated(repeated) => {
                let repeated = required(repeated.as_ref(), "douane_evidence")?;
                let (asserted, level, until) = repeated.judge(issuer, context.now)?;
                Ok(Judged { asserted, level, valid_until: Some(until), method: Method::Exchange })
            }
            Self::Verified(verified) => {
                let (asserted, level) = verified.judge(context, issuer)?;
                Ok(Judged { asserted, level, valid_until: None, method })
            }
        }
    }
}
