//! Conversations: texts are only checked, but a message can bring in tools, and can refer to what the provider keeps.

use std::borrow::Cow;

use super::{
    path::Step,
    walk::{Stop, Walk, is_given},
};
use crate::{json::Kind, mode::Mode};

impl<'b> Walk<'b> {
    /// `messages`, or `input` of any form.
    pub(super) fn conversation(&mut self) -> Result<(), Stop> {
        match self.reader.kind()? {
            Kind::Array => self.each(|walk| match walk.reader.kind()? {
                Kind::Object => walk.message(),
                _ => walk.skip(),
            }),
            _ => self.skip(),
        }
    }

    /// A message, or an item of a response's input.
    fn message(&mut self) -> Result<(), Stop> {
        let (mut refers, mut has_id) = (false, false);
        let mut members = self.reader.object()?;
        let mut count: usize = 0;
        while let Some(key) = self.reader.key(&mut members)? {
            count = count.saturating_add(1);
            match &*key {
                "content" => self.below(key, Self::blocks)?,
                "tools" => self.below(key, Self::tools)?,
                "audio" => self.below(key, |walk| walk.ask_if_given(Mode::Audio))?,
                "type" if self.reader.kind()? == Kind::Text => {
                    refers = self.reader.text()?.decoded() == "item_reference";
                }
                "id" => {
                    has_id = true;
                    self.skip()?;
                }
                _ => self.skip()?,
            }
        }
        // An item that is nothing but an id is a reference too.
        if refers || (has_id && count == 1) {
            self.ask(Mode::StoredResponses, self.path.written())
        } else {
            Ok(())
        }
    }

    /// The content of a message: a text, or blocks.
    fn blocks(&mut self) -> Result<(), Stop> {
        match self.reader.kind()? {
            Kind::Array => self.each(Self::blocks),
            Kind::Object => self.block(),
            _ => self.skip(),
        }
    }

    fn block(&mut self) -> Result<(), Stop> {
        let mut members = self.reader.object()?;
        while let Some(key) = self.reader.key(&mut members)? {
            match &*key {
                "tool" | "tools" => self.below(key, Self::tools)?,
                "content" | "source" | "file" => self.below(key, Self::blocks)?,
                "file_id" => self.below(key, |walk| walk.ask_if_given(Mode::Files))?,
                _ => self.skip()?,
            }
        }
        Ok(())
    }

    fn ask_if_given(&mut self, mode: Mode) -> Result<(), Stop> {
        if is_given(self.token()?) { self.ask(mode, self.path.written()) } else { Ok(()) }
    }

    fn below(
        &mut self,
        key: Cow<'b, str>,
        read: impl FnOnce(&mut Self) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.path.enter(Step::Member(key));
        read(self)?;
        self.path.leave();
        Ok(())
    }
}
