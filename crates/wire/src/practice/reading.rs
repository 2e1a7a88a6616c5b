//! What a client received, read back.

use serde::Deserialize;

use crate::{
    dialect::Dialect,
    sse::{Event, events},
};

/// The outcome of a streamed answer as its client saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamReading {
    /// The text of all chunks.
    pub text: String,
    /// Chunks that carried text.
    pub chunks: usize,
    /// How the stream ended.
    pub terminal: Terminal,
}

/// How a stream ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Terminal {
    /// With the dialect's own end mark.
    Completed,
    /// With an error event; nothing after it was read.
    CutWithError {
        /// The reason code; empty if the event had none.
        code: String,
        /// The text an SDK shows.
        message: String,
    },
    /// With neither, or with an event that cannot be read.
    Broken,
}

/// Reads a streamed answer of this dialect up to its end mark or first error.
#[must_use]
pub fn read_text(dialect: Dialect, stream: &[u8]) -> StreamReading {
    let mut reading = StreamReading { text: String::new(), chunks: 0, terminal: Terminal::Broken };
    for event in events(stream) {
        match step(dialect, &event) {
            Step::Text(text) => reading.take(&text),
            Step::Nothing => {}
            Step::End(terminal) => {
                reading.terminal = terminal;
                break;
            }
        }
    }
    reading
}

impl StreamReading {
    fn take(&mut self, text: &str) {
        if !text.is_empty() {
            self.text.push_str(text);
            self.chunks = self.chunks.saturating_add(1);
        }
    }
}

enum Step {
    Text(String),
    Nothing,
    End(Terminal),
}

fn step(dialect: Dialect, event: &Event<'_>) -> Step {
    match dialect {
        Dialect::OpenAi if event.data.starts_with("[DONE]") => Step::End(Terminal::Completed),
        Dialect::OpenAi => read::<OpenAiIn>(event, OpenAiIn::step),
        Dialect::Anthropic => match &*event.name {
            "message_stop" => Step::End(Terminal::Completed),
            "content_block_delta" | "error" => read::<AnthropicIn>(event, AnthropicIn::step),
            _ => Step::Nothing,
        },
    }
}

fn read<'e, T: Deserialize<'e>>(event: &'e Event<'_>, step: fn(T) -> Step) -> Step {
    serde_json::from_str(&event.data).map_or(Step::End(Terminal::Broken), step)
}

#[derive(Deserialize)]
struct OpenAiIn {
    #[serde(default)]
    choices: Vec<ChoiceIn>,
    error: Option<ErrorIn>,
}

#[derive(Deserialize)]
struct ChoiceIn {
    delta: TextIn,
}

#[derive(Default, Deserialize)]
struct TextIn {
    #[serde(alias = "text")]
    content: Option<String>,
}

#[derive(Deserialize)]
struct ErrorIn {
    #[serde(default)]
    message: String,
    code: Option<String>,
    details: Option<DetailsIn>,
}

#[derive(Deserialize)]
struct DetailsIn {
    error_code: Option<String>,
}

#[derive(Deserialize)]
struct AnthropicIn {
    #[serde(default)]
    delta: TextIn,
    error: Option<ErrorIn>,
}

impl OpenAiIn {
    fn step(self) -> Step {
        match self.error {
            Some(error) => error.end(),
            None => Step::Text(self.choices.into_iter().filter_map(|choice| choice.delta.content).collect()),
        }
    }
}

impl AnthropicIn {
    fn step(self) -> Step {
        match self.error {
            Some(error) => error.end(),
            None => Step::Text(self.delta.content.unwrap_or_default()),
        }
    }
}

impl ErrorIn {
    fn end(self) -> Step {
        let code = self.code.or(self.details.and_then(|details| details.error_code)).unwrap_or_default();
        Step::End(Terminal::CutWithError { code, message: self.message })
    }
}
