//! From a book, a catalogue and the operator's thresholds to a regime.

use crate::book::Book;
use crate::instrument::{Condition, Directive, Exception, Exempt, Licence, LicenceStatus, Status};
use crate::regime::{Holder, Mask, ModelSet, Regime, Relief, ReliefKind, Rule, Terms};
use crate::{authority, groups};
use std::collections::{BTreeSet, HashMap};
use terms::{
    Choices, Country, CountrySet, EndUse, Instant, InstrumentId, Level, ModelId, Window, employer_key, limits,
};

/// What the operator decided, besides the law.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Level a favourable fact about the person needs.
    pub min_evidence: Level,
    /// Level a favourable place needs.
    pub min_location_evidence: Level,
    /// Recorded readings.
    pub choices: Choices,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            min_evidence: Level::Document,
            min_location_evidence: Level::Employer,
            choices: Choices::default(),
        }
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
    /// Compiles. `models` is the catalogue in order of position.
    pub fn compile(book: &Book, models: &[ModelId], policy: &Policy) -> Result<Self, CompileError> {
        check_bounds(book, models)?;
        check_ids(book)?;
        let index: HashMap<ModelId, usize> = models.iter().cloned().zip(0..).collect();
        let compiler = Compiler { book, index: &index, policy };
        let rules = book.directives.iter().map(|d| compiler.rule(d)).collect::<Result<Vec<_>, _>>()?;
        let by_model =
            (0..models.len()).map(|model| positions(&rules, |rule| rule.models.has(model))).collect();
        let words: Vec<Option<&str>> =
            terms::Question::ALL.into_iter().map(|q| policy.choices.word(q)).collect();
        let digest = crate::book::sha256(
            "douane/regime/v1",
            &(book, models, policy.min_evidence, policy.min_location_evidence, words),
        );
        Ok(Self {
            edges: edges(&rules),
            places: places(&rules),
            models: models.to_vec(),
            index,
            rules,
            by_model,
            choices: policy.choices,
            digest,
        })
    }
}

fn positions(rules: &[Rule], keep: impl Fn(&Rule) -> bool) -> Vec<usize> {
    rules.iter().enumerate().filter(|(_, rule)| keep(rule)).map(|(position, _)| position).collect()
}

fn check_bounds(book: &Book, models: &[ModelId]) -> Result<(), CompileError> {
    let counts = [book.directives.len(), book.exceptions.len(), book.liftings.len(), book.licences.len()];
    let instruments = counts.into_iter().fold(0usize, usize::saturating_add);
    let bounds =
        [("instruments", instruments, limits::INSTRUMENTS), ("models", models.len(), limits::MODELS)];
    for (what, count, limit) in bounds {
        if count > limit {
            return Err(CompileError::TooMany { what, count, limit });
        }
    }
    Ok(())
}

fn check_ids(book: &Book) -> Result<(), CompileError> {
    let mut seen = BTreeSet::new();
    for change in book.changes() {
        if !seen.insert(change.id.clone()) {
            return Err(CompileError::DuplicateId(change.id));
        }
    }
    let known: BTreeSet<&InstrumentId> = book.directives.iter().map(|directive| &directive.id).collect();
    let named = (book.exceptions.iter().map(|e| (&e.id, &e.directive)))
        .chain(book.liftings.iter().flat_map(|l| l.directives.iter().map(move |d| (&l.id, d))))
        .chain(book.licences.iter().flat_map(|l| l.lifts.iter().map(move |d| (&l.id, d))));
    for (instrument, directive) in named {
        if !known.contains(directive) {
            let (instrument, directive) = (instrument.clone(), directive.clone());
            return Err(CompileError::UnknownDirective { instrument, directive });
        }
    }
    Ok(())
}

/// Every instant at which a window opens or closes.
fn edges(rules: &[Rule]) -> Vec<Instant> {
    let windows = rules
        .iter()
        .filter(|rule| rule.enacted)
        .flat_map(|rule| std::iter::once(rule.window).chain(rule.reliefs.iter().map(|relief| relief.window)));
    let edges: BTreeSet<Instant> = windows
        .flat_map(|window| [Some(window.from), window.until])
        .flatten()
        .filter(|edge| *edge != Instant::MIN)
        .collect();
    edges.into_iter().collect()
}

/// One country per signature: which of the regime's sets of places it belongs to.
fn places(rules: &[Rule]) -> Vec<Country> {
    let sets: Vec<CountrySet> = rules
        .iter()
        .flat_map(|rule| {
            let terms = rule.reliefs.iter().map(|relief| &relief.terms);
            let reliefs = terms
                .flat_map(|terms| [terms.located_in, terms.all_nationalities_in, terms.no_nationality_of]);
            std::iter::once(Some(rule.countries)).chain(reliefs)
        })
        .flatten()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
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

struct Compiler<'a> {
    book: &'a Book,
    index: &'a HashMap<ModelId, usize>,
    policy: &'a Policy,
}

impl Compiler<'_> {
    fn rule(&self, directive: &Directive) -> Result<Rule, CompileError> {
        let id = &directive.id;
        let own = Window { from: directive.effective_from, until: directive.effective_until };
        if own.is_empty() {
            return Err(CompileError::EmptyWindow(id.clone()));
        }
        let min_evidence = directive.min_evidence.unwrap_or_default().max(self.policy.min_evidence);
        Ok(Rule {
            id: id.clone(),
            public_reference: directive.source.public_reference.clone(),
            issued_at: directive.issued_at,
            window: Window { from: own.from, until: self.book.end_of(directive) },
            enacted: directive.status == Status::Law,
            models: self.model_set(&directive.models),
            activities: directive
                .activities
                .as_ref()
                .map_or(Mask::ALL, |list| Mask::of(list.iter().map(|activity| *activity as u8))),
            end_uses: directive.end_uses.as_deref().map(end_uses),
            class: directive.persons.class,
            countries: countries(id, &directive.persons.countries)?,
            citizens_and_protected_only: directive.persons.exempt == Some(Exempt::CitizensAndProtected),
            destinations: directive.destinations,
            min_evidence,
            min_location_evidence: self.policy.min_location_evidence,
            reliefs: self.reliefs(id)?,
            scope_exceeds_citation: !authority::excess(directive).is_empty(),
        })
    }

    fn reliefs(&self, directive: &InstrumentId) -> Result<Vec<Relief>, CompileError> {
        let exceptions = self.book.exceptions.iter().filter(|exception| exception.directive == *directive);
        let licences =
            self.book.licences.iter().filter(|licence| {
                licence.status == LicenceStatus::Issued && licence.lifts.contains(directive)
            });
        exceptions.map(|e| self.exception(e)).chain(licences.map(|l| self.licence(l))).collect()
    }

    fn exception(&self, exception: &Exception) -> Result<Relief, CompileError> {
        let window = Window { from: exception.from.unwrap_or(Instant::MIN), until: exception.until };
        let models = exception.when.models.as_ref().map_or(ModelSet::All, |list| self.model_set(list));
        let terms = condition(&exception.id, &exception.when)?;
        relief(&exception.id, ReliefKind::Exception, window, models, terms)
    }

    fn licence(&self, licence: &Licence) -> Result<Relief, CompileError> {
        let id = &licence.id;
        let terms = Terms {
            end_use: licence.end_use.as_deref().map(end_uses),
            no_nationality_of: optional(id, licence.excluded_nationalities.as_ref())?,
            located_in: optional(id, licence.located_in.as_ref())?,
            holder: Some(Holder {
                key: employer_key(&licence.holder),
                persons: licence.persons.as_ref().map(|persons| persons.iter().cloned().collect()),
                employees: licence.holder_employees,
            }),
            ..Terms::default()
        };
        let window = Window { from: licence.from, until: licence.until };
        relief(id, ReliefKind::Licence, window, self.model_set(&licence.models), terms)
    }

    fn model_set(&self, names: &[String]) -> ModelSet {
        if names.iter().any(|name| name == "*") {
            return ModelSet::All;
        }
        ModelSet::Some(names.iter().filter_map(|name| self.index.get(name.as_str()).copied()).collect())
    }
}

fn relief(
    id: &InstrumentId,
    kind: ReliefKind,
    window: Window,
    models: ModelSet,
    terms: Terms,
) -> Result<Relief, CompileError> {
    if window.is_empty() {
        return Err(CompileError::EmptyWindow(id.clone()));
    }
    Ok(Relief { id: id.clone(), kind, window, models, terms })
}

fn condition(id: &InstrumentId, when: &Condition) -> Result<Terms, CompileError> {
    Ok(Terms {
        end_use: when.end_use.as_deref().map(end_uses),
        employers: when.employer.as_ref().map(|names| names.iter().map(|name| employer_key(name)).collect()),
        relations: when
            .relation
            .as_ref()
            .map(|relations| Mask::of(relations.iter().map(|relation| *relation as u8))),
        all_nationalities_in: optional(id, when.all_nationalities_in.as_ref())?,
        located_in: optional(id, when.located_in.as_ref())?,
        ..Terms::default()
    })
}

fn end_uses(list: &[EndUse]) -> Mask {
    Mask::of(list.iter().map(|end_use| *end_use as u8))
}

fn optional(id: &InstrumentId, names: Option<&Vec<String>>) -> Result<Option<CountrySet>, CompileError> {
    names.map(|names| countries(id, names)).transpose()
}

fn countries(id: &InstrumentId, names: &[String]) -> Result<CountrySet, CompileError> {
    groups::resolve_all(names.iter().map(String::as_str))
        .map_err(|name| CompileError::UnknownCountry { instrument: id.clone(), name })
}
