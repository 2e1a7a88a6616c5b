//! Whatever a file holds, lint answers: it never panics, and it points inside the text.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use law::lint::{Context, check, read};
use law::{Book, ListedModel, Policy, Regime};
use proptest::prelude::*;
use terms::ModelId;

const EXAMPLES: [&str; 5] = [
    include_str!("../../../examples/june-2026/models.toml"),
    include_str!("../../../examples/june-2026/letter-1.toml"),
    include_str!("../../../examples/june-2026/letter-2.toml"),
    include_str!("../../../examples/june-2026/letter-3.toml"),
    include_str!("../../../examples/june-2026/readings.toml"),
];

/// Every kind of instrument, class and open question in one file.
fn rich() -> String {
    let open = include_str!("fixtures/open.toml").replacen("schema = 1\n", "", 1);
    format!("{}{open}", include_str!("fixtures/clean.toml"))
}

/// Pieces that a confused or malicious author may put anywhere.
const PIECES: [&str; 22] = [
    "",
    "\n",
    "[[directive]]\n",
    "[[exception]]\n",
    "[directive.source]\n",
    "\"",
    "\"\"\"",
    "=",
    "]",
    "}",
    "[]",
    "{}",
    "\"*\"",
    "-1",
    "1e999",
    "9999-12-31T23:59:60Z",
    "-9999-01-01T00:00:00+99:99",
    "0000-00-00",
    "\u{feff}",
    "\u{202e}DE",
    "한국",
    "\0",
];

/// One edit: what is taken out and what is put in. Places are shares of the text, so that they fit any file.
type Edit = (prop::sample::Index, usize, prop::sample::Selector);

fn edited(text: &str, edits: &[Edit]) -> String {
    edits.iter().fold(text.to_owned(), |text, (place, taken, piece)| {
        let chars: Vec<char> = text.chars().collect();
        let at = place.index(chars.len().max(1));
        let after = chars.len().min(at.saturating_add(*taken));
        let head: String = chars.iter().take(at).collect();
        let tail: String = chars.iter().skip(after).collect();
        head + piece.select(PIECES) + &tail
    })
}

/// Lints against the first letter, and compiles what can be read.
fn survive(text: &str) {
    let before = [read(EXAMPLES[1]).unwrap()];
    let catalogue = ["fable-5", "mythos-5"].map(|id| ModelId::parse(id).unwrap());
    for context in [Context::default(), Context { catalogue: Some(&catalogue), before: &before }] {
        let report = check(text, &context);
        for finding in &report.diagnostics {
            assert!(text.get(finding.span.clone()).is_some(), "{finding:?} points outside the text");
            assert!(!finding.message.is_empty() && !finding.help.is_empty(), "{finding:?}");
        }
        if let Some(file) = &report.file {
            let mut book = Book::default();
            book.add(file);
            let models: Vec<ListedModel> = catalogue.iter().cloned().map(ListedModel::from).collect();
            let compiled = Regime::compile(&book, &models, &Policy::default());
            let alone = context.before.is_empty();
            assert!(
                !alone || report.has_errors() || compiled.is_ok(),
                "lint passed what cannot be compiled: {compiled:?}"
            );
        }
    }
}

/// An edit of the rich file that gives an error: blank, of another type, empty, unknown, contradictory.
fn is_refused(from: &str, to: &str) {
    let text = rich();
    assert!(text.contains(from), "{from}");
    let text = text.replacen(from, to, 1);
    assert!(check(&text, &Context::default()).has_errors(), "{from} -> {to}");
    survive(&text);
}

#[test]
fn the_rich_file_is_without_errors_and_compiles() {
    let report = check(&rich(), &Context::default());
    assert!(!report.has_errors(), "{:?}", report.diagnostics);
    let mut book = Book::default();
    book.add(&report.file.unwrap());
    let models = ["fable-5", "mythos-5"].map(|id| ListedModel::from(ModelId::parse(id).unwrap()));
    let regime = Regime::compile(&book, &models, &Policy::default()).unwrap();
    assert_eq!(regime.rules().len(), 11);
}

#[test]
fn values_that_make_no_sense_are_errors() {
    let edits = [
        // Blank.
        ("office = \"Example office\"", "office = \"\""),
        ("holder = \"Lyon Bank SA\"", "holder = \"\u{3000}\""),
        ("id = \"all-1\"", "id = \"\""),
        ("public_reference = \"Example statute 1\"", "public_reference = \"\\t\""),
        // Of another type.
        ("models = [\"*\"]", "models = \"*\""),
        ("models = [\"*\"]", "models = [1]"),
        ("persons = { class = \"everyone\" }", "persons = \"everyone\""),
        ("effective_from = \"2026-01-02T00:00:00Z\"", "effective_from = 20260102"),
        ("effective_from = \"2026-01-02T00:00:00Z\"", "effective_from = []"),
        ("ownership_percent = 50", "ownership_percent = \"50\""),
        ("max_persons = 3", "max_persons = -3"),
        ("max_persons = 3", "max_persons = 4294967296"),
        ("remote_access = true", "remote_access = \"yes\""),
        ("schema = 1", "schema = \"1\""),
        ("schema = 1", "schema = -1"),
        // Empty.
        ("activities = [\"weights_download\", \"source_code\"]", "activities = []"),
        ("countries = [\"D:5\", \"CU\"]", "countries = []"),
        ("lifts = [\"foreign-1\", \"nationals-1\"]", "lifts = []"),
        ("persons = { class = \"everyone\" }", "persons = {}"),
        // Not a word of the language.
        ("class = \"everyone\"", "class = \"nobody\""),
        ("class = \"us_person_744_6\"", "class = \"us_person7446\""),
        ("rule = \"ever_held\"", "rule = \"first_held\""),
        ("hosted_inference = \"if_export\"", "hosted_inference = \"yes\""),
        ("status = \"issued\"", "status = \"granted\""),
        ("state = \"breached\"", "state = \"broken\""),
        ("hong_kong = \"open\"", "hong_kong = \"closed\""),
        // Contradictory.
        ("id = \"partners\"", "id = \"foreign-1\""),
        ("id = \"serve-2\"", "id = \"serve-1\""),
        ("id = \"stay-1\"", "id = \"partners\""),
        ("first = \"2026-11-01T05:30:00Z\"", "first = \"2026-11-02T05:30:00Z\""),
        ("effective_until = 2027-01-02T00:00:00Z", "effective_until = 2026-01-02T00:00:00Z"),
        ("until = \"2026-09-25T00:00:00Z\"", "until = \"2026-06-12T00:00:00Z\""),
        ("when = { models", "when = { models = [\"fable-5\"], models"),
        ("status = \"law\"", "status = \"law\"\nstatus = \"bill\""),
    ];
    edits.into_iter().for_each(|(from, to)| is_refused(from, to));
}

#[test]
fn two_exceptions_of_the_same_people_that_disagree_are_an_error() {
    let text = rich();
    let start = text.find("[[exception]]").unwrap();
    let end = text.find("[[lifting]]").unwrap();
    let again = text[start..end]
        .replace("id = \"partners\"", "id = \"partners-2\"")
        .replace("2026-09-25T00:00:00Z", "2026-09-26T00:00:00Z");
    let clash = format!("{text}\n{again}");
    let report = check(&clash, &Context::default());
    assert!(report.has_errors() && report.diagnostics.iter().any(|f| f.code == "contradicting_exceptions"));
    survive(&clash);
}

#[test]
fn a_hundred_times_too_large() {
    let once = rich().replacen("schema = 1\n", "", 1);
    let copies = terms::limits::LAW_FILE_BYTES * 100 / once.len();
    let text = format!("schema = 1\n{}", once.repeat(copies));
    assert!(text.len() > terms::limits::LAW_FILE_BYTES * 99);
    let report = check(&text, &Context::default());
    assert_eq!(report.diagnostics.len(), 1);
    assert_eq!(report.diagnostics[0].code, "file_too_large");
}

#[test]
fn the_largest_file_of_one_instrument_again_and_again_is_answered() {
    let text = rich();
    let duty = &text[text.rfind("[[service_duty]]").unwrap()..];
    let room = terms::limits::LAW_FILE_BYTES - text.len();
    // Every copy takes the same id: findings are bounded however many there are.
    let full = format!("{text}\n{}", format!("{duty}\n").repeat(room / (duty.len() + 1) - 1));
    assert!(full.len() <= terms::limits::LAW_FILE_BYTES);
    let report = check(&full, &Context::default());
    assert!(report.has_errors());
    assert_eq!(report.diagnostics.len(), law::lint::FINDINGS + 1);
}

#[test]
fn deep_nesting_is_refused() {
    let deep = 200_000;
    for (open, close) in [("[", "]"), ("{a=", "}"), ("[{a=", "}]")] {
        for text in [
            format!("schema = 1\nx = {}", open.repeat(deep)),
            format!("schema = 1\nx = {}1{}", open.repeat(deep), close.repeat(deep)),
            format!("schema = {}1{}", open.repeat(deep), close.repeat(deep)),
        ] {
            assert!(check(&text, &Context::default()).has_errors());
        }
    }
    let header = format!("schema = 1\n[{}a]\n", "a.".repeat(deep));
    assert!(check(&header, &Context::default()).has_errors());
    let dotted = format!("{}a = 1\n", "a.".repeat(deep));
    assert!(check(&dotted, &Context::default()).has_errors());
}

#[test]
fn every_prefix_of_the_rich_file() {
    let text = rich();
    let edges = (0..text.len()).filter(|at| text.is_char_boundary(*at));
    // Lint on each, the whole survival on each line's end.
    for at in edges {
        let report = check(&text[..at], &Context::default());
        assert!(report.file.is_some() || report.has_errors(), "{at}");
    }
    text.match_indices('\n').for_each(|(at, _)| survive(&text[..at]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text(text in any::<String>()) {
        survive(&text);
    }

    #[test]
    fn text_that_looks_like_law(lines in prop::collection::vec("(schema|id|models|when|at|from|\\[\\[(directive|exception|lifting|licence|reading|model)\\]\\]) ?=? ?(1|\"[a-z-]{0,4}\"|\\[\"\\*\"\\]|\\{\\}|2026-06-12T00:00:00Z)?", 0..20)) {
        survive(&lines.join("\n"));
    }

    #[test]
    fn mutated_examples(
        file in 0..EXAMPLES.len(),
        edits in prop::collection::vec(any::<Edit>().prop_map(|(place, taken, piece)| (place, taken % 40, piece)), 1..6),
    ) {
        survive(&edited(EXAMPLES[file], &edits));
    }

    /// Any byte of the rich file becomes any other.
    #[test]
    fn the_rich_file_with_other_bytes(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..3)) {
        let mut bytes = rich().into_bytes();
        for (place, byte) in edits {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        survive(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn the_rich_file_edited(
        edits in prop::collection::vec(any::<Edit>().prop_map(|(place, taken, piece)| (place, taken % 40, piece)), 1..6),
    ) {
        survive(&edited(&rich(), &edits));
    }

    /// Edits inside the values only, so that most files stay readable and the checks of meaning run.
    #[test]
    fn examples_with_other_words(file in 0..EXAMPLES.len(), place in any::<prop::sample::Index>(), word in "[A-Za-z0-9:. -]{0,12}") {
        let text = EXAMPLES[file];
        let quotes: Vec<usize> = text.match_indices('"').map(|(at, _)| at).collect();
        let pair = place.index(quotes.len() / 2) * 2;
        let (open, close) = (quotes[pair], quotes[pair + 1]);
        survive(&format!("{}\"{word}{}", &text[..open], &text[close..]));
    }
}
