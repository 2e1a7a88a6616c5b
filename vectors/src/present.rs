//! Hands an input to the verifier of its kind.

use anyhow::{Context as _, Result, bail};
use people::{
    Chip, Evidence, Exchange, Introspected, Outside, Presented, Refusal, Replay, Scheme, Transaction,
    Verifier, certificates_from_pem,
};
use terms::Instant;

use crate::case::{Context, ExchangeRequest, Step};

/// What became of a presentation.
pub type Verdict = Result<Evidence, Refusal>;

/// Presents one input.
pub fn present(
    verifier: &Verifier,
    step: &Step,
    context: &Context,
    now: Instant,
    replay: &Replay,
) -> Result<Verdict> {
    if let Some(request) = &step.exchange_request {
        return Ok(verifier.exchange(&exchange(request, context), now, replay));
    }
    if let Some(assertion) = &step.end_user_assertion {
        let api_key = context.api_key_id.as_deref();
        return Ok(verifier.end_user_assertion(assertion.as_deref(), api_key, now, replay));
    }
    if let Some(presented) = &step.vp_token {
        return Ok(verifier.sd_jwt_vc(presented, &transaction(verifier, context), now, &StatusList(step)));
    }
    if let Some(presented) = &step.vp_token_mdoc {
        return Ok(verifier.mdoc(presented, &transaction(verifier, context), now, &StatusList(step)));
    }
    if let (Some(dg1), Some(dg2), Some(sod)) = (&step.dg1, &step.dg2, &step.sod) {
        let chip = Chip { dg1, dg2, sod, chip_auth: context.chip_auth, face_match: context.face_match };
        let signers = context.csca_pem.iter().map(|pem| certificates_from_pem(pem).context("csca_pem"));
        return Ok(verifier.passport(&chip, &signers.collect::<Result<Vec<_>>>()?.concat(), now));
    }
    token(verifier, step, context, now, replay)
}

fn token(
    verifier: &Verifier,
    step: &Step,
    context: &Context,
    now: Instant,
    replay: &Replay,
) -> Result<Verdict> {
    let token = step.access_token.as_deref().context("this kind of input is not known")?;
    let certificate =
        step.client_cert_pem.as_deref().map(|pem| certificates_from_pem(pem).context("client_cert_pem"));
    let certificate =
        certificate.transpose()?.and_then(|mut all| (!all.is_empty()).then(|| all.swap_remove(0)));
    let dpop = step.dpop.as_texts();
    let presented = Presented {
        scheme: scheme(context)?,
        token,
        dpop: &dpop,
        client_certificate: certificate.as_deref(),
        method: &context.method,
        url: &context.url,
        nonce: context.required_dpop_nonce.as_deref(),
        api_key: context.api_key_id.as_deref(),
    };
    let Some(answer) = &step.introspection_response else {
        return Ok(verifier.access_token(&presented, now, replay));
    };
    let issuer = context.introspection_issuer.as_deref().context("introspection_issuer")?;
    let signed: Option<String> = serde_json::from_str(answer.get()).ok();
    let answer = match &signed {
        Some(signed) => Introspected::Signed(signed),
        None => Introspected::Plain(answer.get().as_bytes()),
    };
    Ok(verifier.introspected(&presented, issuer, answer, now, replay))
}

fn scheme(context: &Context) -> Result<Scheme> {
    let scheme = context.scheme.as_deref().context("scheme")?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Ok(Scheme::Bearer),
        "dpop" => Ok(Scheme::Dpop),
        _ => bail!("scheme `{scheme}` is not known"),
    }
}

fn exchange<'a>(request: &'a ExchangeRequest, context: &'a Context) -> Exchange<'a> {
    Exchange {
        subject_token: &request.subject_token,
        subject_token_type: &request.subject_token_type,
        actor_sub: request.actor_sub.as_deref(),
        api_key: context.api_key_id.as_deref(),
    }
}

/// The request that the wallet answered; what the case does not say is the gateway's own.
fn transaction<'a>(verifier: &'a Verifier, context: &'a Context) -> Transaction<'a> {
    let profile = verifier.profile();
    Transaction {
        client_id: context.client_id.as_deref().unwrap_or(&profile.vp_client_id),
        nonce: context.nonce.as_deref().unwrap_or_default(),
        response_uri: context.response_uri.as_deref().unwrap_or(&profile.vp_response_uri),
    }
}

/// The one list of a case, whatever address is asked.
struct StatusList<'a>(&'a Step);

impl Outside for StatusList<'_> {
    fn status_list(&self, _: &str) -> Option<&str> {
        self.0.status_list.as_deref()
    }
}
