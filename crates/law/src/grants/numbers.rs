//! Numbers that are small, most of the time.

/// A list of numbers, in two bytes each as long as all of them fit.
#[derive(Clone, Debug)]
pub(super) enum Numbers {
    Small(Vec<u16>),
    Large(Vec<u32>),
}

impl Default for Numbers {
    fn default() -> Self {
        Self::Small(Vec::new())
    }
}

impl Numbers {
    /// Room for so many, each below `bound`.
    pub(super) fn with_len(len: usize, bound: usize) -> Self {
        if bound <= usize::from(u16::MAX) { Self::Small(vec![0; len]) } else { Self::Large(vec![0; len]) }
    }

    pub(super) fn set(&mut self, at: usize, number: u32) {
        match self {
            Self::Small(list) => {
                let number = u16::try_from(number).unwrap_or(u16::MAX);
                list.get_mut(at).into_iter().for_each(|slot| *slot = number);
            }
            Self::Large(list) => list.get_mut(at).into_iter().for_each(|slot| *slot = number),
        }
    }

    #[inline]
    pub(super) fn get(&self, at: usize) -> Option<u32> {
        match self {
            Self::Small(list) => list.get(at).copied().map(u32::from),
            Self::Large(list) => list.get(at).copied(),
        }
    }

    /// Where, in a sorted part, the numbers from `low` up to and without `high` stand.
    #[inline]
    pub(super) fn between(&self, from: usize, until: usize, low: u32, high: u32) -> (usize, usize) {
        match self {
            Self::Small(list) => {
                let high = u16::try_from(high).unwrap_or(u16::MAX);
                u16::try_from(low).map_or((from, from), |low| between(list, from, until, low, high))
            }
            Self::Large(list) => between(list, from, until, low, high),
        }
    }
}

#[inline]
fn between<T: PartialOrd>(list: &[T], from: usize, until: usize, low: T, high: T) -> (usize, usize) {
    let part = list.get(from..until).unwrap_or_default();
    let before = part.partition_point(|number| *number < low);
    let rest = part.get(before..).unwrap_or_default();
    let count = rest.iter().take_while(|number| **number < high).count();
    let first = from.wrapping_add(before);
    (first, first.wrapping_add(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_widths_find_the_same() {
        let numbers = [0, 1, 1, 3, 7, 7, 7, 900];
        for bound in [1_000, 1_000_000] {
            let mut list = Numbers::with_len(numbers.len(), bound);
            numbers.into_iter().enumerate().for_each(|(at, number)| list.set(at, number));
            assert!(numbers.into_iter().enumerate().all(|(at, number)| list.get(at) == Some(number)));
            assert_eq!(list.between(0, 8, 1, 2), (1, 3));
            assert_eq!(list.between(2, 8, 7, 8), (4, 7));
            assert_eq!(list.between(0, 8, 4, 7), (4, 4));
            assert_eq!(list.between(0, 8, 900, 65_536), (7, 8));
            assert_eq!(list.between(0, 8, 70_000, 80_000).0, list.between(0, 8, 70_000, 80_000).1);
        }
    }
}
