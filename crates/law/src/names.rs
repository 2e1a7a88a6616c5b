//! Names as small numbers: the decision compares numbers, never strings.

use crate::grants::{trim, trim_text};
use hashbrown::HashTable;
use std::hash::{BuildHasher, RandomState};

/// Names in order of first mention. Their letters stand one after the other: there may be a million.
#[derive(Clone, Debug, Default)]
pub struct Names {
    text: String,
    /// Where each ends.
    ends: Vec<u32>,
    table: HashTable<u32>,
    state: RandomState,
}

impl Names {
    /// The number of a name; a new one if it was not known. Beyond 4 GiB of names, the number of no name.
    pub fn intern(&mut self, name: &str) -> u32 {
        if let Some(known) = self.find(name) {
            return known;
        }
        let end = self.text.len().checked_add(name.len()).and_then(|end| u32::try_from(end).ok());
        let Some((number, end)) = u32::try_from(self.ends.len()).ok().zip(end) else { return u32::MAX };
        self.text.push_str(name);
        self.ends.push(end);
        let Self { text, ends, table, state } = self;
        let hash = |number: &u32| state.hash_one(at(text, ends, *number).unwrap_or_default());
        table.insert_unique(state.hash_one(name), number, hash);
        number
    }

    /// Gives back room that is not needed soon.
    pub(crate) fn trim(&mut self) {
        trim_text(&mut self.text);
        trim(&mut self.ends);
    }

    /// The number of a name, if it is known.
    pub fn find(&self, name: &str) -> Option<u32> {
        let same = |number: &u32| at(&self.text, &self.ends, *number) == Some(name);
        self.table.find(self.state.hash_one(name), same).copied()
    }

    /// Every name with its number, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        let numbers = (0u32..).take(self.ends.len());
        numbers.filter_map(|number| Some((at(&self.text, &self.ends, number)?, number)))
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

fn at<'a>(text: &'a str, ends: &[u32], number: u32) -> Option<&'a str> {
    let number = usize::try_from(number).ok()?;
    let end = |at: usize| ends.get(at).and_then(|end| usize::try_from(*end).ok());
    let from = number.checked_sub(1).map_or(Some(0), end)?;
    text.get(from..end(number)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number() {
        let mut names = Names::default();
        let all: Vec<String> =
            (0..500).map(|number| format!("firm {number}")).chain([String::new()]).collect();
        let numbers: Vec<u32> = all.iter().map(|name| names.intern(name)).collect();
        assert_eq!(numbers, (0..501).collect::<Vec<u32>>());
        assert!(all.iter().zip(&numbers).all(|(name, number)| names.intern(name) == *number));
        assert_eq!(names.find("firm 501"), None);
        assert!(names.iter().map(|(name, _)| name).eq(all.iter().map(String::as_str)));
    }
}
