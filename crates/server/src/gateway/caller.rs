//! How to speak to whoever calls.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
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
