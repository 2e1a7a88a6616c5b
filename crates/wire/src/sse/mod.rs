//! Server-sent events: cutting a stream at event edges without changing a byte, and reading a finished one.
//!
//! An *edge* is a place where another event may be written: the start, and the start of any line with no unfinished
//! field lines before it (WHATWG HTML, 9.2.5 and 9.2.6). Comment lines do not make an event unfinished.

mod lines;
mod read;

use bytes::{Bytes, BytesMut};

use crate::{
    dialect::{Dialect, Form},
    limits,
};
use lines::Lines;
pub(crate) use lines::cut_line;
pub use read::{Event, events};

/// Splits a byte stream at event edges. Never loses, adds or reorders a byte: what [`push`](Self::push) and
/// [`finish`](Self::finish) return, joined, is what went in.
///
/// ```
/// use bytes::Bytes;
/// let mut splitter = wire::sse::Splitter::new();
/// assert_eq!(splitter.push(Bytes::from_static(b"data: 1\n\ndata: 2")), "data: 1\n\n");
/// assert_eq!(splitter.push(Bytes::from_static(b"\n\n")), "data: 2\n\n");
/// assert_eq!(splitter.events_seen(), 2);
/// assert_eq!(splitter.finish(), "");
/// ```
#[derive(Debug)]
pub struct Splitter {
    held: BytesMut,
    hold_limit_bytes: usize,
    mid_event: bool,
    lines: Lines,
}

impl Default for Splitter {
    fn default() -> Self {
        Self::new()
    }
}

impl Splitter {
    /// A splitter that holds at most [`limits::HELD_EVENT_BYTES`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_hold_limit(limits::HELD_EVENT_BYTES)
    }

    /// A splitter that holds at most `hold_limit_bytes` of one unfinished event.
    #[must_use]
    pub fn with_hold_limit(hold_limit_bytes: usize) -> Self {
        Self { held: BytesMut::new(), hold_limit_bytes, mid_event: false, lines: Lines::default() }
    }

    /// Takes the next bytes and returns what may go on, which ends at an edge unless [`at_edge`](Self::at_edge) says
    /// otherwise. A chunk that ends at an edge comes back without a copy; empty means that everything is held.
    #[must_use]
    pub fn push(&mut self, mut chunk: Bytes) -> Bytes {
        let edge = self.lines.scan(&chunk);
        let rest = match edge {
            Some(at) => chunk.split_off(at.min(chunk.len())),
            None => std::mem::take(&mut chunk),
        };
        let ready = if edge.is_some() { self.released(chunk) } else { chunk };
        self.mid_event &= edge.is_none();
        if rest.is_empty() || !self.overflows(rest.len()) {
            self.held.extend_from_slice(&rest);
            return ready;
        }
        self.mid_event = true;
        let passed = self.released(rest);
        joined(ready, passed)
    }

    /// The bytes still held, to be sent on when the stream has ended by itself and dropped when it is cut.
    #[must_use]
    pub fn finish(&mut self) -> Bytes {
        self.mid_event |= !self.held.is_empty();
        self.held.split().freeze()
    }

    /// Whether everything returned so far ends at an edge, so that an event of ours may follow it. `false` only within
    /// an event that outgrew the hold limit: then a cut must close the connection instead.
    #[must_use]
    pub const fn at_edge(&self) -> bool {
        !self.mid_event
    }

    /// Whether an event outgrew the hold limit and is being passed in parts.
    #[must_use]
    pub const fn mid_event(&self) -> bool {
        self.mid_event
    }

    /// Finished events so far that a client would see, that is, those with a `data` field.
    #[must_use]
    pub const fn events_seen(&self) -> u64 {
        self.lines.events()
    }

    /// Bytes held back now.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.held.len()
    }

    /// Whether the last finished event ends an answer of this dialect (`data: [DONE]`, `event: response.completed`,
    /// `response.incomplete`, `response.failed` or `response.cancelled`, `event: message_stop`), so that a cut after it takes
    /// nothing from anybody.
    #[must_use]
    pub fn last_event_is_terminal(&self, dialect: Dialect) -> bool {
        self.lines.last_terminal().is_some_and(|form| form.dialect() == dialect)
    }

    /// The same for one form, where a gateway knows the route.
    #[must_use]
    pub fn last_event_ends(&self, form: Form) -> bool {
        self.lines.last_terminal() == Some(form)
    }

    fn overflows(&self, more: usize) -> bool {
        self.mid_event || self.held.len().saturating_add(more) > self.hold_limit_bytes
    }

    fn released(&mut self, next: Bytes) -> Bytes {
        if self.held.is_empty() {
            return next;
        }
        self.held.extend_from_slice(&next);
        self.held.split().freeze()
    }
}

fn joined(first: Bytes, second: Bytes) -> Bytes {
    if first.is_empty() {
        return second;
    }
    [first, second].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(splitter: &mut Splitter, text: &str) -> String {
        String::from_utf8(splitter.push(Bytes::copy_from_slice(text.as_bytes())).to_vec()).unwrap()
    }

    fn check(chunks: &[&str], expected: &[&str], rest: &str) {
        let mut splitter = Splitter::new();
        let out: Vec<_> = chunks.iter().map(|chunk| push(&mut splitter, chunk)).collect();
        assert_eq!(out, expected, "{chunks:?}");
        assert_eq!(splitter.finish(), rest, "{chunks:?}");
    }

    #[test]
    fn holds_until_the_edge() {
        check(&["data: 1\n\n"], &["data: 1\n\n"], "");
        check(&["data: 1\n", "\n"], &["", "data: 1\n\n"], "");
        check(&["data: 1\n\ndata", ": 2\n\nda"], &["data: 1\n\n", "data: 2\n\n"], "da");
        check(&["event: a\ndata: 1\n", "id: 2\n\n"], &["", "event: a\ndata: 1\nid: 2\n\n"], "");
    }

    #[test]
    fn all_line_ends_are_alike() {
        check(
            &["data: 1\r\n\r\n", "data: 2\r\r", "data: 3\r\n\n"],
            &["data: 1\r\n\r\n", "data: 2\r\r", "data: 3\r\n\n"],
            "",
        );
        check(&["data: 1\r", "\n\r", "\ndata: 2\r"], &["", "data: 1\r\n\r", "\n"], "data: 2\r");
        check(&["data: 1\r", "\n", "data: 2\n\n"], &["", "", "data: 1\r\ndata: 2\n\n"], "");
        check(&["data: \u{2028}\u{85}\n", "\n"], &["", "data: \u{2028}\u{85}\n\n"], "");
    }

    #[test]
    fn comments_and_blank_lines_are_edges() {
        check(&[": ping\n", "\n", "\n\n"], &[": ping\n", "\n", "\n\n"], "");
        check(&["data: 1\n: ping\n", "\n"], &["", "data: 1\n: ping\n\n"], "");
    }

    #[test]
    fn byte_order_mark_is_no_field() {
        check(&["\u{feff}", "\n"], &["", "\u{feff}\n"], "");
        check(&["\u{feff}: x\n"], &["\u{feff}: x\n"], "");
        check(&["\n\u{feff}\n"], &["\n"], "\u{feff}\n");
    }

    #[test]
    fn whole_chunks_are_not_copied() {
        let mut splitter = Splitter::new();
        let chunk = Bytes::from_static(b"data: 1\n\ndata: 2\n\n");
        assert_eq!(splitter.push(chunk.clone()).as_ptr(), chunk.as_ptr());
    }

    #[test]
    fn passes_what_outgrows_the_hold() {
        let mut splitter = Splitter::with_hold_limit(8);
        assert_eq!(push(&mut splitter, "data: 12"), "");
        assert!(splitter.at_edge());
        assert_eq!(push(&mut splitter, "3"), "data: 123");
        assert!(!splitter.at_edge() && splitter.mid_event());
        assert_eq!(push(&mut splitter, "4\n"), "4\n");
        assert_eq!(push(&mut splitter, "\ndata"), "\n");
        assert!(splitter.at_edge());
        assert_eq!(splitter.held_bytes(), 4);
        assert_eq!(push(&mut splitter, ": 5\n\nlonger than eight"), "data: 5\n\nlonger than eight");
        assert!(!splitter.at_edge());
        assert_eq!(splitter.events_seen(), 2);
    }

    #[test]
    fn knows_the_terminal_event() {
        let terminal = |text: &str| {
            let mut splitter = Splitter::new();
            for byte in text.bytes() {
                let _ = splitter.push(Bytes::copy_from_slice(&[byte]));
            }
            (
                splitter.last_event_is_terminal(Dialect::OpenAi),
                splitter.last_event_is_terminal(Dialect::Anthropic),
            )
        };
        assert_eq!(terminal("data: 1\n\ndata: [DONE]\n\n"), (true, false));
        assert_eq!(terminal("data:[DONE]\r\n\r\n: bye\n\n"), (true, false));
        assert_eq!(terminal("data: [DONE]\n"), (false, false));
        assert_eq!(terminal("data: [DONE]\n\ndata: 1\n\n"), (false, false));
        assert_eq!(terminal("data: x[DONE]\n\n"), (false, false));
        assert_eq!(terminal("event: message_stop\ndata: {}\n\n"), (false, true));
        assert_eq!(terminal("event: message_stopped\ndata: {}\n\n"), (false, false));
        assert_eq!(terminal("event: message_stop\nevent: ping\ndata: {}\n\n"), (false, false));
        assert_eq!(terminal("event: message_stop\n\n"), (false, false));
        for end in ["completed", "incomplete", "failed", "cancelled"] {
            assert_eq!(terminal(&format!("event: response.{end}\ndata: {{}}\n\n")), (true, false));
            assert_eq!(
                terminal(&format!("\u{feff}data: {{\"type\":\"response.{end}\",\"x\":1}}\n\n")),
                (true, false)
            );
        }
        assert_eq!(terminal("event: response.completed.x\ndata: {}\n\n"), (false, false));
        assert_eq!(terminal("event: response.in_progress\ndata: {}\n\n"), (false, false));
    }

    #[test]
    fn the_remainder_of_a_broken_stream_is_no_edge() {
        let mut splitter = Splitter::new();
        let _ = push(&mut splitter, "data: 1");
        assert_eq!(splitter.finish(), "data: 1");
        assert!(!splitter.at_edge());
    }
}
