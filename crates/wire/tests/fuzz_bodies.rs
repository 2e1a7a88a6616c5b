//! The fuzz targets' bodies on generated inputs, for the stable compiler.
#![expect(clippy::expect_used, reason = "a fuzz body speaks by panicking")]

#[path = "../../../fuzz/targets/peek.rs"]
mod peek_body;
#[path = "../../../fuzz/targets/practice_read.rs"]
mod practice_read_body;
#[path = "../../../fuzz/targets/route.rs"]
mod route_body;
#[path = "../../../fuzz/targets/sse_split.rs"]
mod sse_split_body;

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
}
