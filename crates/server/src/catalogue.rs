//! The operator's model catalogue, ready for look-ups.

use law::{ListedModel, Model};
use std::collections::HashMap;
use terms::ModelId;
use wire::dialect::Dialect;

/// One model.
#[derive(Clone, Debug)]
pub struct Entry {
    /// As the operator wrote it.
    pub model: Model,
    /// Position in the catalogue and in every regime compiled for it.
    pub position: usize,
}

impl Entry {
    /// The name the upstream knows it by.
    pub fn upstream_name(&self) -> &str {
        self.model.upstream_model.as_ref().unwrap_or(&self.model.id).as_str()
    }

    /// Whether its upstream speaks the dialect for it.
    pub fn speaks(&self, dialect: Dialect) -> bool {
        self.model.dialects.iter().any(|spoken| match spoken {
            law::Dialect::Openai => dialect == Dialect::OpenAi,
            law::Dialect::Anthropic => dialect == Dialect::Anthropic,
        })
    }
}

/// Every model served, in order of position.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    entries: Vec<Entry>,
    by_name: HashMap<ModelId, usize>,
}

impl Catalogue {
    /// From the models as written; the first of two with one name is the error.
    pub fn new(models: Vec<Model>) -> Result<Self, ModelId> {
        let mut catalogue = Self::default();
        for (position, model) in models.into_iter().enumerate() {
            if catalogue.by_name.insert(model.id.clone(), position).is_some() {
                return Err(model.id);
            }
            catalogue.entries.push(Entry { model, position });
        }
        Ok(catalogue)
    }

    /// The model of that name.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.by_name.get(name).and_then(|position| self.entries.get(*position))
    }

    /// Every model.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What the law looks at, in order of position.
    pub fn listed(&self) -> Vec<ListedModel> {
        self.entries.iter().map(|entry| ListedModel::from(&entry.model)).collect()
    }

    /// Names in order of position.
    pub fn names(&self) -> Vec<ModelId> {
        self.entries.iter().map(|entry| entry.model.id.clone()).collect()
    }
}
