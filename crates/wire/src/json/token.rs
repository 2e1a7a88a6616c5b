//! Strings and numbers, byte by byte.

use std::{borrow::Cow, ops::Range};

use crate::limits;

/// A string of the text: what stands between its quotes, and where the quotes stand.
#[derive(Clone, Debug)]
pub(crate) struct Text<'b> {
    inside: &'b str,
    escaped: bool,
    /// Of the whole token, quotes included.
    pub(crate) range: Range<usize>,
}

impl<'b> Text<'b> {
    /// What the string says.
    #[inline]
    pub(crate) fn decoded(&self) -> Cow<'b, str> {
        if self.escaped { Cow::Owned(decode(self.inside)) } else { Cow::Borrowed(self.inside) }
    }
}

/// Reads a string that begins at `at`; on failure the offset of the wrong byte.
#[inline]
pub(super) fn text(source: &str, at: usize) -> Result<(Text<'_>, usize), usize> {
    let bytes = source.as_bytes();
    if bytes.get(at) != Some(&b'"') {
        return Err(at);
    }
    let begin = at.saturating_add(1);
    let (mut end, mut escaped) = (begin, false);
    loop {
        end = end.saturating_add(plain_bytes(bytes.get(end..).unwrap_or_default()));
        match bytes.get(end) {
            Some(b'"') => break,
            Some(b'\\') => {
                escaped = true;
                end = escape(bytes, end)?;
            }
            _ => return Err(end),
        }
    }
    let inside = source.get(begin..end).ok_or(end)?;
    let after = end.saturating_add(1);
    Ok((Text { inside, escaped, range: at..after }, after))
}

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);

/// How many bytes come before the first that ends a string, begins an escape or is a control character. Eight bytes are
/// looked at together; of the marks so found the lowest is always right.
#[inline]
fn plain_bytes(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    let mut before: usize = 0;
    while let Some((word, tail)) = rest.split_first_chunk::<8>() {
        let marks = special_bytes(u64::from_le_bytes(*word));
        if marks != 0 {
            return before.saturating_add((marks.trailing_zeros() >> 3) as usize);
        }
        before = before.saturating_add(8);
        rest = tail;
    }
    let special = |byte: &u8| *byte == b'"' || *byte == b'\\' || *byte < 0x20;
    before.saturating_add(rest.iter().position(special).unwrap_or(rest.len()))
}

/// The highest bit of each byte that is a quote, a backslash or below 0x20.
#[inline]
const fn special_bytes(word: u64) -> u64 {
    let quote = word ^ ONES.wrapping_mul(0x22);
    let backslash = word ^ ONES.wrapping_mul(0x5c);
    let low = word.wrapping_sub(ONES.wrapping_mul(0x20)) & !word;
    let equal = (quote.wrapping_sub(ONES) & !quote) | (backslash.wrapping_sub(ONES) & !backslash);
    (low | equal) & HIGHS
}

/// The offset behind the escape at `at`.
fn escape(bytes: &[u8], at: usize) -> Result<usize, usize> {
    let kind = at.saturating_add(1);
    match bytes.get(kind) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(kind.saturating_add(1)),
        Some(b'u') => match unit(bytes, kind).ok_or(at)? {
            0xd800..=0xdbff => {
                let low = kind.saturating_add(5);
                let is_pair = bytes.get(low) == Some(&b'\\')
                    && matches!(unit(bytes, low.saturating_add(1)), Some(0xdc00..=0xdfff));
                if is_pair { Ok(low.saturating_add(6)) } else { Err(at) }
            }
            0xdc00..=0xdfff => Err(at),
            _ => Ok(kind.saturating_add(5)),
        },
        _ => Err(kind),
    }
}

/// The four digits behind the `u` at `at`.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at.saturating_add(5))?.strip_prefix(b"u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Decodes what [`text`] accepted.
fn decode(inside: &str) -> String {
    let mut decoded = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some((plain, escape)) = rest.split_once('\\') {
        decoded.push_str(plain);
        rest = decode_escape(escape, &mut decoded);
    }
    decoded.push_str(rest);
    decoded
}

fn decode_escape<'b>(escape: &'b str, decoded: &mut String) -> &'b str {
    let mut chars = escape.chars();
    match chars.next() {
        Some('u') => return decode_units(escape, decoded),
        Some('b') => decoded.push('\u{8}'),
        Some('f') => decoded.push('\u{c}'),
        Some('n') => decoded.push('\n'),
        Some('r') => decoded.push('\r'),
        Some('t') => decoded.push('\t'),
        Some(itself) => decoded.push(itself),
        None => {}
    }
    chars.as_str()
}

fn decode_units<'b>(escape: &'b str, decoded: &mut String) -> &'b str {
    let bytes = escape.as_bytes();
    let first = unit(bytes, 0).unwrap_or(0xfffd);
    let (units, taken) = match first {
        0xd800..=0xdbff => ([first, unit(bytes, 6).unwrap_or(0xfffd)], 11),
        _ => ([first, 0], 5),
    };
    let used = if taken == 11 { units.as_slice() } else { units.get(..1).unwrap_or_default() };
    decoded
        .extend(char::decode_utf16(used.iter().copied()).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    escape.get(taken..).unwrap_or_default()
}

/// The offset behind the number at `at`, which must be finite as a double and not needlessly long.
pub(super) fn number(source: &str, at: usize) -> Result<usize, usize> {
    let bytes = source.as_bytes();
    let mut end = at.saturating_add(usize::from(bytes.get(at) == Some(&b'-')));
    end = match bytes.get(end) {
        Some(b'0') => end.saturating_add(1),
        _ => digits(bytes, end)?,
    };
    let whole = end;
    if bytes.get(end) == Some(&b'.') {
        end = digits(bytes, end.saturating_add(1))?;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = end.saturating_add(1);
        end = digits(bytes, sign.saturating_add(usize::from(matches!(bytes.get(sign), Some(b'+' | b'-')))))?;
    }
    let bytes_long = end.saturating_sub(at);
    if end == whole && bytes_long < 300 {
        return Ok(end);
    }
    let is_finite = || source.get(at..end).and_then(|n| n.parse::<f64>().ok()).is_some_and(f64::is_finite);
    if bytes_long <= limits::NUMBER_BYTES && is_finite() { Ok(end) } else { Err(at) }
}

fn digits(bytes: &[u8], at: usize) -> Result<usize, usize> {
    let count = bytes.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 { Err(at) } else { Ok(at.saturating_add(count)) }
}
