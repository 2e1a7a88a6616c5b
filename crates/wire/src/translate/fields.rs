//! Objects whose members are taken one by one: what is left in the end has not been understood.

use serde_json::{Map, Value};

use super::{Translation, no_counterpart, unreadable};

pub(super) struct Fields {
    members: Map<String, Value>,
    path: String,
}

/// A member's way, from that of its object.
pub(super) fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

pub(super) fn item(path: &str, at: usize) -> String {
    format!("{path}.{at}")
}

impl Fields {
    pub(super) fn of(value: Value, path: impl Into<String>) -> Translation<Self> {
        let path = path.into();
        match value {
            Value::Object(members) => Ok(Self { members, path }),
            _ => unreadable(if path.is_empty() { "body".to_owned() } else { path }),
        }
    }

    pub(super) fn way(&self, name: &str) -> String {
        below(&self.path, name)
    }

    /// A member's value; absent and `null` are alike.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &str) -> Translation<Option<String>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => unreadable(self.way(name)),
        }
    }

    pub(super) fn needed_text(&mut self, name: &str) -> Translation<String> {
        self.text(name)?.map_or_else(|| unreadable(self.way(name)), Ok)
    }

    pub(super) fn flag(&mut self, name: &str) -> Translation<Option<bool>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => unreadable(self.way(name)),
        }
    }

    pub(super) fn count(&mut self, name: &str) -> Translation<Option<u64>> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => value.as_u64().map_or_else(|| unreadable(self.way(name)), |count| Ok(Some(count))),
        }
    }

    /// A number and how it is written.
    pub(super) fn number(&mut self, name: &str) -> Translation<Option<(f64, Value)>> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => match value.as_f64() {
                Some(number) => Ok(Some((number, value))),
                None => unreadable(self.way(name)),
            },
        }
    }

    pub(super) fn list(&mut self, name: &str) -> Translation<Option<Vec<Value>>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => unreadable(self.way(name)),
        }
    }

    pub(super) fn object(&mut self, name: &str) -> Translation<Option<Self>> {
        let way = self.way(name);
        self.take(name).map(|value| Self::of(value, way)).transpose()
    }

    /// Passes over a member whose value means nothing else than its absence.
    pub(super) fn ignore(
        &mut self,
        name: &str,
        means_nothing: impl FnOnce(&Value) -> bool,
    ) -> Translation<()> {
        match self.take(name) {
            Some(value) if !means_nothing(&value) => no_counterpart(self.way(name)),
            _ => Ok(()),
        }
    }

    /// The object's type, which must be there.
    pub(super) fn kind(&mut self) -> Translation<String> {
        self.needed_text("type")
    }

    /// All that has not been taken.
    pub(super) fn whole(self) -> Value {
        self.members.into()
    }

    /// Nothing may be left.
    pub(super) fn done(self) -> Translation<()> {
        match self.members.iter().find(|(_, value)| !value.is_null()) {
            Some((name, _)) => no_counterpart(self.way(name)),
            None => Ok(()),
        }
    }
}

/// The texts of a list.
pub(super) fn texts(items: Vec<Value>, path: &str) -> Translation<Vec<String>> {
    let text = |(at, value)| match value {
        Value::String(text) => Ok(text),
        _ => unreadable(item(path, at)),
    };
    items.into_iter().enumerate().map(text).collect()
}

/// An object with the members that are there.
pub(super) fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect::<Map<_, _>>()
        .into()
}
