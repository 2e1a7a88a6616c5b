//! The casebook: every chapter comes out as its prose says, and a wrong chapter does not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use cases::{Case, Summary, book};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn chapters() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("book");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut chapters: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    chapters.sort();
    chapters
}

fn cases_of(path: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).unwrap();
    book::read(&text).unwrap_or_else(|error| panic!("{}: {error:#}", path.display()))
}

#[test]
fn every_chapter_comes_out_as_it_says() {
    let mut summary = Summary::default();
    for chapter in chapters() {
        cases_of(&chapter).iter().for_each(|case| summary.add(case));
    }
    assert_eq!(summary.failed, [], "scenarios that came out otherwise");
    assert!(summary.passed.len() >= 15, "only {} scenarios", summary.passed.len());
}

#[test]
fn no_two_scenarios_of_a_chapter_have_the_same_heading() {
    for chapter in chapters() {
        let cases = cases_of(&chapter);
        let headings: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(headings.len(), cases.len(), "{}", chapter.display());
        assert!(!headings.contains(""), "{}: a scenario without heading", chapter.display());
    }
}

#[test]
fn the_book_shows_every_outcome() {
    let cases = chapters().iter().flat_map(|chapter| cases_of(chapter)).collect::<Vec<_>>();
    let outcomes: BTreeSet<&str> = cases.iter().map(|case| case.expected.outcome.as_str()).collect();
    assert_eq!(outcomes, BTreeSet::from(["permit", "deny", "verify_first", "depends"]));
}

/// Each scenario of the wrong chapter fails in the one line its heading names.
#[test]
fn a_wrong_chapter_is_reported() {
    let mut summary = Summary::default();
    let cases = book::read(include_str!("wrong-chapter.md")).unwrap();
    cases.iter().for_each(|case| summary.add(case));
    assert_eq!(summary.passed, Vec::<String>::new());
    assert_eq!(summary.failed.len(), 6);
    for (heading, lines) in &summary.failed {
        assert!(lines[0].starts_with(heading.as_str()), "{heading}: {lines:?}");
    }
}

#[test]
fn a_chapter_that_cannot_be_read_says_where() {
    let table = [
        ("# nothing\n", "no case"),
        ("## open\n```toml case\nat = 1\n", "`open` is not closed"),
        ("## odd\n```toml laws\n```\n", "unknown block `toml laws`"),
        (
            "## bad\n```toml case\nat = \"2026-06-15\"\nmodel = \"m\"\n[expect]\noutcome = \"deny\"\n```\n",
            "case `bad`",
        ),
        ("## bad\n```toml law\nschema = 2\n```\n", "unknown_schema"),
        (
            "```toml operator\nmin_evidence = \"document\"\nmin_location_evidence = \"ip\"\nreadings = { destination_limb = \"maybe\" }\n```\n",
            "maybe",
        ),
    ];
    for (chapter, part) in table {
        let error = book::read(chapter).map(|cases| cases.len()).unwrap_err();
        assert!(format!("{error:#}").contains(part), "{chapter}: {error:#}");
    }
}
