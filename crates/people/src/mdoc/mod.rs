//! A PID as mdoc: an ISO/IEC 18013-5 DeviceResponse, returned over OpenID4VP 1.0 without encryption of the response.

mod cbor;
mod cose;
mod device;
mod mso;

use crate::credential::{Context, Transaction, issues_credentials, trusted_signer};
use crate::evidence::{Asserted, Binding, Claim, Commitment, Draft, Evidence, Method};
use crate::jose;
use crate::limits::PRESENTATION_BYTES;
use crate::refusal::Refusal;
use crate::times::plus_s;
use crate::trust::Issuer;
use crate::x509::Certificate;
use cbor::Cbor;
use cose::Sign1;
use mso::{Items, Mso};
use terms::{Instant, Level};

/// The element that holds the nationalities, in the name space that is named like the document type (EUDI PID, 3.1).
const NATIONALITY: &str = "nationality";

/// Verifies one response: base64url of the CBOR.
///
/// # Errors
/// The first check that fails, in the order of the profile: form, algorithm, issuer and certificate, critical headers, document
/// type, signature, validity, device signature, status, digests, content.
pub(crate) fn verify(
    response: &str,
    transaction: &Transaction<'_>,
    context: &Context<'_>,
) -> Result<Evidence, Refusal> {
    if response.len() > PRESENTATION_BYTES {
        return Err(Refusal::Malformed("response over the size limit"));
    }
    let bytes = jose::decode(response).ok_or(Refusal::Malformed("not base64url"))?;
    let parsed = parse(&bytes)?;
    let doctype = context.profile.pid_doctype.as_str();
    let document = document(&parsed, doctype)?;
    let signed = Sign1::read(require(document.issuer_signed.get("issuerAuth"), "issuerAuth")?)?;
    let mso_bytes = signed.payload.ok_or(Refusal::Malformed("issuerAuth without payload"))?;
    let mso_bytes = parse(mso_bytes)?.embedded().ok_or(Refusal::Malformed("no mobile security object"))?;
    let mso_cbor = parse(mso_bytes)?;
    let alg = signed.alg(&context.profile.allowed_algs)?;
    let (issuer, signer) = issuer(&signed, context)?;
    if !issuer.uses(alg) {
        return Err(Refusal::AlgNotAllowed);
    }
    signed.no_crit()?;
    if mso_cbor.get("docType").and_then(Cbor::text) != Some(doctype) {
        return Err(Refusal::WrongType("docType"));
    }
    signed.verify(signer.key(), alg, None)?;
    let mso = Mso::read(&mso_cbor)?;
    mso.check_times(&signer, context)?;
    let hash = mso.hash(context.profile)?;
    device::verify(document.device_signed, &mso, transaction)?;
    let status = mso.status.as_ref().map(|reference| reference.check(issuer, context)).transpose()?;
    let items = Items::read(document.issuer_signed, &mso, hash)?;
    let asserted = content(&items, doctype, issuer)?;
    Ok(Evidence::establish(Draft {
        asserted,
        level: Level::Credential.min(issuer.max_level()),
        issuer: issuer.iss().to_owned(),
        method: Method::Mdoc,
        subject: None,
        actor: Vec::new(),
        org: None,
        valid_until: mso.until.min(plus_s(Instant::from_micros(0), signer.not_after())),
        verified_at: context.now,
        binding: Binding { jkt: mso.thumbprint.clone(), ..Binding::default() },
        status,
        commitment: Commitment::to(Method::Mdoc, &[&bytes]),
    }))
}

fn parse(bytes: &[u8]) -> Result<Cbor<'_>, Refusal> {
    Cbor::parse(bytes).map_err(|bad| {
        Refusal::Malformed(match bad {
            cbor::BadCbor::Form => "not CBOR",
            cbor::BadCbor::NotShortest => "CBOR without shortest, definite lengths",
            cbor::BadCbor::DuplicateKey => "a map key twice",
            cbor::BadCbor::TooLarge => "CBOR over the bounds",
        })
    })
}

/// A part of the structure that has to be there.
fn require<T>(part: Option<T>, name: &'static str) -> Result<T, Refusal> {
    part.ok_or(Refusal::Malformed(name))
}

/// One document of a response.
struct Document<'c, 'a> {
    issuer_signed: &'c Cbor<'a>,
    device_signed: Option<&'c Cbor<'a>>,
}

/// The one document of the wanted type (ISO 18013-5, 8.3.2.1.2.2). Others are not looked at.
fn document<'c, 'a>(response: &'c Cbor<'a>, doctype: &str) -> Result<Document<'c, 'a>, Refusal> {
    require(response.get("version").and_then(Cbor::text), "version")?;
    require(response.get("status").and_then(Cbor::integer), "status")?;
    let documents = match response.get("documents") {
        None => return Err(Refusal::MissingClaim("documents")),
        Some(documents) => require(documents.array(), "documents")?,
    };
    let mut wanted = None;
    for document in documents {
        let named = require(document.get("docType").and_then(Cbor::text), "docType")?;
        if named == doctype && wanted.replace(document).is_some() {
            return Err(Refusal::Malformed("the document type twice"));
        }
    }
    let document = wanted.ok_or(Refusal::WrongType("docType"))?;
    let issuer_signed = require(document.get("issuerSigned"), "issuerSigned")?;
    Ok(Document { issuer_signed, device_signed: document.get("deviceSigned") })
}

/// An mdoc names no issuer: it is the registered one whose anchor and name the certificate has.
fn issuer<'a>(signed: &Sign1<'_>, context: &Context<'a>) -> Result<(&'a Issuer, Certificate), Refusal> {
    let chain = signed.chain().ok_or(Refusal::UntrustedIssuer("x5chain"))?;
    let trusted = |issuer: &'a Issuer| {
        let signer = trusted_signer(&chain, issuer, &[issuer.iss()], context).ok()?;
        Some((issuer, signer))
    };
    let mut issuers = context.registry.issuers().filter(|issuer| issues_credentials(issuer));
    issuers.find_map(trusted).ok_or(Refusal::UntrustedIssuer("certificate"))
}

/// The nationalities. Elements of other name spaces, and those the device signed, are not looked at.
fn content(items: &Items<'_>, doctype: &str, issuer: &Issuer) -> Result<Asserted, Refusal> {
    let value = items.get(doctype, NATIONALITY).ok_or(Refusal::MissingClaim(NATIONALITY))?;
    let codes = value.array().and_then(|codes| codes.iter().map(Cbor::text).collect::<Option<Vec<_>>>());
    let codes = codes.ok_or(Refusal::ClaimType(NATIONALITY))?;
    if !issuer.may_assert(Claim::Nationalities) {
        return Err(Refusal::ClaimOutOfScope(NATIONALITY));
    }
    Asserted::nationalities(codes, issuer.complete_for(Claim::Nationalities), false)
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
