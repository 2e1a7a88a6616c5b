//! The line scanner: how far the stream has come, without keeping more than the head of one line.

use crate::dialect::Form;

/// Enough of a line to recognise the events that end an answer behind a byte order mark.
const HEAD_BYTES: usize = 48;

/// How a streamed response ends, by name and, for makers that send no names, by the beginning of its data.
const RESPONSE_ENDS: [(&[u8], &[u8]); 4] = [
    (b"response.completed", br#"{"type":"response.completed""#),
    (b"response.incomplete", br#"{"type":"response.incomplete""#),
    (b"response.failed", br#"{"type":"response.failed""#),
    (b"response.cancelled", br#"{"type":"response.cancelled""#),
];
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

#[derive(Debug)]
pub(super) struct Lines {
    head: [u8; HEAD_BYTES],
    line_bytes: usize,
    later_line: bool,
    after_cr: bool,
    unfinished: Option<Unfinished>,
    events: u64,
    last_terminal: Option<Form>,
}

/// What is known of the event whose field lines are coming in.
#[derive(Clone, Copy, Debug, Default)]
struct Unfinished {
    has_data: bool,
    terminal: Option<Form>,
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            head: [0; HEAD_BYTES],
            line_bytes: 0,
            later_line: false,
            after_cr: false,
            unfinished: None,
            events: 0,
            last_terminal: None,
        }
    }
}

impl Lines {
    pub(super) const fn events(&self) -> u64 {
        self.events
    }

    pub(super) const fn last_terminal(&self) -> Option<Form> {
        self.last_terminal
    }

    /// Reads the next bytes; returns the offset behind the last edge among them.
    pub(super) fn scan(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut edge = None;
        let mut rest = bytes;
        while let Some(first) = rest.first() {
            if std::mem::take(&mut self.after_cr) && *first == b'\n' {
                rest = rest.get(1..).unwrap_or_default();
            } else {
                let Some((line, end, tail)) = cut_line(rest) else {
                    self.grow(rest);
                    break;
                };
                self.grow(line);
                self.end_line();
                self.after_cr = end == b'\r';
                rest = tail;
            }
            if self.unfinished.is_none() {
                edge = Some(bytes.len().saturating_sub(rest.len()));
            }
        }
        edge
    }

    fn grow(&mut self, bytes: &[u8]) {
        for (slot, byte) in self.head.iter_mut().skip(self.line_bytes).zip(bytes) {
            *slot = *byte;
        }
        self.line_bytes = self.line_bytes.saturating_add(bytes.len());
    }

    fn end_line(&mut self) {
        let head = self.head.get(..self.line_bytes).unwrap_or(&self.head);
        let line = if self.later_line { head } else { head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head) };
        match line.first() {
            None => self.end_event(),
            Some(b':') => {}
            Some(_) => self.unfinished = Some(self.unfinished.unwrap_or_default().with_field(line)),
        }
        self.line_bytes = 0;
        self.later_line = true;
    }

    fn end_event(&mut self) {
        if let Some(event) = self.unfinished.take()
            && event.has_data
        {
            self.events = self.events.saturating_add(1);
            self.last_terminal = event.terminal;
        }
    }
}

impl Unfinished {
    fn with_field(mut self, line: &[u8]) -> Self {
        if let Some(name) = value_of(line, b"event") {
            self.terminal = match name {
                b"message_stop" => Some(Form::Messages),
                _ => RESPONSE_ENDS.iter().any(|(end, _)| *end == name).then_some(Form::Responses),
            };
        } else if let Some(data) = value_of(line, b"data") {
            // Clients take an event for the end by the start of its data.
            if !self.has_data && data.starts_with(b"[DONE]") {
                self.terminal = Some(Form::Chat);
            } else if !self.has_data && RESPONSE_ENDS.iter().any(|(_, start)| data.starts_with(start)) {
                self.terminal = Some(Form::Responses);
            }
            self.has_data = true;
        }
        self
    }
}

/// The value of a field line of this name: what follows the colon and one optional space (WHATWG HTML, 9.2.6).
pub(super) fn value_of<'l>(line: &'l [u8], field: &[u8]) -> Option<&'l [u8]> {
    match line.strip_prefix(field)? {
        [] => Some(&[]),
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        _ => None,
    }
}

/// The first line, the byte that ends it, and what follows; `None` while it has no end.
pub(crate) fn cut_line(bytes: &[u8]) -> Option<(&[u8], u8, &[u8])> {
    let (line, tail) = bytes.split_at_checked(line_end(bytes)?)?;
    let (end, tail) = tail.split_first()?;
    Some((line, *end, tail))
}

/// Blocks of fixed size let the compiler compare many bytes at once.
fn line_end(bytes: &[u8]) -> Option<usize> {
    let is_end = |byte: &u8| *byte == b'\n' || *byte == b'\r';
    let block =
        bytes.chunks(32).position(|block| block.iter().fold(false, |found, byte| found | is_end(byte)))?;
    let before = block.saturating_mul(32);
    bytes.get(before..)?.iter().position(is_end).map(|at| before.saturating_add(at))
}
