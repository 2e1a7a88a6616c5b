use super::*;
use crate::cli::Language;
use clap::Parser;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/june-2026");

fn args(further: &[&str]) -> cli::Diff {
    let before = format!("{FOLDER}/letter-1.toml");
    let catalogue = format!("{FOLDER}/models.toml");
    let all = ["douane", "diff", &before, &before, "--catalogue", &catalogue];
    match cli::Cli::try_parse_from(all.into_iter().chain(further.iter().copied())).unwrap().verb {
        cli::Verb::Diff(diff) => diff,
        other => panic!("{other:?}"),
    }
}

/// A folder with the first letters.
fn letters(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for number in 1..=count {
        let name = format!("letter-{number}.toml");
        std::fs::copy(format!("{FOLDER}/{name}"), folder.path().join(name)).unwrap();
    }
    folder
}

/// The page for two folders of letters.
fn page(before: usize, after: usize, further: &[&str]) -> (String, bool) {
    let (a, b) = (letters(before), letters(after));
    let args = cli::Diff { before: a.path().into(), after: b.path().into(), ..args(further) };
    let (view, passes) = compare(&args).unwrap();
    let text = if args.markdown { view::markdown(&view, args.lang) } else { view::text(&view, args.lang) };
    (text, passes)
}

const READINGS: [&str; 4] =
    ["--reading", "destination_limb=person_only", "--reading", "employee_means=payroll_only"];

#[test]
fn the_second_letter_opens_a_model_to_named_firms() {
    let (text, passes) =
        page(1, 2, &[READINGS.as_slice(), &["--markdown", "--fail-if-refuses-more"]].concat());
    assert!(passes);
    let opened = text.lines().find(|line| line.contains("deny -> permit")).unwrap();
    assert!(opened.starts_with("| mythos-5 |"), "{opened}");
    assert!(opened.contains("works for harbor grid co, model maker inc, plains water authority"), "{opened}");
    assert!(opened.contains("2026-06-27T00:00:00Z<br>open"), "{opened}");
    assert!(text.contains("Does B refuse anyone A permits?\n\nNo, nobody."), "{text}");
}

#[test]
fn a_counterexample_is_a_file_that_check_reads() {
    let (text, passes) =
        page(1, 3, &[READINGS.as_slice(), &["--markdown", "--fail-if-permits-more"]].concat());
    assert!(!passes, "what fails is what was asked to fail");
    let (_, file) = text.split_once("```toml\n").unwrap();
    let (file, _) = file.split_once("```").unwrap();
    let facts: terms::PersonFacts = toml::from_str(file).unwrap();
    assert_ne!(facts, terms::PersonFacts::shared_key());
    assert!(text.contains("2026-06-30T22:00:00Z") || text.contains("2026-06-27T00:00:00Z"));
}

#[test]
fn nothing_differs_from_itself_and_headings_are_translated() {
    let (text, passes) = page(2, 2, &["--lang", "ko", "--fail-if-permits-more", "--fail-if-refuses-more"]);
    assert!(passes);
    assert!(text.contains("달라지는 대상이 없습니다."), "{text}");
    assert_eq!(args(&["--lang", "ko"]).lang, Language::Ko);
}

#[test]
fn people_on_file_are_counted() {
    let people = format!("{FOLDER}/people.csv");
    let (text, _) = page(1, 3, &[READINGS.as_slice(), &["--people", &people]].concat());
    assert!(text.contains("everyone") && text.contains("us_status none"), "{text}");
}
