//! Why a person or key would get the verdict they would get: for officers, from what is on file.

use super::Desk;
use super::api::ExplainRequest;
use super::error::ControlError;
use crate::gateway::request_for;
use crate::house::House;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_LANGUAGE, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use decide::explain::{Lang, Trace, explain};
use decide::{Ask, Subject};
use std::sync::Arc;
use terms::{ClockReading, PersonFacts};

/// Media types the trace comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Text,
    Markdown,
}

/// Explains one verdict; nothing is decided and nothing recorded.
pub(super) async fn explain_one(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Json(asked): Json<ExplainRequest>,
) -> Result<Response, ControlError> {
    let facts = facts(&desk.house, &asked).await?;
    let lang = asked.lang;
    let form = form(headers.get(ACCEPT).and_then(|value| value.to_str().ok()));
    // A trace decides many times over: it must not hold up those who wait for an answer.
    let traced = tokio::task::spawn_blocking(move || trace(&desk.house, &asked, &facts)).await;
    let trace = traced.map_err(|_| ControlError::bad("the explanation could not be made"))??;
    Ok(match form {
        Form::Json => Json(trace).into_response(),
        Form::Text => written("text/plain; charset=utf-8", lang, trace.text(lang)),
        Form::Markdown => written("text/markdown; charset=utf-8", lang, trace.markdown(lang)),
    })
}

fn written(media_type: &'static str, lang: Lang, text: String) -> Response {
    ([(CONTENT_TYPE, media_type), (CONTENT_LANGUAGE, lang.tag())], text).into_response()
}

/// The first media type of the list that there is; JSON where none is (RFC 9110, 12.5.1, without weights).
fn form(accept: Option<&str>) -> Form {
    let named = accept.unwrap_or_default().split(',').filter_map(|range| range.split(';').next());
    let known = named.filter_map(|range| match range.trim() {
        "application/json" => Some(Form::Json),
        "text/plain" => Some(Form::Text),
        "text/markdown" => Some(Form::Markdown),
        _ => None,
    });
    known.into_iter().next().unwrap_or(Form::Json)
}

/// What the account's own evidence says about the person or the subject of the key.
async fn facts(house: &House, asked: &ExplainRequest) -> Result<Arc<PersonFacts>, ControlError> {
    let at = asked.at.unwrap_or(house.clock.read().at);
    match (&asked.person, &asked.key) {
        (Some(person), None) => {
            let registry = house.registry.lock().await;
            let on_file = registry.state.person(&asked.account, person, at);
            on_file
                .map(|resolved| Arc::new(resolved.facts))
                .ok_or_else(|| ControlError::not_found("the account has no such person on file"))
        }
        (None, Some(key)) => {
            let key = store::parse_key(key).map_err(|error| ControlError::bad(error.to_string()))?;
            let directory = house.directory.load();
            let credential = directory.find_at(&house.hasher.hash(key), at);
            let own = credential.filter(|credential| credential.account == asked.account);
            own.map(|credential| Arc::clone(&credential.facts))
                .ok_or_else(|| ControlError::not_found("the account has no such active key"))
        }
        _ => Err(ControlError::bad("name either a person or a key of the account")),
    }
}

fn trace(house: &House, asked: &ExplainRequest, facts: &PersonFacts) -> Result<Trace, ControlError> {
    let entry = house
        .catalogue
        .find(asked.model.as_str())
        .ok_or_else(|| ControlError::not_found("the catalogue has no such model"))?;
    let now = house.clock.read();
    let clock = ClockReading { at: asked.at.unwrap_or(now.at), ..now };
    let law = house.law.load_full();
    let subject = Subject::new(&law.regime, facts, clock.at);
    let request = request_for(entry);
    Ok(explain(&Ask { regime: &law.regime, subject: &subject, request, clock }))
}

#[cfg(test)]
mod tests {
    use super::{Form, form};

    #[test]
    fn the_first_known_media_type_is_taken() {
        for (accept, expected) in [
            (None, Form::Json),
            (Some("*/*"), Form::Json),
            (Some("text/plain"), Form::Text),
            (Some("text/html, text/markdown;q=0.9, text/plain"), Form::Markdown),
            (Some("application/json, text/plain"), Form::Json),
        ] {
            assert_eq!(form(accept), expected, "{accept:?}");
        }
    }
}
