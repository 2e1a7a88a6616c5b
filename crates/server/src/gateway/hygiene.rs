//! What HTTP leaves open and a gateway must not: one host, one framing, no hop-by-hop header sent on, no header that
//! would choose the upstream (RFC 9112, RFC 9110 section 7.6.1).

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, HeaderName,
    PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use wire::code::Code;

/// A request that cannot be served, and the header at fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Unclean {
    pub(super) code: Code,
    pub(super) header: &'static str,
}

/// Headers by which callers of other gateways choose an upstream or its key.
const CHOICES: [&str; 10] = [
    "douane-upstream",
    "x-douane-upstream",
    "x-upstream",
    "x-upstream-url",
    "x-target-url",
    "x-base-url",
    "x-portkey-config",
    "x-portkey-custom-host",
    "x-portkey-provider",
    "helicone-target-url",
];

/// Checks the head of a request.
pub(super) fn check(parts: &Parts) -> Result<(), Unclean> {
    let bad = |header| Err(Unclean { code: Code::BadRequest, header });
    if parts.uri.authority().is_some() {
        return Err(Unclean { code: Code::UnsupportedUpstreamChoice, header: "request target" });
    }
    if parts.headers.get_all(HOST).iter().count() != 1 {
        return bad("host");
    }
    let lengths = parts.headers.get_all(CONTENT_LENGTH).iter().count();
    let codings = parts.headers.get_all(TRANSFER_ENCODING).iter().count();
    if lengths > 1 || codings > 1 || (lengths == 1 && codings == 1) {
        return bad("content-length");
    }
    if parts
        .headers
        .get(TRANSFER_ENCODING)
        .is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked"))
    {
        return bad("transfer-encoding");
    }
    if parts.headers.contains_key(UPGRADE) {
        return bad("upgrade");
    }
    if parts.headers.contains_key("content-encoding") {
        return bad("content-encoding");
    }
    match CHOICES.into_iter().find(|name| parts.headers.contains_key(*name)) {
        Some(header) => Err(Unclean { code: Code::UnsupportedUpstreamChoice, header }),
        None => Ok(()),
    }
}

/// Headers that belong to one hop.
const HOP: [HeaderName; 6] = [CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, PROXY_AUTHENTICATE];

fn strip_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
        .collect();
    for name in named.iter().chain(&HOP) {
        headers.remove(name);
    }
    headers.remove("keep-alive");
    headers.remove("proxy-connection");
}

/// The headers to send on to an upstream: the caller's own credential, cookies and hop-by-hop headers stay here. An
/// answer must come uncompressed, or a stream could not be split at event edges.
pub(super) fn towards_upstream(mut headers: HeaderMap) -> HeaderMap {
    strip_hop(&mut headers);
    for name in [HOST, CONTENT_LENGTH, EXPECT, COOKIE, AUTHORIZATION, PROXY_AUTHORIZATION] {
        headers.remove(name);
    }
    for name in ["x-api-key", "dpop", "douane-end-user"] {
        headers.remove(name);
    }
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers
}

/// The headers of an upstream's answer that the caller gets.
pub(super) fn towards_caller(mut headers: HeaderMap) -> HeaderMap {
    strip_hop(&mut headers);
    headers.remove(SET_COOKIE);
    headers.remove("x-accel-redirect");
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn check_head(lines: &[(&'static str, &'static str)]) -> Result<(), Code> {
        let mut request = Request::post("/v1/messages").header("host", "a");
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        check(&request.body(()).unwrap().into_parts().0).map_err(|unclean| unclean.code)
    }

    #[test]
    fn ambiguous_framing_and_upstream_choices_are_refused() {
        assert_eq!(check_head(&[("content-length", "3")]), Ok(()));
        assert_eq!(check_head(&[("transfer-encoding", "chunked")]), Ok(()));
        for bad in [
            &[("content-length", "3"), ("transfer-encoding", "chunked")][..],
            &[("content-length", "3"), ("content-length", "3")],
            &[("transfer-encoding", "gzip, chunked")],
            &[("host", "b")],
            &[("upgrade", "h2c")],
            &[("content-encoding", "gzip")],
        ] {
            assert_eq!(check_head(bad), Err(Code::BadRequest), "{bad:?}");
        }
        assert_eq!(check_head(&[("x-upstream-url", "http://a")]), Err(Code::UnsupportedUpstreamChoice));
    }

    #[test]
    fn a_connection_header_takes_what_it_names_with_it() {
        let mut headers = HeaderMap::new();
        headers.insert(CONNECTION, HeaderValue::from_static("close, X-Secret"));
        headers.insert("x-secret", HeaderValue::from_static("1"));
        for name in ["x-api-key", "dpop", "douane-end-user", "authorization"] {
            headers.insert(name, HeaderValue::from_static("dk_1"));
        }
        headers.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
        let sent = towards_upstream(headers);
        assert_eq!(sent.len(), 2, "{sent:?}");
        assert!(sent.contains_key("anthropic-version") && sent.contains_key(ACCEPT_ENCODING));
    }
}
