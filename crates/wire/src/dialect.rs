//! Which request is served: method and target to a [`Route`], everything else refused.

use crate::{code::Code, limits, models::ModelsPage};

/// The two families of client protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenAI chat completions.
    OpenAi,
    /// Anthropic messages.
    Anthropic,
}

impl Dialect {
    /// The dialect in which to answer a caller, also one whose request is refused before it has a route.
    #[must_use]
    pub fn of_caller(target: &str, has_anthropic_version: bool) -> Self {
        let path = target.split('?').next().unwrap_or(target);
        if has_anthropic_version || path == MESSAGES || path.starts_with("/v1/messages/") {
            Self::Anthropic
        } else {
            Self::OpenAi
        }
    }

    /// The name used in configuration and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }
}

/// A request that is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `POST /v1/chat/completions` (OpenAI).
    ChatCompletions,
    /// `POST /v1/messages` (Anthropic).
    Messages {
        /// The caller sent `?beta=true`, as the official SDK does for beta calls.
        beta: bool,
    },
    /// `GET /v1/models`, in the form of the dialect.
    ListModels {
        /// Whose list form is asked for.
        dialect: Dialect,
        /// Which part of the list (Anthropic; OpenAI lists are never paged).
        page: ModelsPage,
    },
    /// `GET /v1/models/{id}`, in the form of the dialect.
    OneModel {
        /// Whose form is asked for.
        dialect: Dialect,
        /// The model asked for.
        id: String,
    },
}

impl Route {
    /// The dialect the answer must be written in.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self {
            Self::ChatCompletions => Dialect::OpenAi,
            Self::Messages { .. } => Dialect::Anthropic,
            Self::ListModels { dialect, .. } | Self::OneModel { dialect, .. } => *dialect,
        }
    }
}

/// Why a request has no route. All are the caller's to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// No such route here, although it may exist at a provider.
    #[error("this gateway does not serve the route; see its list of routes")]
    Unknown,
    /// The route exists with another method.
    #[error("the route is served with {allow} only")]
    MethodNotAllowed {
        /// Value for the `Allow` header (RFC 9110, 10.2.1).
        allow: &'static str,
    },
    /// The target can be read in more than one way (doubled slash, dot segment, escape) or is too long.
    #[error("the request target is not in its plain form")]
    NotCanonical,
    /// A query member that this route does not take, is repeated or has a wrong value.
    #[error("the query is not served on this route")]
    QueryNotServed,
}

impl RouteError {
    /// The code of the refusal this error becomes.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Unknown => Code::RouteNotServed,
            Self::MethodNotAllowed { .. } => Code::MethodNotAllowed,
            Self::NotCanonical => Code::PathNotCanonical,
            Self::QueryNotServed => Code::QueryNotServed,
        }
    }
}

const CHAT: &str = "/v1/chat/completions";
const MESSAGES: &str = "/v1/messages";
const MODELS: &str = "/v1/models";

/// Finds the route of a request. `target` is the path with its query, in origin form (RFC 9112, 3.2.1).
///
/// # Errors
/// [`RouteError`] for everything that is not in the table: default deny.
pub fn route(method: &str, target: &str, has_anthropic_version: bool) -> Result<Route, RouteError> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if target.len() > limits::TARGET_BYTES || !is_canonical(path) {
        return Err(RouteError::NotCanonical);
    }
    let dialect = if has_anthropic_version { Dialect::Anthropic } else { Dialect::OpenAi };
    match path {
        CHAT => {
            only(method, "POST")?;
            if query.is_empty() { Ok(Route::ChatCompletions) } else { Err(RouteError::QueryNotServed) }
        }
        MESSAGES => {
            only(method, "POST")?;
            Ok(Route::Messages { beta: Query::read(query, &["beta"])?.beta })
        }
        MODELS => {
            only(method, "GET")?;
            let query = Query::read(query, &["beta", "limit", "after_id", "before_id"])?;
            Ok(Route::ListModels { dialect, page: query.page })
        }
        _ => one_model(method, path, query, dialect),
    }
}

fn one_model(method: &str, path: &str, query: &str, dialect: Dialect) -> Result<Route, RouteError> {
    let id = path.strip_prefix(MODELS).and_then(|rest| rest.strip_prefix('/')).ok_or(RouteError::Unknown)?;
    if id.contains('/') {
        return Err(RouteError::Unknown);
    }
    only(method, "GET")?;
    Query::read(query, &["beta"])?;
    Ok(Route::OneModel { dialect, id: id.to_owned() })
}

fn only(method: &str, allow: &'static str) -> Result<(), RouteError> {
    if method == allow { Ok(()) } else { Err(RouteError::MethodNotAllowed { allow }) }
}

/// A path that every reader reads alike: non-empty segments of plain characters, no dot segment, no escape.
fn is_canonical(path: &str) -> bool {
    let Some(segments) = path.strip_prefix('/') else { return false };
    // The root is plain, and not served.
    segments.is_empty()
        || segments.split('/').all(|s| !s.is_empty() && s != "." && s != ".." && s.bytes().all(is_plain))
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':' | b'@' | b'+')
}

#[derive(Default)]
struct Query {
    beta: bool,
    page: ModelsPage,
}

impl Query {
    fn read(query: &str, served: &[&str]) -> Result<Self, RouteError> {
        let mut read = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in query.split('&').filter(|s| !s.is_empty()).map(name_and_value) {
            if !served.contains(&name) || seen.contains(&name) || value.is_empty() {
                return Err(RouteError::QueryNotServed);
            }
            seen.push(name);
            read.take(name, value)?;
        }
        Ok(read)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), RouteError> {
        match name {
            "beta" => self.beta = value.parse().map_err(|_| RouteError::QueryNotServed)?,
            "limit" => self.page.limit = page_limit(value)?,
            "after_id" => self.page.after_id = Some(model_id(value)?),
            "before_id" => self.page.before_id = Some(model_id(value)?),
            _ => return Err(RouteError::QueryNotServed),
        }
        Ok(())
    }
}

fn name_and_value(pair: &str) -> (&str, &str) {
    pair.split_once('=').unwrap_or((pair, ""))
}

fn page_limit(value: &str) -> Result<usize, RouteError> {
    let limit = value.parse().map_err(|_| RouteError::QueryNotServed)?;
    if (1..=limits::PAGE_MODELS_MAX).contains(&limit) { Ok(limit) } else { Err(RouteError::QueryNotServed) }
}

/// A model id in a query; clients escape the colon and the slash there, where they cannot change the route.
fn model_id(value: &str) -> Result<String, RouteError> {
    let id = value.replace("%3A", ":").replace("%3a", ":").replace("%2F", "/").replace("%2f", "/");
    let plain = id.len() <= limits::MODEL_BYTES && id.bytes().all(|b| is_plain(b) || b == b'/');
    if plain { Ok(id) } else { Err(RouteError::QueryNotServed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(request: &str, expected: Result<Route, RouteError>) {
        let (method, target) = request.split_once(' ').unwrap();
        assert_eq!(route(method, target, false), expected, "{request}");
    }

    fn check_anthropic(request: &str, expected: Result<Route, RouteError>) {
        let (method, target) = request.split_once(' ').unwrap();
        assert_eq!(route(method, target, true), expected, "{request}");
    }

    fn list(dialect: Dialect) -> Route {
        Route::ListModels { dialect, page: ModelsPage::default() }
    }

    #[test]
    fn serves_the_table() {
        check("POST /v1/chat/completions", Ok(Route::ChatCompletions));
        check("POST /v1/messages", Ok(Route::Messages { beta: false }));
        check("POST /v1/messages?beta=true", Ok(Route::Messages { beta: true }));
        check("GET /v1/models", Ok(list(Dialect::OpenAi)));
        check_anthropic("GET /v1/models", Ok(list(Dialect::Anthropic)));
        check_anthropic("GET /v1/models?beta=true", Ok(list(Dialect::Anthropic)));
        let id = "ft:small-2@2026".to_owned();
        check("GET /v1/models/ft:small-2@2026", Ok(Route::OneModel { dialect: Dialect::OpenAi, id }));
    }

    #[test]
    fn reads_the_page() {
        let page = ModelsPage { limit: 5, after_id: Some("org/m:1".into()), before_id: None };
        let target = "GET /v1/models?limit=5&after_id=org%2Fm%3A1";
        check_anthropic(target, Ok(Route::ListModels { dialect: Dialect::Anthropic, page }));
    }

    #[test]
    fn refuses_what_is_not_in_the_table() {
        for request in [
            "POST /v1/responses",
            "GET /v1/messages/batches",
            "GET /",
            "POST /V1/messages",
            "GET /v1/models/a/b",
        ] {
            let refused = RouteError::Unknown;
            check(request, Err(refused));
        }
    }

    #[test]
    fn refuses_other_methods() {
        for request in ["GET /v1/chat/completions", "post /v1/messages", "OPTIONS /v1/messages"] {
            check(request, Err(RouteError::MethodNotAllowed { allow: "POST" }));
        }
        for request in ["HEAD /v1/models", "DELETE /v1/models/m"] {
            check(request, Err(RouteError::MethodNotAllowed { allow: "GET" }));
        }
    }

    #[test]
    fn refuses_targets_with_two_readings() {
        for target in [
            "//v1/messages",
            "/v1//messages",
            "/v1/messages/",
            "/v1/./messages",
            "/v1/x/../messages",
            "/v1/models/..;/messages",
            "/v1/%6dessages",
            "/v1%2fmessages",
            "/v1/models/a%2Fb",
            "/v1/models/a\\b",
            "/v1/messages#x",
            "v1/messages",
            "http://host/v1/messages",
            "*",
            "",
            "/v1/models/\u{ff4d}",
        ] {
            assert_eq!(route("POST", target, false), Err(RouteError::NotCanonical), "{target}");
        }
        let long = format!("/v1/models/{}", "m".repeat(limits::TARGET_BYTES));
        assert_eq!(route("GET", &long, false), Err(RouteError::NotCanonical));
    }

    #[test]
    fn refuses_queries_it_does_not_know() {
        for request in [
            "POST /v1/chat/completions?api_base=x",
            "POST /v1/messages?beta=1",
            "POST /v1/messages?beta",
            "POST /v1/messages?beta=true&beta=true",
            "GET /v1/models?limit=0",
            "GET /v1/models?limit=1001",
            "GET /v1/models?after_id=%00",
            "GET /v1/models/m?limit=3",
            "POST /v1/messages?limit=3",
        ] {
            check(request, Err(RouteError::QueryNotServed));
        }
    }

    #[test]
    fn answers_in_the_callers_dialect() {
        assert_eq!(Dialect::of_caller("/v1/messages/batches?x=1", false), Dialect::Anthropic);
        assert_eq!(Dialect::of_caller("/v1/models", true), Dialect::Anthropic);
        assert_eq!(Dialect::of_caller("/v1/messagesx", false), Dialect::OpenAi);
    }
}
