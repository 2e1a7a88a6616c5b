//! Just enough Rust to tell code from comments, strings and tests.

use std::ops::Range;

/// A Rust source file with everything but code blanked; offsets and lines are those of the original.
pub struct RustText {
    /// Code only: comments, strings and character literals are spaces.
    pub code: String,
    tests: Vec<Range<usize>>,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    /// Line of `fn`, from 1.
    pub line: usize,
    /// Lines from `fn` to the closing brace.
    pub lines: usize,
}

impl RustText {
    /// Reads a file; one that is named as a test is a test from end to end.
    pub fn new(path: &str, text: &str) -> Self {
        let code = code_only(text);
        let all = is_test_file(path) || code.contains("#![cfg(test)]");
        let tests = if all { std::iter::once(0..code.len()).collect() } else { tests(&code) };
        Self { code, tests }
    }

    /// `text` (of the same length as the original) with test items blanked.
    pub fn outside_tests(&self, text: &str) -> String {
        let in_tests = |at: usize| self.tests.iter().any(|range| range.contains(&at));
        blank_where(text, in_tests)
    }

    /// Functions with a body, in order, tests included.
    pub fn functions(&self) -> Vec<Function> {
        let found = identifiers(&self.code).filter(|(_, word)| *word == "fn");
        found.filter_map(|(at, _)| self.function(at)).collect()
    }

    fn function(&self, at: usize) -> Option<Function> {
        let name = identifiers(self.code.get(at..)?).nth(1).filter(|(gap, _)| *gap == 3)?.1;
        let end = item_end(&self.code, at)?;
        let body = self.code.get(at..end)?;
        body.ends_with('}').then(|| Function {
            name: name.to_owned(),
            line: line_of(&self.code, at),
            lines: body.matches('\n').count() + 1,
        })
    }
}

/// Line number, from 1, of a byte offset.
pub fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// Identifiers and keywords with their byte offsets.
pub fn identifiers(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + code.get(at..)?.find(is_word)?;
        let length = code.get(start..)?.find(|c| !is_word(c)).unwrap_or(code.len() - start);
        at = start + length;
        code.get(start..at).map(|word| (start, word))
    })
}

/// A character of an identifier.
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_test_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.starts_with("tests/")
        || path.contains("/tests/")
        || name == "tests.rs"
        || name.ends_with("_tests.rs")
}

/// Where items marked as tests begin and end.
fn tests(code: &str) -> Vec<Range<usize>> {
    let marks = ["#[cfg(test)]", "#[cfg(all(test", "#[test]", "#[tokio::test"];
    let starts = marks.iter().flat_map(|mark| code.match_indices(mark));
    starts.map(|(start, _)| start..item_end(code, start).unwrap_or(code.len())).collect()
}

/// End of the item at `start`: after the brace that closes its body, or after its semicolon.
fn item_end(code: &str, start: usize) -> Option<usize> {
    let (mut brackets, mut braces) = (0_i32, 0_i32);
    for (offset, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'(' | b'[' => brackets += 1,
            b')' | b']' => brackets -= 1,
            b'{' => braces += 1,
            b'}' => braces -= 1,
            _ => {}
        }
        let closes_body = byte == b'}' && braces == 0 && brackets <= 0;
        let ends_declaration = byte == b';' && braces == 0 && brackets <= 0;
        if closes_body || ends_declaration {
            return Some(offset + 1);
        }
    }
    None
}

fn code_only(text: &str) -> String {
    let mut hidden = vec![false; text.len()];
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (skip, length) = next_piece(rest);
        for flag in hidden.iter_mut().skip(at + skip).take(length) {
            *flag = true;
        }
        at += skip + length;
    }
    blank_where(text, |offset| hidden.get(offset) == Some(&true))
}

/// Bytes of code to keep, then bytes of comment or literal to hide.
fn next_piece(rest: &str) -> (usize, usize) {
    let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    if word > 0 {
        let raw = matches!(rest.get(..word), Some("r" | "br" | "cr"));
        return (word, if raw { raw_string(rest.get(word..).unwrap_or_default()) } else { 0 });
    }
    if rest.starts_with("//") {
        return (0, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (0, block_comment(rest));
    }
    match rest.chars().next() {
        Some('"') => (0, quoted(rest, '"')),
        Some('\'') => character(rest),
        other => (other.map_or(1, char::len_utf8), 0),
    }
}

/// Length of `"..."` or `##"..."##` after an `r`; 0 when it is a raw identifier.
fn raw_string(rest: &str) -> usize {
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let Some(body) = rest.get(hashes..).and_then(|body| body.strip_prefix('"')) else { return 0 };
    let close = format!("\"{}", "#".repeat(hashes));
    body.find(&close).map_or(rest.len(), |end| hashes + 1 + end + close.len())
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_u32, 0);
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        if here.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// Length of a literal from its opening to its closing `quote`; a backslash hides the next character.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (offset, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return offset + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character literal is hidden; the quote of a lifetime is code.
fn character(rest: &str) -> (usize, usize) {
    let mut after = rest.chars().skip(1);
    match (after.next(), after.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => (0, quoted(rest, '\'')),
        _ => (1, 0),
    }
}

fn blank_where(text: &str, hidden: impl Fn(usize) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if c != '\n' && hidden(at) {
            out.extend(std::iter::repeat_n(' ', c.len_utf8()));
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_code(text: &str, words: &[&str]) {
        let code = code_only(text);
        assert_eq!(code.len(), text.len(), "offsets must stay");
        assert_eq!(identifiers(&code).map(|(_, word)| word).collect::<Vec<_>>(), words, "{code}");
    }

    #[test]
    fn comments_and_literals_are_not_code() {
        check_code("a // b\nc /* d /* e */ f */ g", &["a", "c", "g"]);
        check_code(r#"a("b \" c"); d"#, &["a", "d"]);
        check_code("a(r#\"b \" c\"#, br\"d\\\", b\"e\"); f", &["a", "r", "br", "b", "f"]);
        check_code("x('\"', '\\'', '\\u{1F600}', '한'); y", &["x", "y"]);
        check_code(
            "fn f<'a>(x: &'a str, r#type: u8) {}",
            &["fn", "f", "a", "x", "a", "str", "r", "type", "u8"],
        );
    }

    #[test]
    fn functions_are_measured_from_fn_to_brace() {
        let text =
            "trait T { fn no_body(a: [u8; 2]); }\n\nfn f(a: [u8; 3]) -> u8 {\n  let s = \"}\";\n  1\n}\n";
        let found = RustText::new("src/a.rs", text).functions();
        assert_eq!(found, [Function { name: "f".into(), line: 3, lines: 4 }]);
        assert!(RustText::new("src/a.rs", "type F = fn(u8) -> u8;").functions().is_empty());
    }

    #[test]
    fn test_items_are_left_out_and_the_rest_stays() {
        let text = "fn a() {}\n#[cfg(test)]\n#[expect(dead_code)]\nmod t { fn b() {} }\nfn c() {}\n#[cfg(test)]\nuse d;\nfn e() {}";
        let rest = RustText::new("src/a.rs", text).outside_tests(text);
        let words: Vec<_> = identifiers(&rest).map(|(_, word)| word).collect();
        assert_eq!(words, ["fn", "a", "fn", "c", "fn", "e"]);
        assert_eq!(line_of(&rest, rest.find("fn e").unwrap()), 8);
    }

    #[test]
    fn a_file_of_tests_is_a_test() {
        for path in ["tests/kill.rs", "crates/law/tests/a.rs", "crates/law/src/tests.rs"] {
            assert_eq!(RustText::new(path, "fn a() {}").outside_tests("fn a() {}").trim(), "");
        }
        assert_eq!(RustText::new("src/contests.rs", "fn a() {}").outside_tests("fn a() {}"), "fn a() {}");
    }
}
