//! A request for a chat completion, written as one for a message.

use serde_json::{Value, json};

use super::{
    Defaults, TranslatedRequest, Translation,
    fields::{Fields, item, object, texts},
    no_counterpart, pictures, unreadable,
};

pub(super) fn request(mut asked: Fields, defaults: &Defaults) -> Translation<TranslatedRequest> {
    let stream = asked.flag("stream")?.unwrap_or(false);
    let include_usage = include_usage(&mut asked)?;
    let tools = tools(&mut asked)?;
    let tool_choice = tool_choice(&mut asked)?;
    let turns = asked.list("messages")?.map_or_else(|| unreadable("messages"), Ok)?;
    let (system, messages) = conversation(turns)?;
    let body = object([
        ("model", Some(asked.needed_text("model")?.into())),
        ("max_tokens", Some(max_tokens(&mut asked, defaults)?.into())),
        ("system", system),
        ("messages", Some(messages.into())),
        ("tools", tools),
        ("tool_choice", tool_choice),
        ("stop_sequences", stop_sequences(&mut asked)?),
        ("temperature", temperature(&mut asked)?),
        ("top_p", asked.number("top_p")?.map(|(_, written)| written)),
        ("metadata", asked.text("user")?.map(|user| json!({"user_id": user}))),
        ("stream", stream.then_some(Value::Bool(true))),
    ]);
    asked.ignore("n", |n| n == 1)?;
    asked.ignore("store", |store| store == false)?;
    asked.ignore("logprobs", |logprobs| logprobs == false)?;
    asked.ignore("response_format", |format| *format == json!({"type": "text"}))?;
    asked.ignore("modalities", |modalities| *modalities == json!(["text"]))?;
    asked.done()?;
    Ok(TranslatedRequest { body: crate::problem::json_bytes(&body), stream, include_usage })
}

fn include_usage(asked: &mut Fields) -> Translation<bool> {
    let Some(mut options) = asked.object("stream_options")? else { return Ok(false) };
    let include_usage = options.flag("include_usage")?.unwrap_or(false);
    options.done()?;
    Ok(include_usage)
}

fn max_tokens(asked: &mut Fields, defaults: &Defaults) -> Translation<u64> {
    let (new, old) = (asked.count("max_completion_tokens")?, asked.count("max_tokens")?);
    if new.is_some() && old.is_some() && new != old {
        return unreadable("max_tokens");
    }
    // The other dialect requires a bound; an unbounded answer has no counterpart there.
    new.or(old).or(defaults.max_tokens).map_or_else(|| no_counterpart("max_tokens"), Ok)
}

fn stop_sequences(asked: &mut Fields) -> Translation<Option<Value>> {
    Ok(match asked.take("stop") {
        None => None,
        Some(Value::String(one)) => Some(json!([one])),
        Some(Value::Array(several)) => Some(json!(texts(several, "stop")?)),
        Some(_) => return unreadable("stop"),
    })
}

/// The ranges differ: up to 2 there, up to 1 here.
fn temperature(asked: &mut Fields) -> Translation<Option<Value>> {
    match asked.number("temperature")? {
        Some((number, _)) if number > 1.0 => no_counterpart("temperature"),
        other => Ok(other.map(|(_, written)| written)),
    }
}

fn tools(asked: &mut Fields) -> Translation<Option<Value>> {
    let Some(tools) = asked.list("tools")? else { return Ok(None) };
    let tool = |(at, value)| {
        let mut tool = Fields::of(value, item("tools", at))?;
        if tool.kind()? != "function" {
            return no_counterpart(tool.way("type"));
        }
        let mut function = tool.object("function")?.map_or_else(|| unreadable(tool.way("function")), Ok)?;
        tool.done()?;
        let written = object([
            ("name", Some(function.needed_text("name")?.into())),
            ("description", function.text("description")?.map(Value::from)),
            ("input_schema", Some(function.take("parameters").unwrap_or_else(|| json!({"type": "object"})))),
        ]);
        function.ignore("strict", |strict| strict == false)?;
        function.done()?;
        Ok(written)
    };
    Ok(Some(tools.into_iter().enumerate().map(tool).collect::<Translation<Vec<_>>>()?.into()))
}

fn tool_choice(asked: &mut Fields) -> Translation<Option<Value>> {
    let choice = match asked.take("tool_choice") {
        None => None,
        Some(Value::String(word)) => Some(match word.as_str() {
            "auto" => json!({"type": "auto"}),
            "none" => json!({"type": "none"}),
            "required" => json!({"type": "any"}),
            _ => return no_counterpart("tool_choice"),
        }),
        Some(value) => Some(json!({"type": "tool", "name": chosen(value)?})),
    };
    match asked.flag("parallel_tool_calls")? {
        Some(false) => one_at_a_time(choice),
        _ => Ok(choice),
    }
}

fn chosen(value: Value) -> Translation<String> {
    let mut choice = Fields::of(value, "tool_choice")?;
    if choice.kind()? != "function" {
        return no_counterpart("tool_choice.type");
    }
    let mut function = choice.object("function")?.map_or_else(|| unreadable("tool_choice.function"), Ok)?;
    choice.done()?;
    let name = function.needed_text("name")?;
    function.done()?;
    Ok(name)
}

fn one_at_a_time(choice: Option<Value>) -> Translation<Option<Value>> {
    let mut choice = choice.unwrap_or_else(|| json!({"type": "auto"}));
    if choice.get("type").is_some_and(|kind| kind != "none")
        && let Some(members) = choice.as_object_mut()
    {
        members.insert("disable_parallel_tool_use".into(), Value::Bool(true));
    }
    Ok(Some(choice))
}

/// System texts at the beginning, and the turns behind them.
fn conversation(turns: Vec<Value>) -> Translation<(Option<Value>, Vec<Value>)> {
    let (mut system, mut messages): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    for (at, turn) in turns.into_iter().enumerate() {
        let mut turn = Fields::of(turn, item("messages", at))?;
        match turn.needed_text("role")?.as_str() {
            "system" | "developer" if messages.is_empty() => system.push(content(&mut turn, false)?),
            "user" => messages.push(json!({"role": "user", "content": content(&mut turn, true)?})),
            "assistant" => messages.push(assistant(&mut turn)?),
            "tool" => tool_result(&mut turn, &mut messages)?,
            _ => return no_counterpart(turn.way("role")),
        }
        turn.done()?;
    }
    Ok((one_system(system), messages))
}

/// A text stays a text, parts become blocks.
fn content(turn: &mut Fields, pictures: bool) -> Translation<Value> {
    match turn.take("content") {
        Some(Value::String(text)) => Ok(text.into()),
        Some(Value::Array(items)) => Ok(blocks_of(items, &turn.way("content"), pictures)?.into()),
        _ => unreadable(turn.way("content")),
    }
}

/// One system text stays as it is, several become blocks one behind the other.
fn one_system(mut system: Vec<Value>) -> Option<Value> {
    if system.len() <= 1 {
        return system.pop();
    }
    let blocks = system.into_iter().flat_map(|content| match content {
        Value::Array(blocks) => blocks,
        text => vec![json!({"type": "text", "text": text})],
    });
    Some(blocks.collect())
}

fn blocks_of(items: Vec<Value>, path: &str, pictures: bool) -> Translation<Vec<Value>> {
    let block = |(at, value)| {
        let mut part = Fields::of(value, item(path, at))?;
        match part.kind()?.as_str() {
            "text" => {
                let text = part.needed_text("text")?;
                part.done()?;
                Ok(json!({"type": "text", "text": text}))
            }
            "image_url" if pictures => pictures::to_block(part),
            _ => no_counterpart(part.way("type")),
        }
    };
    items.into_iter().enumerate().map(block).collect()
}

fn assistant(turn: &mut Fields) -> Translation<Value> {
    let way = turn.way("tool_calls");
    let Some(calls) = turn.list("tool_calls")? else {
        return Ok(json!({"role": "assistant", "content": content(turn, false)?}));
    };
    let mut blocks = match turn.take("content") {
        None => Vec::new(),
        Some(Value::String(text)) if text.is_empty() => Vec::new(),
        Some(Value::String(text)) => vec![json!({"type": "text", "text": text})],
        Some(Value::Array(items)) => blocks_of(items, &turn.way("content"), false)?,
        Some(_) => return unreadable(turn.way("content")),
    };
    for (at, call) in calls.into_iter().enumerate() {
        blocks.push(tool_use(Fields::of(call, item(&way, at))?)?);
    }
    Ok(json!({"role": "assistant", "content": blocks}))
}

/// A tool call as a `tool_use` block. Arguments must be an object: the other dialect has no other input.
pub(super) fn tool_use(mut call: Fields) -> Translation<Value> {
    if call.text("type")?.is_some_and(|kind| kind != "function") {
        return no_counterpart(call.way("type"));
    }
    let mut function = call.object("function")?.map_or_else(|| unreadable(call.way("function")), Ok)?;
    let id = call.needed_text("id")?;
    call.done()?;
    let (name, way) = (function.needed_text("name")?, function.way("arguments"));
    let input = arguments(&function.needed_text("arguments")?, way)?;
    function.done()?;
    Ok(json!({"type": "tool_use", "id": id, "name": name, "input": input}))
}

/// An empty text stands for no arguments.
fn arguments(text: &str, way: String) -> Translation<Value> {
    if text.trim().is_empty() {
        return Ok(json!({}));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(input)) => Ok(input.into()),
        _ => no_counterpart(way),
    }
}

/// Results of one turn stand together in one user message.
fn tool_result(turn: &mut Fields, messages: &mut Vec<Value>) -> Translation<()> {
    let id = turn.needed_text("tool_call_id")?;
    let block = json!({"type": "tool_result", "tool_use_id": id, "content": content(turn, false)?});
    let results = messages.last_mut().and_then(|last| last.get_mut("content")).and_then(Value::as_array_mut);
    let is_result =
        |blocks: &&mut Vec<Value>| blocks.last().is_some_and(|last| last.get("tool_use_id").is_some());
    match results.filter(is_result) {
        Some(results) => results.push(block),
        None => messages.push(json!({"role": "user", "content": [block]})),
    }
    Ok(())
}
