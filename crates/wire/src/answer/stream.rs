//! Reads the events of a streamed answer as they pass by.

use super::{Answer, ways};
use crate::{dialect::Form, json::probe::Probe, sse::cut_line};

/// Reads an answer that comes as server-sent events, in pieces torn anywhere. Feed it with what is passed on.
#[derive(Clone, Debug)]
pub struct StreamReader {
    form: Form,
    probe: Probe,
    answer: Answer,
    line: Line,
    after_cr: bool,
    has_data: bool,
}

/// What the line that is coming in is.
#[derive(Clone, Copy, Debug)]
enum Line {
    /// Its beginning, too short to tell.
    Beginning([u8; 6], usize),
    /// Of the field `data`.
    Data,
    /// Anything else.
    Other,
}

const BEGINNING: Line = Line::Beginning([0; 6], 0);

impl StreamReader {
    /// For a stream of this form.
    #[must_use]
    pub fn new(form: Form) -> Self {
        Self {
            form,
            probe: Probe::default(),
            answer: Answer::default(),
            line: BEGINNING,
            after_cr: false,
            has_data: false,
        }
    }

    /// What the stream has said so far.
    #[must_use]
    pub const fn answer(&self) -> &Answer {
        &self.answer
    }

    /// Reads the next piece.
    pub fn push(&mut self, piece: &[u8]) {
        let mut rest = piece;
        while let Some(first) = rest.first() {
            if std::mem::take(&mut self.after_cr) && *first == b'\n' {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            let Some((line, end, tail)) = cut_line(rest) else {
                self.grow(rest);
                return;
            };
            self.grow(line);
            self.end_line();
            self.after_cr = end == b'\r';
            rest = tail;
        }
    }

    fn grow(&mut self, mut bytes: &[u8]) {
        while let (Line::Beginning(head, length), Some((first, rest))) = (self.line, bytes.split_first()) {
            self.line = begun(head, length, *first);
            // The first byte of a value without a space before it belongs to the value.
            if matches!(self.line, Line::Data) {
                self.begin_data();
                if *first == b' ' {
                    bytes = rest;
                }
                break;
            }
            bytes = rest;
        }
        if matches!(self.line, Line::Data) {
            self.read(bytes);
        }
    }

    fn begin_data(&mut self) {
        if std::mem::replace(&mut self.has_data, true) {
            self.read(b"\n");
        }
    }

    fn read(&mut self, data: &[u8]) {
        let (form, answer) = (self.form, &mut self.answer);
        self.probe.push(data, &mut |value| ways::of_event(form, value, answer));
    }

    fn end_line(&mut self) {
        if matches!(self.line, Line::Beginning(_, 0)) {
            self.probe = Probe::default();
            self.has_data = false;
        }
        self.line = BEGINNING;
    }
}

/// What a line is after its next byte. Behind `data:` one more byte is looked at, which may be a space.
fn begun(mut head: [u8; 6], length: usize, next: u8) -> Line {
    if length == 5 && head.starts_with(b"data:") {
        return Line::Data;
    }
    // A byte order mark is no part of the first line.
    if length == 3 && head.starts_with(b"\xef\xbb\xbf") {
        return begun([0; 6], 0, next);
    }
    if let Some(slot) = head.get_mut(length) {
        *slot = next;
    }
    let length = length.saturating_add(1);
    let read = head.get(..length).unwrap_or_default();
    if b"data:".starts_with(read) || b"\xef\xbb\xbf".starts_with(read) {
        Line::Beginning(head, length)
    } else {
        Line::Other
    }
}
