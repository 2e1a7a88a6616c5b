//! Licences, found by whom they cover: a person by name, or those who work for the holder.
//!
//! What covers one grantee stands together, in order of model, so that a decision reads a line or two of memory; what
//! many licences have in common (model, terms, directives lifted) is one [`Kind`] that they point to.

mod build;
mod ids;
mod numbers;
mod times;

pub(crate) use build::Builder;
pub(crate) use ids::{Ids, trim, trim_text};

use crate::plan::{ByNumber, Plan};
use crate::regime::Terms;
use numbers::Numbers;
use std::ops::Range;
use std::sync::Arc;
use terms::{Instant, InstrumentId, Window};
use times::Times;

/// Whom an entry covers among those it is found under.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Cover {
    /// The person named.
    Named,
    /// Anyone working for the firm, in any relation.
    Staff,
    /// Employees of the firm.
    Employees,
}

/// Stands for every model.
const EVERY_MODEL: u16 = u16::MAX;

/// What licences have in common, as one grantee and one model see them.
#[derive(Clone, Copy, Debug)]
struct Kind {
    model: u16,
    terms: u16,
    /// Where its masks are; for every model, the list of directives.
    reach: u32,
    cover: Cover,
    full: bool,
}

/// One licence as one grantee and one model see it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// First instant it lifts.
    pub from: Instant,
    /// First instant it no longer lifts; `Instant::MAX` = open.
    pub until: Instant,
    /// Which licence.
    pub licence: u32,
    /// Whom it covers.
    pub cover: Cover,
    /// Whether only who holds a place is covered, because all are taken.
    pub full: bool,
    /// The firm it is found under.
    pub holder: Option<u32>,
    reach: u32,
    model: u16,
    terms: u16,
}

impl Entry {
    /// Its window.
    pub fn window(&self) -> Window {
        Window { from: self.from, until: (self.until != Instant::MAX).then_some(self.until) }
    }

    /// Whether it has no terms beyond whom, what and when.
    pub fn is_plain(&self) -> bool {
        self.terms == 0 && !self.full
    }

    /// Which of the different terms it has; 0 = none.
    pub fn number_of_terms(&self) -> u16 {
        self.terms
    }

    /// Whether it is for the model.
    pub fn is_for(&self, model: usize) -> bool {
        self.is_for_every_model() || usize::from(self.model) == model
    }

    /// Its model; `None` = every model.
    pub fn model(&self) -> Option<usize> {
        (!self.is_for_every_model()).then(|| usize::from(self.model))
    }

    /// Whether it is for every model, also one not in the catalogue yet.
    pub fn is_for_every_model(&self) -> bool {
        self.model == EVERY_MODEL
    }
}

/// Every licence that lifts something.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    /// Per entry: its kind. Sorted by grantee (firms, then persons), then by kind, and with that by model.
    entries: Numbers,
    /// Per entry: when and which.
    times: Times,
    /// Where the entries of each firm begin, then those of each person; one more than there are.
    firm_starts: Vec<u32>,
    person_starts: Vec<u32>,
    kinds: Vec<Kind>,
    /// Where the kinds of each model begin, then those for every model; one more than there are.
    kind_starts: Vec<u32>,
    /// Distinct terms; number 0 is none.
    terms: Vec<Terms>,
    /// Masks for plans, one word per block.
    masks: Vec<u64>,
    /// Positions of the directives lifted, per list, for entries that are for every model.
    lists: Vec<Box<[u32]>>,
    /// Persons who hold a place, of licences that are full.
    enrolled: ByNumber<u32, Box<[u32]>>,
    ids: Arc<Ids>,
    employees: bool,
}

/// Where the entries of one grantee stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Span {
    from: u32,
    until: u32,
}

impl Span {
    fn of(range: Range<usize>) -> Self {
        let bounds = u32::try_from(range.start).ok().zip(u32::try_from(range.end).ok());
        bounds.map_or_else(Self::default, |(from, until)| Self { from, until })
    }

    #[inline]
    fn range(self) -> Range<usize> {
        let bound = |at: u32| usize::try_from(at).unwrap_or(0);
        bound(self.from)..bound(self.until)
    }
}

/// Entries, one after the other.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    grants: &'a Grants,
    range: Range<usize>,
    holder: Option<u32>,
}

impl Iterator for Entries<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let at = self.range.next()?;
        self.grants.entry(at, self.holder)
    }
}

/// Entries for one model among those of a grantee: its own, then those for every model.
#[derive(Clone, Debug)]
pub struct ForModel<'a> {
    grants: &'a Grants,
    own: Range<usize>,
    every: Range<usize>,
    holder: Option<u32>,
}

impl Iterator for ForModel<'_> {
    type Item = Entry;

    #[inline]
    fn next(&mut self) -> Option<Entry> {
        let at = self.own.next().or_else(|| self.every.next())?;
        self.grants.entry(at, self.holder)
    }
}

impl Grants {
    fn entry(&self, at: usize, holder: Option<u32>) -> Option<Entry> {
        let number = usize::try_from(self.entries.get(at)?).ok()?;
        let kind = self.kinds.get(number)?;
        let (licence, from, until) = self.times.get(at)?;
        Some(Entry {
            from,
            until,
            licence,
            cover: kind.cover,
            full: kind.full,
            holder,
            reach: kind.reach,
            model: kind.model,
            terms: kind.terms,
        })
    }

    /// What covers those who work for a firm.
    pub fn of_firm(&self, firm: u32) -> Entries<'_> {
        Entries { grants: self, range: range(&self.firm_starts, firm), holder: Some(firm) }
    }

    /// What covers a person by name.
    pub fn of_person(&self, person: u32) -> Entries<'_> {
        Entries { grants: self, range: range(&self.person_starts, person), holder: None }
    }

    /// What covers those who work for a firm, for one model.
    pub fn of_firm_for(&self, firm: u32, model: usize) -> ForModel<'_> {
        self.within(self.span_of_firm(firm), Some(firm), model)
    }

    /// What covers a person by name, for one model.
    pub fn of_person_for(&self, person: u32, model: usize) -> ForModel<'_> {
        self.within(self.span_of_person(person), None, model)
    }

    /// Where what covers those who work for a firm stands.
    pub fn span_of_firm(&self, firm: u32) -> Span {
        Span::of(range(&self.firm_starts, firm))
    }

    /// Where what covers a person by name stands.
    pub fn span_of_person(&self, person: u32) -> Span {
        Span::of(range(&self.person_starts, person))
    }

    /// What covers a grantee, for one model; with the grantee's number where it is a firm.
    #[inline]
    pub fn within(&self, span: Span, holder: Option<u32>, model: usize) -> ForModel<'_> {
        let range = span.range();
        if range.is_empty() {
            return ForModel { grants: self, own: 0..0, every: 0..0, holder };
        }
        let [low, high, every, end] = self.kinds_of(model);
        let own = self.part(&range, low, high);
        let every = self.part(&range, every, end);
        ForModel { grants: self, own, every, holder }
    }

    /// The kinds of one model, from and until; and those for every model.
    #[inline]
    fn kinds_of(&self, model: usize) -> [u32; 4] {
        let bound = |at: usize| self.kind_starts.get(at).copied().unwrap_or(u32::MAX);
        let last = self.kind_starts.len().wrapping_sub(2);
        let [every, end] = [bound(last), bound(last.wrapping_add(1))];
        if model < last {
            [bound(model), bound(model.wrapping_add(1)), every, end]
        } else {
            [every, every, every, end]
        }
    }

    /// Where, within a range, the entries of these kinds are.
    #[inline]
    fn part(&self, range: &Range<usize>, low: u32, high: u32) -> Range<usize> {
        if low == high {
            return 0..0;
        }
        let (from, until) = self.entries.between(range.start, range.end, low, high);
        from..until
    }

    /// Firms that hold a licence, by number.
    pub fn firms(&self) -> impl Iterator<Item = u32> {
        nonempty(&self.firm_starts)
    }

    /// Persons named, by number.
    pub fn persons(&self) -> impl Iterator<Item = u32> {
        nonempty(&self.person_starts)
    }

    /// Every entry.
    pub fn all(&self) -> impl Iterator<Item = Entry> + '_ {
        let firms = self.firms().flat_map(|firm| self.of_firm(firm));
        firms.chain(self.persons().flat_map(|person| self.of_person(person)))
    }

    /// The terms of an entry.
    pub fn terms(&self, entry: &Entry) -> Option<&Terms> {
        self.terms.get(usize::from(entry.terms))
    }

    /// Every set of terms some licence has.
    pub fn all_terms(&self) -> &[Terms] {
        &self.terms
    }

    /// The id of a licence.
    pub fn id(&self, entry: &Entry) -> Option<InstrumentId> {
        InstrumentId::parse(&self.ids.get(entry.licence)?).ok()
    }

    /// Whether a person holds a place under a full licence.
    pub fn has_place(&self, entry: &Entry, person: Option<u32>) -> bool {
        let persons = self.enrolled.get(&entry.licence);
        person.zip(persons).is_some_and(|(person, persons)| persons.binary_search(&person).is_ok())
    }

    /// Which directives of a block an entry lifts.
    pub fn lifted(&self, entry: &Entry, plan: &Plan, block: usize) -> u64 {
        let reach = usize::try_from(entry.reach).unwrap_or(usize::MAX);
        if entry.model != EVERY_MODEL {
            return self.masks.get(reach.saturating_add(block)).copied().unwrap_or(0);
        }
        let list = self.lists.get(reach).map(|list| &**list).unwrap_or_default();
        let bits = list.iter().filter_map(|position| plan.bit(*position)).filter(|bit| bit >> 6 == block);
        bits.fold(0, |mask, bit| mask | 1u64.wrapping_shl(u32::try_from(bit & 63).unwrap_or(0)))
    }

    /// Whether an entry lifts the directive with this bit.
    pub fn lifts(&self, entry: &Entry, plan: &Plan, bit: usize) -> bool {
        self.lifted(entry, plan, bit >> 6) & 1u64.wrapping_shl(u32::try_from(bit & 63).unwrap_or(0)) != 0
    }

    /// Full licences under which a person holds a place, by number.
    pub fn places_of(&self, person: u32) -> impl Iterator<Item = u32> {
        let holds = move |persons: &[u32]| persons.binary_search(&person).is_ok();
        self.enrolled.iter().filter(move |(_, persons)| holds(persons)).map(|(licence, _)| *licence)
    }

    /// Everyone who holds a place under a full licence, by number.
    pub fn enrolled(&self) -> impl Iterator<Item = u32> {
        self.enrolled.values().flat_map(|persons| persons.iter().copied())
    }

    /// Whether some licence speaks of employees.
    pub fn speaks_of_employees(&self) -> bool {
        self.employees
    }
}

fn range(starts: &[u32], grantee: u32) -> Range<usize> {
    let at = usize::try_from(grantee).unwrap_or(usize::MAX);
    let bound = |at: usize| starts.get(at).and_then(|start| usize::try_from(*start).ok());
    match (bound(at), bound(at.saturating_add(1))) {
        (Some(from), Some(until)) => from..until,
        _ => 0..0,
    }
}

fn nonempty(starts: &[u32]) -> impl Iterator<Item = u32> {
    (0u32..).zip(starts.windows(2)).filter(|(_, pair)| pair.first() != pair.last()).map(|(number, _)| number)
}
