//! Why an upstream did not answer: its status and the body of its error, read by a table that is data.
//!
//! On 13 June 2026 a model that had been withdrawn answered 404 `not_found_error`, and 400 where it was named inside a
//! tool definition; people read both as faults of their own. A 400 counts only where its body names a model of the
//! request and says that it cannot be had: the same code is sent for every malformed request.

use serde::Deserialize;
use serde_json::Value;

use crate::limits;

/// Why an upstream did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The model is gone: taken away, retired, or never there.
    Withdrawn,
    /// The model is not given to this place.
    ForbiddenRegion,
    /// The upstream or the operator's access to it is out of order.
    Unavailable,
    /// The upstream is asked for too much at the moment.
    Overloaded,
    /// The request is at fault, and not by the model it names.
    BadRequestNotAboutModel,
}

impl Cause {
    /// The name used in plans and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::ForbiddenRegion => "forbidden_region",
            Self::Unavailable => "unavailable",
            Self::Overloaded => "overloaded",
            Self::BadRequestNotAboutModel => "bad_request_not_about_model",
        }
    }

    /// Whether another model may be tried for this request.
    #[must_use]
    pub const fn is_about_model(self) -> bool {
        !matches!(self, Self::BadRequestNotAboutModel)
    }
}

/// One row of the table: all that is given must fit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The lowest and the highest status.
    pub status: (u16, u16),
    /// The error's `type`, `code` or `status` is one of these; empty: whatever it is.
    #[serde(default)]
    pub codes: Vec<String>,
    /// The error's words hold one of these, in lower case; empty: whatever they are.
    #[serde(default)]
    pub words: Vec<String>,
    /// The body names a model of the request.
    #[serde(default)]
    pub names_model: bool,
    /// Then this is the cause.
    pub cause: Cause,
}

/// The table; the first row that fits decides.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Table {
    /// Its rows.
    pub rows: Vec<Row>,
}

/// The table shipped: `gone.json` beside this file.
const SHIPPED: &str = include_str!("gone.json");

impl Default for Table {
    fn default() -> Self {
        // The file is compiled in and tested; an empty table leaves the causes by status alone.
        serde_json::from_str(SHIPPED).unwrap_or(Self { rows: Vec::new() })
    }
}

/// A model of the request, as it was written to the upstream.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Its name.
    pub model: &'a str,
    /// Where the body names it, as in [`crate::peek::NamedModel::path`]; `model` for the outermost one.
    pub path: &'a str,
}

/// What was found out about an upstream's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding<'a> {
    /// Why there is no answer.
    pub cause: Cause,
    /// The model the body names, where it names one of the request.
    pub model: Option<&'a str>,
}

impl Table {
    /// Why an upstream answered `status` (400 or more) with `body`, of which the first
    /// [`limits::ERROR_BODY_BYTES`] are looked at.
    ///
    /// ```
    /// use wire::gone::{Asked, Cause, Table};
    /// let body = br#"{"error":{"code":"model_not_found","message":"The model `m` does not exist"}}"#;
    /// let finding = Table::default().cause(404, body, &[Asked { model: "m", path: "model" }]);
    /// assert_eq!((finding.cause, finding.model), (Cause::Withdrawn, Some("m")));
    /// ```
    #[must_use]
    pub fn cause<'a>(&self, status: u16, body: &[u8], asked: &[Asked<'a>]) -> Finding<'a> {
        let error = ErrorBody::read(body.get(..limits::ERROR_BODY_BYTES).unwrap_or(body));
        let model = asked.iter().find(|asked| error.names(asked)).map(|asked| asked.model);
        let fits = |row: &&Row| {
            (row.status.0..=row.status.1).contains(&status)
                && (row.codes.is_empty() || row.codes.iter().any(|code| error.codes.contains(code)))
                && (row.words.is_empty()
                    || row.words.iter().any(|words| error.words.contains(words.as_str())))
                && (!row.names_model || model.is_some())
        };
        let cause = self.rows.iter().find(fits).map_or_else(|| by_status(status), |row| row.cause);
        Finding { cause, model }
    }
}

/// Where no row fits: a client error speaks of the request, everything else of the upstream.
const fn by_status(status: u16) -> Cause {
    match status {
        400..=499 => Cause::BadRequestNotAboutModel,
        _ => Cause::Unavailable,
    }
}

/// What an error body says, of whatever maker.
#[derive(Default)]
struct ErrorBody {
    codes: Vec<String>,
    /// All words for people, in lower case.
    words: String,
    /// The same as plain words, one space between and around them.
    plain: String,
    param: Option<String>,
}

impl ErrorBody {
    fn read(body: &[u8]) -> Self {
        let mut error = Self::default();
        match serde_json::from_slice(body) {
            Ok(value) => error.take(&value),
            // A page, or a body cut at the limit: its words still say something.
            Err(_) => error.words = String::from_utf8_lossy(body).to_lowercase(),
        }
        error.plain = plain_words(&error.words);
        error
    }

    fn take(&mut self, value: &Value) {
        // Some makers wrap the object in a list or write a text in its place.
        let outer = value.as_array().and_then(|list| list.first()).unwrap_or(value);
        let inner = outer.get("error").unwrap_or(outer);
        for object in [outer, inner] {
            for member in ["type", "code", "status", "error_code"] {
                self.codes.extend(object.get(member).and_then(Value::as_str).map(str::to_owned));
            }
            for member in ["message", "detail", "error_description"] {
                self.add_words(object.get(member));
            }
        }
        self.add_words(Some(inner));
        self.param = inner.get("param").and_then(Value::as_str).map(str::to_owned);
    }

    fn add_words(&mut self, value: Option<&Value>) {
        if let Some(words) = value.and_then(Value::as_str) {
            self.words.push_str(&words.to_lowercase());
            self.words.push('\n');
        }
    }

    /// Whether it names this model: by its name, by the name people know it by (the same words without hyphens and
    /// without a date), or by its place in the request.
    fn names(&self, asked: &Asked<'_>) -> bool {
        let name = plain_words(asked.model);
        let undated = undated(&name);
        let is_place = |place: &str| {
            self.param.as_deref() == Some(place)
                || self.words.lines().any(|line| line.starts_with(&format!("{place}: ")))
        };
        self.plain.contains(&name) || self.plain.contains(undated) || is_place(&asked.path.to_lowercase())
    }
}

/// Letters and digits in lower case, everything else one space; one space before and behind.
fn plain_words(text: &str) -> String {
    let mut plain = String::from(" ");
    for c in text.chars().flat_map(char::to_lowercase) {
        match c.is_alphanumeric() {
            true => plain.push(c),
            false if !plain.ends_with(' ') => plain.push(' '),
            false => {}
        }
    }
    if !plain.ends_with(' ') {
        plain.push(' ');
    }
    plain
}

/// Without a date of eight digits as the last word; the space behind stays.
fn undated(plain: &str) -> &str {
    let last = plain.trim_end().rsplit(' ').next().unwrap_or_default();
    let is_date = last.len() == 8 && last.bytes().all(|byte| byte.is_ascii_digit());
    let before = plain.trim_end().strip_suffix(last).unwrap_or(plain);
    if is_date && !before.trim().is_empty() { before } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_can_be_read() {
        let table: Table = serde_json::from_str(SHIPPED).unwrap();
        assert_eq!(Table::default(), table);
        assert!(table.rows.iter().all(|row| row.words.iter().all(|words| *words == words.to_lowercase())));
    }

    #[test]
    fn names_are_found_as_whole_words() {
        let names = |body: &str, model: &str| {
            let body = serde_json::json!({"error": {"message": body}}).to_string();
            ErrorBody::read(body.as_bytes()).names(&Asked { model, path: "model" })
        };
        assert!(names("The model `m-large` does not exist", "m-large"));
        assert!(names("M Large is gone", "m-large-20260501"));
        assert!(names("model: m is gone.", "other"));
        assert!(!names("m-larger is gone", "m-large"));
        assert!(!names("nothing", "m"));
        assert!(!names("nothing", "20260501"));
        assert!(!names("", "m"));
    }
}
