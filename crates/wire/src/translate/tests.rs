use bytes::Bytes;
use serde_json::json;

use super::*;

fn ask(from: Dialect, body: &Value) -> Translation<Value> {
    let there = request(from, body.to_string().as_bytes(), &Defaults::default())?;
    Ok(serde_json::from_slice(&there.body).unwrap())
}

/// A least request of the dialect, with one more member.
fn least(from: Dialect, member: &str, value: Value) -> Value {
    let mut body = json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]});
    body[member] = value;
    assert!(ask(from, &json!({"model": "m", "max_tokens": 9, "messages": []})).is_ok());
    body
}

#[track_caller]
fn refused(from: Dialect, member: &str, value: Value, path: &str) {
    let error = ask(from, &least(from, member, value)).unwrap_err();
    assert_eq!(error, TranslateError::NoCounterpart { path: path.to_owned() });
    assert_eq!((error.code(), error.path()), (Code::NotTranslatable, path));
}

#[test]
fn what_messages_lack_is_refused_by_name() {
    let check = |member: &str, value, path: &str| refused(Dialect::OpenAi, member, value, path);
    for (member, value) in [
        ("n", json!(2)),
        ("seed", json!(1)),
        ("logprobs", json!(true)),
        ("logit_bias", json!({"1": 1})),
        ("store", json!(true)),
        ("metadata", json!({"a": "b"})),
        ("reasoning_effort", json!("low")),
        ("response_format", json!({"type": "json_object"})),
        ("temperature", json!(1.5)),
        ("fallbacks", json!(["b"])),
        ("functions", json!([])),
        ("tool_choice", json!("sometimes")),
        ("never_heard_of", json!(0)),
    ] {
        check(member, value, member);
    }
    check("tools", json!([{"type": "web_search"}]), "tools.0.type");
    let strict = json!([{"type": "function", "function": {"name": "f", "strict": true}}]);
    check("tools", strict, "tools.0.function.strict");
    check("tool_choice", json!({"type": "allowed_tools"}), "tool_choice.type");
    check("stream_options", json!({"include_obfuscation": false}), "stream_options.include_obfuscation");
    check("messages", json!([{"role": "user", "content": "a", "name": "x"}]), "messages.0.name");
    let late = json!([{"role": "user", "content": "a"}, {"role": "system", "content": "b"}]);
    check("messages", late, "messages.1.role");
    let audio = json!([{"role": "user", "content": [{"type": "input_audio"}]}]);
    check("messages", audio, "messages.0.content.0.type");
    let call = |arguments: &str| {
        json!([{"role": "assistant", "tool_calls": [{"id": "t", "type": "function",
            "function": {"name": "f", "arguments": arguments}}]}])
    };
    for arguments in ["[1]", "7", "{", "not json"] {
        check("messages", call(arguments), "messages.0.tool_calls.0.function.arguments");
    }
    for url in ["ftp://a.example/1.png", "data:image/png,abc", "file_1", "data:image/png;x=1;base64,AA"] {
        let picture =
            json!([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]);
        check("messages", picture, "messages.0.content.0.image_url.url");
    }
}

#[test]
fn what_chat_completions_lack_is_refused_by_name() {
    let check = |member: &str, value, path: &str| refused(Dialect::Anthropic, member, value, path);
    for (member, value) in [
        ("top_k", json!(5)),
        ("thinking", json!({"type": "enabled", "budget_tokens": 1024})),
        ("container", json!("c")),
        ("mcp_servers", json!([{"url": "u"}])),
        ("fallbacks", json!([{"model": "b"}])),
        ("cache_control", json!({"type": "ephemeral"})),
        ("service_tier", json!("standard_only")),
        ("never_heard_of", json!(0)),
    ] {
        check(member, value, member);
    }
    check("stop_sequences", json!(["a", "b", "c", "d", "e"]), "stop_sequences.4");
    check("tools", json!([{"type": "advisor_20260301", "name": "a", "model": "b"}]), "tools.0.type");
    let cached = json!([{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}]);
    check("system", cached, "system.0.cache_control");
    let content = |role: &str, blocks: Value| json!([{"role": role, "content": blocks}]);
    let result = json!({"type": "tool_result", "tool_use_id": "t", "content": "r"});
    let failed = json!([{"type": "tool_result", "tool_use_id": "t", "is_error": true}]);
    check("messages", content("user", failed), "messages.0.content.0.is_error");
    let late = json!([{"type": "text", "text": "a"}, result]);
    check("messages", content("user", late), "messages.0.content.1.type");
    let behind =
        json!([{"type": "tool_use", "id": "t", "name": "f", "input": {}}, {"type": "text", "text": "a"}]);
    check("messages", content("assistant", behind), "messages.0.content.1.type");
    for kind in ["thinking", "document", "server_tool_use", "fallback"] {
        check("messages", content("assistant", json!([{"type": kind}])), "messages.0.content.0.type");
    }
    let stored = json!([{"type": "image", "source": {"type": "file", "file_id": "f"}}]);
    check("messages", content("user", stored), "messages.0.content.0.source.type");
}

#[test]
fn what_is_not_of_its_dialect_is_said_so() {
    for (member, value, path) in [
        ("messages", json!("x"), "messages"),
        ("messages", json!([7]), "messages.0"),
        ("messages", json!([{"content": "x"}]), "messages.0.role"),
        ("messages", json!([{"role": "user", "content": 7}]), "messages.0.content"),
        ("stream", json!("yes"), "stream"),
        ("temperature", json!("hot"), "temperature"),
        ("max_tokens", json!(-1), "max_tokens"),
    ] {
        for from in [Dialect::OpenAi, Dialect::Anthropic] {
            let error = ask(from, &least(from, member, value.clone())).unwrap_err();
            assert_eq!(error, TranslateError::Unreadable { path: path.to_owned() }, "{member}");
            assert_eq!(error.code(), Code::BadRequest);
        }
    }
    let error = request(Dialect::OpenAi, b"[]", &Defaults::default());
    assert_eq!(error, Err(TranslateError::Unreadable { path: "body".into() }));
    let two = json!({"model": "m", "max_tokens": 1, "max_completion_tokens": 2, "messages": []});
    assert_eq!(ask(Dialect::OpenAi, &two), Err(TranslateError::Unreadable { path: "max_tokens".into() }));
}

#[test]
fn an_unbounded_answer_needs_the_operators_bound() {
    let body = br#"{"model":"m","messages":[]}"#;
    let error = request(Dialect::OpenAi, body, &Defaults::default());
    assert_eq!(error, Err(TranslateError::NoCounterpart { path: "max_tokens".into() }));
    let there = request(Dialect::OpenAi, body, &Defaults { max_tokens: Some(7) }).unwrap();
    assert_eq!(there.body, br#"{"model":"m","max_tokens":7,"messages":[]}"#);
}

#[test]
fn members_that_say_nothing_are_passed_over() {
    let body = json!({"model": "m", "max_tokens": 9, "messages": [], "n": 1, "seed": null, "store": false, "logprobs": false,
        "response_format": {"type": "text"}, "tools": null});
    assert_eq!(ask(Dialect::OpenAi, &body), Ok(json!({"model": "m", "max_tokens": 9, "messages": []})));
}

#[test]
fn results_of_one_turn_stand_together() {
    let result = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": id});
    let body = least(
        Dialect::OpenAi,
        "messages",
        json!([result("a"), result("b"), {"role": "user", "content": "x"}, result("c")]),
    );
    let there = ask(Dialect::OpenAi, &body).unwrap();
    let blocks = |at: usize| there["messages"][at]["content"].as_array().map(Vec::len);
    assert_eq!((blocks(0), blocks(1), blocks(2)), (Some(2), None, Some(1)));
}

#[test]
fn answers_that_cannot_be_carried_are_no_answers() {
    let message = |block: Value, stop: &str| {
        json!({"type": "message", "id": "i", "model": "m", "content": [block], "stop_reason": stop})
            .to_string()
    };
    let text = json!({"type": "text", "text": "a"});
    assert!(answer(Dialect::OpenAi, message(text.clone(), "end_turn").as_bytes(), 0).is_ok());
    for (body, path) in [
        (message(json!({"type": "thinking", "thinking": "x"}), "end_turn"), "content.0.type"),
        (message(json!({"type": "text", "text": "a", "citations": [{}]}), "end_turn"), "content.0.citations"),
        (message(text, "pause_turn"), "stop_reason"),
    ] {
        let error = TranslateError::NoCounterpart { path: path.to_owned() };
        assert_eq!(answer(Dialect::OpenAi, body.as_bytes(), 0), Err(error));
    }
    let two = r#"{"id":"i","model":"m","choices":[{"message":{},"finish_reason":"stop"},{}]}"#;
    let error = TranslateError::NoCounterpart { path: "choices.1".into() };
    assert_eq!(answer(Dialect::Anthropic, two.as_bytes(), 0), Err(error));
}

#[test]
fn errors_keep_their_words() {
    let gone = include_bytes!("../../tests/fixtures/gone/404-2026-06-13.json");
    let there: Value = serde_json::from_slice(&error_body(Dialect::OpenAi, 404, gone)).unwrap();
    assert_eq!(there["error"]["code"], "not_found_error");
    assert!(there["error"]["message"].as_str().unwrap().starts_with("Claude Fable 5 is not available."));
    let back: Value =
        serde_json::from_slice(&error_body(Dialect::Anthropic, 404, there.to_string().as_bytes())).unwrap();
    assert_eq!((&back["type"], &back["error"]["type"]), (&json!("error"), &json!("not_found_error")));
    let page: Value = serde_json::from_slice(&error_body(Dialect::Anthropic, 502, b"<html>")).unwrap();
    assert_eq!(page["error"]["type"], "api_error");
}

const HELLO: &str =
    "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";

#[test]
fn a_stream_that_cannot_be_carried_ends_behind_what_could() {
    let mut translator = StreamTranslator::new(Dialect::Anthropic, false, 0);
    let audio = r#"data: {"choices":[{"delta":{"audio":{"id":"a"}}}]}"#;
    let out = translator.push(Bytes::from(format!("{HELLO}{audio}\n\n{HELLO}"))).unwrap();
    assert_eq!(crate::sse::events(&out).count(), 3);
    let error = TranslateError::NoCounterpart { path: "choices.0.delta.audio".into() };
    assert_eq!(translator.push(Bytes::from_static(HELLO.as_bytes())), Err(error.clone()));
    assert_eq!(translator.finish(), Err(error));
}

#[test]
fn a_stream_that_breaks_off_gets_no_end_mark() {
    let mut translator = StreamTranslator::new(Dialect::Anthropic, false, 0);
    let out = translator.push(Bytes::from_static(HELLO.as_bytes())).unwrap();
    assert!(!out.windows(12).any(|window| window == b"message_stop"));
    assert_eq!(translator.finish(), Err(TranslateError::BrokenOff));
}

#[test]
fn an_error_amid_a_stream_is_one_in_the_other_dialect() {
    let mut translator = StreamTranslator::new(Dialect::OpenAi, false, 0);
    let event = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Later\\n\"}}\n\n";
    let out = translator.push(Bytes::from_static(event.as_bytes())).unwrap();
    let read = crate::sse::events(&out).next().unwrap();
    let data: Value = serde_json::from_str(&read.data).unwrap();
    assert_eq!(
        (&data["error"]["message"], &data["error"]["type"]),
        (&json!("Later\n"), &json!("server_error"))
    );
    assert_eq!(translator.finish(), Ok(()));
}

#[test]
fn one_event_is_bounded() {
    let mut translator = StreamTranslator::new(Dialect::Anthropic, false, 0);
    let long = Bytes::from(vec![b'a'; limits::TRANSLATED_EVENT_BYTES + 1]);
    assert_eq!(translator.push(long), Err(TranslateError::TooLong));
}

#[test]
fn a_mark_amid_the_stream_is_no_byte_order_mark() {
    let text = format!("\u{feff}{HELLO}\u{feff}{HELLO}data: [DONE]\n\n");
    let texts = |pieces: Vec<&str>| {
        let mut translator = StreamTranslator::new(Dialect::Anthropic, false, 0);
        let out: Vec<u8> = pieces
            .iter()
            .flat_map(|p| translator.push(Bytes::copy_from_slice(p.as_bytes())).unwrap_or_default())
            .collect();
        String::from_utf8(out).unwrap().matches("text_delta").count()
    };
    let (first, second) = text.split_at(HELLO.len() + 3);
    assert_eq!((texts(vec![&text]), texts(vec![first, second])), (1, 1));
}
