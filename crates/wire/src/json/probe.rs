//! Reads values from JSON that passes by in pieces, without keeping it: an automaton of fixed size.
//!
//! It follows structure and does not judge it: text that is no JSON yields nothing or nonsense, never a fault.

use crate::limits;

/// Levels of nesting on which names are kept. Values deeper down have no way.
const LEVELS: usize = 8;

/// Longest member name kept; a longer one is no name that is looked for.
const NAME_BYTES: usize = 32;

/// A member name, or a place in a list.
#[derive(Clone, Copy, Debug, Default)]
struct Level {
    name: [u8; NAME_BYTES],
    /// `None`: a list, or a name that is not kept.
    name_bytes: Option<usize>,
    is_list: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Between tokens; in an object a string is a member name.
    #[default]
    BeforeName,
    /// A value comes next.
    BeforeValue,
    InName,
    InText,
    InScalar,
}

/// The automaton. Feed it with [`push`](Self::push), and use a new one for each text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Probe {
    levels: [Level; LEVELS],
    depth: usize,
    state: State,
    escaped: bool,
    value: Vec<u8>,
    too_long: bool,
}

/// A value with its way, handed out while it is read.
pub(crate) struct Value<'p> {
    levels: &'p [Level],
    token: &'p [u8],
}

impl Value<'_> {
    /// Whether it stands there: member names from outside inwards, `*` for any item of a list.
    pub(crate) fn is_at(&self, way: &[&str]) -> bool {
        self.is_below(&[], way)
    }

    /// Whether it stands at `rest` behind `way`.
    pub(crate) fn is_below(&self, way: &[&str], rest: &[&str]) -> bool {
        self.levels.len() == way.len().saturating_add(rest.len())
            && self.levels.iter().zip(way.iter().chain(rest)).all(|(level, name)| level.is(name))
    }

    /// What a text says; `None` if it is none.
    pub(crate) fn text(&self) -> Option<String> {
        if self.token.first() == Some(&b'"') { serde_json::from_slice(self.token).ok() } else { None }
    }

    /// A whole number that is not negative.
    pub(crate) fn count(&self) -> Option<u64> {
        std::str::from_utf8(self.token).ok()?.parse().ok()
    }
}

impl Level {
    fn is(&self, name: &str) -> bool {
        if self.is_list {
            return name == "*";
        }
        self.name_bytes.and_then(|bytes| self.name.get(..bytes)) == Some(name.as_bytes())
    }
}

impl Probe {
    /// Reads on, and hands every text, number and word that is short enough to `take`.
    pub(crate) fn push(&mut self, mut bytes: &[u8], take: &mut impl FnMut(&Value<'_>)) {
        while let Some(first) = bytes.first() {
            bytes = match self.state {
                State::InName | State::InText => self.string(bytes, take),
                State::InScalar => self.scalar(bytes, take),
                State::BeforeName | State::BeforeValue => {
                    self.between(*first, take);
                    bytes.get(1..).unwrap_or_default()
                }
            };
        }
    }

    fn between(&mut self, byte: u8, take: &mut impl FnMut(&Value<'_>)) {
        match byte {
            b' ' | b'\n' | b'\t' | b'\r' => {}
            b'{' => self.open(false),
            b'[' => self.open(true),
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.state = State::BeforeName;
            }
            b':' => self.state = State::BeforeValue,
            b',' => self.state = if self.in_list() { State::BeforeValue } else { State::BeforeName },
            b'"' if self.state == State::BeforeName && self.depth > 0 && !self.in_list() => {
                self.state = State::InName;
                self.begin_value();
            }
            b'"' => {
                self.state = State::InText;
                self.begin_value();
                self.keep(b"\"");
            }
            _ => {
                self.state = State::InScalar;
                self.begin_value();
                self.scalar(&[byte], take);
            }
        }
    }

    fn open(&mut self, is_list: bool) {
        if let Some(level) = self.levels.get_mut(self.depth) {
            *level = Level { is_list, ..Level::default() };
        }
        self.depth = self.depth.saturating_add(1);
        self.state = if is_list { State::BeforeValue } else { State::BeforeName };
    }

    fn in_list(&self) -> bool {
        self.depth.checked_sub(1).and_then(|at| self.levels.get(at)).is_some_and(|level| level.is_list)
    }

    fn begin_value(&mut self) {
        self.value.clear();
        self.too_long = false;
        self.escaped = false;
    }

    fn keep(&mut self, bytes: &[u8]) {
        let most = if self.depth > LEVELS { 0 } else { limits::PROBED_VALUE_BYTES };
        self.too_long |= self.value.len().saturating_add(bytes.len()) > most;
        if !self.too_long {
            self.value.extend_from_slice(bytes);
        }
    }

    /// Reads on in a string; returns what follows it.
    fn string<'b>(&mut self, bytes: &'b [u8], take: &mut impl FnMut(&Value<'_>)) -> &'b [u8] {
        if std::mem::take(&mut self.escaped) {
            let (escape, rest) = bytes.split_at_checked(1).unwrap_or((bytes, &[]));
            self.keep(escape);
            return rest;
        }
        let end = bytes.iter().position(|byte| matches!(byte, b'"' | b'\\')).unwrap_or(bytes.len());
        let (plain, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
        self.keep(plain);
        match rest.split_first() {
            Some((b'\\', rest)) => {
                self.keep(b"\\");
                self.escaped = true;
                rest
            }
            Some((_, rest)) => {
                self.end_string(take);
                rest
            }
            None => &[],
        }
    }

    fn end_string(&mut self, take: &mut impl FnMut(&Value<'_>)) {
        if self.state == State::InName {
            self.end_name();
            return;
        }
        self.keep(b"\"");
        self.hand_out(take);
        self.state = State::BeforeName;
    }

    fn end_name(&mut self) {
        self.state = State::BeforeName;
        let Some(level) = self.depth.checked_sub(1).and_then(|at| self.levels.get_mut(at)) else { return };
        let is_escaped = self.value.contains(&b'\\');
        let decoded = if is_escaped { unescaped(&self.value) } else { None };
        let name = decoded.as_ref().map_or(self.value.as_slice(), |name| name.as_bytes());
        let is_kept = name.len() <= NAME_BYTES && !self.too_long && is_escaped == decoded.is_some();
        level.name_bytes = is_kept.then_some(name.len());
        for (slot, byte) in level.name.iter_mut().zip(name) {
            *slot = *byte;
        }
    }

    /// Reads on in a number or word; returns what follows it.
    fn scalar<'b>(&mut self, bytes: &'b [u8], take: &mut impl FnMut(&Value<'_>)) -> &'b [u8] {
        let ends = |byte: &u8| {
            matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\t' | b'\r' | b'"' | b'{' | b'[' | b':')
        };
        let end = bytes.iter().position(ends);
        let (token, rest) = bytes.split_at_checked(end.unwrap_or(bytes.len())).unwrap_or((bytes, &[]));
        self.keep(token);
        if end.is_some() {
            self.hand_out(take);
            self.state = State::BeforeName;
        }
        rest
    }

    fn hand_out(&self, take: &mut impl FnMut(&Value<'_>)) {
        if let Some(levels) = self.levels.get(..self.depth)
            && !self.too_long
        {
            take(&Value { levels, token: &self.value });
        }
    }
}

/// A name in its escaped spelling is the same name.
fn unescaped(name: &[u8]) -> Option<String> {
    serde_json::from_slice(&[b"\"", name, b"\""].concat()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pieces: &[&str], way: &[&str]) -> Vec<String> {
        let mut probe = Probe::default();
        let mut found = Vec::new();
        for piece in pieces {
            probe.push(piece.as_bytes(), &mut |value| {
                if value.is_at(way) {
                    found.push(String::from_utf8(value.token.to_vec()).unwrap());
                }
            });
        }
        found
    }

    const BODY: &str = r#" {"id":"x","model" : "m\"\u0031", "usage":{"in":12 ,"out":-1.5},"list":[{"a":true},{"a":[1,"z"]}],"mod\u0065l2":null,
        "model":{"model":7}} "#;

    #[test]
    fn finds_values_by_their_way_however_the_text_is_torn() {
        for size in [1, 2, 3, 7, 1_000] {
            let pieces: Vec<_> =
                BODY.as_bytes().chunks(size).map(|c| std::str::from_utf8(c).unwrap()).collect();
            assert_eq!(found(&pieces, &["model"]), [r#""m\"\u0031""#]);
            assert_eq!(found(&pieces, &["model2"]), ["null"]);
            assert_eq!(found(&pieces, &["model", "model"]), ["7"]);
            assert_eq!(found(&pieces, &["usage", "in"]), ["12"]);
            assert_eq!(found(&pieces, &["usage", "out"]), ["-1.5"]);
            assert_eq!(found(&pieces, &["list", "*", "a"]), ["true"]);
            assert_eq!(found(&pieces, &["list", "*", "a", "*"]), ["1", "\"z\""]);
            assert_eq!(found(&pieces, &["in"]), [""; 0]);
        }
    }

    #[test]
    fn reads_texts_and_counts() {
        let mut probe = Probe::default();
        let mut seen = Vec::new();
        probe.push(br#"{"a":"\ud55c","b":42,"c":-4,"d":"5"}"#, &mut |value| {
            seen.push((value.text(), value.count()))
        });
        assert_eq!(
            seen,
            [(Some("한".into()), None), (None, Some(42)), (None, None), (Some("5".into()), None)]
        );
    }

    #[test]
    fn keeps_a_bounded_amount() {
        let long = "x".repeat(limits::PROBED_VALUE_BYTES);
        let deep = format!("{}\"a\"{}", r#"{"k":"#.repeat(100), "}".repeat(100));
        let text = format!(r#"{{"{long}":1,"a":"{long}","b":{deep},"model":"m"}}"#);
        let mut probe = Probe::default();
        let mut count = 0;
        probe.push(text.as_bytes(), &mut |value| {
            count += 1;
            assert!(value.is_at(&["model"]) || value.count() == Some(1));
        });
        assert_eq!(count, 2);
        assert!(probe.value.capacity() <= 2 * limits::PROBED_VALUE_BYTES);
    }

    #[test]
    fn garbage_is_harmless() {
        for garbage in
            ["}}}]]]", "\"", "{\"a\":}", "[[[[[[[[[[[[[[[[[[", "<html>\"\\", "{\"a\"\"b\"::,,", "\u{0}\u{1}"]
        {
            let mut probe = Probe::default();
            probe.push(garbage.as_bytes(), &mut |_| {});
            probe.push(b"{\"model\":\"m\"}", &mut |_| {});
        }
    }
}
