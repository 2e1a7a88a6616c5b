//! Error bodies of an upstream, written in the caller's dialect.

use serde_json::{Value, json};

use crate::{dialect::Dialect, limits};

/// Writes an error body of the other dialect for a caller of dialect `to`: the same words, with the type that the
/// dialect has for the status. What cannot be read becomes an error without words of the upstream's.
#[must_use]
pub fn error_body(to: Dialect, status: u16, body: &[u8]) -> Vec<u8> {
    let body = body.get(..limits::ERROR_BODY_BYTES).unwrap_or(body);
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = value.get("error").unwrap_or(&value);
    let words =
        error.get("message").and_then(Value::as_str).unwrap_or("The upstream answered with an error.");
    crate::problem::json_bytes(&error_object(to, status, words, error))
}

/// The error object of a dialect.
pub(super) fn error_object(to: Dialect, status: u16, words: &str, error: &Value) -> Value {
    let code =
        ["code", "type"].into_iter().find_map(|member| error.get(member).filter(|code| code.is_string()));
    match to {
        Dialect::OpenAi => {
            let param = error.get("param").unwrap_or(&Value::Null);
            json!({"error": {"message": words, "type": openai_type(status), "param": param, "code": code}})
        }
        Dialect::Anthropic => {
            json!({"type": "error", "error": {"type": anthropic_type(status), "message": words}})
        }
    }
}

const fn openai_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 | 451 => "permission_error",
        429 => "rate_limit_error",
        500..=599 => "server_error",
        _ => "invalid_request_error",
    }
}

const fn anthropic_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 | 451 => "permission_error",
        404 | 410 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        503 | 529 => "overloaded_error",
        500..=599 => "api_error",
        _ => "invalid_request_error",
    }
}

/// The status that fits the type of an error that comes amid a stream.
pub(super) fn status_of(error: &Value) -> u16 {
    match error.get("type").and_then(Value::as_str).unwrap_or_default() {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "permission_error" => 403,
        "not_found_error" => 404,
        "rate_limit_error" => 429,
        "overloaded_error" => 529,
        _ => 500,
    }
}
