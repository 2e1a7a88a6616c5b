//! Verified claims (OpenID Connect for Identity Assurance 1.0): what was verified, by whom, under which framework.

use terms::{Instant, Level};

use super::Context;
use crate::evidence::{Asserted, Flag, KnownClaims};
use crate::json::{Members, Object, Value};
use crate::refusal::Refusal;
use crate::times::{plus_s, required};
use crate::trust::Issuer;

/// Nationality as a token states it, typed.
pub(super) struct Verified<'a> {
    /// Objects of `verified_claims` that hold `nationalities`; the others are skipped.
    objects: Vec<Verification<'a>>,
    /// `nationalities` outside `verified_claims`: declared only.
    plain: Option<KnownClaims<'a>>,
}

struct Verification<'a> {
    framework: Option<&'a str>,
    level: Option<&'a str>,
    time: Option<&'a str>,
    claims: KnownClaims<'a>,
}

impl<'a> Verified<'a> {
    /// Types only.
    pub(super) fn read(payload: &'a Object) -> Result<Self, Refusal> {
        let objects = match payload.get("verified_claims") {
            None => Vec::new(),
            Some(Value::Object(one)) => vec![one],
            Some(Value::Array(many)) => {
                let many: Option<Vec<_>> = many.iter().map(Value::as_object).collect();
                many.ok_or(Refusal::ClaimType("verified_claims"))?
            }
            Some(_) => return Err(Refusal::ClaimType("verified_claims")),
        };
        let objects = objects.into_iter().map(Verification::read).collect::<Result<Vec<_>, _>>()?;
        let objects = objects.into_iter().filter(|object| object.claims.has_nationalities()).collect();
        Ok(Self { objects, plain: KnownClaims::read_nationalities(payload)? })
    }

    /// The strongest verification wins, the first among equals. Every one of them must be sound.
    pub(super) fn judge(&self, context: &Context<'_>, issuer: &Issuer) -> Result<(Asserted, Level), Refusal> {
        let mut best: Option<(&Verification<'_>, Standing)> = None;
        for object in &self.objects {
            let standing = object.standing(context, issuer)?;
            if best.as_ref().is_none_or(|(_, known)| standing.level > known.level) {
                best = Some((object, standing));
            }
        }
        let Some((object, standing)) = best else {
            let plain = required(self.plain.as_ref(), "nationalities")?;
            return Ok((plain.assert(issuer, false)?, Level::SelfDeclared.min(issuer.max_level())));
        };
        let mut asserted = object.claims.assert(issuer, false)?;
        if standing.stale {
            asserted.flags.insert(Flag::StaleVerification);
        }
        Ok((asserted, standing.level.min(issuer.max_level())))
    }
}

struct Standing {
    level: Level,
    stale: bool,
}

impl<'a> Verification<'a> {
    fn read(object: &'a Object) -> Result<Self, Refusal> {
        let empty = const { &Object::new() };
        let verification = object.object("verification")?.unwrap_or(empty);
        Ok(Self {
            framework: verification.text("trust_framework")?,
            level: verification.text("assurance_level")?,
            time: verification.text("time")?,
            claims: KnownClaims::read(object.object("claims")?.unwrap_or(empty))?,
        })
    }

    /// An older verification than the profile allows counts as declared.
    fn standing(&self, context: &Context<'_>, issuer: &Issuer) -> Result<Standing, Refusal> {
        let framework = required(self.framework, "trust_framework")?;
        let level = issuer.assurance(framework, self.level);
        let stale = self.time.map(|time| is_stale(time, context)).transpose()?.unwrap_or(false);
        let level = if stale { level.min(Level::SelfDeclared) } else { level };
        Ok(Standing { level, stale })
    }
}

fn is_stale(time: &str, context: &Context<'_>) -> Result<bool, Refusal> {
    let time = Instant::parse(time).map_err(|_| Refusal::ClaimValue("time"))?;
    if time > context.now {
        return Err(Refusal::ClaimValue("time"));
    }
    Ok(plus_s(time, context.profile.verification_max_age_s) < context.now)
}
