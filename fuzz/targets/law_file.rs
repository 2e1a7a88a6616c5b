//! Whatever a law file holds, lint answers with a report whose findings point inside the text and say what to do.

use law::lint::{Context, FINDINGS, check};

/// One input: the bytes of a file.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let report = check(&text, &Context::default());
    assert!(report.file.is_some() || report.has_errors(), "an unreadable file is an error");
    assert!(report.diagnostics.len() <= FINDINGS + 1);
    for finding in &report.diagnostics {
        assert!(text.get(finding.span.clone()).is_some(), "{finding:?} points outside the text");
        assert!(!finding.message.is_empty() && !finding.help.is_empty(), "{finding:?}");
    }
}
