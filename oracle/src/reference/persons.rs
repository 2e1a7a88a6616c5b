//! Whom a directive reaches.

use super::case::{Case, OURS, Rule, WHOLE, millionths};
use super::world::{Axis, World};
use crate::scenario::{Class, Destinations, Employer};
use terms::{Activity, Country, CountrySet, Level, MissingFact, PartyMatch, Question, UsStatus};

/// The firm behind the subject, as far as it is known in a world.
enum Firm<'a> {
    Nobody,
    OnFile(&'a Employer),
    Another,
}

impl Case<'_> {
    /// Whether the directive holds the subject in this world.
    pub(super) fn holds(&self, rule: &Rule<'_>, world: &World) -> bool {
        self.binds(rule.directive, world)
            && rule.directive.end_uses.as_ref().is_none_or(|uses| uses.contains(&self.end_use(world)))
            && (self.reaches_person(rule, world) || self.reaches_destination(rule, world))
            && self.is_remote_enough(rule, world)
            && self.is_hosted_enough(rule, world)
            && !rule.reliefs.iter().any(|relief| self.is_relieved(relief, world))
    }

    fn reaches_person(&self, rule: &Rule<'_>, world: &World) -> bool {
        let persons = &rule.directive.persons;
        match persons.class {
            Class::Everyone => true,
            Class::ForeignPerson if persons.exempt.as_deref() == Some("citizens_and_protected") => self
                .has_adverse_status(world, |status| {
                    matches!(status, UsStatus::None | UsStatus::LprNaturalisationLapsed)
                }),
            Class::ForeignPerson => self.is_foreign_person(world),
            Class::ForeignNationalUndefined => {
                if self.reading(Question::ForeignNationalMeans, world) == "ear_772_1" {
                    self.is_foreign_person(world)
                } else {
                    let ours = [UsStatus::Citizen, UsStatus::National];
                    self.has_adverse_status(world, |status| !ours.contains(&status))
                }
            }
            Class::NationalOf => self.is_national_reached(rule, world),
            Class::LocatedIn => self.is_located_in(&self.countries(rule, world), world),
            Class::NationalOrLocatedIn => {
                self.is_located_in(&self.countries(rule, world), world)
                    || self.is_national_reached(rule, world)
            }
            Class::ListedParty => self.is_listed(persons.ownership_percent, world),
            Class::EntityHq => self.is_seated_in(&self.countries(rule, world), world),
            Class::UsPerson7446 => self.is_us_person(world),
        }
    }

    fn is_national_reached(&self, rule: &Rule<'_>, world: &World) -> bool {
        self.is_national(rule, world)
            && (!rule.directive.persons.only_foreign_persons || self.is_foreign_person(world))
    }

    fn reaches_destination(&self, rule: &Rule<'_>, world: &World) -> bool {
        match rule.directive.destinations {
            Destinations::None => false,
            Destinations::AllOutsideUs => !self.is_at(Country::US, world),
            Destinations::Unspecified => {
                !self.is_at(Country::US, world) && self.reading(Question::DestinationLimb, world) == "apply"
            }
        }
    }

    fn is_remote_enough(&self, rule: &Rule<'_>, world: &World) -> bool {
        rule.directive.remote_access != Some(true)
            || self.reading(Question::RemoteLocationUnit, world) == "site"
            || !self.is_at(self.scenario.request.served_from.as_place(), world)
    }

    fn is_hosted_enough(&self, rule: &Rule<'_>, world: &World) -> bool {
        rule.directive.hosted_inference.as_deref() != Some("if_export")
            || self.scenario.request.activity != Activity::HostedInference
            || self.reading(Question::HostedInferenceIsExport, world) == "yes"
    }

    fn is_foreign_person(&self, world: &World) -> bool {
        self.has_adverse_status(world, |status| status == UsStatus::None)
    }

    /// 15 CFR 744.6: by status anywhere, or by being in the United States.
    fn is_us_person(&self, world: &World) -> bool {
        let attested = self.scenario.subject.users_attested.filter(|_| !self.is_person());
        attested.is_some_and(|said| said.all_us_persons && said.evidence != Level::Ip)
            || self.is_located_in(&[Country::US].into_iter().collect(), world)
            || self.has_adverse_status(world, |status| status != UsStatus::None)
    }

    /// Whether the status is adverse: true as stated, false only as proven.
    fn has_adverse_status(&self, world: &World, adverse: impl Fn(UsStatus) -> bool) -> bool {
        if let Some((stated, level)) = self.stated_status() {
            let several = [stated];
            let may_be = if stated == UsStatus::UsPerson { &OURS[..] } else { &several[..] };
            if may_be.iter().all(|status| adverse(*status)) {
                return true;
            }
            if self.suffices(level) && !may_be.iter().any(|status| adverse(*status)) {
                return false;
            }
        }
        adverse(self.statuses()[world.value(Axis::Status)])
    }

    /// Whether it is proven that a US person asks, of whatever kind.
    pub(super) fn is_proven_us_person(&self) -> bool {
        self.stated_status()
            .is_some_and(|(stated, level)| stated == UsStatus::UsPerson && self.suffices(level))
    }

    /// The status on file and what it is worth at the instant of the decision.
    fn stated_status(&self) -> Option<(UsStatus, Level)> {
        let stated = self.scenario.subject.us_status.filter(|_| self.is_person())?;
        let lapsed = stated.evidence_expires.is_some_and(|end| self.scenario.at >= end.0);
        let level = if lapsed { stated.evidence.min(Level::SelfDeclared) } else { stated.evidence };
        let silent = self.conflicting(MissingFact::UsStatus)
            || stated.value == UsStatus::Unknown
            || level == Level::Ip;
        (!silent).then_some((stated.value, level))
    }

    /// The place on file, and whether it counts in favour. That of a key is the caller's own and counts as given.
    fn stated_place(&self) -> Option<(Country, bool)> {
        let stated = self.scenario.subject.location.filter(|_| !self.conflicting(MissingFact::Location))?;
        let proven = !self.is_person() || stated.evidence >= self.scenario.operator.min_location_evidence;
        stated.country.map(|country| (country.as_place(), proven))
    }

    fn place(&self, world: &World) -> Country {
        self.places()[world.value(Axis::Place)]
    }

    /// Whether the person is in the set: true as stated, false only as proven.
    pub(super) fn is_located_in(&self, adverse: &CountrySet, world: &World) -> bool {
        match self.stated_place() {
            Some((place, _)) if adverse.contains(place) => true,
            Some((_, true)) => false,
            _ => adverse.contains(self.place(world)),
        }
    }

    /// Whether the person is in the set: false as stated, true only as proven.
    pub(super) fn is_proven_in(&self, favourable: &CountrySet, world: &World) -> bool {
        match self.stated_place() {
            Some((place, _)) if !favourable.contains(place) => false,
            Some((_, true)) => true,
            _ => favourable.contains(self.place(world)),
        }
    }

    fn is_at(&self, place: Country, world: &World) -> bool {
        self.is_proven_in(&[place].into_iter().collect(), world)
    }

    fn behind(&self, world: &World) -> Firm<'_> {
        // Parent and owners are facts of their own: a contradiction about the post does not touch them.
        if let Some(employer) = self.scenario.subject.employer.as_ref() {
            return Firm::OnFile(employer);
        }
        let employed = self.conflicting(MissingFact::Employment) && self.firm(world).is_some();
        if employed { Firm::Another } else { Firm::Nobody }
    }

    fn is_seated_in(&self, adverse: &CountrySet, world: &World) -> bool {
        let known = match self.behind(world) {
            Firm::Nobody => return false,
            Firm::Another => None,
            Firm::OnFile(employer) => employer.ultimate_parent_hq,
        };
        match known.filter(|_| !self.conflicting(MissingFact::EmployerUltimateParent)) {
            Some(seat) if adverse.contains(seat) => true,
            Some(_) if self.employer_is_proven() => false,
            _ => adverse.contains(self.seats()[world.value(Axis::Parent)]),
        }
    }

    fn is_listed(&self, threshold_percent: Option<f64>, world: &World) -> bool {
        let matched = match self.party_match() {
            PartyMatch::Confirmed => true,
            PartyMatch::None => false,
            PartyMatch::Possible | PartyMatch::Unscreened => world.value(Axis::Match) == 1,
        };
        matched || threshold_percent.is_some_and(|percent| self.is_owned(millionths(percent), world))
    }

    /// Whether listed owners hold at least the threshold.
    fn is_owned(&self, threshold: i64, world: &World) -> bool {
        let (least, most) = match self.behind(world) {
            Firm::Nobody => return false,
            Firm::Another => (0, WHOLE),
            Firm::OnFile(_) if self.conflicting(MissingFact::Ownership) => (0, WHOLE),
            Firm::OnFile(employer) => self.listed_share(employer),
        };
        if least >= threshold || most < threshold {
            return least >= threshold;
        }
        self.shares()[world.value(Axis::Share)].clamp(least, most) >= threshold
    }

    /// The least and the most that listed owners may hold. Owners said not to be listed count only as proven.
    fn listed_share(&self, employer: &Employer) -> (i64, i64) {
        let sum = |listed: bool| -> i64 {
            let owners = employer.owners.iter().filter(|owner| owner.listed == listed);
            owners.map(|owner| millionths(owner.percent)).sum()
        };
        let listed = sum(true).min(WHOLE);
        let unlisted = if self.employer_is_proven() { sum(false) } else { 0 };
        (listed, (WHOLE - unlisted).max(listed))
    }
}
