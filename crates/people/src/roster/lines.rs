//! Lines of a roster: bounded, numbered, valid UTF-8.

use super::error::{Problem, RosterError};
use std::io::{BufRead, Read};
use terms::limits::ROSTER_ROW_BYTES;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads one line after the other; blank ones are passed over but counted.
pub(super) struct Lines<R> {
    input: R,
    line: u64,
    /// What follows a beginning that could have been a byte order mark.
    pending: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Begins to read, passing over a byte order mark.
    pub(super) fn new(mut input: R) -> Result<Self, RosterError> {
        let mut pending = Vec::new();
        let mut start = input.by_ref().take(u64::try_from(BOM.len()).unwrap_or(0));
        start.read_to_end(&mut pending).map_err(RosterError::unreadable)?;
        if pending == BOM {
            pending.clear();
        }
        Ok(Self { input, line: 0, pending })
    }

    /// Number of the line read last.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// The first byte, which is not consumed; `None` for an empty file.
    pub(super) fn first_byte(&mut self) -> Result<Option<u8>, RosterError> {
        if let Some(first) = self.pending.first() {
            return Ok(Some(*first));
        }
        Ok(self.input.fill_buf().map_err(RosterError::unreadable)?.first().copied())
    }

    /// The next line that is not blank, without its end; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Option<Result<String, RosterError>> {
        loop {
            let bytes = match self.read_line() {
                Ok(None) => return None,
                Ok(Some(bytes)) => bytes,
                Err(problem) => return Some(Err(RosterError { line: self.line, problem })),
            };
            match String::from_utf8(bytes) {
                Ok(text) if text.trim().is_empty() => {}
                Ok(text) => return Some(Ok(text)),
                Err(_) => return Some(Err(RosterError { line: self.line, problem: Problem::NotUtf8 })),
            }
        }
    }

    fn read_line(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        let limit = u64::try_from(ROSTER_ROW_BYTES).unwrap_or(u64::MAX).saturating_add(2);
        let begun = std::mem::take(&mut self.pending);
        let mut bytes = Vec::with_capacity(128);
        self.line = self.line.saturating_add(1);
        begun
            .as_slice()
            .chain(&mut self.input)
            .take(limit)
            .read_until(b'\n', &mut bytes)
            .map_err(|error| Problem::Unreadable(error.to_string()))?;
        self.keep_rest(&begun, &bytes);
        if bytes.is_empty() {
            return Ok(None);
        }
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        if bytes.len() > ROSTER_ROW_BYTES {
            return Err(Problem::TooLong { limit: ROSTER_ROW_BYTES });
        }
        Ok(Some(bytes))
    }

    /// A line may end inside the few bytes read in search of a byte order mark.
    fn keep_rest(&mut self, begun: &[u8], used: &[u8]) {
        if let Some(rest) = begun.get(used.len()..) {
            self.pending = rest.to_vec();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<(u64, Result<String, Problem>)> {
        let mut lines = Lines::new(input).unwrap();
        let mut read = Vec::new();
        while let Some(line) = lines.next() {
            read.push((lines.line(), line.map_err(|error| error.problem)));
        }
        read
    }

    #[test]
    fn numbers_ends_and_marks() {
        let ok = |line: u64, text: &str| (line, Ok(text.to_owned()));
        assert_eq!(lines(b"a\nb\r\n\n \r\nc"), [ok(1, "a"), ok(2, "b"), ok(5, "c")]);
        assert_eq!(lines(b"\xef\xbb\xbfa\n"), [ok(1, "a")]);
        assert_eq!(lines(b"a"), [ok(1, "a")]);
        assert_eq!(lines(b"\n\n\n\nab"), [ok(5, "ab")]);
        assert_eq!(lines(b"a\nb\nc"), [ok(1, "a"), ok(2, "b"), ok(3, "c")]);
        assert_eq!(lines(b""), []);
    }

    #[test]
    fn bad_bytes_and_long_lines_are_named() {
        assert_eq!(lines(b"a\n\xff\nb")[1], (2, Err(Problem::NotUtf8)));
        let longest = "a".repeat(ROSTER_ROW_BYTES);
        assert_eq!(lines(format!("{longest}\r\nb").as_bytes())[0], (1, Ok(longest.clone())));
        let too_long = Err(Problem::TooLong { limit: ROSTER_ROW_BYTES });
        assert_eq!(lines(format!("{longest}a\nb").as_bytes())[0], (1, too_long));
    }
}
