//! The practice model: deterministic answers in both dialects, for drills, tests and first steps without a provider.
//!
//! A caller sets its pace and length with the optional body member `practice`, and can check what it received against
//! [`full_text`] with [`read_text`].

mod frames;
mod reading;

use serde::Deserialize;

use crate::limits;
pub use frames::{Frames, frames, whole};
pub use reading::{StreamReading, Terminal, read_text};

/// What the practice model is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PracticeRequest {
    /// The model named in the request, repeated in the answer.
    pub model: String,
    /// Whether a streamed answer is asked for.
    pub stream: bool,
    /// Whether an OpenAI stream ends with a usage chunk (`stream_options.include_usage`).
    pub include_usage: bool,
    /// Text chunks to send.
    pub chunks: u32,
    /// Pause between two chunks, in milliseconds.
    pub interval_ms: u32,
    /// Pause before the first byte, in milliseconds.
    pub delay_ms: u32,
    /// The text of the answer and its ids follow from this.
    pub seed: String,
}

/// The body cannot be used; the caller mends it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PracticeError {
    /// Not JSON, or a member of the wrong type.
    #[error("the body cannot be read: {0}")]
    Unreadable(String),
    /// A value beyond its bound.
    #[error("practice.{member} is out of bounds: at most {most}")]
    OutOfBounds {
        /// The member at fault.
        member: &'static str,
        /// The greatest value served.
        most: u32,
    },
    /// A seed that is not made of ASCII letters, digits, `.`, `_` and `-`, or is empty or too long.
    #[error("practice.seed must be 1 to {} of A-Z a-z 0-9 . _ -", limits::PRACTICE_SEED_BYTES)]
    SeedInvalid,
}

#[derive(Deserialize)]
struct BodyIn {
    model: String,
    stream: Option<bool>,
    stream_options: Option<StreamOptionsIn>,
    practice: Option<PracticeIn>,
}

#[derive(Default, Deserialize)]
struct StreamOptionsIn {
    include_usage: Option<bool>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PracticeIn {
    chunks: u32,
    interval_ms: u32,
    delay_ms: u32,
    seed: String,
}

impl Default for PracticeIn {
    fn default() -> Self {
        Self { chunks: 24, interval_ms: 40, delay_ms: 0, seed: "practice".into() }
    }
}

impl PracticeRequest {
    /// Reads a request body of either dialect. Absent members mean 24 chunks, 40 ms apart, at once, seed `practice`.
    ///
    /// # Errors
    /// [`PracticeError`] when the body is not usable or a value is out of bounds.
    pub fn from_body(body: &[u8]) -> Result<Self, PracticeError> {
        let body: BodyIn =
            serde_json::from_slice(body).map_err(|error| PracticeError::Unreadable(error.to_string()))?;
        let practice = body.practice.unwrap_or_default();
        at_most("chunks", practice.chunks, limits::PRACTICE_CHUNKS_MAX)?;
        at_most("interval_ms", practice.interval_ms, limits::PRACTICE_INTERVAL_MS_MAX)?;
        at_most("delay_ms", practice.delay_ms, limits::PRACTICE_DELAY_MS_MAX)?;
        if !is_seed(&practice.seed) {
            return Err(PracticeError::SeedInvalid);
        }
        Ok(Self {
            model: body.model,
            stream: body.stream.unwrap_or_default(),
            include_usage: body.stream_options.and_then(|o| o.include_usage).unwrap_or_default(),
            chunks: practice.chunks,
            interval_ms: practice.interval_ms,
            delay_ms: practice.delay_ms,
            seed: practice.seed,
        })
    }
}

fn at_most(member: &'static str, value: u32, most: u32) -> Result<(), PracticeError> {
    if value <= most { Ok(()) } else { Err(PracticeError::OutOfBounds { member, most }) }
}

fn is_seed(seed: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    !seed.is_empty() && seed.len() <= limits::PRACTICE_SEED_BYTES && seed.bytes().all(plain)
}

/// The text of chunk `index`, counted from 0.
///
/// ```
/// assert_eq!(wire::practice::chunk_text("drill", 17), "drill-00017 ");
/// ```
#[must_use]
pub fn chunk_text(seed: &str, index: u32) -> String {
    format!("{seed}-{index:05} ")
}

/// The text of the first `chunks` chunks.
#[must_use]
pub fn full_text(seed: &str, chunks: u32) -> String {
    (0..chunks).map(|index| chunk_text(seed, index)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dialect::Dialect, ending::cut_event, lang::Lang, refusal::Refusal, sse::Splitter};

    const DIALECTS: [Dialect; 2] = [Dialect::OpenAi, Dialect::Anthropic];

    fn request(practice: &str) -> Result<PracticeRequest, PracticeError> {
        PracticeRequest::from_body(
            format!(r#"{{"model":"practice-1","stream":true,"practice":{practice}}}"#).as_bytes(),
        )
    }

    #[test]
    fn reads_its_member_within_bounds() {
        let plain = PracticeRequest::from_body(br#"{"model":"p","messages":[]}"#).unwrap();
        assert_eq!((plain.chunks, plain.interval_ms, plain.delay_ms), (24, 40, 0));
        assert_eq!((&*plain.seed, plain.stream, plain.include_usage), ("practice", false, false));
        let set = request(r#"{"chunks":3,"interval_ms":0,"seed":"a.b-c_1","delay_ms":5}"#).unwrap();
        assert_eq!((set.chunks, set.interval_ms, set.delay_ms, &*set.seed), (3, 0, 5, "a.b-c_1"));
        assert_eq!(
            request(r#"{"chunks":100001}"#),
            Err(PracticeError::OutOfBounds { member: "chunks", most: 100_000 })
        );
        assert_eq!(request(r#"{"seed":"a\nb"}"#), Err(PracticeError::SeedInvalid));
        assert_eq!(request(r#"{"seed":""}"#), Err(PracticeError::SeedInvalid));
        for wrong in [r#"{"chunks":-1}"#, r#"{"chunk":1}"#, r#"{"chunks":"3"}"#, "7"] {
            assert!(matches!(request(wrong), Err(PracticeError::Unreadable(_))), "{wrong}");
        }
    }

    #[test]
    fn a_whole_stream_reads_back_as_its_text() {
        let asked = request(r#"{"chunks":40,"seed":"drill"}"#).unwrap();
        for dialect in DIALECTS {
            let stream: Vec<u8> = frames(dialect, &asked, 0).flatten().collect();
            let reading = read_text(dialect, &stream);
            let expected =
                StreamReading { text: full_text("drill", 40), chunks: 40, terminal: Terminal::Completed };
            assert_eq!(reading, expected);
        }
    }

    #[test]
    fn every_frame_is_whole_events() {
        let asked = request(r#"{"chunks":2}"#).unwrap();
        for dialect in DIALECTS {
            let mut splitter = Splitter::new();
            for frame in frames(dialect, &asked, 0) {
                assert!(!splitter.last_event_is_terminal(dialect));
                assert_eq!(splitter.push(frame.clone()), frame);
            }
            assert!(splitter.last_event_is_terminal(dialect));
        }
    }

    #[test]
    fn a_cut_stream_reads_as_cut_and_a_torn_one_as_broken() {
        let asked = request(r#"{"chunks":9,"seed":"s"}"#).unwrap();
        let refusal = Refusal::new(crate::code::Code::LegalRestriction, "r-1");
        for (dialect, opening) in DIALECTS.into_iter().zip([1, 2]) {
            let mut stream: Vec<u8> = frames(dialect, &asked, 0).take(opening + 4).flatten().collect();
            assert_eq!(read_text(dialect, &stream).terminal, Terminal::Broken);
            stream.extend(cut_event(&refusal, dialect, Lang::En));
            let reading = read_text(dialect, &stream);
            assert_eq!((reading.text, reading.chunks), (full_text("s", 4), 4));
            let cut = matches!(&reading.terminal, Terminal::CutWithError { code, .. } if code == "legal_restriction");
            assert!(cut, "{:?}", reading.terminal);
        }
    }

    #[test]
    fn no_chunks_is_an_empty_answer() {
        let asked = request(r#"{"chunks":0}"#).unwrap();
        for dialect in DIALECTS {
            let stream: Vec<u8> = frames(dialect, &asked, 0).flatten().collect();
            let reading = read_text(dialect, &stream);
            assert_eq!((&*reading.text, reading.chunks, reading.terminal), ("", 0, Terminal::Completed));
        }
    }
}
