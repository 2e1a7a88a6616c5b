//! Words that may not stay: left-over marks in source, registry hosts and machine paths anywhere.

use super::Finding;
use super::rust_text::{identifiers, is_word};

/// Written in two halves so that this file passes its own check.
const MARKS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
const MACROS: [&str; 2] = [concat!("db", "g!"), concat!("to", "do!")];
const HOSTS: [&str; 7] = [
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("python", "hosted.org"),
    concat!("npm", "js.org"),
    concat!("npm", "js.com"),
    concat!("proxy.go", "lang.org"),
    concat!("deb.deb", "ian.org"),
];
const MACHINE_PATHS: [&str; 2] = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// Left-over marks in source that is not a test.
pub fn marks(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (line, row) in numbered(text) {
        for (at, word) in identifiers(row) {
            let called = row.get(at..at + word.len() + 1).filter(|call| MACROS.contains(call));
            if let Some(mark) = called.or_else(|| MARKS.contains(&word).then_some(word)) {
                findings.push(Finding::failure(path, line, format!("left-over marker `{mark}`")));
            }
        }
    }
    findings
}

/// Registry hosts and absolute machine paths. `Cargo.lock` is cargo's own and names its registry.
pub fn hosts_and_paths(path: &str, text: &str) -> Vec<Finding> {
    if path.ends_with("Cargo.lock") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (line, row) in numbered(text) {
        for host in HOSTS.into_iter().filter(|host| row.contains(host)) {
            findings.push(Finding::failure(path, line, format!("names a package registry's host ({host})")));
        }
        for place in MACHINE_PATHS.into_iter().filter(|place| is_absolute(row, place)) {
            findings.push(Finding::failure(path, line, format!("names a path of one machine ({place})")));
        }
    }
    findings
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, row)| (index + 1, row))
}

/// True when `place` begins a path in `row`, and is not the middle of a longer or relative one.
fn is_absolute(row: &str, place: &str) -> bool {
    row.match_indices(place).any(|(at, _)| {
        let before = row.get(..at).and_then(|head| head.chars().next_back());
        before.is_none_or(|c| !is_word(c) && !matches!(c, '.' | '-' | '~' | '/' | '}' | ')' | '*'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_marks(row: &str, count: usize) {
        assert_eq!(marks("src/a.rs", row).len(), count, "{row}");
    }

    #[test]
    fn marks_are_found_as_whole_words() {
        for mark in MARKS {
            check_marks(&format!("// {mark}: later"), 1);
            check_marks(&format!("let {mark}ED = 1;"), 0);
        }
        for name in MACROS {
            check_marks(&format!("    {name}(x);"), 1);
            check_marks(&format!("    not_{name}(x);"), 0);
        }
        check_marks("a list of things to do!", 0);
    }

    #[track_caller]
    fn check_words(text: &str, count: usize) {
        assert_eq!(hosts_and_paths("docs/a.md", text).len(), count, "{text}");
    }

    #[test]
    fn every_host_is_found() {
        for host in HOSTS {
            check_words(&format!("see https://{host}/a"), 1);
        }
        check_words("see https://docs.example.org/a", 0);
    }

    #[test]
    fn machine_paths_are_found_where_they_begin() {
        for place in MACHINE_PATHS {
            check_words(&format!("look in `{place}main`"), 1);
            check_words(&format!("{place}main"), 1);
            check_words(&format!("https://example.org{place}main"), 0);
            check_words(&format!("..{place}main"), 0);
        }
    }

    #[test]
    fn the_lock_file_names_its_registry() {
        assert!(hosts_and_paths("Cargo.lock", HOSTS[0]).is_empty());
    }

    #[test]
    fn a_finding_names_the_line() {
        assert_eq!(marks("src/a.rs", &format!("a\nb // {}", MARKS[0]))[0].line, 2);
    }
}
