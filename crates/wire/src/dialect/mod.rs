//! Which request is served: method and target to a [`Route`], everything else refused.
//!
//! | method and path | dialect | route |
//! |---|---|---|
//! | `POST /v1/chat/completions` | OpenAI | [`Route::ChatCompletions`] |
//! | `POST /v1/responses` | OpenAI | [`Route::Responses`] |
//! | `POST /v1/embeddings` | OpenAI | [`Route::Embeddings`] |
//! | `POST /v1/messages`, `?beta=true` | Anthropic | [`Route::Messages`] |
//! | `POST /v1/messages/count_tokens`, `?beta=true` | Anthropic | [`Route::CountTokens`] |
//! | `GET /v1/models`, `GET /v1/models/{id}` | that of the caller | [`Route::ListModels`], [`Route::OneModel`] |
//! | `GET`, `DELETE /v1/responses/{id}` and below it `/cancel`, `/input_items` | OpenAI | [`Route::StoredResponse`], only where allowed |
//!
//! Everything else is refused by the [`Mode`] it belongs to, or as unknown.

mod elsewhere;
mod query;

use crate::{
    code::Code,
    limits,
    mode::{Allowed, Mode},
    models::ModelsPage,
};
pub use elsewhere::StoredPart;
use query::Query;

/// The two families of client protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// OpenAI: chat completions, responses, embeddings.
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
    /// `POST /v1/responses` (OpenAI).
    Responses,
    /// `POST /v1/embeddings` (OpenAI).
    Embeddings,
    /// `POST /v1/messages` (Anthropic).
    Messages {
        /// The caller sent `?beta=true`, as the official SDK does for beta calls.
        beta: bool,
    },
    /// `POST /v1/messages/count_tokens` (Anthropic).
    CountTokens {
        /// As for `Messages`.
        beta: bool,
    },
    /// What was made earlier and kept by the provider, to be decided anew for whoever fetches it now.
    StoredResponse {
        /// The provider's id of it.
        id: String,
        /// What of it is asked for.
        part: StoredPart,
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
            Self::ChatCompletions | Self::Responses | Self::Embeddings | Self::StoredResponse { .. } => {
                Dialect::OpenAi
            }
            Self::Messages { .. } | Self::CountTokens { .. } => Dialect::Anthropic,
            Self::ListModels { dialect, .. } | Self::OneModel { dialect, .. } => *dialect,
        }
    }

    /// The form of its body and answer, where a model is asked.
    #[must_use]
    pub const fn form(&self) -> Option<Form> {
        Some(match self {
            Self::ChatCompletions => Form::Chat,
            Self::Responses | Self::StoredResponse { .. } => Form::Responses,
            Self::Embeddings => Form::Embeddings,
            Self::Messages { .. } => Form::Messages,
            Self::CountTokens { .. } => Form::CountTokens,
            Self::ListModels { .. } | Self::OneModel { .. } => return None,
        })
    }
}

/// The form of a request body, its answer and its stream: finer than the dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// OpenAI chat completions.
    Chat,
    /// OpenAI responses.
    Responses,
    /// OpenAI embeddings, never streamed.
    Embeddings,
    /// Anthropic messages.
    Messages,
    /// Anthropic token counts, never streamed.
    CountTokens,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 5] =
        [Self::Chat, Self::Responses, Self::Embeddings, Self::Messages, Self::CountTokens];

    /// The dialect it belongs to.
    #[must_use]
    pub const fn dialect(self) -> Dialect {
        match self {
            Self::Chat | Self::Responses | Self::Embeddings => Dialect::OpenAi,
            Self::Messages | Self::CountTokens => Dialect::Anthropic,
        }
    }

    /// The name used in records and golden files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Responses => "responses",
            Self::Embeddings => "embeddings",
            Self::Messages => "messages",
            Self::CountTokens => "count_tokens",
        }
    }
}

impl From<Dialect> for Form {
    /// The form in which each dialect holds a conversation.
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::OpenAi => Self::Chat,
            Dialect::Anthropic => Self::Messages,
        }
    }
}

/// Why a request has no route. All are the caller's to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// No such route here, although it may exist at a provider.
    #[error("this gateway does not serve the route; see its list of routes")]
    Unknown,
    /// A route of the providers whose mode is not served here.
    #[error("this gateway does not serve the mode {}", .0.as_str())]
    ModeNotServed(Mode),
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
            Self::Unknown | Self::ModeNotServed(_) => Code::RouteNotServed,
            Self::MethodNotAllowed { .. } => Code::MethodNotAllowed,
            Self::NotCanonical => Code::PathNotCanonical,
            Self::QueryNotServed => Code::QueryNotServed,
        }
    }

    /// The mode that was asked for, where the refusal is one of a mode.
    #[must_use]
    pub const fn mode(&self) -> Option<Mode> {
        match self {
            Self::ModeNotServed(mode) => Some(*mode),
            _ => None,
        }
    }
}

const CHAT: &str = "/v1/chat/completions";
const RESPONSES: &str = "/v1/responses";
const EMBEDDINGS: &str = "/v1/embeddings";
const MESSAGES: &str = "/v1/messages";
const COUNT_TOKENS: &str = "/v1/messages/count_tokens";
const MODELS: &str = "/v1/models";

/// Finds the route of a request, with no mode allowed beyond the table. `target` is the path with its query, in origin
/// form (RFC 9112, 3.2.1).
///
/// # Errors
/// [`RouteError`] for everything that is not in the table: default deny.
pub fn route(method: &str, target: &str, has_anthropic_version: bool) -> Result<Route, RouteError> {
    route_allowing(method, target, has_anthropic_version, Allowed::NONE)
}

/// Finds the route of a request where an operator has widened the table.
///
/// # Errors
/// [`RouteError`] for everything that is neither in the table nor allowed.
pub fn route_allowing(
    method: &str,
    target: &str,
    has_anthropic_version: bool,
    allowed: Allowed,
) -> Result<Route, RouteError> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if target.len() > limits::TARGET_BYTES || !is_canonical(path) {
        return Err(RouteError::NotCanonical);
    }
    let dialect = if has_anthropic_version { Dialect::Anthropic } else { Dialect::OpenAi };
    match path {
        CHAT => posted(method, query, Route::ChatCompletions),
        RESPONSES => posted(method, query, Route::Responses),
        EMBEDDINGS => posted(method, query, Route::Embeddings),
        MESSAGES => Ok(Route::Messages { beta: posted_beta(method, query)? }),
        COUNT_TOKENS => Ok(Route::CountTokens { beta: posted_beta(method, query)? }),
        MODELS => {
            only(method, "GET")?;
            let query = Query::read(query, &["beta", "limit", "after_id", "before_id"])?;
            Ok(Route::ListModels { dialect, page: query.page })
        }
        _ => match path.strip_prefix(MODELS).and_then(|rest| rest.strip_prefix('/')) {
            Some(id) => one_model(method, id, query, dialect),
            None => elsewhere::route(method, path, query, allowed),
        },
    }
}

fn posted(method: &str, query: &str, route: Route) -> Result<Route, RouteError> {
    only(method, "POST")?;
    if query.is_empty() { Ok(route) } else { Err(RouteError::QueryNotServed) }
}

fn posted_beta(method: &str, query: &str) -> Result<bool, RouteError> {
    only(method, "POST")?;
    Ok(Query::read(query, &["beta"])?.beta)
}

fn one_model(method: &str, id: &str, query: &str, dialect: Dialect) -> Result<Route, RouteError> {
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

#[cfg(test)]
mod tests;
