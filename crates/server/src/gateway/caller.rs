//! Who calls: the key in the head, and what is on file about its subject.

use crate::directory::Credential;
use crate::house::House;
use http::HeaderMap;
use http::header::{ACCEPT_LANGUAGE, AUTHORIZATION};
use std::sync::Arc;
use store::KeyHash;
use wire::dialect::Dialect;
use wire::lang::{Lang, lang_from};

/// How to speak to the caller.
#[derive(Clone, Copy, Debug)]
pub(super) struct Voice {
    pub(super) dialect: Dialect,
    pub(super) lang: Lang,
}

impl Voice {
    /// From the head of a request.
    pub(super) fn of(target: &str, headers: &HeaderMap) -> Self {
        let language = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let version = headers.contains_key("anthropic-version");
        Self { dialect: Dialect::of_caller(target, version), lang: lang_from(language) }
    }
}

/// The subject of the key in the head; `None` when there is no key, more than one, or an unknown one.
pub(super) fn identify(house: &House, headers: &HeaderMap) -> Option<Arc<Credential>> {
    let key = key_text(headers)?;
    current(house, &house.hasher.hash(store::parse_key(key).ok()?))
}

/// What is on file now about the subject of a key; `None` when the key was withdrawn.
pub(super) fn current(house: &House, key: &KeyHash) -> Option<Arc<Credential>> {
    house.directory.load().find(key).map(Arc::clone)
}

fn key_text(headers: &HeaderMap) -> Option<&str> {
    let bearer = headers.get_all(AUTHORIZATION).iter().map(|value| {
        let text = value.to_str().ok()?;
        let (scheme, key) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
    });
    let plain = headers.get_all("x-api-key").iter().map(|value| value.to_str().ok());
    let keys: Option<Vec<&str>> = bearer.chain(plain).collect();
    // Two different keys would be two callers.
    match keys?.as_slice() {
        [key] => Some(key),
        [one, other] if one == other => Some(one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn keys(lines: &[(&'static str, &'static str)]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        key_text(&headers).map(str::to_owned)
    }

    #[test]
    fn one_key_however_it_is_sent() {
        assert_eq!(keys(&[("authorization", "Bearer a")]), Some("a".to_owned()));
        assert_eq!(keys(&[("x-api-key", "a")]), Some("a".to_owned()));
        assert_eq!(keys(&[("x-api-key", "a"), ("authorization", "bearer a")]), Some("a".to_owned()));
        for bad in [
            &[][..],
            &[("authorization", "Basic a")],
            &[("x-api-key", "a"), ("authorization", "Bearer b")],
            &[("x-api-key", "a"), ("x-api-key", "b")],
        ] {
            assert_eq!(keys(bad), None, "{bad:?}");
        }
    }
}
