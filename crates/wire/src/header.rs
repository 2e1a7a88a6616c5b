//! The headers of a refusal. A value that could break a header is left out, never written.

use std::borrow::Cow;

use crate::{code::Code, dialect::Dialect, lang::Lang, refusal::Refusal};

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
        Code::InvalidApiKey => Some(("www-authenticate", "Bearer error=\"invalid_token\"".into())),
        Code::MethodNotAllowed => refusal.allow.map(|allow| ("allow", allow.into())),
        _ => None,
    }
}

/// The step-up challenge of RFC 9470, 3. RFC 6750 allows only ASCII in it, so its text is always English.
fn step_up(refusal: &Refusal) -> String {
    let mut challenge = "Bearer error=\"insufficient_user_authentication\", \
        error_description=\"A fact must be confirmed before this model can answer; see the body\""
        .to_owned();
    if let Some(level) = refusal.required_level {
        challenge.push_str(", acr_values=\"");
        challenge.push_str(level.acr());
        challenge.push('"');
    }
    if let Some(max_age_s) = refusal.max_age_s {
        challenge.push_str(", max_age=\"");
        challenge.push_str(&max_age_s.to_string());
        challenge.push('"');
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
    use crate::refusal::Level;

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
        let full = format!("{plain}, acr_values=\"urn:douane:acr:s3\", max_age=\"3600\"");
        check(&refusal, "www-authenticate", Some(&full));
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
