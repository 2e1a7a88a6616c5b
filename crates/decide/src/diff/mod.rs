//! The difference of two regimes: who is treated otherwise, in what way, from when.
//!
//! No population is needed: what the directives do not tell apart is put into classes, one representative of each class
//! is decided under both regimes by the real engine, and classes that change in the same way are described together.
//! Over people on file, [`count_changes`] counts.
//!
//! In order of use: [`diff`], [`Diff`], [`Change`], [`Region`]; [`refuses_more`] and [`permits_more`];
//! [`count_changes`].

mod answer;
mod axes;
mod boxes;
mod classes;
mod count;
mod covers;
mod held;
mod looks;
mod merge;
mod pair;
mod person;
mod region;
mod sweep;

pub use answer::{Answer, Counterexample, permits_more, refuses_more};
pub use axes::Detail;
pub use classes::Rung;
pub use count::{Counter, Counts, Matrix, ModelCounts, count_changes};
pub use held::{Listing, Tie};
pub use region::{Condition, Employers, HeldGroup, Names, Owned, Region, Shown};

use crate::verdict::Outcome;
use law::Regime;
use looks::Scene;
use merge::State;
use pair::{Group, Pair};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use sweep::{Sweep, Swept};
use terms::{ClockReading, Instant, ModelId};

/// Bounds on the work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Work at most, in decisions; one that may have to try possible worlds counts as many. Beyond, people are told apart
    /// less finely, and the result says so.
    pub decisions: u64,
    /// Stretches of time per model at most. Beyond, the windows of licences are left out, and the result says so.
    pub stretches: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { decisions: 20_000_000, stretches: 4_096 }
    }
}

/// A group of persons and requests whose outcome is another under the second regime.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    /// The models.
    pub models: Vec<ModelId>,
    /// Outcome under the first regime.
    pub from: Outcome,
    /// Outcome under the second.
    pub to: Outcome,
    /// First instant; `None` = since ever.
    pub since: Option<Instant>,
    /// First instant at which it no longer holds; `None` = open.
    pub until: Option<Instant>,
    /// Who and what for.
    pub who: Region,
}

/// What was left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Cut {
    /// In some stretch of time, people were told apart only so finely.
    Detail(Detail),
    /// Some stretch of time was not looked at: even the coarsest look would have been too much.
    Skipped,
    /// The instants at which licences begin and end were not looked at one by one.
    LicenceWindows,
}

/// The difference.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Diff {
    /// Who changes, ordered by model, time and kind of change.
    pub changes: Vec<Change>,
    /// What was left out; empty = nothing: the difference is exact.
    pub cuts: BTreeSet<Cut>,
    /// Models that stand in one catalogue only; not compared.
    pub unmatched: Vec<ModelId>,
    /// The work done, in decisions, as in [`Options::decisions`].
    pub decisions: u64,
}

impl Diff {
    /// Changes of a model that hold at an instant.
    pub fn at<'a>(&'a self, model: &'a ModelId, at: Instant) -> impl Iterator<Item = &'a Change> {
        self.changes.iter().filter(move |change| {
            change.models.contains(model)
                && change.since.is_none_or(|since| since <= at)
                && change.until.is_none_or(|until| at < until)
        })
    }
}

/// The exact difference of two regimes, which must have been compiled with the same models by name; others are named in
/// [`Diff::unmatched`]. The clock is taken as exact.
///
/// Persons are told apart by status, nationality (up to two ties to countries), place, employer, match against lists,
/// and how well each of these is shown; requests by activity, end use and serving place: always as far as some directive
/// looks at it.
pub fn diff(a: &Regime, b: &Regime, options: Options) -> Diff {
    let pair = Pair::new(a, b);
    let (groups, unmatched) = pair.groups();
    let mut diff = Diff { unmatched, ..Diff::default() };
    let mut changes = Vec::new();
    walk(&pair, &groups, options, &mut diff, |group, stretch, sweep, allowed| {
        let swept = sweep.run(allowed, &mut |_| ControlFlow::Continue(()));
        for (space, cells) in swept.spaces.iter().zip(&swept.cells) {
            for (from, to, sets) in boxes::boxes(space, cells) {
                let who = region::region(&pair, space, &sets);
                let (since, until) = stretch;
                changes.push(Change { models: group.models.clone(), from, to, since, until, who });
            }
        }
        swept
    });
    diff.changes = together(in_one(changes));
    diff
}

/// First instant, and first instant after: `None` = since ever, open.
type Stretch = (Option<Instant>, Option<Instant>);

/// Goes through every stretch of time of every group of models in which something can differ.
fn walk(
    pair: &Pair<'_>,
    groups: &[Group],
    options: Options,
    diff: &mut Diff,
    mut visit: impl FnMut(&Group, (Option<Instant>, Option<Instant>), &Sweep<'_>, u64) -> Swept,
) {
    let mut work: Vec<(&Group, Stretch, Sweep<'_>)> = Vec::new();
    for group in groups.iter().filter(|group| group.changed.iter().any(|set| !set.is_empty())) {
        let (stretches, cut) = sweep::stretches(pair, group, options.stretches);
        diff.cuts.extend(cut.then_some(Cut::LicenceWindows));
        let ends: Vec<Option<Instant>> = stretches.iter().skip(1).map(|(since, _)| *since).collect();
        let mut last: Option<State> = None;
        for ((since, at), until) in stretches.into_iter().zip(ends.into_iter().chain([None])) {
            let sweep = Sweep { pair, group, clock: ClockReading::exact(at) };
            let scenes = sweep.scenes();
            let state = State::of(&scenes);
            let same = last.as_ref() == Some(&state);
            last = Some(state);
            if !scenes.iter().any(Scene::has_changed) {
                continue;
            }
            match work.last_mut() {
                // Nothing that decides has changed: the stretch goes on.
                Some((_, (_, end), _)) if same => *end = until,
                _ => work.push((group, (since, until), sweep)),
            }
        }
    }
    let mut left = u64::try_from(work.len()).unwrap_or(u64::MAX);
    for (group, stretch, sweep) in &work {
        let spare = options.decisions.saturating_sub(diff.decisions);
        let swept = visit(group, *stretch, sweep, spare.checked_div(left).unwrap_or(spare));
        left = left.saturating_sub(1);
        diff.decisions = diff.decisions.saturating_add(swept.work);
        match swept.detail {
            None => diff.cuts.extend([Cut::Skipped]),
            Some(Detail::Full) => {}
            Some(detail) => diff.cuts.extend([Cut::Detail(detail)]),
        }
        if swept.ended {
            return;
        }
    }
}

/// Changes that go on in the next stretch become one.
fn in_one(changes: Vec<Change>) -> Vec<Change> {
    let mut merged: Vec<Change> = Vec::new();
    for change in changes {
        let before = merged.iter_mut().rev().find(|before| {
            before.until.is_some()
                && before.until == change.since
                && before.models == change.models
                && (before.from, before.to) == (change.from, change.to)
                && before.who == change.who
        });
        match before {
            Some(before) => before.until = change.until,
            None => merged.push(change),
        }
    }
    merged
}

/// The same change of several models becomes one.
fn together(changes: Vec<Change>) -> Vec<Change> {
    let mut merged: Vec<Change> = Vec::new();
    for change in changes {
        let like = merged.iter_mut().find(|like| {
            (like.from, like.to, like.since, like.until)
                == (change.from, change.to, change.since, change.until)
                && like.who == change.who
        });
        match like {
            Some(like) => like.models.extend(change.models),
            None => merged.push(change),
        }
    }
    merged.iter_mut().for_each(|change| change.models.sort_unstable());
    merged.sort_by(|a, b| {
        let key = |change: &Change| (change.since, change.models.clone(), change.from as u8, change.to as u8);
        key(a).cmp(&key(b))
    });
    merged
}
