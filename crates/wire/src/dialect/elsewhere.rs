//! Routes of the providers outside the table: which mode each belongs to, and the few that an operator can allow.

use super::{CHAT, Query, RESPONSES, Route, RouteError, only};
use crate::mode::{Allowed, Mode};

/// Paths and all below them. The first that fits decides.
const MODES: [(&str, Mode); 44] = [
    ("/v1/messages/batches", Mode::Batches),
    ("/v1/batches", Mode::Batches),
    ("/v1/files", Mode::Files),
    ("/v1/uploads", Mode::Files),
    ("/v1/vector_stores", Mode::Files),
    (RESPONSES, Mode::StoredResponses),
    (CHAT, Mode::StoredResponses),
    ("/v1/conversations", Mode::Conversations),
    ("/v1/assistants", Mode::Assistants),
    ("/v1/threads", Mode::Assistants),
    ("/v1/chatkit", Mode::Assistants),
    ("/v1/agents", Mode::Agents),
    ("/v1/sessions", Mode::Agents),
    ("/v1/environments", Mode::Agents),
    ("/v1/deployments", Mode::Agents),
    ("/v1/dreams", Mode::Agents),
    ("/v1/memory_stores", Mode::Agents),
    ("/v1/vaults", Mode::Agents),
    ("/v1/tunnels", Mode::Agents),
    ("/v1/skills", Mode::Agents),
    ("/v1/realtime", Mode::Realtime),
    ("/v1/live", Mode::Realtime),
    ("/v1/images", Mode::Images),
    ("/v1/videos", Mode::Videos),
    ("/v1/audio", Mode::Audio),
    ("/v1/fine_tuning", Mode::FineTuning),
    ("/v1/fine-tunes", Mode::FineTuning),
    ("/v1/evals", Mode::Evaluations),
    ("/v1/graders", Mode::Evaluations),
    ("/v1/moderations", Mode::Moderations),
    ("/v1/content_provenance_checks", Mode::Moderations),
    ("/v1/completions", Mode::LegacyCompletions),
    ("/v1/complete", Mode::LegacyCompletions),
    ("/v1/edits", Mode::LegacyCompletions),
    ("/v1/engines", Mode::LegacyCompletions),
    ("/v1/containers", Mode::Containers),
    ("/v1/organization", Mode::Administration),
    ("/v1/organizations", Mode::Administration),
    ("/v1/projects", Mode::Administration),
    ("/v1/users", Mode::Administration),
    ("/v1/user_profiles", Mode::Administration),
    ("/v1/usage", Mode::Administration),
    ("/v1/webhooks", Mode::Administration),
    ("/v1/webhook_endpoints", Mode::Administration),
];

/// What of a kept answer is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredPart {
    /// The answer itself.
    Whole {
        /// As a stream.
        stream: bool,
        /// Only the events behind this number.
        starting_after: Option<u64>,
    },
    /// What was sent in to get it.
    InputItems,
    /// That it be deleted.
    Removal,
    /// That it be ended before it is complete.
    Cancellation,
}

/// A route outside the main table. `path` is canonical.
pub(super) fn route(method: &str, path: &str, query: &str, allowed: Allowed) -> Result<Route, RouteError> {
    let mode = mode_of(path).ok_or(RouteError::Unknown)?;
    let stored = path.strip_prefix(RESPONSES).and_then(|rest| rest.strip_prefix("/resp_"));
    match stored {
        Some(rest) if allowed.has(Mode::StoredResponses) => stored_response(method, rest, query),
        _ => Err(RouteError::ModeNotServed(mode)),
    }
}

fn mode_of(path: &str) -> Option<Mode> {
    let is_below =
        |place: &str| path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    MODES.into_iter().find(|(place, _)| is_below(place)).map(|(_, mode)| mode)
}

fn stored_response(method: &str, rest: &str, query: &str) -> Result<Route, RouteError> {
    let (id, below) = rest.split_once('/').unwrap_or((rest, ""));
    let part = match (below, method) {
        ("", "GET") => {
            let query = Query::read(query, &["stream", "starting_after"])?;
            let (stream, starting_after) = (query.stream, query.starting_after);
            return Ok(kept(id, StoredPart::Whole { stream, starting_after }));
        }
        ("", "DELETE") => StoredPart::Removal,
        ("", _) => return Err(RouteError::MethodNotAllowed { allow: "GET, DELETE" }),
        ("input_items", _) => {
            only(method, "GET")?;
            StoredPart::InputItems
        }
        ("cancel", _) => {
            only(method, "POST")?;
            StoredPart::Cancellation
        }
        _ => return Err(RouteError::ModeNotServed(Mode::StoredResponses)),
    };
    if query.is_empty() { Ok(kept(id, part)) } else { Err(RouteError::QueryNotServed) }
}

fn kept(id: &str, part: StoredPart) -> Route {
    Route::StoredResponse { id: format!("resp_{id}"), part }
}
