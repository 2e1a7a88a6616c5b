//! Which citizenships a person holds, held, or holds all of.

use super::View;
use crate::subject::{Holding, OnFile};
use crate::tri::Tri;
use crate::worlds::Extra;
use law::{NationalityRule, Scope};
use terms::{Attested, CountrySet, Instant, Level, MissingFact, Question};

/// Which of two candidate dates counts for a citizenship by descent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dated {
    Origin,
    Registration,
}

impl Dated {
    pub(super) fn of(option: &str) -> Self {
        if option == "registration" { Self::Registration } else { Self::Origin }
    }

    pub(super) fn date(self, held: &Holding) -> Option<Instant> {
        match (self, held.registered) {
            (Self::Registration, Some(disputed)) => disputed.on,
            _ => held.from,
        }
    }
}

impl View<'_> {
    /// National of one of the countries of the scope, by the rule it states.
    pub(crate) fn national_of(&self, scope: &Scope) -> Tri {
        let foreign = if scope.only_foreign_persons { self.foreign_person(false) } else { Tri::Yes };
        foreign.and_then(|| {
            self.under_hong_kong(&scope.countries, |set| match scope.nationality {
                NationalityRule::MostRecent => self.most_recent(set),
                NationalityRule::AnyHeld => self.holds_any(set, false),
                NationalityRule::EverHeld => self.holds_any(set, true),
                NationalityRule::Unspecified => {
                    self.either(Question::NationalityRule, |option| match option {
                        "most_recent" => self.most_recent(set),
                        "any_held" => self.holds_any(set, false),
                        _ => self.holds_any(set, true),
                    })
                }
            })
        })
    }

    /// Holds a citizenship of one of the countries; with `past`, or ever held one. Against the person's interest.
    pub(crate) fn holds_any(&self, set: &CountrySet, past: bool) -> Tri {
        if self.list_is_silent() {
            return self.unlisted_or_past(set, past);
        }
        let (mut listed, mut open) = (Tri::No, Tri::from(!self.list_is_complete(past)));
        for (at, held) in self.citizenships() {
            let lost = if past { Tri::No } else { self.lost(at, held) };
            let current = self.acquired(held).and(lost.not());
            if self.is_heard(held) && set.contains(held.country) {
                listed = listed.or(current);
            } else if held.level == Level::Ip || held.level < self.min_evidence {
                // A network address says nothing about nationality, not even that the list is complete.
                open = open.or(current);
            }
        }
        listed.or_else(|| open.and_then(|| self.unlisted_or_past(set, past)))
    }

    /// Every current citizenship is of one of the countries, and there is one. In the person's favour.
    pub(crate) fn holds_only(&self, set: &CountrySet) -> Tri {
        if self.list_is_silent() {
            return self.unlisted_only(set, Tri::No);
        }
        let mut open = Tri::from(!self.list_is_complete(false));
        let (mut holds_one, mut said_one) = (Tri::No, Tri::No);
        let (mut rest_lost, mut any) = (Tri::Yes, false);
        for (at, held) in self.citizenships() {
            let current = self.acquired(held).and(self.lost(at, held).not());
            any |= self.is_said_acquired(held) && !self.said_lost(held);
            if self.is_heard(held) && !set.contains(held.country) {
                rest_lost = rest_lost.and(current.not());
            } else if held.level == Level::Ip || held.level < self.min_evidence {
                open = open.or(current);
                said_one = said_one.or(current.and(self.is_heard(held).into()));
            } else {
                holds_one = holds_one.or(current);
            }
        }
        let said_none = !any && !self.world.statements_ignored && self.list_is_said_complete();
        if rest_lost == Tri::No || said_none {
            return Tri::No;
        }
        let listed = open.not().and_then(|| holds_one);
        rest_lost.and(listed.or_else(|| open.and_then(|| self.unlisted_only(set, holds_one.or(said_one)))))
    }

    /// Is a permanent resident of one of the countries. In the person's favour; the list is taken as complete.
    pub(crate) fn resident_of(&self, set: &CountrySet) -> Tri {
        if !self.subject().is_person() {
            let human = self.world.human;
            return human.map_or(Tri::lacks(MissingFact::NaturalPerson), |human| human.resident.into());
        }
        let mut found = Tri::No;
        for (at, held) in self.holdings().filter(|(_, held)| !held.citizenship && set.contains(held.country))
        {
            let current = self.acquired(held).and(self.lost(at, held).not());
            let proven = held.level >= self.min_evidence && held.level != Level::Ip;
            let shown = match self.extra() {
                _ if proven => Tri::Yes,
                None => Tri::lacks(MissingFact::Citizenships),
                Some(extra) => extra.leaves_what_is_said().into(),
            };
            found = found.or(current.and(shown));
        }
        found
    }

    pub(super) fn holdings(&self) -> impl Iterator<Item = (usize, &Holding)> {
        self.subject().file.holdings.iter().enumerate()
    }

    fn citizenships(&self) -> impl Iterator<Item = (usize, &Holding)> {
        self.holdings().filter(|(_, held)| held.citizenship)
    }

    /// Whether nothing is known from a list: nobody is named, or statements contradict each other.
    pub(super) fn list_is_silent(&self) -> bool {
        !self.subject().is_person() || self.subject().conflicting(MissingFact::Citizenships)
    }

    /// Whether the list is shown to be all; with `past`, all ever held.
    pub(super) fn list_is_complete(&self, past: bool) -> bool {
        let subject = self.subject();
        let shown = |level: Level| level >= self.min_evidence && level != Level::Ip;
        let says = |said: Attested<bool>| said.value && shown(said.level);
        let OnFile { complete, current, stateless, .. } = &*subject.file;
        says(*complete) || (!past && (says(*current) || says(*stateless)))
    }

    /// Whether the list is said, at any level, to be all current citizenships.
    pub(super) fn list_is_said_complete(&self) -> bool {
        let subject = self.subject();
        [subject.file.complete, subject.file.current, subject.file.stateless]
            .iter()
            .any(|said| said.value && said.level != Level::Ip)
    }

    /// Whether a holding was acquired by now; open where two candidate dates lie on both sides.
    pub(super) fn acquired(&self, held: &Holding) -> Tri {
        let by = |dated: Dated| dated.date(held).is_none_or(|from| from <= self.ask.clock.at);
        if self.subject().conflicting(MissingFact::AcquisitionDates) {
            let all_past = held.dates_of_acquisition().all(|date| date <= self.ask.clock.at);
            return match self.world.latest {
                _ if all_past => Tri::Yes,
                None => Tri::lacks(MissingFact::AcquisitionDates),
                Some(latest) => latest.is_some().into(),
            };
        }
        if held.registered.is_none() {
            return by(Dated::Origin).into();
        }
        self.either(Question::CitizenshipDate, |option| by(Dated::of(option)).into())
    }

    /// Whether a statement against the person counts.
    pub(super) fn is_heard(&self, held: &Holding) -> bool {
        held.level != Level::Ip && (held.level >= self.min_evidence || !self.world.statements_ignored)
    }

    /// Whether a holding is said to be acquired by now, by one of its dates.
    fn is_said_acquired(&self, held: &Holding) -> bool {
        let by = |date: Option<Instant>| date.is_none_or(|from| from <= self.ask.clock.at);
        let unknown = self.subject().conflicting(MissingFact::AcquisitionDates);
        unknown || by(held.from) || held.registered.is_some_and(|disputed| by(disputed.on))
    }

    /// Whether a holding was lost; open where that is claimed without the proof required.
    pub(super) fn lost(&self, at: usize, held: &Holding) -> Tri {
        if !self.said_lost(held) {
            return Tri::No;
        }
        let shown = held.until_level >= self.min_evidence && held.until_level != Level::Ip;
        // Who is shown to be no citizen of a country, and was one, has lost that citizenship.
        let denied = held.citizenship && self.excluded().contains(held.country);
        if (shown || denied) && !self.subject().conflicting(MissingFact::ProofOfLoss) {
            return Tri::Yes;
        }
        let bit = u32::try_from(at).ok().and_then(|at| 1u32.checked_shl(at)).unwrap_or(0);
        self.world.losses.map_or(Tri::lacks(MissingFact::ProofOfLoss), |lost| (lost & bit != 0).into())
    }

    /// Whether a holding is said to be lost by now.
    pub(super) fn said_lost(&self, held: &Holding) -> bool {
        held.until.is_some_and(|until| until <= self.ask.clock.at)
    }

    /// Countries of which it is shown that no citizenship is held now. What contradicts itself shows nothing.
    pub(super) fn excluded(&self) -> &CountrySet {
        if self.list_is_silent() {
            return &CountrySet::EMPTY;
        }
        self.subject().file.excluded.at(self.min_evidence)
    }

    /// Citizenships that this world has and no list shows, as far as they are not shown not to be held.
    fn extra(&self) -> Option<Extra> {
        self.world.extra.map(|extra| extra.without(self.excluded()))
    }

    /// Whether a citizenship held now that is not listed is of one of the countries.
    fn unlisted(&self, set: &CountrySet) -> Tri {
        let may_be = || set.difference(self.excluded());
        match self.extra() {
            None if may_be().is_empty() => Tri::No,
            None => Tri::lacks(self.personal(MissingFact::Citizenships)),
            Some(Extra::No) => Tri::No,
            Some(Extra::Residence { citizen, .. }) => {
                citizen.is_some_and(|country| set.contains(country)).into()
            }
            Some(Extra::One(country) | Extra::Older(country)) => set.contains(country).into(),
            Some(Extra::Two { latest, other }) => (set.contains(latest) || set.contains(other)).into(),
            Some(Extra::Every { .. }) => (!may_be().is_empty()).into(),
        }
    }

    /// The same; with `past`, also one that was held and lost: that none is held now says nothing of it.
    fn unlisted_or_past(&self, set: &CountrySet, past: bool) -> Tri {
        if past && self.world.extra.is_none() {
            return Tri::lacks(self.personal(MissingFact::Citizenships));
        }
        let lost = past && self.world.past.is_some_and(|country| set.contains(country));
        if lost { Tri::Yes } else { self.unlisted(set) }
    }

    /// Whether all citizenships are of these countries, where those not listed are not known.
    fn unlisted_only(&self, set: &CountrySet, holds_one: Tri) -> Tri {
        match self.extra() {
            None => Tri::lacks(self.personal(MissingFact::Citizenships)),
            Some(Extra::No) => holds_one,
            Some(Extra::Residence { citizen, .. }) => {
                citizen.is_some_and(|country| set.contains(country)).into()
            }
            Some(Extra::One(country) | Extra::Older(country)) => set.contains(country).into(),
            Some(Extra::Two { latest, other }) => (set.contains(latest) && set.contains(other)).into(),
            Some(Extra::Every { .. }) => CountrySet::all().difference(self.excluded()).is_subset(set).into(),
        }
    }
}
