//! Records on disk, `[length u32][crc32 u32][bytes]` in big-endian order, and the walk over all of them.

use std::io::{self, BufRead, BufReader, Read};

use crate::file::{LogDir, LogFile};
use crate::limits;

/// Directory of the segments.
pub(crate) const SEGMENTS: &str = "journal";
/// Bytes before a record's content.
pub(crate) const HEADER: u64 = 8;
const READ_BYTES: usize = 256 << 10;

/// A place in the journal: number of the segment and byte offset in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Place {
    /// Segment number.
    pub segment: u32,
    /// Byte offset.
    pub offset: u64,
}

pub(crate) fn segment_name(segment: u32) -> String {
    format!("{SEGMENTS}/{segment:06}.seg")
}

/// Appends a record to `out`. Content longer than a leaf can be is refused.
pub(crate) fn push(out: &mut Vec<u8>, content: &[u8]) -> io::Result<()> {
    let length = u32::try_from(content.len()).ok().filter(|_| content.len() <= limits::LEAF_BYTES);
    let length = length.ok_or(io::ErrorKind::InvalidInput)?;
    out.extend(length.to_be_bytes());
    out.extend(crc32fast::hash(content).to_be_bytes());
    out.extend(content);
    Ok(())
}

/// Reads the record at `place`.
pub(crate) fn read(dir: &dyn LogDir, place: Place) -> io::Result<Option<Vec<u8>>> {
    let file = dir.open_read(&segment_name(place.segment))?;
    let mut reader = Reader::new(file.as_ref(), place.offset);
    Ok(match reader.next()? {
        Next::Record(content) => Some(content.to_vec()),
        Next::End | Next::Broken => None,
    })
}

/// How many segments there are, or the error that one is missing.
pub(crate) fn count_segments(dir: &dyn LogDir) -> io::Result<u32> {
    let names = dir.list(SEGMENTS)?;
    let mut numbers: Vec<u32> =
        names.iter().filter_map(|name| name.strip_suffix(".seg")?.parse().ok()).collect();
    numbers.sort_unstable();
    let count = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    match (0..count).zip(&numbers).find(|(expected, found)| expected != *found) {
        None => Ok(count),
        Some((missing, _)) => {
            Err(io::Error::new(io::ErrorKind::NotFound, format!("{} is missing", segment_name(missing))))
        }
    }
}

/// Where a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// First byte that belongs to no whole record.
    pub(crate) place: Place,
    /// Bytes in that segment from there on; 0 when every record was whole.
    pub(crate) broken_bytes: u64,
    /// Whether a later segment exists, so that this one was complete once.
    pub(crate) is_inside: bool,
}

/// What a walk calls for each whole record.
pub(crate) type Visit<'v, E> = dyn FnMut(Place, &[u8]) -> Result<(), E> + 'v;

/// Visits each whole record from `from` to the end or to the first broken one.
pub(crate) fn walk<E: From<io::Error>>(
    dir: &dyn LogDir,
    from: Place,
    visit: &mut Visit<'_, E>,
) -> Result<End, E> {
    let segments = count_segments(dir)?;
    let mut place = from;
    while place.segment < segments {
        let file = dir.open_read(&segment_name(place.segment))?;
        let mut reader = Reader::new(file.as_ref(), place.offset);
        loop {
            place.offset = reader.offset;
            match reader.next()? {
                Next::Record(content) => visit(place, content)?,
                Next::End => break,
                Next::Broken => {
                    let broken_bytes = file.len()?.saturating_sub(place.offset);
                    let is_inside = place.segment.saturating_add(1) < segments;
                    return Ok(End { place, broken_bytes, is_inside });
                }
            }
        }
        let next = place.segment.saturating_add(1);
        if next == segments {
            break;
        }
        place = Place { segment: next, offset: 0 };
    }
    Ok(End { place, broken_bytes: 0, is_inside: false })
}

enum Next<'r> {
    Record(&'r [u8]),
    End,
    Broken,
}

struct Reader<'f> {
    input: BufReader<Cursor<'f>>,
    offset: u64,
    content: Vec<u8>,
}

impl<'f> Reader<'f> {
    fn new(file: &'f dyn LogFile, offset: u64) -> Self {
        let input = BufReader::with_capacity(READ_BYTES, Cursor { file, offset });
        Self { input, offset, content: Vec::new() }
    }

    /// The next record; after `Broken` the offset stays where the broken one begins.
    fn next(&mut self) -> io::Result<Next<'_>> {
        if self.input.fill_buf()?.is_empty() {
            return Ok(Next::End);
        }
        let (Some(length), Some(crc)) = (self.word()?, self.word()?) else { return Ok(Next::Broken) };
        let length = length as usize;
        if length == 0 || length > limits::LEAF_BYTES {
            return Ok(Next::Broken);
        }
        self.content.resize(length, 0);
        if !fill(&mut self.input, &mut self.content)? || crc32fast::hash(&self.content) != crc {
            return Ok(Next::Broken);
        }
        self.offset = self.offset.saturating_add(HEADER).saturating_add(length as u64);
        Ok(Next::Record(&self.content))
    }

    fn word(&mut self) -> io::Result<Option<u32>> {
        let mut bytes = [0; 4];
        Ok(fill(&mut self.input, &mut bytes)?.then(|| u32::from_be_bytes(bytes)))
    }
}

/// Fills the buffer; false when the input ends before.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match input.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

struct Cursor<'f> {
    file: &'f dyn LogFile,
    offset: u64,
}

impl Read for Cursor<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.offset)?;
        self.offset = self.offset.saturating_add(read as u64);
        Ok(read)
    }
}
