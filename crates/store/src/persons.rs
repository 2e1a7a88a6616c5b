//! People in memory: a million of them in a few dozen bytes each.

use hashbrown::HashTable;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use terms::{PersonFacts, PersonId};

use crate::error::StoreError;
use crate::sqlite::Result;
use crate::sqlite::people::{PACKED, Place, unpack};

/// The people of one account, with the facts of its roster. A copy shares them.
///
/// Identifiers stand one after the other in one text, and people with equal facts share them; so facts name no person.
#[derive(Clone, Default)]
pub struct People(Arc<Table>);

#[derive(Clone, Default)]
struct Table {
    text: String,
    /// Where each identifier ends.
    ends: Vec<u32>,
    /// Which facts each person has.
    facts: Vec<u32>,
    by_name: HashTable<u32>,
    shared: Shared,
    state: RandomState,
}

/// Facts, each once.
#[derive(Clone, Default)]
struct Shared {
    facts: Vec<Arc<PersonFacts>>,
    /// The hash of the stored form of each.
    hashes: Vec<u64>,
    by_hash: HashTable<u32>,
}

impl People {
    /// The facts of one person.
    pub fn get(&self, person: &PersonId) -> Option<&Arc<PersonFacts>> {
        self.0.get(person.as_str())
    }

    /// Everybody, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<PersonFacts>)> {
        self.0.iter()
    }

    /// Number of people.
    pub fn len(&self) -> usize {
        self.0.ends.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.0.ends.is_empty()
    }

    /// Bytes of memory they take, without what shared facts point to (citizenships, an employer's name).
    pub fn bytes(&self) -> usize {
        self.0.bytes()
    }

    /// Distinct facts held for them.
    pub fn distinct_facts(&self) -> usize {
        self.0.shared.facts.len()
    }
}

impl Table {
    fn get(&self, person: &str) -> Option<&Arc<PersonFacts>> {
        self.facts_of(self.find(person)?)
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &Arc<PersonFacts>)> {
        let numbers = (0_u32..).take(self.ends.len());
        numbers.filter_map(|number| Some((name(&self.text, &self.ends, number)?, self.facts_of(number)?)))
    }

    fn find(&self, person: &str) -> Option<u32> {
        let same = |number: &u32| name(&self.text, &self.ends, *number) == Some(person);
        self.by_name.find(self.state.hash_one(person), same).copied()
    }

    fn facts_of(&self, number: u32) -> Option<&Arc<PersonFacts>> {
        self.shared.facts.get(at(*self.facts.get(at(number))?))
    }

    fn bytes(&self) -> usize {
        let numbers = self.ends.capacity().saturating_add(self.facts.capacity()).saturating_mul(4);
        let parts = [self.text.capacity(), numbers, self.by_name.allocation_size(), self.shared.bytes()];
        parts.into_iter().fold(0, usize::saturating_add)
    }

    /// Gives a person these facts, which are in [`Shared`].
    fn put(&mut self, person: &str, facts: u32) -> Option<()> {
        if let Some(known) = self.find(person) {
            *self.facts.get_mut(at(known))? = facts;
            return Some(());
        }
        let number = u32::try_from(self.ends.len()).ok()?;
        let end = u32::try_from(self.text.len().checked_add(person.len())?).ok()?;
        self.text.push_str(person);
        self.ends.push(end);
        self.facts.push(facts);
        let Self { text, ends, by_name, state, .. } = self;
        let hash = |number: &u32| state.hash_one(name(text, ends, *number).unwrap_or_default());
        by_name.insert_unique(state.hash_one(person), number, hash);
        Some(())
    }

    fn share(&mut self, text: &str) -> Result<u32> {
        let facts: PersonFacts = serde_json::from_str(text)
            .map_err(|error| StoreError::damaged(0, format!("facts do not read: {error}")))?;
        let hash = self.state.hash_one(text);
        self.shared.put(hash, facts).ok_or_else(too_many)
    }

    /// Gives back what a load reserved and did not use.
    fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.facts.shrink_to_fit();
        let Self { text, ends, by_name, state, .. } = self;
        by_name.shrink_to_fit(|number| state.hash_one(name(text, ends, *number).unwrap_or_default()));
    }
}

impl Shared {
    fn bytes(&self) -> usize {
        // Each has its counts, its pointer and its hash besides.
        let each = size_of::<PersonFacts>().saturating_add(32);
        self.facts.capacity().saturating_mul(each).saturating_add(self.by_hash.allocation_size())
    }

    fn put(&mut self, hash: u64, facts: PersonFacts) -> Option<u32> {
        let same = |number: &u32| self.facts.get(at(*number)).is_some_and(|known| **known == facts);
        if let Some(known) = self.by_hash.find(hash, same) {
            return Some(*known);
        }
        let number = u32::try_from(self.facts.len()).ok()?;
        self.facts.push(Arc::new(facts));
        self.hashes.push(hash);
        let hashes = &self.hashes;
        self.by_hash
            .insert_unique(hash, number, |number| hashes.get(at(*number)).copied().unwrap_or_default());
        Some(number)
    }
}

impl PartialEq for People {
    /// The same people with the same facts, in whatever order they were read.
    fn eq(&self, other: &Self) -> bool {
        let same = |(person, facts): (&str, &Arc<PersonFacts>)| other.0.get(person) == Some(facts);
        self.len() == other.len() && self.iter().all(same)
    }
}

impl std::fmt::Debug for People {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Reads many people; each text is parsed once.
pub(crate) struct PeopleReader<'a> {
    people: &'a mut Table,
    /// Which facts a text on disk, by its number, is in memory.
    known: HashMap<i64, u32>,
}

impl<'a> PeopleReader<'a> {
    pub(crate) fn new(people: &'a mut People) -> Self {
        Self { people: Arc::make_mut(&mut people.0), known: HashMap::new() }
    }

    /// The numbers of the texts of a page that were not learnt yet.
    pub(crate) fn unknown(&self, page: &str) -> Result<Vec<i64>> {
        let mut unknown = HashSet::new();
        for row in unpack(page) {
            unknown.extend(row?.2.filter(|facts| !self.known.contains_key(facts)));
        }
        Ok(unknown.into_iter().collect())
    }

    /// Takes in a text.
    pub(crate) fn learn(&mut self, number: i64, facts: &str) -> Result<()> {
        let shared = self.people.share(facts)?;
        self.known.insert(number, shared);
        Ok(())
    }

    /// Takes in the people of a page; gives the place where it ended, `None` when it was the last one.
    pub(crate) fn put_page(&mut self, page: &str) -> Result<Option<Place>> {
        let (mut rows, mut last) = (0_u32, ("", 0));
        for row in unpack(page) {
            let (person, seq, facts) = row?;
            (rows, last) = (rows.saturating_add(1), (person, seq));
            if let Some(facts) = facts {
                let absent = || StoreError::damaged(0, "facts are absent that a person has");
                let shared = self.known.get(&facts).copied().ok_or_else(absent)?;
                self.put_shared(person, shared)?;
            }
        }
        Ok((rows >= PACKED).then(|| (last.0.to_owned(), last.1)))
    }

    /// Puts one person in, in place of what was known.
    pub(crate) fn put(&mut self, person: &str, facts: &str) -> Result<()> {
        let shared = self.people.share(facts)?;
        self.put_shared(person, shared)
    }

    fn put_shared(&mut self, person: &str, facts: u32) -> Result<()> {
        if PersonId::parse(person).is_err() {
            let text = person.escape_debug();
            return Err(StoreError::damaged(0, format!("a view holds the identifier `{text}`")));
        }
        self.people.put(person, facts).ok_or_else(too_many)
    }

    pub(crate) fn finish(self) {
        self.people.shrink();
    }
}

fn too_many() -> StoreError {
    StoreError::damaged(0, "one account has more people than fit in memory")
}

fn at(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn name<'a>(text: &'a str, ends: &[u32], number: u32) -> Option<&'a str> {
    let end = |number: u32| ends.get(at(number)).map(|end| at(*end));
    let from = number.checked_sub(1).map_or(Some(0), end)?;
    text.get(from..end(number)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: &[(&str, &str)]) -> People {
        let mut people = People::default();
        let mut reader = PeopleReader::new(&mut people);
        rows.iter().for_each(|(person, facts)| reader.put(person, facts).unwrap());
        reader.finish();
        people
    }

    const CITIZEN: &str = r#"{"us_status":{"value":"citizen","level":"document"}}"#;
    const UNKNOWN: &str = "{}";

    #[test]
    fn the_last_facts_count_and_equal_ones_are_shared() {
        let people = read(&[("a", UNKNOWN), ("b", CITIZEN), ("a", CITIZEN), ("ab", UNKNOWN)]);
        let facts = |person| people.get(&PersonId::parse(person).unwrap());
        assert_eq!(people.len(), 3);
        assert!(Arc::ptr_eq(facts("a").unwrap(), facts("b").unwrap()));
        assert_ne!(facts("a"), facts("ab"));
        assert_eq!((facts("c"), people.distinct_facts()), (None, 2));
    }

    #[test]
    fn order_of_reading_does_not_matter_to_equality() {
        let one = read(&[("a", UNKNOWN), ("b", CITIZEN)]);
        assert_eq!(one, read(&[("b", CITIZEN), ("a", UNKNOWN)]));
        assert_ne!(one, read(&[("b", CITIZEN), ("a", CITIZEN)]));
        assert_ne!(one, read(&[("a", UNKNOWN)]));
    }

    #[test]
    fn what_does_not_read_is_damage() {
        let mut people = People::default();
        let mut reader = PeopleReader::new(&mut people);
        assert!(reader.put("a", "no facts").is_err());
        assert!(reader.put("a b", UNKNOWN).is_err());
    }
}
