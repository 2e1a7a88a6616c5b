//! Where each form says what.

use super::Answer;
use crate::{dialect::Form, json::probe::Value};

/// A value of an answer that is one JSON body.
pub(super) fn of_body(form: Form, value: &Value<'_>, answer: &mut Answer) {
    match form {
        Form::Chat | Form::Embeddings => of_chat(value, answer),
        Form::Responses => of_response(value, &[], answer),
        Form::Messages => of_message(value, &[], answer),
        Form::CountTokens => {
            if value.is_at(&["input_tokens"]) {
                answer.usage.input_tokens = value.count();
            }
        }
    }
    of_error(value, answer);
}

/// A value of one event of a stream.
pub(super) fn of_event(form: Form, value: &Value<'_>, answer: &mut Answer) {
    match form {
        Form::Chat => of_chat(value, answer),
        Form::Responses => {
            of_response(value, &["response"], answer);
            if value.is_at(&["sequence_number"]) {
                last(&mut answer.sequence_number, value);
            }
            let is_refusal = |kind: String| kind.starts_with("response.refusal.");
            if value.is_at(&["type"]) && value.text().is_some_and(is_refusal) {
                answer.refuse();
            }
        }
        Form::Messages => {
            of_message(value, &["message"], answer);
            of_message(value, &["delta"], answer);
            of_usage(value, &[], answer);
            if value.is_at(&["content_block", "to", "model"]) {
                serve(value, answer);
            }
        }
        Form::Embeddings | Form::CountTokens => {}
    }
    of_error(value, answer);
}

fn of_chat(value: &Value<'_>, answer: &mut Answer) {
    if value.is_at(&["model"]) {
        serve(value, answer);
    } else if value.is_at(&["choices", "*", "finish_reason"]) {
        stop(value, answer);
        if answer.stop.as_deref() == Some("content_filter") {
            answer.refuse();
        }
    } else if (value.is_at(&["choices", "*", "message", "refusal"])
        || value.is_at(&["choices", "*", "delta", "refusal"]))
        && value.text().is_some()
    {
        answer.refuse();
    } else if value.is_at(&["usage", "prompt_tokens"]) {
        last(&mut answer.usage.input_tokens, value);
    } else if value.is_at(&["usage", "completion_tokens"]) {
        last(&mut answer.usage.output_tokens, value);
    }
}

/// A response object found behind `way`.
fn of_response(value: &Value<'_>, way: &[&str], answer: &mut Answer) {
    let is_at = |rest: &[&str]| value.is_below(way, rest);
    if is_at(&["model"]) || is_at(&["output", "*", "svg_usage", "model"]) {
        serve(value, answer);
    } else if is_at(&["status"]) {
        stop(value, answer);
    } else if is_at(&["incomplete_details", "reason"]) {
        if value.text().as_deref() == Some("content_filter") {
            answer.refuse();
        }
    } else if is_at(&["output", "*", "content", "*", "type"]) {
        if value.text().as_deref() == Some("refusal") {
            answer.refuse();
        }
    } else if is_at(&["error", "code"]) {
        answer.error = value.text().or(answer.error.take());
    } else {
        of_usage(value, way, answer);
    }
}

/// A message object, or what changes in it, found behind `way`.
fn of_message(value: &Value<'_>, way: &[&str], answer: &mut Answer) {
    let is_at = |rest: &[&str]| value.is_below(way, rest);
    if is_at(&["model"]) || is_at(&["content", "*", "to", "model"]) {
        serve(value, answer);
    } else if is_at(&["stop_reason"]) {
        stop(value, answer);
        if answer.stop.as_deref() == Some("refusal") {
            answer.refuse();
        }
    } else if is_at(&["stop_details", "category"]) {
        answer.refuse().category = value.text();
    } else if is_at(&["stop_details", "explanation"]) {
        answer.refuse().explanation = value.text();
    } else if is_at(&["stop_details", "recommended_model"]) {
        answer.refuse().recommended_model = value.text();
    } else {
        of_usage(value, way, answer);
    }
}

fn of_usage(value: &Value<'_>, way: &[&str], answer: &mut Answer) {
    let is_at = |rest: [&str; 2]| value.is_below(way, &rest);
    let usage = &mut answer.usage;
    if is_at(["usage", "input_tokens"]) {
        last(&mut usage.input_tokens, value);
    } else if is_at(["usage", "output_tokens"]) {
        last(&mut usage.output_tokens, value);
    } else if is_at(["usage", "cache_read_input_tokens"]) {
        last(&mut usage.cache_read_tokens, value);
    } else if is_at(["usage", "cache_creation_input_tokens"]) {
        last(&mut usage.cache_write_tokens, value);
    } else if value.is_below(way, &["usage", "iterations", "*", "model"]) {
        serve(value, answer);
    }
}

fn of_error(value: &Value<'_>, answer: &mut Answer) {
    // The code says more than the type where there are both.
    if value.is_at(&["error", "code"]) {
        answer.error = value.text().or(answer.error.take());
    } else if value.is_at(&["error", "type"]) && answer.error.is_none() {
        answer.error = value.text();
    }
}

fn serve(value: &Value<'_>, answer: &mut Answer) {
    if let Some(model) = value.text() {
        answer.serve(model);
    }
}

fn stop(value: &Value<'_>, answer: &mut Answer) {
    answer.stop = value.text().or(answer.stop.take());
}

/// Counts in a stream are totals so far: the last one holds.
fn last(count: &mut Option<u64>, value: &Value<'_>) {
    *count = value.count().or(*count);
}
