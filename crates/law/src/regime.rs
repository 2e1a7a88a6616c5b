//! A regime: all instruments on file, in the form the engine reads.

use crate::grants::Grants;
use crate::instrument::{Class, Destinations, Form, NationalityRule};
use crate::names::Names;
use crate::plan::{Named, NamedFirms, Plan};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;
use terms::{
    Choices, ClockReading, Country, CountrySet, Instant, InstrumentId, Level, ModelId, PersonId, Question,
    Relation, Share, Window, employer_key,
};

/// A small set of enum values, one bit per discriminant; `ALL` for "not limited".
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
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
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
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

/// The terms under which a relief holds; every `Some` must hold. Firms and persons are numbers of the regime's names,
/// sorted.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Terms {
    /// End uses, by discriminant.
    pub end_use: Option<Mask>,
    /// Firms.
    pub firms: Option<Box<[u32]>>,
    /// Relations, by discriminant.
    pub relations: Option<Mask>,
    /// Every current citizenship must be one of these.
    pub all_nationalities_in: Option<CountrySet>,
    /// No current citizenship may be one of these.
    pub no_nationality_of: Option<CountrySet>,
    /// The person must be in one of these.
    pub located_in: Option<CountrySet>,
    /// The person must be a permanent resident of one of these.
    pub resident_of: Option<CountrySet>,
}

/// What a relief is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReliefKind {
    /// An exception of the directive.
    Exception,
    /// A licence that names the directive.
    Licence,
    /// A court order that suspends the directive.
    Stay,
}

/// An exception or stay, as one directive sees it.
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
    /// For a stay: the persons and firms it is for, either of which suffices.
    pub parties: Option<Parties>,
}

/// The parties a stay names.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Parties {
    /// Firms, by number, sorted.
    pub firms: Box<[u32]>,
    /// Persons, by number, sorted.
    pub persons: Box<[u32]>,
}

/// A set of countries as the text names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NamedCountries {
    /// Where China does not include Hong Kong.
    pub without_hong_kong: CountrySet,
    /// Where it does.
    pub with_hong_kong: CountrySet,
    /// Whether the text leaves that open.
    pub hong_kong_open: bool,
}

/// The persons limb, compiled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    /// Which class.
    pub class: Class,
    /// Its countries.
    pub countries: NamedCountries,
    /// Which nationality counts.
    pub nationality: NationalityRule,
    /// Whether the nationality limb spares whoever is not a foreign person.
    pub only_foreign_persons: bool,
    /// Whether only citizens, nationals and protected individuals are spared.
    pub citizens_and_protected_only: bool,
    /// Threshold of listed ownership.
    pub ownership: Option<Share>,
    /// Firms of `employed_by`, by number, sorted.
    pub firms: Box<[u32]>,
}

/// Why a directive on file is not enforced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dormant {
    /// It is a bill.
    Bill,
    /// It is addressed to somebody else, and no choice to enforce it is recorded.
    AddressedElsewhere,
}

/// A directive, compiled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Its id.
    pub id: InstrumentId,
    /// For people.
    pub title: String,
    /// Legal form.
    pub form: Form,
    /// The issuing state.
    pub state: Country,
    /// The issuing office.
    pub issuer: String,
    /// The provisions it cites, as ids of the authority table.
    pub authority: Vec<String>,
    /// What may be shown to a refused caller.
    pub public_reference: Option<String>,
    /// When it was issued.
    pub issued_at: Instant,
    /// When it binds, liftings included; from the earlier of two instants where the local time is ambiguous.
    pub window: Window,
    /// The lifting that ends it, where that comes before its own end.
    pub lifted_by: Option<InstrumentId>,
    /// The two instants an ambiguous local time may mean: first, second.
    pub fold: Option<[Instant; 2]>,
    /// Why it is not enforced, if it is not.
    pub dormant: Option<Dormant>,
    /// Models it reaches.
    pub models: ModelSet,
    /// Activities, by discriminant.
    pub activities: Mask,
    /// End uses, by discriminant; `None` = all.
    pub end_uses: Option<Mask>,
    /// Persons limb.
    pub scope: Scope,
    /// Destinations limb.
    pub destinations: Destinations,
    /// Whether only access from elsewhere than the serving place is covered.
    pub remote_access: bool,
    /// Whether hosted use is covered only if it is an export.
    pub hosted_if_export: bool,
    /// Level a favourable fact about the person needs.
    pub min_evidence: Level,
    /// Level a favourable place needs.
    pub min_location_evidence: Level,
    /// Exceptions and stays.
    pub reliefs: Vec<Relief>,
    /// Whether a cited provision lists countries and not all of the scope.
    pub scope_exceeds_citation: bool,
    /// Questions the directive, its exceptions and its stays can raise.
    pub questions: Box<[Question]>,
}

impl Rule {
    /// Whether the directive is enforced inside its window.
    pub const fn enforced(&self) -> bool {
        self.dormant.is_none()
    }

    /// Whether it binds under one answer to an ambiguous local time (0 = first, 1 = second).
    pub fn binds_under(&self, clock: ClockReading, fold: usize) -> bool {
        let from = self.fold.and_then(|fold_at| fold_at.get(fold).copied()).unwrap_or(self.window.from);
        Window { from, until: self.window.until }.binds(clock)
    }

    /// The start that a stream is compared with: that of the recorded reading of an ambiguous local time, or the
    /// latest that already binds.
    pub fn binding_start(&self, clock: ClockReading, choices: Choices) -> Instant {
        let chosen = choices.get(Question::LocalTimeFold).map(usize::from);
        if let Some(from) = chosen.zip(self.fold).and_then(|(choice, fold)| fold.get(choice).copied()) {
            return from;
        }
        let starts = self.fold.into_iter().flatten().filter(|from| clock.latest() >= *from);
        starts.max().unwrap_or(self.window.from)
    }

    /// The latest instant its start may mean.
    pub fn latest_start(&self) -> Instant {
        self.fold.map_or(self.window.from, |[first, second]| first.max(second))
    }
}

/// All instruments on file, compiled for one catalogue and one set of recorded readings.
#[derive(Clone, Debug)]
pub struct Regime {
    pub(crate) models: Vec<ModelId>,
    pub(crate) index: HashMap<ModelId, usize>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) plans: Vec<Plan>,
    /// Per model: its plan.
    pub(crate) plan_of: Vec<u32>,
    pub(crate) named_firms: NamedFirms,
    pub(crate) grants: Arc<Grants>,
    pub(crate) firms: Arc<Names>,
    pub(crate) persons: Arc<Names>,
    pub(crate) edges: Vec<Instant>,
    pub(crate) places: Vec<Country>,
    pub(crate) choices: Choices,
    pub(crate) min_location_evidence: Level,
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

    /// The plan of a model.
    pub fn plan(&self, model: usize) -> Option<&Plan> {
        self.plan_of.get(model).and_then(|plan| self.plans.get(usize::try_from(*plan).ok()?))
    }

    /// Where the directives that name a firm stand: see [`Self::named`].
    pub fn naming(&self, firm: u32) -> Range<u32> {
        self.named_firms.of_firm(firm)
    }

    /// Directives that name a firm, by where they stand, in order of plan and bit.
    #[inline]
    pub fn named(&self, range: [u32; 2]) -> &[Named] {
        self.named_firms.get(range)
    }

    /// Which plan a model has.
    #[inline]
    pub fn plan_number(&self, model: usize) -> u32 {
        self.plan_of.get(model).copied().unwrap_or(u32::MAX)
    }

    /// Directives that can reach a model, with their positions, in force or not.
    pub fn rules_for(&self, model: usize) -> impl Iterator<Item = (usize, &Rule)> {
        let positions = self.plan(model).map(Plan::positions).unwrap_or_default();
        positions.iter().filter_map(|position| {
            let position = usize::try_from(*position).ok()?;
            Some((position, self.rules.get(position)?))
        })
    }

    /// Licences, by whom they cover.
    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    /// The number of a firm that some instrument names.
    pub fn firm(&self, name: &str) -> Option<u32> {
        self.firms.find(&employer_key(name))
    }

    /// The number of a person whom some instrument names.
    pub fn person(&self, id: &PersonId) -> Option<u32> {
        self.persons.find(id.as_str())
    }

    /// Firms that some instrument names, in compared form.
    pub fn firms(&self) -> &Names {
        &self.firms
    }

    /// Persons whom some instrument names.
    pub fn persons(&self) -> &Names {
        &self.persons
    }

    /// Whether an enforced directive can reach the model and has not ended for certain (in force or announced).
    pub fn restricts(&self, model: usize, clock: ClockReading) -> bool {
        self.rules_for(model).any(|(_, rule)| {
            rule.enforced() && rule.window.until.is_none_or(|until| clock.earliest() < until)
        })
    }

    /// The first instant after the reading at which a directive, exception or stay opens or closes; `Instant::MAX`
    /// when none will. Licences are the subject's own matter: see [`Grants`].
    pub fn next_change(&self, clock: ClockReading) -> Instant {
        next_edge(self.edges.iter().copied(), clock)
    }

    /// One country for each way the regime's places tell countries apart.
    pub fn places(&self) -> &[Country] {
        &self.places
    }

    /// The recorded readings.
    pub fn choices(&self) -> Choices {
        self.choices
    }

    /// Level a favourable place needs.
    pub fn min_location_evidence(&self) -> Level {
        self.min_location_evidence
    }

    /// SHA-256 over everything a verdict depends on but the facts and the clock.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Questions that some directive or relief can raise and that no reading answers.
    pub fn open_questions(&self) -> Vec<Question> {
        let mut open: BTreeSet<Question> = self
            .rules
            .iter()
            .filter(|rule| rule.enforced())
            .flat_map(|rule| rule.questions.iter().copied())
            .collect();
        if self.grants.speaks_of_employees() {
            open.insert(Question::EmployeeMeans);
        }
        open.into_iter().filter(|question| self.choices.get(*question).is_none()).collect()
    }
}

/// The first moment after the reading at which one of the edges is passed, on either side of the clock's uncertainty.
pub fn next_edge(edges: impl Iterator<Item = Instant>, clock: ClockReading) -> Instant {
    let u = clock.uncertainty_us;
    edges
        .flat_map(|edge| [edge.plus_micros(u.saturating_neg()), edge.plus_micros(u)])
        .filter(|moment| *moment > clock.at)
        .min()
        .unwrap_or(Instant::MAX)
}

impl Terms {
    /// Whether the question "does employee include contractors" can arise.
    pub fn speaks_of_employees(&self) -> bool {
        self.relations
            .is_some_and(|mask| mask.has(Relation::Employee as u8) && !mask.has(Relation::Contractor as u8))
    }

    /// Every set of countries it speaks of.
    pub fn countries(&self) -> impl Iterator<Item = CountrySet> {
        [self.all_nationalities_in, self.no_nationality_of, self.located_in, self.resident_of]
            .into_iter()
            .flatten()
    }

    /// Whether nothing has to hold.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
