//! The fuzz targets' bodies on generated inputs, for the stable compiler.
#![expect(clippy::expect_used, reason = "a fuzz body speaks by panicking")]

#[path = "../../../fuzz/targets/answer_read.rs"]
mod answer_read_body;
#[path = "../../../fuzz/targets/peek.rs"]
mod peek_body;
#[path = "../../../fuzz/targets/practice_read.rs"]
mod practice_read_body;
#[path = "../../../fuzz/targets/route.rs"]
mod route_body;
#[path = "../../../fuzz/targets/sse_split.rs"]
mod sse_split_body;
#[path = "../../../fuzz/targets/translate_request.rs"]
mod translate_request_body;
#[path = "../../../fuzz/targets/translate_stream.rs"]
mod translate_stream_body;

use proptest::{collection::vec, prelude::*, sample::select};

/// Texts glued from pieces that a parser of this kind trips over.
fn glued(pieces: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    vec(select(pieces), 0..most).prop_map(|pieces| pieces.concat())
}

const JSON_MEMBERS: &[&str] = &[
    r#""model":"m""#,
    r#""model":"small\u002d1""#,
    r#""mod\u0065l":"n""#,
    r#""stream":true"#,
    r#""stream":null"#,
    r#""fallbacks":["a","\/b"]"#,
    r#""fallbacks":[{"model":"a","max_tokens":1},"c"]"#,
    r#""tools":[{"model":"t"},{"tools":[{"model":"\ud83d\ude00"}]}]"#,
    r#""tools":[{"input_schema":{"model":{}}}]"#,
    r#""messages":[{"role":"user","content":"\"model\":\"x\""}]"#,
    r#""\ud800":1"#,
    r#""n":-1.5e3"#,
    r#""store":false"#,
    r#""advisor":{"model":"x"}"#,
    r#""messages":[{"content":[{"tool":{"definition":{"model":"y"}}}]}]"#,
    r#""messages":[{"content":[{"source":{"file_id":"f"}}]}]"#,
    r#""input":[{"id":"x"}]"#,
    r#""x":{"a":1,"\u0061":2}"#,
    r#""n":1e400"#,
    "",
];

const JSON_PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    " ",
    "\n",
    "model",
    "\"model\"",
    "\"m\"",
    "tools",
    "null",
    "true",
    "1e9",
    "\u{feff}",
    "\\u0000",
    "\"fallbacks\"",
    "0",
];

const SSE_PIECES: &[&str] = &[
    "data: ",
    "data:",
    "data",
    "event: message_stop",
    "event: error",
    "[DONE]",
    "{\"choices\":[]}",
    ": ping",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\r\n\r\n",
    "\u{feff}",
    "\u{2028}",
    "x",
    " ",
    "event: content_block_delta",
    "{\"delta\":{\"text\":\"a\"}}",
];

const CHAT_EVENTS: &[&str] = &[
    r#"data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
    r#"data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"Hi \ud55c"},"finish_reason":null}]}"#,
    r#"data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"f","arguments":""}}]}}]}"#,
    r#"data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":1}"}}]}}]}"#,
    r#"data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"u","function":{"name":"g"}}]}}]}"#,
    r#"data: {"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
    r#"data: {"id":"c","model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}"#,
    r#"data: {"error":{"message":"m","type":"overloaded_error"}}"#,
    "data: [DONE]",
    "data: {",
    ": ping",
    "",
];

const MESSAGE_EVENTS: &[&str] = &[
    r#"data: {"type":"message_start","message":{"id":"i","model":"m","usage":{"input_tokens":3,"output_tokens":1}}}"#,
    r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
    r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi\n"}}"#,
    r#"data: {"type":"content_block_stop","index":0}"#,
    r#"data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#,
    r#"data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#,
    r#"data: {"type":"message_delta","delta":{"stop_reason":"refusal"},"usage":{"output_tokens":4}}"#,
    r#"data: {"type":"message_stop"}"#,
    r#"data: {"type":"error","error":{"type":"overloaded_error","message":"m"}}"#,
    r#"data: {"type":"ping"}"#,
    r#"data: {"type":"content_block_start","content_block":{"type":"thinking"}}"#,
    "event: message_stop",
];

const CHAT_MEMBERS: &[&str] = &[
    r#""model":"m""#,
    r#""max_tokens":5"#,
    r#""max_completion_tokens":5"#,
    r#""stop":["a","b"]"#,
    r#""stop":"a""#,
    r#""temperature":0.5"#,
    r#""temperature":1.5"#,
    r#""user":"u""#,
    r#""stream":true,"stream_options":{"include_usage":true}"#,
    r#""tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]"#,
    r#""tool_choice":"required""#,
    r#""parallel_tool_calls":false"#,
    r#""messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}]"#,
    r#""messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}]"#,
    r#""messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"t","content":"r"}]"#,
    r#""seed":1"#,
];

const MESSAGE_MEMBERS: &[&str] = &[
    r#""model":"m""#,
    r#""max_tokens":5"#,
    r#""stop_sequences":["a","b"]"#,
    r#""temperature":0.5"#,
    r#""metadata":{"user_id":"u"}"#,
    r#""stream":true"#,
    r#""system":"s""#,
    r#""system":[{"type":"text","text":"s"}]"#,
    r#""tools":[{"name":"f","input_schema":{"type":"object"}}]"#,
    r#""tool_choice":{"type":"any","disable_parallel_tool_use":true}"#,
    r#""messages":[{"role":"user","content":"u"}]"#,
    r#""messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]}]"#,
    r#""messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]}]"#,
    r#""top_k":1"#,
];

const TARGET_PIECES: &[&str] = &[
    "GET ",
    "POST ",
    "/v1",
    "/models",
    "/messages",
    "/chat/completions",
    "/",
    ".",
    "..",
    "%2f",
    "?",
    "&",
    "beta=true",
    "limit=7",
    "limit=0",
    "after_id=",
    "m",
    ";",
    "#",
    "\\",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn peek_members(members in vec(select(JSON_MEMBERS), 0..6)) {
        let members: Vec<_> = members.into_iter().filter(|m| !m.is_empty()).collect();
        peek_body::run(format!("{{{}}}", members.join(",")).as_bytes());
    }

    #[test]
    fn peek_pieces(text in glued(JSON_PIECES, 24)) {
        peek_body::run(text.as_bytes());
    }

    #[test]
    fn peek_bytes(bytes in vec(any::<u8>(), 0..200)) {
        peek_body::run(&bytes);
    }

    #[test]
    fn sse_pieces(seed: u8, hold: u8, text in glued(SSE_PIECES, 40)) {
        let mut bytes = vec![seed, hold];
        bytes.extend(text.into_bytes());
        sse_split_body::run(&bytes);
    }

    #[test]
    fn sse_bytes(bytes in vec(select(b"\r\n\r\nd:a \xef\xbb\xbf".as_slice()), 0..120)) {
        sse_split_body::run(&bytes);
    }

    #[test]
    fn route_pieces(text in glued(TARGET_PIECES, 10)) {
        route_body::run(text.as_bytes());
    }

    #[test]
    fn route_bytes(bytes in vec(any::<u8>(), 0..60)) {
        route_body::run(&bytes);
    }

    #[test]
    fn practice_streams(text in glued(SSE_PIECES, 40)) {
        practice_read_body::run(text.as_bytes());
    }

    #[test]
    fn practice_requests(chunks in 0u32..200, seed in "[a-z0-9._-]{0,70}", model in any::<String>()) {
        let body = serde_json::json!({"model": model, "practice": {"chunks": chunks, "seed": seed}});
        practice_read_body::run(body.to_string().as_bytes());
    }

    #[test]
    fn answers(text in glued(SSE_PIECES, 30), seed: u8) {
        answer_read_body::run(&[&[seed], text.as_bytes()].concat());
    }

    #[test]
    fn streamed_answers(events in vec(select([CHAT_EVENTS, MESSAGE_EVENTS].concat()), 0..12), seed: u8) {
        let stream = events.join("\n\n");
        answer_read_body::run(&[&[seed], stream.as_bytes(), b"\n\n"].concat());
        translate_stream_body::run(&[&[seed], stream.as_bytes(), b"\n\n"].concat());
    }

    #[test]
    fn streams_in_order(chat: bool, seed: u8, tail in 0_usize..4) {
        let events = if chat { CHAT_EVENTS } else { MESSAGE_EVENTS };
        let stream = [&events[..8 - tail.min(3)], &events[8..]].concat().join("\r\n\r\n");
        translate_stream_body::run(&[&[seed], stream.as_bytes()].concat());
    }

    #[test]
    fn chat_requests(members in vec(select(CHAT_MEMBERS), 0..8)) {
        translate_request_body::run(format!("{{{}}}", members.join(",")).as_bytes());
    }

    #[test]
    fn message_requests(members in vec(select(MESSAGE_MEMBERS), 0..8)) {
        translate_request_body::run(format!("{{{}}}", members.join(",")).as_bytes());
    }
}
