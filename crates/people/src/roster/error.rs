//! What is wrong with a roster. The fault is the author's, and each message names the cure.

use super::column::Column;

/// Characters of a wrong value that are repeated in a message.
const SHOWN: usize = 40;

/// A roster, or one row of it, cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct RosterError {
    /// Line of the file, from 1.
    pub line: u64,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file could not be read.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    /// There is no row.
    #[error("the roster has no rows: write a header with person_id and one row per person")]
    NoRows,
    /// The text is not UTF-8.
    #[error("the text is not UTF-8: save the file as UTF-8")]
    NotUtf8,
    /// The line is too long.
    #[error("the row is longer than {limit} bytes: keep to the columns of a roster, one row per line")]
    TooLong {
        /// Bytes allowed.
        limit: usize,
    },
    /// There are too many rows.
    #[error("the roster has more than {limit} rows: split it into several files")]
    TooManyRows {
        /// Rows allowed.
        limit: u64,
    },
    /// A quotation mark is not closed on its line.
    #[error("a quotation mark is not closed on this line: values have no line breaks")]
    OpenQuote,
    /// The row has more or fewer values than the header.
    #[error("the row has {have} values, the header {want}: put quotation marks around a value with a comma")]
    Width {
        /// Values of the row.
        have: usize,
        /// Columns of the header.
        want: usize,
    },
    /// The columns are not separated by commas.
    #[error("the columns of `{0}` are not separated by commas: save the file as comma-separated")]
    Separator(String),
    /// There is no column for the person.
    #[error("there is no column person_id: add one with an identifier for each person")]
    NoPersonId,
    /// The column is not known.
    #[error("unknown column `{column}`: the nearest known one is `{nearest}`; remove or rename it")]
    UnknownColumn {
        /// As written.
        column: String,
        /// The known column that looks most like it.
        nearest: &'static str,
    },
    /// The column seems to hold what must not be stored.
    #[error(
        "column `{0}` seems to hold names, contact data or document numbers: Douane stores predicates, not \
         documents; remove the column"
    )]
    PersonalData(String),
    /// The column is there twice.
    #[error("column `{0}` is there twice: keep one")]
    TwiceColumn(String),
    /// The line is no JSON object.
    #[error("this is not one JSON object with text values: {0}")]
    NotJson(String),
    /// The document is no list of SCIM users.
    #[error(
        "this is no SCIM list of users (RFC 7644, 3.4.2) whose eligibility extension has only us_person, us_status, \
         not_national_of, nationalities, nationalities_complete, relation and as_of"
    )]
    NotScim,
    /// A value is not allowed.
    #[error("column `{column}`: `{value}` is not allowed; write {allowed}")]
    Value {
        /// The column.
        column: &'static str,
        /// The value, cut to a bounded length.
        value: String,
        /// What may be written there.
        allowed: String,
    },
    /// The person is there twice.
    #[error("column `person_id`: `{person}` is on line {first} already; keep one row per person")]
    Twice {
        /// The person.
        person: String,
        /// Line of the first row.
        first: u64,
    },
}

impl Problem {
    pub(super) fn value(column: Column, value: &str, allowed: impl Into<String>) -> Self {
        Self::Value { column: column.word(), value: shown(value), allowed: allowed.into() }
    }

    /// Whether the rows after this one cannot be told apart any more.
    pub(super) const fn ends_reading(&self) -> bool {
        matches!(
            self,
            Self::Unreadable(_) | Self::TooLong { .. } | Self::OpenQuote | Self::TooManyRows { .. }
        )
    }
}

impl RosterError {
    /// The file could not be read.
    pub fn unreadable(error: std::io::Error) -> Self {
        Self { line: 0, problem: Problem::Unreadable(error.to_string()) }
    }
}

/// The beginning of a text, with nothing in it that could disturb a terminal or a page.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
