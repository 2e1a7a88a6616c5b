//! Why something presented is no evidence.

mod words;

/// The first check that failed. [`Refusal::code`] is the word that callers, vectors and logs use.
///
/// Details name a claim or a rule, never a value, so that a refusal can be logged.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}: {}{}", self.code(), self.sentence(), self.detail().map(|detail| format!(" ({detail})")).unwrap_or_default())]
pub enum Refusal {
    /// The form is broken: segments, base64url, JSON, a repeated member, an invalid or private key.
    Malformed(&'static str),
    /// The signature algorithm is not one that this issuer, or this kind of proof, may use.
    AlgNotAllowed,
    /// No key of the issuer has this `kid`. The caller of this crate may fetch the issuer's keys again, once a minute.
    UnknownKey {
        /// The issuer whose key set lacks it.
        issuer: String,
    },
    /// The issuer is not in the registry, is of another kind, or its certificate chain does not hold.
    UntrustedIssuer(&'static str),
    /// The signature does not verify.
    BadSignature,
    /// `typ`, `vct`, `docType` or a token type is another than expected.
    WrongType(&'static str),
    /// Made for somebody else.
    WrongAudience,
    /// No longer valid.
    Expired,
    /// Valid only later.
    NotYetValid,
    /// A critical extension is demanded; none is supported (RFC 7515, 4.1.11).
    UnsupportedCrit,
    /// A required claim is absent, or nothing usable is asserted.
    MissingClaim(&'static str),
    /// A claim has the wrong JSON or CBOR type.
    ClaimType(&'static str),
    /// A claim has the right type and a value that is not allowed.
    ClaimValue(&'static str),
    /// The issuer may not say this, or not of this subject.
    ClaimOutOfScope(&'static str),
    /// A proof of possession is needed and absent.
    BindingRequired(&'static str),
    /// The proof of possession is for another key, request, token or API key.
    BindingMismatch(&'static str),
    /// Used before.
    Replayed,
    /// The bounded memory of used proofs is full: nothing can be shown to be new, so nothing passes.
    ReplayMemoryFull,
    /// The proof is too old, or from the future.
    StaleProof,
    /// The nonce is absent or another.
    NonceMismatch,
    /// A disclosure, its digest, or the hash of a data group does not fit.
    DisclosureInvalid(&'static str),
    /// The issuer revoked the credential.
    Revoked,
    /// The issuer suspended the credential.
    Suspended,
    /// The status list is absent or fails a check. Fetch `uri` and present again.
    StatusUnavailable {
        /// Address of the status list, as the credential names it.
        uri: String,
        /// What is wrong with the list at hand.
        detail: &'static str,
    },
    /// The token is not active (RFC 7662).
    Inactive,
    /// Valid for longer than the issuer may make it.
    Lifetime,
    /// The API key is shared: the request must say who the end user is.
    AssertionRequired,
    /// The token is valid but the evidence it repeats is not.
    EvidenceExpired,
    /// The subject does not let this actor act.
    ActorNotAllowed,
}

/// Who can cure a refusal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The caller, or the software that the caller uses.
    Caller,
    /// Whoever issued what was presented.
    Issuer,
    /// The operator of this gateway.
    Operator,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each, and the words of the vectors' list.
    fn all() -> Vec<(Refusal, &'static str)> {
        let (issuer, uri) = (String::new(), String::new());
        vec![
            (Refusal::Malformed("x"), "malformed"),
            (Refusal::AlgNotAllowed, "alg_not_allowed"),
            (Refusal::UnknownKey { issuer }, "unknown_key"),
            (Refusal::UntrustedIssuer("x"), "untrusted_issuer"),
            (Refusal::BadSignature, "bad_signature"),
            (Refusal::WrongType("x"), "wrong_type"),
            (Refusal::WrongAudience, "wrong_audience"),
            (Refusal::Expired, "expired"),
            (Refusal::NotYetValid, "not_yet_valid"),
            (Refusal::UnsupportedCrit, "unsupported_crit"),
            (Refusal::MissingClaim("x"), "missing_claim"),
            (Refusal::ClaimType("x"), "claim_type"),
            (Refusal::ClaimValue("x"), "claim_value"),
            (Refusal::ClaimOutOfScope("x"), "claim_out_of_scope"),
            (Refusal::BindingRequired("x"), "binding_required"),
            (Refusal::BindingMismatch("x"), "binding_mismatch"),
            (Refusal::Replayed, "replayed"),
            (Refusal::ReplayMemoryFull, "replayed"),
            (Refusal::StaleProof, "stale_proof"),
            (Refusal::NonceMismatch, "nonce_mismatch"),
            (Refusal::DisclosureInvalid("x"), "disclosure_invalid"),
            (Refusal::Revoked, "revoked"),
            (Refusal::Suspended, "suspended"),
            (Refusal::StatusUnavailable { uri, detail: "x" }, "status_unavailable"),
            (Refusal::Inactive, "inactive"),
            (Refusal::Lifetime, "lifetime"),
            (Refusal::AssertionRequired, "assertion_required"),
            (Refusal::EvidenceExpired, "evidence_expired"),
            (Refusal::ActorNotAllowed, "actor_not_allowed"),
        ]
    }

    #[test]
    fn each_refusal_has_its_code_and_its_own_sentences() {
        let mut sentences = std::collections::BTreeSet::new();
        for (refusal, code) in all() {
            assert_eq!(refusal.code(), code);
            assert!(refusal.sentence().is_ascii() && !refusal.sentence_ko().is_ascii(), "{code}");
            assert!(
                sentences.insert(refusal.sentence()) && sentences.insert(refusal.sentence_ko()),
                "{code}"
            );
            assert!(refusal.to_string().starts_with(&format!("{code}: {}", refusal.sentence())));
        }
    }
}
