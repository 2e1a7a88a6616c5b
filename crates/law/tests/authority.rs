//! The authority check: what a citation carries, and what it does not, with citations, in both languages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use law::Directive;
use law::authority::{ENFORCED, Finding, Kind, check, excess, find, scope, text};
use law::lint::read;
use terms::{Activity, Country, Instant};

const LETTERS: [&str; 3] = [
    include_str!("../../../examples/june-2026/letter-1.toml"),
    include_str!("../../../examples/june-2026/letter-2.toml"),
    include_str!("../../../examples/june-2026/letter-3.toml"),
];

fn directive(edits: &[(&str, &str)]) -> Directive {
    let text = edits.iter().fold(
        "schema = 1\n[[directive]]\nid = \"d\"\ntitle = \"t\"\nform = \"rule\"\nissued_at = 2026-06-12T21:21:00Z\n\
         effective_from = 2026-06-12T21:21:00Z\nmodels = [\"*\"]\npersons = { class = \"foreign_person\" }\n\
         destinations = \"none\"\nauthority = [\"ear-744-22-b\"]\nsource = { state = \"US\", office = \"o\" }\n"
            .to_owned(),
        |text, (from, to)| {
            assert_eq!(text.matches(from).count(), 1, "{from}");
            text.replacen(from, to, 1)
        },
    );
    read(&text).unwrap().directive.remove(0)
}

fn kinds(edits: &[(&str, &str)]) -> Vec<Kind> {
    check(&directive(edits)).into_iter().map(|finding: Finding| finding.kind).collect()
}

const CITED: &str = "[\"ear-744-22-b\"]";
const PERSONS: &str = "{ class = \"foreign_person\" }";

#[test]
fn the_june_letters_in_both_languages() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| {
        let found: Vec<Finding> = LETTERS
            .iter()
            .flat_map(|letter| read(letter).unwrap().directive)
            .flat_map(|d| check(&d))
            .collect();
        let text = text(&found);
        insta::assert_snapshot!("june_letters.en", text.en);
        insta::assert_snapshot!("june_letters.ko", text.ko);
    });
}

#[test]
fn ten_countries_against_the_world() {
    let directive = directive(&[]);
    let [Kind::Countries { listed, beyond }, ..] = &kinds(&[])[..] else { panic!("no countries") };
    // Ten, and Hong Kong as part of China; 250 less these, the United States and six territories.
    assert_eq!((listed.len(), beyond.len()), (11, 232));
    assert!(!beyond.iter().any(|country| country.as_place() == Country::US || listed.contains(country)));
    assert!(scope(&directive).contains(Country::parse("PR").unwrap()), "the flag compares the whole scope");
    assert_eq!(excess(&directive)[0].beyond, *beyond);
    // A scope inside the list exceeds nothing.
    let inside = "{ class = \"located_in\", countries = [\"CN\", \"E:1\", \"CU\"] }";
    assert!(!kinds(&[(PERSONS, inside)]).iter().any(|kind| matches!(kind, Kind::Countries { .. })));
}

#[test]
fn the_flag_does_not_change_with_what_is_printed() {
    let only_us = directive(&[(PERSONS, "{ class = \"located_in\", countries = [\"CN\", \"PR\", \"US\"] }")]);
    let [excess] = &excess(&only_us)[..] else { panic!("flagged once") };
    assert!(excess.beyond.is_empty());
    assert!(check(&only_us)[0].summary.en.ends_with("this measure also reaches the United States."));
}

#[test]
fn persons_an_authority_cannot_reach() {
    let persons = |cited: &str, class: &str| {
        let cited = format!("[\"{cited}\"]");
        kinds(&[(CITED, &cited), (PERSONS, class)]).iter().any(|kind| matches!(kind, Kind::Persons { .. }))
    };
    let us_person = "{ class = \"us_person_744_6\" }";
    let table = [
        ("ear-744-6-b", PERSONS, true),
        ("ear-744-6-b", us_person, false),
        ("ear-744-22-b", PERSONS, false),
        ("ear-744-22-b", us_person, true),
        ("ear-744-22-b", "{ class = \"everyone\" }", true),
        ("ear-744-22-b", "{ class = \"located_in\", countries = [\"US\"] }", true),
        ("ear-744-22-b", "{ class = \"located_in\", countries = [\"FR\"] }", false),
        ("ear-744-11", PERSONS, true),
        ("ear-744-11", "{ class = \"listed_party\" }", false),
        ("ecra-4812", "{ class = \"everyone\" }", false),
    ];
    for (cited, class, expected) in table {
        assert_eq!(persons(cited, class), expected, "{cited} {class}");
    }
}

#[test]
fn activities_and_remote_access() {
    let fit = |edits: &[(&str, &str)]| {
        kinds(edits).into_iter().find_map(|kind| match kind {
            Kind::TransactionKinds { contested, not_covered, remote_access, .. } => {
                Some((contested, not_covered, remote_access))
            }
            _ => None,
        })
    };
    assert_eq!(fit(&[]), Some((vec![Activity::HostedInference], vec![], false)));
    let models = "models = [\"*\"]";
    let weights = "models = [\"*\"]\nactivities = [\"weights_download\"]";
    assert_eq!(fit(&[(models, weights)]), None);
    assert_eq!(fit(&[(models, "models = [\"*\"]\nhosted_inference = \"if_export\"")]), None);
    let remote = "models = [\"*\"]\nactivities = [\"hosted_inference\"]\nremote_access = true";
    assert_eq!(fit(&[(models, remote)]), Some((vec![Activity::HostedInference], vec![], true)));
    assert_eq!(fit(&[(models, remote), (CITED, "[\"remote-access-act-enacted\"]")]), None);
    let all = vec![Activity::HostedInference, Activity::WeightsDownload, Activity::SourceCode];
    assert_eq!(fit(&[(CITED, "[\"eo-2026-06-02\"]")]), Some((vec![], all, false)));
}

#[test]
fn limits_are_kept_by_naming_the_end_use() {
    let limited = |edits: &[(&str, &str)]| kinds(edits).iter().any(|k| matches!(k, Kind::EndUseLimit { .. }));
    let models = "models = [\"*\"]";
    assert!(limited(&[]));
    assert!(!limited(&[(models, "models = [\"*\"]\nend_uses = [\"military_intelligence\"]")]));
    assert!(limited(&[(models, "models = [\"*\"]\nend_uses = [\"military_intelligence\", \"civil\"]")]));
    // The limits of 50 USC 4812 are for what US persons do.
    assert!(!limited(&[(CITED, "[\"ecra-4812\"]")]));
    assert!(limited(&[(CITED, "[\"ecra-4812\"]"), (PERSONS, "{ class = \"us_person_744_6\" }")]));
}

#[test]
fn an_oral_notice_decays_unless_confirmed() {
    let clock = |edits: &[(&str, &str)]| {
        kinds(edits).into_iter().find_map(|kind| match kind {
            Kind::ClockFormality { written_due, .. } => Some(written_due),
            _ => None,
        })
    };
    let due = Some(Instant::parse("2026-06-17T04:00:00Z").unwrap());
    assert_eq!(clock(&[("\"rule\"", "\"oral\"")]), Some(due));
    assert_eq!(clock(&[("\"rule\"", "\"oral\""), (CITED, "[]")]), Some(due));
    assert_eq!(clock(&[("\"rule\"", "\"is_informed_letter\"")]), Some(None));
    assert_eq!(clock(&[("\"rule\"", "\"is_informed_letter\""), (CITED, "[\"ecra-4812\"]")]), None);
    assert_eq!(clock(&[]), None);
    assert_eq!(clock(&[("\"rule\"", "\"oral\""), ("\"US\"", "\"KR\"")]), None, "a rule of one state");
    let oral = check(&directive(&[("\"rule\"", "\"oral\"")]));
    assert!(oral.last().unwrap().summary.en.contains("federal holidays are not counted out"));
}

#[test]
fn findings_name_provision_and_say_they_stop_nothing() {
    let found = check(&directive(&[(CITED, "[\"ear-744-22-b\", \"ear-744-22-b\", \"no-such-id\"]")]));
    assert_eq!(found.len(), 4, "a provision cited twice is checked once: {found:?}");
    for finding in &found {
        assert_eq!(find(finding.authority).unwrap().citation, finding.citation);
        assert!(!finding.summary.ko.is_empty() && finding.summary.en.contains(finding.citation));
    }
    assert!(text(&found).en.ends_with(ENFORCED.en) && text(&found).ko.ends_with(ENFORCED.ko));
    assert_eq!(text(&[]).en, "");
}
