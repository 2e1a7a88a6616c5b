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

/// The way from the root to a value.
#[derive(Clone, Debug)]
pub(super) struct Place(Vec<Step<'static>>);

impl Place {
    /// A table or array of the root.
    pub(super) fn of(key: &'static str) -> Self {
        Self(vec![Step::Key(key)])
    }

    /// Something inside.
    pub(super) fn then(&self, step: impl Into<Step<'static>>) -> Self {
        let mut steps = self.0.clone();
        steps.push(step.into());
        Self(steps)
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

    /// The bytes of the value at a place, or of the nearest thing around it.
    pub(super) fn find(&self, place: &Place) -> Range<usize> {
        let Some(root) = &self.root else { return 0..0 };
        let Some((value, _)) = self.walk(place) else { return first_line(root.span()) };
        value.span()
    }

    /// The number written at a place, as it is written.
    pub(super) fn number(&self, place: &Place) -> Option<f64> {
        match self.walk(place) {
            Some((value, true)) => match value.get_ref() {
                DeValue::Float(float) => float.as_str().parse().ok(),
                DeValue::Integer(integer) => match integer.radix() {
                    10 => integer.as_str().parse().ok(),
                    radix => u32::from_str_radix(integer.as_str(), radix).ok().map(f64::from),
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// The value at a place or the nearest around it, and whether the place was reached.
    fn walk(&self, place: &Place) -> Option<(&toml::Spanned<DeValue<'a>>, bool)> {
        let (first, rest) = place.0.split_first()?;
        let Step::Key(key) = first else { return None };
        let mut value = self.root.as_ref()?.get_ref().get(*key)?;
        for step in rest {
            let inner = match (step, value.get_ref()) {
                (Step::Key(key), DeValue::Table(table)) => table.get(*key),
                (Step::At(index), DeValue::Array(array)) => array.get(*index),
                _ => None,
            };
            let Some(inner) = inner else { return Some((value, false)) };
            value = inner;
        }
        Some((value, true))
    }
}

fn first_line(span: Range<usize>) -> Range<usize> {
    span.start..span.start.saturating_add(1).min(span.end)
}
