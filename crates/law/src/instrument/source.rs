//! Where an instrument comes from, and how it arrived.

use crate::when;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use terms::{Country, Instant};

/// Where an instrument comes from and how it arrived.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The issuing state.
    pub state: Country,
    /// The issuing office.
    pub office: String,
    /// To whom it is addressed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addressees: Vec<String>,
    /// The reference that may be shown to a refused caller. Without one, callers see none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_reference: Option<String>,
    /// Where the public can read about it (RFC 7725 `Link`, `rel="blocked-by"` names the operator instead).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// SHA-256 of the document received, lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_sha256: Option<String>,
    /// How it arrived: courier, e-mail, telephone, Federal Register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// When it arrived.
    #[serde(default, deserialize_with = "when::optional", skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Instant>,
    /// The call that confirmed a letter, which carries no digital signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_back: Option<CallBack>,
}

/// The call-back that confirmed a letter with its issuer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallBack {
    /// When the issuer was called, on a number found independently of the letter.
    #[serde(deserialize_with = "when::instant")]
    pub at: Instant,
    /// Who confirmed it, by office.
    pub with: String,
    /// Who called, by role.
    pub by: String,
}
