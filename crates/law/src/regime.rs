//! A regime: all instruments in force at an instant, in the form the engine reads.

use std::collections::{BTreeSet, HashMap};
use terms::{
    Choices, ClockReading, Country, CountrySet, Instant, InstrumentId, Level, ModelId, PersonId, Question,
    Window,
};

/// A small set of enum values, one bit per discriminant; `ALL` for "not limited".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mask(pub u8);

impl Mask {
    /// Not limited.
    pub const ALL: Self = Self(u8::MAX);

    /// From discriminants below 8.
    pub fn of(values: impl IntoIterator<Item = u8>) -> Self {
        Self(values.into_iter().fold(0, |mask, value| mask | 1u8.checked_shl(u32::from(value)).unwrap_or(0)))
    }

    /// Whether the discriminant is in the set.
    pub fn has(self, value: u8) -> bool {
        self.0 & 1u8.checked_shl(u32::from(value)).unwrap_or(0) != 0
    }
}

/// Models by their position in the catalogue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ModelSet {
    /// Every model, also ones not in the catalogue yet.
    All,
    /// These.
    Some(BTreeSet<usize>),
}

impl ModelSet {
    /// Whether the model is in the set.
    pub fn has(&self, model: usize) -> bool {
        match self {
            Self::All => true,
            Self::Some(set) => set.contains(&model),
        }
    }
}

/// Whom a licence covers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// The holder's name in compared form.
    pub key: String,
    /// Persons named.
    pub persons: Option<BTreeSet<PersonId>>,
    /// Whether the holder's employees are covered.
    pub employees: bool,
}

/// The terms under which a relief holds; every `Some` must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    /// End uses, by discriminant.
    pub end_use: Option<Mask>,
    /// Employers in compared form.
    pub employers: Option<BTreeSet<String>>,
    /// Relations, by discriminant.
    pub relations: Option<Mask>,
    /// Every current citizenship must be one of these.
    pub all_nationalities_in: Option<CountrySet>,
    /// No current citizenship may be one of these.
    pub no_nationality_of: Option<CountrySet>,
    /// The person must be in one of these.
    pub located_in: Option<CountrySet>,
    /// Whom a licence covers.
    pub holder: Option<Holder>,
}

/// What a relief is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReliefKind {
    /// An exception of the directive.
    Exception,
    /// A licence that names the directive.
    Licence,
}

/// An exception or licence, as one directive sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Relief {
    /// Its id; never shown to callers.
    pub id: InstrumentId,
    /// What it is.
    pub kind: ReliefKind,
    /// Its window.
    pub window: Window,
    /// Its models.
    pub models: ModelSet,
    /// Its terms.
    pub terms: Terms,
}

/// A directive, compiled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Its id.
    pub id: InstrumentId,
    /// What may be shown to a refused caller.
    pub public_reference: Option<String>,
    /// When it was issued.
    pub issued_at: Instant,
    /// When it binds, liftings included.
    pub window: Window,
    /// Whether it is enforced at all.
    pub enacted: bool,
    /// Models it reaches.
    pub models: ModelSet,
    /// Activities, by discriminant.
    pub activities: Mask,
    /// End uses, by discriminant; `None` = all.
    pub end_uses: Option<Mask>,
    /// Persons limb.
    pub class: crate::Class,
    /// Countries of `located_in`.
    pub countries: CountrySet,
    /// Whether only citizens, nationals and protected individuals are spared.
    pub citizens_and_protected_only: bool,
    /// Destinations limb.
    pub destinations: crate::Destinations,
    /// Level a favourable fact about the person needs.
    pub min_evidence: Level,
    /// Level a favourable place needs.
    pub min_location_evidence: Level,
    /// What takes people out.
    pub reliefs: Vec<Relief>,
    /// Whether a cited provision lists countries and not all of the scope.
    pub scope_exceeds_citation: bool,
}

/// All instruments in force, compiled for one catalogue and one set of recorded readings.
#[derive(Clone, Debug)]
pub struct Regime {
    pub(crate) models: Vec<ModelId>,
    pub(crate) index: HashMap<ModelId, usize>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) by_model: Vec<Vec<usize>>,
    pub(crate) edges: Vec<Instant>,
    pub(crate) places: Vec<Country>,
    pub(crate) choices: Choices,
    pub(crate) digest: [u8; 32],
}

impl Regime {
    /// Position of a model in the catalogue.
    pub fn model(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }

    /// The catalogue's models, in order of position.
    pub fn models(&self) -> &[ModelId] {
        &self.models
    }

    /// Every directive.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// One directive by its position.
    pub fn rule(&self, position: usize) -> Option<&Rule> {
        self.rules.get(position)
    }

    /// Directives that can reach a model, with their positions, in force or not.
    pub fn rules_for(&self, model: usize) -> impl Iterator<Item = (usize, &Rule)> {
        let positions = self.by_model.get(model).map(Vec::as_slice).unwrap_or_default();
        positions.iter().filter_map(|position| Some((*position, self.rules.get(*position)?)))
    }

    /// Whether an enacted directive can reach the model and has not ended for certain (in force or announced).
    pub fn restricts(&self, model: usize, clock: ClockReading) -> bool {
        self.rules_for(model)
            .any(|(_, rule)| rule.enacted && rule.window.until.is_none_or(|until| clock.earliest() < until))
    }

    /// The first instant after the reading at which a verdict may change because a window opens or closes;
    /// `Instant::MAX` when none will.
    pub fn next_change(&self, clock: ClockReading) -> Instant {
        let u = clock.uncertainty_us;
        self.edges
            .iter()
            .flat_map(|edge| [edge.plus_micros(u.saturating_neg()), edge.plus_micros(u)])
            .filter(|moment| *moment > clock.at)
            .min()
            .unwrap_or(Instant::MAX)
    }

    /// One country for each way the regime's places tell countries apart.
    pub fn places(&self) -> &[Country] {
        &self.places
    }

    /// The recorded readings.
    pub fn choices(&self) -> Choices {
        self.choices
    }

    /// SHA-256 over everything a verdict depends on but the facts and the clock.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Questions that some directive or relief can raise and that no reading answers.
    pub fn open_questions(&self) -> Vec<Question> {
        let mut open = BTreeSet::new();
        for rule in self.rules.iter().filter(|rule| rule.enacted) {
            if rule.destinations == crate::Destinations::Unspecified {
                open.insert(Question::DestinationLimb);
            }
            if rule.reliefs.iter().any(|relief| relief.terms.speaks_of_employees()) {
                open.insert(Question::EmployeeMeans);
            }
        }
        open.into_iter().filter(|question| self.choices.get(*question).is_none()).collect()
    }
}

impl Terms {
    /// Whether the question "does employee include contractors" can arise.
    pub fn speaks_of_employees(&self) -> bool {
        let employee = terms::Relation::Employee as u8;
        let contractor = terms::Relation::Contractor as u8;
        self.relations.is_some_and(|mask| mask.has(employee) && !mask.has(contractor))
            || self.holder.as_ref().is_some_and(|holder| holder.employees)
    }
}
