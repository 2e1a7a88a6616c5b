//! A shelf: the instruments on file with their names as numbers, ready to be compiled again and again.
//!
//! What costs time (reading strings, resolving country groups, hashing) is done once, when an instrument is put on
//! the shelf; compiling a regime from it touches numbers only.

use crate::book::{Book, sha256};
use crate::compile::CompileError;
use crate::grants::Ids;
use crate::groups;
use crate::instrument::{Directive, Exception, Licence, Lifting, Stay};
use crate::names::Names;
use crate::regime::{Mask, Terms};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::ops::Range;
use std::sync::Arc;
use terms::{CountrySet, EndUse, Instant, InstrumentId, PersonId, employer_key, limits};

/// Whom a licence covers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Coverage {
    /// Persons it names.
    Persons,
    /// Anyone working for the holder.
    Staff,
    /// The holder's employees.
    Employees,
    /// Either of the first and the third.
    PersonsOrEmployees,
}

impl Coverage {
    /// Whether it covers staff, and whether it covers persons by name.
    pub(crate) const fn kinds(self) -> (bool, bool) {
        match self {
            Self::Persons => (false, true),
            Self::Staff | Self::Employees => (true, false),
            Self::PersonsOrEmployees => (true, true),
        }
    }
}

/// What many licences have in common: lists of directives and models and the terms, by number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct GrantKind {
    pub(crate) lifts: u32,
    pub(crate) models: u32,
    pub(crate) terms: u16,
    pub(crate) coverage: Coverage,
    pub(crate) full: bool,
}

/// A licence in numbers.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) from: Instant,
    pub(crate) until: Instant,
    pub(crate) kind: u32,
    pub(crate) holder: u32,
    pub(crate) live: bool,
    pub(crate) persons: Range<u32>,
    pub(crate) enrolled: Range<u32>,
}

/// Instruments on file.
#[derive(Clone, Debug)]
pub struct Shelf {
    pub(crate) directives: Vec<Directive>,
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) liftings: Vec<Lifting>,
    pub(crate) stays: Vec<Stay>,
    pub(crate) adopted: HashSet<InstrumentId>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) kinds: Lists<GrantKind>,
    pub(crate) licence_ids: Arc<Ids>,
    pub(crate) lists: Lists<Arc<[InstrumentId]>>,
    pub(crate) model_lists: Lists<Vec<String>>,
    pub(crate) terms: Vec<Terms>,
    terms_by_value: HashMap<Terms, u16>,
    pub(crate) firms: Arc<Names>,
    pub(crate) persons: Arc<Names>,
    person_lists: Vec<u32>,
    ids: HashSet<InstrumentId>,
    digest: [u8; 32],
}

impl Default for Shelf {
    fn default() -> Self {
        Self {
            directives: Vec::new(),
            exceptions: Vec::new(),
            liftings: Vec::new(),
            stays: Vec::new(),
            adopted: HashSet::new(),
            grants: Vec::new(),
            kinds: Lists::default(),
            licence_ids: Arc::default(),
            lists: Lists::default(),
            model_lists: Lists::default(),
            terms: vec![Terms::default()],
            terms_by_value: HashMap::from([(Terms::default(), 0)]),
            firms: Arc::default(),
            persons: Arc::default(),
            person_lists: Vec::new(),
            ids: HashSet::new(),
            digest: [0; 32],
        }
    }
}

/// Distinct values, numbered in order of first mention.
#[derive(Clone, Debug)]
pub(crate) struct Lists<T> {
    numbers: HashMap<T, u32>,
    pub(crate) values: Vec<T>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), values: Vec::new() }
    }
}

impl<T: Clone + Eq + Hash> Lists<T> {
    fn number(&mut self, value: &T) -> u32 {
        if let Some(known) = self.numbers.get(value) {
            return *known;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.numbers.insert(value.clone(), number);
        self.values.push(value.clone());
        number
    }
}

impl Shelf {
    /// Puts a whole book on a shelf.
    pub fn of(book: &Book) -> Result<Self, CompileError> {
        let mut shelf = Self::default();
        shelf.add(book)?;
        Ok(shelf)
    }

    /// Adds the instruments of a book. After an error the shelf must not be used.
    pub fn add(&mut self, book: &Book) -> Result<(), CompileError> {
        for change in book.changes() {
            if !self.ids.insert(change.id.clone()) {
                return Err(CompileError::DuplicateId(change.id));
            }
        }
        self.directives.extend(book.directives.iter().cloned());
        self.exceptions.extend(book.exceptions.iter().cloned());
        self.liftings.extend(book.liftings.iter().cloned());
        self.stays.extend(book.stays.iter().cloned());
        self.adopted.extend(book.adoptions.iter().map(|adoption| adoption.directive.clone()));
        book.licences.iter().try_for_each(|licence| self.licence(licence))?;
        // Regimes share these: they are not copied to be made smaller.
        Arc::get_mut(&mut self.licence_ids).into_iter().for_each(Ids::trim);
        for names in [&mut self.firms, &mut self.persons] {
            Arc::get_mut(names).into_iter().for_each(Names::trim);
        }
        self.digest = sha256("douane/shelf/v1", &(hex(&self.digest), book));
        Ok(())
    }

    /// How many instruments there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// SHA-256 over everything on the shelf, in the order it was put there.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    pub(crate) fn persons_of(&self, range: &Range<u32>) -> &[u32] {
        let bounds = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
        bounds.and_then(|(from, until)| self.person_lists.get(from..until)).unwrap_or_default()
    }

    /// Whether all places of a licence are taken.
    pub(crate) fn is_full(&self, grant: &Grant) -> bool {
        let kind = usize::try_from(grant.kind).ok().and_then(|at| self.kinds.values.get(at));
        kind.is_some_and(|kind| kind.full)
    }

    /// The number of a firm. Regimes share the names: they are copied only where there is a new one.
    pub(crate) fn firm(&mut self, name: &str) -> u32 {
        let key = employer_key(name);
        self.firms.find(&key).unwrap_or_else(|| Arc::make_mut(&mut self.firms).intern(&key))
    }

    fn licence(&mut self, licence: &Licence) -> Result<(), CompileError> {
        let id = &licence.id;
        if licence.until.is_some_and(|until| until <= licence.from) {
            return Err(CompileError::EmptyWindow(id.clone()));
        }
        let terms = Terms {
            end_use: licence.end_use.as_deref().map(end_uses),
            no_nationality_of: optional(id, licence.excluded_nationalities.as_ref())?,
            located_in: optional(id, licence.located_in.as_ref())?,
            ..Terms::default()
        };
        let coverage = match (&licence.persons, licence.holder_employees) {
            (Some(_), false) => Coverage::Persons,
            (Some(_), true) => Coverage::PersonsOrEmployees,
            (None, true) => Coverage::Employees,
            (None, false) => Coverage::Staff,
        };
        let kind = GrantKind {
            lifts: self.lists.number(&licence.lifts),
            models: self.model_lists.number(&licence.models),
            terms: self.number_terms(terms)?,
            coverage,
            full: licence.is_full(),
        };
        let grant = Grant {
            from: licence.from,
            until: licence.until.unwrap_or(Instant::MAX),
            kind: self.kinds.number(&kind),
            holder: self.firm(&licence.holder),
            live: licence.is_live(),
            persons: self.number_persons(licence.persons.as_deref().unwrap_or_default()),
            enrolled: self.number_persons(&licence.enrolled),
        };
        self.grants.push(grant);
        // An id has at most `limits::ID_CHARS` letters: there is room for it.
        Arc::make_mut(&mut self.licence_ids).push(id.as_str());
        Ok(())
    }

    fn number_terms(&mut self, terms: Terms) -> Result<u16, CompileError> {
        if let Some(known) = self.terms_by_value.get(&terms) {
            return Ok(*known);
        }
        let number = u16::try_from(self.terms.len()).map_err(|_| CompileError::TooMany {
            what: "different terms of licences",
            count: self.terms.len(),
            limit: usize::from(u16::MAX),
        })?;
        self.terms.push(terms.clone());
        self.terms_by_value.insert(terms, number);
        Ok(number)
    }

    /// Numbers persons, sorted.
    fn number_persons(&mut self, persons: &[PersonId]) -> Range<u32> {
        let names = Arc::make_mut(&mut self.persons);
        let mut numbers: Vec<u32> = persons.iter().map(|person| names.intern(person.as_str())).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let from = u32::try_from(self.person_lists.len()).unwrap_or(u32::MAX);
        self.person_lists.extend(numbers);
        from..u32::try_from(self.person_lists.len()).unwrap_or(u32::MAX)
    }

    /// Whether it holds more than the bounds allow.
    pub(crate) fn check_bounds(&self, models: usize) -> Result<(), CompileError> {
        let bounds = [
            ("instruments", self.ids.len(), limits::INSTRUMENTS),
            ("directives", self.directives.len(), limits::DIRECTIVES),
            ("models", models, limits::MODELS),
        ];
        for (what, count, limit) in bounds {
            if count > limit {
                return Err(CompileError::TooMany { what, count, limit });
            }
        }
        Ok(())
    }
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn end_uses(list: &[EndUse]) -> Mask {
    Mask::of(list.iter().map(|end_use| *end_use as u8))
}

pub(crate) fn optional(
    id: &InstrumentId,
    names: Option<&Vec<String>>,
) -> Result<Option<CountrySet>, CompileError> {
    names.map(|names| countries(id, names)).transpose()
}

fn countries(id: &InstrumentId, names: &[String]) -> Result<CountrySet, CompileError> {
    groups::resolve_all(names.iter().map(String::as_str))
        .map_err(|name| CompileError::UnknownCountry { instrument: id.clone(), name })
}
