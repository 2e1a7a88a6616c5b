//! Chunks of a streamed chat completion, written as events of a message.

use bytes::BytesMut;
use serde_json::{Value, json};

use super::{
    TranslateError, Translation,
    answer::{Tokens, stop_reason},
    fields::Fields,
    no_counterpart,
    stream::write_event,
    unreadable,
};
use crate::limits;

#[derive(Debug, Default)]
pub(super) struct ToEvents {
    has_begun: bool,
    /// Blocks finished or open; the open one has the last number.
    blocks: usize,
    open: Option<Open>,
    /// Tool calls begun.
    calls: usize,
    refused: bool,
    stop: Option<&'static str>,
    tokens: Tokens,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Text,
    Call { index: u64 },
}

impl ToEvents {
    pub(super) fn chunk(&mut self, mut chunk: Fields, out: &mut BytesMut) -> Translation<()> {
        if !std::mem::replace(&mut self.has_begun, true) {
            begin(&mut chunk, out)?;
        }
        chunk.object("usage")?.map_or(Ok(()), |mut usage| self.tokens.take_completion(&mut usage))?;
        for value in chunk.list("choices")?.unwrap_or_default() {
            let mut choice = Fields::of(value, "choices.0")?;
            if choice.count("index")?.unwrap_or(0) != 0 {
                return no_counterpart("choices.1");
            }
            choice.object("delta")?.map_or(Ok(()), |mut delta| self.delta(&mut delta, out))?;
            if let Some(reason) = choice.text("finish_reason")? {
                self.stop = Some(stop_reason(&reason)?);
            }
        }
        Ok(())
    }

    fn delta(&mut self, delta: &mut Fields, out: &mut BytesMut) -> Translation<()> {
        if let Some(text) = delta.text("content")? {
            self.say(&text, out);
        }
        if let Some(text) = delta.text("refusal")? {
            self.refused = true;
            self.say(&text, out);
        }
        let way = delta.way("tool_calls");
        for value in delta.list("tool_calls")?.unwrap_or_default() {
            self.call(Fields::of(value, way.as_str())?, out)?;
        }
        for other in ["audio", "function_call"] {
            delta.ignore(other, |_| false)?;
        }
        Ok(())
    }

    fn say(&mut self, text: &str, out: &mut BytesMut) {
        if text.is_empty() {
            return;
        }
        if self.open != Some(Open::Text) {
            self.begin_block(Open::Text, &json!({"type": "text", "text": ""}), out);
        }
        self.grow(&json!({"type": "text_delta", "text": text}), out);
    }

    /// A piece of a tool call. Calls come one behind the other; a piece for one that is finished cannot be carried.
    fn call(&mut self, mut call: Fields, out: &mut BytesMut) -> Translation<()> {
        let index = call.count("index")?.unwrap_or(0);
        let mut function = call.object("function")?.map_or_else(|| unreadable(call.way("function")), Ok)?;
        if self.open != Some(Open::Call { index }) {
            if usize::try_from(index).is_ok_and(|index| index < self.calls) {
                return no_counterpart(call.way("index"));
            }
            if self.calls >= limits::TRANSLATED_TOOL_CALLS {
                return Err(TranslateError::TooLong);
            }
            self.calls = self.calls.saturating_add(1);
            let (id, name) = (call.needed_text("id")?, function.needed_text("name")?);
            let block = json!({"type": "tool_use", "id": id, "name": name, "input": {}});
            self.begin_block(Open::Call { index }, &block, out);
        }
        if let Some(piece) = function.text("arguments")?.filter(|piece| !piece.is_empty()) {
            self.grow(&json!({"type": "input_json_delta", "partial_json": piece}), out);
        }
        Ok(())
    }

    fn begin_block(&mut self, open: Open, block: &Value, out: &mut BytesMut) {
        self.end_block(out);
        self.open = Some(open);
        let event = json!({"type": "content_block_start", "index": self.blocks, "content_block": block});
        write_event("content_block_start", &event, out);
        self.blocks = self.blocks.saturating_add(1);
    }

    fn grow(&self, delta: &Value, out: &mut BytesMut) {
        let event = json!({"type": "content_block_delta", "index": self.at(), "delta": delta});
        write_event("content_block_delta", &event, out);
    }

    fn end_block(&mut self, out: &mut BytesMut) {
        if self.open.take().is_some() {
            write_event(
                "content_block_stop",
                &json!({"type": "content_block_stop", "index": self.at()}),
                out,
            );
        }
    }

    const fn at(&self) -> usize {
        self.blocks.saturating_sub(1)
    }

    /// Behind the end mark: only now are the counts known.
    pub(super) fn end(&mut self, out: &mut BytesMut) -> Translation<()> {
        let Some(stop) = self.stop else { return unreadable("choices.0.finish_reason") };
        self.end_block(out);
        let stop = if self.refused { "refusal" } else { stop };
        let delta = json!({"stop_reason": stop, "stop_sequence": null});
        let event = json!({"type": "message_delta", "delta": delta, "usage": self.tokens.of_message()});
        write_event("message_delta", &event, out);
        write_event("message_stop", &json!({"type": "message_stop"}), out);
        Ok(())
    }
}

fn begin(chunk: &mut Fields, out: &mut BytesMut) -> Translation<()> {
    let message = json!({
        "id": chunk.needed_text("id")?,
        "type": "message",
        "role": "assistant",
        "model": chunk.needed_text("model")?,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "usage": {"input_tokens": 0, "output_tokens": 0},
    });
    write_event("message_start", &json!({"type": "message_start", "message": message}), out);
    Ok(())
}
