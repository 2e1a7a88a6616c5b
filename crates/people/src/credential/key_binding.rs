//! The key-binding JWT (RFC 9901, 4.3 and 7.3): made for this verifier, this request and this presentation, by the holder's key.

use super::{Context, Transaction};
use crate::jose::{self, Alg, Compact, Jwk, Thumbprint};
use crate::json::{Members, Object, Value};
use crate::refusal::Refusal;
use crate::times::{audience, fresh, required};
use crate::x509::Hash;

/// Checks the binding and returns the thumbprint of the holder's key.
///
/// `cnf` is the credential's claim, `bound` the text that `sd_hash` covers.
pub(super) fn verify(
    key_binding: Option<&Compact<'_>>,
    cnf: Option<&Object>,
    bound: &str,
    hash: Hash,
    transaction: &Transaction<'_>,
    context: &Context<'_>,
) -> Result<Thumbprint, Refusal> {
    let binding = key_binding.ok_or(Refusal::BindingRequired("key-binding JWT"))?;
    let jwk = cnf.and_then(|cnf| cnf.get("jwk")).ok_or(Refusal::BindingRequired("cnf"))?;
    let jwk = Jwk::read(jwk)?;
    let alg = binding.alg(&Alg::OF_PROOFS)?;
    binding.no_crit()?;
    binding.typ(&["kb+jwt"])?;
    binding.verify(alg, jwk.key().ok_or(Refusal::BadSignature)?)?;
    claims(binding.payload(), transaction, context)?;
    let expected = jose::encode(&hash.digest(bound.as_bytes()));
    if binding.payload().text("sd_hash")? != Some(&expected) {
        return Err(Refusal::BindingMismatch("sd_hash"));
    }
    Ok(jwk.thumbprint().clone())
}

/// Types, presence, age, audience and nonce. `aud` is one text: a list, even one that has our name, is not what the RFC asks.
fn claims(payload: &Object, transaction: &Transaction<'_>, context: &Context<'_>) -> Result<(), Refusal> {
    let issued = payload.date("iat")?;
    let nonce = payload.text("nonce")?;
    let digest = payload.text("sd_hash")?;
    let recipients = payload.text_or_texts("aud")?;
    let issued = required(issued, "iat")?;
    let nonce = required(nonce, "nonce")?;
    let recipients = required(recipients, "aud")?;
    required(digest, "sd_hash")?;
    fresh(issued, context.now, context.profile.kb_max_age_s, context.profile.clock_skew_s)?;
    audience(&recipients, transaction.client_id)?;
    if payload.get("aud").is_some_and(|aud| matches!(aud, Value::Array(_))) {
        return Err(Refusal::ClaimType("aud"));
    }
    if nonce == transaction.nonce { Ok(()) } else { Err(Refusal::NonceMismatch) }
}
