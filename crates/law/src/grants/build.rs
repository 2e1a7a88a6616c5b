//! From the licences of a shelf to what covers each grantee: counted, then placed, without sorting.

use super::{Cover, EVERY_MODEL, Grants, Kind, Numbers, Times};
use crate::plan::{ByNumber, Plan};
use crate::shelf::{Coverage, Grant, GrantKind, Shelf};
use std::ops::Range;
use std::sync::Arc;

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

/// A kind, and the licences of the shelf that are of it.
struct Draft {
    kind: Kind,
    members: Range<usize>,
}

/// How many entries a licence has under its holder, and under each person it names.
struct PerGrantee {
    firm: u32,
    person: u32,
}

impl PerGrantee {
    fn of(drafts: &[Draft]) -> Self {
        let named = drafts.iter().filter(|draft| draft.kind.cover == Cover::Named).count();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self { firm: number(drafts.len().saturating_sub(named)), person: number(named) }
    }
}

/// Masks for plans, and where those of a list of directives stand.
#[derive(Default)]
struct Masks {
    words: Vec<u64>,
    known: ByNumber<u64, Option<u32>>,
}

impl Builder<'_> {
    pub(crate) fn build(mut self) -> Grants {
        let shelf = self.shelf;
        let (order, starts) = by_kind(shelf);
        let mut masks = Masks::default();
        let mut drafts: Vec<Draft> = Vec::new();
        let mut entries_of_kind = Vec::new();
        for (kind, members) in shelf.kinds.values.iter().zip(starts.windows(2)) {
            let before = drafts.len();
            if let [from, until] = *members
                && from < until
            {
                self.draft(&mut drafts, &mut masks, kind, from..until);
            }
            entries_of_kind.push(PerGrantee::of(drafts.get(before..).unwrap_or_default()));
        }
        drafts.sort_by_key(|draft| draft.kind.model);
        let mut places = Places::counted(shelf, &entries_of_kind);
        let len = places.begin();
        let mut entries = Numbers::with_len(len, drafts.len());
        let mut times = Times::with_len(len);
        each(shelf, &order, &drafts, |kind, licence, grantee| {
            let Some(at) = places.take(grantee) else { return };
            entries.set(at, kind);
            let grant = usize::try_from(licence).ok().and_then(|at| shelf.grants.get(at));
            grant.into_iter().for_each(|grant| times.set(at, licence, grant.from, grant.until));
        });
        let Places { firms, persons } = places.reset();
        let kinds: Vec<Kind> = drafts.iter().map(|draft| draft.kind).collect();
        Grants {
            entries,
            times,
            firm_starts: firms,
            person_starts: persons,
            kind_starts: kind_starts(&kinds, self.plan_of.len()),
            employees: kinds.iter().any(|kind| kind.cover == Cover::Employees),
            kinds,
            terms: shelf.terms.clone(),
            masks: masks.words,
            lists: self.lists,
            enrolled: enrolled(shelf),
            ids: Arc::clone(&shelf.licence_ids),
        }
    }

    fn draft(&mut self, drafts: &mut Vec<Draft>, masks: &mut Masks, kind: &GrantKind, members: Range<usize>) {
        let lists = self.models;
        let mut add = |model: u16, reach: u32| {
            for cover in covers(kind.coverage) {
                let kind = Kind { model, terms: kind.terms, reach, cover: *cover, full: kind.full };
                drafts.push(Draft { kind, members: members.clone() });
            }
        };
        match usize::try_from(kind.models).ok().and_then(|at| lists.get(at)) {
            Some(None) => {
                self.mark_everywhere(kind);
                add(EVERY_MODEL, kind.lifts);
            }
            Some(Some(models)) => {
                for model in models {
                    let reach = self.reach(masks, kind, *model);
                    if let Some((model, reach)) = u16::try_from(*model).ok().zip(reach) {
                        add(model, reach);
                    }
                }
            }
            None => {}
        }
    }

    /// Where the masks of a list of directives stand for a model; `None` when it lifts nothing there.
    fn reach(&mut self, masks: &mut Masks, kind: &GrantKind, model: usize) -> Option<u32> {
        let at = self.plan_of.get(model).and_then(|plan| usize::try_from(*plan).ok())?;
        let (staff, persons) = kind.coverage.kinds();
        let kinds = u64::from(staff) | (u64::from(persons) << 1);
        let key = (u64::from(kind.lifts) << 32) | (u64::try_from(at).ok()? << 2) | kinds;
        if let Some(known) = masks.known.get(&key) {
            return *known;
        }
        let plan = self.plans.get_mut(at)?;
        let words = words(plan, self.lists.get(usize::try_from(kind.lifts).ok()?)?);
        let lifts_something = words.iter().any(|word| *word != 0);
        let reach = u32::try_from(masks.words.len()).ok().filter(|_| lifts_something);
        if reach.is_some() {
            masks.words.extend(&words);
            plan.mark_lifted(&words, staff, persons);
        }
        masks.known.insert(key, reach);
        reach
    }

    fn mark_everywhere(&mut self, kind: &GrantKind) {
        let list = usize::try_from(kind.lifts).ok().and_then(|at| self.lists.get(at));
        let Some(list) = list else { return };
        let (staff, persons) = kind.coverage.kinds();
        for plan in self.plans.iter_mut() {
            let words = words(plan, list);
            plan.mark_lifted(&words, staff, persons);
        }
    }
}

const fn covers(coverage: Coverage) -> &'static [Cover] {
    match coverage {
        Coverage::Persons => &[Cover::Named],
        Coverage::Staff => &[Cover::Staff],
        Coverage::Employees => &[Cover::Employees],
        Coverage::PersonsOrEmployees => &[Cover::Named, Cover::Employees],
    }
}

fn words(plan: &Plan, list: &[u32]) -> Vec<u64> {
    let mut words = vec![0u64; plan.blocks().len()];
    for bit in list.iter().filter_map(|position| plan.bit(*position)) {
        if let Some(word) = words.get_mut(bit >> 6) {
            *word |= 1u64.wrapping_shl(u32::try_from(bit & 63).unwrap_or(0));
        }
    }
    words
}

/// Persons who hold a place, per licence that is full.
fn enrolled(shelf: &Shelf) -> ByNumber<u32, Box<[u32]>> {
    let full = (0u32..).zip(&shelf.grants).filter(|(_, grant)| grant.live && shelf.is_full(grant));
    full.map(|(number, grant)| (number, shelf.persons_of(&grant.enrolled).into())).collect()
}

/// Live licences in order of their kind, and where each kind begins; one more than there are.
fn by_kind(shelf: &Shelf) -> (Vec<u32>, Vec<usize>) {
    let mut starts = vec![0usize; shelf.kinds.values.len().saturating_add(1)];
    let at = |grant: &Grant| usize::try_from(grant.kind).unwrap_or(usize::MAX);
    let live = || (0u32..).zip(&shelf.grants).filter(|(_, grant)| grant.live);
    for (_, grant) in live() {
        let next = starts.get_mut(at(grant).saturating_add(1));
        next.into_iter().for_each(|count| *count = count.saturating_add(1));
    }
    sum_up(&mut starts, 0);
    let mut next = starts.clone();
    let mut order = vec![0u32; starts.last().copied().unwrap_or(0)];
    for (number, grant) in live() {
        let Some(slot) = next.get_mut(at(grant)) else { continue };
        order.get_mut(*slot).into_iter().for_each(|place| *place = number);
        *slot = slot.saturating_add(1);
    }
    (order, starts)
}

fn sum_up(counts: &mut [usize], base: usize) -> usize {
    counts.iter_mut().fold(base, |sum, count| {
        *count = count.saturating_add(sum);
        *count
    })
}

/// Whom a licence is found under.
#[derive(Clone, Copy)]
enum Grantee {
    Firm(u32),
    Person(u32),
}

/// Goes through every entry: kind, licence, grantee; for one grantee in order of kind.
fn each(shelf: &Shelf, order: &[u32], drafts: &[Draft], mut visit: impl FnMut(u32, u32, Grantee)) {
    for (kind, draft) in (0u32..).zip(drafts) {
        for licence in order.get(draft.members.clone()).unwrap_or_default() {
            let Some(grant) = usize::try_from(*licence).ok().and_then(|at| shelf.grants.get(at)) else {
                continue;
            };
            if draft.kind.cover == Cover::Named {
                let persons = shelf.persons_of(&grant.persons);
                persons.iter().for_each(|person| visit(kind, *licence, Grantee::Person(*person)));
            } else {
                visit(kind, *licence, Grantee::Firm(grant.holder));
            }
        }
    }
}

/// Where the next entry of each grantee goes.
struct Places {
    firms: Vec<u32>,
    persons: Vec<u32>,
}

impl Places {
    fn new(shelf: &Shelf) -> Self {
        let counts = |names: usize| vec![0u32; names.saturating_add(1)];
        Self { firms: counts(shelf.firms.len()), persons: counts(shelf.persons.len()) }
    }

    /// How many entries each grantee has. In the order of the shelf: to go through licences by kind is to jump about.
    fn counted(shelf: &Shelf, entries_of_kind: &[PerGrantee]) -> Self {
        let mut places = Self::new(shelf);
        for grant in shelf.grants.iter().filter(|grant| grant.live) {
            let kind = usize::try_from(grant.kind).ok().and_then(|at| entries_of_kind.get(at));
            let Some(entries) = kind else { continue };
            places.count(Grantee::Firm(grant.holder), entries.firm);
            if entries.person != 0 {
                for person in shelf.persons_of(&grant.persons) {
                    places.count(Grantee::Person(*person), entries.person);
                }
            }
        }
        places
    }

    fn slot(&mut self, grantee: Grantee) -> Option<&mut u32> {
        let (slots, number) = match grantee {
            Grantee::Firm(number) => (&mut self.firms, number),
            Grantee::Person(number) => (&mut self.persons, number),
        };
        slots.get_mut(usize::try_from(number).ok()?)
    }

    fn count(&mut self, grantee: Grantee, entries: u32) {
        self.slot(grantee).into_iter().for_each(|count| *count = count.saturating_add(entries));
    }

    /// From counts to beginnings; how many entries there are.
    fn begin(&mut self) -> usize {
        let mut sum = 0u32;
        for slot in self.firms.iter_mut().chain(&mut self.persons) {
            let count = *slot;
            *slot = sum;
            sum = sum.saturating_add(count);
        }
        usize::try_from(sum).unwrap_or(usize::MAX)
    }

    fn take(&mut self, grantee: Grantee) -> Option<usize> {
        let slot = self.slot(grantee)?;
        let at = *slot;
        *slot = slot.saturating_add(1);
        usize::try_from(at).ok()
    }

    /// After all were taken, each stands where the next begins: moves them back by one.
    fn reset(mut self) -> Self {
        let first = self.firms.len().checked_sub(2).and_then(|at| self.firms.get(at)).copied().unwrap_or(0);
        for (slots, base) in [(&mut self.firms, 0), (&mut self.persons, first)] {
            slots.rotate_right(1);
            slots.first_mut().into_iter().for_each(|slot| *slot = base);
        }
        self
    }
}

/// Where the kinds of each model begin, then those for every model; one more than there are.
fn kind_starts(kinds: &[Kind], models: usize) -> Vec<u32> {
    let before = |model: usize| kinds.partition_point(|kind| usize::from(kind.model) < model);
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let mut starts: Vec<u32> = (0..models).map(|model| number(before(model))).collect();
    starts.push(number(before(usize::from(EVERY_MODEL))));
    starts.push(number(kinds.len()));
    starts
}
