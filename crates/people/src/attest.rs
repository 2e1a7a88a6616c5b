//! What others say about a person outside a token: an employer's officer who was asked, a KYC vendor whose work is done.

use aws_lc_rs::hmac;
use serde_json::json;
use terms::{Instant, Level};

use crate::binding::Replay;
use crate::evidence::{Asserted, Binding, Commitment, Draft, Evidence, Method, read_claims};
use crate::json::{self, Members, Object, Value};
use crate::limits::{ATTESTATION_S, VENDOR_AGE_S, VENDOR_S};
use crate::refusal::Refusal;
use crate::times::{fresh, plus_s};
use crate::trust::{Issuer, IssuerKind, Registry};

/// An officer of an employer confirmed something. Whoever calls has made sure that it was the officer who answered.
#[derive(Clone, Copy, Debug)]
pub struct Attestation<'a> {
    /// The employer in the registry.
    pub issuer: &'a str,
    /// Its name for the person.
    pub subject: &'a str,
    /// What was confirmed: a JSON object of `us_person`, `nationalities`, `not_national_of`.
    pub claims: &'a [u8],
    /// The secret of the one-time link that was answered; nobody can guess it.
    pub link: &'a [u8],
}

/// A message that a KYC vendor sent.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The vendor in the registry.
    pub issuer: &'a str,
    /// The secret shared with the vendor for this address.
    pub secret: &'a [u8],
    /// The signature header: `t=UNIX_SECONDS,v1=HEX`; several, separated by spaces, while a secret is being changed.
    pub signature: &'a str,
    /// The body, byte for byte.
    pub body: &'a [u8],
}

/// Evidence of what an officer confirmed: at most level employer, for [`ATTESTATION_S`].
pub(crate) fn attestation(
    registry: &Registry,
    said: &Attestation<'_>,
    now: Instant,
    replay: &Replay,
) -> Result<Evidence, Refusal> {
    let issuer = of_kind(registry, said.issuer, &IssuerKind::Employer)?;
    let prefix = issuer.subject_prefix().unwrap_or_default();
    if !said.subject.starts_with(prefix) || said.subject.is_empty() {
        return Err(Refusal::ClaimOutOfScope("sub"));
    }
    let claims = json::parse(said.claims)?;
    let claims = claims.as_object().ok_or(Refusal::ClaimType("claims"))?;
    let asserted = read_claims(claims, issuer, false)?;
    let valid_until = plus_s(now, ATTESTATION_S);
    replay.first_use(&[b"attestation", said.issuer.as_bytes(), said.link], now, valid_until)?;
    let commitment = Commitment::to(Method::Attestation, &[said.link, said.claims]);
    let level = issuer.max_level().min(Level::Employer);
    let how = (Method::Attestation, level, valid_until, commitment);
    Ok(establish(issuer, said.subject, asserted, how, now))
}

/// Evidence of an inquiry that a vendor approved, in the form of Persona's `inquiry.approved`: of its fields,
/// `us-person` and `nationality` are read, and no other.
pub(crate) fn vendor(
    registry: &Registry,
    message: &Message<'_>,
    now: Instant,
    replay: &Replay,
) -> Result<Evidence, Refusal> {
    let issuer = of_kind(registry, message.issuer, &IssuerKind::Kyc)?;
    let (at, tag) = authentic(message)?;
    fresh(at, now, VENDOR_AGE_S, VENDOR_AGE_S)?;
    let body = json::parse(message.body)?;
    let inquiry = Inquiry::read(&body)?;
    let claims = json::parse(inquiry.claims.to_string().as_bytes())?;
    let asserted = read_claims(claims.as_object().ok_or(Refusal::ClaimType("fields"))?, issuer, false)?;
    let until = plus_s(now, VENDOR_AGE_S.saturating_mul(2));
    replay.first_use(&[b"vendor", message.issuer.as_bytes(), tag.as_bytes()], now, until)?;
    let commitment = Commitment::to(Method::Vendor, &[tag.as_bytes(), message.body]);
    let level = issuer.max_level().min(Level::Document);
    let how = (Method::Vendor, level, plus_s(now, VENDOR_S), commitment);
    Ok(establish(issuer, inquiry.subject, asserted, how, now))
}

fn of_kind<'a>(registry: &'a Registry, iss: &str, kind: &IssuerKind) -> Result<&'a Issuer, Refusal> {
    let issuer = registry.issuer(iss).ok_or(Refusal::UntrustedIssuer("not in the registry"))?;
    if issuer.kind() == kind { Ok(issuer) } else { Err(Refusal::UntrustedIssuer("of another kind")) }
}

fn establish(
    issuer: &Issuer,
    subject: &str,
    asserted: Asserted,
    (method, level, valid_until, commitment): (Method, Level, Instant, Commitment),
    now: Instant,
) -> Evidence {
    Evidence::establish(Draft {
        asserted,
        level,
        issuer: issuer.iss().to_owned(),
        method,
        subject: Some(subject.to_owned()),
        actor: Vec::new(),
        org: issuer.org().map(str::to_owned),
        valid_until,
        verified_at: now,
        binding: Binding::default(),
        status: None,
        commitment,
    })
}

/// The time and the tag of the first signature that verifies: HMAC-SHA256 (RFC 2104) over time, a dot and the body.
fn authentic<'a>(message: &Message<'a>) -> Result<(Instant, &'a str), Refusal> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, message.secret);
    for signature in message.signature.split_ascii_whitespace().take(4) {
        let (time, tag) = signature
            .strip_prefix("t=")
            .and_then(|rest| rest.split_once(",v1="))
            .ok_or(Refusal::Malformed("signature header"))?;
        let seconds: i64 = time.parse().map_err(|_| Refusal::Malformed("signature header"))?;
        let signed = [time.as_bytes(), b".", message.body].concat();
        if unhex(tag).is_some_and(|tag| hmac::verify(&key, &signed, &tag).is_ok()) {
            return Ok((plus_s(Instant::from_micros(0), seconds), tag));
        }
    }
    Err(Refusal::BadSignature)
}

/// The 32 bytes of a tag.
fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let digits: Vec<u8> =
        text.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect::<Option<_>>()?;
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(high << 4 | low),
        _ => None,
    };
    digits.chunks_exact(2).map(byte).collect()
}

/// What is read of an approved inquiry.
struct Inquiry<'a> {
    subject: &'a str,
    claims: serde_json::Value,
}

impl<'a> Inquiry<'a> {
    fn read(body: &'a Value) -> Result<Self, Refusal> {
        let root = body.as_object().ok_or(Refusal::Malformed("message"))?;
        let event = within(root, &["data", "attributes"])?;
        if event.text("name")? != Some("inquiry.approved") {
            return Err(Refusal::Inactive);
        }
        let inquiry = within(event, &["payload", "data", "attributes"])?;
        if inquiry.text("status")? != Some("approved") {
            return Err(Refusal::Inactive);
        }
        let subject = inquiry.text("reference-id")?.filter(|subject| !subject.is_empty());
        let fields = inquiry.object("fields")?.ok_or(Refusal::MissingClaim("fields"))?;
        let mut claims = serde_json::Map::new();
        if let Some(us_person) = field(fields, "us-person")?.map(|field| field.flag("value")).transpose()? {
            claims.insert("us_person".to_owned(), json!(us_person));
        }
        if let Some(code) = field(fields, "nationality")?.map(|field| field.text("value")).transpose()? {
            claims.insert("nationalities".to_owned(), json!([code]));
        }
        Ok(Self { subject: subject.ok_or(Refusal::MissingClaim("reference-id"))?, claims: claims.into() })
    }
}

/// A field that was filled in: one without a value, or with an empty one, says nothing.
fn field<'a>(fields: &'a Object, name: &'static str) -> Result<Option<&'a Object>, Refusal> {
    let filled = |field: &&Object| !matches!(field.get("value"), None | Some(Value::Null));
    Ok(fields.object(name)?.filter(filled))
}

fn within<'a>(object: &'a Object, path: &[&'static str]) -> Result<&'a Object, Refusal> {
    path.iter().try_fold(object, |at, name| at.object(name)?.ok_or(Refusal::MissingClaim(name)))
}

#[cfg(test)]
mod tests;
