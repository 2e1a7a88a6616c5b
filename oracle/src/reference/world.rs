//! Possible worlds: what they differ in, and walking through all of them.

use std::cell::Cell;
use terms::Question;

/// Something worlds may differ in: the answer to a question, or the value of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    /// The answer to an open question.
    Reading(Question),
    /// Status under US law.
    Status,
    /// Citizenships not on the list, and whether one of them is the latest.
    Hidden,
    /// A citizenship held in the past that is not on the list.
    Past,
    /// Which of the claimed losses are true.
    Losses,
    /// Which of the holdings with unknown dates is the latest.
    Order,
    /// Where the person is.
    Place,
    /// What the model is used for.
    EndUse,
    /// For whom the person works.
    Firm,
    /// In which relation.
    Relation,
    /// How much of the firm belongs to listed owners.
    Share,
    /// Where the firm's ultimate parent sits.
    Parent,
    /// Whether somebody on a list is meant.
    Match,
    /// Which named person stands behind a key.
    Name,
}

/// Facts worlds may differ in, besides the questions.
const FACTS: [Axis; 13] = [
    Axis::Status,
    Axis::Hidden,
    Axis::Past,
    Axis::Losses,
    Axis::Order,
    Axis::Place,
    Axis::EndUse,
    Axis::Firm,
    Axis::Relation,
    Axis::Share,
    Axis::Parent,
    Axis::Match,
    Axis::Name,
];

/// How many axes there are.
const AXES: usize = Question::ALL.len() + FACTS.len();

impl Axis {
    /// Questions in their order, then facts.
    fn all() -> impl Iterator<Item = Self> {
        Question::ALL.into_iter().map(Self::Reading).chain(FACTS)
    }

    fn index(self) -> usize {
        match self {
            Self::Reading(question) => question as usize,
            Self::Status => 10,
            Self::Hidden => 11,
            Self::Past => 12,
            Self::Losses => 13,
            Self::Order => 14,
            Self::Place => 15,
            Self::EndUse => 16,
            Self::Firm => 17,
            Self::Relation => 18,
            Self::Share => 19,
            Self::Parent => 20,
            Self::Match => 21,
            Self::Name => 22,
        }
    }
}

/// One possible world: the position of its value on each axis. It notes which axes were looked at.
#[derive(Debug)]
pub(super) struct World {
    values: [usize; AXES],
    read: Cell<u32>,
}

impl World {
    /// The position of this world's value on the axis.
    pub(super) fn value(&self, axis: Axis) -> usize {
        self.read.set(self.read.get() | 1 << axis.index());
        self.values[axis.index()]
    }
}

/// An axis with its number of values and the distance in the table between neighbours on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dimension {
    pub(super) axis: Axis,
    pub(super) count: usize,
    pub(super) stride: usize,
}

/// What holds in each world; the first dimension varies slowest.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) dimensions: Vec<Dimension>,
    pub(super) refused: Vec<bool>,
}

/// Asks in every world that may differ. Starts with one world and adds an axis whenever the answer looked at it.
pub(super) fn explore(count: impl Fn(Axis) -> usize, refused: impl Fn(&World) -> bool) -> Table {
    let mut wanted: u32 = 0;
    loop {
        let dimensions = dimensions(wanted, &count);
        let (looked_at, refused) = walk(&dimensions, wanted, &refused);
        if looked_at | wanted == wanted {
            return Table { dimensions, refused };
        }
        wanted |= looked_at;
    }
}

fn dimensions(wanted: u32, count: impl Fn(Axis) -> usize) -> Vec<Dimension> {
    let axes = Axis::all().filter(|axis| wanted & (1 << axis.index()) != 0);
    let mut dimensions: Vec<Dimension> =
        axes.map(|axis| Dimension { axis, count: count(axis), stride: 1 }).collect();
    let mut stride = 1;
    for dimension in dimensions.iter_mut().rev() {
        dimension.stride = stride;
        stride *= dimension.count;
    }
    dimensions
}

/// Walks through the worlds until one looks at an axis that is not among the dimensions.
fn walk(dimensions: &[Dimension], wanted: u32, refused: impl Fn(&World) -> bool) -> (u32, Vec<bool>) {
    let worlds: usize = dimensions.iter().map(|dimension| dimension.count).product();
    let mut world = World { values: [0; AXES], read: Cell::new(0) };
    let mut answers = Vec::with_capacity(worlds);
    for number in 0..worlds {
        for dimension in dimensions {
            world.values[dimension.axis.index()] = number / dimension.stride % dimension.count;
        }
        answers.push(refused(&world));
        if world.read.get() & !wanted != 0 {
            break;
        }
    }
    (world.read.get(), answers)
}

impl Table {
    /// Dimensions on which two worlds differ in nothing else and yet in being refused.
    pub(super) fn sensitive(&self) -> impl Iterator<Item = Axis> {
        let flips = |dimension: &&Dimension| {
            let neighbours = self.refused.iter().zip(self.refused.iter().skip(dimension.stride)).enumerate();
            let last = dimension.count - 1;
            neighbours
                .filter(|(number, _)| number / dimension.stride % dimension.count != last)
                .any(|(_, (here, there))| here != there)
        };
        self.dimensions.iter().filter(flips).map(|dimension| dimension.axis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_axes_looked_at_are_enumerated() {
        let table = explore(
            |axis| if axis == Axis::Status { 3 } else { 2 },
            |world| world.value(Axis::Place) == 1 && world.value(Axis::Status) == 2,
        );
        assert_eq!(table.refused, [false, false, false, false, false, true]);
        assert_eq!(table.sensitive().collect::<Vec<_>>(), [Axis::Status, Axis::Place]);
    }

    #[test]
    fn positions_are_distinct() {
        assert!(Axis::all().map(Axis::index).eq(0..AXES));
    }

    #[test]
    fn an_axis_without_influence_is_not_sensitive() {
        let table = explore(|_| 2, |world| world.value(Axis::Place) == 0 || world.value(Axis::Place) == 1);
        assert_eq!(table.refused, [true, true]);
        assert_eq!(table.sensitive().count(), 0);
    }
}
