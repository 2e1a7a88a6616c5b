//! Times of tokens, and for whom they were made (RFC 7519, section 4.1).

use terms::Instant;

use crate::json::{Members, Object};
use crate::refusal::Refusal;

/// So many seconds later; earlier when negative.
pub(crate) const fn plus_s(at: Instant, seconds: i64) -> Instant {
    at.plus_micros(seconds.saturating_mul(1_000_000))
}

/// `exp`, `nbf` and `iat`, where they are stated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Times {
    pub(crate) exp: Option<Instant>,
    pub(crate) nbf: Option<Instant>,
    pub(crate) iat: Option<Instant>,
}

impl Times {
    /// Reads them; only their types are checked.
    pub(crate) fn read(payload: &Object) -> Result<Self, Refusal> {
        Ok(Self { exp: payload.date("exp")?, nbf: payload.date("nbf")?, iat: payload.date("iat")? })
    }

    /// Whether `now` lies between them, with the tolerance of the profile, both ends included.
    pub(crate) fn check(&self, now: Instant, skew_s: i64) -> Result<(), Refusal> {
        let (latest, earliest) = (plus_s(now, skew_s), plus_s(now, skew_s.saturating_neg()));
        if self.exp.is_some_and(|exp| exp < earliest) {
            return Err(Refusal::Expired);
        }
        if [self.nbf, self.iat].into_iter().flatten().any(|from| from > latest) {
            return Err(Refusal::NotYetValid);
        }
        Ok(())
    }
}

/// Whether what is valid from `iat` to `exp` lives no longer than its issuer may make it. No tolerance lengthens that.
pub(crate) fn lifetime(iat: Instant, exp: Instant, max_ttl_s: i64) -> Result<(), Refusal> {
    if exp.micros_since(iat) > max_ttl_s.saturating_mul(1_000_000) { Err(Refusal::Lifetime) } else { Ok(()) }
}

/// Whether a proof made at `iat` is neither too old nor from the future. The tolerance does not lengthen its age.
pub(crate) fn fresh(iat: Instant, now: Instant, max_age_s: i64, skew_s: i64) -> Result<(), Refusal> {
    let good = iat >= plus_s(now, max_age_s.saturating_neg()) && iat <= plus_s(now, skew_s);
    if good { Ok(()) } else { Err(Refusal::StaleProof) }
}

/// Whether `expected` is one of the audiences, byte for byte.
pub(crate) fn audience(audiences: &[&str], expected: &str) -> Result<(), Refusal> {
    if audiences.contains(&expected) { Ok(()) } else { Err(Refusal::WrongAudience) }
}

/// A claim that has to be there.
pub(crate) fn required<T>(claim: Option<T>, name: &'static str) -> Result<T, Refusal> {
    claim.ok_or(Refusal::MissingClaim(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        plus_s(Instant::from_micros(0), seconds)
    }

    #[track_caller]
    fn check(exp: i64, nbf: i64, iat: i64, expected: Result<(), &str>) {
        let times = Times { exp: Some(at(exp)), nbf: Some(at(nbf)), iat: Some(at(iat)) };
        assert_eq!(times.check(at(1000), 60).map_err(|refusal| refusal.code()), expected);
    }

    #[test]
    fn limits_include_their_ends() {
        check(940, 1060, 1060, Ok(()));
        check(939, 0, 0, Err("expired"));
        check(2000, 1061, 0, Err("not_yet_valid"));
        check(2000, 0, 1061, Err("not_yet_valid"));
    }

    #[test]
    fn a_proof_is_fresh_from_its_age_to_the_skew() {
        let fresh = |iat| fresh(at(iat), at(1000), 300, 60).is_ok();
        assert!(fresh(700) && fresh(1060) && !fresh(699) && !fresh(1061));
    }

    #[test]
    fn audiences_compare_byte_for_byte() {
        assert!(audience(&["a", "https://g.test"], "https://g.test").is_ok());
        for other in [&[][..], &["https://g.test/"], &["HTTPS://g.test"], &["https://g.test.evil"]] {
            assert_eq!(audience(other, "https://g.test"), Err(Refusal::WrongAudience));
        }
    }
}
