//! A verifiable credential as SD-JWT (`dc+sd-jwt`), presented by its holder.

use super::issuer::{issues_credentials, trusted_signer, x5c};
use super::predicate::Content;
use super::sd_jwt::{self, Presentation};
use super::status::Reference;
use super::{Context, Transaction, key_binding};
use crate::evidence::{Binding, Commitment, Draft, Evidence};
use crate::jose::{Alg, Compact};
use crate::json::{Members, Object, Value};
use crate::refusal::Refusal;
use crate::times::{Times, plus_s, required};
use crate::trust::Issuer;
use crate::x509::Certificate;
use terms::{Instant, Level};

/// The media type, and the one it had before (SD-JWT VC, 3.1).
const TYPES: [&str; 2] = ["dc+sd-jwt", "vc+sd-jwt"];

/// Verifies one presentation.
///
/// # Errors
/// The first check that fails, in the order of the profile: form, algorithm, issuer and certificate, `crit`, `typ`, signature,
/// claims and times, key binding, status, disclosures, content.
pub(crate) fn verify(
    presented: &str,
    transaction: &Transaction<'_>,
    context: &Context<'_>,
) -> Result<Evidence, Refusal> {
    let presentation = Presentation::split(presented)?;
    let jwt = Compact::parse(presentation.jwt)?;
    let binding = presentation.key_binding.map(Compact::parse).transpose()?;
    let alg = jwt.alg(&context.profile.allowed_algs)?;
    let issuer = issuer_of(jwt.payload(), context)?;
    let signer = signed(&jwt, alg, issuer, context)?;
    let payload = jwt.into_payload();
    let claims = Claims::read(&payload, context)?;
    let cnf = payload.object("cnf")?;
    let hash = sd_jwt::hash(&payload, context.profile)?;
    let jkt = key_binding::verify(binding.as_ref(), cnf, presentation.bound, hash, transaction, context)?;
    let status = claims.status.as_ref().map(|reference| reference.check(issuer, context)).transpose()?;
    let disclosed = sd_jwt::disclose(payload, &presentation.disclosures, hash)?;
    let asserted = claims.content.read(disclosed, issuer)?;
    let method = claims.content.method;
    Ok(Evidence::establish(Draft {
        asserted,
        level: Level::Credential.min(issuer.max_level()),
        issuer: issuer.iss().to_owned(),
        method,
        subject: None,
        actor: Vec::new(),
        org: None,
        valid_until: claims.valid_until(&signer),
        verified_at: context.now,
        binding: Binding { jkt: Some(jkt), ..Binding::default() },
        status,
        commitment: Commitment::to(method, &[presented.as_bytes()]),
    }))
}

/// The registered issuer that `iss` names, of a kind that issues credentials. Who signed is asked before the types and
/// the presence of claims: an absent name is an unknown issuer.
fn issuer_of<'a>(payload: &Object, context: &Context<'a>) -> Result<&'a Issuer, Refusal> {
    let iss = payload.get("iss").and_then(Value::as_text);
    let issuer = iss.and_then(|iss| context.registry.issuer(iss)).ok_or(Refusal::UntrustedIssuer("iss"))?;
    if issues_credentials(issuer) { Ok(issuer) } else { Err(Refusal::UntrustedIssuer("kind of issuer")) }
}

/// Certificate chain, then algorithm, `crit`, `typ` and signature. Returns the signer's certificate.
fn signed(
    jwt: &Compact<'_>,
    alg: Alg,
    issuer: &Issuer,
    context: &Context<'_>,
) -> Result<Certificate, Refusal> {
    let chain = x5c(jwt.header())?;
    let chain = chain.iter().map(Vec::as_slice).collect::<Vec<_>>();
    let signer = trusted_signer(&chain, issuer, &[issuer.iss()], context)?;
    if !issuer.uses(alg) {
        return Err(Refusal::AlgNotAllowed);
    }
    jwt.no_crit()?;
    jwt.typ(&TYPES)?;
    jwt.verify(alg, &signer.key().for_jose().ok_or(Refusal::BadSignature)?)?;
    Ok(signer)
}

/// The claims about the credential itself.
struct Claims {
    content: Content,
    times: Times,
    status: Option<Reference>,
}

impl Claims {
    fn read(payload: &Object, context: &Context<'_>) -> Result<Self, Refusal> {
        let times = Times::read(payload)?;
        let vct = payload.text("vct")?;
        payload.object("cnf")?;
        let status = Reference::read(payload)?;
        let content = Content::of(required(vct, "vct")?, context.profile)?;
        times.check(context.now, context.profile.clock_skew_s)?;
        Ok(Self { content, times, status })
    }

    /// The credential's own end, or the end of the certificate that signed it, whichever comes first.
    fn valid_until(&self, signer: &Certificate) -> Instant {
        let signer = plus_s(Instant::from_micros(0), signer.not_after());
        self.times.exp.map_or(signer, |until| until.min(signer))
    }
}

#[cfg(test)]
mod tests;
