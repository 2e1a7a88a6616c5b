//! What sets and statements answer.

use super::*;

fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

fn set(codes: &[&str], complete: bool, hidden: bool) -> Asserted {
    Asserted::nationalities(codes.iter().copied(), complete, hidden).unwrap()
}

#[track_caller]
fn check(facts: &Facts, asked: &str, expected: Answer) {
    assert_eq!(facts.answer(&asked.parse().unwrap()), expected, "{asked}");
}

#[test]
fn absence_counts_only_in_a_complete_set() {
    check(&set(&["IN"], true, false).facts, "national_of:CN", Answer::No);
    check(&set(&["IN"], true, true).facts, "national_of:CN", Answer::Unknown);
    check(&set(&["IN"], false, false).facts, "national_of:CN", Answer::Unknown);
    check(&set(&["IN"], true, false).facts, "national_of:IN", Answer::Yes);
    check(&set(&["QS"], true, false).facts, "national_of:CN", Answer::No);
}

#[test]
fn a_code_that_leaves_the_nationality_open_makes_no_complete_set() {
    for open in ["QU", "XXX", "XXB", "XXC"] {
        check(&set(&["IN", open], true, false).facts, "national_of:CN", Answer::Unknown);
    }
}

#[test]
fn a_foreign_nationality_never_makes_anybody_no_us_person() {
    check(&set(&["DE"], true, false).facts, "us_person", Answer::Unknown);
    check(&set(&["DE", "US"], false, false).facts, "us_person", Answer::Yes);
    check(&set(&["DE", "US"], false, false).facts, "us_person_744_6", Answer::Yes);
    let no = Facts::stated([(Predicate::UsPerson, Answer::No)]);
    check(&no, "us_person", Answer::No);
    check(&no, "us_person_744_6", Answer::Unknown);
}

#[test]
fn a_set_and_a_statement_that_contradict_answer_nothing() {
    let mut facts = set(&["CN"], false, false).facts;
    facts.stated.insert(Predicate::NationalOf(country("CN")), Answer::No);
    check(&facts, "national_of:CN", Answer::Unknown);
    check(&facts, "national_of:KP", Answer::Unknown);
}

#[test]
fn what_is_held_was_held() {
    let facts = set(&["IR"], true, false).facts;
    check(&facts, "ever_national_of:IR", Answer::Yes);
    check(&facts, "ever_national_of:CN", Answer::Unknown);
    check(&facts, "most_recent_national_of:IR", Answer::Unknown);
    check(&facts, "resident_of:IR", Answer::Unknown);
}

#[test]
fn codes_become_countries_once_and_flags() {
    let asserted = set(&["DEU", "DE", "US", "XXA", "QU"], false, true);
    let countries = asserted.facts.nationalities().unwrap().countries();
    assert_eq!(countries, [country("DE"), Country::US]);
    assert_eq!(asserted.flags, BTreeSet::from([Flag::Stateless, Flag::UndisclosedElements]));
    let refused =
        |codes: &[&str]| Asserted::nationalities(codes.iter().copied(), true, false).unwrap_err().code();
    assert_eq!(
        (refused(&[]), refused(&["QU", "XXX"]), refused(&["DE", "Germany"])),
        ("missing_claim", "missing_claim", "claim_value")
    );
}
