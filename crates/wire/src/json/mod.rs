//! A strict reader of JSON (RFC 8259) that builds no tree: the caller pulls members and items, and skips what it does
//! not want. Everything skipped is checked all the same.
//!
//! Stricter than the RFC where two readers could differ: a member that occurs twice in one object, in whatever spelling,
//! half a surrogate pair, a number outside the range of a double, and nesting beyond [`limits::BODY_DEPTH`].

mod keys;
pub(crate) mod probe;
mod token;

use std::{borrow::Cow, ops::Range};

use crate::limits;
use keys::Keys;
pub(crate) use token::Text;

/// Why a text was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not JSON at this byte.
    Syntax {
        at: usize,
    },
    TooDeep,
    /// A member that occurs twice in one object.
    Duplicate(String),
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    Text,
    Number,
    True,
    False,
    Null,
}

pub(crate) struct Reader<'b> {
    text: &'b str,
    at: usize,
    depth: usize,
    keys: Keys<'b>,
}

/// Where one object stands: pass it to [`Reader::key`] until that is `None`.
pub(crate) struct Members {
    begun: bool,
    keys_before: usize,
}

/// Where one array stands: pass it to [`Reader::item`] until that is `false`.
pub(crate) struct Items {
    begun: bool,
}

impl<'b> Reader<'b> {
    pub(crate) fn new(text: &'b str) -> Self {
        Self { text, at: 0, depth: 0, keys: Keys::new() }
    }

    /// Passes white space and says what begins here.
    #[inline]
    pub(crate) fn kind(&mut self) -> Result<Kind, Fault> {
        Ok(match self.next_byte() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::Text,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            Some(b't') => Kind::True,
            Some(b'f') => Kind::False,
            Some(b'n') => Kind::Null,
            _ => return self.syntax(),
        })
    }

    #[inline]
    pub(crate) fn object(&mut self) -> Result<Members, Fault> {
        self.enter(b'{')?;
        Ok(Members { begun: false, keys_before: self.keys.len() })
    }

    /// The name of the next member, whose value must be read next; `None` behind the last.
    pub(crate) fn key(&mut self, members: &mut Members) -> Result<Option<Cow<'b, str>>, Fault> {
        if !self.follows(&mut members.begun, b'}')? {
            self.keys.forget(members.keys_before);
            return Ok(None);
        }
        let key = self.text()?.decoded();
        self.keys.note(members.keys_before, key.clone())?;
        self.expect(b':')?;
        Ok(Some(key))
    }

    /// Members read so far of the object.
    pub(crate) fn members_read(&self, members: &Members) -> usize {
        self.keys.len().saturating_sub(members.keys_before)
    }

    #[inline]
    pub(crate) fn array(&mut self) -> Result<Items, Fault> {
        self.enter(b'[')?;
        Ok(Items { begun: false })
    }

    /// Whether another item follows, which must be read next.
    #[inline]
    pub(crate) fn item(&mut self, items: &mut Items) -> Result<bool, Fault> {
        self.follows(&mut items.begun, b']')
    }

    #[inline]
    pub(crate) fn text(&mut self) -> Result<Text<'b>, Fault> {
        self.next_byte();
        let (text, end) = token::text(self.text, self.at).map_err(|at| Fault::Syntax { at })?;
        self.at = end;
        Ok(text)
    }

    /// Reads any value, checks it and throws it away. Returns its place.
    pub(crate) fn skip(&mut self) -> Result<Range<usize>, Fault> {
        let kind = self.kind()?;
        let start = self.at;
        match kind {
            Kind::Object => {
                let mut members = self.object()?;
                while self.key(&mut members)?.is_some() {
                    self.skip()?;
                }
            }
            Kind::Array => {
                let mut items = self.array()?;
                while self.item(&mut items)? {
                    self.skip()?;
                }
            }
            Kind::Text => {
                self.text()?;
            }
            Kind::Number => self.number()?,
            Kind::True => self.word("true")?,
            Kind::False => self.word("false")?,
            Kind::Null => self.word("null")?,
        }
        Ok(start..self.at)
    }

    /// Nothing but white space may follow.
    pub(crate) fn end(&mut self) -> Result<(), Fault> {
        if self.next_byte().is_none() { Ok(()) } else { self.syntax() }
    }

    fn number(&mut self) -> Result<(), Fault> {
        self.at = token::number(self.text, self.at).map_err(|at| Fault::Syntax { at })?;
        Ok(())
    }

    fn word(&mut self, word: &str) -> Result<(), Fault> {
        match self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            true => self.at = self.at.saturating_add(word.len()),
            false => return self.syntax(),
        }
        Ok(())
    }

    /// The opening of an object or array.
    #[inline]
    fn enter(&mut self, opening: u8) -> Result<(), Fault> {
        self.expect(opening)?;
        if self.depth >= limits::BODY_DEPTH {
            return Err(Fault::TooDeep);
        }
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }

    /// Whether another member or item follows; otherwise passes the closing.
    #[inline]
    fn follows(&mut self, begun: &mut bool, closing: u8) -> Result<bool, Fault> {
        let next = self.next_byte();
        if next == Some(closing) {
            self.at = self.at.saturating_add(1);
            self.depth = self.depth.saturating_sub(1);
            return Ok(false);
        }
        if std::mem::replace(begun, true) {
            self.expect(b',')?;
        }
        Ok(true)
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.next_byte() != Some(byte) {
            return self.syntax();
        }
        self.at = self.at.saturating_add(1);
        Ok(())
    }

    /// The byte behind white space.
    #[inline]
    fn next_byte(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            let byte = *bytes.get(self.at)?;
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return Some(byte);
            }
            self.at = self.at.saturating_add(1);
        }
    }

    fn syntax<T>(&self) -> Result<T, Fault> {
        Err(Fault::Syntax { at: self.at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(), Fault> {
        let mut reader = Reader::new(text);
        reader.skip()?;
        reader.end()
    }

    #[test]
    fn accepts_json() {
        for text in [
            "{}",
            " [ ] ",
            r#"{"a":[1,-0,0.5,1e9,1E-9,-1.25e+3],"b":{"a":null},"":true,"c":false}"#,
            r#""\"\\\/\b\f\n\r\t\u0041\ud83d\ude00 한국어""#,
            r#"[{"a":1},{"a":2}]"#,
        ] {
            assert_eq!(read(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_json() {
        for text in [
            "",
            "[",
            "]",
            "{,}",
            "[,]",
            "[1,]",
            r#"{"a":1,}"#,
            r#"{"a"}"#,
            r#"{"a",1}"#,
            r#"{a:1}"#,
            "01",
            "-",
            "+1",
            "1.",
            ".5",
            "1e",
            "1e+",
            "0x1",
            "nul",
            "nulll",
            "tru",
            "'a'",
            "\"a",
            "\"\t\"",
            r#""\x""#,
            r#""\u12g4""#,
            r#""\u12""#,
            r#""\ud800""#,
            r#""\udc00""#,
            r#""\ud800\u0041""#,
            r#""\ud800x""#,
            "[1 2]",
            r#"{"a":1 "b":2}"#,
            "1e400",
            "-1e400",
            "{} x",
            "\u{feff}{}",
            "[1]]",
            "{]",
            "[}",
        ] {
            assert!(matches!(read(text), Err(Fault::Syntax { .. })), "{text}");
        }
        assert!(read(&"9".repeat(309)).is_err());
        assert!(read(&format!("1{}", "0".repeat(limits::NUMBER_BYTES))).is_err());
        assert_eq!(read(&"9".repeat(308)), Ok(()));
    }

    #[test]
    fn refuses_a_member_twice_at_any_depth() {
        for text in [r#"{"a":1,"a":2}"#, r#"{"a":1,"\u0061":2}"#, r#"[{"b":[{"a":1,"c":0,"a":2}]}]"#] {
            assert_eq!(read(text), Err(Fault::Duplicate("a".into())), "{text}");
        }
        let many: Vec<_> = (0..100).map(|i| format!("\"k{i}\":0")).collect();
        assert_eq!(read(&format!("{{{}}}", many.join(","))), Ok(()));
        assert_eq!(read(&format!("{{{},\"k7\":1}}", many.join(","))), Err(Fault::Duplicate("k7".into())));
        let inner = format!("{{{},\"x\":{{\"k1\":{{}}}},\"y\":{{\"k1\":0}}}}", many.join(","));
        assert_eq!(read(&inner), Ok(()));
    }

    #[test]
    fn bounds_depth() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(read(&nested(limits::BODY_DEPTH)), Ok(()));
        assert_eq!(read(&nested(limits::BODY_DEPTH + 1)), Err(Fault::TooDeep));
    }
}
