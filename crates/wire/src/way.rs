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
    /// A wallet shows a credential (OpenID4VP 1.0).
    Openid4vp,
    /// Signing in, in a browser, with a provider that states what is missing.
    SignIn,
    /// The same for a program without a browser (RFC 8628): a `POST` to `start` gives the code to type in.
    DeviceFlow,
    /// A vendor looks at a document.
    Vendor,
    /// A page where the caller signs in, shows a credential or asks the employer.
    Page,
    /// An officer of the employer answers a one-time link.
    AskEmployer,
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
    /// All that is shown to the operator by this way.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub discloses: &'static [&'static str],
    /// How long it takes as a rule, seconds.
    pub typical_s: u32,
}

/// What is on file about a missing fact: an answer, never a document, and no country.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Have {
    /// The fact, in the words of the identity profile.
    pub predicate: &'static str,
    /// `yes`, `no`, `unknown` or `conflicting`.
    pub answer: &'static str,
    /// How well it is supported, where it is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strength: Option<&'static str>,
}

impl Way {
    /// A way with its usual time, and nothing else said.
    #[must_use]
    pub const fn new(method: WayKind, typical_s: u32) -> Self {
        Self {
            method,
            start: None,
            header: None,
            token_endpoint: None,
            issuers: Vec::new(),
            discloses: &[],
            typical_s,
        }
    }
}
