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
        let list = self.list(token, issuer, context).map_err(|refusal| self.unavailable(refusal.code()))?;
        let valid_until = self.times(&list, context).map_err(|refusal| self.unavailable(refusal.code()))?;
        match self
            .entry(&list, context.profile.status_list_max_bytes)
            .map_err(|detail| self.unavailable(detail))?
        {
            0 => Ok(StatusRef { uri: self.uri.clone(), index: self.index, valid_until }),
            1 => Err(Refusal::Revoked),
            _ => Err(Refusal::Suspended),
        }
    }

    /// The verified payload of the list token.
    fn list(&self, token: &str, issuer: &Issuer, context: &Context<'_>) -> Result<Object, Refusal> {
        // Base64 twice, over data that may not compress.
        let max_bytes = context.profile.status_list_max_bytes.saturating_mul(2).saturating_add(TOKEN_BYTES);
        let jwt = Compact::parse_bounded(token, max_bytes)?;
        let alg = jwt.alg(&context.profile.allowed_algs)?;
        let chain = x5c(jwt.header())?;
        let chain = chain.iter().map(Vec::as_slice).collect::<Vec<_>>();
        let signer = trusted_signer(&chain, issuer, &[issuer.iss(), &self.uri], context)?;
        if !issuer.uses(alg) {
            return Err(Refusal::AlgNotAllowed);
        }
        jwt.no_crit()?;
        jwt.typ(&["statuslist+jwt"])?;
        jwt.verify(alg, &signer.key().for_jose().ok_or(Refusal::BadSignature)?)?;
        Ok(jwt.into_payload())
    }

    /// `sub`, `iat`, `exp` and `ttl`; returns until when the list may be relied on.
    fn times(&self, list: &Object, context: &Context<'_>) -> Result<Instant, Refusal> {
        let times = Times::read(list)?;
        let ttl = list.get("ttl").map(whole).transpose()?;
        if list.text("sub")? != Some(&self.uri) {
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
        Ok(kept.into_iter().chain(times.exp).min().unwrap_or(context.now))
    }

    /// The status value: `bits` wide, lowest bits of a byte first.
    fn entry(&self, list: &Object, max_bytes: usize) -> Result<u8, &'static str> {
        let list = list.get("status_list").and_then(Value::as_object).ok_or("no status_list")?;
        let bits = list.get("bits").and_then(Value::as_index).ok_or("bits")?;
        if !matches!(bits, 1 | 2 | 4 | 8) {
            return Err("bits");
        }
        let packed = list.get("lst").and_then(Value::as_text).and_then(jose::decode).ok_or("lst")?;
        let bytes = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&packed, max_bytes)
            .map_err(|_| "lst does not inflate within the bound")?;
        entry_at(&bytes, self.index, bits).ok_or("index beyond the list")
    }
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
