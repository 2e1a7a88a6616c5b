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
//! | `us_status` | `citizen`, `national`, `lpr` and so on; `us_person` for one of these, not said which; `none` |
//! | `us_status_level`, `us_status_expires` | level; date or instant from which the evidence no longer counts |
//! | `citizenships` | `FR;DE`, each with dates if known: `FR@1990-05-05`, `FR@1990-05-05..2015-07-01` |
//! | `citizenships_level`, `citizenships_complete` | level; `true` when the list is all of them, also of those lost |
//! | `citizenships_current` | `true` when it is all that are held now, at the same level |
//! | `not_national_of` | `CN;RU`: of these no citizenship is held now, at the same level |
//! | `permanent_residences` | as `citizenships`, outside the United States |
//! | `location`, `location_level` | country; level, `self` unless given |
//! | `employer` | name; `none` for somebody who works for nobody |
//! | `relation`, `employer_level` | `employee` or `contractor`; level |
//! | `users_us_persons`, `users_us_persons_level` | of a shared key or service: whether all users are US persons |
//!
//! SCIM 2.0 (RFC 7643, RFC 7644) is read as a list of `User` resources, each with the extension
//! `urn:douane:params:scim:schemas:extension:eligibility:1.0`: `us_person`, `us_status`, `not_national_of`,
//! `nationalities`, `nationalities_complete`, `relation`, `as_of`. `externalId`, else `id`, names the person; the
//! enterprise extension's `organization` is the employer. Names, birth dates and addresses of the core schema are read
//! past and never kept.
//!
//! Countries are ISO 3166-1 codes of two or three letters. A date without time is 00:00 UTC.

mod column;
mod csv;
mod error;
mod jsonl;
mod lines;
mod row;
mod scim;

pub use error::{Problem, RosterError};
pub use row::RosterRow;

use std::collections::HashMap;
use std::io::BufRead;
use terms::{Level, PersonId};

/// Rows of one roster.
pub const MAX_ROWS: u64 = 1_000_000;

/// How a roster is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object per line.
    JsonLines,
    /// A list of SCIM 2.0 users with the extension [`SCIM_EXTENSION`].
    Scim,
}

/// The SCIM schema of what a roster may say.
pub const SCIM_EXTENSION: &str = "urn:douane:params:scim:schemas:extension:eligibility:1.0";
/// Bytes of a SCIM document.
pub const SCIM_BYTES: u64 = 512 << 20;

impl Format {
    /// The format a file name ends in: `.csv`, `.jsonl`, `.ndjson`, `.scim` or `.scim.json`.
    pub fn of_name(name: &str) -> Option<Self> {
        let (stem, ending) = name.rsplit_once('.')?;
        let scim = |stem: &str| stem.to_ascii_lowercase().ends_with(".scim");
        match ending.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "scim" => Some(Self::Scim),
            "json" if scim(stem) => Some(Self::Scim),
            _ => None,
        }
    }
}

enum Rows<R> {
    Csv(Box<csv::CsvRows<R>>),
    JsonLines(jsonl::JsonRows<R>),
    Scim(scim::ScimRows),
}

/// Reads the rows of a roster. A wrong value does not end the reading, so that a check can list all errors;
/// what makes the rest unreadable does.
pub struct Roster<R> {
    rows: Rows<R>,
    /// Line of each person seen.
    seen: HashMap<PersonId, u64>,
    /// The highest level a row may claim.
    ceiling: Level,
    done: bool,
}

impl<R: BufRead> Roster<R> {
    /// Begins to read. Without a format, a first byte `{` or `[` means JSON Lines.
    ///
    /// # Errors
    /// When the header is missing or names a column that may not be there.
    pub fn new(input: R, format: Option<Format>) -> Result<Self, RosterError> {
        if format == Some(Format::Scim) {
            let rows = Rows::Scim(scim::ScimRows::read(input)?);
            return Ok(Self { rows, seen: HashMap::new(), ceiling: Level::Employer, done: false });
        }
        let mut lines = lines::Lines::new(input)?;
        let format = match format {
            Some(format) => format,
            None if matches!(lines.first_byte()?, Some(b'{' | b'[')) => Format::JsonLines,
            None => Format::Csv,
        };
        let rows = match format {
            Format::Csv => Rows::Csv(Box::new(csv::CsvRows::new(lines)?)),
            Format::JsonLines | Format::Scim => Rows::JsonLines(jsonl::JsonRows::new(lines)),
        };
        Ok(Self { rows, seen: HashMap::new(), ceiling: Level::Credential, done: false })
    }

    /// The same, where no row counts for more than a level: whoever supplies the roster is believed so far. An
    /// operator's own roster may say `document` of people whose documents the operator saw; SCIM never says more than
    /// `employer`.
    #[must_use]
    pub fn at_most(self, ceiling: Level) -> Self {
        Self { ceiling: ceiling.min(self.ceiling), ..self }
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
        let row = match &mut self.rows {
            Rows::Csv(rows) => rows.next().map(|cells| row::read(&cells?)),
            Rows::JsonLines(rows) => rows.next().map(|cells| row::read(&cells?)),
            Rows::Scim(rows) => rows.next(),
        };
        match row {
            None => {
                self.done = true;
                None
            }
            Some(Ok(row)) => Some(self.check(row.at_most(self.ceiling))),
            Some(Err(error)) => {
                self.done = error.problem.ends_reading();
                Some(Err(error))
            }
        }
    }
}
