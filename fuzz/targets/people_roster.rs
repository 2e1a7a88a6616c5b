//! Rosters: each row is read or refused with its place, in every format.

use people::roster::{Format, Roster};
use std::collections::BTreeSet;
use terms::Level;

/// Rows looked at; a wrong one does not end the reading.
const ROWS: usize = 1_000;

/// One input: the first byte chooses the format.
pub fn run(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let format =
        [None, Some(Format::Csv), Some(Format::JsonLines), Some(Format::Scim)][usize::from(kind % 4)];
    let Ok(roster) = Roster::new(rest, format) else { return };
    let mut seen = BTreeSet::new();
    for row in roster.take(ROWS).flatten() {
        assert!(seen.insert(row.person.clone()), "nobody stands twice");
        let written = serde_json::to_string(&row.facts).expect("facts are written");
        let again: terms::PersonFacts = serde_json::from_str(&written).expect("and read back");
        assert_eq!(again, row.facts);
        assert!(row.facts.us_status.level <= Level::Credential);
    }
}
