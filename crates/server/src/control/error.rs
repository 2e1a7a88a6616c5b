//! Errors of the control port.

use super::api::Problem;
use crate::clock::NotPractice;
use crate::house::{CommitError, OpenError};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use ledger::journal::AppendError;
use store::StoreError;

/// What is answered when a request on the control port cannot be met.
#[derive(Debug)]
pub(super) struct ControlError {
    status: StatusCode,
    detail: String,
    points: Vec<String>,
}

pub(super) type Answer<T> = Result<Json<T>, ControlError>;

impl ControlError {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), points: Vec::new() }
    }

    pub(super) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    pub(super) fn conflict(detail: impl Into<String>, points: Vec<String>) -> Self {
        Self { points, ..Self::new(StatusCode::CONFLICT, detail) }
    }

    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    pub(super) fn unauthorised() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "send the control token (secrets/control-token in the data directory) as a bearer token",
        )
    }

    fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, "the control port could not meet a request");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }

    pub(super) fn with_points(mut self, points: Vec<String>) -> Self {
        self.points = points;
        self
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let problem = Problem {
            title: self.status.canonical_reason().unwrap_or("error").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
            points: self.points,
        };
        let mut response = (self.status, Json(problem)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}

impl From<StoreError> for ControlError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Refused(_) => Self::conflict(error.to_string(), Vec::new()),
            StoreError::Roster(_) => Self::bad(error.to_string()),
            _ => Self::internal(&error),
        }
    }
}

impl From<CommitError> for ControlError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => error.into(),
            CommitError::Log(error) => error.into(),
            CommitError::Law(error) => error.into(),
        }
    }
}

impl From<OpenError> for ControlError {
    fn from(error: OpenError) -> Self {
        Self::internal(&error)
    }
}

impl From<AppendError> for ControlError {
    fn from(error: AppendError) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, format!("the log takes no entries: {error}"))
    }
}

impl From<NotPractice> for ControlError {
    fn from(error: NotPractice) -> Self {
        Self::conflict(error.to_string(), Vec::new())
    }
}
