//! The example files lint without errors, compile, and say what their README says.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use law::lint::{Context, Severity, check};
use law::{Book, LawFile, ListedModel, Policy, Regime};
use terms::{Instant, ModelId, Question};

const MODELS: &str = include_str!("../../../examples/june-2026/models.toml");
const LETTERS: [&str; 3] = [
    include_str!("../../../examples/june-2026/letter-1.toml"),
    include_str!("../../../examples/june-2026/letter-2.toml"),
    include_str!("../../../examples/june-2026/letter-3.toml"),
];
const READINGS: &str = include_str!("../../../examples/june-2026/readings.toml");

/// All files in the order of the README, and what lint says of them besides.
fn linted() -> (Vec<LawFile>, Vec<(Severity, &'static str)>) {
    let catalogue: Vec<ModelId> =
        check(MODELS, &Context::default()).file.unwrap().model.into_iter().map(|model| model.id).collect();
    let mut files = Vec::new();
    let mut findings = Vec::new();
    for text in [MODELS].into_iter().chain(LETTERS).chain([READINGS]) {
        let report = check(text, &Context { catalogue: Some(&catalogue), before: &files });
        findings.extend(report.diagnostics.iter().map(|finding| (finding.severity, finding.code)));
        files.push(report.file.unwrap());
    }
    (files, findings)
}

#[test]
fn lint_says_what_the_readme_says() {
    let (_, findings) = linted();
    let warnings = [
        "open_reading",
        "authority_scope_exceeds_citation",
        "authority_transaction_kinds",
        "authority_end_use_limit",
        "authority_basis_not_shown",
        "authority_clock_formality",
        "authority_transaction_kinds",
        "authority_basis_not_shown",
        "authority_not_implemented",
    ];
    let expected: Vec<_> = warnings.map(|code| (Severity::Warning, code)).into_iter().collect();
    let note = (Severity::Note, "enforced_by_addressees");
    assert_eq!(findings, [expected, vec![note]].concat());
}

#[test]
fn they_compile_and_leave_no_question_open_once_read() {
    let (files, _) = linted();
    let mut book = Book::default();
    files.iter().for_each(|file| book.add(file));
    let catalogue: Vec<ListedModel> = files[0].model.iter().map(|model| model.id.clone().into()).collect();
    let unread = Regime::compile(&book, &catalogue, &Policy::default()).unwrap();
    assert_eq!(unread.open_questions(), [Question::DestinationLimb, Question::EmployeeMeans]);
    let policy = Policy { choices: files[4].choices().unwrap(), ..Policy::default() };
    let read = Regime::compile(&book, &catalogue, &policy).unwrap();
    assert_eq!(read.open_questions(), []);
    assert_eq!(read.rules()[0].reliefs.len(), 2);
    let window = read.rules()[0].window;
    assert_eq!(window.from, Instant::parse("2026-06-12T21:21:00Z").unwrap());
    assert_eq!(window.until, Some(Instant::parse("2026-06-30T22:00:00Z").unwrap()));
}

#[test]
fn a_later_letter_alone_is_told_which_file_is_missing() {
    for letter in LETTERS.iter().skip(1) {
        let report = check(letter, &Context::default());
        let codes: Vec<&str> = report.diagnostics.iter().map(|finding| finding.code).collect();
        assert!(report.has_errors() && codes.iter().all(|code| *code == "unknown_directive"), "{codes:?}");
    }
}
