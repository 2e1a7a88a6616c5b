//! Values that may carry models below the outermost object: tool definitions, substitutes, and whatever is not known.

use super::{
    PeekError,
    members::{is_free_in_tools, mode_of_tool, substitutes},
    path::Step,
    walk::{Stop, Walk},
};
use crate::json::Kind;

impl Walk<'_> {
    /// Tool definitions: objects whose `model` must be a name, and which may nest.
    pub(super) fn tools(&mut self) -> Result<(), Stop> {
        match self.reader.kind()? {
            Kind::Array => self.each(Self::tools),
            Kind::Object => self.object(true).map(|_| ()),
            _ => self.skip(),
        }
    }

    /// A value nobody has described here, in which a `model` that is a text is taken for a name.
    pub(super) fn carrier(&mut self) -> Result<(), Stop> {
        match self.reader.kind()? {
            Kind::Array => self.each(Self::carrier),
            Kind::Object => self.object(false).map(|_| ()),
            _ => self.skip(),
        }
    }

    /// A list of substitutes: names, or objects that carry `model`.
    pub(super) fn substitutes(&mut self, member: &'static str) -> Result<(), Stop> {
        let unreadable = PeekError::FallbacksInvalid { member };
        match self.reader.kind()? {
            Kind::Null => self.skip(),
            Kind::Text if self.reader.text()?.decoded() == "default" => {
                Err(PeekError::FallbackNotNamed.into())
            }
            Kind::Array => self.each(|walk| match walk.substitute()? {
                true => Ok(()),
                false => Err(PeekError::FallbacksInvalid { member }.into()),
            }),
            _ => Err(unreadable.into()),
        }
    }

    /// Whether it named a model.
    fn substitute(&mut self) -> Result<bool, Stop> {
        if self.reader.kind()? == Kind::Object {
            return self.object(true);
        }
        let named = self.named()?;
        let is_named = named.is_some();
        named.map_or(Ok(()), |named| self.push(named))?;
        Ok(is_named)
    }

    /// Reads the items of an array, each with its place on the path.
    pub(super) fn each(&mut self, mut read: impl FnMut(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
        let mut items = self.reader.array()?;
        let mut at: usize = 0;
        while self.reader.item(&mut items)? {
            self.path.enter(Step::Item(at));
            read(self)?;
            self.path.leave();
            at = at.saturating_add(1);
        }
        Ok(())
    }

    /// An object that may carry a model; whether it named one itself. Substitutes are refused here: no API takes them, and
    /// they would be names nobody has decided on. `is_tool`: its `model` can only be a name.
    fn object(&mut self, is_tool: bool) -> Result<bool, Stop> {
        let mut is_named = false;
        let mut members = self.reader.object()?;
        while let Some(key) = self.reader.key(&mut members)? {
            if let Some(member) = substitutes(&key) {
                return Err(PeekError::FallbacksInvalid { member }.into());
            }
            self.path.enter(Step::Member(key.clone()));
            match &*key {
                "model" if is_tool || self.reader.kind()? == Kind::Text => {
                    let named = self.named()?;
                    is_named |= named.is_some();
                    named.map_or(Ok(()), |named| self.push(named))?;
                }
                "type" if is_tool && self.reader.kind()? == Kind::Text => self.tool_type()?,
                "tools" | "definition" => self.tools()?,
                key if is_free_in_tools(key) => self.skip()?,
                _ => self.carrier()?,
            }
            self.path.leave();
        }
        Ok(is_named)
    }

    fn tool_type(&mut self) -> Result<(), Stop> {
        let mode = mode_of_tool(&self.reader.text()?.decoded());
        mode.map_or(Ok(()), |mode| self.ask(mode, self.path.written()))
    }
}
