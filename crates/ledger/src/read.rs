//! The entries of a log, read in order from its files and never changed: beside a process that writes it, or in a copy.
//!
//! This reads; it proves nothing. [`crate::verify::verify_log`] checks the same files against a pinned key.

use std::io;
use std::path::Path;

use crate::file::{LogDir, RealDir};
use crate::journal::Place;
use crate::journal::record::walk;
use crate::leaf::{Leaf, LeafError};

/// An entry as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the log.
    pub index: u64,
    /// Its canonical bytes, over which the leaf hash is taken.
    pub bytes: Vec<u8>,
}

impl Entry {
    /// What it says.
    ///
    /// # Errors
    /// [`LeafError`] when the bytes are none of the leaves.
    pub fn leaf(&self) -> Result<Leaf, LeafError> {
        Leaf::parse(&self.bytes)
    }
}

/// A walk over a log from its first entry on.
pub struct LogReader {
    dir: Box<dyn LogDir>,
    place: Place,
    index: u64,
}

/// Why a walk pauses.
enum Pause {
    /// Enough for one part.
    Full(Place),
    Io(io::Error),
}

impl From<io::Error> for Pause {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl LogReader {
    /// At the first entry of the log in this directory.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self::new_in(Box::new(RealDir::new(path)))
    }

    /// The same in any kind of directory.
    #[must_use]
    pub fn new_in(dir: Box<dyn LogDir>) -> Self {
        Self { dir, place: Place::default(), index: 0 }
    }

    /// The next entries, at most so many; none at the end of what is whole. A record that is being written is not
    /// seen, and a later call finds it.
    ///
    /// # Errors
    /// Of the file system; `NotFound` when a segment is missing.
    pub fn next(&mut self, most: usize) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        let from = self.index;
        let walked = walk(self.dir.as_ref(), self.place, &mut |place, content| {
            if entries.len() >= most {
                return Err(Pause::Full(place));
            }
            let index = from.saturating_add(entries.len() as u64);
            entries.push(Entry { index, bytes: content.to_vec() });
            Ok(())
        });
        self.place = match walked {
            Ok(end) => end.place,
            Err(Pause::Full(place)) => place,
            Err(Pause::Io(error)) => return Err(error),
        };
        self.index = from.saturating_add(entries.len() as u64);
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::MemDir;
    use crate::journal::{Journal, Options};
    use crate::leaf::Verdict;
    use crate::leaf::tests::sample;
    use crate::note::SigningKey;
    use std::sync::Arc;

    fn journal(dir: &MemDir) -> Journal {
        let key = SigningKey::from_seed("read", &[5; 32]).unwrap();
        let options = Options { segment_bytes: 700, ..Options::default() };
        Journal::open_in(Arc::new(dir.clone()), key, options).unwrap()
    }

    #[test]
    fn entries_come_in_parts_over_segments_and_beside_the_writer() {
        let dir = MemDir::default();
        let journal = journal(&dir);
        for at in 0..20 {
            journal.append(sample(Verdict::Deny, at)).wait().unwrap();
        }
        let mut reader = LogReader::new_in(Box::new(dir.clone()));
        let mut read = Vec::new();
        loop {
            let part = reader.next(7).unwrap();
            assert!(part.len() <= 7);
            if part.is_empty() {
                break;
            }
            read.extend(part);
        }
        let seqs: Vec<u64> = read.iter().map(|entry| entry.leaf().unwrap().seq()).collect();
        assert_eq!(seqs, (0..20).collect::<Vec<_>>());
        assert_eq!(read.iter().map(|entry| entry.index).collect::<Vec<_>>(), seqs);
        journal.append(sample(Verdict::Deny, 20)).wait().unwrap();
        let late = reader.next(7).unwrap();
        assert_eq!((late.len(), late[0].index), (1, 20));
    }

    #[test]
    fn an_empty_directory_is_an_empty_log() {
        assert_eq!(LogReader::new_in(Box::new(MemDir::default())).next(9).unwrap(), []);
    }
}
