//! What is asked for.

use crate::{Attested, Country};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kind of access; the route decides it, never the caller.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// Running the model on the operator's machines.
    #[default]
    HostedInference,
    /// Receiving the weights.
    WeightsDownload,
    /// Receiving source code.
    SourceCode,
}

impl Activity {
    /// The word used in files and in the record.
    pub const fn word(self) -> &'static str {
        match self {
            Self::HostedInference => "hosted_inference",
            Self::WeightsDownload => "weights_download",
            Self::SourceCode => "source_code",
        }
    }
}

/// What the model is used for.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EndUse {
    /// Civil use.
    Civil,
    /// Defence of computer systems.
    DefensiveCyber,
    /// Military intelligence (15 CFR 744.22(f)).
    MilitaryIntelligence,
    /// Not known.
    #[default]
    Unknown,
}

impl EndUse {
    /// Every known end use.
    pub const KNOWN: [Self; 3] = [Self::Civil, Self::DefensiveCyber, Self::MilitaryIntelligence];
}

/// One request, as the verdict sees it. `model` is the position of the resolved model in the regime's catalogue.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Request {
    /// Position of the resolved model in the catalogue.
    pub model: usize,
    /// From the route.
    pub activity: Activity,
    /// From contract, licence or declaration, with what supports it.
    pub end_use: Attested<EndUse>,
    /// Where the model is served, from the catalogue.
    pub served_from: Country,
}
