//! The written form of a case.

use serde::Deserialize;
use serde_json::value::RawValue;

/// One case: input and context, without a verdict.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// Group and name.
    pub id: String,
    /// What is presented, unread.
    pub input: Box<RawValue>,
    /// What the gateway knows of the request.
    #[serde(default)]
    pub context: Context,
}

/// One presentation. Which members are there tells its kind.
#[derive(Debug, Deserialize)]
pub struct Step {
    pub access_token: Option<String>,
    #[serde(default)]
    pub dpop: OneOrMany,
    pub client_cert_pem: Option<String>,
    /// Present, perhaps as `null`: a request under a shared key.
    #[serde(default, deserialize_with = "present")]
    pub end_user_assertion: Option<Option<String>>,
    pub introspection_response: Option<Box<RawValue>>,
    pub exchange_request: Option<ExchangeRequest>,
    pub vp_token: Option<String>,
    pub vp_token_mdoc: Option<String>,
    pub status_list: Option<String>,
    pub dg1: Option<String>,
    pub dg2: Option<String>,
    pub sod: Option<String>,
}

/// A request to the token exchange.
#[derive(Debug, Deserialize)]
pub struct ExchangeRequest {
    pub subject_token: String,
    pub subject_token_type: String,
    pub actor_sub: Option<String>,
}

/// Header values.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    One(String),
    Many(Vec<String>),
    #[default]
    None,
}

impl OneOrMany {
    /// All of them.
    pub fn as_texts(&self) -> Vec<&str> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many.iter().map(String::as_str).collect(),
            Self::None => Vec::new(),
        }
    }
}

/// What the gateway knows of the request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Context {
    pub scheme: Option<String>,
    pub method: String,
    pub url: String,
    pub required_dpop_nonce: Option<String>,
    pub api_key_id: Option<String>,
    pub introspection_issuer: Option<String>,
    pub client_id: Option<String>,
    pub nonce: Option<String>,
    pub response_uri: Option<String>,
    pub csca_pem: Vec<String>,
    pub chip_auth: bool,
    pub face_match: bool,
}

/// Tells a member that is `null` from one that is absent.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
