//! Many cells as few boxes: in a box, every combination of the values listed changes in the same way.

use super::axes::Space;
use super::sweep::Changed;
use crate::verdict::Outcome;
use std::collections::HashMap;

/// Values per dimension.
pub(super) type Sets = Vec<Vec<usize>>;

/// The boxes of each change.
pub(super) fn boxes(space: &Space, cells: &[Changed]) -> Vec<(Outcome, Outcome, Sets)> {
    let mut boxes = Vec::new();
    for from in Outcome::ALL {
        for to in Outcome::ALL {
            let like = cells.iter().filter(|(_, outcomes)| *outcomes == [from, to]);
            let like = like.map(|(digits, _)| digits.as_slice());
            boxes.extend(merge(space, like).into_iter().map(|sets| (from, to, sets)));
        }
    }
    boxes
}

/// Merges boxes that differ in one dimension only, first in what is so and then in how well it is shown, until
/// nothing more can be merged.
fn merge<'c>(space: &Space, cells: impl Iterator<Item = &'c [usize]>) -> Vec<Sets> {
    let mut order: Vec<usize> = (0..space.axes.len()).collect();
    order.sort_by_key(|at| space.axes.get(*at).is_some_and(|axis| axis.fact.is_evidence()));
    let mut pool = Pool::default();
    let mut boxes: Vec<Vec<u32>> =
        cells.map(|cell| cell.iter().map(|digit| pool.number(vec![*digit])).collect()).collect();
    loop {
        let before = boxes.len();
        for axis in &order {
            boxes = pool.merge_along(boxes, *axis);
        }
        if boxes.len() == before {
            return boxes.into_iter().map(|sets| pool.sets_of(&sets)).collect();
        }
    }
}

/// Sets of values, each kept once.
#[derive(Default)]
struct Pool {
    sets: Vec<Vec<usize>>,
    numbers: HashMap<Vec<usize>, u32>,
}

impl Pool {
    fn number(&mut self, set: Vec<usize>) -> u32 {
        if let Some(known) = self.numbers.get(&set) {
            return *known;
        }
        let number = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
        self.sets.push(set.clone());
        self.numbers.insert(set, number);
        number
    }

    fn set(&self, number: u32) -> &[usize] {
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        self.sets.get(at).map(Vec::as_slice).unwrap_or_default()
    }

    fn sets_of(&self, numbers: &[u32]) -> Sets {
        numbers.iter().map(|number| self.set(*number).to_vec()).collect()
    }

    /// Boxes that are the same but along one dimension become one.
    fn merge_along(&mut self, boxes: Vec<Vec<u32>>, axis: usize) -> Vec<Vec<u32>> {
        let mut alike: HashMap<Vec<u32>, usize> = HashMap::new();
        let mut merged: Vec<(Vec<u32>, Vec<u32>)> = Vec::new();
        for mut sets in boxes {
            let Some(slot) = sets.get_mut(axis) else { continue };
            let own = std::mem::replace(slot, u32::MAX);
            let next = merged.len();
            let at = *alike.entry(sets.clone()).or_insert(next);
            match merged.get_mut(at) {
                Some((_, several)) => several.push(own),
                None => merged.push((sets, vec![own])),
            }
        }
        let mut result = Vec::with_capacity(merged.len());
        for (mut sets, several) in merged {
            let mut values: Vec<usize> =
                several.iter().flat_map(|number| self.set(*number).to_vec()).collect();
            values.sort_unstable();
            values.dedup();
            let number = self.number(values);
            sets.get_mut(axis).into_iter().for_each(|slot| *slot = number);
            result.push(sets);
        }
        result
    }
}
