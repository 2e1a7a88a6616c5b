//! The answers as bytes.

use bytes::Bytes;
use serde::Serialize;

use super::{PracticeRequest, chunk_text, full_text};
use crate::{dialect::Dialect, problem::json_bytes};

/// The events of a streamed answer, one event per item, in order.
#[derive(Clone, Debug)]
pub struct Frames {
    dialect: Dialect,
    created_unix_s: u64,
    request: PracticeRequest,
    opening: std::vec::IntoIter<Bytes>,
    next_chunk: u32,
    closing: std::vec::IntoIter<Bytes>,
}

impl Iterator for Frames {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        self.opening.next().or_else(|| self.text_frame()).or_else(|| self.closing.next())
    }
}

impl Frames {
    fn text_frame(&mut self) -> Option<Bytes> {
        if self.next_chunk >= self.request.chunks {
            return None;
        }
        let text = chunk_text(&self.request.seed, self.next_chunk);
        self.next_chunk = self.next_chunk.saturating_add(1);
        Some(match self.dialect {
            Dialect::OpenAi => openai_text(&self.request, self.created_unix_s, &text),
            Dialect::Anthropic => anthropic_text(&text),
        })
    }
}

/// The streamed answer. OpenAI: role, texts, finish, usage where asked for, `[DONE]`. Anthropic: `message_start`,
/// `content_block_start`, deltas, `content_block_stop`, `message_delta`, `message_stop`.
/// `created_unix_s` stands in OpenAI chunks.
#[must_use]
pub fn frames(dialect: Dialect, request: &PracticeRequest, created_unix_s: u64) -> Frames {
    let (opening, closing) = match dialect {
        Dialect::OpenAi => (openai_opening(request, created_unix_s), openai_closing(request, created_unix_s)),
        Dialect::Anthropic => (anthropic_opening(request), anthropic_closing(request)),
    };
    Frames {
        dialect,
        created_unix_s,
        request: request.clone(),
        opening: opening.into_iter(),
        next_chunk: 0,
        closing: closing.into_iter(),
    }
}

/// The answer in one JSON object.
#[must_use]
pub fn whole(dialect: Dialect, request: &PracticeRequest, created_unix_s: u64) -> Vec<u8> {
    let text = full_text(&request.seed, request.chunks);
    match dialect {
        Dialect::OpenAi => {
            let message = MessageOut { role: "assistant", content: &text, refusal: None };
            let choice =
                ChoiceOut { index: 0, message: Some(message), delta: None, finish_reason: Some("stop") };
            let mut completion = completion(request, created_unix_s, "chat.completion", vec![choice]);
            completion.usage = Some(OpenAiUsage::of(request));
            json_bytes(&completion)
        }
        Dialect::Anthropic => {
            let id = anthropic_id(request);
            let mut message = anthropic_message(&id, request);
            message.content.push(TextBlock { r#type: "text", text: &text });
            message.stop_reason = Some("end_turn");
            message.usage.output_tokens = request.chunks;
            json_bytes(&message)
        }
    }
}

#[derive(Serialize)]
struct Completion<'r> {
    id: String,
    object: &'static str,
    created: u64,
    model: &'r str,
    choices: Vec<ChoiceOut<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<OpenAiUsage>,
}

#[derive(Serialize)]
struct ChoiceOut<'r> {
    index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<MessageOut<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delta: Option<DeltaOut<'r>>,
    finish_reason: Option<&'static str>,
}

#[derive(Serialize)]
struct MessageOut<'r> {
    role: &'static str,
    content: &'r str,
    refusal: Option<&'r str>,
}

#[derive(Default, Serialize)]
struct DeltaOut<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'r str>,
}

/// The practice model reads nothing and counts each chunk as one token.
#[derive(Serialize)]
struct OpenAiUsage {
    prompt_tokens: u32,
    completion_tokens: u32,
    total_tokens: u32,
}

impl OpenAiUsage {
    const fn of(request: &PracticeRequest) -> Self {
        Self { prompt_tokens: 0, completion_tokens: request.chunks, total_tokens: request.chunks }
    }
}

fn completion<'r>(
    request: &'r PracticeRequest,
    created: u64,
    object: &'static str,
    choices: Vec<ChoiceOut<'r>>,
) -> Completion<'r> {
    let id = format!("chatcmpl-practice-{}", request.seed);
    Completion { id, object, created, model: &request.model, choices, usage: None }
}

fn openai_chunk(
    request: &PracticeRequest,
    created: u64,
    delta: DeltaOut<'_>,
    finish: Option<&'static str>,
) -> Bytes {
    let choice = ChoiceOut { index: 0, message: None, delta: Some(delta), finish_reason: finish };
    data(&completion(request, created, "chat.completion.chunk", vec![choice]))
}

fn openai_opening(request: &PracticeRequest, created: u64) -> Vec<Bytes> {
    let role = DeltaOut { role: Some("assistant"), content: Some("") };
    vec![openai_chunk(request, created, role, None)]
}

fn openai_text(request: &PracticeRequest, created: u64, text: &str) -> Bytes {
    openai_chunk(request, created, DeltaOut { role: None, content: Some(text) }, None)
}

fn openai_closing(request: &PracticeRequest, created: u64) -> Vec<Bytes> {
    let mut closing = vec![openai_chunk(request, created, DeltaOut::default(), Some("stop"))];
    if request.include_usage {
        let mut last = completion(request, created, "chat.completion.chunk", Vec::new());
        last.usage = Some(OpenAiUsage::of(request));
        closing.push(data(&last));
    }
    closing.push(Bytes::from_static(b"data: [DONE]\n\n"));
    closing
}

fn data<T: Serialize>(value: &T) -> Bytes {
    [b"data: ", &*json_bytes(value), b"\n\n"].concat().into()
}

#[derive(Serialize)]
struct AnthropicMessage<'r> {
    id: &'r str,
    r#type: &'static str,
    role: &'static str,
    model: &'r str,
    content: Vec<TextBlock<'r>>,
    stop_reason: Option<&'static str>,
    stop_sequence: Option<&'static str>,
    usage: AnthropicUsage,
}

#[derive(Serialize)]
struct AnthropicUsage {
    input_tokens: u32,
    output_tokens: u32,
}

#[derive(Serialize)]
struct TextBlock<'r> {
    r#type: &'static str,
    text: &'r str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum AnthropicEvent<'r> {
    MessageStart { message: AnthropicMessage<'r> },
    ContentBlockStart { index: u32, content_block: TextBlock<'r> },
    ContentBlockDelta { index: u32, delta: TextBlock<'r> },
    ContentBlockStop { index: u32 },
    MessageDelta { delta: StopDelta, usage: OutputUsage },
    MessageStop,
}

#[derive(Serialize)]
struct StopDelta {
    stop_reason: &'static str,
    stop_sequence: Option<&'static str>,
}

#[derive(Serialize)]
struct OutputUsage {
    output_tokens: u32,
}

impl AnthropicEvent<'_> {
    fn bytes(&self) -> Bytes {
        let name: &[u8] = match self {
            Self::MessageStart { .. } => b"message_start",
            Self::ContentBlockStart { .. } => b"content_block_start",
            Self::ContentBlockDelta { .. } => b"content_block_delta",
            Self::ContentBlockStop { .. } => b"content_block_stop",
            Self::MessageDelta { .. } => b"message_delta",
            Self::MessageStop => b"message_stop",
        };
        [b"event: ", name, b"\ndata: ", &*json_bytes(self), b"\n\n"].concat().into()
    }
}

fn anthropic_id(request: &PracticeRequest) -> String {
    format!("msg_practice_{}", request.seed)
}

fn anthropic_message<'r>(id: &'r str, request: &'r PracticeRequest) -> AnthropicMessage<'r> {
    AnthropicMessage {
        id,
        r#type: "message",
        role: "assistant",
        model: &request.model,
        content: Vec::new(),
        stop_reason: None,
        stop_sequence: None,
        usage: AnthropicUsage { input_tokens: 0, output_tokens: 0 },
    }
}

fn anthropic_opening(request: &PracticeRequest) -> Vec<Bytes> {
    let id = anthropic_id(request);
    let content_block = TextBlock { r#type: "text", text: "" };
    vec![
        AnthropicEvent::MessageStart { message: anthropic_message(&id, request) }.bytes(),
        AnthropicEvent::ContentBlockStart { index: 0, content_block }.bytes(),
    ]
}

fn anthropic_text(text: &str) -> Bytes {
    AnthropicEvent::ContentBlockDelta { index: 0, delta: TextBlock { r#type: "text_delta", text } }.bytes()
}

fn anthropic_closing(request: &PracticeRequest) -> Vec<Bytes> {
    let delta = StopDelta { stop_reason: "end_turn", stop_sequence: None };
    vec![
        AnthropicEvent::ContentBlockStop { index: 0 }.bytes(),
        AnthropicEvent::MessageDelta { delta, usage: OutputUsage { output_tokens: request.chunks } }.bytes(),
        AnthropicEvent::MessageStop.bytes(),
    ]
}
