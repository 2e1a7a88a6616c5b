//! What one client received, and when.

use wire::{
    dialect::Dialect,
    practice::{Terminal, read_text},
    sse::events,
};

/// Bytes of one answer that are kept; more is a fault.
pub(super) const ANSWER_BYTES: usize = 32 << 20;

/// An answer as it came in. Instants are microseconds since 1970-01-01T00:00:00Z by this process's clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Received {
    /// HTTP status and the instant of the head.
    pub(super) head: Option<(u16, i64)>,
    /// The `Douane-Receipt` header.
    pub(super) receipt: Option<String>,
    /// The body so far.
    pub(super) body: Vec<u8>,
    /// How far the body had come at each read, and when.
    pub(super) reads: Vec<(usize, i64)>,
    /// How the connection ended.
    pub(super) end: End,
}

/// How the receiving of one answer ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum End {
    /// It has not.
    #[default]
    Open,
    /// With the last byte of a well-formed HTTP message.
    Clean,
    /// In the middle of one.
    Torn(String),
    /// Through a fault on this side: no connection, no time left, no room.
    Harness(String),
}

impl Received {
    /// Takes the bytes of one read.
    pub(super) fn take(&mut self, bytes: &[u8], at_us: i64) {
        self.body.extend_from_slice(bytes);
        self.reads.push((self.body.len(), at_us));
    }

    pub(super) fn status(&self) -> Option<u16> {
        self.head.map(|(status, _)| status)
    }

    /// When the byte before this offset had come in.
    fn at_us(&self, offset: usize) -> Option<i64> {
        let read = self.reads.partition_point(|(end, _)| *end < offset);
        self.reads.get(read).map(|(_, at_us)| *at_us)
    }

    /// When the last byte of any kind came in.
    pub(super) fn last_byte_us(&self) -> Option<i64> {
        self.reads.last().map(|(_, at_us)| *at_us)
    }
}

/// A streamed answer, read as a client of its dialect reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// The text up to the end mark or first error.
    pub(super) text: String,
    /// How the stream ended.
    pub(super) terminal: Terminal,
    /// Whether events follow the end mark or the error.
    pub(super) goes_on_after_end: bool,
    /// When the last event with text was complete, also one after the end.
    pub(super) last_content_us: Option<i64>,
    /// When the end mark or the error was complete.
    pub(super) ended_us: Option<i64>,
}

impl Seen {
    pub(super) fn of(dialect: Dialect, received: &Received) -> Self {
        let reading = read_text(dialect, &received.body);
        let mut seen = Self {
            text: reading.text,
            terminal: reading.terminal,
            goes_on_after_end: false,
            last_content_us: None,
            ended_us: None,
        };
        for (piece, end) in pieces(&received.body) {
            seen.take(dialect, piece, received.at_us(end));
        }
        seen
    }

    fn take(&mut self, dialect: Dialect, piece: &[u8], at_us: Option<i64>) {
        // Comments and blank lines are no events and reach no client.
        if events(piece).next().is_none() {
            return;
        }
        self.goes_on_after_end |= self.ended_us.is_some();
        let reading = read_text(dialect, piece);
        if reading.chunks > 0 {
            self.last_content_us = at_us;
        }
        if reading.terminal != Terminal::Broken && self.ended_us.is_none() {
            self.ended_us = at_us;
        }
    }
}

/// The events of a stream as bytes, each with the offset behind it. The practice model and the cut both end an event
/// with two line feeds; what is framed otherwise stays together and is dated by its last byte.
fn pieces(body: &[u8]) -> impl Iterator<Item = (&[u8], usize)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = body.get(from..).filter(|rest| !rest.is_empty())?;
        let edge = rest.windows(2).position(|pair| pair == b"\n\n");
        let piece = edge.and_then(|at| rest.get(..at + 2)).unwrap_or(rest);
        from += piece.len();
        Some((piece, from))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(reads: &[(&str, i64)]) -> Received {
        let mut received = Received::default();
        for (text, at_us) in reads {
            received.take(text.as_bytes(), *at_us);
        }
        received
    }

    fn text(word: &str) -> String {
        format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{word}\"}}}}]}}\n\n")
    }

    #[test]
    fn an_event_is_dated_by_the_read_that_completes_it() {
        let (a, b) = (text("a"), text("b"));
        let (head, tail) = b.split_at(10);
        let received = received(&[(&a, 1), (head, 2), (tail, 3), ("data: [DONE]\n\n", 4)]);
        let seen = Seen::of(Dialect::OpenAi, &received);
        assert_eq!((&*seen.text, seen.terminal), ("ab", Terminal::Completed));
        assert_eq!((seen.last_content_us, seen.ended_us), (Some(3), Some(4)));
        assert_eq!(received.last_byte_us(), Some(4));
    }

    #[test]
    fn text_after_the_end_is_seen() {
        let error = "data: {\"error\":{\"message\":\"m\",\"code\":\"c\"}}\n\n";
        let seen = Seen::of(Dialect::OpenAi, &received(&[(&text("a"), 1), (error, 2), (&text("b"), 3)]));
        assert_eq!((&*seen.text, seen.goes_on_after_end), ("a", true));
        assert_eq!((seen.last_content_us, seen.ended_us), (Some(3), Some(2)));
        let together = format!("{error}{}", text("b"));
        let seen = Seen::of(Dialect::OpenAi, &received(&[(&together, 5)]));
        assert!(seen.goes_on_after_end && seen.last_content_us == Some(5));
    }

    #[test]
    fn comments_are_no_events() {
        let seen = Seen::of(Dialect::OpenAi, &received(&[("data: [DONE]\n\n", 1), (": bye\n\n\n", 2)]));
        assert_eq!((seen.goes_on_after_end, seen.ended_us), (false, Some(1)));
    }

    #[test]
    fn a_torn_event_ends_nothing() {
        let seen = Seen::of(Dialect::OpenAi, &received(&[(&text("a"), 1), ("data: [DONE]", 2)]));
        assert_eq!((seen.terminal, seen.ended_us), (Terminal::Broken, None));
    }
}
