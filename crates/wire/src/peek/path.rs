//! The way from the outermost object to where the pass is.

use std::{borrow::Cow, fmt::Write as _};

#[derive(Debug)]
pub(super) enum Step<'b> {
    Member(Cow<'b, str>),
    Item(usize),
}

#[derive(Debug)]
pub(super) struct Path<'b> {
    steps: Vec<Step<'b>>,
}

impl<'b> Path<'b> {
    pub(super) fn new() -> Self {
        Self { steps: Vec::with_capacity(8) }
    }

    pub(super) fn enter(&mut self, step: Step<'b>) {
        self.steps.push(step);
    }

    pub(super) fn leave(&mut self) {
        self.steps.pop();
    }

    /// As `tools.16.model`; a member name is shortened to 64 characters.
    pub(super) fn written(&self) -> String {
        let mut text = String::new();
        for step in &self.steps {
            if !text.is_empty() {
                text.push('.');
            }
            match step {
                Step::Member(name) => text.extend(name.chars().filter(|c| !c.is_control()).take(64)),
                // Writing to a text cannot fail.
                Step::Item(at) => write!(text, "{at}").unwrap_or_default(),
            }
        }
        text
    }
}
