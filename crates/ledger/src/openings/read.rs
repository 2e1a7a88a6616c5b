//! The store of openings, read and never changed: beside a process that writes it, or in a copy.

use std::io::{self, ErrorKind};

use super::{FILE, LIVE, OpeningError, Openings};
use crate::commit::{CommitKind, Opening};
use crate::file::LogDir;

/// What became of an opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is there. That it opens its commitment is for the caller to check.
    Opening(Opening),
    /// It was erased.
    Erased,
    /// None was kept: the disk was too slow, or the machine stopped before it was written.
    NeverKept,
}

/// A store of openings open for reading. Memory as for [`Openings`].
pub struct OpeningsReader(Option<Openings>);

impl OpeningsReader {
    /// Opens the store in a directory as it is now; a directory without one holds no openings. A record at the end
    /// that is still being written is not seen.
    ///
    /// # Errors
    /// [`OpeningError::Damaged`] when a record head before the end is unreadable.
    pub fn open(dir: &dyn LogDir) -> Result<Self, OpeningError> {
        let file = match dir.open_read(FILE) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self(None)),
            opened => opened?,
        };
        // Whoever has no right to write must not try: a store that failed refuses to.
        let mut store = Openings { file, end: 0, is_broken: true, slots: Default::default() };
        let length = store.file.len()?;
        while store.end < length {
            let Some((key, slot)) = store.read_head(store.end, length)? else { break };
            store.slots.insert(key, slot);
            store.end = slot.end();
        }
        Ok(Self(Some(store)))
    }

    /// The opening of a commitment in the decision at `index`, or why there is none.
    ///
    /// # Errors
    /// [`OpeningError::Damaged`] when its bytes are not those that were put.
    pub fn find(&self, index: u64, kind: CommitKind) -> Result<Found, OpeningError> {
        let Some(store) = &self.0 else { return Ok(Found::NeverKept) };
        let Some(slot) = store.slots.get(&(index, kind)) else { return Ok(Found::NeverKept) };
        match store.read_body(*slot) {
            Ok(Some(opening)) => Ok(Found::Opening(opening)),
            Ok(None) => Ok(Found::Erased),
            // It may have been erased between two reads.
            Err(_) if store.is_erased(*slot)? => Ok(Found::Erased),
            Err(error) => Err(error),
        }
    }
}

impl Openings {
    fn is_erased(&self, slot: super::Slot) -> io::Result<bool> {
        Ok(self.read_state(slot)? != LIVE)
    }
}
