//! What an upstream's answer says about itself, read while it passes by: the model that served it, why it stopped, how
//! many tokens it took. Nothing is held back and nothing is changed; what is kept is bounded.
//!
//! ```
//! use wire::{answer::{BodyReader, Same, SameModel}, dialect::Form};
//! let mut reader = BodyReader::new(Form::Messages);
//! for piece in [&br#"{"model":"m-2026-05-01","stop_rea"#[..], br#"son":"refusal","usage":{"input_tokens":9}}"#] {
//!     reader.push(piece);
//! }
//! let answer = reader.answer();
//! assert!(answer.is_refusal());
//! assert_eq!(answer.usage.all_input_tokens(), Some(9));
//! assert_eq!(SameModel::default().compare("m", &answer.served[0]), Same::Dated);
//! ```

mod same;
mod stream;
mod ways;

pub use same::{Same, SameModel, SameModelError};
pub use stream::StreamReader;

use crate::{dialect::Form, json::probe::Probe, limits, peek::is_model_name};

/// What an answer has said so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Every model that took part, as the upstream names it, the first named first: `model`, and where the upstream
    /// itself went on to another model or asked one, that too. At most [`limits::SERVED_MODELS`].
    pub served: Vec<String>,
    /// Whether more models were named than are kept, or one with a name that is none.
    pub has_unkept_models: bool,
    /// Why it stopped, in the words of the dialect (`stop_reason`, `finish_reason`, `status`).
    pub stop: Option<String>,
    /// What is said about a refusal by the model or its safeguards.
    pub refusal: Option<RefusalDetails>,
    /// Tokens taken.
    pub usage: Usage,
    /// The type or code of an error that came instead of an answer or amid it.
    pub error: Option<String>,
    /// The number of the last event, where events are numbered (responses); a cut carries the next one.
    pub sequence_number: Option<u64>,
}

/// What is said about a refusal (`stop_details` of the Anthropic dialect).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusalDetails {
    /// The kind of policy, for instance `cyber`.
    pub category: Option<String>,
    /// Words for people; not stable.
    pub explanation: Option<String>,
    /// A model the provider suggests instead. It is to be decided on like any other.
    pub recommended_model: Option<String>,
}

/// Tokens, as the provider counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Input that was not taken from a cache, where the dialect counts it apart; else all input.
    pub input_tokens: Option<u64>,
    /// Input read from a cache and counted apart.
    pub cache_read_tokens: Option<u64>,
    /// Input written to a cache and counted apart.
    pub cache_write_tokens: Option<u64>,
    /// Output, reasoning included.
    pub output_tokens: Option<u64>,
}

impl Usage {
    /// All input, however it was counted.
    #[must_use]
    pub fn all_input_tokens(&self) -> Option<u64> {
        let apart = [self.cache_read_tokens, self.cache_write_tokens].into_iter().flatten();
        self.input_tokens.map(|tokens| apart.fold(tokens, u64::saturating_add))
    }

    /// Input and output together.
    #[must_use]
    pub fn all_tokens(&self) -> Option<u64> {
        match (self.all_input_tokens(), self.output_tokens) {
            (None, None) => None,
            (input, output) => Some(input.unwrap_or(0).saturating_add(output.unwrap_or(0))),
        }
    }
}

impl Answer {
    /// Whether the model or its safeguards declined.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        self.refusal.is_some()
    }

    /// The model that gave the answer, as far as said.
    #[must_use]
    pub fn served_model(&self) -> Option<&str> {
        self.served.first().map(String::as_str)
    }

    /// The first model that took part and is not the one decided on, nor one of the others that were.
    #[must_use]
    pub fn surprise<'a>(&'a self, decided: &[&str], same: &SameModel) -> Option<&'a str> {
        let is_decided =
            |served: &&String| decided.iter().any(|decided| same.compare(decided, served).is_same());
        self.served.iter().find(|served| !is_decided(served)).map(String::as_str)
    }

    fn serve(&mut self, model: String) {
        if self.served.contains(&model) {
            return;
        }
        if !is_model_name(&model) || self.served.len() >= limits::SERVED_MODELS {
            self.has_unkept_models = true;
            return;
        }
        self.served.push(model);
    }

    fn refuse(&mut self) -> &mut RefusalDetails {
        self.refusal.get_or_insert_default()
    }
}

/// Reads an answer that comes as one JSON body, in pieces.
#[derive(Clone, Debug)]
pub struct BodyReader {
    form: Form,
    probe: Probe,
    answer: Answer,
}

impl BodyReader {
    /// For an answer of this form.
    #[must_use]
    pub fn new(form: Form) -> Self {
        Self { form, probe: Probe::default(), answer: Answer::default() }
    }

    /// Reads the next piece.
    pub fn push(&mut self, piece: &[u8]) {
        let (form, answer) = (self.form, &mut self.answer);
        self.probe.push(piece, &mut |value| ways::of_body(form, value, answer));
    }

    /// What the answer has said so far.
    #[must_use]
    pub const fn answer(&self) -> &Answer {
        &self.answer
    }
}

#[cfg(test)]
mod tests;
