//! Ids of licences, one after the other: each is written as what it shares with the one before it, and the rest. Of a
//! hundred thousand ids that were counted up, little is left.

/// Every so many ids, one is written whole.
const STEP: usize = 64;

/// Ids by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids {
    /// Per id: how many bytes it shares with the one before, how many follow, and these.
    bytes: Vec<u8>,
    /// Where every [`STEP`]th begins.
    starts: Vec<u32>,
    count: usize,
    last: Vec<u8>,
}

impl Ids {
    /// Adds one; false when it is longer than any id may be, or there is no more room.
    pub(crate) fn push(&mut self, id: &str) -> bool {
        let whole = self.count.is_multiple_of(STEP);
        let same = id.bytes().zip(&self.last).take_while(|(new, old)| new == *old).count();
        let shared = if whole { 0 } else { same };
        let rest = id.as_bytes().get(shared..).unwrap_or_default();
        let sizes = u8::try_from(shared).ok().zip(u8::try_from(rest.len()).ok());
        let Some(((shared, length), start)) = sizes.zip(u32::try_from(self.bytes.len()).ok()) else {
            return false;
        };
        if whole {
            self.starts.push(start);
        }
        self.bytes.extend([shared, length]);
        self.bytes.extend_from_slice(rest);
        self.last.clear();
        self.last.extend_from_slice(id.as_bytes());
        self.count = self.count.saturating_add(1);
        true
    }

    /// Gives back room that is not needed soon.
    pub(crate) fn trim(&mut self) {
        trim(&mut self.bytes);
        trim(&mut self.starts);
    }

    /// One by its number.
    pub(crate) fn get(&self, number: u32) -> Option<String> {
        let number = usize::try_from(number).ok().filter(|number| *number < self.count)?;
        let start = usize::try_from(*self.starts.get(number.checked_div(STEP)?)?).ok()?;
        let mut rest = self.bytes.get(start..)?;
        let mut id: Vec<u8> = Vec::new();
        for _ in 0..=number.checked_rem(STEP)? {
            let (head, after) = rest.split_first_chunk::<2>()?;
            let [shared, length] = head.map(usize::from);
            let (own, after) = after.split_at_checked(length)?;
            id.truncate(shared);
            id.extend_from_slice(own);
            rest = after;
        }
        String::from_utf8(id).ok()
    }
}

/// Gives back room beyond a thirty-second more than is used: growing again stays cheap on average.
pub(crate) fn trim<T>(list: &mut Vec<T>) {
    list.shrink_to(with_room(list.len()));
}

/// The same for a text.
pub(crate) fn trim_text(text: &mut String) {
    text.shrink_to(with_room(text.len()));
}

const fn with_room(len: usize) -> usize {
    len.saturating_add(len >> 5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_id_comes_back(all in proptest::collection::vec("[a-c]{0,3}(é|[a-z0-9./-]{0,200})", 0..200)) {
            let mut ids = Ids::default();
            prop_assert!(all.iter().all(|id| ids.push(id)));
            for (number, id) in (0u32..).zip(&all) {
                prop_assert_eq!(ids.get(number), Some(id.clone()));
            }
            prop_assert_eq!(ids.get(all.len() as u32), None);
        }
    }

    #[test]
    fn ids_that_count_up_take_a_few_bytes_each() {
        let mut ids = Ids::default();
        (0..10_000).for_each(|number| assert!(ids.push(&format!("us-2026-licence-{number}"))));
        assert!(ids.bytes.len() < 40_000, "{}", ids.bytes.len());
        assert_eq!(ids.get(9_999).as_deref(), Some("us-2026-licence-9999"));
        assert!(!ids.push(&"x".repeat(600)));
    }
}
