//! What a credential's type lets it say.

use super::sd_jwt::Disclosed;
use crate::evidence::{Asserted, Claim, Flag, Method, read_claims};
use crate::json::Object;
use crate::profile::Profile;
use crate::refusal::Refusal;
use crate::trust::Issuer;

/// A type of credential: one claim is read from each, whatever else it holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Content {
    pub(super) method: Method,
    claim: Claim,
}

impl Content {
    /// By `vct`, which the profile must list. A predicate credential's type names its claim:
    /// `urn:<authority>:us-person:<version>`, `urn:<authority>:not-national-of:<version>`.
    pub(super) fn of(vct: &str, profile: &Profile) -> Result<Self, Refusal> {
        if profile.pid_vct.iter().any(|known| known == vct) {
            return Ok(Self { method: Method::SdJwtVc, claim: Claim::Nationalities });
        }
        let listed = profile.predicate_vct.iter().any(|known| known == vct);
        let claim = match vct.split(':').nth(2) {
            Some("us-person") if listed => Claim::UsPerson,
            Some("not-national-of") if listed => Claim::NotNationalOf,
            _ => return Err(Refusal::WrongType("vct")),
        };
        Ok(Self { method: Method::PredicateVc, claim })
    }

    /// Reads the claim under the issuer's entitlement. Everything else that was disclosed is dropped here.
    pub(super) fn read(self, disclosed: Disclosed, issuer: &Issuer) -> Result<Asserted, Refusal> {
        let name = self.claim.name();
        let Disclosed { mut claims, hidden } = disclosed;
        let Some((name, value)) = claims.remove_entry(name) else {
            return Err(Refusal::MissingClaim(name));
        };
        let mut asserted = read_claims(&Object::from([(name, value)]), issuer, hidden)?;
        if hidden {
            asserted.flags.insert(Flag::UndisclosedElements);
        }
        Ok(asserted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_names_the_claim() {
        let profile = Profile::default();
        let claim = |vct: &str| {
            Content::of(vct, &profile).map(|content| content.claim).map_err(|refusal| refusal.code())
        };
        assert_eq!(claim("urn:eudi:pid:1"), Ok(Claim::Nationalities));
        assert_eq!(claim("urn:douane:us-person:1"), Ok(Claim::UsPerson));
        assert_eq!(claim("urn:douane:not-national-of:1"), Ok(Claim::NotNationalOf));
        for other in ["urn:eudi:pid:2", "urn:other:us-person:1", "URN:eudi:pid:1", ""] {
            assert_eq!(claim(other), Err("wrong_type"), "{other}");
        }
    }
}
