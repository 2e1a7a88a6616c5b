//! Deciding every class of persons and requests under both regimes.

use super::axes::{Axis, Builder, Detail, Space};
use super::looks::Scene;
use super::merge;
use super::pair::{Group, Pair};
use super::person;
use crate::ask::Ask;
use crate::bits::RuleSet;
use crate::engine::outcome;
use crate::masks;
use crate::subject::Subject;
use crate::verdict::Outcome;
use law::{Plan, Regime};
use std::collections::HashMap;
use std::ops::ControlFlow;
use terms::{ClockReading, Instant, Request};

/// What a decision weighs that may have to try possible worlds: so much, and so much for each directive that binds.
const WORLDS: u64 = 64;
const WORLDS_PER_DIRECTIVE: u64 = 8;

/// A class of persons and requests whose outcome differs: one value per dimension.
pub(super) struct Cell<'a> {
    pub(super) space: &'a Space,
    pub(super) digits: &'a [usize],
    pub(super) outcomes: [Outcome; 2],
}

/// What looks at changed cells; may end the sweep.
pub(super) type Visit<'v> = dyn FnMut(&Cell<'_>) -> ControlFlow<()> + 'v;

/// One group of models in one stretch of time.
pub(super) struct Sweep<'a> {
    pub(super) pair: &'a Pair<'a>,
    pub(super) group: &'a Group,
    pub(super) clock: ClockReading,
}

/// What a sweep came to.
pub(super) struct Swept {
    /// How finely people were told apart; `None` = even the coarsest look was too much.
    pub(super) detail: Option<Detail>,
    /// The work done, in decisions; one that has to try possible worlds counts as many.
    pub(super) work: u64,
    /// Whether the visitor ended it.
    pub(super) ended: bool,
    /// The dimensions, for persons and for shared keys.
    pub(super) spaces: [Space; 2],
    /// What each changed cell became, by space.
    pub(super) cells: [Vec<Changed>; 2],
}

/// One value per dimension, and the outcomes.
pub(super) type Changed = (Vec<usize>, [Outcome; 2]);

impl Sweep<'_> {
    /// Both regimes at the instant.
    pub(super) fn scenes(&self) -> Vec<Scene<'_>> {
        Scene::both(self.pair, self.group, self.clock, false)
    }

    /// Both regimes with what binds only.
    fn narrowed(&self) -> [Regime; 2] {
        let scenes = self.scenes();
        let of = |side: usize, regime: &Regime| {
            scenes.iter().find(|scene| scene.side == side).map_or_else(|| regime.clone(), merge::narrowed)
        };
        let [a, b] = self.pair.regimes;
        [of(0, a), of(1, b)]
    }

    /// Finds every class with different outcomes, as finely as the work allowed permits. Where that is not the finest
    /// look, what the finer looks found is forgotten.
    pub(super) fn run(&self, allowed: u64, visit: &mut Visit<'_>) -> Swept {
        let builder = Builder::new(self.pair, self.group, self.clock);
        let narrow = self.narrowed();
        let mut work = 0u64;
        let mut share = allowed.checked_div(2).unwrap_or(0);
        for detail in Detail::ALL {
            let spaces = [false, true].map(|shared| builder.space(shared, detail));
            let mut look = Look { sweep: self, regimes: &narrow, left: share, visit: &mut *visit };
            let [persons, keys] = spaces.each_ref().map(|space| look.over(space));
            work = work.saturating_add(share.saturating_sub(look.left));
            share = share.checked_div(2).unwrap_or(0);
            let (ended, cells) = match (persons, keys) {
                (Found::All(persons), Found::All(keys)) => (false, [persons, keys]),
                (Found::Enough, _) | (_, Found::Enough) => (true, Default::default()),
                _ => continue,
            };
            return Swept { detail: Some(detail), work, ended, spaces, cells };
        }
        let spaces = [false, true].map(|shared| builder.space(shared, Detail::Extremes));
        Swept { detail: None, work, ended: false, spaces, cells: Default::default() }
    }
}

/// What a look over one space found.
enum Found {
    All(Vec<Changed>),
    /// The visitor has what it wants.
    Enough,
    TooMuch,
}

/// One look, with the work that is left for it.
struct Look<'l, 'a, 'v> {
    sweep: &'l Sweep<'a>,
    regimes: &'l [Regime; 2],
    left: u64,
    visit: &'l mut Visit<'v>,
}

impl Look<'_, '_, '_> {
    fn over(&mut self, space: &Space) -> Found {
        let mut decider = Decider::new(self.sweep, self.regimes, space);
        let Some(undecided) = self.undecided(space, &mut decider) else { return Found::TooMuch };
        if expanded(space, &undecided) > self.left {
            return Found::TooMuch;
        }
        let mut cells = Vec::new();
        for choice in &undecided {
            match self.expand(space, &mut decider, choice, &mut cells) {
                ControlFlow::Continue(()) => {}
                ControlFlow::Break(found) => return found,
            }
        }
        Found::All(cells)
    }

    /// Does some work; `None` when there is none left.
    fn spend(&mut self, work: u64) -> Option<()> {
        self.left = self.left.checked_sub(work)?;
        Some(())
    }

    /// Combinations of coarse classes in which the differing directives leave it open that the outcomes differ.
    /// `None` when there are more than allowed.
    fn undecided(&mut self, space: &Space, decider: &mut Decider<'_>) -> Option<Vec<Vec<usize>>> {
        let sizes: Vec<usize> = space.axes.iter().map(|axis| axis.groups.len()).collect();
        self.spend(product(sizes.iter().copied()))?;
        let mut found = Vec::new();
        let mut choice = vec![0; sizes.len()];
        loop {
            let first = |(axis, group): (&Axis, &usize)| {
                axis.groups.get(*group).and_then(|group| group.first()).copied().unwrap_or(0)
            };
            let digits: Vec<usize> = space.axes.iter().zip(&choice).map(first).collect();
            if decider.can_differ(&digits) {
                found.push(choice.clone());
            }
            if !step(&mut choice, &sizes) {
                return Some(found);
            }
        }
    }

    /// Decides every combination of fine classes in a combination of coarse ones.
    fn expand(
        &mut self,
        space: &Space,
        decider: &mut Decider<'_>,
        choice: &[usize],
        cells: &mut Vec<Changed>,
    ) -> ControlFlow<Found> {
        let groups: Vec<&[usize]> = space
            .axes
            .iter()
            .zip(choice)
            .map(|(axis, group)| axis.groups.get(*group).map(Vec::as_slice).unwrap_or_default())
            .collect();
        let sizes: Vec<usize> = groups.iter().map(|group| group.len()).collect();
        let mut within = vec![0; sizes.len()];
        loop {
            let digits: Vec<usize> =
                groups.iter().zip(&within).map(|(group, at)| group.get(*at).copied().unwrap_or(0)).collect();
            let (outcomes, work) = decider.outcomes(&digits);
            if self.spend(work).is_none() {
                return ControlFlow::Break(Found::TooMuch);
            }
            let [before, after] = outcomes;
            if before != after {
                if (self.visit)(&Cell { space, digits: &digits, outcomes }).is_break() {
                    return ControlFlow::Break(Found::Enough);
                }
                cells.push((digits, outcomes));
            }
            if !step(&mut within, &sizes) {
                return ControlFlow::Continue(());
            }
        }
    }
}

/// The next combination, the last dimension turning fastest; false after the last.
fn step(choice: &mut [usize], sizes: &[usize]) -> bool {
    for (digit, size) in choice.iter_mut().zip(sizes).rev() {
        *digit = digit.saturating_add(1);
        if *digit < *size {
            return true;
        }
        *digit = 0;
    }
    false
}

fn product(sizes: impl Iterator<Item = usize>) -> u64 {
    sizes.fold(1u64, |product, size| product.saturating_mul(u64::try_from(size).unwrap_or(u64::MAX)))
}

fn expanded(space: &Space, plan: &[Vec<usize>]) -> u64 {
    let size = |choice: &Vec<usize>| {
        let groups = space.axes.iter().zip(choice);
        product(groups.map(|(axis, group)| axis.groups.get(*group).map_or(0, Vec::len)))
    };
    plan.iter().fold(0u64, |sum, choice| sum.saturating_add(size(choice)))
}

/// Decides one class after the other; a person is made ready once for all requests.
struct Decider<'a> {
    sweep: &'a Sweep<'a>,
    regimes: &'a [Regime; 2],
    space: &'a Space,
    of_person: usize,
    changed: [RuleSet; 2],
    /// What a pair of decisions weighs that may have to try possible worlds.
    heavy: u64,
    last: Vec<usize>,
    subjects: Option<[Subject; 2]>,
    /// Outcomes of classes that stand for others too.
    known: HashMap<Vec<usize>, [Outcome; 2]>,
}

impl<'a> Decider<'a> {
    fn new(sweep: &'a Sweep<'a>, regimes: &'a [Regime; 2], space: &'a Space) -> Self {
        let changed = sweep.group.changed;
        let of_person = space.of_person();
        let known = HashMap::new();
        let models = sweep.group.at.into_iter().zip(regimes);
        let rules = models.flat_map(|(model, regime)| regime.rules_for(model));
        let binding = rules.filter(|(_, rule)| rule.enforced()).fold(0u64, |sum, _| sum.saturating_add(1));
        let heavy = WORLDS.saturating_add(binding.saturating_mul(WORLDS_PER_DIRECTIVE));
        Self { sweep, regimes, space, of_person, changed, heavy, last: Vec::new(), subjects: None, known }
    }

    /// Both asks for a class.
    fn ask<T>(&mut self, digits: &[usize], mut answer: impl FnMut(usize, &Ask<'_>) -> T) -> Option<[T; 2]> {
        let (facts, request) = person::build(self.sweep.pair, self.space, digits);
        let own = digits.get(..self.of_person).unwrap_or_default();
        let regimes = self.regimes;
        if self.subjects.is_none() || self.last != own {
            let ready = |regime| Subject::new(regime, &facts, self.sweep.clock.at);
            self.subjects = Some(regimes.each_ref().map(ready));
            self.last = own.to_vec();
        }
        let [a, b] = self.subjects.as_ref()?;
        let [in_a, in_b] = regimes;
        let [model_a, model_b] = self.sweep.group.at;
        let clock = self.sweep.clock;
        let one =
            |regime, subject, model| Ask { regime, subject, request: Request { model, ..request }, clock };
        Some([answer(0, &one(in_a, a, model_a)), answer(1, &one(in_b, b, model_b))])
    }

    /// The outcomes of a class, and the work they took.
    fn outcomes(&mut self, digits: &[usize]) -> ([Outcome; 2], u64) {
        let standing = self.space.standing_for(digits);
        if standing == digits {
            return self.decided(digits);
        }
        if let Some(known) = self.known.get(&standing) {
            return (*known, 1);
        }
        let (outcomes, work) = self.decided(&standing);
        self.known.insert(standing, outcomes);
        (outcomes, work)
    }

    fn decided(&mut self, digits: &[usize]) -> ([Outcome; 2], u64) {
        let outcomes = self.ask(digits, |_, ask| outcome(ask).0).unwrap_or([Outcome::Deny; 2]);
        let open = |outcome: &&Outcome| matches!(outcome, Outcome::VerifyFirst | Outcome::Depends);
        let tried = outcomes.iter().filter(open).count();
        (outcomes, if tried == 0 { 2 } else { self.heavy })
    }

    /// Whether the outcomes can differ: not where no differing directive reaches the person in either regime, and
    /// not where one does for certain in each.
    fn can_differ(&mut self, digits: &[usize]) -> bool {
        let changed = self.changed;
        let held = self.ask(digits, |side, ask| {
            let (mut inside, mut open) = (RuleSet::EMPTY, RuleSet::EMPTY);
            masks::judge(ask, &mut inside, &mut open);
            let among = changed.get(side).copied().unwrap_or(RuleSet::EMPTY);
            let meet = |set: &RuleSet| set.iter().any(|bit| among.contains(bit));
            (meet(&inside), meet(&open))
        });
        let Some([(in_a, open_a), (in_b, open_b)]) = held else { return true };
        !(in_a && in_b) && (in_a || in_b || open_a || open_b)
    }
}

/// Instants at which something changes for a group of models, and one more before them. Licences that differ in
/// nothing are left out when there would be more than `most`; then the second is true.
pub(super) fn stretches(
    pair: &Pair<'_>,
    group: &Group,
    most: usize,
) -> (Vec<(Option<Instant>, Instant)>, bool) {
    let mut edges = std::collections::BTreeSet::new();
    let sides = || pair.sides().zip(group.at);
    for ((_, regime), model) in sides() {
        for (_, rule) in regime.rules_for(model).filter(|(_, rule)| rule.enforced()) {
            edges.extend([Some(rule.window.from), rule.window.until].into_iter().flatten());
            edges.extend(rule.fold.into_iter().flatten());
            let open = rule.reliefs.iter().filter(|relief| relief.models.has(model));
            edges.extend(open.flat_map(|relief| [Some(relief.window.from), relief.window.until]).flatten());
        }
    }
    let mut of_licences = std::collections::BTreeSet::new();
    for ((_, regime), model) in sides() {
        let matters = |plan: &Plan| {
            plan.blocks().iter().any(|block| block.lifted_for_staff | block.lifted_for_persons != 0)
        };
        if regime.plan(model).is_some_and(matters) {
            let entries = regime.grants().all().filter(|entry| entry.is_for(model));
            of_licences.extend(entries.flat_map(|entry| [entry.from, entry.until]));
        }
    }
    let cut = edges.len().saturating_add(of_licences.len()) > most;
    if !cut {
        edges.extend(of_licences);
    }
    edges.remove(&Instant::MIN);
    edges.remove(&Instant::MAX);
    let before = edges.first().map_or(Instant::from_micros(0), |first| first.plus_micros(-1));
    let starts = edges.into_iter().map(|edge| (Some(edge), edge));
    ([(None, before)].into_iter().chain(starts).collect(), cut)
}
