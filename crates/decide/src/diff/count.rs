//! Who on file changes, counted.

use crate::ask::Ask;
use crate::engine::outcome;
use crate::subject::Subject;
use crate::verdict::Outcome;
use law::Regime;
use std::collections::BTreeMap;
use terms::{ClockReading, Country, ModelId, PersonFacts, Request, UsStatus};

/// Pairs of outcomes, under the first regime and under the second, counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Matrix([[u64; 4]; 4]);

impl Matrix {
    fn add(&mut self, from: Outcome, to: Outcome) {
        let slot = self.0.get_mut(from as usize).and_then(|row| row.get_mut(to as usize));
        slot.into_iter().for_each(|slot| *slot = slot.saturating_add(1));
    }

    /// How many have one outcome under the first regime and another under the second.
    pub fn of(&self, from: Outcome, to: Outcome) -> u64 {
        self.0.get(from as usize).and_then(|row| row.get(to as usize)).copied().unwrap_or(0)
    }

    /// Every pair of outcomes that differ and that somebody has, with how many do.
    pub fn changes(&self) -> impl Iterator<Item = (Outcome, Outcome, u64)> + '_ {
        let pairs = Outcome::ALL.into_iter().flat_map(|from| Outcome::ALL.map(|to| (from, to)));
        pairs
            .filter(|(from, to)| from != to)
            .map(|(from, to)| (from, to, self.of(from, to)))
            .filter(|(_, _, count)| *count > 0)
    }
}

/// Changes for one model.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModelCounts {
    /// The model.
    pub model: ModelId,
    /// Everyone.
    pub all: Matrix,
    /// By status under US law, as it is said.
    pub by_status: BTreeMap<&'static str, Matrix>,
    /// Those who change, by current citizenship; who holds several is counted under each.
    pub by_nationality: BTreeMap<&'static str, Matrix>,
}

/// Changes over a population.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// People.
    pub people: u64,
    /// Per model of both catalogues.
    pub models: Vec<ModelCounts>,
}

/// Counts changes as people are added.
pub struct Counter<'a> {
    regimes: [&'a Regime; 2],
    /// Per model: its position in either catalogue.
    models: Vec<[usize; 2]>,
    clock: ClockReading,
    request: Request,
    statuses: Vec<[Matrix; STATUSES]>,
    counts: Counts,
}

/// Statuses, one that may be several, and not known.
const STATUSES: usize = UsStatus::KNOWN.len().wrapping_add(2);

impl<'a> Counter<'a> {
    /// Begins to count, for models of both catalogues at one reading of the clock. `request` says what for; its model
    /// is not looked at.
    pub fn new(
        a: &'a Regime,
        b: &'a Regime,
        models: &[ModelId],
        clock: ClockReading,
        request: Request,
    ) -> Self {
        let mut counter = Self {
            regimes: [a, b],
            models: Vec::new(),
            clock,
            request,
            statuses: Vec::new(),
            counts: Counts::default(),
        };
        for model in models {
            let Some((in_a, in_b)) = a.model(model.as_str()).zip(b.model(model.as_str())) else { continue };
            counter.models.push([in_a, in_b]);
            counter.statuses.push([Matrix::default(); STATUSES]);
            counter.counts.models.push(ModelCounts {
                model: model.clone(),
                all: Matrix::default(),
                by_status: BTreeMap::new(),
                by_nationality: BTreeMap::new(),
            });
        }
        counter
    }

    /// Decides for one person, for every model under both regimes.
    pub fn add(&mut self, facts: &PersonFacts) {
        let [a, b] = self.regimes;
        let subjects = [Subject::new(a, facts, self.clock.at), Subject::new(b, facts, self.clock.at)];
        self.add_subjects(facts, &subjects);
    }

    /// The same for a person made ready for both regimes.
    pub fn add_subjects(&mut self, facts: &PersonFacts, subjects: &[Subject; 2]) {
        self.counts.people = self.counts.people.saturating_add(1);
        let [a, b] = self.regimes;
        let [in_a, in_b] = subjects;
        let (clock, request) = (self.clock, self.request);
        let status = facts.us_status.value as usize;
        let decide = |regime: &Regime, subject: &Subject, model: usize| {
            outcome(&Ask { regime, subject, request: Request { model, ..request }, clock }).0
        };
        let rows = self.models.iter().zip(&mut self.statuses).zip(&mut self.counts.models);
        for (([model_a, model_b], statuses), counts) in rows {
            let (from, to) = (decide(a, in_a, *model_a), decide(b, in_b, *model_b));
            statuses.get_mut(status).into_iter().for_each(|matrix| matrix.add(from, to));
            if from != to {
                for country in held(facts, clock) {
                    counts.by_nationality.entry(country.code()).or_default().add(from, to);
                }
            }
        }
    }

    /// The counts so far.
    pub fn finish(mut self) -> Counts {
        for (statuses, counts) in self.statuses.iter().zip(&mut self.counts.models) {
            for status in UsStatus::KNOWN.into_iter().chain([UsStatus::UsPerson, UsStatus::Unknown]) {
                let Some(matrix) = statuses.get(status as usize) else { continue };
                for from in Outcome::ALL {
                    for to in Outcome::ALL {
                        let slot =
                            counts.all.0.get_mut(from as usize).and_then(|row| row.get_mut(to as usize));
                        slot.into_iter().for_each(|sum| *sum = sum.saturating_add(matrix.of(from, to)));
                    }
                }
                if *matrix != Matrix::default() {
                    counts.by_status.insert(status.word(), *matrix);
                }
            }
        }
        self.counts
    }
}

/// Countries of current citizenships, each once.
fn held(facts: &PersonFacts, clock: ClockReading) -> impl Iterator<Item = Country> + use<> {
    let current = facts.citizenships.iter().filter(|held| held.until.is_none_or(|until| until > clock.at));
    let countries: std::collections::BTreeSet<Country> = current.map(|held| held.country).collect();
    countries.into_iter()
}

/// Counts, over a population, who has another outcome under the second regime than under the first. Models that are
/// not in both catalogues are left out.
pub fn count_changes<'p>(
    a: &Regime,
    b: &Regime,
    people: impl IntoIterator<Item = &'p PersonFacts>,
    models: &[ModelId],
    clock: ClockReading,
    request: Request,
) -> Counts {
    let mut counter = Counter::new(a, b, models, clock, request);
    people.into_iter().for_each(|facts| counter.add(facts));
    counter.finish()
}
