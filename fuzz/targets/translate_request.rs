//! A request or an answer that can be translated says the same when it is translated back.

use serde_json::Value;
use wire::{
    dialect::Dialect,
    peek::peek,
    translate::{Defaults, answer, error_body, request},
};

/// One input: a body, taken for a request and for an answer of either dialect.
pub fn run(data: &[u8]) {
    for from in [Dialect::OpenAi, Dialect::Anthropic] {
        there_and_back(from, data);
        let error: Value =
            serde_json::from_slice(&error_body(from, 404, data)).expect("an error body is JSON");
        assert!(error["error"]["message"].is_string());
        if let Ok(there) = answer(from, data, 0) {
            let back = answer(other(from), &there, 0).expect("what was written can be read");
            assert_eq!(answer(from, &back, 0), Ok(there));
        }
    }
}

fn there_and_back(from: Dialect, data: &[u8]) {
    let defaults = Defaults::default();
    let Ok(there) = request(from, data, &defaults) else { return };
    let back = request(other(from), &there.body, &defaults).expect("what was written can be read");
    let again = request(from, &back.body, &defaults).expect("and written again");
    assert_eq!((text(&again.body), again.stream), (text(&there.body), there.stream));
    if let Ok(asked) = peek(data) {
        let read = peek(&there.body).expect("what was written is acceptable");
        assert_eq!((read.model, read.stream), (asked.model, asked.stream));
    }
}

fn text(body: &[u8]) -> &str {
    std::str::from_utf8(body).expect("JSON is UTF-8")
}

const fn other(dialect: Dialect) -> Dialect {
    match dialect {
        Dialect::OpenAi => Dialect::Anthropic,
        Dialect::Anthropic => Dialect::OpenAi,
    }
}
