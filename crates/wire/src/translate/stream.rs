//! A streamed answer, translated event by event as it comes.

use bytes::{Bytes, BytesMut};
use serde_json::Value;

use super::{
    TranslateError, Translation,
    errors::{error_object, status_of},
    fields::Fields,
    to_chunks::ToChunks,
    to_events::ToEvents,
    unreadable,
};
use crate::{
    dialect::Dialect,
    limits,
    sse::{Event, Splitter, events},
};

/// Translates a stream: push bytes as they come, send on what is returned. Keeps no more than one unfinished event.
///
/// ```
/// use bytes::Bytes;
/// use wire::{dialect::Dialect, translate::StreamTranslator};
/// let mut translator = StreamTranslator::new(Dialect::Anthropic, false, 0);
/// let chunk = br#"data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}"#;
/// assert_eq!(translator.push(Bytes::from_static(chunk))?, "");
/// let events = translator.push(Bytes::from_static(b"\n\n"))?;
/// assert!(events.starts_with(b"event: message_start\n"));
/// # Ok::<(), wire::translate::TranslateError>(())
/// ```
#[derive(Debug)]
pub struct StreamTranslator {
    to: Dialect,
    splitter: Splitter,
    is_first: bool,
    has_ended: bool,
    failed: Option<TranslateError>,
    writer: Writer,
}

#[derive(Debug)]
enum Writer {
    Chunks(ToChunks),
    Events(ToEvents),
}

impl StreamTranslator {
    /// For a caller of dialect `to`. `include_usage`: the caller of chat completions wants token counts at the end.
    /// `created_unix_s`: the time of the answer, in seconds since 1970, which only chat completions state.
    #[must_use]
    pub fn new(to: Dialect, include_usage: bool, created_unix_s: u64) -> Self {
        let writer = match to {
            Dialect::OpenAi => Writer::Chunks(ToChunks::new(include_usage, created_unix_s)),
            Dialect::Anthropic => Writer::Events(ToEvents::default()),
        };
        let splitter = Splitter::with_hold_limit(limits::TRANSLATED_EVENT_BYTES);
        Self { to, splitter, is_first: true, has_ended: false, failed: None, writer }
    }

    /// Takes the next bytes of the upstream and returns the events they complete, which end at an edge.
    ///
    /// # Errors
    /// [`TranslateError`] when an event cannot be carried. What came before it was returned by then: the stream is to be
    /// ended with an error event of the caller's dialect.
    pub fn push(&mut self, piece: Bytes) -> Translation<Bytes> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let whole = self.splitter.push(piece);
        let mut out = BytesMut::new();
        let read = if self.splitter.mid_event() {
            Err(TranslateError::TooLong)
        } else {
            self.whole(&whole, &mut out)
        };
        self.failed = read.err();
        match &self.failed {
            Some(error) if out.is_empty() => Err(error.clone()),
            _ => Ok(out.freeze()),
        }
    }

    fn whole(&mut self, whole: &[u8], out: &mut BytesMut) -> Translation<()> {
        // A byte order mark is one at the beginning of the stream only.
        let is_first = self.is_first;
        self.is_first &= whole.is_empty();
        let is_marked = !is_first && whole.starts_with(b"\xef\xbb\xbf");
        let unmarked = if is_marked { [b"\n", whole].concat() } else { Vec::new() };
        for event in events(if is_marked { &unmarked } else { whole }) {
            if self.has_ended {
                break;
            }
            self.event(&event, out)?;
        }
        Ok(())
    }

    /// The upstream has ended.
    ///
    /// # Errors
    /// [`TranslateError::BrokenOff`] when it did so without its end mark, or the error met before. No end mark is made up
    /// for the caller.
    pub fn finish(&self) -> Translation<()> {
        match &self.failed {
            Some(error) => Err(error.clone()),
            None if self.has_ended => Ok(()),
            None => Err(TranslateError::BrokenOff),
        }
    }

    fn event(&mut self, event: &Event<'_>, out: &mut BytesMut) -> Translation<()> {
        if matches!(self.writer, Writer::Events(_)) && event.data.starts_with("[DONE]") {
            self.has_ended = true;
            return self.end(out);
        }
        let Ok(data) = serde_json::from_str::<Value>(&event.data) else { return unreadable("data") };
        if let Some(error) = data.get("error").filter(|error| error.is_object()) {
            self.has_ended = true;
            self.write_error(error, out);
            return Ok(());
        }
        let fields = Fields::of(data, "")?;
        match &mut self.writer {
            Writer::Chunks(chunks) => self.has_ended = chunks.event(fields, out)?,
            Writer::Events(events) => events.chunk(fields, out)?,
        }
        Ok(())
    }

    fn end(&mut self, out: &mut BytesMut) -> Translation<()> {
        match &mut self.writer {
            Writer::Events(events) => events.end(out),
            Writer::Chunks(_) => Ok(()),
        }
    }

    fn write_error(&self, error: &Value, out: &mut BytesMut) {
        let words = error.get("message").and_then(Value::as_str).unwrap_or_default();
        let object = error_object(self.to, status_of(error), words, error);
        let name = if self.to == Dialect::Anthropic { "error" } else { "" };
        write_event(name, &object, out);
    }
}

/// One event; JSON holds no line ends.
pub(super) fn write_event(name: &str, data: &Value, out: &mut BytesMut) {
    if !name.is_empty() {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\n");
    }
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(&crate::problem::json_bytes(data));
    out.extend_from_slice(b"\n\n");
}
