//! The words of each refusal: code, fault, and a sentence with the cure in English and Korean.

use super::{Fault, Refusal};

struct Words {
    code: &'static str,
    fault: Fault,
    en: &'static str,
    ko: &'static str,
}

const fn words(code: &'static str, fault: Fault, en: &'static str, ko: &'static str) -> Words {
    Words { code, fault, en, ko }
}

impl Refusal {
    /// The code, as in the vectors and in answers to callers.
    pub fn code(&self) -> &'static str {
        self.words().code
    }

    /// Who can cure it.
    pub fn fault(&self) -> Fault {
        self.words().fault
    }

    /// What happened and what to do, in English.
    pub fn sentence(&self) -> &'static str {
        self.words().en
    }

    /// What happened and what to do, in Korean.
    pub fn sentence_ko(&self) -> &'static str {
        self.words().ko
    }

    /// The claim or rule concerned; never a value from the input.
    pub fn detail(&self) -> Option<&'static str> {
        match self {
            Self::Malformed(detail)
            | Self::UntrustedIssuer(detail)
            | Self::WrongType(detail)
            | Self::MissingClaim(detail)
            | Self::ClaimType(detail)
            | Self::ClaimValue(detail)
            | Self::ClaimOutOfScope(detail)
            | Self::BindingRequired(detail)
            | Self::BindingMismatch(detail)
            | Self::DisclosureInvalid(detail)
            | Self::StatusUnavailable { detail, .. } => Some(detail),
            _ => None,
        }
    }

    fn words(&self) -> Words {
        match self {
            Self::Malformed(_)
            | Self::AlgNotAllowed
            | Self::UnknownKey { .. }
            | Self::UntrustedIssuer(_)
            | Self::BadSignature
            | Self::WrongType(_)
            | Self::UnsupportedCrit => self.form_words(),
            Self::WrongAudience
            | Self::Expired
            | Self::NotYetValid
            | Self::MissingClaim(_)
            | Self::ClaimType(_)
            | Self::ClaimValue(_)
            | Self::ClaimOutOfScope(_)
            | Self::Lifetime => self.claim_words(),
            Self::BindingRequired(_)
            | Self::BindingMismatch(_)
            | Self::Replayed
            | Self::ReplayMemoryFull
            | Self::StaleProof
            | Self::NonceMismatch => self.binding_words(),
            _ => self.standing_words(),
        }
    }

    fn form_words(&self) -> Words {
        match self {
            Self::AlgNotAllowed => words(
                "alg_not_allowed",
                Fault::Issuer,
                "The signature algorithm is not accepted here; use one that is registered for the issuer.",
                "이 서명 알고리즘은 받지 않습니다. 발급자에 등록된 알고리즘을 사용해 주십시오.",
            ),
            Self::UnknownKey { .. } => words(
                "unknown_key",
                Fault::Issuer,
                "The issuer's key set has no such key; get a new token, or ask the operator to refresh the keys.",
                "발급자의 키 목록에 없는 키입니다. 토큰을 새로 받거나 운영자에게 키 갱신을 요청해 주십시오.",
            ),
            Self::UntrustedIssuer(_) => words(
                "untrusted_issuer",
                Fault::Operator,
                "The issuer is not registered for this kind of evidence; use another issuer or ask the operator to add it.",
                "이 종류의 증빙에 등록되지 않은 발급자입니다. 다른 발급자를 이용하거나 운영자에게 등록을 요청해 주십시오.",
            ),
            Self::BadSignature => words(
                "bad_signature",
                Fault::Issuer,
                "The signature does not verify; get a new token or credential from its issuer.",
                "서명을 확인할 수 없습니다. 발급자에게서 토큰이나 증명서를 새로 받아 주십시오.",
            ),
            Self::WrongType(_) => words(
                "wrong_type",
                Fault::Caller,
                "This is another type of token or credential than is asked for here; present the right one.",
                "여기서 요구하는 종류가 아닙니다. 알맞은 토큰이나 증명서를 제시해 주십시오.",
            ),
            Self::UnsupportedCrit => words(
                "unsupported_crit",
                Fault::Issuer,
                "A critical extension is demanded and none is supported; get one without `crit`.",
                "지원하지 않는 필수 확장이 있습니다. `crit` 없이 발급받아 주십시오.",
            ),
            _ => words(
                "malformed",
                Fault::Caller,
                "The form is broken; present it exactly as it was issued.",
                "형식이 올바르지 않습니다. 발급된 그대로 제시해 주십시오.",
            ),
        }
    }

    fn claim_words(&self) -> Words {
        match self {
            Self::WrongAudience => words(
                "wrong_audience",
                Fault::Caller,
                "It was made for another service; get one for this gateway.",
                "다른 서비스용으로 만들어졌습니다. 이 게이트웨이용으로 받아 주십시오.",
            ),
            Self::Expired => words(
                "expired",
                Fault::Caller,
                "It is no longer valid; get a new one.",
                "유효 기간이 지났습니다. 새로 받아 주십시오.",
            ),
            Self::NotYetValid => words(
                "not_yet_valid",
                Fault::Issuer,
                "It is not valid yet; try later, and check the issuer's clock.",
                "아직 유효하지 않습니다. 나중에 다시 시도하고 발급자의 시계를 확인해 주십시오.",
            ),
            Self::ClaimType(_) => words(
                "claim_type",
                Fault::Issuer,
                "A claim has the wrong type; the issuer has to mend it.",
                "항목의 자료형이 맞지 않습니다. 발급자가 고쳐야 합니다.",
            ),
            Self::ClaimValue(_) => words(
                "claim_value",
                Fault::Issuer,
                "A claim has a value that is not allowed; the issuer has to mend it.",
                "항목의 값이 허용되지 않습니다. 발급자가 고쳐야 합니다.",
            ),
            Self::ClaimOutOfScope(_) => words(
                "claim_out_of_scope",
                Fault::Issuer,
                "The issuer may not state this; use an issuer that may.",
                "발급자에게 이 내용을 증명할 권한이 없습니다. 권한이 있는 발급자를 이용해 주십시오.",
            ),
            Self::Lifetime => words(
                "lifetime",
                Fault::Issuer,
                "It is valid for longer than allowed; get one with a shorter life.",
                "유효 기간이 허용 한도보다 깁니다. 더 짧은 것으로 받아 주십시오.",
            ),
            _ => words(
                "missing_claim",
                Fault::Issuer,
                "Something needed is not stated; present one that states it.",
                "필요한 내용이 들어 있지 않습니다. 그 내용이 담긴 것을 제시해 주십시오.",
            ),
        }
    }

    fn binding_words(&self) -> Words {
        match self {
            Self::BindingRequired(_) => words(
                "binding_required",
                Fault::Caller,
                "Proof that you hold the key is needed; send it with the request.",
                "키 보유 증명이 필요합니다. 요청과 함께 보내 주십시오.",
            ),
            Self::Replayed => words(
                "replayed",
                Fault::Caller,
                "This proof was used before; make a new one for each request.",
                "이미 사용된 증명입니다. 요청마다 새로 만들어 주십시오.",
            ),
            Self::ReplayMemoryFull => words(
                "replayed",
                Fault::Operator,
                "Too many proofs are in use to tell whether this one is new; try again in a few minutes.",
                "처리 중인 증명이 많아 새것인지 확인할 수 없습니다. 몇 분 뒤에 다시 시도해 주십시오.",
            ),
            Self::StaleProof => words(
                "stale_proof",
                Fault::Caller,
                "The proof is too old or from the future; check the clock and make a new one.",
                "증명이 오래되었거나 미래 시각입니다. 시계를 확인하고 새로 만들어 주십시오.",
            ),
            Self::NonceMismatch => words(
                "nonce_mismatch",
                Fault::Caller,
                "The nonce is missing or old; repeat with the nonce in this answer.",
                "nonce가 없거나 오래되었습니다. 이 응답의 nonce로 다시 시도해 주십시오.",
            ),
            _ => words(
                "binding_mismatch",
                Fault::Caller,
                "The proof belongs to another key, request or token; make one for this request.",
                "다른 키나 요청, 토큰에 대한 증명입니다. 이 요청에 맞게 만들어 주십시오.",
            ),
        }
    }

    fn standing_words(&self) -> Words {
        match self {
            Self::DisclosureInvalid(_) => words(
                "disclosure_invalid",
                Fault::Caller,
                "What is disclosed does not fit what was signed; present it again.",
                "공개된 내용이 서명된 내용과 맞지 않습니다. 다시 제시해 주십시오.",
            ),
            Self::Revoked => words(
                "revoked",
                Fault::Issuer,
                "Its issuer revoked it; present another, or ask the issuer.",
                "발급자가 폐기했습니다. 다른 것을 제시하거나 발급자에게 문의해 주십시오.",
            ),
            Self::Suspended => words(
                "suspended",
                Fault::Issuer,
                "Its issuer suspended it; present another, or ask the issuer.",
                "발급자가 효력을 정지했습니다. 다른 것을 제시하거나 발급자에게 문의해 주십시오.",
            ),
            Self::StatusUnavailable { .. } => words(
                "status_unavailable",
                Fault::Issuer,
                "Whether it was revoked cannot be told now; try again shortly.",
                "폐기 여부를 지금 확인할 수 없습니다. 잠시 뒤 다시 시도해 주십시오.",
            ),
            Self::Inactive => words(
                "inactive",
                Fault::Caller,
                "The token is not active; get a new one.",
                "활성 상태의 토큰이 아닙니다. 새로 받아 주십시오.",
            ),
            Self::AssertionRequired => words(
                "assertion_required",
                Fault::Caller,
                "This key is shared; send a `Douane-End-User` assertion that says who the end user is.",
                "공유 키입니다. 최종 이용자를 밝히는 `Douane-End-User` 확인서를 함께 보내 주십시오.",
            ),
            Self::EvidenceExpired => words(
                "evidence_expired",
                Fault::Caller,
                "The evidence behind this token is no longer valid; verify again and exchange anew.",
                "이 토큰의 바탕이 된 증빙의 기간이 지났습니다. 다시 확인한 뒤 새로 교환해 주십시오.",
            ),
            _ => words(
                "actor_not_allowed",
                Fault::Issuer,
                "The subject token names another actor; ask its issuer for one that allows this one.",
                "다른 대행자를 지정한 토큰입니다. 이 대행자를 허용하는 토큰을 발급자에게 요청해 주십시오.",
            ),
        }
    }
}
