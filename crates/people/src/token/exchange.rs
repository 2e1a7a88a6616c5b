//! Token exchange (RFC 8693): who acts for whom, and tokens that repeat the gateway's own answers.

use std::collections::BTreeSet;

use terms::{Instant, Level};

use super::{Context, assertion};
use crate::evidence::{Answer, Asserted, BadPredicate, Evidence, Facts, Predicate};
use crate::json::{Members, Object, Value};
use crate::refusal::Refusal;
use crate::strength;
use crate::times::required;
use crate::trust::{Claim, Issuer};

/// `subject_token_type` of a JWT (RFC 8693, section 3).
pub(crate) const JWT_TYPE: &str = "urn:ietf:params:oauth:token-type:jwt";

/// A request to the gateway's token exchange.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// The token of the person: an end-user assertion.
    pub subject_token: &'a str,
    /// Its type; only `urn:ietf:params:oauth:token-type:jwt` is taken.
    pub subject_token_type: &'a str,
    /// Who wants to act for the person.
    pub actor_sub: Option<&'a str>,
    /// The API key that authenticated the request, by its id.
    pub api_key: Option<&'a str>,
}

/// Verifies the subject token of an exchange, and that its subject lets this actor act.
pub(crate) fn verify(context: &Context<'_>, request: &Exchange<'_>) -> Result<Evidence, Refusal> {
    if request.subject_token_type != JWT_TYPE {
        return Err(Refusal::WrongType("subject_token_type"));
    }
    let actor = required(request.actor_sub, "actor_sub")?;
    assertion::verify_for(context, request.subject_token, request.api_key, Some(actor))
}

/// The `act` chain, the current actor first.
pub(super) struct Delegation {
    chain: Vec<String>,
}

impl Delegation {
    /// Types only. The depth is bounded by that of JSON here, and by the profile in [`Delegation::chain`].
    pub(super) fn read(payload: &Object) -> Result<Self, Refusal> {
        let (mut chain, mut holder) = (Vec::new(), payload);
        while let Some(act) = holder.object("act")? {
            chain.push(required(act.text("sub")?, "act.sub")?.to_owned());
            holder = act;
        }
        Ok(Self { chain })
    }

    /// The actors, when they are not too many.
    pub(super) fn chain(&self, max_depth: usize) -> Result<Vec<String>, Refusal> {
        let short = self.chain.len() <= max_depth;
        if short { Ok(self.chain.clone()) } else { Err(Refusal::ClaimValue("act")) }
    }

    /// Whether the API key in use is one of the actors. Without actors, or without a key, there is nothing to compare.
    pub(super) fn fits(&self, api_key: Option<&str>) -> bool {
        fits(&self.chain, api_key)
    }
}

/// As [`Delegation::fits`], for a chain that was verified before.
pub(crate) fn fits(chain: &[String], api_key: Option<&str>) -> bool {
    api_key.is_none_or(|key| chain.is_empty() || chain.iter().any(|actor| actor == key))
}

/// `douane_evidence` of a token from the gateway's own exchange, typed.
pub(super) struct Repeated<'a> {
    strength: Option<&'a str>,
    predicates: Option<Vec<(&'a str, &'a str)>>,
    valid_until: Option<Instant>,
}

impl<'a> Repeated<'a> {
    /// Types only.
    pub(super) fn read(payload: &'a Object) -> Result<Option<Self>, Refusal> {
        let Some(stated) = payload.object("douane_evidence")? else { return Ok(None) };
        let pair = |(name, value): (&'a String, &'a Value)| {
            value.as_text().map(|answer| (name.as_str(), answer)).ok_or(Refusal::ClaimType("predicates"))
        };
        let predicates = stated.object("predicates")?;
        Ok(Some(Self {
            strength: stated.text("strength")?,
            predicates: predicates.map(|all| all.iter().map(pair).collect()).transpose()?,
            valid_until: stated.date("valid_until")?,
        }))
    }

    /// Presence.
    pub(super) fn require(&self) -> Result<(), Refusal> {
        required(self.strength, "strength")?;
        required(self.predicates.as_ref(), "predicates")?;
        required(self.valid_until, "valid_until").map(drop)
    }

    /// Predicates and strength as stated, under the ceiling of the registry; completeness is not asked again.
    pub(super) fn judge(&self, issuer: &Issuer, now: Instant) -> Result<(Asserted, Level, Instant), Refusal> {
        let until = required(self.valid_until, "valid_until")?;
        if now > until {
            return Err(Refusal::EvidenceExpired);
        }
        let level =
            strength::parse(required(self.strength, "strength")?).ok_or(Refusal::ClaimValue("strength"))?;
        let mut stated = Vec::new();
        for (name, answer) in required(self.predicates.as_ref(), "predicates")? {
            let answer = Answer::parse(answer).ok_or(Refusal::ClaimValue("predicates"))?;
            match name.parse::<Predicate>() {
                Ok(predicate) => stated.push((entitled(predicate, issuer)?, answer)),
                Err(BadPredicate::Name) => {}
                Err(BadPredicate::Argument) => return Err(Refusal::ClaimValue("predicates")),
            }
        }
        if stated.iter().all(|(_, answer)| *answer == Answer::Unknown) {
            return Err(Refusal::MissingClaim("predicates"));
        }
        let asserted = Asserted { facts: Facts::stated(stated), flags: BTreeSet::new() };
        Ok((asserted, level.min(issuer.max_level()), until))
    }
}

/// What the exchange repeats must be something it may assert.
fn entitled(predicate: Predicate, issuer: &Issuer) -> Result<Predicate, Refusal> {
    let may = match predicate {
        Predicate::UsPerson | Predicate::UsPerson7446 => issuer.may_assert(Claim::UsPerson),
        _ => issuer.may_assert(Claim::Nationalities) || issuer.may_assert(Claim::NotNationalOf),
    };
    if may { Ok(predicate) } else { Err(Refusal::ClaimOutOfScope("predicates")) }
}
