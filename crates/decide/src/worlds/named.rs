//! Firms and persons that instruments name: one for each way the undecided directives tell them apart.

use crate::ask::Ask;
use crate::bits::RuleSet;
use crate::predicates::View;
use crate::worlds::World;
use law::{Entry, Grants, Plan, Rule};

/// How many are told apart at most; beyond, the question is not settled by worlds.
const MOST: usize = 64;

/// Representatives, by number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    numbers: [u32; MOST],
    marks: [u64; MOST],
    len: usize,
}

impl Named {
    pub(super) const NONE: Self = Self { numbers: [0; MOST], marks: [0; MOST], len: 0 };

    pub(super) fn list(&self) -> &[u32] {
        self.numbers.get(..self.len).unwrap_or_default()
    }

    /// Adds a representative if none has its mark yet; `None` when there is no room.
    fn add(&mut self, number: u32, mark: u64) -> Option<()> {
        let known = self.marks.get(..self.len).unwrap_or_default().contains(&mark);
        if known || mark == 0 {
            return Some(());
        }
        *self.numbers.get_mut(self.len)? = number;
        *self.marks.get_mut(self.len)? = mark;
        self.len = self.len.saturating_add(1);
        Some(())
    }

    /// Firms: those directives, exceptions and stays name, and holders of licences that lift one of these directives.
    pub(super) fn firms(ask: &Ask<'_>, undecided: &RuleSet) -> Option<Self> {
        let firms = Firms::new(ask, undecided);
        let rules = undecided.iter().filter_map(|bit| ask.rule(bit));
        let mut named = Self::NONE;
        for list in rules.flat_map(|rule| std::iter::once(&*rule.scope.firms).chain(relief_lists(rule))) {
            for firm in list {
                named.add(*firm, firms.mark(*firm))?;
            }
        }
        if firms.staff {
            for firm in ask.regime.grants().firms() {
                named.add(firm, firms.mark(firm))?;
            }
        }
        Some(named)
    }

    /// Persons whom licences and stays name.
    pub(super) fn persons(ask: &Ask<'_>, undecided: &RuleSet) -> Option<Self> {
        let mut named = Self::NONE;
        let stays = undecided.iter().filter_map(|bit| ask.rule(bit)).flat_map(|rule| &rule.reliefs);
        for person in stays.filter_map(|relief| relief.parties.as_ref()).flat_map(|parties| &parties.persons)
        {
            named.add(*person, mark_of_person(ask, undecided, *person))?;
        }
        for person in ask.regime.grants().persons() {
            named.add(person, mark_of_person(ask, undecided, person))?;
        }
        for person in ask.regime.grants().enrolled() {
            named.add(person, mark_of_person(ask, undecided, person))?;
        }
        Some(named)
    }
}

/// Lists of firms that the exceptions and stays of a directive name.
fn relief_lists(rule: &Rule) -> impl Iterator<Item = &[u32]> {
    rule.reliefs.iter().flat_map(|relief| {
        let parties = relief.parties.iter().map(|parties| &*parties.firms);
        relief.terms.firms.as_deref().into_iter().chain(parties)
    })
}

/// Marks of firms, with what is the same for all of them looked up once.
struct Firms<'a> {
    ask: &'a Ask<'a>,
    undecided: &'a RuleSet,
    plan: u32,
    /// Whether an exception or stay names firms.
    relieved: bool,
    /// Whether a licence may lift one of the directives for those who work for its holder.
    staff: bool,
}

impl<'a> Firms<'a> {
    fn new(ask: &'a Ask<'a>, undecided: &'a RuleSet) -> Self {
        let plan = ask.plan();
        let staff = |bit: usize| {
            let block = plan.and_then(|plan| plan.blocks().get(bit >> 6));
            block.is_some_and(|block| block.lifted_for_staff & crate::bits::mask(bit) != 0)
        };
        Self {
            ask,
            undecided,
            plan: ask.regime.plan_number(ask.request.model),
            relieved: undecided
                .iter()
                .filter_map(|bit| ask.rule(bit))
                .any(|rule| relief_lists(rule).next().is_some()),
            staff: undecided.iter().any(staff),
        }
    }

    fn mark(&self, firm: u32) -> u64 {
        let mut mark = Mark::default();
        let regime = self.ask.regime;
        let naming = regime.naming(firm);
        for named in regime.named([naming.start, naming.end]).iter().filter(|named| named.plan() == self.plan)
        {
            if self.undecided.contains(named.bit()) {
                mark.note(named.bit(), 1);
            }
        }
        if self.relieved {
            let rules = self.undecided.iter().filter_map(|bit| self.ask.rule(bit));
            let lists = rules.flat_map(relief_lists).enumerate();
            lists.filter(|(_, list)| list.binary_search(&firm).is_ok()).for_each(|(at, _)| mark.note(at, 7));
        }
        if self.staff {
            let entries = regime.grants().of_firm_for(firm, self.ask.request.model);
            mark.note_entries(self.ask, self.undecided, entries);
        }
        mark.0
    }
}

fn mark_of_person(ask: &Ask<'_>, undecided: &RuleSet, person: u32) -> u64 {
    let rules = undecided.iter().filter_map(|bit| ask.rule(bit));
    let parties =
        rules.flat_map(|rule| &rule.reliefs).filter_map(|relief| relief.parties.as_ref()).enumerate();
    let mut mark = Mark::default();
    parties
        .filter(|(_, parties)| parties.persons.binary_search(&person).is_ok())
        .for_each(|(at, _)| mark.note(at, 1));
    mark.note_entries(ask, undecided, ask.regime.grants().of_person_for(person, ask.request.model));
    for licence in ask.regime.grants().places_of(person) {
        mark.note(usize::try_from(licence).unwrap_or(usize::MAX), 3);
    }
    mark.0
}

/// What is noted about one name, mixed into a word; 0 = nothing.
#[derive(Default)]
pub(super) struct Mark(u64);

impl Mark {
    /// Goes on from what was noted before.
    pub(super) fn of(word: u64) -> Self {
        Self(word)
    }

    /// What is noted, with one more.
    pub(super) fn noted(mut self, at: usize, kind: u64) -> u64 {
        self.note(at, kind);
        self.0
    }

    pub(super) fn note(&mut self, at: usize, kind: u64) {
        let note = u64::try_from(at).unwrap_or(u64::MAX).wrapping_mul(8).wrapping_add(kind);
        let mixed = (self.0 ^ note).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = (mixed ^ (mixed >> 29)) | 1;
    }

    fn note_entries(&mut self, ask: &Ask<'_>, undecided: &RuleSet, entries: impl Iterator<Item = Entry>) {
        let Some(plan) = ask.plan() else { return };
        let grants = ask.regime.grants();
        for entry in entries.filter(|entry| is_open(ask, entry)) {
            if lifts_any(grants, plan, &entry, undecided) {
                undecided
                    .iter()
                    .filter(|bit| grants.lifts(&entry, plan, *bit))
                    .for_each(|bit| self.note(bit, 2));
                self.note(usize::from(entry.full), 4);
                self.note(entry.cover as usize, 5);
                self.note(usize::from(entry.number_of_terms()), 6);
            }
        }
    }
}

fn is_open(ask: &Ask<'_>, entry: &Entry) -> bool {
    entry.is_for(ask.request.model) && entry.window().relieves(ask.clock)
}

fn lifts_any(grants: &Grants, plan: &Plan, entry: &Entry, undecided: &RuleSet) -> bool {
    undecided.iter().any(|bit| grants.lifts(entry, plan, bit))
}

/// Whether some relief of an undecided directive looks at permanent residence.
pub(super) fn looks_at_residence(ask: &Ask<'_>, undecided: &RuleSet) -> bool {
    let world = World::recorded(ask.regime.choices());
    undecided.iter().filter_map(|bit| ask.rule(bit)).any(|rule| {
        let view = View::of(ask, rule, &world);
        rule.reliefs.iter().any(|relief| relief.terms.resident_of.is_some() && view.is_open(relief))
    })
}
