//! Rosters: who the people of an account are, as predicates and never as documents.
//!
//! A roster is CSV with a header (RFC 4180, comma, one row per line) or JSON Lines. Each row becomes one
//! [`RosterRow`]; a wrong row becomes an error with line, column and cure. An empty value means *unknown*.
//!
//! | column | values |
//! |---|---|
//! | `person_id` | required; letters, digits and `. _ : / @ + -` |
//! | `kind` | `person` (default), `shared_key`, `service` |
//! | `level` | evidence behind the row: `none`, `ip`, `self` (default), `employer`, `document`, `credential` |
//! | `us_status` | `citizen`, `national`, `lpr` and so on; `none` for no such status |
//! | `us_status_level`, `us_status_expires` | level; date or instant from which the evidence no longer counts |
//! | `citizenships` | `FR;DE`, each with dates if known: `FR@1990-05-05`, `FR@1990-05-05..2015-07-01` |
//! | `citizenships_level`, `citizenships_complete` | level; `true` when the list is known to be all of them |
//! | `permanent_residences` | as `citizenships`, outside the United States |
//! | `location`, `location_level` | country; level, `self` unless given |
//! | `employer` | name; `none` for somebody who works for nobody |
//! | `relation`, `employer_level` | `employee` or `contractor`; level |
//! | `users_us_persons`, `users_us_persons_level` | of a shared key or service: whether all users are US persons |
//!
//! Countries are ISO 3166-1 codes of two or three letters. A date without time is 00:00 UTC.

mod column;
mod csv;
mod error;
mod jsonl;
mod lines;
mod row;

pub use error::{Problem, RosterError};
pub use row::RosterRow;

use crate::digest::Digest;
use crate::event::RosterSource;
use sha2::Digest as _;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::Path;
use terms::PersonId;

/// Rows of one roster.
pub const MAX_ROWS: u64 = 1_000_000;

/// How a roster is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object per line.
    JsonLines,
}

impl Format {
    /// The format a file name ends in: `.csv`, `.jsonl` or `.ndjson`.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

enum Rows<R> {
    Csv(Box<csv::CsvRows<R>>),
    JsonLines(jsonl::JsonRows<R>),
}

/// Reads the rows of a roster. A wrong value does not end the reading, so that a check can list all errors;
/// what makes the rest unreadable does.
pub struct Roster<R> {
    rows: Rows<R>,
    /// Line of each person seen.
    seen: HashMap<PersonId, u64>,
    done: bool,
}

impl<R: BufRead> Roster<R> {
    /// Begins to read. Without a format, a first byte `{` or `[` means JSON Lines.
    ///
    /// # Errors
    /// When the header is missing or names a column that may not be there.
    pub fn new(input: R, format: Option<Format>) -> Result<Self, RosterError> {
        let mut lines = lines::Lines::new(input)?;
        let format = match format {
            Some(format) => format,
            None if matches!(lines.first_byte()?, Some(b'{' | b'[')) => Format::JsonLines,
            None => Format::Csv,
        };
        let rows = match format {
            Format::Csv => Rows::Csv(Box::new(csv::CsvRows::new(lines)?)),
            Format::JsonLines => Rows::JsonLines(jsonl::JsonRows::new(lines)),
        };
        Ok(Self { rows, seen: HashMap::new(), done: false })
    }

    fn check(&mut self, row: RosterRow) -> Result<RosterRow, RosterError> {
        if u64::try_from(self.seen.len()).unwrap_or(u64::MAX) >= MAX_ROWS {
            self.done = true;
            return Err(RosterError { line: row.line, problem: Problem::TooManyRows { limit: MAX_ROWS } });
        }
        match self.seen.get(&row.person) {
            Some(first) => Err(RosterError {
                line: row.line,
                problem: Problem::Twice { person: row.person.to_string(), first: *first },
            }),
            None => {
                self.seen.insert(row.person.clone(), row.line);
                Ok(row)
            }
        }
    }
}

impl<R: BufRead> Iterator for Roster<R> {
    type Item = Result<RosterRow, RosterError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let cells = match &mut self.rows {
            Rows::Csv(rows) => rows.next(),
            Rows::JsonLines(rows) => rows.next(),
        };
        match cells {
            None => {
                self.done = true;
                None
            }
            Some(Ok(cells)) => Some(row::read(&cells).and_then(|row| self.check(row))),
            Some(Err(error)) => {
                self.done = error.problem.ends_reading();
                Some(Err(error))
            }
        }
    }
}

/// Opens a roster file; the format follows its name, else its first byte. The source names the file without its
/// folder.
pub fn open(path: &Path) -> Result<(RosterSource, Roster<BufReader<File>>), RosterError> {
    let mut file = File::open(path).map_err(RosterError::unreadable)?;
    let sha256 = digest_of(&mut file).map_err(RosterError::unreadable)?;
    file.rewind().map_err(RosterError::unreadable)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let roster = Roster::new(BufReader::new(file), Format::of_name(&name))?;
    Ok((RosterSource { file: name, sha256 }, roster))
}

fn digest_of(file: &mut File) -> std::io::Result<Digest> {
    let (mut hash, mut buffer) = (sha2::Sha256::new(), vec![0; 64 << 10]);
    loop {
        let count = file.read(&mut buffer)?;
        match buffer.get(..count) {
            Some(read) if count > 0 => hash.update(read),
            _ => return Ok(Digest::from_bytes(hash.finalize().into())),
        }
    }
}
