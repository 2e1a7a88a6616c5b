//! Introspection answers, plain (RFC 7662) and signed (RFC 9701).

use super::Context;
use super::access::Claims;
use crate::binding::Presented;
use crate::evidence::{Evidence, Method};
use crate::jose::Compact;
use crate::json::{self, Members, Object};
use crate::refusal::Refusal;
use crate::times::{Times, audience, required};
use crate::trust::Issuer;

/// What the authorisation server answered about a token.
#[derive(Clone, Copy, Debug)]
pub enum Introspected<'a> {
    /// The JSON body, exactly as received over an authenticated connection.
    Plain(&'a [u8]),
    /// The JWT body (`application/token-introspection+jwt`).
    Signed(&'a str),
}

/// Verifies what `issuer` answered about the presented token.
pub(crate) fn verify(
    context: &Context<'_>,
    presented: &Presented<'_>,
    issuer: &str,
    answer: Introspected<'_>,
) -> Result<Evidence, Refusal> {
    match answer {
        Introspected::Plain(body) => {
            let body = json::parse_object(body)?;
            well_formed(&body)?;
            judge(
                context,
                presented,
                context.named(Some(issuer), |issuer| context.issues_tokens(issuer))?,
                &body,
            )
        }
        Introspected::Signed(token) => {
            let token = Compact::parse(token)?;
            let kind = |known: &Issuer| known.iss() == issuer && context.issues_tokens(known);
            let issuer = context.authentic(&token, kind, &["token-introspection+jwt"])?;
            let body = signed_body(context, token.payload())?;
            judge(context, presented, issuer, body)
        }
    }
}

/// RFC 9701, section 5: `iss` (checked with the signature), `aud`, `iat`, and the answer itself.
fn signed_body<'a>(context: &Context<'_>, payload: &'a Object) -> Result<&'a Object, Refusal> {
    let (times, aud) = (Times::read(payload)?, payload.text_or_texts("aud")?);
    let body = payload.object("token_introspection")?;
    required(times.iat, "iat")?;
    let (aud, body) = (required(aud, "aud")?, required(body, "token_introspection")?);
    times.check(context.now, context.profile.clock_skew_s)?;
    audience(&aud, &context.profile.gateway)?;
    well_formed(body)?;
    Ok(body)
}

/// `active` is the one member that every answer has (RFC 7662, 2.2).
fn well_formed(body: &Object) -> Result<(), Refusal> {
    if body.contains_key("active") { Ok(()) } else { Err(Refusal::Malformed("no `active` in the answer")) }
}

fn judge(
    context: &Context<'_>,
    presented: &Presented<'_>,
    issuer: &Issuer,
    body: &Object,
) -> Result<Evidence, Refusal> {
    // The other members of an inactive answer mean nothing.
    if body.flag("active")? != Some(true) {
        return Err(Refusal::Inactive);
    }
    let claims = Claims::read(body, issuer)?;
    if claims.iss().is_some_and(|iss| iss != issuer.iss()) {
        return Err(Refusal::UntrustedIssuer("the answer names another issuer"));
    }
    claims.judge(context, issuer, presented, Method::Introspection)
}
