//! Demonstrating proof of possession (RFC 9449).

use sha2::{Digest, Sha256};
use terms::Instant;

use super::url::Target;
use super::{Presented, Replay, Scheme, met};
use crate::jose::{Alg, Compact, Thumbprint, encode};
use crate::json::{Members, Object};
use crate::profile::Profile;
use crate::refusal::Refusal;
use crate::times::{fresh, plus_s, required};

/// Checks the one proof of a request against the key that the token demands (RFC 9449, 4.3 and 7.1).
pub(super) fn check(
    jkt: &str,
    presented: &Presented<'_>,
    now: Instant,
    profile: &Profile,
    replay: &Replay,
) -> Result<Thumbprint, Refusal> {
    if presented.scheme != Scheme::Dpop {
        return Err(Refusal::BindingRequired("a DPoP-bound token needs the DPoP scheme"));
    }
    let proof = match presented.dpop {
        [] => return Err(Refusal::BindingRequired("DPoP proof")),
        [proof] => Compact::parse(proof)?,
        _ => return Err(Refusal::Malformed("more than one DPoP proof")),
    };
    let thumbprint = verified_under_own_key(&proof)?;
    let claims = Claims::read(proof.payload())?;
    required(claims.ath, "ath")?;
    fresh(claims.iat, now, profile.dpop_max_age_s, profile.clock_skew_s)?;
    if thumbprint.as_str() != jkt {
        return Err(Refusal::BindingMismatch("jkt"));
    }
    claims.check_request(presented)?;
    // The proof can be shown until its age is up, whatever its own clock said.
    let until = plus_s(claims.iat, profile.dpop_max_age_s.saturating_add(profile.clock_skew_s));
    replay.first_use(&[b"dpop", jkt.as_bytes(), claims.jti.as_bytes()], now, until)?;
    Ok(met(jkt))
}

/// The key whose possession a request to a token endpoint proves: no token exists yet, so none is named
/// (RFC 9449, 5).
pub(crate) fn key_of(
    presented: &Presented<'_>,
    now: Instant,
    profile: &Profile,
    replay: &Replay,
) -> Result<Thumbprint, Refusal> {
    let proof = match presented.dpop {
        [] => return Err(Refusal::BindingRequired("DPoP proof")),
        [proof] => Compact::parse(proof)?,
        _ => return Err(Refusal::Malformed("more than one DPoP proof")),
    };
    let thumbprint = verified_under_own_key(&proof)?;
    let claims = Claims::read(proof.payload())?;
    fresh(claims.iat, now, profile.dpop_max_age_s, profile.clock_skew_s)?;
    claims.check_place(presented)?;
    claims.check_nonce(presented)?;
    let until = plus_s(claims.iat, profile.dpop_max_age_s.saturating_add(profile.clock_skew_s));
    replay.first_use(&[b"dpop", thumbprint.as_str().as_bytes(), claims.jti.as_bytes()], now, until)?;
    Ok(thumbprint)
}

fn verified_under_own_key(proof: &Compact<'_>) -> Result<Thumbprint, Refusal> {
    let (alg, jwk) = proof.alg_and_jwk(&Alg::OF_PROOFS)?;
    proof.no_crit()?;
    proof.typ(&["dpop+jwt"])?;
    let jwk = jwk.ok_or(Refusal::Malformed("no key in the proof"))?;
    proof.verify(alg, jwk.key().ok_or(Refusal::BadSignature)?)?;
    Ok(jwk.thumbprint().clone())
}

struct Claims<'a> {
    jti: &'a str,
    htm: &'a str,
    htu: &'a str,
    ath: Option<&'a str>,
    iat: Instant,
    nonce: Option<&'a str>,
}

impl<'a> Claims<'a> {
    /// Types first, then presence.
    fn read(payload: &'a Object) -> Result<Self, Refusal> {
        let (jti, htm, htu) = (payload.text("jti")?, payload.text("htm")?, payload.text("htu")?);
        let (ath, iat, nonce) = (payload.text("ath")?, payload.date("iat")?, payload.text("nonce")?);
        Ok(Self {
            jti: required(jti, "jti")?,
            htm: required(htm, "htm")?,
            htu: required(htu, "htu")?,
            ath,
            iat: required(iat, "iat")?,
            nonce,
        })
    }

    fn check_request(&self, presented: &Presented<'_>) -> Result<(), Refusal> {
        self.check_place(presented)?;
        if self.ath != Some(&*encode(&Sha256::digest(presented.token))) {
            return Err(Refusal::BindingMismatch("ath"));
        }
        self.check_nonce(presented)
    }

    fn check_nonce(&self, presented: &Presented<'_>) -> Result<(), Refusal> {
        let fits = presented.nonce.is_none() || self.nonce == presented.nonce;
        if fits { Ok(()) } else { Err(Refusal::NonceMismatch) }
    }

    fn check_place(&self, presented: &Presented<'_>) -> Result<(), Refusal> {
        if self.htm != presented.method {
            return Err(Refusal::BindingMismatch("htm"));
        }
        let target = Target::read(presented.url);
        if target.is_none() || Target::read(self.htu) != target {
            return Err(Refusal::BindingMismatch("htu"));
        }
        Ok(())
    }
}
