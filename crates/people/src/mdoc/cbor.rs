//! CBOR as ISO 18013-5 allows it: shortest lengths, definite lengths, no map key twice, nothing after the end (RFC 8949, 4.2.1
//! without the order of keys). Bounded in depth and number of items.

/// Deepest nesting.
const MAX_DEPTH: usize = 16;
/// Most items in one document, the members of maps and arrays counted each.
const MAX_ITEMS: usize = 8_192;
/// Most entries of one map.
const MAX_ENTRIES: usize = 1_024;

/// The bytes are no CBOR of the accepted form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCbor {
    /// Ends early, has bytes after its end, or is not well formed.
    #[error("the bytes are no well-formed CBOR")]
    Form,
    /// A length or number that is not written in its shortest form, or without a stated length.
    #[error("the CBOR is not written with shortest, definite lengths")]
    NotShortest,
    /// A map key occurs twice.
    #[error("a CBOR map has a key twice")]
    DuplicateKey,
    /// Deeper or larger than the bounds.
    #[error("the CBOR is nested too deeply or has too many items")]
    TooLarge,
}

/// A value. Text and bytes borrow from the input.
#[derive(Debug, Clone, PartialEq)]
pub enum Cbor<'a> {
    /// Major type 0.
    Unsigned(u64),
    /// Major type 1: the value is `-1 - n`.
    Negative(u64),
    /// Major type 2.
    Bytes(&'a [u8]),
    /// Major type 3.
    Text(&'a str),
    /// Major type 4.
    Array(Vec<Cbor<'a>>),
    /// Major type 5, in the order written.
    Map(Vec<(Cbor<'a>, Cbor<'a>)>),
    /// Major type 6.
    Tag(u64, Box<Cbor<'a>>),
    /// `true` or `false`.
    Bool(bool),
    /// `null`.
    Null,
    /// Any other simple value or float: nothing here reads one.
    Other(u64),
}

impl<'a> Cbor<'a> {
    /// Reads one value that fills the bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, BadCbor> {
        let mut reader = Reader { rest: bytes, items: 0 };
        let value = reader.value(0)?;
        if reader.rest.is_empty() { Ok(value) } else { Err(BadCbor::Form) }
    }

    /// The text, if it is text.
    pub fn text(&self) -> Option<&'a str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The bytes, if it is a byte string.
    pub fn bytes(&self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The members, if it is an array.
    pub fn array(&self) -> Option<&[Self]> {
        if let Self::Array(members) = self { Some(members) } else { None }
    }

    /// The entries, if it is a map.
    pub fn map(&self) -> Option<&[(Self, Self)]> {
        if let Self::Map(entries) = self { Some(entries) } else { None }
    }

    /// The value of a text key, if it is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.map()?.iter().find_map(|(name, value)| (name.text() == Some(key)).then_some(value))
    }

    /// The value of an integer key (COSE labels), if it is a map that has it.
    pub fn label(&self, label: i64) -> Option<&Self> {
        self.map()?.iter().find_map(|(name, value)| (name.integer() == Some(label)).then_some(value))
    }

    /// The number, if it is one that fits.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Unsigned(n) => i64::try_from(*n).ok(),
            Self::Negative(n) => i64::try_from(*n).ok().and_then(|n| (-1_i64).checked_sub(n)),
            _ => None,
        }
    }

    /// The byte string inside tag 24 (encoded CBOR, RFC 8949, 3.4.5.1).
    pub fn embedded(&self) -> Option<&'a [u8]> {
        if let Self::Tag(24, inner) = self { inner.bytes() } else { None }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    items: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: u64) -> Result<&'a [u8], BadCbor> {
        let count = usize::try_from(count).map_err(|_| BadCbor::Form)?;
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(BadCbor::Form)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Major type and additional information of the next item.
    fn head(&mut self) -> Result<(u8, u8), BadCbor> {
        let first = self.take(1)?.first().copied().ok_or(BadCbor::Form)?;
        Ok((first >> 5, first & 31))
    }

    /// The argument that the additional information announces.
    fn argument(&mut self, info: u8) -> Result<u64, BadCbor> {
        let (width, least) = match info {
            0..=23 => return Ok(u64::from(info)),
            24 => (1, 24),
            25 => (2, 1 << 8),
            26 => (4, 1 << 16),
            27 => (8, 1 << 32),
            31 => return Err(BadCbor::NotShortest),
            _ => return Err(BadCbor::Form),
        };
        let argument = self.take(width)?.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        if argument < least { Err(BadCbor::NotShortest) } else { Ok(argument) }
    }

    fn value(&mut self, depth: usize) -> Result<Cbor<'a>, BadCbor> {
        self.items = self.items.saturating_add(1);
        if depth > MAX_DEPTH || self.items > MAX_ITEMS {
            return Err(BadCbor::TooLarge);
        }
        let deeper = depth.saturating_add(1);
        let (major, info) = self.head()?;
        if major == 7 {
            return self.simple(info);
        }
        let argument = self.argument(info)?;
        Ok(match major {
            0 => Cbor::Unsigned(argument),
            1 => Cbor::Negative(argument),
            2 => Cbor::Bytes(self.take(argument)?),
            3 => Cbor::Text(std::str::from_utf8(self.take(argument)?).map_err(|_| BadCbor::Form)?),
            4 => Cbor::Array((0..argument).map(|_| self.value(deeper)).collect::<Result<_, _>>()?),
            5 => Cbor::Map(self.map(argument, deeper)?),
            _ => Cbor::Tag(argument, Box::new(self.value(deeper)?)),
        })
    }

    /// Keys are compared as they are written: with shortest lengths, equal values have equal bytes.
    fn map(&mut self, count: u64, depth: usize) -> Result<Vec<(Cbor<'a>, Cbor<'a>)>, BadCbor> {
        if usize::try_from(count).is_ok_and(|count| count > MAX_ENTRIES) {
            return Err(BadCbor::TooLarge);
        }
        let mut keys = std::collections::BTreeSet::new();
        let mut entries = Vec::new();
        for _ in 0..count {
            let before = self.rest;
            let key = self.value(depth)?;
            let written = before.get(..before.len().saturating_sub(self.rest.len())).ok_or(BadCbor::Form)?;
            if !keys.insert(written) {
                return Err(BadCbor::DuplicateKey);
            }
            entries.push((key, self.value(depth)?));
        }
        Ok(entries)
    }

    fn simple(&mut self, info: u8) -> Result<Cbor<'a>, BadCbor> {
        Ok(match info {
            20 => Cbor::Bool(false),
            21 => Cbor::Bool(true),
            22 => Cbor::Null,
            0..=19 | 23 => Cbor::Other(u64::from(info)),
            24 => match self.take(1)?.first() {
                Some(value) if *value >= 32 => Cbor::Other(u64::from(*value)),
                _ => return Err(BadCbor::Form),
            },
            25..=27 => Cbor::Other(
                self.take(1 << u32::from(info.saturating_sub(24)))?
                    .iter()
                    .fold(0, |sum, byte| (sum << 8) | u64::from(*byte)),
            ),
            _ => return Err(BadCbor::Form),
        })
    }
}

/// Writes CBOR in the same form.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    fn head(mut self, major: u8, argument: u64) -> Self {
        let wide = argument.to_be_bytes();
        let (info, width) = match argument {
            0..=23 => (u8::try_from(argument).unwrap_or(23), 0),
            24..=0xff => (24, 1),
            0x100..=0xffff => (25, 2),
            0x1_0000..=0xffff_ffff => (26, 4),
            _ => (27, 8),
        };
        self.0.push((major << 5) | info);
        self.0.extend(wide.iter().skip(wide.len().saturating_sub(width)));
        self
    }

    /// Opens an array of so many members.
    #[must_use]
    pub fn array(self, count: usize) -> Self {
        self.head(4, length(count))
    }

    /// A text string.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.head(3, length(text.len())).raw(text.as_bytes())
    }

    /// A byte string.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.head(2, length(bytes.len())).raw(bytes)
    }

    /// `null`.
    #[must_use]
    pub fn null(self) -> Self {
        self.raw(&[0xf6])
    }

    /// Tag 24 around a byte string that holds encoded CBOR.
    #[must_use]
    pub fn embedded(self, bytes: &[u8]) -> Self {
        self.head(6, 24).bytes(bytes)
    }

    /// Bytes that are encoded already.
    #[must_use]
    pub fn raw(mut self, encoded: &[u8]) -> Self {
        self.0.extend_from_slice(encoded);
        self
    }

    /// What was written.
    pub fn done(self) -> Vec<u8> {
        self.0
    }
}

fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(hex_text: &str) -> Result<String, BadCbor> {
        let bytes = hex::decode(hex_text).unwrap();
        Cbor::parse(&bytes).map(|value| format!("{value:?}"))
    }

    #[test]
    fn reads_what_rfc_8949_lists() {
        for (hex_text, expected) in [
            ("00", "Unsigned(0)"),
            ("1818", "Unsigned(24)"),
            ("1b000000e8d4a51000", "Unsigned(1000000000000)"),
            ("3863", "Negative(99)"),
            ("4401020304", "Bytes([1, 2, 3, 4])"),
            ("62c3bc", "Text(\"ü\")"),
            ("83010203", "Array([Unsigned(1), Unsigned(2), Unsigned(3)])"),
            ("a16161f5", "Map([(Text(\"a\"), Bool(true))])"),
            ("c074323031332d30332d32315432303a30343a30305a", "Tag(0, Text(\"2013-03-21T20:04:00Z\"))"),
            ("f6", "Null"),
            ("f93c00", "Other(15360)"),
        ] {
            assert_eq!(parse(hex_text).as_deref(), Ok(expected), "{hex_text}");
        }
    }

    #[test]
    fn refuses_each_form_that_is_not_the_only_one() {
        for (hex_text, expected) in [
            ("", BadCbor::Form),
            ("0000", BadCbor::Form),
            ("4403", BadCbor::Form),
            ("1c", BadCbor::Form),
            ("f800", BadCbor::Form),
            ("61ff", BadCbor::Form),
            ("1817", BadCbor::NotShortest),
            ("5900ff", BadCbor::NotShortest),
            ("9f00ff", BadCbor::NotShortest),
            ("a2616100616101", BadCbor::DuplicateKey),
            ("81a2616100616101", BadCbor::DuplicateKey),
            ("9bffffffffffffffff", BadCbor::Form),
            ("bb00000000ffffffff", BadCbor::NotShortest),
            ("baffffffff", BadCbor::TooLarge),
            (&"81".repeat(40), BadCbor::TooLarge),
        ] {
            assert_eq!(parse(hex_text), Err(expected), "{hex_text}");
        }
        let wide = [&[0x99, 0x30, 0x00][..], &[0; 0x3000]].concat();
        assert_eq!(Cbor::parse(&wide), Err(BadCbor::TooLarge));
    }

    #[test]
    fn writes_what_it_reads() {
        let long = [7; 300];
        let written =
            Writer::default().array(4).text("Signature1").bytes(&long).null().embedded(&[0xa0]).done();
        let read = Cbor::parse(&written).unwrap();
        let members = read.array().unwrap();
        assert_eq!(members[0].text(), Some("Signature1"));
        assert_eq!(members[1].bytes(), Some(&long[..]));
        assert_eq!(members[2], Cbor::Null);
        assert_eq!(members[3].embedded(), Some(&[0xa0][..]));
    }

    #[test]
    fn integers_of_both_signs() {
        assert_eq!(Cbor::Negative(6).integer(), Some(-7));
        assert_eq!(Cbor::Negative(u64::MAX).integer(), None);
        assert_eq!(Cbor::Unsigned(u64::MAX).integer(), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Cbor::parse(&bytes).map(|value| format!("{value:?}"));
        }
    }
}
