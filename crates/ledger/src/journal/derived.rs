//! What can be recomputed from the segments, kept so that a proof need not read them: the hashes of all complete
//! subtrees and the place of each leaf. Rebuilt at every start and never synced.

use std::io;

use crate::file::{LogDir, LogFile, read_exact_at};
use crate::hash::Digest32;
use crate::journal::record::Place;
use crate::tree::{HashReader, TreeError, stored_position};

const DIR: &str = "derived";
const HASHES: &str = "derived/hashes";
const PLACES: &str = "derived/places";
const FLUSH_HASHES: usize = 16_384;

/// Writer of the derived files.
pub(crate) struct Derived {
    hashes: Box<dyn LogFile>,
    places: Box<dyn LogFile>,
    /// Hashes to be written, in stored order.
    pub(crate) fresh_hashes: Vec<Digest32>,
    fresh_places: Vec<u8>,
}

impl Derived {
    /// Begins both files anew.
    pub(crate) fn begin(dir: &dyn LogDir) -> io::Result<Self> {
        dir.make_dir(DIR)?;
        let (mut hashes, mut places) = (dir.open(HASHES)?, dir.open(PLACES)?);
        hashes.truncate(0)?;
        places.truncate(0)?;
        Ok(Self { hashes, places, fresh_hashes: Vec::new(), fresh_places: Vec::new() })
    }

    pub(crate) fn push_place(&mut self, place: Place) -> io::Result<()> {
        let offset = u32::try_from(place.offset).map_err(|_| io::ErrorKind::FileTooLarge)?;
        self.fresh_places.extend(place.segment.to_be_bytes());
        self.fresh_places.extend(offset.to_be_bytes());
        if self.fresh_hashes.len() < FLUSH_HASHES { Ok(()) } else { self.flush() }
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let hashes: Vec<u8> = self.fresh_hashes.iter().flat_map(|hash| hash.0).collect();
        self.hashes.append(&hashes)?;
        self.places.append(&self.fresh_places)?;
        self.fresh_hashes.clear();
        self.fresh_places.clear();
        Ok(())
    }
}

/// Reader of the derived files, for proofs.
pub(crate) struct DerivedReader {
    hashes: Box<dyn LogFile>,
    places: Box<dyn LogFile>,
}

impl DerivedReader {
    pub(crate) fn open(dir: &dyn LogDir) -> io::Result<Self> {
        Ok(Self { hashes: dir.open_read(HASHES)?, places: dir.open_read(PLACES)? })
    }

    pub(crate) fn place(&self, index: u64) -> io::Result<Place> {
        let mut bytes = [0; 8];
        let at = index.checked_mul(8).ok_or(io::ErrorKind::InvalidInput)?;
        read_exact_at(self.places.as_ref(), &mut bytes, at)?;
        let packed = u64::from_be_bytes(bytes);
        let segment = u32::try_from(packed >> 32).map_err(|_| io::ErrorKind::InvalidData)?;
        Ok(Place { segment, offset: packed & u64::from(u32::MAX) })
    }

    fn hash(&self, level: u32, index: u64) -> io::Result<Digest32> {
        let position = stored_position(level, index).and_then(|position| position.checked_mul(32));
        let mut bytes = [0; 32];
        read_exact_at(self.hashes.as_ref(), &mut bytes, position.ok_or(io::ErrorKind::InvalidInput)?)?;
        Ok(Digest32(bytes))
    }
}

impl HashReader for DerivedReader {
    fn node(&self, level: u32, index: u64) -> Result<Digest32, TreeError> {
        self.hash(level, index).map_err(|source| TreeError::Unreadable { level, index, source })
    }
}
