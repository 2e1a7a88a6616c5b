//! A request for a message, written as one for a chat completion.

use serde_json::{Value, json};

use super::{
    TranslatedRequest, Translation,
    fields::{Fields, item, object, texts},
    no_counterpart, pictures, unreadable,
};

/// More stop sequences than this are refused by the other dialect.
const STOP_SEQUENCES: usize = 4;

pub(super) fn request(mut asked: Fields) -> Translation<TranslatedRequest> {
    let stream = asked.flag("stream")?.unwrap_or(false);
    let (tool_choice, one_at_a_time) = tool_choice(&mut asked)?;
    let turns = asked.list("messages")?.map_or_else(|| unreadable("messages"), Ok)?;
    let max_tokens = asked.count("max_tokens")?.map_or_else(|| unreadable("max_tokens"), Ok)?;
    let mut messages: Vec<Value> = Vec::new();
    if let Some(system) = texts_of(&mut asked, "system")? {
        messages.push(json!({"role": "system", "content": system}));
    }
    for (at, turn) in turns.into_iter().enumerate() {
        message(Fields::of(turn, item("messages", at))?, &mut messages)?;
    }
    let body = object([
        ("model", Some(asked.needed_text("model")?.into())),
        ("max_completion_tokens", Some(max_tokens.into())),
        ("messages", Some(messages.into())),
        ("tools", tools(&mut asked)?),
        ("tool_choice", tool_choice),
        ("parallel_tool_calls", one_at_a_time.then_some(Value::Bool(false))),
        ("stop", stop(&mut asked)?),
        ("temperature", asked.number("temperature")?.map(|(_, written)| written)),
        ("top_p", asked.number("top_p")?.map(|(_, written)| written)),
        ("user", user(&mut asked)?),
        ("stream", stream.then_some(Value::Bool(true))),
        // Counts are a part of every streamed message.
        ("stream_options", stream.then(|| json!({"include_usage": true}))),
    ]);
    asked.ignore("thinking", |thinking| *thinking == json!({"type": "disabled"}))?;
    asked.ignore("service_tier", |tier| tier == "auto")?;
    asked.done()?;
    Ok(TranslatedRequest { body: crate::problem::json_bytes(&body), stream, include_usage: true })
}

fn user(asked: &mut Fields) -> Translation<Option<Value>> {
    let Some(mut metadata) = asked.object("metadata")? else { return Ok(None) };
    let user = metadata.text("user_id")?;
    metadata.done()?;
    Ok(user.map(Value::from))
}

fn stop(asked: &mut Fields) -> Translation<Option<Value>> {
    let Some(sequences) = asked.list("stop_sequences")? else { return Ok(None) };
    if sequences.len() > STOP_SEQUENCES {
        return no_counterpart(item("stop_sequences", STOP_SEQUENCES));
    }
    let sequences = texts(sequences, "stop_sequences")?;
    Ok((!sequences.is_empty()).then(|| json!(sequences)))
}

fn tools(asked: &mut Fields) -> Translation<Option<Value>> {
    let Some(tools) = asked.list("tools")? else { return Ok(None) };
    let tool = |(at, value)| {
        let mut tool = Fields::of(value, item("tools", at))?;
        if tool.text("type")?.is_some_and(|kind| kind != "custom") {
            return no_counterpart(tool.way("type"));
        }
        let schema = tool.take("input_schema").map_or_else(|| unreadable(tool.way("input_schema")), Ok)?;
        let function = object([
            ("name", Some(tool.needed_text("name")?.into())),
            ("description", tool.text("description")?.map(Value::from)),
            ("parameters", Some(schema)),
        ]);
        tool.ignore("strict", |strict| strict == false)?;
        tool.done()?;
        Ok(json!({"type": "function", "function": function}))
    };
    Ok(Some(tools.into_iter().enumerate().map(tool).collect::<Translation<Vec<_>>>()?.into()))
}

/// The choice, and whether tools are to be called one at a time.
fn tool_choice(asked: &mut Fields) -> Translation<(Option<Value>, bool)> {
    let Some(mut choice) = asked.object("tool_choice")? else { return Ok((None, false)) };
    let written = match choice.kind()?.as_str() {
        "auto" => json!("auto"),
        "any" => json!("required"),
        "none" => json!("none"),
        "tool" => json!({"type": "function", "function": {"name": choice.needed_text("name")?}}),
        _ => return no_counterpart("tool_choice.type"),
    };
    let one_at_a_time = choice.flag("disable_parallel_tool_use")?.unwrap_or(false);
    choice.done()?;
    Ok((Some(written), one_at_a_time))
}

/// A text, or text blocks as text parts.
fn texts_of(fields: &mut Fields, name: &str) -> Translation<Option<Value>> {
    let way = fields.way(name);
    Ok(match fields.take(name) {
        None => None,
        Some(Value::String(text)) => Some(text.into()),
        Some(Value::Array(items)) => {
            let part = |(at, value)| match Fields::of(value, item(&way, at))
                .map(|mut block| (block.kind(), block))?
            {
                (Ok(kind), block) if kind == "text" => text_part(block),
                (Ok(_), block) => no_counterpart(block.way("type")),
                (Err(error), _) => Err(error),
            };
            Some(items.into_iter().enumerate().map(part).collect::<Translation<Vec<_>>>()?.into())
        }
        Some(_) => return unreadable(way),
    })
}

fn text_part(mut block: Fields) -> Translation<Value> {
    let text = block.needed_text("text")?;
    block.ignore("citations", |citations| *citations == json!([]))?;
    block.done()?;
    Ok(json!({"type": "text", "text": text}))
}

fn message(mut turn: Fields, messages: &mut Vec<Value>) -> Translation<()> {
    let role = turn.needed_text("role")?;
    if role != "user" && role != "assistant" {
        return no_counterpart(turn.way("role"));
    }
    let way = turn.way("content");
    match turn.take("content") {
        Some(Value::String(text)) => messages.push(json!({"role": role, "content": text})),
        Some(Value::Array(blocks)) if role == "user" => user_turn(blocks, &way, messages)?,
        Some(Value::Array(blocks)) => messages.push(assistant_turn(blocks, &way)?),
        _ => return unreadable(way),
    }
    turn.done()
}

/// Tool results become messages of their own, which must come before what else the user says.
fn user_turn(blocks: Vec<Value>, way: &str, messages: &mut Vec<Value>) -> Translation<()> {
    let mut parts: Vec<Value> = Vec::new();
    for (at, value) in blocks.into_iter().enumerate() {
        let mut block = Fields::of(value, item(way, at))?;
        match block.kind()?.as_str() {
            "tool_result" if parts.is_empty() => messages.push(tool_result(block)?),
            "text" => parts.push(text_part(block)?),
            "image" => parts.push(pictures::to_part(block)?),
            _ => return no_counterpart(block.way("type")),
        }
    }
    if !parts.is_empty() {
        messages.push(json!({"role": "user", "content": parts}));
    }
    Ok(())
}

fn tool_result(mut block: Fields) -> Translation<Value> {
    block.ignore("is_error", |is_error| is_error == false)?;
    let id = block.needed_text("tool_use_id")?;
    let content = texts_of(&mut block, "content")?.unwrap_or_else(|| "".into());
    block.done()?;
    Ok(json!({"role": "tool", "tool_call_id": id, "content": content}))
}

/// Texts come before tool calls in the other dialect; another order has no counterpart.
fn assistant_turn(blocks: Vec<Value>, way: &str) -> Translation<Value> {
    let (mut parts, mut calls): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    for (at, value) in blocks.into_iter().enumerate() {
        let mut block = Fields::of(value, item(way, at))?;
        match block.kind()?.as_str() {
            "text" if calls.is_empty() => parts.push(text_part(block)?),
            "tool_use" => calls.push(tool_call(block)?),
            _ => return no_counterpart(block.way("type")),
        }
    }
    Ok(object([
        ("role", Some("assistant".into())),
        ("content", Some(if parts.is_empty() { Value::Null } else { parts.into() })),
        ("tool_calls", (!calls.is_empty()).then(|| calls.into())),
    ]))
}

/// A `tool_use` block as a tool call.
pub(super) fn tool_call(mut block: Fields) -> Translation<Value> {
    let input =
        block.object("input")?.map_or_else(|| unreadable(block.way("input")), |input| Ok(input.whole()))?;
    let (id, name) = (block.needed_text("id")?, block.needed_text("name")?);
    block.ignore("caller", |caller| *caller == json!({"type": "direct"}))?;
    block.done()?;
    Ok(json!({"id": id, "type": "function", "function": {"name": name, "arguments": input.to_string()}}))
}
