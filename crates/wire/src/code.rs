//! The one table of reason codes: what is written to the wire, to the record and to the console alike.

use crate::dialect::Dialect;

/// Why a request was refused or a stream was cut. The spelling of a code never changes once shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// `deny`: a directive in force certainly reaches this request.
    LegalRestriction,
    /// `depends`: the text of a directive can be read in more than one way and nobody has chosen.
    LegalReadingOpen,
    /// `verify_first`, when the caller can supply what is missing.
    VerificationRequired,
    /// `verify_first`, when only the operator can supply what is missing.
    VerificationPending,
    /// The law permits; a rule of the operator's own does not.
    HouseRule,
    /// The law permits; a rule of the operator's own wants a fact that the caller can supply.
    HouseRuleVerification,
    /// The law permits; a rule of the operator's own could not be evaluated.
    HouseRuleError,
    /// The credential is absent, unknown or withdrawn.
    InvalidApiKey,
    /// What was shown beside the request (token, proof, assertion) is not accepted.
    EvidenceRefused,
    /// `verify_first` under a key that several people share: the organisation has to say which of them asks.
    AssertionRequired,
    /// A proof of possession must carry the nonce of this answer (RFC 9449, 9).
    UseDpopNonce,
    /// No model of that name is in the catalogue.
    ModelNotInCatalogue,
    /// The route is not served here.
    RouteNotServed,
    /// The route is served with another method.
    MethodNotAllowed,
    /// The request target is not in its plain form.
    PathNotCanonical,
    /// The query is not served on this route.
    QueryNotServed,
    /// The request breaks HTTP framing or has a header that is not served.
    BadRequest,
    /// The body is longer than the gateway reads.
    BodyTooLarge,
    /// A member occurs twice in an object that names a model.
    DuplicateKey,
    /// The body is not JSON, or something follows it.
    InvalidJson,
    /// The body is not UTF-8.
    InvalidUtf8,
    /// The body is nested too deeply.
    TooDeep,
    /// The body is JSON but not an object.
    NotAnObject,
    /// The body names no model.
    ModelMissing,
    /// A model is named with something that is not a plain name.
    ModelInvalid,
    /// `stream` is not a boolean.
    StreamInvalid,
    /// Substitute models are given in a form that cannot be read.
    FallbacksInvalid,
    /// Substitute models are left to the provider, so nobody can decide on them.
    FallbackNotNamed,
    /// The body has too many members or names too many models.
    TooManyMembers,
    /// The body tries to choose the upstream.
    UnsupportedUpstreamChoice,
    /// The body asks for a mode that is not served here.
    ModeNotServed,
    /// The model is served in the other dialect.
    DialectNotServed,
    /// The request holds something the dialect of the model's upstream has no counterpart for.
    NotTranslatable,
    /// The decision record cannot be written, so nothing restricted is served.
    RecordUnavailable,
    /// No valid snapshot of the law is at hand for a restricted model.
    DecisionUnavailable,
    /// The upstream answered with another model than the one decided on.
    OtherModelServed,
    /// The upstream could not be reached or did not speak HTTP.
    UpstreamUnreachable,
    /// The upstream did not answer in time.
    UpstreamTimeout,
}

/// Whose turn it is, which selects the error types of both SDKs.
#[derive(Clone, Copy)]
enum Fault {
    Law,
    Evidence,
    Operator,
    Credential,
    Absent,
    Request,
    Size,
    Gateway,
    Slow,
}

use Fault::{Absent, Credential, Evidence, Gateway, Law, Operator, Request, Size, Slow};

impl Code {
    /// Every code, in the order of the table.
    pub const ALL: [Self; 38] = [
        Self::LegalRestriction,
        Self::LegalReadingOpen,
        Self::VerificationRequired,
        Self::VerificationPending,
        Self::HouseRule,
        Self::HouseRuleVerification,
        Self::HouseRuleError,
        Self::InvalidApiKey,
        Self::EvidenceRefused,
        Self::AssertionRequired,
        Self::UseDpopNonce,
        Self::ModelNotInCatalogue,
        Self::RouteNotServed,
        Self::MethodNotAllowed,
        Self::PathNotCanonical,
        Self::QueryNotServed,
        Self::BadRequest,
        Self::BodyTooLarge,
        Self::DuplicateKey,
        Self::InvalidJson,
        Self::InvalidUtf8,
        Self::TooDeep,
        Self::NotAnObject,
        Self::ModelMissing,
        Self::ModelInvalid,
        Self::StreamInvalid,
        Self::FallbacksInvalid,
        Self::FallbackNotNamed,
        Self::TooManyMembers,
        Self::UnsupportedUpstreamChoice,
        Self::ModeNotServed,
        Self::DialectNotServed,
        Self::NotTranslatable,
        Self::RecordUnavailable,
        Self::DecisionUnavailable,
        Self::OtherModelServed,
        Self::UpstreamUnreachable,
        Self::UpstreamTimeout,
    ];

    const fn row(self) -> (&'static str, u16, Fault) {
        match self {
            Self::LegalRestriction => ("legal_restriction", 451, Law),
            Self::LegalReadingOpen => ("legal_reading_open", 451, Law),
            Self::VerificationRequired => ("verification_required", 401, Evidence),
            Self::VerificationPending => ("verification_pending", 403, Operator),
            Self::HouseRule => ("house_rule", 403, Operator),
            Self::HouseRuleVerification => ("house_rule_verification", 401, Evidence),
            Self::HouseRuleError => ("house_rule_error", 403, Operator),
            Self::InvalidApiKey => ("invalid_api_key", 401, Credential),
            Self::EvidenceRefused => ("evidence_refused", 401, Evidence),
            Self::AssertionRequired => ("assertion_required", 401, Evidence),
            Self::UseDpopNonce => ("use_dpop_nonce", 401, Evidence),
            Self::ModelNotInCatalogue => ("model_not_in_catalogue", 404, Absent),
            Self::RouteNotServed => ("route_not_served", 404, Absent),
            Self::MethodNotAllowed => ("method_not_allowed", 405, Request),
            Self::PathNotCanonical => ("path_not_canonical", 400, Request),
            Self::QueryNotServed => ("query_not_served", 400, Request),
            Self::BadRequest => ("bad_request", 400, Request),
            Self::BodyTooLarge => ("body_too_large", 413, Size),
            Self::DuplicateKey => ("duplicate_key", 400, Request),
            Self::InvalidJson => ("invalid_json", 400, Request),
            Self::InvalidUtf8 => ("invalid_utf8", 400, Request),
            Self::TooDeep => ("too_deep", 400, Request),
            Self::NotAnObject => ("not_an_object", 400, Request),
            Self::ModelMissing => ("model_missing", 400, Request),
            Self::ModelInvalid => ("model_invalid", 400, Request),
            Self::StreamInvalid => ("stream_invalid", 400, Request),
            Self::FallbacksInvalid => ("fallbacks_invalid", 400, Request),
            Self::FallbackNotNamed => ("fallback_not_named", 400, Request),
            Self::TooManyMembers => ("too_many_members", 400, Request),
            Self::UnsupportedUpstreamChoice => ("unsupported_upstream_choice", 400, Request),
            Self::ModeNotServed => ("mode_not_served", 400, Request),
            Self::NotTranslatable => ("not_translatable", 400, Request),
            Self::OtherModelServed => ("other_model_served", 502, Gateway),
            Self::DialectNotServed => ("dialect_not_served", 400, Request),
            Self::RecordUnavailable => ("record_unavailable", 503, Gateway),
            Self::DecisionUnavailable => ("decision_unavailable", 503, Gateway),
            Self::UpstreamUnreachable => ("upstream_unreachable", 502, Gateway),
            Self::UpstreamTimeout => ("upstream_timeout", 504, Slow),
        }
    }

    /// The code as written everywhere.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.row().1
    }

    /// Whether the same request can succeed when sent again soon, so that SDKs may retry it.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        self.status() >= 500
    }

    /// The `error.type` that the official SDK of the dialect knows.
    #[must_use]
    pub const fn sdk_type(self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::OpenAi => self.row().2.openai(),
            Dialect::Anthropic => self.row().2.anthropic(),
        }
    }

    /// The request member at fault, where the code alone tells it.
    #[must_use]
    pub const fn param(self) -> Option<&'static str> {
        match self {
            Self::LegalRestriction | Self::LegalReadingOpen | Self::ModelNotInCatalogue => Some("model"),
            Self::HouseRule | Self::HouseRuleError => Some("model"),
            Self::ModelMissing | Self::ModelInvalid | Self::DialectNotServed => Some("model"),
            Self::StreamInvalid => Some("stream"),
            Self::FallbacksInvalid | Self::FallbackNotNamed => Some("fallbacks"),
            _ => None,
        }
    }
}

impl Fault {
    const fn openai(self) -> &'static str {
        match self {
            Law | Operator => "permission_error",
            Evidence => "authentication_error",
            Credential | Absent | Request | Size => "invalid_request_error",
            Gateway | Slow => "server_error",
        }
    }

    const fn anthropic(self) -> &'static str {
        match self {
            Law | Operator => "permission_error",
            Evidence | Credential => "authentication_error",
            Absent => "not_found_error",
            Request => "invalid_request_error",
            Size => "request_too_large",
            Gateway => "api_error",
            Slow => "timeout_error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_distinct_and_complete() {
        let codes: HashSet<_> = Code::ALL.iter().map(|c| c.as_str()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        assert!(codes.iter().all(|c| c.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'8')));
        // The compiler cannot count variants; the last one of the enum must be the last of the list.
        assert_eq!(Code::UpstreamTimeout as usize + 1, Code::ALL.len());
    }

    #[test]
    fn only_our_own_failures_invite_a_retry() {
        for code in Code::ALL {
            assert_eq!(code.is_transient(), code.sdk_type(Dialect::OpenAi) == "server_error", "{code:?}");
        }
    }
}
