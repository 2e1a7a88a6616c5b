//! Refusals: one value, written as HTTP status, headers and a body that both SDKs and RFC 9457 readers understand.
//!
//! The body is a problem object (RFC 9457) and at the same time the error object of the dialect:
//!
//! * OpenAI: `type` is the problem URI, and the SDK's object stands in `error`. The SDK reads `error.message`,
//!   `error.type`, `error.param` and `error.code`.
//! * Anthropic: its schema wants `"type": "error"` outermost, so the problem URI stands in `problem_type` instead. For
//!   an RFC 9457 reader `type` is then the relative reference `error`, which it need not resolve; `title`, `status`,
//!   `detail`, `instance` and `code` are in their usual places. The SDK reads `error.message`, `error.type` and
//!   `error.details.error_code`.
//!
//! Texts name only what is passed in as a public reference; whether and why somebody else is treated otherwise is never said.

use std::borrow::Cow;

pub use crate::problem::predicate;
pub use crate::way::{Have, Scheme, Shown, Way, WayKind};

use crate::{
    code::Code,
    dialect::{Dialect, RouteError},
    header,
    lang::Lang,
    mode::Mode,
    peek::PeekError,
    problem,
    translate::TranslateError,
};

/// The facts that may be missing, as the casebook names them.
pub const FACT_NAMES: [&str; 12] = [
    "us_status",
    "citizenships",
    "acquisition_dates",
    "proof_of_loss",
    "location",
    "end_use",
    "employment",
    "ownership",
    "employer_ultimate_parent",
    "natural_person",
    "party_identity",
    "screening",
];

/// Everything a refused caller is told. Fields that do not apply stay empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub code: Code,
    /// The model as the caller named it.
    pub model: String,
    /// Public references of the instruments that decide, where they may be named.
    pub references: Vec<String>,
    /// What the operator says about a rule of its own.
    pub house_reason: HouseReason,
    /// Missing facts, from [`FACT_NAMES`].
    pub missing: Vec<String>,
    /// The one step that would help, where it is more than the code's own.
    pub cure: Option<Cure>,
    /// When the refusal is stated to end, RFC 3339.
    pub until: Option<String>,
    /// Whoever implements the block, as a URL (RFC 7725, 4).
    pub blocked_by: Option<String>,
    /// The receipt of the decision.
    pub instance: String,
    /// How well the missing fact must be supported.
    pub required_level: Option<Level>,
    /// How old the proof may be, in seconds (RFC 9470, 3).
    pub max_age_s: Option<u32>,
    /// The request member the code speaks of.
    pub param: Option<String>,
    /// The method served on the route, for [`Code::MethodNotAllowed`].
    pub allow: Option<&'static str>,
    /// The mode that was asked for, for [`Code::RouteNotServed`] and [`Code::ModeNotServed`].
    pub mode: Option<Mode>,
    /// Why what was shown is not accepted, for [`Code::EvidenceRefused`].
    pub shown: Option<Shown>,
    /// What is on file about the missing facts.
    pub have: Vec<Have>,
    /// Every way that would settle it for this caller, the quickest first.
    pub ways: Vec<Way>,
    /// Other models this caller may use now.
    pub alternatives: Vec<String>,
    /// Where a fact or its use can be contested.
    pub appeal: Option<String>,
    /// How the caller authenticates, so that the challenge names the right scheme.
    pub scheme: Scheme,
    /// The nonce that the next proof must carry (RFC 9449, 8.2).
    pub nonce: Option<String>,
}

impl Refusal {
    /// A refusal that only has its code and its receipt.
    #[must_use]
    pub fn new(code: Code, instance: impl Into<String>) -> Self {
        Self {
            code,
            model: String::new(),
            references: Vec::new(),
            house_reason: HouseReason::default(),
            missing: Vec::new(),
            cure: None,
            until: None,
            blocked_by: None,
            instance: instance.into(),
            required_level: None,
            max_age_s: None,
            param: None,
            allow: None,
            mode: None,
            shown: None,
            have: Vec::new(),
            ways: Vec::new(),
            alternatives: Vec::new(),
            appeal: None,
            scheme: Scheme::Bearer,
            nonce: None,
        }
    }

    /// The refusal of a request without a route.
    #[must_use]
    pub fn of_route(error: &RouteError, instance: impl Into<String>) -> Self {
        let allow = match error {
            RouteError::MethodNotAllowed { allow } => Some(*allow),
            _ => None,
        };
        Self { allow, mode: error.mode(), ..Self::new(error.code(), instance) }
    }

    /// The refusal of a body that was not accepted.
    #[must_use]
    pub fn of_peek(error: &PeekError, instance: impl Into<String>) -> Self {
        let param = error.param().map(str::to_owned);
        Self { param, mode: error.mode(), ..Self::new(error.code(), instance) }
    }

    /// The refusal of a request that the dialect of the model's upstream has no counterpart for.
    #[must_use]
    pub fn of_translation(
        error: &TranslateError,
        model: impl Into<String>,
        instance: impl Into<String>,
    ) -> Self {
        let param = Some(error.path().to_owned());
        Self { model: model.into(), param, ..Self::new(error.code(), instance) }
    }

    /// The request member at fault: the one given, else the one the code implies.
    #[must_use]
    pub fn param(&self) -> Option<&str> {
        self.param.as_deref().or(self.code.param())
    }
}

/// The operator's own words about a rule of its own, by language; shown as they are.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct HouseReason {
    /// English.
    pub en: Option<String>,
    /// Korean.
    pub ko: Option<String>,
}

impl HouseReason {
    /// In this language, else in the other.
    #[must_use]
    pub fn text(&self, lang: Lang) -> Option<&str> {
        let (own, other) = match lang {
            Lang::En => (&self.en, &self.ko),
            Lang::Ko => (&self.ko, &self.en),
        };
        own.as_deref().or(other.as_deref())
    }
}

/// A step that turns the refusal into a permit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cure {
    /// What to do. Its words are ours, so that they exist in every language and tell nothing confidential.
    pub step: CureStep,
    /// Where to do it.
    pub url: Option<String>,
}

/// The steps there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CureStep {
    /// The caller proves the missing facts.
    Verify,
    /// The administrator of the account acts.
    Administrator,
    /// The caller asks for this model, which is permitted.
    OtherModel(String),
    /// The caller waits until [`Refusal::until`].
    Wait,
}

/// Evidence levels that can be asked for, with their authentication context classes (RFC 9470).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A statement of the caller: S1.
    SelfDeclared,
    /// An attestation of the employer: S2.
    Employer,
    /// A document proofed remotely: S3.
    Document,
    /// A credential signed by a government and bound to its holder: S4.
    Credential,
}

impl Level {
    /// Every level, the weakest first.
    pub const ALL: [Self; 4] = [Self::SelfDeclared, Self::Employer, Self::Document, Self::Credential];

    /// The level's name in law files and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SelfDeclared => "self",
            Self::Employer => "employer",
            Self::Document => "document",
            Self::Credential => "credential",
        }
    }

    /// The strength in the words of the identity profile.
    #[must_use]
    pub const fn strength(self) -> &'static str {
        match self {
            Self::SelfDeclared => "S1",
            Self::Employer => "S2",
            Self::Document => "S3",
            Self::Credential => "S4",
        }
    }

    /// The authentication context class to ask for.
    #[must_use]
    pub const fn acr(self) -> &'static str {
        match self {
            Self::SelfDeclared => "urn:douane:acr:s1",
            Self::Employer => "urn:douane:acr:s2",
            Self::Document => "urn:douane:acr:s3",
            Self::Credential => "urn:douane:acr:s4",
        }
    }
}

/// An HTTP answer without its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, values free of control characters.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// A JSON object.
    pub body: Vec<u8>,
}

/// Writes a refusal for a caller of this dialect and language.
///
/// ```
/// use wire::{code::Code, dialect::Dialect, lang::Lang, refusal::{Refusal, render}};
/// let refusal = Refusal { model: "m-large".into(), ..Refusal::new(Code::LegalRestriction, "r-1") };
/// let answer = render(&refusal, Dialect::OpenAi, Lang::En);
/// assert_eq!(answer.status, 451);
/// ```
#[must_use]
pub fn render(refusal: &Refusal, dialect: Dialect, lang: Lang) -> Rendered {
    Rendered {
        status: refusal.code.status(),
        headers: header::headers(refusal, dialect, lang),
        body: problem::body(refusal, dialect, lang, problem::When::BeforeAnswer),
    }
}
