//! The erasable store of openings, beside the log and never in it.
//!
//! One file, records of a fixed head `[length u32][index u64][kind u8][crc32 of these u32]` and a body
//! `[state u8][crc32 u32][salt 32][bytes]`. Erasing overwrites the body with zeros in place and syncs; the leaf, its
//! place and every proof stay as they are, and nobody can tell any more what the commitment was to.
//!
//! Flash and copy-on-write storage may keep old blocks for a time: put this file on a volume encrypted with a key
//! that is replaced on a schedule.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use crate::commit::{CommitKind, Opening};
use crate::file::{LogDir, LogFile, read_exact_at};
use crate::limits;

const FILE: &str = "openings";
const HEAD: u64 = 17;
/// State, checksum and salt.
const BODY_FIXED: u64 = 37;
const LIVE: u8 = 1;
/// Marked durably before anything is overwritten, so that a crash cannot leave an erasure half done.
const ERASING: u8 = 2;
const ERASED: u8 = 0;

/// Why the store cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum OpeningError {
    /// The file system refused.
    #[error("the store of openings cannot be used: {0}")]
    Io(#[from] io::Error),
    /// More bytes than an opening may have.
    #[error("an opening has at most 1048576 bytes, this one has {0}")]
    Length(usize),
    /// There is one already; replacing it would leave the first beyond the reach of erasure.
    #[error("decision {index} has an opening of this kind already")]
    Exists {
        /// Index of the decision.
        index: u64,
    },
    /// An earlier write failed.
    #[error("the store of openings failed before; mend the cause and open it anew")]
    Broken,
    /// The store is damaged before its end.
    #[error(
        "the store of openings is damaged at byte {offset}; the log itself is not affected. Restore the file"
    )]
    Damaged {
        /// Byte offset of the record.
        offset: u64,
    },
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    /// Where the body begins.
    body: u64,
    /// Bytes after the salt.
    length: u32,
}

/// Which opening: index of the decision, and kind.
type Key = (u64, CommitKind);

/// The store. Memory: about 50 bytes for each opening.
pub struct Openings {
    file: Box<dyn LogFile>,
    end: u64,
    /// An append failed, so what stands after `end` is unknown until the store is opened anew.
    is_broken: bool,
    slots: BTreeMap<Key, Slot>,
}

impl Openings {
    /// Opens or begins the store in a directory. A record that a crash left half written is cut off, and an erasure
    /// that it interrupted is finished.
    ///
    /// # Errors
    /// [`OpeningError::Damaged`] when a record head before the end is unreadable.
    pub fn open(dir: &Arc<dyn LogDir>) -> Result<Self, OpeningError> {
        dir.make_dir("")?;
        let file = dir.open(FILE)?;
        dir.sync_dir("")?;
        let mut store = Self { file, end: 0, is_broken: false, slots: BTreeMap::new() };
        let length = store.file.len()?;
        let mut half_erased = Vec::new();
        while store.end < length {
            match store.read_head(store.end, length)? {
                Some((key, slot)) => {
                    store.slots.insert(key, slot);
                    store.end = slot.end();
                    if store.read_state(slot)? == ERASING {
                        half_erased.push(slot);
                    }
                }
                None => {
                    store.file.truncate(store.end)?;
                    store.file.sync()?;
                    break;
                }
            }
        }
        if !half_erased.is_empty() {
            store.finish_erasing(&half_erased)?;
        }
        Ok(store)
    }

    /// Keeps the opening of a commitment in the decision at `index`. Durable after [`Self::sync`].
    ///
    /// # Errors
    /// [`OpeningError`].
    pub fn put(&mut self, index: u64, kind: CommitKind, opening: &Opening) -> Result<(), OpeningError> {
        let size = opening.bytes.len();
        let length = u32::try_from(size).ok().filter(|_| size <= limits::OPENING_BYTES);
        let length = length.ok_or(OpeningError::Length(size))?;
        if self.is_broken {
            return Err(OpeningError::Broken);
        }
        if self.slots.contains_key(&(index, kind)) {
            return Err(OpeningError::Exists { index });
        }
        let mut record = head(length, index, kind);
        record.extend(body(opening));
        self.file.append(&record).inspect_err(|_| self.is_broken = true)?;
        let slot = Slot { body: self.end.saturating_add(HEAD), length };
        self.slots.insert((index, kind), slot);
        self.end = slot.end();
        Ok(())
    }

    /// Makes all openings put so far durable.
    ///
    /// # Errors
    /// [`OpeningError::Io`].
    pub fn sync(&mut self) -> Result<(), OpeningError> {
        Ok(self.file.sync().inspect_err(|_| self.is_broken = true)?)
    }

    /// The opening, or `None` when there is none or it was erased.
    ///
    /// # Errors
    /// [`OpeningError::Damaged`] when its bytes are not those that were put.
    pub fn get(&self, index: u64, kind: CommitKind) -> Result<Option<Opening>, OpeningError> {
        match self.slots.get(&(index, kind)) {
            Some(slot) => self.read_body(*slot),
            None => Ok(None),
        }
    }

    /// Erases everything that opens the decision at `index`, durably. Gives the number of openings erased.
    ///
    /// # Errors
    /// [`OpeningError::Io`]: then it is not erased; ask again.
    pub fn erase(&mut self, index: u64) -> Result<u64, OpeningError> {
        // The subject goes last: until all are marked, `erase_subject` still finds the decision.
        let kinds = self.slots.range((index, CommitKind::Subject)..=(index, CommitKind::UpstreamRequest));
        let slots: Vec<_> = kinds.map(|(_, slot)| *slot).rev().collect();
        let mut erased: u64 = 0;
        for slot in &slots {
            if self.read_state(*slot)? == LIVE {
                self.file.write_at(&[ERASING], slot.body)?;
                self.file.sync()?;
                erased = erased.saturating_add(1);
            }
        }
        self.finish_erasing(&slots)?;
        Ok(erased)
    }

    /// Overwrites what is marked, and only when that is durable says so.
    fn finish_erasing(&mut self, slots: &[Slot]) -> io::Result<()> {
        for slot in slots {
            let content = slot.body.saturating_add(1);
            let zeros = vec![0; usize::try_from(slot.end().saturating_sub(content)).unwrap_or(0)];
            self.file.write_at(&zeros, content)?;
        }
        self.file.sync()?;
        for slot in slots {
            self.file.write_at(&[ERASED], slot.body)?;
        }
        self.file.sync()
    }

    fn read_state(&self, slot: Slot) -> io::Result<u8> {
        let mut state = [0];
        read_exact_at(self.file.as_ref(), &mut state, slot.body)?;
        let [state] = state;
        Ok(state)
    }

    /// Erases everything that opens any decision about the person whose canonical bytes these are.
    /// Gives the number of openings erased.
    ///
    /// # Errors
    /// [`OpeningError`]: then some may be left; ask again.
    pub fn erase_subject(&mut self, subject: &[u8]) -> Result<u64, OpeningError> {
        let mut indices = Vec::new();
        for ((index, kind), slot) in &self.slots {
            let is_subject = *kind == CommitKind::Subject && slot.length as usize == subject.len();
            if is_subject && self.read_body(*slot)?.is_some_and(|opening| opening.bytes == subject) {
                indices.push(*index);
            }
        }
        let mut erased: u64 = 0;
        for index in indices {
            erased = erased.saturating_add(self.erase(index)?);
        }
        Ok(erased)
    }

    /// Reads the head at `offset`; `None` when the record is not all there.
    fn read_head(&self, offset: u64, end: u64) -> Result<Option<(Key, Slot)>, OpeningError> {
        if end.saturating_sub(offset) < HEAD {
            return Ok(None);
        }
        let mut bytes = [0; HEAD as usize];
        read_exact_at(self.file.as_ref(), &mut bytes, offset)?;
        let parsed = parse_head(&bytes).ok_or(OpeningError::Damaged { offset });
        // Zeros at the end are space that the file system gave and a crash left unwritten.
        let (key, length) = match parsed {
            Err(_) if self.is_zero(offset, end)? => return Ok(None),
            parsed => parsed?,
        };
        let slot = Slot { body: offset.saturating_add(HEAD), length };
        Ok((slot.end() <= end).then_some((key, slot)))
    }

    fn is_zero(&self, offset: u64, end: u64) -> io::Result<bool> {
        let length = end.saturating_sub(offset).min(limits::OPENING_BYTES as u64);
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        read_exact_at(self.file.as_ref(), &mut bytes, offset)?;
        Ok(bytes.iter().all(|byte| *byte == 0))
    }

    fn read_body(&self, slot: Slot) -> Result<Option<Opening>, OpeningError> {
        let mut bytes = vec![0; usize::try_from(slot.end().saturating_sub(slot.body)).unwrap_or(0)];
        read_exact_at(self.file.as_ref(), &mut bytes, slot.body)?;
        if bytes.first() != Some(&LIVE) {
            return Ok(None);
        }
        parse_body(&bytes).map(Some).ok_or(OpeningError::Damaged { offset: slot.body })
    }
}

impl Slot {
    fn end(self) -> u64 {
        self.body.saturating_add(BODY_FIXED).saturating_add(u64::from(self.length))
    }
}

fn kind_byte(kind: CommitKind) -> u8 {
    match kind {
        CommitKind::Subject => 1,
        CommitKind::Evidence => 2,
        CommitKind::Request => 3,
        CommitKind::UpstreamRequest => 4,
    }
}

fn head(length: u32, index: u64, kind: CommitKind) -> Vec<u8> {
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend(index.to_be_bytes());
    bytes.push(kind_byte(kind));
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes
}

fn parse_head(bytes: &[u8]) -> Option<(Key, u32)> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (index, rest) = rest.split_first_chunk()?;
    let (length, index) = (u32::from_be_bytes(*length), u64::from_be_bytes(*index));
    let kind = CommitKind::ALL.into_iter().find(|kind| rest.first() == Some(&kind_byte(*kind)))?;
    (head(length, index, kind) == bytes).then_some(((index, kind), length))
}

fn body(opening: &Opening) -> Vec<u8> {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&opening.salt);
    hasher.update(&opening.bytes);
    let mut bytes = vec![LIVE];
    bytes.extend(hasher.finalize().to_be_bytes());
    bytes.extend(opening.salt);
    bytes.extend(&opening.bytes);
    bytes
}

fn parse_body(bytes: &[u8]) -> Option<Opening> {
    let (salt, content) = bytes.get(5..)?.split_first_chunk()?;
    let opening = Opening { salt: *salt, bytes: content.to_vec() };
    (body(&opening) == bytes).then_some(opening)
}

mod read;

pub use read::{Found, OpeningsReader};

#[cfg(test)]
mod tests;
