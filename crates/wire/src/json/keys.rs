//! The member names met in the objects that are open, so that none occurs twice.

use std::{borrow::Cow, collections::BTreeSet};

use super::Fault;

/// Objects up to this many members are searched from end to end, which is quicker for the sizes bodies have.
const SEARCHED: usize = 24;

/// Names of all open objects, outermost first.
pub(super) struct Keys<'b> {
    names: Vec<Cow<'b, str>>,
    /// One set per open object that outgrew [`SEARCHED`], with the place where its names begin.
    large: Vec<(usize, BTreeSet<Cow<'b, str>>)>,
}

impl<'b> Keys<'b> {
    pub(super) fn new() -> Self {
        Self { names: Vec::with_capacity(24), large: Vec::new() }
    }

    pub(super) const fn len(&self) -> usize {
        self.names.len()
    }

    /// Takes a name of the object whose names begin at `from`.
    #[inline]
    pub(super) fn note(&mut self, from: usize, key: Cow<'b, str>) -> Result<(), Fault> {
        let own = self.names.get(from..).unwrap_or_default();
        let twice =
            if own.len() < SEARCHED { own.contains(&key) } else { !self.add_to_set(from, key.clone()) };
        if twice {
            return Err(Fault::Duplicate(key.chars().take(64).collect()));
        }
        self.names.push(key);
        Ok(())
    }

    /// The object whose names begin at `from` is closed.
    #[inline]
    pub(super) fn forget(&mut self, from: usize) {
        self.names.truncate(from);
        if self.large.last().is_some_and(|(begin, _)| *begin == from) {
            self.large.pop();
        }
    }

    /// Whether the name is new to the large object.
    fn add_to_set(&mut self, from: usize, key: Cow<'b, str>) -> bool {
        if self.large.last().is_none_or(|(begin, _)| *begin != from) {
            let set = self.names.get(from..).unwrap_or_default().iter().cloned().collect();
            self.large.push((from, set));
        }
        self.large.last_mut().is_none_or(|(_, set)| set.insert(key))
    }
}
