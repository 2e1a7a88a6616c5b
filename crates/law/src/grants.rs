//! Licences, found by whom they cover: a person by name, or those who work for the holder.

use crate::plan::{ByNumber, Plan};
use crate::regime::Terms;
use crate::shelf::{Coverage, Grant, Shelf};
use std::sync::Arc;
use terms::{Instant, InstrumentId, Window};

/// Whom an entry covers among those it is found under.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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

/// One licence as one grantee and one model see it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// First instant it lifts.
    pub from: Instant,
    /// First instant it no longer lifts; `Instant::MAX` = open.
    pub until: Instant,
    /// Which licence.
    pub licence: u32,
    reach: u32,
    model: u16,
    terms: u16,
    /// Whom it covers.
    pub cover: Cover,
    /// Whether only who holds a place is covered, because all are taken.
    pub full: bool,
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
        self.model == EVERY_MODEL || usize::from(self.model) == model
    }
}

/// Every licence that lifts something.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    entries: Vec<Entry>,
    /// Where the entries of each firm begin, then those of each person; one more than there are.
    firm_starts: Vec<u32>,
    person_starts: Vec<u32>,
    /// Distinct terms; number 0 is none.
    terms: Vec<Terms>,
    /// Masks for plans, one word per block.
    masks: Vec<u64>,
    /// Positions of the directives lifted, per list, for entries that are for every model.
    lists: Vec<Box<[u32]>>,
    /// Persons who hold a place, of licences that are full.
    enrolled: ByNumber<u32, Box<[u32]>>,
    ids: Arc<Vec<InstrumentId>>,
    /// The firm that holds each licence.
    holders: Vec<u32>,
    employees: bool,
}

impl Grants {
    /// What covers those who work for a firm.
    pub fn of_firm(&self, firm: u32) -> &[Entry] {
        range(&self.entries, &self.firm_starts, firm)
    }

    /// What covers a person by name.
    pub fn of_person(&self, person: u32) -> &[Entry] {
        range(&self.entries, &self.person_starts, person)
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
    pub fn all(&self) -> &[Entry] {
        &self.entries
    }

    /// The terms of an entry.
    pub fn terms(&self, entry: &Entry) -> Option<&Terms> {
        self.terms.get(usize::from(entry.terms))
    }

    /// Every set of terms some licence has.
    pub fn all_terms(&self) -> &[Terms] {
        &self.terms
    }

    /// The firm that holds a licence, by number.
    pub fn holder(&self, entry: &Entry) -> Option<u32> {
        self.holders.get(usize::try_from(entry.licence).ok()?).copied()
    }

    /// The id of a licence.
    pub fn id(&self, entry: &Entry) -> Option<&InstrumentId> {
        self.ids.get(usize::try_from(entry.licence).ok()?)
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

fn range<'a>(entries: &'a [Entry], starts: &[u32], grantee: u32) -> &'a [Entry] {
    let at = usize::try_from(grantee).unwrap_or(usize::MAX);
    let bound = |at: usize| starts.get(at).and_then(|start| usize::try_from(*start).ok());
    match (bound(at), bound(at.saturating_add(1))) {
        (Some(from), Some(until)) => entries.get(from..until).unwrap_or_default(),
        _ => &[],
    }
}

fn nonempty(starts: &[u32]) -> impl Iterator<Item = u32> {
    (0u32..).zip(starts.windows(2)).filter(|(_, pair)| pair.first() != pair.last()).map(|(number, _)| number)
}

/// Builds the grants of a regime.
pub(crate) struct Builder<'a> {
    pub(crate) shelf: &'a Shelf,
    /// Per list of directives of the shelf, their positions, sorted.
    pub(crate) lists: Vec<Box<[u32]>>,
    /// Per list of models of the shelf, which they are; `None` = every model.
    pub(crate) models: &'a [Option<Box<[usize]>>],
    pub(crate) plan_of: &'a [u32],
    pub(crate) plans: &'a mut [Plan],
}

/// Entries before they are sorted, the masks they point into, and what is already there.
#[derive(Default)]
struct Draft {
    firms: Vec<(u32, Entry)>,
    persons: Vec<(u32, Entry)>,
    masks: Vec<u64>,
    known: ByNumber<u64, Option<u32>>,
}

impl Builder<'_> {
    pub(crate) fn build(mut self) -> Grants {
        let mut draft = Draft::default();
        let shelf = self.shelf;
        draft.firms.reserve(shelf.grants.len());
        draft.persons.reserve(shelf.grants.len());
        let mut enrolled: ByNumber<u32, Box<[u32]>> = ByNumber::default();
        let live = (0u32..).zip(&shelf.grants).filter(|(_, grant)| grant.live);
        for (number, grant) in live {
            if grant.full {
                enrolled.insert(number, shelf.persons_of(&grant.enrolled).into());
            }
            self.add(&mut draft, number, grant);
        }
        let Draft { firms, persons, masks, .. } = draft;
        let employees = firms.iter().any(|(_, entry)| entry.cover == Cover::Employees);
        let mut entries = Vec::with_capacity(firms.len().saturating_add(persons.len()));
        let firm_starts = sort(firms, shelf.firms.len(), &mut entries);
        let person_starts = sort(persons, shelf.persons.len(), &mut entries);
        Grants {
            entries,
            firm_starts,
            person_starts,
            terms: shelf.terms.clone(),
            masks,
            lists: self.lists,
            enrolled,
            ids: Arc::clone(&shelf.licence_ids),
            holders: shelf.grants.iter().map(|grant| grant.holder).collect(),
            employees,
        }
    }

    fn add(&mut self, draft: &mut Draft, licence: u32, grant: &Grant) {
        let entry = |model: u16, reach: u32| Entry {
            from: grant.from,
            until: grant.until,
            licence,
            reach,
            model,
            terms: grant.terms,
            cover: Cover::Named,
            full: grant.full,
        };
        let lists = self.models;
        match usize::try_from(grant.models).ok().and_then(|at| lists.get(at)) {
            Some(None) => {
                self.mark_everywhere(grant);
                self.file(draft, grant, entry(EVERY_MODEL, grant.lifts));
            }
            Some(Some(models)) => {
                for model in models {
                    let reach = self.reach(draft, grant, *model);
                    if let Some((model, reach)) = u16::try_from(*model).ok().zip(reach) {
                        self.file(draft, grant, entry(model, reach));
                    }
                }
            }
            None => {}
        }
    }

    /// Where the masks of a list of directives stand for a model; `None` when it lifts nothing there.
    fn reach(&mut self, draft: &mut Draft, grant: &Grant, model: usize) -> Option<u32> {
        let at = self.plan_of.get(model).and_then(|plan| usize::try_from(*plan).ok())?;
        let (staff, persons) = grant.coverage.kinds();
        let kinds = u64::from(staff) | (u64::from(persons) << 1);
        let key = (u64::from(grant.lifts) << 32) | (u64::try_from(at).ok()? << 2) | kinds;
        if let Some(known) = draft.known.get(&key) {
            return *known;
        }
        let plan = self.plans.get_mut(at)?;
        let words = masks(plan, self.lists.get(usize::try_from(grant.lifts).ok()?)?);
        let lifts_something = words.iter().any(|word| *word != 0);
        let reach = u32::try_from(draft.masks.len()).ok().filter(|_| lifts_something);
        if reach.is_some() {
            draft.masks.extend(&words);
            plan.mark_lifted(&words, staff, persons);
        }
        draft.known.insert(key, reach);
        reach
    }

    fn mark_everywhere(&mut self, grant: &Grant) {
        let list = usize::try_from(grant.lifts).ok().and_then(|at| self.lists.get(at));
        let Some(list) = list else { return };
        let (staff, persons) = grant.coverage.kinds();
        for plan in self.plans.iter_mut() {
            let words = masks(plan, list);
            plan.mark_lifted(&words, staff, persons);
        }
    }

    fn file(&self, draft: &mut Draft, grant: &Grant, entry: Entry) {
        let staff = match grant.coverage {
            Coverage::Persons => None,
            Coverage::Staff => Some(Cover::Staff),
            Coverage::Employees | Coverage::PersonsOrEmployees => Some(Cover::Employees),
        };
        if let Some(cover) = staff {
            draft.firms.push((grant.holder, Entry { cover, ..entry }));
        }
        if matches!(grant.coverage, Coverage::Persons | Coverage::PersonsOrEmployees) {
            let persons = self.shelf.persons_of(&grant.persons);
            draft.persons.extend(persons.iter().map(|person| (*person, entry)));
        }
    }
}

fn masks(plan: &Plan, list: &[u32]) -> Vec<u64> {
    let mut words = vec![0u64; plan.blocks().len()];
    for bit in list.iter().filter_map(|position| plan.bit(*position)) {
        if let Some(word) = words.get_mut(bit >> 6) {
            *word |= 1u64.wrapping_shl(u32::try_from(bit & 63).unwrap_or(0));
        }
    }
    words
}

/// Sorts entries by grantee, by counting, and appends them; says where each grantee's begin.
fn sort(found: Vec<(u32, Entry)>, grantees: usize, entries: &mut Vec<Entry>) -> Vec<u32> {
    if found.is_empty() {
        return Vec::new();
    }
    let mut starts = vec![0u32; grantees.saturating_add(1)];
    for (grantee, _) in &found {
        let next = usize::try_from(*grantee).ok().and_then(|at| starts.get_mut(at.saturating_add(1)));
        next.into_iter().for_each(|count| *count = count.saturating_add(1));
    }
    let base = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    starts.iter_mut().fold(base, |sum, count| {
        *count = count.saturating_add(sum);
        *count
    });
    let mut next = starts.clone();
    let filler = found.first().map(|(_, entry)| *entry);
    if let Some(filler) = filler {
        entries.resize(entries.len().saturating_add(found.len()), filler);
    }
    for (grantee, entry) in found {
        let Some(slot) = usize::try_from(grantee).ok().and_then(|at| next.get_mut(at)) else { continue };
        if let Some(place) = usize::try_from(*slot).ok().and_then(|at| entries.get_mut(at)) {
            *place = entry;
        }
        *slot = slot.saturating_add(1);
    }
    starts
}
