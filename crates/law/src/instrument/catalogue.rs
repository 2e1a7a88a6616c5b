//! What the operator adds: readings and the model catalogue.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use terms::{Capability, Country, ModelId, Question, UpstreamId};

/// The operator's recorded answer to an open question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Which question.
    pub question: Question,
    /// Which of its options.
    pub choice: String,
    /// Who chose it.
    pub by: String,
    /// Why.
    pub why: String,
}

/// An API dialect.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// `/v1/chat/completions`.
    Openai,
    /// `/v1/messages`.
    Anthropic,
}

/// One model of the catalogue.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// As callers name it.
    pub id: ModelId,
    /// For people.
    #[serde(default)]
    pub display_name: String,
    /// Its maker.
    #[serde(default)]
    pub owned_by: String,
    /// The upstream that serves it, by its name in the configuration.
    pub upstream: UpstreamId,
    /// As the upstream names it; absent = the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_model: Option<ModelId>,
    /// Country of the serving site.
    pub served_from: Country,
    /// Dialects the upstream speaks for it.
    pub dialects: Vec<Dialect>,
    /// What it can do, as far as directives speak of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
    /// Treated as restricted even while no instrument reaches it.
    #[serde(default)]
    pub restricted: bool,
    /// Release date shown in model lists, seconds since the epoch.
    #[serde(default)]
    pub created_unix_s: i64,
}
