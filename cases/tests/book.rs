//! The casebook: every chapter comes out as its prose says, what is wrong does not, and every word of the law occurs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use cases::book::{self, BadLaw, Chapter, Scenario, Text};
use cases::render::{self, Library, Topic};
use cases::{Case, Summary, failures};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

static LIBRARY: LazyLock<Library> =
    LazyLock::new(|| render::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("book")).unwrap());

fn chapters(of: impl Fn(&'static Topic) -> Vec<&'static Chapter>) -> impl Iterator<Item = &'static Chapter> {
    LIBRARY.topics.iter().flat_map(of)
}

fn good() -> impl Iterator<Item = &'static Chapter> {
    chapters(|topic| topic.good.iter().map(|(_, chapter)| chapter).collect())
}

fn bad() -> impl Iterator<Item = &'static Chapter> {
    chapters(|topic| topic.bad.iter().map(|(_, chapter)| chapter).collect())
}

fn cases() -> impl Iterator<Item = &'static Case> {
    good().flat_map(Chapter::scenarios).map(|scenario| &scenario.case)
}

fn texts() -> impl Iterator<Item = &'static Text> {
    good().chain(bad()).flat_map(Chapter::texts)
}

#[test]
fn every_chapter_comes_out_as_it_says() {
    let mut summary = Summary::default();
    good().chain(bad()).for_each(|chapter| summary.add_chapter(chapter));
    assert_eq!(summary.failed, [], "what came out otherwise");
    assert!(summary.passed.len() >= 60, "only {} scenarios", summary.passed.len());
}

/// `good/` holds right statements only, `bad/` false ones and law files that must be refused.
#[test]
fn good_and_bad_are_kept_apart() {
    for topic in &LIBRARY.topics {
        assert!(!topic.good.is_empty() && !topic.bad.is_empty(), "{}", topic.heading.folder);
    }
    assert!(good().flat_map(Chapter::scenarios).all(|scenario| scenario.wrong.is_empty()));
    assert_eq!(good().flat_map(Chapter::bad_laws).count(), 0);
    let right: Vec<&Scenario> =
        bad().flat_map(Chapter::scenarios).filter(|scenario| scenario.wrong.is_empty()).collect();
    assert!(right.is_empty(), "{:?}", right.first().map(|scenario| &scenario.text.heading));
}

/// A false statement taken for a right one is reported, and every kind of line can fail.
#[test]
fn a_false_statement_is_reported() {
    let mut failing = BTreeSet::new();
    for scenario in bad().flat_map(Chapter::scenarios) {
        let lines = failures(&scenario.case);
        assert!(!lines.is_empty(), "{}", scenario.text.heading);
        failing.extend(scenario.wrong.iter().map(String::as_str));
    }
    let kinds = ["outcome", "missing_facts", "depends_on", "options", "decisive", "flags", "stream_action"];
    assert_eq!(failing, BTreeSet::from(kinds));
}

/// A right statement said to be wrong, a bad law said to fail otherwise, and a warning that is not there are reported.
#[test]
fn a_wrong_mark_is_reported() {
    let law = "schema = 1\n[[directive]]\nid = \"d\"\ntitle = \"t\"\nform = \"rule\"\nissued_at = \"2026-06-01T00:00:00Z\"\neffective_from = \"2026-06-01T00:00:00Z\"\nmodels = [\"m\"]\npersons = { class = \"everyone\" }\ndestinations = \"none\"\nsource = { state = \"US\", office = \"o\" }\n";
    let case = |wrong: &str| {
        format!(
            "## h\n```toml case\nat = \"2026-06-15T00:00:00Z\"\nmodel = \"m\"\n{wrong}\n[expect]\noutcome = \"deny\"\n```\n"
        )
    };
    let none = "schema = 1\n[[lifting]]\nid = \"l\"\ndirectives = [\"x\"]\nat = \"2026-06-15T00:00:00Z\"\n";
    let chapters = [
        format!("```toml law\n{law}```\n{}", case("wrong = [\"outcome\"]")),
        format!("```toml law\n# warns: letter_unconfirmed\n{law}```\n{}", case("")),
        format!("```toml law\n# silent: no_public_reference\n{law}```\n{}", case("")),
        format!("## h\n```toml bad-law\n# expect: no_models\n{none}```\n"),
        format!("## h\n```toml bad-law\n# expect: unknown_directive\n{law}```\n"),
    ];
    for chapter in chapters {
        let mut summary = Summary::default();
        summary.add_chapter(&book::read(&chapter).unwrap());
        assert_eq!(summary.failed.len(), 1, "{chapter}");
    }
    let mut summary = Summary::default();
    let fine = format!("```toml law\n# warns: no_public_reference\n{law}```\n{}", case(""));
    summary.add_chapter(&book::read(&fine).unwrap());
    summary.add_chapter(
        &book::read(&format!("## h\n```toml bad-law\n# expect: unknown_directive\n{none}```\n")).unwrap(),
    );
    assert_eq!((summary.failed, summary.passed.len()), (Vec::new(), 3));
}

#[test]
fn every_scenario_has_a_heading_prose_and_articles_that_resolve() {
    let mut cited = BTreeSet::new();
    for text in texts() {
        assert!(!text.heading.is_empty() && !text.prose.is_empty(), "{text:?}");
        assert!(!text.articles.is_empty(), "{} cites nothing", text.heading);
        for citation in &text.articles {
            let article = LIBRARY.articles.find(citation);
            let article = article.unwrap_or_else(|| panic!("{}: {citation} is not listed", text.heading));
            cited.insert(article.cite.as_str());
        }
    }
    let listed: Vec<&str> = LIBRARY.articles.article.iter().map(|article| article.cite.as_str()).collect();
    assert_eq!(listed.len(), cited.len(), "an article is listed twice or never cited: {listed:?}");
}

/// An address is made from its citation, so that it cannot lead to another article.
#[test]
fn articles_lead_to_the_official_place() {
    for article in &LIBRARY.articles.article {
        let words: Vec<&str> = article.cite.split(' ').collect();
        let place = match words.as_slice() {
            [title, "CFR", "part", part] => format!("https://www.ecfr.gov/current/title-{title}/part-{part}"),
            [title, "CFR", section] => {
                format!("https://www.ecfr.gov/current/title-{title}/section-{section}")
            }
            [title, "USC", section] => format!(
                "https://uscode.house.gov/view.xhtml?req=granuleid:USC-prelim-title{title}-section{section}&num=0&edition=prelim"
            ),
            ["H.R.", number] => format!("https://www.congress.gov/bill/119th-congress/house-bill/{number}"),
            _ => "https://eur-lex.europa.eu/eli/reg/1996/2271/oj".to_owned(),
        };
        assert_eq!(article.url, place, "{}", article.cite);
    }
}

#[test]
fn no_two_scenarios_of_a_topic_have_the_same_heading() {
    for topic in &LIBRARY.topics {
        let mut seen = BTreeSet::new();
        for text in topic.chapters().flat_map(Chapter::texts) {
            assert!(seen.insert(&text.heading), "{}: {}", topic.heading.folder, text.heading);
        }
    }
}

#[test]
fn the_book_shows_every_outcome_question_option_fact_flag_and_action() {
    let mut seen: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for case in cases() {
        let expected = &case.expected;
        let mut see = |what, words: Vec<String>| seen.entry(what).or_default().extend(words);
        see("outcome", vec![expected.outcome.clone()]);
        see("fact", expected.missing.iter().cloned().collect());
        see("flag", expected.flags.iter().cloned().collect());
        see("action", expected.stream_action.iter().cloned().collect());
        see("question", expected.depends_on.iter().map(|(question, _)| question.clone()).collect());
        let recorded = terms::Question::ALL.into_iter().filter_map(|question| {
            case.policy.choices.word(question).map(|choice| format!("{} {choice}", question.word()))
        });
        see("reading", recorded.collect());
    }
    let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<String>>();
    let facts: Vec<&str> = terms::MissingFact::ALL.iter().map(|fact| fact.word()).collect();
    let questions: Vec<&str> = terms::Question::ALL.iter().map(|question| question.word()).collect();
    let readings = terms::Question::ALL
        .iter()
        .flat_map(|question| question.options().iter().map(|option| format!("{} {option}", question.word())));
    assert_eq!(seen["outcome"], words(&["permit", "deny", "verify_first", "depends"]));
    assert_eq!(seen["fact"], words(&facts));
    assert_eq!(seen["question"], words(&questions));
    assert_eq!(seen["reading"], readings.collect());
    let flags = ["authority_scope_exceeds_citation", "authority_not_enacted", "directive_upcoming"];
    assert_eq!(seen["flag"], words(&flags));
    assert_eq!(seen["action"], words(&["cut", "suspend"]));
}

/// The words of an enumeration, as its reader lists them.
fn variants<T: serde::de::DeserializeOwned>() -> Vec<String> {
    let Err(error) = serde_json::from_str::<T>("\"no such word\"") else { panic!("every word is read") };
    let message = error.to_string();
    let (_, listed) = message.split_once("expected").unwrap();
    listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Every key with every word that stands below it, in the law of the good chapters and the people of its cases.
fn written() -> BTreeSet<(String, String)> {
    let mut pairs = BTreeSet::new();
    for case in cases() {
        walk("", &serde_json::to_value(&case.book).unwrap(), &mut pairs);
        walk("", &serde_json::to_value(&case.facts).unwrap(), &mut pairs);
        pairs.insert(("asked".to_owned(), case.request.activity.word().to_owned()));
    }
    pairs
}

fn walk(key: &str, value: &serde_json::Value, pairs: &mut BTreeSet<(String, String)>) {
    match value {
        serde_json::Value::Object(members) => {
            // The list a table stands in tells tables apart; inside it, the member does.
            members.iter().for_each(|(name, inner)| {
                pairs.insert((key.to_owned(), name.clone()));
                walk(name, inner, pairs);
            });
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| walk(key, item, pairs)),
        serde_json::Value::String(word) => {
            pairs.insert((key.to_owned(), word.clone()));
        }
        _ => {}
    }
}

#[test]
fn the_law_of_the_book_uses_every_word() {
    let written = written();
    let mut absent = Vec::new();
    let mut look = |key: &str, words: Vec<String>| {
        assert!(!words.is_empty(), "{key}");
        absent.extend(
            words.into_iter().map(|word| (key.to_owned(), word)).filter(|pair| !written.contains(pair)),
        );
    };
    look("class", variants::<law::Class>());
    look(
        "rule",
        variants::<law::NationalityRule>().into_iter().filter(|rule| rule != "unspecified").collect(),
    );
    look("destinations", variants::<law::Destinations>());
    look("exempt", variants::<law::Exempt>());
    look("hong_kong", variants::<law::HongKong>());
    look("hosted_inference", variants::<law::HostedInference>());
    look("form", variants::<law::Form>());
    look("status", variants::<law::Status>());
    look("status", variants::<law::LicenceStatus>());
    look("state", variants::<law::ConditionState>());
    look("asked", variants::<terms::Activity>());
    look("relation", variants::<terms::Relation>().into_iter().filter(|word| word != "unknown").collect());
    look("kind", variants::<terms::SubjectKind>());
    look("value", variants::<terms::UsStatus>());
    look("party_match", variants::<terms::PartyMatch>());
    let levels = ["ip", "self", "employer", "document", "credential"];
    look("level", levels.map(str::to_owned).to_vec());
    let kinds = ["directives", "exceptions", "licences", "liftings", "stays", "service_duties", "adoptions"];
    look("", kinds.map(str::to_owned).to_vec());
    let terms_of_exceptions = [
        "models",
        "end_use",
        "employer",
        "relation",
        "all_nationalities_in",
        "located_in",
        "permanent_resident_of",
    ];
    look("when", terms_of_exceptions.map(str::to_owned).to_vec());
    let terms_of_licences = [
        "persons",
        "end_use",
        "excluded_nationalities",
        "located_in",
        "max_persons",
        "persons_used",
        "enrolled",
        "conditions",
    ];
    look("licences", terms_of_licences.map(str::to_owned).to_vec());
    look("stays", ["parties", "persons", "when"].map(str::to_owned).to_vec());
    let of_directives =
        ["capabilities", "criterion", "activities", "end_uses", "remote_access", "min_evidence"];
    look("directives", of_directives.map(str::to_owned).to_vec());
    look("persons", ["only_foreign_persons", "ownership_percent", "employers"].map(str::to_owned).to_vec());
    look("source", vec!["addressees".to_owned()]);
    look("effective_from", vec!["local".to_owned()]);
    assert_eq!(absent, [], "words of the law that no scenario of the book uses");
    let silent = |case: &Case| {
        case.book
            .directives
            .iter()
            .any(|d| d.persons.class.looks_at_nationality() && d.persons.rule.is_none())
    };
    assert!(
        cases().any(silent) && cases().any(|case| case.clock.uncertainty_us > 0 && case.started_at.is_none())
    );
}

#[test]
fn the_book_shows_the_errors_of_law_files() {
    let shown: BTreeSet<String> = bad().flat_map(Chapter::bad_laws).flat_map(BadLaw::codes).collect();
    assert!(shown.len() >= 35, "only {} codes: {shown:?}", shown.len());
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
        ("## bad\n```toml bad-law\nschema = 2\n```\n", "# expect: CODE"),
        (
            "```toml operator\nmin_evidence = \"document\"\nmin_location_evidence = \"ip\"\nreadings = { destination_limb = \"maybe\" }\n```\n",
            "maybe",
        ),
        (
            "## two\n```toml bad-law\n# expect: unknown_schema\nschema = 2\n```\n```toml bad-law\n# expect: unknown_schema\nschema = 2\n```\n",
            "two cases",
        ),
    ];
    for (chapter, part) in table {
        let error = book::read(chapter).map(|chapter| chapter.pieces.len()).unwrap_err();
        assert!(format!("{error:#}").contains(part), "{chapter}: {error:#}");
    }
}
