//! What lint passes, compiles; whatever can be read, is compiled or refused, and compared with its citations, its
//! criterion and the orders of other states.

use law::lint::{Context, check};
use law::{Book, LawFile, ListedModel, Policy, Regime};
use terms::{Capability, ModelId};

const CLEAN: &str = include_str!("../../crates/law/tests/fixtures/clean.toml");
const OPEN: &str = include_str!("../../crates/law/tests/fixtures/open.toml");

/// Values that fit some field, and some that fit none.
const VALUES: [&str; 24] = [
    "[]",
    "{}",
    "[\"*\"]",
    "[\"\"]",
    "[\"CN\"]",
    "[\"D:5\", \"HK\"]",
    "[\"EU\"]",
    "\"\"",
    "0",
    "-1",
    "4294967295",
    "1e300",
    "nan",
    "true",
    "\"unknown\"",
    "[\"unknown\"]",
    "[\"foreign-1\"]",
    "\"foreign-1\"",
    "\"national_of\"",
    "\"employed_by\"",
    "\"-009999-01-02T01:59:59Z\"",
    "9999-12-30T22:00:00Z",
    "{ class = \"everyone\" }",
    "{ local = \" \", zone = \"\", options = { first = 2026-01-01T00:00:00Z, second = 2026-01-01T01:00:00Z } }",
];

/// One input: up to eight edits of four bytes each, on a file with every kind of instrument. An edit takes a line out,
/// doubles it, swaps it with another, or gives its field another value.
pub fn run(data: &[u8]) {
    let mut lines: Vec<String> = CLEAN.lines().chain(OPEN.lines().skip(2)).map(str::to_owned).collect();
    data.chunks_exact(4).take(8).for_each(|edit| apply(&mut lines, edit));
    let report = check(&lines.join("\n"), &Context::default());
    let passed = !report.has_errors();
    let Some(file) = report.file else { return };
    let compiled = compile(&file);
    assert!(!passed || compiled.is_ok(), "lint passed what cannot be compiled: {compiled:?}");
}

fn apply(lines: &mut Vec<String>, edit: &[u8]) {
    let [kind, high, low, choice] = edit else { return };
    let pick = |number: usize, length: usize| number.checked_rem(length);
    let Some(at) = pick(usize::from(u16::from_be_bytes([*high, *low])), lines.len()) else { return };
    match kind % 4 {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines.get(at).cloned().unwrap_or_default()),
        2 => {
            let other = at.wrapping_add(usize::from(*choice)).checked_rem(lines.len()).unwrap_or(at);
            lines.swap(at, other);
        }
        _ => {
            let value = VALUES.get(usize::from(*choice) % VALUES.len()).copied().unwrap_or_default();
            let Some(line) = lines.get_mut(at) else { return };
            if let Some((key, _)) = line.split_once(" = ") {
                *line = format!("{key} = {value}");
            }
        }
    }
}

fn compile(file: &LawFile) -> Result<Regime, law::CompileError> {
    let mut book = Book::default();
    book.add(file);
    let models = catalogue();
    for directive in &book.directives {
        let findings = law::authority::check(directive);
        assert!(
            findings.iter().all(|finding| !finding.summary.en.is_empty() && !finding.summary.ko.is_empty())
        );
        let treatment = law::equal_treatment(directive, &models);
        assert!(!directive.criterion.is_empty() || treatment == law::EqualTreatment::default());
    }
    let conflicts = law::sovereign_conflicts(&book, &models);
    let pairs = book.directives.len().saturating_mul(book.service_duties.len());
    assert!(conflicts.len() <= pairs && (pairs > 0 || conflicts.is_empty()));
    Regime::compile(&book, &models, &Policy::default())
}

fn catalogue() -> Vec<ListedModel> {
    let listed = [("fable-5", "cyber:skilled"), ("mythos-5", "cyber:expert"), ("opus-4-8", "bio:novice")];
    let model = |(id, capability)| {
        let capabilities = Capability::parse(capability).into_iter().collect();
        ModelId::parse(id).ok().map(|id| ListedModel { id, capabilities })
    };
    listed.into_iter().filter_map(model).collect()
}
