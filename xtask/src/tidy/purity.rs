//! What the core does not have: panics, `unsafe`, files, sockets, a runtime, a clock (invariants 1 and 2).

use super::rust_text::{RustText, identifiers, line_of};
use super::{File, Finding};

const PANIC_FREE: [&str; 7] = ["terms", "law", "decide", "bylaws", "ledger", "wire", "people"];
const NO_OUTSIDE: [&str; 6] = ["terms", "law", "decide", "bylaws", "wire", "people"];
const PANIC_LINTS: [&str; 6] = [
    "clippy::unwrap_used",
    "clippy::expect_used",
    "clippy::panic",
    "clippy::indexing_slicing",
    "clippy::string_slice",
    "clippy::arithmetic_side_effects",
];
const OUTSIDE: [&str; 2] = ["tokio", "SystemTime"];
const OUTSIDE_STD: [&str; 2] = ["fs", "net"];

/// Rules for one file of the core; other files pass.
pub fn check(path: &str, rust: &RustText) -> Vec<Finding> {
    let Some(room) = room(path) else { return Vec::new() };
    let mut findings = Vec::new();
    if PANIC_FREE.contains(&room) {
        findings.extend(unsafe_code(path, &rust.code));
        if path.ends_with(&format!("{room}/src/lib.rs")) {
            findings.extend(panic_lints(path, &rust.code));
        }
    }
    if NO_OUTSIDE.contains(&room) {
        findings.extend(outside(path, &rust.outside_tests(&rust.code)));
    }
    findings
}

/// A room without a `lib.rs` would have no lints at all, so that is a finding too.
pub fn missing_roots(files: &[File]) -> Vec<Finding> {
    let roots = PANIC_FREE.map(|room| format!("crates/{room}/src/lib.rs"));
    let missing = roots.iter().filter(|root| !files.iter().any(|file| &file.path == *root));
    missing.map(|root| Finding::failure(root, 0, "the root of a core crate is missing")).collect()
}

fn room(path: &str) -> Option<&str> {
    path.strip_prefix("crates/")?.split('/').next()
}

fn panic_lints(path: &str, code: &str) -> Vec<Finding> {
    let dense: String = code.split_whitespace().collect();
    let opening = "#![cfg_attr(not(test),deny(";
    let denied =
        dense.split_once(opening).and_then(|(_, rest)| rest.split_once(')')).map_or("", |(list, _)| list);
    let denied: Vec<&str> = denied.split(',').collect();
    let missing: Vec<&str> = PANIC_LINTS.into_iter().filter(|lint| !denied.contains(lint)).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let text =
        format!("panic lints missing from `#![cfg_attr(not(test), deny(...))]`: {}", missing.join(", "));
    vec![Finding::failure(path, 1, text)]
}

fn unsafe_code(path: &str, code: &str) -> Vec<Finding> {
    let found = identifiers(code).filter(|(_, word)| *word == "unsafe");
    found.map(|(at, _)| Finding::failure(path, line_of(code, at), "`unsafe` in the core")).collect()
}

fn outside(path: &str, code: &str) -> Vec<Finding> {
    let words =
        identifiers(code).filter(|(_, word)| OUTSIDE.contains(word)).map(|(at, word)| (at, word.to_owned()));
    words
        .chain(std_modules(code))
        .map(|(at, what)| {
            let text = format!("`{what}` outside tests: this crate does no I/O and reads no clock");
            Finding::failure(path, line_of(code, at), text)
        })
        .collect()
}

/// `std::fs` and `std::net`, written as a path or inside `std::{...}`.
fn std_modules(code: &str) -> Vec<(usize, String)> {
    let uses = code.match_indices("std::");
    uses.flat_map(|(at, start)| {
        let rest = code.get(at + start.len()..).unwrap_or_default();
        let named = named_modules(rest).into_iter().filter(|word| OUTSIDE_STD.contains(word));
        named.map(move |word| (at, format!("std::{word}"))).collect::<Vec<_>>()
    })
    .collect()
}

/// The module names directly after `std::`: one, or those at the first level of a brace list.
fn named_modules(rest: &str) -> Vec<&str> {
    let Some(list) = rest.strip_prefix('{') else {
        return identifiers(rest).take(1).filter(|(at, _)| *at == 0).map(|(_, word)| word).collect();
    };
    let (mut depth, mut first, mut names) = (0_u32, true, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => first = true,
            _ if first && !c.is_whitespace() => {
                names.extend(list.get(at..).and_then(|name| identifiers(name).next()).map(|(_, word)| word));
                first = false;
            }
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "#![cfg_attr(\n    not(test),\n    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, \
        clippy::indexing_slicing, clippy::string_slice, clippy::arithmetic_side_effects)\n)]\n";

    fn check_text(path: &str, text: &str) -> Vec<String> {
        check(path, &RustText::new(path, text)).into_iter().map(|finding| finding.text).collect()
    }

    #[test]
    fn the_header_must_be_whole() {
        assert!(check_text("crates/law/src/lib.rs", HEADER).is_empty());
        let short = HEADER.replace("clippy::panic, ", "");
        let found = check_text("crates/law/src/lib.rs", &short);
        assert!(found.len() == 1 && found[0].ends_with(": clippy::panic"), "{found:?}");
        assert_eq!(check_text("crates/ledger/src/lib.rs", "// nothing").len(), 1);
        assert_eq!(check_text("crates/wire/src/lib.rs", &format!("/* {HEADER} */")).len(), 1);
    }

    #[test]
    fn a_missing_root_is_a_finding() {
        assert_eq!(missing_roots(&[]).len(), PANIC_FREE.len());
    }

    #[test]
    fn unsafe_fails_also_in_tests_but_not_in_words_about_it() {
        let text = "// unsafe\n#![forbid(unsafe_code)]\n#[cfg(test)]\nmod t { fn f() { unsafe { g() } } }";
        assert_eq!(check_text("crates/ledger/src/tree.rs", text), ["`unsafe` in the core"]);
        assert!(check_text("crates/server/src/a.rs", "unsafe {}").is_empty());
    }

    #[test]
    fn the_outside_is_named_however_it_is_written() {
        for text in [
            "use std::fs;",
            "let a = std::net::TcpStream::connect(b);",
            "use std::{fmt, fs::File};",
            "use std::{collections::{BTreeMap}, net};",
            "use tokio::sync::Mutex;",
            "use std::time::SystemTime;",
        ] {
            assert_eq!(check_text("crates/decide/src/a.rs", text).len(), 1, "{text}");
        }
    }

    #[test]
    fn tests_comments_and_other_crates_may_use_it() {
        assert!(
            check_text("crates/law/src/a.rs", "// std::fs\n#[cfg(test)]\nmod t { use std::fs; }").is_empty()
        );
        assert!(check_text("crates/law/src/a.rs", "use std::{fmt, collections::{fs_like}};").is_empty());
        assert!(check_text("crates/ledger/src/journal.rs", "use std::fs;").is_empty());
        assert!(check_text("crates/law/tests/cases.rs", "use std::fs;").is_empty());
    }
}
