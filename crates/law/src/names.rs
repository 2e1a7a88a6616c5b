//! Names as small numbers: the decision compares numbers, never strings.

use std::collections::HashMap;

/// Names in order of first mention.
#[derive(Clone, Debug, Default)]
pub struct Names {
    by_name: HashMap<Box<str>, u32>,
}

impl Names {
    /// The number of a name; a new one if it was not known.
    pub fn intern(&mut self, name: &str) -> u32 {
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        let number = u32::try_from(self.by_name.len()).unwrap_or(u32::MAX);
        self.by_name.insert(name.into(), number);
        number
    }

    /// The number of a name, if it is known.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    /// Every name with its number, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.by_name.iter().map(|(name, number)| (&**name, *number))
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }
}
