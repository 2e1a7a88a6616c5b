//! What a caller can do about missing evidence, and what was wrong with evidence that was shown.

use serde::Serialize;

use crate::lang::Lang;

/// How a caller offers a token, which names the scheme of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Scheme {
    /// RFC 6750, also for API keys.
    #[default]
    Bearer,
    /// RFC 9449.
    Dpop,
    /// The organisation's end-user assertion, header `Douane-End-User`.
    EndUser,
}

impl Scheme {
    /// As it stands at the head of a challenge.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
            Self::EndUser => "Douane-End-User",
        }
    }
}

/// Why something shown is not accepted. Texts name a claim or a rule, never a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The code, as in the identity profile: `replayed`, `expired`, `binding_mismatch` and so on.
    pub code: &'static str,
    /// What happened and what to do, in English.
    pub en: &'static str,
    /// The same in Korean.
    pub ko: &'static str,
}

impl Shown {
    /// In this language.
    #[must_use]
    pub const fn text(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Ko => self.ko,
        }
    }
}

/// The ways there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WayKind {
    /// The organisation says with each request who the end user is.
    EmployerAssertion,
    /// An assertion is exchanged once for a key-bound token (RFC 8693).
    TokenExchange,
    /// A token of an identity provider that states what is missing.
    AccessToken,
    /// A page where the caller signs in, shows a credential or asks the employer.
    Page,
}

/// One way to settle what is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Way {
    /// Which.
    pub method: WayKind,
    /// Where it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// The header that carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<&'static str>,
    /// Where a token is exchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<String>,
    /// Whose tokens are taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<String>,
    /// How long it takes as a rule, seconds.
    pub typical_s: u32,
}

impl Way {
    /// A way with its usual time, and nothing else said.
    #[must_use]
    pub const fn new(method: WayKind, typical_s: u32) -> Self {
        Self { method, start: None, header: None, token_endpoint: None, issuers: Vec::new(), typical_s }
    }
}
