//! A page: headings and nested lines, printed as text or as Markdown.

use super::Lang;
use super::words;
use crate::explain::step::Truth;
use std::fmt::Write as _;

/// One line of a page.
struct Line {
    kind: LineKind,
    text: String,
}

enum LineKind {
    Title,
    Heading,
    Item { depth: usize, truth: Option<Truth> },
}

/// A page being written.
pub(super) struct Page {
    pub(super) lang: Lang,
    lines: Vec<Line>,
}

impl Page {
    pub(super) fn new(lang: Lang) -> Self {
        Self { lang, lines: Vec::new() }
    }

    pub(super) fn title(&mut self, text: String) {
        self.push(LineKind::Title, &text);
    }

    pub(super) fn heading(&mut self, text: String) {
        self.push(LineKind::Heading, &text);
    }

    pub(super) fn item(&mut self, depth: usize, text: String) {
        self.push(LineKind::Item { depth, truth: None }, &text);
    }

    /// `name: value`.
    pub(super) fn field(&mut self, depth: usize, name: (&'static str, &'static str), value: &str) {
        self.item(depth, format!("{}: {value}", self.lang.pick(name.0, name.1)));
    }

    /// A line with its truth in front.
    pub(super) fn judged(&mut self, depth: usize, truth: Truth, text: String) {
        self.push(LineKind::Item { depth, truth: Some(truth) }, &text);
    }

    /// Control characters of a title or office must not reach a terminal.
    fn push(&mut self, kind: LineKind, text: &str) {
        let text = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.lines.push(Line { kind, text });
    }

    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        for Line { kind, text } in &self.lines {
            // Writing to a string does not fail.
            let _ = match kind {
                LineKind::Title => writeln!(out, "{text}"),
                LineKind::Heading => writeln!(out, "\n{text}"),
                LineKind::Item { depth, truth } => {
                    let indent = "  ".repeat(depth.saturating_add(1));
                    match truth {
                        Some(truth) => writeln!(out, "{indent}[{}] {text}", words::truth(self.lang, *truth)),
                        None => writeln!(out, "{indent}{text}"),
                    }
                }
            };
        }
        out
    }

    pub(super) fn markdown(&self) -> String {
        let mut out = String::new();
        let mut in_list = false;
        for Line { kind, text } in &self.lines {
            let text = escaped(text);
            let _ = match kind {
                LineKind::Title => writeln!(out, "# {text}\n"),
                LineKind::Heading if in_list => writeln!(out, "\n## {text}\n"),
                LineKind::Heading => writeln!(out, "## {text}\n"),
                LineKind::Item { depth, truth } => {
                    let indent = "  ".repeat(*depth);
                    match truth {
                        Some(truth) => {
                            writeln!(out, "{indent}- **{}** {text}", words::truth(self.lang, *truth))
                        }
                        None => writeln!(out, "{indent}- {text}"),
                    }
                }
            };
            in_list = matches!(kind, LineKind::Item { .. });
        }
        out
    }
}

/// Text that Markdown shows as it is (CommonMark 0.31, 2.4).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
