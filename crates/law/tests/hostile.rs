//! Whatever a file holds, lint answers: it never panics, and it points inside the text.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use law::lint::{Context, check, read};
use law::{Book, Policy, Regime};
use proptest::prelude::*;
use terms::ModelId;

const EXAMPLES: [&str; 5] = [
    include_str!("../../../examples/june-2026/models.toml"),
    include_str!("../../../examples/june-2026/letter-1.toml"),
    include_str!("../../../examples/june-2026/letter-2.toml"),
    include_str!("../../../examples/june-2026/letter-3.toml"),
    include_str!("../../../examples/june-2026/readings.toml"),
];

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
            let compiled = Regime::compile(&book, &catalogue, &Policy::default());
            let alone = context.before.is_empty();
            assert!(
                !alone || report.has_errors() || compiled.is_ok(),
                "lint passed what cannot be compiled: {compiled:?}"
            );
        }
    }
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
