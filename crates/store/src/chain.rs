//! The hash chain over the log.

use crate::digest::Digest;
use crate::error::StoreError;
use crate::event::{Event, Recorded};
use crate::sqlite::log::EventRow;
use sha2::Digest as _;
use terms::Instant;

/// The end of the log: what a witness has to know to notice a log that was cut or rewritten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// Number of the last event; 0 for an empty log.
    pub seq: u64,
    /// Its link: SHA-256 over the link before, `seq` and `at` as big-endian 64-bit numbers, and the body.
    pub link: Digest,
}

impl Default for Head {
    fn default() -> Self {
        Self::GENESIS
    }
}

impl Head {
    /// The empty log.
    pub const GENESIS: Self = Self { seq: 0, link: Digest::from_bytes([0; 32]) };

    /// The head after one more event.
    #[must_use]
    pub(crate) fn then(&self, at: Instant, body: &str) -> Self {
        let seq = self.seq.saturating_add(1);
        let mut hash = sha2::Sha256::new();
        hash.update(self.link.as_bytes());
        hash.update(seq.to_be_bytes());
        hash.update(at.as_micros().to_be_bytes());
        hash.update(body.as_bytes());
        Self { seq, link: Digest::from_bytes(hash.finalize().into()) }
    }
}

/// Reads the row that has to follow `before`, and moves `before` onto it.
pub(crate) fn follow(before: &mut Head, row: &EventRow) -> Result<Recorded, StoreError> {
    let after = before.then(Instant::from_micros(row.at_us), &row.body);
    let broken = |what: &str| StoreError::damaged(after.seq, what);
    if row.seq != after.seq {
        return Err(broken("an event is missing"));
    }
    if row.prev != before.link || row.link != after.link {
        return Err(broken("the event is not the one that was recorded"));
    }
    let recorded = row.recorded()?;
    if recorded.event.word() != row.kind {
        return Err(broken("the kind is not that of the event"));
    }
    *before = after;
    Ok(recorded)
}

impl EventRow {
    /// The event of this row, without a look at the chain.
    pub(crate) fn recorded(&self) -> Result<Recorded, StoreError> {
        let event: Event = serde_json::from_str(&self.body)
            .map_err(|error| StoreError::damaged(self.seq, format!("it does not read: {error}")))?;
        Ok(Recorded { seq: self.seq, at: Instant::from_micros(self.at_us), event })
    }
}

/// Random bytes that keep a commitment from being opened by guessing.
pub(crate) const SALT_BYTES: usize = 16;

/// Commitment to what is on file about a person: SHA-256 over the salt, the person and the text, each of the three
/// preceded by its length in bytes as a big-endian 64-bit number. Once salt and text are erased it says nothing.
pub(crate) fn commit(salt: &[u8], person: &str, text: &str) -> Digest {
    let mut hash = sha2::Sha256::new();
    for part in [salt, person.as_bytes(), text.as_bytes()] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    Digest::from_bytes(hash.finalize().into())
}

/// Digest over the commitments of person rows, in order of person.
#[derive(Default, Clone)]
pub(crate) struct RowsHash(sha2::Sha256);

impl RowsHash {
    pub(crate) fn add(&mut self, row: &Digest) {
        self.0.update(row.as_bytes());
    }

    pub(crate) fn finish(self) -> Digest {
        Digest::from_bytes(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_moves_the_link() {
        let at = Instant::from_micros(1);
        let link = Head::GENESIS.then(at, "{}").link;
        assert_ne!(link, Head::GENESIS.then(at, "{ }").link);
        assert_ne!(link, Head::GENESIS.then(Instant::from_micros(2), "{}").link);
        assert_ne!(link, Head { seq: 1, ..Head::GENESIS }.then(at, "{}").link);
        assert_ne!(link, Head { link: Digest::of(b""), ..Head::GENESIS }.then(at, "{}").link);
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(commit(b"s", "a", "bc"), commit(b"s", "ab", "c"));
        assert_ne!(commit(b"sa", "", "b"), commit(b"s", "a", "b"));
        let digest = |rows: &[Digest]| {
            let mut hash = RowsHash::default();
            rows.iter().for_each(|row| hash.add(row));
            hash.finish()
        };
        let (one, other) = (commit(b"s", "a", "b"), commit(b"s", "c", "d"));
        assert_ne!(digest(&[one, other]), digest(&[other, one]));
    }
}
