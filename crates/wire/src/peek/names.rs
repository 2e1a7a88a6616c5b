//! The visitors that collect model names while the parser walks the body.

use std::{borrow::Cow, ops::Range};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{NamedModel, PeekError, skip::Skip};
use crate::limits;

/// Members that hold substitutes, in the spellings of the two APIs and of the gateways people put behind this one.
const SUBSTITUTES: [&str; 4] =
    ["fallbacks", "models", "context_window_fallbacks", "content_policy_fallbacks"];

/// Members with which a body could send the operator's key to a place of its own choice.
const UPSTREAM_CHOICES: [&str; 8] = [
    "api_base",
    "api_key",
    "api_version",
    "base_url",
    "custom_api_base",
    "custom_llm_provider",
    "provider",
    "vertex_location",
];

/// What has been found so far. `problem` carries our own error past the parser's error type.
pub(super) struct Names<'b> {
    start: usize,
    seen: Vec<Cow<'b, str>>,
    pub(super) model: Option<NamedModel>,
    pub(super) stream: bool,
    pub(super) others: Vec<NamedModel>,
    pub(super) problem: Option<PeekError>,
}

impl<'b> Names<'b> {
    pub(super) fn of(body: &'b str) -> Self {
        Self {
            start: body.as_ptr().addr(),
            seen: Vec::with_capacity(16),
            model: None,
            stream: false,
            others: Vec::new(),
            problem: None,
        }
    }

    fn refuse<T, E: Error>(&mut self, problem: PeekError) -> Result<T, E> {
        self.problem = Some(problem);
        Err(E::custom("refused"))
    }

    fn note<E: Error>(&mut self, key: Cow<'b, str>) -> Result<(), E> {
        if self.seen.contains(&key) {
            return self.refuse(duplicate(&key));
        }
        if self.seen.len() >= limits::BODY_MEMBERS {
            return self.refuse(PeekError::TooManyMembers);
        }
        self.seen.push(key);
        Ok(())
    }

    /// A name and its place; `None` for `null`. `token` must be a slice of the body.
    fn named<E: Error>(&mut self, token: &RawValue) -> Result<Option<NamedModel>, E> {
        if token.get() == "null" {
            return Ok(None);
        }
        match (text_of(token.get()), self.range_of(token.get())) {
            (Some(model), Some(range)) if is_name(&model) => {
                Ok(Some(NamedModel { model: model.into_owned(), range }))
            }
            _ => self.refuse(PeekError::ModelInvalid),
        }
    }

    fn push<E: Error>(&mut self, named: NamedModel) -> Result<(), E> {
        if self.others.len() >= limits::OTHER_MODELS {
            return self.refuse(PeekError::TooManyMembers);
        }
        self.others.push(named);
        Ok(())
    }

    fn range_of(&self, token: &str) -> Option<Range<usize>> {
        let from = token.as_ptr().addr().checked_sub(self.start)?;
        Some(from..from.checked_add(token.len())?)
    }

    fn take_stream<E: Error>(&mut self, token: &RawValue) -> Result<(), E> {
        match token.get() {
            "true" => self.stream = true,
            "false" | "null" => self.stream = false,
            _ => return self.refuse(PeekError::StreamInvalid),
        }
        Ok(())
    }
}

fn duplicate(key: &str) -> PeekError {
    PeekError::DuplicateKey { key: key.chars().take(64).collect() }
}

/// The decoded text of a JSON string token; `None` if it is no string or holds half a surrogate pair.
fn text_of(token: &str) -> Option<Cow<'_, str>> {
    if token.contains('\\') {
        return serde_json::from_str(token).ok().map(Cow::Owned);
    }
    token.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= limits::MODEL_BYTES && !text.chars().any(char::is_control)
}

/// A member name, borrowed where it has no escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a member name")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Borrowed(key)))
    }

    fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Owned(key.to_owned())))
    }
}

/// The outermost object.
pub(super) struct BodyVisitor<'n, 'b>(pub(super) &'n mut Names<'b>);

impl<'de> Visitor<'de> for BodyVisitor<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = members.next_key()? {
            self.0.note(key.clone())?;
            if let Some(member) = find(&UPSTREAM_CHOICES, &key) {
                return self.0.refuse(PeekError::UpstreamChoice { member });
            }
            match &*key {
                "model" => self.0.model = self.0.named(members.next_value()?)?,
                "stream" => self.0.take_stream(members.next_value()?)?,
                "tools" => members.next_value_seed(Tools(self.0))?,
                _ => match find(&SUBSTITUTES, &key) {
                    Some(member) => members.next_value_seed(Substitutes { names: self.0, member })?,
                    None => skip(&mut members)?,
                },
            }
        }
        Ok(())
    }
}

fn skip<'de, A: MapAccess<'de>>(members: &mut A) -> Result<(), A::Error> {
    members.next_value::<Skip>().map(|_| ())
}

fn find(table: &[&'static str], key: &str) -> Option<&'static str> {
    table.iter().copied().find(|member| *member == key)
}

/// `tools`: objects that may carry a `model` of their own, and may nest.
struct Tools<'n, 'b>(&'n mut Names<'b>);

impl<'de> DeserializeSeed<'de> for Tools<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tools<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("tool definitions")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Tools(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        named_object(self.0, &mut members)
    }
}

/// An object below the outermost one: its `model`, if any, and the tools nested in it. A repeated `model` is refused;
/// so are substitutes, which no API takes here and which would be names nobody has decided on.
fn named_object<'de, A: MapAccess<'de>>(names: &mut Names<'de>, members: &mut A) -> Result<(), A::Error> {
    let mut named_already = false;
    while let Some(Key(key)) = members.next_key()? {
        match &*key {
            "model" if std::mem::replace(&mut named_already, true) => return names.refuse(duplicate(&key)),
            "model" => {
                let named = names.named(members.next_value()?)?;
                named.map_or(Ok(()), |named| names.push(named))?;
            }
            "tools" => members.next_value_seed(Tools(names))?,
            "fallbacks" => return names.refuse(PeekError::FallbacksInvalid { member: "fallbacks" }),
            _ => skip(members)?,
        }
    }
    Ok(())
}

/// A list of substitutes: names, or objects that carry `model`.
struct Substitutes<'n, 'b> {
    names: &'n mut Names<'b>,
    member: &'static str,
}

impl<'b> Substitutes<'_, 'b> {
    fn unreadable<E: Error>(self) -> Result<(), E> {
        self.names.refuse(PeekError::FallbacksInvalid { member: self.member })
    }

    fn take<E: Error>(&mut self, token: &'b RawValue) -> Result<(), E> {
        let before = self.names.others.len();
        if token.get().starts_with('{') {
            self.take_object(token.get())?;
        } else if let Some(named) = self.names.named(token)? {
            self.names.push(named)?;
        }
        if self.names.others.len() == before {
            return self.names.refuse(PeekError::FallbacksInvalid { member: self.member });
        }
        Ok(())
    }

    fn take_object<E: Error>(&mut self, object: &'b str) -> Result<(), E> {
        let mut reader = serde_json::Deserializer::from_str(object);
        let read = reader.deserialize_any(Tools(self.names));
        match (&self.names.problem, read) {
            (Some(_), _) => Err(E::custom("refused")),
            (None, Err(error)) => self.names.refuse(super::parser_problem(&error)),
            (None, Ok(())) if is_too_deep(object) => self.names.refuse(PeekError::TooDeep),
            (None, Ok(())) => Ok(()),
        }
    }
}

/// Whether an object of a list in the outermost object passes the depth that the whole body may have: it is read by a
/// parser of its own, which does not count the two levels around it.
fn is_too_deep(object: &str) -> bool {
    let opening = object.bytes().filter(|byte| matches!(byte, b'{' | b'[')).count();
    opening.saturating_add(2) > limits::BODY_DEPTH
        && serde_json::from_str::<Skip>(&["[[", object, "]]"].concat()).is_err()
}

impl<'de> DeserializeSeed<'de> for Substitutes<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Substitutes<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of model names")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if text == "default" { self.names.refuse(PeekError::FallbackNotNamed) } else { self.unreadable() }
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.unreadable()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.unreadable()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.unreadable()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.unreadable()
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        self.unreadable()
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while let Some(token) = items.next_element::<&'de RawValue>()? {
            self.take(token)?;
        }
        Ok(())
    }
}
