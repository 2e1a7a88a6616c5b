//! The most recent nationality: the latest among current citizenships and permanent residencies (15 CFR 734.13(b)).

use super::View;
use super::nationality::Dated;
use crate::subject::Holding;
use crate::tri::Tri;
use crate::worlds::Extra;
use terms::{CountrySet, Instant, Level, MissingFact, Question};

/// A holding that may be the latest.
#[derive(Clone, Copy)]
struct Candidate {
    at: usize,
    in_set: bool,
    /// `None` = not known, or not shown as far as it helps the person.
    date: Option<Instant>,
    held: Tri,
}

/// What the candidates come to.
#[derive(Clone, Copy, Default)]
struct Tally {
    count: usize,
    inside: usize,
    outside: usize,
    /// Said to be lost, without proof.
    unsure: usize,
    undated: usize,
}

impl Tally {
    fn count(&mut self, candidate: &Candidate) {
        self.count = self.count.saturating_add(1);
        let side = if candidate.in_set { &mut self.inside } else { &mut self.outside };
        *side = side.saturating_add(1);
        self.unsure = self.unsure.saturating_add(usize::from(candidate.held != Tri::Yes));
        self.undated = self.undated.saturating_add(usize::from(candidate.date.is_none()));
    }
}

impl View<'_> {
    /// The most recent nationality is one of the countries. Against the person's interest.
    pub(crate) fn most_recent(&self, set: &CountrySet) -> Tri {
        if !self.subject().is_person() {
            return match self.world.extra {
                None => Tri::lacks(MissingFact::NaturalPerson),
                Some(Extra::No) => self.stateless(set, Dated::Origin),
                Some(
                    Extra::One(country)
                    | Extra::Two { latest: country, .. }
                    | Extra::Older(country)
                    | Extra::Residence { latest: country, .. }
                    | Extra::Every { latest: Some(country) },
                ) => set.contains(country).into(),
                Some(Extra::Every { latest: None }) => (!set.is_empty()).into(),
            };
        }
        if self.holdings().all(|(_, held)| held.registered.is_none()) {
            return self.most_recent_by(set, Dated::Origin);
        }
        self.either(Question::CitizenshipDate, |option| self.most_recent_by(set, Dated::of(option)))
    }

    fn most_recent_by(&self, set: &CountrySet, dated: Dated) -> Tri {
        if self.world.statements_ignored {
            return self.shown_recent(set, dated);
        }
        self.said_recent(set, dated).or_else(|| self.shown_recent(set, dated))
    }

    /// By what is shown, and what is assumed of the rest.
    fn shown_recent(&self, set: &CountrySet, dated: Dated) -> Tri {
        let mut complete = self.list_is_complete(false) && !self.list_is_silent();
        let mut tally = Tally::default();
        let (mut undated, mut unsure, mut said) = (false, false, 0usize);
        for (at, held) in self.holdings() {
            match self.shown(set, dated, at, held) {
                Shown::Nothing => {}
                Shown::TooLittle(candidate) => {
                    complete = false;
                    said = said.saturating_add(usize::from(candidate.is_some()));
                    undated |= candidate.is_some_and(|candidate| candidate.date.is_none());
                    unsure |= candidate.is_some_and(|candidate| candidate.held != Tri::Yes);
                }
                Shown::Held(candidate) => tally.count(&candidate),
            }
        }
        if complete && tally.count == 0 {
            return self.stateless(set, dated);
        }
        let sure = tally.unsure < tally.count;
        if !complete && tally.inside == 0 && self.rules_out(set) {
            return if sure { Tri::No } else { self.only_if_stateless(set, tally.unsure > 0) };
        }
        if complete && sure && (tally.inside == 0 || (tally.outside == 0 && tally.unsure == 0)) {
            return (tally.inside > 0).into();
        }
        tally.undated = tally.undated.saturating_add(usize::from(undated));
        if tally.count.saturating_add(said) < 2 {
            // Alone, it is the latest whatever its date.
            tally.undated = 0;
        }
        tally.unsure = tally.unsure.saturating_add(usize::from(unsure));
        self.latest_in_world(set, dated, complete, tally)
    }

    /// Needs what is not known; where the world says it all, which holding is the latest.
    fn latest_in_world(&self, set: &CountrySet, dated: Dated, complete: bool, tally: Tally) -> Tri {
        let excluded = self.excluded_as_recent();
        let extra = self.world.extra.map(|extra| extra.without(excluded));
        let lacking = [
            (!complete && extra.is_none(), MissingFact::Citizenships),
            (tally.unsure > 0 && self.world.losses.is_none(), MissingFact::ProofOfLoss),
            (tally.undated > 0 && self.world.latest.is_none(), MissingFact::AcquisitionDates),
        ];
        let need = lacking.into_iter().filter(|(lacks, _)| *lacks).map(|(_, fact)| Tri::lacks(fact));
        if let Some(unknown) = need.reduce(Tri::join) {
            return unknown;
        }
        let unlisted = extra.filter(|_| !complete);
        if let Some(
            Extra::One(country) | Extra::Two { latest: country, .. } | Extra::Every { latest: Some(country) },
        ) = unlisted
        {
            return set.contains(country).into();
        }
        let mut latest: Option<(Option<Instant>, bool)> = None;
        for (at, held) in self.holdings() {
            // Where all that is said holds, and nothing unlisted came later, what is said too weakly counts as well.
            let as_said = unlisted.is_some_and(Extra::leaves_what_is_said);
            let candidate = match self.shown(set, dated, at, held) {
                Shown::Held(candidate) => candidate,
                Shown::TooLittle(Some(candidate)) if as_said => candidate,
                Shown::TooLittle(_) | Shown::Nothing => continue,
            };
            if candidate.held != Tri::Yes {
                continue;
            }
            if candidate.date.is_none() && self.world.latest == Some(Some(candidate.at)) {
                return candidate.in_set.into();
            }
            latest = Some(match latest {
                Some((date, in_set)) if date > candidate.date => (date, in_set),
                // Ties of dates fail closed.
                Some((date, in_set)) if date == candidate.date => (date, in_set || candidate.in_set),
                _ => (candidate.date, candidate.in_set),
            });
        }
        match (latest, extra) {
            (Some((_, in_set)), _) => in_set.into(),
            // All that was known is lost: an older one of those not known is the latest now.
            (None, Some(Extra::Every { .. })) if !complete => (!set.is_subset(excluded)).into(),
            (None, Some(Extra::Older(country))) if !complete => set.contains(country).into(),
            (None, _) => self.stateless(set, dated),
        }
    }

    /// Whether it is shown of every one of these countries that no citizenship of it is held.
    fn rules_out(&self, set: &CountrySet) -> bool {
        !set.is_empty() && set.is_subset(self.excluded_as_recent())
    }

    /// Where nobody who holds a citizenship is reached, and none is shown to be held: only somebody without any may be.
    /// That is not said here, and it counts all the same: to hold back that one is stateless must not help.
    fn only_if_stateless(&self, set: &CountrySet, unsure: bool) -> Tri {
        let extra = self.world.extra.map(|extra| extra.without(self.excluded_as_recent()));
        if extra.is_some_and(|extra| extra != Extra::No) {
            return Tri::No;
        }
        let lacking = [(extra.is_none(), MissingFact::Citizenships), (unsure, MissingFact::ProofOfLoss)];
        let need = lacking.into_iter().filter(|(lacks, _)| *lacks).map(|(_, fact)| Tri::lacks(fact));
        need.fold(self.counted_to_the_place(set), Tri::and)
    }

    /// Countries of which it is shown that the most recent nationality is of none. Where a residence is not shown, it may
    /// be one of another country, also of one whose citizenship is not held.
    fn excluded_as_recent(&self) -> &CountrySet {
        let shown = |held: &Holding| held.level >= self.min_evidence && held.level != Level::Ip;
        let mut residences = self.holdings().filter(|(_, held)| !held.citizenship);
        if residences.all(|(_, held)| shown(held)) { self.excluded() } else { &CountrySet::EMPTY }
    }

    /// What a holding shows: what counts against the person counts at any level.
    fn shown(&self, set: &CountrySet, dated: Dated, at: usize, held: &Holding) -> Shown {
        let silent = held.citizenship && self.list_is_silent();
        let early = dated.date(held).is_none_or(|from| from <= self.ask.clock.at);
        let dates_known = !self.subject().conflicting(MissingFact::AcquisitionDates);
        if silent || (dates_known && !early) {
            return Shown::Nothing;
        }
        if !self.is_heard(held) {
            return Shown::TooLittle(None);
        }
        let in_set = set.contains(held.country);
        let proven = held.level >= self.min_evidence;
        let ahead = held.dates_of_acquisition().any(|date| date > self.ask.clock.at);
        if !dates_known && ahead && !in_set {
            // Whether it is held yet is not known; that it is would help the person.
            return Shown::TooLittle(None);
        }
        let lost = self.lost(at, held);
        if lost == Tri::Yes {
            return Shown::Nothing;
        }
        // An early date of a holding in the set helps the person, so it needs the level.
        let date = dated.date(held).filter(|_| dates_known && (proven || !in_set));
        let candidate = Candidate { at, in_set, date, held: lost.not() };
        if proven || in_set { Shown::Held(candidate) } else { Shown::TooLittle(Some(candidate)) }
    }

    /// Whether what is said, taken as it is said, puts the most recent nationality into the set whatever the rest.
    fn said_recent(&self, set: &CountrySet, dated: Dated) -> Tri {
        if self.list_is_silent() || !self.list_is_said_complete() {
            return Tri::No;
        }
        let dates_known = !self.subject().conflicting(MissingFact::AcquisitionDates);
        let losses_known = !self.subject().conflicting(MissingFact::ProofOfLoss);
        let mut latest: Option<(Option<Instant>, bool)> = None;
        let (mut undated_outside, mut any) = (false, false);
        for (_, held) in self.holdings().filter(|(_, held)| held.level != Level::Ip) {
            let date = dated.date(held).filter(|_| dates_known);
            if date.is_some_and(|from| from > self.ask.clock.at) {
                continue;
            }
            let in_set = set.contains(held.country);
            if self.said_lost(held) {
                if losses_known {
                    continue;
                }
                // Whether it was lost is not known: it may be the latest.
                undated_outside |= !in_set;
                continue;
            }
            any = true;
            match date {
                None => {
                    undated_outside |= !in_set;
                    latest = latest.or(Some((None, in_set)));
                }
                Some(_) => {
                    latest = Some(match latest {
                        Some((when @ Some(_), inside)) if when > date => (when, inside),
                        Some((when, inside)) if when == date => (when, inside || in_set),
                        _ => (date, in_set),
                    });
                }
            }
        }
        if undated_outside {
            return Tri::No;
        }
        if any { latest.is_some_and(|(_, in_set)| in_set).into() } else { self.stateless(set, dated) }
    }

    /// Somebody with neither citizenship nor residency: counted to the country lived in, or to none. Where that is
    /// merely possible, because the list is not known, the question does not arise.
    fn stateless(&self, set: &CountrySet, dated: Dated) -> Tri {
        let open = self.choices().get(Question::StatelessCountry).is_none();
        if self.is_said_to_hold_something(dated) || (open && !self.is_said_to_hold_nothing(dated)) {
            return Tri::No;
        }
        self.counted_to_the_place(set)
    }

    /// Somebody without any nationality counts to the country lived in, or to none.
    fn counted_to_the_place(&self, set: &CountrySet) -> Tri {
        self.either(Question::StatelessCountry, |option| match option {
            "residence" => self.adversely_located(|place| set.contains(place)),
            _ => Tri::No,
        })
    }
}

impl View<'_> {
    /// Whether it is said that there is neither citizenship nor residency.
    fn is_said_to_hold_nothing(&self, dated: Dated) -> bool {
        !self.list_is_silent() && self.list_is_said_complete() && !self.is_said_to_hold_something(dated)
    }

    /// Whether some citizenship or residency is said to be held now.
    fn is_said_to_hold_something(&self, dated: Dated) -> bool {
        self.holdings().any(|(_, held)| {
            let acquired = dated.date(held).is_none_or(|from| from <= self.ask.clock.at);
            let silent = held.citizenship && self.list_is_silent();
            !silent && held.level != Level::Ip && acquired && !self.said_lost(held)
        })
    }
}

/// What a holding shows about the most recent nationality.
enum Shown {
    /// Nothing: not held now.
    Nothing,
    /// Too little to count for the person: what is said, unless nothing is.
    TooLittle(Option<Candidate>),
    /// It may be the latest.
    Held(Candidate),
}
