//! A finding before it has a place.

use super::Severity;

/// A finding before it has a place.
pub(super) struct Finding {
    pub(super) severity: Severity,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) help: String,
    pub(super) article: Option<String>,
}

/// The file cannot be put in force.
pub(super) fn error(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Finding {
    Finding { severity: Severity::Error, code, message: message.into(), help: help.into(), article: None }
}

/// Enforced as written, but somebody should look.
pub(super) fn warning(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Finding {
    Finding { severity: Severity::Warning, ..error(code, message, help) }
}

/// Worth knowing.
pub(super) fn note(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Finding {
    Finding { severity: Severity::Note, ..error(code, message, help) }
}

impl Finding {
    /// Names the provision behind it.
    pub(super) fn under(mut self, article: impl Into<String>) -> Self {
        self.article = Some(article.into());
        self
    }
}
