//! One answer of the practice model.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Either, Full, Limited};
use hyper::body::Incoming;
use serde_json::json;
use std::time::Duration;
use terms::limits::BODY_BYTES;
use tokio::time::Instant;
use wire::{
    code::Code,
    dialect::{Dialect, Route, route},
    lang::{Lang, lang_from},
    limits::PRACTICE_SEED_BYTES,
    models::{models_list, one_model},
    practice::{PracticeError, PracticeRequest, frames, whole},
    refusal::{Refusal, render},
};

use super::{Site, paced::PacedBody};

/// Whole at once, or frame by frame.
pub(super) type Body = Either<Full<Bytes>, PacedBody>;

/// Whom to answer in what form.
#[derive(Clone, Copy)]
struct Caller {
    dialect: Dialect,
    lang: Lang,
}

/// Answers one request; what goes wrong becomes an error of the dialect.
pub(super) async fn answer(site: &Site, request: Request<Incoming>) -> Response<Body> {
    site.counters.count_request();
    let has_version = request.headers().contains_key("anthropic-version");
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    let caller =
        Caller { dialect: Dialect::of_caller(target, has_version), lang: lang_of(request.headers()) };
    match route(request.method().as_str(), target, has_version) {
        Ok(Route::ListModels { dialect, page }) => json(200, models_list(dialect, &site.models, &page)),
        Ok(Route::OneModel { dialect, id }) => match site.models.iter().find(|model| model.id == id) {
            Some(model) => json(200, one_model(dialect, model)),
            None => refuse(&Refusal { model: id, ..Refusal::new(Code::ModelNotInCatalogue, "") }, caller),
        },
        Ok(Route::ChatCompletions | Route::Messages { .. }) => {
            complete(site, request.into_body(), caller).await
        }
        Ok(
            Route::Responses | Route::Embeddings | Route::CountTokens { .. } | Route::StoredResponse { .. },
        ) => refuse(&Refusal::new(Code::RouteNotServed, ""), caller),
        Err(error) => refuse(&Refusal::of_route(&error, ""), caller),
    }
}

async fn complete(site: &Site, body: Incoming, caller: Caller) -> Response<Body> {
    let body = match read(body).await {
        Ok(body) => body,
        Err(code) => return refuse(&Refusal::new(code, ""), caller),
    };
    let asked = match PracticeRequest::from_body(&body) {
        Ok(asked) => asked,
        Err(error) => return unusable(&error, caller),
    };
    let start = Instant::now();
    if asked.stream {
        let frames = frames(caller.dialect, &asked, site.created_unix_s);
        return stream(PacedBody::begin(frames, &asked, start, &site.counters));
    }
    tokio::time::sleep_until(start + Duration::from_millis(asked.delay_ms.into())).await;
    json(200, whole(caller.dialect, &asked, site.created_unix_s))
}

/// The whole body, or the code to refuse it with.
async fn read(body: Incoming) -> Result<Bytes, Code> {
    let stated_bytes = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if stated_bytes > BODY_BYTES {
        return Err(Code::BodyTooLarge);
    }
    match Limited::new(body, BODY_BYTES).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Code::BodyTooLarge),
        Err(_) => Err(Code::BadRequest),
    }
}

fn lang_of(headers: &HeaderMap) -> Lang {
    lang_from(headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

fn json(status: u16, body: Vec<u8>) -> Response<Body> {
    respond(status, [("content-type", "application/json")], Either::Left(Full::from(body)))
}

fn stream(body: PacedBody) -> Response<Body> {
    let headers = [("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-store")];
    respond(200, headers, Either::Right(body))
}

fn refuse(refusal: &Refusal, caller: Caller) -> Response<Body> {
    let rendered = render(refusal, caller.dialect, caller.lang);
    let headers = rendered.headers.iter().map(|(name, value)| (*name, &**value));
    respond(rendered.status, headers, Either::Left(Full::from(rendered.body)))
}

/// A request whose `practice` member cannot be followed.
fn unusable(error: &PracticeError, caller: Caller) -> Response<Body> {
    let (message, kind) = (explain(error, caller.lang), "invalid_request_error");
    let body = match caller.dialect {
        Dialect::OpenAi => {
            json!({"error": {"message": message, "type": kind, "param": "practice", "code": "practice_invalid"}})
        }
        Dialect::Anthropic => json!({"type": "error", "error": {"type": kind, "message": message}}),
    };
    json(400, body.to_string().into_bytes())
}

fn explain(error: &PracticeError, lang: Lang) -> String {
    match (lang, error) {
        (Lang::En, error) => error.to_string(),
        (Lang::Ko, PracticeError::Unreadable(detail)) => format!("본문을 읽을 수 없습니다: {detail}"),
        (Lang::Ko, PracticeError::OutOfBounds { member, most }) => {
            format!("practice.{member} 값이 범위를 벗어났습니다. 최댓값은 {most}입니다")
        }
        (Lang::Ko, PracticeError::SeedInvalid) => {
            format!("practice.seed는 A-Z a-z 0-9 . _ - 문자 1~{PRACTICE_SEED_BYTES}자여야 합니다")
        }
    }
}

fn respond<'h>(
    status: u16,
    headers: impl IntoIterator<Item = (&'static str, &'h str)>,
    body: Body,
) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let values = headers.into_iter().map(|(name, value)| (name, HeaderValue::from_str(value)));
    response
        .headers_mut()
        .extend(values.filter_map(|(name, value)| Some((HeaderName::from_static(name), value.ok()?))));
    response
}
