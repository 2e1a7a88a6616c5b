//! Where things stand in a TOML text.

use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A step from a table or array to something inside it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'a> {
    /// A key of a table.
    Key(&'a str),
    /// An element of an array.
    At(usize),
}

impl<'a> From<&'a str> for Step<'a> {
    fn from(key: &'a str) -> Self {
        Self::Key(key)
    }
}

impl From<usize> for Step<'_> {
    fn from(index: usize) -> Self {
        Self::At(index)
    }
}

/// The document with the place of each value.
pub(super) struct Spans<'a> {
    root: Option<toml::Spanned<DeTable<'a>>>,
}

impl<'a> Spans<'a> {
    /// Reads the places. A text that is no TOML has none.
    pub(super) fn of(text: &'a str) -> Self {
        Self { root: DeTable::parse(text).ok() }
    }

    /// The bytes of the value at a path, or of the nearest thing around it.
    pub(super) fn find(&self, path: &[Step<'_>]) -> Range<usize> {
        let Some(root) = &self.root else { return 0..0 };
        let Some((first, rest)) = path.split_first() else { return root.span() };
        let Step::Key(key) = first else { return root.span() };
        let Some(mut value) = root.get_ref().get(*key) else { return first_line(root.span()) };
        for step in rest {
            let inner = match (step, value.get_ref()) {
                (Step::Key(key), DeValue::Table(table)) => table.get(*key),
                (Step::At(index), DeValue::Array(array)) => array.get(*index),
                _ => None,
            };
            let Some(inner) = inner else { break };
            value = inner;
        }
        value.span()
    }
}

fn first_line(span: Range<usize>) -> Range<usize> {
    span.start..span.start.saturating_add(1).min(span.end)
}
