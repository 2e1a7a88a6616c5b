//! The headers of a refusal. A value that could break a header is left out, never written.

use std::borrow::Cow;

use crate::{
    code::Code,
    dialect::Dialect,
    lang::Lang,
    refusal::{Level, Refusal, Scheme},
};

type Headers = Vec<(&'static str, Cow<'static, str>)>;

pub(crate) fn headers(refusal: &Refusal, dialect: Dialect, lang: Lang) -> Headers {
    let mut headers = vec![
        ("content-type", Cow::Borrowed("application/problem+json")),
        ("content-language", lang.tag().into()),
        ("vary", "Accept-Language".into()),
        ("cache-control", "no-store".into()),
    ];
    if !refusal.code.is_transient() {
        headers.push(("x-should-retry", "false".into()));
    }
    if is_visible_ascii(&refusal.instance) {
        headers.push((request_id_name(dialect), refusal.instance.clone().into()));
    }
    headers.extend(of_code(refusal));
    if let Some(nonce) = refusal.nonce.as_ref().filter(|nonce| is_visible_ascii(nonce)) {
        headers.push(("dpop-nonce", nonce.clone().into()));
    }
    headers
}

/// Where each SDK looks for the id to show beside an error.
const fn request_id_name(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::OpenAi => "x-request-id",
        Dialect::Anthropic => "request-id",
    }
}

fn of_code(refusal: &Refusal) -> Option<(&'static str, Cow<'static, str>)> {
    match refusal.code {
        Code::LegalRestriction | Code::LegalReadingOpen => {
            let url = refusal.blocked_by.as_deref().filter(|url| is_uri(url))?;
            Some(("link", format!("<{url}>; rel=\"blocked-by\"").into()))
        }
        Code::VerificationRequired | Code::HouseRuleVerification => {
            Some(("www-authenticate", step_up(refusal).into()))
        }
        Code::EvidenceRefused => Some(("www-authenticate", refused(refusal).into())),
        Code::AssertionRequired => {
            Some(("www-authenticate", "Douane-End-User error=\"assertion_required\"".into()))
        }
        Code::UseDpopNonce => {
            let challenge = "DPoP error=\"use_dpop_nonce\", error_description=\"nonce required\"";
            Some(("www-authenticate", challenge.into()))
        }
        Code::InvalidApiKey => Some(("www-authenticate", "Bearer error=\"invalid_token\"".into())),
        Code::MethodNotAllowed => refusal.allow.map(|allow| ("allow", allow.into())),
        _ => None,
    }
}

/// What was shown is not accepted (RFC 6750, 3.1; RFC 9449, 7.1). The profile's own code is the description.
fn refused(refusal: &Refusal) -> String {
    let code = refusal.shown.as_ref().map_or("malformed", |shown| shown.code);
    let of_proof = matches!(code, "stale_proof" | "replayed" | "binding_required" | "binding_mismatch");
    let error = match refusal.scheme {
        Scheme::EndUser => code,
        Scheme::Dpop if of_proof => "invalid_dpop_proof",
        Scheme::Dpop | Scheme::Bearer => "invalid_token",
    };
    let algs = if refusal.scheme == Scheme::Dpop { ", algs=\"ES256 EdDSA\"" } else { "" };
    format!("{} error=\"{error}\", error_description=\"{code}\"{algs}", refusal.scheme.as_str())
}

/// The step-up challenge of RFC 9470, 3. RFC 6750 allows only ASCII in it, so its text is always English.
fn step_up(refusal: &Refusal) -> String {
    let scheme = refusal.scheme.as_str();
    let mut challenge = format!(
        "{scheme} error=\"insufficient_user_authentication\", \
        error_description=\"A fact must be confirmed before this model can answer; see the body\""
    );
    if let Some(level) = refusal.required_level {
        challenge.push_str(", acr_values=\"");
        let enough = Level::ALL.into_iter().filter(|enough| *enough >= level).map(Level::acr);
        challenge.push_str(&enough.collect::<Vec<_>>().join(" "));
        challenge.push('"');
    }
    if let Some(max_age_s) = refusal.max_age_s {
        challenge.push_str(", max_age=\"");
        challenge.push_str(&max_age_s.to_string());
        challenge.push('"');
    }
    if refusal.scheme == Scheme::Dpop {
        challenge.push_str(", algs=\"ES256 EdDSA\"");
    }
    challenge
}

fn is_visible_ascii(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

/// Whether a text may stand between the angle brackets of a `Link` header (RFC 8288, 3).
fn is_uri(text: &str) -> bool {
    is_visible_ascii(text) && !text.contains(['<', '>', '"', '\\', '^', '`', '{', '|', '}'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Shown;

    fn check(refusal: &Refusal, name: &str, expected: Option<&str>) {
        let headers = headers(refusal, Dialect::OpenAi, Lang::Ko);
        let found: Vec<_> = headers.iter().filter(|(n, _)| *n == name).map(|(_, v)| &**v).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{name}");
    }

    #[test]
    fn a_block_names_its_implementer() {
        let mut refusal = Refusal::new(Code::LegalRestriction, "r-1");
        check(&refusal, "link", None);
        refusal.blocked_by = Some("https://gate.example/about".into());
        check(&refusal, "link", Some("<https://gate.example/about>; rel=\"blocked-by\""));
        check(&refusal, "content-language", Some("ko"));
        check(&refusal, "x-should-retry", Some("false"));
        check(&refusal, "x-request-id", Some("r-1"));
        for hostile in ["https://x>; rel=\"next\"", "https://x\r\nset-cookie: a=b", "https://예.example", ""]
        {
            refusal.blocked_by = Some(hostile.into());
            check(&refusal, "link", None);
        }
    }

    #[test]
    fn a_step_up_names_level_and_age() {
        let mut refusal = Refusal::new(Code::VerificationRequired, "r\n1");
        let plain = "Bearer error=\"insufficient_user_authentication\", error_description=\"A fact must be confirmed \
            before this model can answer; see the body\"";
        check(&refusal, "www-authenticate", Some(plain));
        check(&refusal, "x-request-id", None);
        refusal.required_level = Some(Level::Document);
        refusal.max_age_s = Some(3_600);
        let full = format!("{plain}, acr_values=\"urn:douane:acr:s3 urn:douane:acr:s4\", max_age=\"3600\"");
        check(&refusal, "www-authenticate", Some(&full));
    }

    #[test]
    fn refused_evidence_names_its_code_under_the_callers_scheme() {
        let shown = Shown { code: "stale_proof", en: "Old.", ko: "오래됨." };
        let mut refusal = Refusal { shown: Some(shown), ..Refusal::new(Code::EvidenceRefused, "r-1") };
        let bearer = "Bearer error=\"invalid_token\", error_description=\"stale_proof\"";
        check(&refusal, "www-authenticate", Some(bearer));
        refusal.scheme = Scheme::Dpop;
        let dpop =
            "DPoP error=\"invalid_dpop_proof\", error_description=\"stale_proof\", algs=\"ES256 EdDSA\"";
        check(&refusal, "www-authenticate", Some(dpop));
        refusal.scheme = Scheme::EndUser;
        let end_user = "Douane-End-User error=\"stale_proof\", error_description=\"stale_proof\"";
        check(&refusal, "www-authenticate", Some(end_user));
        check(&refusal, "dpop-nonce", None);
        let nonce = Some("n-1".to_owned());
        let refusal = Refusal { nonce, ..Refusal::new(Code::UseDpopNonce, "r-1") };
        check(&refusal, "dpop-nonce", Some("n-1"));
    }

    #[test]
    fn other_codes_have_their_own() {
        let mut refusal = Refusal::new(Code::MethodNotAllowed, "r-1");
        check(&refusal, "allow", None);
        refusal.allow = Some("POST");
        check(&refusal, "allow", Some("POST"));
        let key = Refusal::new(Code::InvalidApiKey, "r-1");
        check(&key, "www-authenticate", Some("Bearer error=\"invalid_token\""));
        check(&Refusal::new(Code::RecordUnavailable, "r-1"), "x-should-retry", None);
    }
}
