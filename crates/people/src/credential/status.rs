//! Token Status List (draft-ietf-oauth-status-list): whether a credential was revoked or suspended.

use super::Context;
use super::issuer::{trusted_signer, x5c};
use crate::evidence::StatusRef;
use crate::jose::{self, Compact};
use crate::json::{Members, Object, Value};
use crate::limits::TOKEN_BYTES;
use crate::refusal::Refusal;
use crate::times::{Times, plus_s, required};
use crate::trust::Issuer;
use terms::Instant;

/// How long a list without `exp` and `ttl` is relied on, in seconds.
const DEFAULT_TTL_S: i64 = 300;

/// Where a credential's status stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Reference {
    pub(crate) uri: String,
    pub(crate) index: u64,
}

impl Reference {
    /// Reads the `status` claim. Another mechanism than a status list cannot be checked, so nothing passes.
    pub(super) fn read(claims: &Object) -> Result<Option<Self>, Refusal> {
        let Some(status) = claims.object("status")? else { return Ok(None) };
        let Some(list) = status.object("status_list")? else { return Err(Self::unknown()) };
        let uri = required(list.text("uri")?, "status")?;
        let index = required(list.get("idx"), "status")?;
        Ok(Some(Self { uri: uri.to_owned(), index: whole(index)? }))
    }

    /// The refusal for a status by another mechanism.
    pub(crate) fn unknown() -> Refusal {
        Refusal::StatusUnavailable { uri: String::new(), detail: "not a status list" }
    }

    fn unavailable(&self, detail: &'static str) -> Refusal {
        Refusal::StatusUnavailable { uri: self.uri.clone(), detail }
    }

    /// Looks the status up in the list at hand. The list must be signed under the credential issuer's anchor, by a certificate
    /// that names the issuer or the host of the list.
    ///
    /// # Errors
    /// [`Refusal::Revoked`], [`Refusal::Suspended`], and [`Refusal::StatusUnavailable`] for a list that is absent or fails a check.
    pub(crate) fn check(&self, issuer: &Issuer, context: &Context<'_>) -> Result<StatusRef, Refusal> {
        let token =
            context.outside.status_list(&self.uri).ok_or_else(|| self.unavailable("no list at hand"))?;
        let list = StatusList::verify(&self.uri, issuer, token, context)?;
        match list.status(self.index).ok_or_else(|| self.unavailable("index beyond the list"))? {
            Status::Valid => {
                Ok(StatusRef { uri: self.uri.clone(), index: self.index, valid_until: list.until })
            }
            Status::Revoked => Err(Refusal::Revoked),
            Status::Suspended => Err(Refusal::Suspended),
        }
    }
}

/// What a list says of one credential.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Neither revoked nor suspended.
    Valid,
    /// Withdrawn for good: the value 1.
    Revoked,
    /// Not to be used for now: every other value but 0.
    Suspended,
}

/// A status list that was verified for one issuer, unpacked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusList {
    bytes: Vec<u8>,
    bits: u64,
    refresh_at: Instant,
    until: Instant,
}

impl StatusList {
    /// Verifies a list fetched from `uri`, under `issuer`'s anchor.
    ///
    /// # Errors
    /// [`Refusal::StatusUnavailable`].
    pub(crate) fn verify(
        uri: &str,
        issuer: &Issuer,
        token: &str,
        context: &Context<'_>,
    ) -> Result<Self, Refusal> {
        let unavailable = |detail| Refusal::StatusUnavailable { uri: uri.to_owned(), detail };
        let payload = payload(uri, issuer, token, context).map_err(|refusal| unavailable(refusal.code()))?;
        let (refresh_at, until) =
            times(uri, &payload, context).map_err(|refusal| unavailable(refusal.code()))?;
        let (bytes, bits) = unpacked(&payload, context.profile.status_list_max_bytes).map_err(unavailable)?;
        Ok(Self { bytes, bits, refresh_at, until })
    }

    /// What it says of the credential at this place; none beyond its end.
    pub fn status(&self, index: u64) -> Option<Status> {
        Some(match entry_at(&self.bytes, index, self.bits)? {
            0 => Status::Valid,
            1 => Status::Revoked,
            _ => Status::Suspended,
        })
    }

    /// When a newer one should be fetched: after `ttl`, and at `exp` at the latest.
    pub fn refresh_at(&self) -> Instant {
        self.refresh_at
    }

    /// Until when it may be relied on while no newer one can be had: `exp`, or `ttl` where there is none.
    pub fn until(&self) -> Instant {
        self.until
    }
}

/// The verified payload of the list token.
fn payload(uri: &str, issuer: &Issuer, token: &str, context: &Context<'_>) -> Result<Object, Refusal> {
    // Base64 twice, over data that may not compress.
    let max_bytes = context.profile.status_list_max_bytes.saturating_mul(2).saturating_add(TOKEN_BYTES);
    let jwt = Compact::parse_bounded(token, max_bytes)?;
    let alg = jwt.alg(&context.profile.allowed_algs)?;
    let chain = x5c(jwt.header())?;
    let chain = chain.iter().map(Vec::as_slice).collect::<Vec<_>>();
    let signer = trusted_signer(&chain, issuer, &[issuer.iss(), uri], context)?;
    if !issuer.uses(alg) {
        return Err(Refusal::AlgNotAllowed);
    }
    jwt.no_crit()?;
    jwt.typ(&["statuslist+jwt"])?;
    jwt.verify(alg, &signer.key().for_jose().ok_or(Refusal::BadSignature)?)?;
    Ok(jwt.into_payload())
}

/// `sub`, `iat`, `exp` and `ttl`; returns when to fetch again, and until when the list may be relied on.
fn times(uri: &str, list: &Object, context: &Context<'_>) -> Result<(Instant, Instant), Refusal> {
    let times = Times::read(list)?;
    let ttl = list.get("ttl").map(whole).transpose()?;
    if list.text("sub")? != Some(uri) {
        return Err(Refusal::ClaimValue("sub"));
    }
    required(times.iat, "iat")?;
    times.check(context.now, context.profile.clock_skew_s)?;
    let ttl = ttl.map(|ttl| i64::try_from(ttl).unwrap_or(i64::MAX));
    let kept = match (ttl, times.exp) {
        (None, None) => Some(DEFAULT_TTL_S),
        (ttl, _) => ttl,
    };
    let kept = kept.map(|seconds| plus_s(context.now, seconds));
    let refresh_at = kept.into_iter().chain(times.exp).min().unwrap_or(context.now);
    Ok((refresh_at, times.exp.unwrap_or(refresh_at)))
}

/// The list and the width of its values.
fn unpacked(payload: &Object, max_bytes: usize) -> Result<(Vec<u8>, u64), &'static str> {
    let list = payload.get("status_list").and_then(Value::as_object).ok_or("no status_list")?;
    let bits = list.get("bits").and_then(Value::as_index).ok_or("bits")?;
    if !matches!(bits, 1 | 2 | 4 | 8) {
        return Err("bits");
    }
    let packed = list.get("lst").and_then(Value::as_text).and_then(jose::decode).ok_or("lst")?;
    let bytes = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&packed, max_bytes)
        .map_err(|_| "lst does not inflate within the bound")?;
    Ok((bytes, bits))
}

/// The entry of a list of values of 1, 2, 4 or 8 bits.
fn entry_at(bytes: &[u8], index: u64, bits: u64) -> Option<u8> {
    let at = index.checked_mul(bits)?;
    let byte = bytes.get(usize::try_from(at.checked_div(8)?).ok()?)?;
    let mask = 0xff_u8 >> 8_u64.checked_sub(bits)?;
    Some((byte >> at.checked_rem(8)?) & mask)
}

/// A whole number that is not negative.
fn whole(value: &Value) -> Result<u64, Refusal> {
    match (value, value.as_index()) {
        (_, Some(number)) => Ok(number),
        (Value::Number(_), None) => Err(Refusal::ClaimValue("status")),
        _ => Err(Refusal::ClaimType("status")),
    }
}

#[cfg(test)]
mod tests;
