//! The types of a law file. The committed JSON Schema is generated from them.

mod catalogue;
mod directive;
mod relief;
mod source;

pub use catalogue::{Dialect, Model, Reading};
pub use directive::{
    Adoption, Class, Destinations, Directive, Exempt, Fold, FoldOptions, Form, HongKong, HostedInference,
    NationalityRule, Persons, ServiceDuty, Start, Status,
};
pub use relief::{
    Condition, ConditionState, Exception, Licence, LicenceCondition, LicenceStatus, Lifting, Stay,
};
pub use source::{CallBack, Source};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A law file: any number of instruments, readings and models.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LawFile {
    /// Version of this format; 1.
    pub schema: u32,
    /// Orders with measures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directive: Vec<Directive>,
    /// What takes people out of a directive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exception: Vec<Exception>,
    /// What ends directives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lifting: Vec<Lifting>,
    /// Permissions granted to a holder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licence: Vec<Licence>,
    /// Court orders that suspend directives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stay: Vec<Stay>,
    /// Orders to serve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service_duty: Vec<ServiceDuty>,
    /// Directives addressed to somebody else that the operator enforces by choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adoption: Vec<Adoption>,
    /// The operator's answers to questions the law leaves open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reading: Vec<Reading>,
    /// The operator's model catalogue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub model: Vec<Model>,
}
