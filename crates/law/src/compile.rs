//! From a shelf, a catalogue and the operator's thresholds to a regime.

use crate::approval::questions_of;
use crate::book::{Book, sha256};
use crate::grants::Builder;
use crate::instrument::{Condition, Directive, Exception, Exempt, Lifting, Model, Start, Status, Stay};
use crate::plan::{NamedFirms, Plan};
use crate::regime::{
    Dormant, Mask, ModelSet, NamedCountries, Parties, Regime, Relief, ReliefKind, Rule, Scope, Terms,
};
use crate::shelf::{Shelf, end_uses, optional};
use crate::{authority, groups};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use terms::{
    Capability, Choices, Country, CountrySet, Instant, InstrumentId, Level, ModelId, Question, Window,
    employer_key, limits,
};

/// What the operator decided, besides the law.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Level a favourable fact about the person needs.
    pub min_evidence: Level,
    /// Level a favourable place needs.
    pub min_location_evidence: Level,
    /// Recorded readings.
    pub choices: Choices,
    /// The operator's own name, as directives address it; `None` = every directive is taken as addressed here.
    pub operator: Option<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            min_evidence: Level::Document,
            min_location_evidence: Level::Employer,
            choices: Choices::default(),
            operator: None,
        }
    }
}

/// A model of the catalogue, as far as the law looks at it.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct ListedModel {
    /// As callers name it.
    pub id: ModelId,
    /// What it can do.
    pub capabilities: Vec<Capability>,
}

impl From<ModelId> for ListedModel {
    fn from(id: ModelId) -> Self {
        Self { id, capabilities: Vec::new() }
    }
}

impl From<&Model> for ListedModel {
    fn from(model: &Model) -> Self {
        Self { id: model.id.clone(), capabilities: model.capabilities.clone() }
    }
}

/// A book that cannot be compiled. `lint` finds the same faults with their place in the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// A country or group is not known.
    #[error("{instrument}: unknown country or country group `{name}`")]
    UnknownCountry {
        /// Where.
        instrument: InstrumentId,
        /// What.
        name: String,
    },
    /// A window holds no instant.
    #[error("{0}: its window ends before it begins")]
    EmptyWindow(InstrumentId),
    /// Two instruments share an id.
    #[error("two instruments have the id {0}")]
    DuplicateId(InstrumentId),
    /// A relief or lifting names a directive that is not there.
    #[error("{instrument} names the directive {directive}, which is not in force or announced")]
    UnknownDirective {
        /// Where.
        instrument: InstrumentId,
        /// What.
        directive: InstrumentId,
    },
    /// There are more instruments or models than the bounds allow.
    #[error("{what}: {count} is more than the limit of {limit}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        count: usize,
        /// The bound.
        limit: usize,
    },
}

impl Regime {
    /// Compiles a book. `models` is the catalogue in order of position.
    pub fn compile(book: &Book, models: &[ListedModel], policy: &Policy) -> Result<Self, CompileError> {
        Self::from_shelf(&mut Shelf::of(book)?, models, policy)
    }

    /// Compiles what is on a shelf; firms that directives name are numbered on it.
    pub fn from_shelf(
        shelf: &mut Shelf,
        models: &[ListedModel],
        policy: &Policy,
    ) -> Result<Self, CompileError> {
        shelf.check_bounds(models.len())?;
        let index: HashMap<ModelId, usize> = models.iter().map(|model| model.id.clone()).zip(0..).collect();
        let known: HashMap<InstrumentId, u32> =
            shelf.directives.iter().map(|directive| directive.id.clone()).zip(0..).collect();
        check_references(shelf, &known)?;
        let rules = compile_rules(shelf, &index, models, policy)?;
        let (mut plans, plan_of) = plans(&rules, models.len(), &policy.choices)?;
        let model_lists: Vec<Option<Box<[usize]>>> =
            shelf.model_lists.values.iter().map(|names| model_list(&index, names)).collect();
        let lists = lists(shelf, &known)?;
        let grants =
            Builder { shelf, lists, models: &model_lists, plan_of: &plan_of, plans: &mut plans }.build();
        Ok(Self {
            named_firms: NamedFirms::of(&rules, &plans, shelf.firms.len()),
            edges: edges(&rules),
            places: places(&rules, grants.all_terms()),
            digest: digest(shelf, models, policy),
            models: models.iter().map(|model| model.id.clone()).collect(),
            index,
            rules,
            plans,
            plan_of,
            grants: Arc::new(grants),
            firms: Arc::clone(&shelf.firms),
            persons: Arc::clone(&shelf.persons),
            choices: policy.choices,
            min_location_evidence: policy.min_location_evidence,
        })
    }
}

fn digest(shelf: &Shelf, models: &[ListedModel], policy: &Policy) -> [u8; 32] {
    let words: Vec<Option<&str>> =
        Question::ALL.into_iter().map(|question| policy.choices.word(question)).collect();
    sha256(
        "douane/regime/v2",
        &(
            shelf.digest(),
            models,
            policy.min_evidence,
            policy.min_location_evidence,
            policy.operator.as_deref().map(employer_key),
            words,
        ),
    )
}

/// Every directive an exception, lifting, stay or adoption names must be there; licences are checked by list.
fn check_references(shelf: &Shelf, known: &HashMap<InstrumentId, u32>) -> Result<(), CompileError> {
    let named = (shelf.exceptions.iter().map(|e| (&e.id, &e.directive)))
        .chain(shelf.liftings.iter().flat_map(|l| l.directives.iter().map(move |d| (&l.id, d))))
        .chain(shelf.stays.iter().flat_map(|s| s.directives.iter().map(move |d| (&s.id, d))))
        .chain(shelf.adopted.iter().map(|id| (id, id)));
    for (instrument, directive) in named {
        if !known.contains_key(directive) {
            let (instrument, directive) = (instrument.clone(), directive.clone());
            return Err(CompileError::UnknownDirective { instrument, directive });
        }
    }
    Ok(())
}

/// Positions of the directives of each list of the shelf, sorted.
fn lists(shelf: &Shelf, known: &HashMap<InstrumentId, u32>) -> Result<Vec<Box<[u32]>>, CompileError> {
    let resolve = |(number, list): (u32, &Arc<[InstrumentId]>)| {
        let mut positions = Vec::with_capacity(list.len());
        for directive in list.iter() {
            let Some(position) = known.get(directive) else {
                let licence = licence_with_list(shelf, number);
                let instrument = licence.unwrap_or_else(|| directive.clone());
                return Err(CompileError::UnknownDirective { instrument, directive: directive.clone() });
            };
            positions.push(*position);
        }
        positions.sort_unstable();
        positions.dedup();
        Ok(positions.into_boxed_slice())
    };
    (0u32..).zip(&shelf.lists.values).map(resolve).collect()
}

/// The first licence that lifts a list of directives.
fn licence_with_list(shelf: &Shelf, list: u32) -> Option<InstrumentId> {
    let kind = |number: u32| usize::try_from(number).ok().and_then(|at| shelf.kinds.values.get(at));
    let mut grants = (0u32..).zip(&shelf.grants);
    let (number, _) = grants.find(|(_, grant)| kind(grant.kind).is_some_and(|kind| kind.lifts == list))?;
    InstrumentId::parse(&shelf.licence_ids.get(number)?).ok()
}

fn model_list(index: &HashMap<ModelId, usize>, names: &[String]) -> Option<Box<[usize]>> {
    match model_set(index, names) {
        ModelSet::All => None,
        ModelSet::Some(set) => Some(set.into_iter().collect()),
    }
}

fn model_set(index: &HashMap<ModelId, usize>, names: &[String]) -> ModelSet {
    if names.iter().any(|name| name == "*") {
        return ModelSet::All;
    }
    ModelSet::Some(names.iter().filter_map(|name| index.get(name.as_str()).copied()).collect())
}

/// One plan for all models that the same directives reach; and which plan each model has.
fn plans(rules: &[Rule], models: usize, choices: &Choices) -> Result<(Vec<Plan>, Vec<u32>), CompileError> {
    let mut by_model: Vec<Vec<u32>> = vec![Vec::new(); models];
    for (position, rule) in (0u32..).zip(rules) {
        match &rule.models {
            ModelSet::All => by_model.iter_mut().for_each(|positions| positions.push(position)),
            ModelSet::Some(set) => {
                for model in set {
                    by_model.get_mut(*model).into_iter().for_each(|positions| positions.push(position));
                }
            }
        }
    }
    let mut plans: Vec<Plan> = Vec::new();
    let mut known: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
    let mut plan_of = Vec::with_capacity(models);
    for positions in by_model {
        let count = positions.len();
        if count > limits::DIRECTIVES_PER_MODEL {
            return Err(CompileError::TooMany {
                what: "directives on one model",
                count,
                limit: limits::DIRECTIVES_PER_MODEL,
            });
        }
        let plan = match known.get(&positions) {
            Some(plan) => *plan,
            None => {
                let next = u32::try_from(plans.len()).unwrap_or(u32::MAX);
                plans.push(Plan::build(rules, positions.clone(), choices));
                known.insert(positions, next);
                next
            }
        };
        plan_of.push(plan);
    }
    Ok((plans, plan_of))
}

/// Every instant at which the window of a directive, exception or stay opens or closes.
fn edges(rules: &[Rule]) -> Vec<Instant> {
    let windows = rules.iter().filter(|rule| rule.enforced()).flat_map(|rule| {
        let fold = rule.fold.into_iter().flatten().map(|from| Window { from, until: None });
        std::iter::once(rule.window).chain(fold).chain(rule.reliefs.iter().map(|relief| relief.window))
    });
    let edges: BTreeSet<Instant> = windows
        .flat_map(|window| [Some(window.from), window.until])
        .flatten()
        .filter(|edge| *edge != Instant::MIN)
        .collect();
    edges.into_iter().collect()
}

/// One country per signature: which of the regime's sets of countries it belongs to.
pub(crate) fn places(rules: &[Rule], licences: &[Terms]) -> Vec<Country> {
    let of_rules = rules.iter().flat_map(|rule| {
        let named = &rule.scope.countries;
        let reliefs = rule.reliefs.iter().flat_map(|relief| relief.terms.countries());
        [named.with_hong_kong, named.without_hong_kong].into_iter().chain(reliefs)
    });
    let sets: BTreeSet<CountrySet> = of_rules.chain(licences.iter().flat_map(Terms::countries)).collect();
    let mut seen: BTreeSet<Vec<bool>> = BTreeSet::new();
    // A territory of the United States is that country as a place and no nationality: it represents nothing.
    Country::all()
        .filter(|country| country.as_place() == *country)
        .filter(|country| {
            let is_us = *country == Country::US;
            let signature = std::iter::once(is_us).chain(sets.iter().map(|set| set.contains(*country)));
            seen.insert(signature.collect())
        })
        .collect()
}

fn compile_rules(
    shelf: &mut Shelf,
    index: &HashMap<ModelId, usize>,
    models: &[ListedModel],
    policy: &Policy,
) -> Result<Vec<Rule>, CompileError> {
    let directives = std::mem::take(&mut shelf.directives);
    let mut compiler = Compiler { shelf, index, models, policy };
    let rules = directives.iter().map(|directive| compiler.rule(directive)).collect();
    shelf.directives = directives;
    rules
}

struct Compiler<'a> {
    shelf: &'a mut Shelf,
    index: &'a HashMap<ModelId, usize>,
    models: &'a [ListedModel],
    policy: &'a Policy,
}

impl Compiler<'_> {
    fn rule(&mut self, directive: &Directive) -> Result<Rule, CompileError> {
        let id = &directive.id;
        let from = directive.effective_from.earliest();
        if directive.effective_until.is_some_and(|until| until <= from) {
            return Err(CompileError::EmptyWindow(id.clone()));
        }
        let reliefs = self.reliefs(id)?;
        let employees = reliefs.iter().any(|relief| relief.terms.speaks_of_employees());
        let questions = questions_of(directive).chain(employees.then_some(Question::EmployeeMeans)).collect();
        let min_evidence = directive.min_evidence.unwrap_or_default().max(self.policy.min_evidence);
        Ok(Rule {
            id: id.clone(),
            title: directive.title.clone(),
            form: directive.form,
            state: directive.source.state,
            issuer: directive.source.office.clone(),
            authority: directive.authority.clone(),
            public_reference: directive.source.public_reference.clone(),
            issued_at: directive.issued_at,
            window: Window { from, until: self.end_of(directive) },
            lifted_by: self.lifting_of(directive).map(|lifting| lifting.id.clone()),
            fold: match &directive.effective_from {
                Start::At(_) => None,
                Start::Fold(fold) => Some([fold.options.first, fold.options.second]),
            },
            dormant: self.dormant(directive),
            models: self.models_of(directive),
            activities: directive
                .activities
                .as_ref()
                .map_or(Mask::ALL, |list| Mask::of(list.iter().map(|activity| *activity as u8))),
            end_uses: directive.end_uses.as_deref().map(end_uses),
            scope: self.scope(directive)?,
            destinations: directive.destinations,
            remote_access: directive.remote_access,
            hosted_if_export: directive.hosted_inference.is_some(),
            min_evidence,
            min_location_evidence: self.policy.min_location_evidence,
            reliefs,
            questions,
            scope_exceeds_citation: !authority::excess(directive).is_empty(),
        })
    }

    /// When a directive stops binding: its own end or the earliest lifting.
    fn end_of(&self, directive: &Directive) -> Option<Instant> {
        self.lifting_of(directive).map(|lifting| lifting.at).or(directive.effective_until)
    }

    /// The earliest lifting, where it comes before the directive's own end.
    fn lifting_of(&self, directive: &Directive) -> Option<&Lifting> {
        let lifted = self.shelf.liftings.iter().filter(|lifting| lifting.directives.contains(&directive.id));
        let earliest = lifted.min_by_key(|lifting| lifting.at)?;
        directive.effective_until.is_none_or(|until| earliest.at < until).then_some(earliest)
    }

    fn dormant(&self, directive: &Directive) -> Option<Dormant> {
        if directive.status == Status::Bill {
            return Some(Dormant::Bill);
        }
        let operator = self.policy.operator.as_deref().map(employer_key)?;
        let addressees = &directive.source.addressees;
        let here = addressees.is_empty()
            || addressees.iter().any(|addressee| employer_key(addressee) == operator)
            || self.shelf.adopted.contains(&directive.id);
        (!here).then_some(Dormant::AddressedElsewhere)
    }

    /// The models it names, and those of the catalogue with a capability it names.
    fn models_of(&self, directive: &Directive) -> ModelSet {
        let named = model_set(self.index, &directive.models);
        let ModelSet::Some(mut set) = named else { return named };
        let able = |model: &ListedModel| {
            let wanted = &directive.capabilities;
            model.capabilities.iter().any(|has| wanted.iter().any(|criterion| has.meets(criterion)))
        };
        set.extend(self.models.iter().enumerate().filter(|(_, model)| able(model)).map(|(at, _)| at));
        ModelSet::Some(set)
    }

    fn scope(&mut self, directive: &Directive) -> Result<Scope, CompileError> {
        let persons = &directive.persons;
        let unknown = |name| CompileError::UnknownCountry { instrument: directive.id.clone(), name };
        let literal =
            groups::resolve_literally(persons.countries.iter().map(String::as_str)).map_err(unknown)?;
        let firms = sorted(persons.employers.iter().map(|name| self.shelf.firm(name)).collect());
        Ok(Scope {
            class: persons.class,
            countries: NamedCountries {
                without_hong_kong: literal,
                with_hong_kong: groups::with_hong_kong(literal),
                hong_kong_open: persons.hong_kong.is_some() && literal != groups::with_hong_kong(literal),
            },
            nationality: persons.rule.unwrap_or_default(),
            only_foreign_persons: persons.only_foreign_persons,
            citizens_and_protected_only: persons.exempt == Some(Exempt::CitizensAndProtected),
            ownership: persons.ownership_percent,
            firms,
        })
    }

    fn reliefs(&mut self, directive: &InstrumentId) -> Result<Vec<Relief>, CompileError> {
        let shelf = &mut *self.shelf;
        let exceptions: Vec<Exception> =
            shelf.exceptions.iter().filter(|exception| exception.directive == *directive).cloned().collect();
        let stays: Vec<Stay> =
            shelf.stays.iter().filter(|stay| stay.directives.contains(directive)).cloned().collect();
        let mut reliefs = Vec::with_capacity(exceptions.len().saturating_add(stays.len()));
        for exception in &exceptions {
            let window = Window { from: exception.from.unwrap_or(Instant::MIN), until: exception.until };
            let terms = self.condition(&exception.id, &exception.when)?;
            let kind = ReliefKind::Exception;
            let models = exception.when.models.as_ref();
            reliefs.push(self.relief(&exception.id, kind, window, models, terms, None)?);
        }
        for stay in &stays {
            let window = Window { from: stay.from, until: stay.until };
            let terms = self.condition(&stay.id, &stay.when)?;
            let parties = self.parties(stay);
            reliefs.push(self.relief(
                &stay.id,
                ReliefKind::Stay,
                window,
                stay.when.models.as_ref(),
                terms,
                parties,
            )?);
        }
        Ok(reliefs)
    }

    fn parties(&mut self, stay: &Stay) -> Option<Parties> {
        if stay.parties.is_none() && stay.persons.is_none() {
            return None;
        }
        let firms = stay.parties.iter().flatten().map(|name| self.shelf.firm(name)).collect();
        let persons = Arc::make_mut(&mut self.shelf.persons);
        let persons = stay.persons.iter().flatten().map(|person| persons.intern(person.as_str())).collect();
        Some(Parties { firms: sorted(firms), persons: sorted(persons) })
    }

    fn relief(
        &self,
        id: &InstrumentId,
        kind: ReliefKind,
        window: Window,
        models: Option<&Vec<String>>,
        terms: Terms,
        parties: Option<Parties>,
    ) -> Result<Relief, CompileError> {
        if window.is_empty() {
            return Err(CompileError::EmptyWindow(id.clone()));
        }
        let models = models.map_or(ModelSet::All, |list| model_set(self.index, list));
        Ok(Relief { id: id.clone(), kind, window, models, terms, parties })
    }

    fn condition(&mut self, id: &InstrumentId, when: &Condition) -> Result<Terms, CompileError> {
        let firms = when.employer.as_ref().map(|names| {
            let numbers = names.iter().map(|name| self.shelf.firm(name)).collect();
            sorted(numbers)
        });
        Ok(Terms {
            end_use: when.end_use.as_deref().map(end_uses),
            firms,
            relations: when
                .relation
                .as_ref()
                .map(|relations| Mask::of(relations.iter().map(|relation| *relation as u8))),
            all_nationalities_in: optional(id, when.all_nationalities_in.as_ref())?,
            no_nationality_of: None,
            located_in: optional(id, when.located_in.as_ref())?,
            resident_of: optional(id, when.permanent_resident_of.as_ref())?,
        })
    }
}

fn sorted(mut numbers: Vec<u32>) -> Box<[u32]> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers.into()
}
