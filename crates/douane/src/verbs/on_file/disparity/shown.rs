//! What of a report may be shown: nothing from which fewer than ten people could be told apart.

use super::Class;
use serde::Serialize;
use std::collections::BTreeMap;

/// Fewer are not shown.
pub(super) const SMALL: u64 = 10;
/// The class into which small ones go.
pub(super) const OTHERS: &str = "others, fewer than 10 each";

/// A class as it is shown; an absent number is at least 1 and below ten, or would give such a one away.
#[derive(Debug, Clone, Serialize, PartialEq, Eq)]
pub(super) struct Shown {
    pub people: Option<u64>,
    pub served: Option<u64>,
    pub verify_first: Option<u64>,
    pub denied: Option<u64>,
    pub reading_open: Option<u64>,
    pub refused: Option<u64>,
    pub wrongly_refused: Option<u64>,
    pub contested: Option<u64>,
    pub appealed: Option<u64>,
    pub appeals_granted: Option<u64>,
    pub median_cure_s: Option<i64>,
}

/// The classes of one division of the people.
pub(super) fn show(mut classes: BTreeMap<String, Class>) -> BTreeMap<String, Shown> {
    let others = pool(&mut classes);
    let mut shown: BTreeMap<String, Shown> =
        classes.into_iter().map(|(word, class)| (word, one(class))).collect();
    shown.extend(others.map(|others| (OTHERS.to_owned(), one(others))));
    shown
}

/// Takes the small classes out and puts them together; if they are still small, the next larger ones with them, since
/// a total shown elsewhere would tell what is left.
fn pool(classes: &mut BTreeMap<String, Class>) -> Option<Class> {
    let mut by_size: Vec<(u64, String)> =
        classes.iter().map(|(word, class)| (class.tally.people, word.clone())).collect();
    by_size.sort();
    let mut others: Option<Class> = None;
    for (people, word) in by_size {
        let enough = others.as_ref().is_none_or(|pooled| pooled.tally.people >= SMALL);
        if people >= SMALL && enough {
            break;
        }
        if let Some(class) = classes.remove(&word) {
            others.get_or_insert_default().join(class);
        }
    }
    others
}

const fn hidden(count: u64) -> bool {
    0 < count && count < SMALL
}

fn number(count: u64) -> Option<u64> {
    (!hidden(count)).then_some(count)
}

fn one(mut class: Class) -> Shown {
    let tally = class.tally;
    let small = tally.people < SMALL;
    let parts = divided([tally.served, tally.verify_first, tally.denied, tally.reading_open]);
    let [served, verify_first, denied, reading_open] = parts.map(|part| part.filter(|_| !small));
    let plain = |count| number(count).filter(|_| !small);
    let enough = class.cures_us.len() >= 10 && !small;
    Shown {
        people: plain(tally.people),
        served,
        verify_first,
        denied,
        reading_open,
        refused: plain(class.refused),
        wrongly_refused: plain(class.wrongly_refused),
        contested: plain(class.contested),
        appealed: plain(class.appealed),
        appeals_granted: plain(class.appeals_granted),
        median_cure_s: class.median_cure_us().filter(|_| enough).map(|micros| micros / 1_000_000),
    }
}

/// Parts of a known whole: one that is hidden alone would follow from the others, so the next smallest goes with it.
fn divided(parts: [u64; 4]) -> [Option<u64>; 4] {
    let mut shown = parts.map(number);
    if shown.iter().filter(|part| part.is_none()).count() == 1 {
        let rest = shown.iter_mut().filter(|part| part.is_some_and(|count| count > 0));
        if let Some(next) = rest.min() {
            *next = None;
        }
    }
    shown
}
