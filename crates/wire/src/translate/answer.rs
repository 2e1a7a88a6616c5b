//! A whole answer, written in the caller's dialect.

use serde_json::{Value, json};

use super::{
    Translation, ask_anthropic, ask_openai,
    fields::{Fields, item, object},
    no_counterpart, read, unreadable,
};
use crate::dialect::Dialect;

/// Writes a whole answer of the other dialect for a caller of dialect `to`. `created_unix_s` is the time of the answer, in
/// seconds since 1970, which only chat completions state.
///
/// # Errors
/// [`TranslateError`](super::TranslateError) when it holds content the caller's dialect cannot carry: the upstream's
/// fault, not the caller's.
pub fn answer(to: Dialect, body: &[u8], created_unix_s: u64) -> Translation<Vec<u8>> {
    let fields = Fields::of(read(body)?, "")?;
    let written = match to {
        Dialect::OpenAi => completion(fields, created_unix_s)?,
        Dialect::Anthropic => message(fields)?,
    };
    Ok(crate::problem::json_bytes(&written))
}

/// Tokens, as each dialect counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tokens {
    pub(super) input: u64,
    pub(super) cached: u64,
    pub(super) written: u64,
    pub(super) output: u64,
}

impl Tokens {
    /// What a message's `usage` says; members it does not have keep their count.
    pub(super) fn take_message(&mut self, usage: &mut Fields) -> Translation<()> {
        self.input = usage.count("input_tokens")?.unwrap_or(self.input);
        self.cached = usage.count("cache_read_input_tokens")?.unwrap_or(self.cached);
        self.written = usage.count("cache_creation_input_tokens")?.unwrap_or(self.written);
        self.output = usage.count("output_tokens")?.unwrap_or(self.output);
        Ok(())
    }

    /// What a completion's `usage` says: there cached input is counted twice.
    pub(super) fn take_completion(&mut self, usage: &mut Fields) -> Translation<()> {
        let all = usage.count("prompt_tokens")?.unwrap_or(0);
        let mut details = usage.object("prompt_tokens_details")?;
        self.cached = details.as_mut().map_or(Ok(None), |d| d.count("cached_tokens"))?.unwrap_or(0).min(all);
        self.input = all.saturating_sub(self.cached);
        self.output = usage.count("completion_tokens")?.unwrap_or(0);
        Ok(())
    }

    pub(super) fn of_completion(self) -> Value {
        let prompt = self.input.saturating_add(self.cached).saturating_add(self.written);
        json!({
            "prompt_tokens": prompt,
            "completion_tokens": self.output,
            "total_tokens": prompt.saturating_add(self.output),
            "prompt_tokens_details": {"cached_tokens": self.cached},
        })
    }

    pub(super) fn of_message(self) -> Value {
        json!({"input_tokens": self.input, "cache_read_input_tokens": self.cached, "output_tokens": self.output})
    }
}

/// Why a message stopped, in the words of completions.
pub(super) fn finish_reason(stop_reason: &str) -> Translation<&'static str> {
    Ok(match stop_reason {
        "end_turn" | "stop_sequence" => "stop",
        "max_tokens" | "model_context_window_exceeded" => "length",
        "tool_use" => "tool_calls",
        "refusal" => "content_filter",
        _ => return no_counterpart("stop_reason"),
    })
}

/// Why a completion stopped, in the words of messages.
pub(super) fn stop_reason(finish_reason: &str) -> Translation<&'static str> {
    Ok(match finish_reason {
        "stop" => "end_turn",
        "length" => "max_tokens",
        "tool_calls" => "tool_use",
        "content_filter" => "refusal",
        _ => return no_counterpart("choices.0.finish_reason"),
    })
}

fn completion(mut message: Fields, created_unix_s: u64) -> Translation<Value> {
    if message.kind()? != "message" {
        return unreadable("type");
    }
    let (mut text, mut calls) = (String::new(), Vec::new());
    for (at, value) in message.list("content")?.unwrap_or_default().into_iter().enumerate() {
        let mut block = Fields::of(value, item("content", at))?;
        match block.kind()?.as_str() {
            "text" => {
                block.ignore("citations", |citations| *citations == json!([]))?;
                text.push_str(&block.needed_text("text")?);
                block.done()?;
            }
            "tool_use" => calls.push(ask_openai::tool_call(block)?),
            _ => return no_counterpart(block.way("type")),
        }
    }
    let mut tokens = Tokens::default();
    message.object("usage")?.map_or(Ok(()), |mut usage| tokens.take_message(&mut usage))?;
    let content = if text.is_empty() && !calls.is_empty() { Value::Null } else { text.into() };
    let reply = object([
        ("role", Some("assistant".into())),
        ("content", Some(content)),
        ("refusal", Some(Value::Null)),
        ("tool_calls", (!calls.is_empty()).then(|| calls.into())),
    ]);
    let finish_reason = finish_reason(&message.needed_text("stop_reason")?)?;
    Ok(json!({
        "id": message.needed_text("id")?,
        "object": "chat.completion",
        "created": created_unix_s,
        "model": message.needed_text("model")?,
        "choices": [{"index": 0, "message": reply, "logprobs": null, "finish_reason": finish_reason}],
        "usage": tokens.of_completion(),
    }))
}

fn message(mut completion: Fields) -> Translation<Value> {
    let mut choices = completion.list("choices")?.unwrap_or_default().into_iter();
    let mut choice =
        choices.next().map_or_else(|| unreadable("choices"), |first| Fields::of(first, "choices.0"))?;
    if choices.next().is_some() {
        return no_counterpart("choices.1");
    }
    let mut reply = choice.object("message")?.map_or_else(|| unreadable("choices.0.message"), Ok)?;
    let mut content: Vec<Value> = Vec::new();
    let refusal = reply.text("refusal")?;
    for text in
        [reply.text("content")?, refusal.clone()].into_iter().flatten().filter(|text| !text.is_empty())
    {
        content.push(json!({"type": "text", "text": text}));
    }
    let way = reply.way("tool_calls");
    for (at, call) in reply.list("tool_calls")?.unwrap_or_default().into_iter().enumerate() {
        content.push(ask_anthropic::tool_use(Fields::of(call, item(&way, at))?)?);
    }
    reply.ignore("annotations", |annotations| *annotations == json!([]))?;
    reply.text("role")?;
    reply.done()?;
    let mut tokens = Tokens::default();
    completion.object("usage")?.map_or(Ok(()), |mut usage| tokens.take_completion(&mut usage))?;
    let stopped = stop_reason(&choice.needed_text("finish_reason")?)?;
    Ok(json!({
        "id": completion.needed_text("id")?,
        "type": "message",
        "role": "assistant",
        "model": completion.needed_text("model")?,
        "content": content,
        "stop_reason": if refusal.is_some() { "refusal" } else { stopped },
        "stop_sequence": null,
        "usage": tokens.of_message(),
    }))
}
