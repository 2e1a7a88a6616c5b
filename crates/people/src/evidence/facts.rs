//! What a presentation asserts, kept as countries and answers.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use terms::Country;

use super::{Answer, BadPredicate, Flag, Nationality, Predicate};
use crate::json::{Members, Object};
use crate::refusal::Refusal;
use crate::trust::Issuer;

/// A claim that an issuer can be entitled to make.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// A set of nationalities.
    Nationalities,
    /// Whether the person is a US person (15 CFR 772.1).
    UsPerson,
    /// Countries of which the person is no national.
    NotNationalOf,
}

impl Claim {
    const ALL: [Self; 3] = [Self::Nationalities, Self::UsPerson, Self::NotNationalOf];

    /// Its member name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Nationalities => "nationalities",
            Self::UsPerson => "us_person",
            Self::NotNationalOf => "not_national_of",
        }
    }
}

/// Nationalities as shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nationalities {
    countries: Vec<Country>,
    complete: bool,
    hidden: bool,
}

impl Nationalities {
    /// Normalised, each once, in the order of the source.
    pub fn countries(&self) -> &[Country] {
        &self.countries
    }

    /// Whether a country that is absent is one the person is no national of: the issuer answers for all, no
    /// element stayed hidden, and none was a code that leaves the nationality open.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Whether an element stayed closed.
    pub fn has_hidden(&self) -> bool {
        self.hidden
    }

    fn answer(&self, country: Country) -> Answer {
        match (self.countries.contains(&country), self.complete) {
            (true, _) => Answer::Yes,
            (false, true) => Answer::No,
            (false, false) => Answer::Unknown,
        }
    }
}

/// Facts of one person from one source.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nationalities: Option<Nationalities>,
    #[serde(
        default,
        serialize_with = "by_name",
        deserialize_with = "from_names",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    stated: BTreeMap<Predicate, Answer>,
}

fn from_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Predicate, Answer>, D::Error> {
    let named = BTreeMap::<String, Answer>::deserialize(deserializer)?;
    let read = |(name, answer): (String, Answer)| Ok((name.parse()?, answer));
    named.into_iter().map(read).collect::<Result<_, BadPredicate>>().map_err(serde::de::Error::custom)
}

fn by_name<S: Serializer>(stated: &BTreeMap<Predicate, Answer>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(stated.iter().map(|(predicate, answer)| (predicate.to_string(), answer)))
}

impl Facts {
    /// Of answers alone.
    pub fn stated(answers: impl IntoIterator<Item = (Predicate, Answer)>) -> Self {
        Self { nationalities: None, stated: answers.into_iter().collect() }
    }

    /// With a set of nationalities beside what is stated. Codes that assert nothing make an empty, open set.
    ///
    /// # Errors
    /// [`Refusal::ClaimValue`] for a code that is none.
    pub fn with_nationalities<'a>(
        self,
        codes: impl IntoIterator<Item = &'a str>,
        complete: bool,
    ) -> Result<Self, Refusal> {
        let nationalities = match Asserted::nationalities(codes, complete, false) {
            Ok(asserted) => asserted.facts.nationalities,
            Err(Refusal::MissingClaim(_)) => {
                Some(Nationalities { countries: Vec::new(), complete: false, hidden: false })
            }
            Err(other) => return Err(other),
        };
        Ok(Self { nationalities, ..self })
    }

    /// The nationalities, where a set was shown.
    pub fn nationalities(&self) -> Option<&Nationalities> {
        self.nationalities.as_ref()
    }

    /// What is stated, beside the set.
    pub fn statements(&self) -> impl Iterator<Item = (&Predicate, Answer)> {
        self.stated.iter().map(|(predicate, answer)| (predicate, *answer))
    }

    /// What they answer. A foreign nationality never makes anybody no US person: permanent residents are.
    pub fn answer(&self, asked: &Predicate) -> Answer {
        match asked {
            Predicate::NationalOf(country) => self.national_of(*country),
            Predicate::UsPerson => self.us_person(),
            Predicate::UsPerson7446 => self.of_744_6(),
            Predicate::EverHeld(country) => self.ever_held(*country),
            Predicate::MostRecentOf(_) | Predicate::ResidentOf(_) | Predicate::EmployedBy(_) => {
                self.said(asked)
            }
        }
    }

    fn said(&self, asked: &Predicate) -> Answer {
        self.stated.get(asked).copied().unwrap_or_default()
    }

    /// The set and the statements speak with the same strength; where they contradict, nothing is known.
    fn national_of(&self, country: Country) -> Answer {
        let of_set = self.nationalities.as_ref().map_or(Answer::Unknown, |set| set.answer(country));
        let said = self.said(&Predicate::NationalOf(country));
        if of_set == Answer::Unknown || said == Answer::Unknown || of_set == said {
            of_set.and(said)
        } else {
            Answer::Unknown
        }
    }

    fn us_person(&self) -> Answer {
        match self.national_of(Country::US) {
            Answer::Yes => Answer::Yes,
            _ => self.said(&Predicate::UsPerson),
        }
    }

    /// Whoever is protected anywhere is a US person under both definitions; the reverse does not follow, since
    /// 744.6 also holds whoever is in the United States.
    fn of_744_6(&self) -> Answer {
        match self.us_person() {
            Answer::Yes => Answer::Yes,
            _ => self.said(&Predicate::UsPerson7446),
        }
    }

    fn ever_held(&self, country: Country) -> Answer {
        match self.national_of(country) {
            Answer::Yes => Answer::Yes,
            _ => self.said(&Predicate::EverHeld(country)),
        }
    }
}

/// Facts with the flags that go with them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Asserted {
    pub(crate) facts: Facts,
    pub(crate) flags: BTreeSet<Flag>,
}

impl Asserted {
    /// Reads codes of nationality. `complete` is the issuer's registered completeness; `hidden` tells that an element
    /// stayed closed.
    ///
    /// # Errors
    /// [`Refusal::ClaimValue`] for a code that is none; [`Refusal::MissingClaim`] when no code asserts anything.
    pub(crate) fn nationalities<'a>(
        codes: impl IntoIterator<Item = &'a str>,
        complete: bool,
        hidden: bool,
    ) -> Result<Self, Refusal> {
        let read = |code: &str| Nationality::read(code).ok_or(Refusal::ClaimValue("nationalities"));
        Self::of(codes.into_iter().map(read).collect::<Result<Vec<_>, _>>()?, complete, hidden)
    }

    /// As [`Asserted::nationalities`], from codes already read.
    pub(crate) fn of(all: Vec<Nationality>, complete: bool, hidden: bool) -> Result<Self, Refusal> {
        let mut flags = BTreeSet::new();
        let (mut countries, mut open) = (Vec::new(), false);
        for nationality in &all {
            match nationality {
                Nationality::Of(country) if countries.contains(country) => {}
                Nationality::Of(country) => countries.push(*country),
                Nationality::Stateless => drop(flags.insert(Flag::Stateless)),
                Nationality::Refugee => drop(flags.insert(Flag::Refugee)),
                Nationality::RefugeeOther => drop(flags.insert(Flag::RefugeeOther)),
                Nationality::Unsaid => {}
            }
            open |=
                matches!(nationality, Nationality::Refugee | Nationality::RefugeeOther | Nationality::Unsaid);
        }
        if countries.is_empty() && flags.is_empty() {
            return Err(Refusal::MissingClaim("nationalities"));
        }
        if hidden {
            flags.insert(Flag::UndisclosedElements);
        }
        let set = Nationalities { countries, complete: complete && !hidden && !open, hidden };
        Ok(Self { facts: Facts { nationalities: Some(set), ..Facts::default() }, flags })
    }
}

/// The claims of one object that this crate knows, typed. Values and entitlement are looked at later.
#[derive(Clone, Debug, Default)]
pub(crate) struct KnownClaims<'a> {
    nationalities: Option<Vec<&'a str>>,
    us_person: Option<bool>,
    not_national_of: Option<Vec<&'a str>>,
}

impl<'a> KnownClaims<'a> {
    /// Reads their types. Unknown members are left where they are.
    ///
    /// # Errors
    /// [`Refusal::ClaimType`].
    pub(crate) fn read(claims: &'a Object) -> Result<Self, Refusal> {
        Ok(Self {
            nationalities: claims.texts("nationalities")?,
            us_person: claims.flag("us_person")?,
            not_national_of: claims.texts("not_national_of")?,
        })
    }

    /// Reads `nationalities` alone; none when it is absent.
    ///
    /// # Errors
    /// [`Refusal::ClaimType`].
    pub(crate) fn read_nationalities(claims: &'a Object) -> Result<Option<Self>, Refusal> {
        let codes = claims.texts("nationalities")?;
        Ok(codes.map(|codes| Self { nationalities: Some(codes), ..Self::default() }))
    }

    /// Whether none is there.
    pub(crate) fn is_empty(&self) -> bool {
        Claim::ALL.into_iter().all(|claim| !self.has(claim))
    }

    /// Whether a set of nationalities is there, be it empty.
    pub(crate) fn has_nationalities(&self) -> bool {
        self.has(Claim::Nationalities)
    }

    /// What they assert under an issuer's entitlement; `hidden` tells that an element of the set stayed closed.
    ///
    /// # Errors
    /// [`Refusal::ClaimOutOfScope`] for a claim that the issuer may not make; [`Refusal::ClaimValue`];
    /// [`Refusal::MissingClaim`] when nothing usable is asserted.
    pub(crate) fn assert(&self, issuer: &Issuer, hidden: bool) -> Result<Asserted, Refusal> {
        if let Some(claim) =
            Claim::ALL.into_iter().find(|claim| self.has(*claim) && !issuer.may_assert(*claim))
        {
            return Err(Refusal::ClaimOutOfScope(claim.name()));
        }
        let mut asserted = self.set(issuer, hidden)?;
        for code in self.not_national_of.iter().flatten() {
            let Some(Nationality::Of(country)) = Nationality::read(code) else {
                return Err(Refusal::ClaimValue("not_national_of"));
            };
            asserted.facts.stated.insert(Predicate::NationalOf(country), Answer::No);
        }
        if let Some(truth) = self.us_person {
            asserted.facts.stated.insert(Predicate::UsPerson, us_person_answer(truth, issuer));
        }
        if asserted == Asserted::default() { Err(Refusal::MissingClaim("claims")) } else { Ok(asserted) }
    }

    /// The set; one that asserts nothing is no fault where another claim stands beside it.
    fn set(&self, issuer: &Issuer, hidden: bool) -> Result<Asserted, Refusal> {
        let Some(codes) = &self.nationalities else { return Ok(Asserted::default()) };
        let complete = issuer.complete_for(Claim::Nationalities);
        match Asserted::nationalities(codes.iter().copied(), complete, hidden) {
            Err(Refusal::MissingClaim(_)) => Ok(Asserted::default()),
            other => other,
        }
    }

    fn has(&self, claim: Claim) -> bool {
        match claim {
            Claim::Nationalities => self.nationalities.is_some(),
            Claim::UsPerson => self.us_person.is_some(),
            Claim::NotNationalOf => self.not_national_of.is_some(),
        }
    }
}

/// Reads the known claims of `claims` and asserts them: [`KnownClaims::read`], then [`KnownClaims::assert`].
///
/// # Errors
/// Those of both.
pub(crate) fn read_claims(claims: &Object, issuer: &Issuer, hidden: bool) -> Result<Asserted, Refusal> {
    KnownClaims::read(claims)?.assert(issuer, hidden)
}

/// "No" counts only from an issuer that is complete for the question.
fn us_person_answer(truth: bool, issuer: &Issuer) -> Answer {
    match truth {
        true => Answer::Yes,
        false if issuer.complete_for(Claim::UsPerson) => Answer::No,
        false => Answer::Unknown,
    }
}

#[cfg(test)]
mod tests;
