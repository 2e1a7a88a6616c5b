//! Reads the events of a finished stream, as a client does.

use std::borrow::Cow;

use super::lines::{cut_line, value_of};

/// One event as dispatched to a client (WHATWG HTML, 9.2.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event<'s> {
    /// The `event` field; empty when absent.
    pub name: Cow<'s, str>,
    /// The `data` fields, joined by newlines.
    pub data: Cow<'s, str>,
}

/// The events of `stream`. An event without data or without its closing blank line is none; bytes that are not UTF-8
/// become replacement characters.
pub fn events(stream: &[u8]) -> impl Iterator<Item = Event<'_>> {
    let mut rest = stream.strip_prefix(b"\xef\xbb\xbf").unwrap_or(stream);
    std::iter::from_fn(move || {
        let mut event = Building::default();
        loop {
            let line = next_line(&mut rest)?;
            if line.is_empty() {
                match std::mem::take(&mut event).finish() {
                    Some(event) => return Some(event),
                    None => continue,
                }
            }
            event.take(line);
        }
    })
}

fn next_line<'s>(rest: &mut &'s [u8]) -> Option<&'s [u8]> {
    let (line, end, tail) = cut_line(rest)?;
    *rest = if end == b'\r' { tail.strip_prefix(b"\n").unwrap_or(tail) } else { tail };
    Some(line)
}

#[derive(Default)]
struct Building<'s> {
    name: Cow<'s, str>,
    data: Option<Cow<'s, str>>,
}

impl<'s> Building<'s> {
    fn take(&mut self, line: &'s [u8]) {
        if let Some(name) = value_of(line, b"event") {
            self.name = String::from_utf8_lossy(name);
        } else if let Some(value) = value_of(line, b"data") {
            let value = String::from_utf8_lossy(value);
            match &mut self.data {
                None => self.data = Some(value),
                Some(data) => {
                    let data = data.to_mut();
                    data.push('\n');
                    data.push_str(&value);
                }
            }
        }
    }

    fn finish(self) -> Option<Event<'s>> {
        self.data.map(|data| Event { name: self.name, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stream: &str, expected: &[(&str, &str)]) {
        let read: Vec<_> = events(stream.as_bytes()).collect();
        let read: Vec<_> = read.iter().map(|e| (&*e.name, &*e.data)).collect();
        assert_eq!(read, expected, "{stream:?}");
    }

    #[test]
    fn reads_events_as_a_client_does() {
        check("event: a\r\ndata: 1\r\n\r\ndata:2\n\n", &[("a", "1"), ("", "2")]);
        check("data: 1\ndata\ndata:  3\r\r", &[("", "1\n\n 3")]);
        check("\u{feff}: hello\n\nevent: x\n\ndata: 1\n\n", &[("", "1")]);
        check("data: 1\n\ndata: lost", &[("", "1")]);
        check("datax: 1\n\n", &[]);
    }
}
