//! Events of a streamed message, written as chunks of a chat completion.

use bytes::BytesMut;
use serde_json::{Value, json};

use super::{
    TranslateError, Translation,
    answer::{Tokens, finish_reason},
    fields::Fields,
    no_counterpart,
    stream::write_event,
    unreadable,
};
use crate::limits;

#[derive(Debug)]
pub(super) struct ToChunks {
    include_usage: bool,
    created_unix_s: u64,
    id: String,
    model: String,
    tokens: Tokens,
    /// Tool calls begun.
    calls: usize,
    block: Option<Block>,
}

/// The content block that is coming in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    Text,
    Call { at: usize },
}

impl ToChunks {
    pub(super) fn new(include_usage: bool, created_unix_s: u64) -> Self {
        Self {
            include_usage,
            created_unix_s,
            id: String::new(),
            model: String::new(),
            tokens: Tokens::default(),
            calls: 0,
            block: None,
        }
    }

    /// Writes one event; whether it was the last.
    pub(super) fn event(&mut self, mut event: Fields, out: &mut BytesMut) -> Translation<bool> {
        match event.kind()?.as_str() {
            "ping" => {}
            "message_start" => self.begin(&mut event, out)?,
            "content_block_start" => self.begin_block(&mut event, out)?,
            "content_block_delta" => self.grow_block(&mut event, out)?,
            "content_block_stop" => self.block = None,
            "message_delta" => self.stop(&mut event, out)?,
            "message_stop" => {
                self.end(out);
                return Ok(true);
            }
            _ => return no_counterpart("type"),
        }
        Ok(false)
    }

    fn begin(&mut self, event: &mut Fields, out: &mut BytesMut) -> Translation<()> {
        let mut message = event.object("message")?.map_or_else(|| unreadable("message"), Ok)?;
        self.id = message.needed_text("id")?;
        self.model = message.needed_text("model")?;
        self.count(&mut message)?;
        self.write(json!({"role": "assistant", "content": ""}), None, out);
        Ok(())
    }

    fn count(&mut self, holder: &mut Fields) -> Translation<()> {
        holder.object("usage")?.map_or(Ok(()), |mut usage| self.tokens.take_message(&mut usage))
    }

    fn begin_block(&mut self, event: &mut Fields, out: &mut BytesMut) -> Translation<()> {
        let mut block = event.object("content_block")?.map_or_else(|| unreadable("content_block"), Ok)?;
        match block.kind()?.as_str() {
            "text" => {
                self.block = Some(Block::Text);
                let text = block.text("text")?.unwrap_or_default();
                if !text.is_empty() {
                    self.write(json!({"content": text}), None, out);
                }
            }
            "tool_use" => {
                if self.calls >= limits::TRANSLATED_TOOL_CALLS {
                    return Err(TranslateError::TooLong);
                }
                let at = self.calls;
                self.calls = at.saturating_add(1);
                self.block = Some(Block::Call { at });
                block.ignore("input", |input| *input == json!({}))?;
                let function = json!({"name": block.needed_text("name")?, "arguments": ""});
                let call = json!({"index": at, "id": block.needed_text("id")?, "type": "function", "function": function});
                self.write(json!({"tool_calls": [call]}), None, out);
            }
            _ => return no_counterpart("content_block.type"),
        }
        Ok(())
    }

    fn grow_block(&mut self, event: &mut Fields, out: &mut BytesMut) -> Translation<()> {
        let mut delta = event.object("delta")?.map_or_else(|| unreadable("delta"), Ok)?;
        match (delta.kind()?.as_str(), self.block) {
            ("text_delta", Some(Block::Text)) => {
                self.write(json!({"content": delta.needed_text("text")?}), None, out);
            }
            ("input_json_delta", Some(Block::Call { at })) => {
                let function = json!({"arguments": delta.needed_text("partial_json")?});
                self.write(json!({"tool_calls": [{"index": at, "function": function}]}), None, out);
            }
            ("text_delta" | "input_json_delta", _) => return unreadable("delta.type"),
            _ => return no_counterpart("delta.type"),
        }
        Ok(())
    }

    fn stop(&mut self, event: &mut Fields, out: &mut BytesMut) -> Translation<()> {
        self.count(event)?;
        let mut delta = event.object("delta")?.map_or_else(|| unreadable("delta"), Ok)?;
        if let Some(reason) = delta.text("stop_reason")? {
            self.write(json!({}), Some(finish_reason(&reason)?), out);
        }
        Ok(())
    }

    fn end(&self, out: &mut BytesMut) {
        if self.include_usage {
            write_event("", &self.chunk(json!([]), Some(self.tokens.of_completion())), out);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn write(&self, delta: Value, finish_reason: Option<&str>, out: &mut BytesMut) {
        let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason});
        write_event("", &self.chunk(json!([choice]), None), out);
    }

    fn chunk(&self, choices: Value, usage: Option<Value>) -> Value {
        let mut chunk = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created_unix_s,
            "model": self.model,
            "choices": choices,
        });
        if let (Some(members), true) = (chunk.as_object_mut(), self.include_usage) {
            members.insert("usage".into(), usage.unwrap_or_default());
        }
        chunk
    }
}
