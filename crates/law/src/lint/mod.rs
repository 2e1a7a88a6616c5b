//! Checks of a law file: diagnostics that point at line and column, name the article, and propose the fix.
//!
//! Messages are public interface: they are written for the lawyer who wrote the file.

mod adoption;
mod catalogue;
mod checker;
mod cited;
mod condition;
mod directive;
mod duty;
mod exception;
mod fields;
mod finding;
mod licence;
mod lifting;
mod persons;
mod source;
mod spans;
mod stay;

use crate::LawFile;
use checker::Checker;
use spans::Spans;
use std::ops::Range;
use terms::{ModelId, limits};

/// Findings of one report; beyond, they are only counted (`too_many_findings`).
pub const FINDINGS: usize = 1_000;

/// How grave a diagnostic is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Enforced as written, but somebody should look.
    Warning,
    /// The file cannot be put in force.
    Error,
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// How grave.
    pub severity: Severity,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// The provision or invariant behind it.
    pub article: Option<String>,
    /// Bytes of the file it points at.
    pub span: Range<usize>,
}

/// What is known besides the file.
#[derive(Clone, Default)]
pub struct Context<'a> {
    /// The operator's catalogue; `None` = models are not checked.
    pub catalogue: Option<&'a [ModelId]>,
    /// Law files read before this one: exceptions, liftings and licences may name their directives.
    pub before: &'a [LawFile],
}

/// The result of a check.
#[derive(Clone, Debug)]
pub struct Report {
    /// The file, when it could be read at all.
    pub file: Option<LawFile>,
    /// Findings, in order of place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Whether the file cannot be put in force.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Checks the text of one law file.
pub fn check(text: &str, context: &Context<'_>) -> Report {
    match read(text) {
        Ok(file) => {
            let spans = Spans::of(text);
            let mut diagnostics = Checker::new(&file, &spans, context).run();
            diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
            Report { file: Some(file), diagnostics }
        }
        Err(diagnostic) => Report { file: None, diagnostics: vec![*diagnostic] },
    }
}

/// Reads a law file without the checks of meaning.
pub fn read(text: &str) -> Result<LawFile, Box<Diagnostic>> {
    if text.len() > limits::LAW_FILE_BYTES {
        return Err(Box::new(too_large(text)));
    }
    toml::from_str(text).map_err(|error| Box::new(unreadable(&error, text)))
}

fn too_large(text: &str) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code: "file_too_large",
        message: format!("the file has {} bytes, more than {}", text.len(), limits::LAW_FILE_BYTES),
        help: "split it: each instrument may stand in a file of its own".to_owned(),
        article: None,
        span: 0..0,
    }
}

fn unreadable(error: &toml::de::Error, text: &str) -> Diagnostic {
    let message = error.message().to_owned();
    Diagnostic {
        severity: Severity::Error,
        code: "unreadable",
        help: advice(&message).to_owned(),
        message,
        article: None,
        span: error.span().unwrap_or(0..text.len().min(1)),
    }
}

/// What to try, by what the reader said.
fn advice(message: &str) -> &'static str {
    let table = [
        ("unknown field", "remove the field or correct its name; the schema lists the fields"),
        ("missing field", "add the field; the schema says what it holds"),
        ("unknown variant", "use one of the words listed"),
        (
            "enum Start",
            "write date, time and offset, or { local, zone, options = { first, second } } for a local time that occurs twice",
        ),
        ("no capability", "write a tag and a tier, such as cyber:expert"),
        ("no instant", "write date, time and offset, as in 2026-06-12T17:21:00-04:00"),
        ("date, time and offset", "write date, time and offset, as in 2026-06-12T17:21:00-04:00"),
        ("no identifier", "use letters, digits and . _ : / @ + - only"),
        ("unknown country", "use an ISO 3166-1 alpha-2 code such as FR"),
        ("duplicate key", "keep one of the two"),
    ];
    table
        .into_iter()
        .find(|(word, _)| message.contains(word))
        .map_or("correct the TOML at this place", |(_, help)| help)
}
