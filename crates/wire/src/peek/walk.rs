//! The pass over the outermost object.

use super::{
    NamedMode, NamedModel, Peek, PeekError, is_model_name,
    members::{When, is_free, mode_of_member, substitutes, upstream_choice},
    path::{Path, Step},
};
use crate::{
    dialect::Form,
    json::{Fault, Kind, Reader},
    limits,
    mode::{Allowed, Mode},
};

/// Why the pass stopped.
pub(super) enum Stop {
    Fault(Fault),
    Refused(PeekError),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<PeekError> for Stop {
    fn from(error: PeekError) -> Self {
        Self::Refused(error)
    }
}

/// The pass, with what has been found so far.
pub(super) struct Walk<'b> {
    pub(super) reader: Reader<'b>,
    pub(super) path: Path<'b>,
    text: &'b str,
    form: Option<Form>,
    allowed: Allowed,
    model: Option<NamedModel>,
    stream: bool,
    says_store: bool,
    others: Vec<NamedModel>,
    modes: Vec<NamedMode>,
}

impl<'b> Walk<'b> {
    pub(super) fn new(text: &'b str, form: Option<Form>, allowed: Allowed) -> Self {
        Self {
            reader: Reader::new(text),
            path: Path::new(),
            text,
            form,
            allowed,
            model: None,
            stream: false,
            says_store: false,
            others: Vec::new(),
            modes: Vec::new(),
        }
    }

    pub(super) fn read(mut self) -> Result<Peek, Stop> {
        self.body()?;
        if self.form == Some(Form::Responses) && !self.says_store {
            self.ask(Mode::StoredResponses, "store".to_owned())?;
        }
        let NamedModel { model, range, .. } = self.model.ok_or(PeekError::ModelMissing)?;
        let (other_models, modes) = (self.others, self.modes);
        Ok(Peek { model, model_range: range, stream: self.stream, other_models, modes })
    }

    fn body(&mut self) -> Result<(), Stop> {
        if self.reader.kind()? != Kind::Object {
            return Err(PeekError::NotAnObject.into());
        }
        let mut members = self.reader.object()?;
        while let Some(key) = self.reader.key(&mut members)? {
            if self.reader.members_read(&members) > limits::BODY_MEMBERS {
                return Err(PeekError::TooManyMembers.into());
            }
            if let Some(member) = upstream_choice(&key) {
                return Err(PeekError::UpstreamChoice { member }.into());
            }
            self.path.enter(Step::Member(key.clone()));
            self.member(&key)?;
            self.path.leave();
        }
        Ok(self.reader.end()?)
    }

    fn member(&mut self, key: &str) -> Result<(), Stop> {
        match key {
            "model" => self.model = self.named()?,
            "stream" => self.take_stream()?,
            "tools" => self.tools()?,
            "messages" | "input" => self.conversation()?,
            _ if is_free(key) => self.skip()?,
            _ => match (substitutes(key), mode_of_member(key)) {
                (Some(member), _) => self.substitutes(member)?,
                (None, Some((mode, when))) => self.member_of_mode(key, mode, when)?,
                (None, None) => self.carrier()?,
            },
        }
        Ok(())
    }

    pub(super) fn skip(&mut self) -> Result<(), Stop> {
        self.reader.skip()?;
        Ok(())
    }

    fn take_stream(&mut self) -> Result<(), Stop> {
        self.stream = match self.reader.kind()? {
            Kind::True => true,
            Kind::False | Kind::Null => false,
            _ => return Err(PeekError::StreamInvalid.into()),
        };
        self.skip()
    }

    /// A name and its place; `None` for `null`.
    pub(super) fn named(&mut self) -> Result<Option<NamedModel>, Stop> {
        match self.reader.kind()? {
            Kind::Null => {
                self.skip()?;
                Ok(None)
            }
            Kind::Text => {
                let text = self.reader.text()?;
                let model = text.decoded();
                if !is_model_name(&model) {
                    return Err(PeekError::ModelInvalid.into());
                }
                let path = self.path.written();
                Ok(Some(NamedModel { model: model.into_owned(), range: text.range, path }))
            }
            _ => Err(PeekError::ModelInvalid.into()),
        }
    }

    /// Takes a model named elsewhere than in the outermost `model`.
    pub(super) fn push(&mut self, named: NamedModel) -> Result<(), Stop> {
        if self.others.len() >= limits::OTHER_MODELS {
            return Err(PeekError::TooManyMembers.into());
        }
        self.others.push(named);
        Ok(())
    }

    /// A mode is asked for by the member at `path`.
    pub(super) fn ask(&mut self, mode: Mode, path: String) -> Result<(), Stop> {
        if !self.allowed.has(mode) {
            return Err(PeekError::ModeNotServed { mode, path }.into());
        }
        if self.modes.len() >= limits::OTHER_MODELS {
            return Err(PeekError::TooManyMembers.into());
        }
        self.modes.push(NamedMode { mode, path });
        Ok(())
    }

    fn member_of_mode(&mut self, key: &str, mode: Mode, when: When) -> Result<(), Stop> {
        let token = self.token()?;
        let is_asked = match when {
            When::Given => is_given(token),
            When::AnObject => token.starts_with('{'),
            When::Lists(word) => lists(token, word),
        };
        // `null` leaves it to the provider, as if it were left out.
        self.says_store |= key == "store" && token != "null";
        if is_asked { self.ask(mode, self.path.written()) } else { Ok(()) }
    }

    /// Any value, as it is written.
    pub(super) fn token(&mut self) -> Result<&'b str, Stop> {
        let range = self.reader.skip()?;
        Ok(self.text.get(range).unwrap_or_default())
    }
}

/// Whether a value asks for something: not `null`, `false`, or an empty list, object or text.
pub(super) fn is_given(token: &str) -> bool {
    let is_empty = |open, close| {
        token
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
            .is_some_and(|inside| inside.trim().is_empty())
    };
    !matches!(token, "null" | "false" | "\"\"") && !is_empty('[', ']') && !is_empty('{', '}')
}

fn lists(token: &str, word: &str) -> bool {
    let items: Vec<serde_json::Value> = serde_json::from_str(token).unwrap_or_default();
    items.iter().any(|item| item.as_str() == Some(word))
}
