//! What lint says, where it points, and what it advises: these messages are read by lawyers.
//!
//! Each bad file is the good one with one piece replaced; `▶` in the replacement marks where the finding must point.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use law::LawFile;
use law::lint::{Context, Diagnostic, Severity, check, read};
use terms::ModelId;

const GOOD: &str = r#"schema = 1

[[directive]]
id = "letter"
title = "A letter"
form = "is_informed_letter"
status = "law"
issued_at = "2026-06-12T17:21:00-04:00"
effective_from = "2026-06-12T17:21:00-04:00"
effective_until = "2026-06-30T22:00:00Z"
models = ["fable-5", "mythos-5"]
persons = { class = "foreign_person" }
destinations = "none"
authority = []

[directive.source]
state = "US"
office = "Example office"
public_reference = "Example letter 1"
document_sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
call_back = { at = "2026-06-12T17:40:00-04:00", with = "duty desk", by = "officer" }

[[directive]]
id = "places"
title = "Places"
form = "rule"
issued_at = "2026-06-01T00:00:00Z"
effective_from = "2026-06-01T00:00:00Z"
models = ["*"]
persons = { class = "located_in", countries = ["D:5", "CU"] }
destinations = "none"
source = { state = "US", office = "Example office", public_reference = "Example rule 2" }

[[exception]]
id = "staff"
directive = "letter"
from = "2026-06-20T00:00:00Z"
until = "2026-06-25T00:00:00Z"
when = { models = ["mythos-5"], employer = ["Model Maker Inc"], relation = ["employee"] }

[[exception]]
id = "visitors"
directive = "places"
when = { located_in = ["CU"], all_nationalities_in = ["A:5"] }

[[lifting]]
id = "lifting"
directives = ["places"]
at = "2026-07-01T00:00:00Z"

[[licence]]
id = "licence"
status = "issued"
lifts = ["letter"]
models = ["fable-5"]
from = "2026-06-18T00:00:00Z"
until = "2026-12-31T00:00:00Z"
holder = "Lyon Bank SA"
persons = ["lb-1"]
located_in = ["FR"]

[[reading]]
question = "employee_means"
choice = "payroll_only"
by = "counsel"
why = "the narrow reading"

[[model]]
id = "fable-5"
upstream = "practice"
served_from = "US"
dialects = ["openai"]
"#;

/// One bad file: what is replaced by what, the code, and a word of the help.
struct Bad {
    from: &'static str,
    to: &'static str,
    code: &'static str,
    severity: Severity,
    help: &'static str,
    /// Where the finding must point when that is outside the replacement: at the first of these words.
    place: Option<&'static str>,
}

impl Bad {
    const fn at(self, place: &'static str) -> Self {
        Self { place: Some(place), ..self }
    }
}

const fn bad(from: &'static str, to: &'static str, code: &'static str, help: &'static str) -> Bad {
    Bad { from, to, code, severity: Severity::Error, help, place: None }
}

const fn dubious(from: &'static str, to: &'static str, code: &'static str, help: &'static str) -> Bad {
    Bad { severity: Severity::Warning, ..bad(from, to, code, help) }
}

/// Line and column of a byte, both from 1, columns in characters.
fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = &text[..byte];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |row| row.chars().count()) + 1;
    (line, column)
}

#[track_caller]
fn check_bad(bad: &Bad, context: &Context<'_>) {
    assert_eq!(GOOD.matches(bad.from).count(), 1, "`{}` must stand in the good file once", bad.from);
    let marked = GOOD.replacen(bad.from, bad.to, 1);
    let at = marked.find(bad.place.unwrap_or("▶")).expect("the finding has a place");
    let text = marked.replacen('▶', "", 1);
    let found = check(&text, context).diagnostics;
    let hit = found.iter().find(|finding| finding.code == bad.code);
    let hit = hit.unwrap_or_else(|| panic!("{}: no finding {} in {found:?}", bad.to, bad.code));
    let place = line_and_column(&text, hit.span.start);
    assert_eq!(place, line_and_column(&text, at), "{}: {}", bad.code, hit.message);
    assert_eq!(hit.severity, bad.severity, "{}", bad.code);
    assert!(hit.help.contains(bad.help), "{}: help is `{}`", bad.code, hit.help);
    assert!(hit.span.end <= text.len() && text.is_char_boundary(hit.span.end), "{}", bad.code);
}

fn catalogue() -> Vec<ModelId> {
    ["fable-5", "mythos-5"].map(|id| ModelId::parse(id).unwrap()).to_vec()
}

#[test]
fn the_good_file_has_no_finding() {
    let models = catalogue();
    let report = check(GOOD, &Context { catalogue: Some(&models), before: &[] });
    assert_eq!(report.diagnostics, []);
    assert!(report.file.is_some() && !report.has_errors());
}

#[test]
fn texts_that_cannot_be_read() {
    let table = [
        bad("title = \"A letter\"", "title = ▶A letter", "unreadable", "correct the TOML"),
        bad("title = \"A letter\"", "▶titel = \"A letter\"", "unreadable", "remove the field"),
        bad("form = \"is_informed_letter\"", "form = ▶\"letter\"", "unreadable", "words listed"),
        bad("question = \"employee_means\"", "question = ▶\"employees\"", "unreadable", "words listed"),
        bad("state = \"US\"\n", "state = ▶\"USA\"\n", "unreadable", "alpha-2"),
        bad("id = \"letter\"", "id = ▶\"the letter\"", "unreadable", "letters, digits"),
        bad("id = \"letter\"", "id = \"letter\"\n▶id = \"letter\"", "unreadable", "keep one"),
        bad(
            "issued_at = \"2026-06-12T17:21:00-04:00\"",
            "issued_at = ▶\"2026-06-12T17:21:00\"",
            "unreadable",
            "offset",
        ),
        bad(
            "issued_at = \"2026-06-12T17:21:00-04:00\"",
            "issued_at = ▶2026-06-12T17:21:00",
            "unreadable",
            "offset",
        ),
        bad("issued_at = \"2026-06-12T17:21:00-04:00\"", "issued_at = ▶2026-06-12", "unreadable", "offset"),
        bad("issued_at = \"2026-06-12T17:21:00-04:00\"", "issued_at = ▶12", "unreadable", "offset"),
        bad("issued_at = \"2026-06-12T17:21:00-04:00\"\n", "", "unreadable", "add the field")
            .at("[[directive]]"),
    ];
    table.iter().for_each(|bad| check_bad(bad, &Context::default()));
}

#[test]
fn countries_that_are_none() {
    let before = "countries = [\"D:5\", \"CU\"]";
    let table = [
        bad(before, "countries = [\"D:5\", ▶\"FRA\"]", "unknown_country", "write FR for"),
        bad(before, "countries = [▶\"UK\"]", "unknown_country", "write GB"),
        bad(before, "countries = [▶\"france\", \"CU\"]", "unknown_country", "write FR for"),
        bad(before, "countries = [\"CU\", \"DE\", ▶\"D:9\"]", "unknown_country", "D:5"),
        bad(before, "countries = [▶\"EU\"]", "unknown_country", "member states"),
        bad(before, "countries = [▶\"\"]", "unknown_country", "ISO 3166-1"),
        bad(
            "persons = { class = \"located_in\", countries = [\"D:5\", \"CU\"] }",
            "persons = { class = ▶\"located_in\" }",
            "no_countries",
            "add countries",
        ),
        bad(
            "persons = { class = \"foreign_person\" }",
            "persons = { class = \"foreign_person\", countries = ▶[\"CU\"] }",
            "countries_without_use",
            "located_in",
        ),
        bad(
            "countries = [\"D:5\", \"CU\"] }",
            "countries = [\"CU\"], exempt = ▶\"citizens_and_protected\" }",
            "exempt_without_use",
            "remove exempt",
        ),
        bad(
            "all_nationalities_in = [\"A:5\"]",
            "all_nationalities_in = [▶\"A:9\"]",
            "unknown_country",
            "A:5",
        ),
        bad("located_in = [\"FR\"]", "located_in = [\"FR\", ▶\"Germany\"]", "unknown_country", "write DE"),
    ];
    table.iter().for_each(|bad| check_bad(bad, &Context::default()));
}

#[test]
fn windows_that_cannot_be() {
    let table = [
        bad(
            "effective_until = \"2026-06-30T22:00:00Z\"",
            "effective_until = ▶\"2026-06-12T21:21:00Z\"",
            "window_ends_before_start",
            "half-open",
        ),
        bad(
            "until = \"2026-06-25T00:00:00Z\"",
            "until = ▶\"2026-06-19T00:00:00Z\"",
            "window_ends_before_start",
            "later than the start",
        ),
        bad(
            "until = \"2026-12-31T00:00:00Z\"",
            "until = ▶2026-06-17T23:59:59Z",
            "window_ends_before_start",
            "half-open",
        ),
        bad(
            "from = \"2026-06-20T00:00:00Z\"\nuntil = \"2026-06-25T00:00:00Z\"",
            "from = ▶\"2026-06-30T22:00:00Z\"",
            "exception_never_applies",
            "window",
        ),
        bad(
            "from = \"2026-06-20T00:00:00Z\"\nuntil = \"2026-06-25T00:00:00Z\"",
            "until = ▶\"2026-06-12T21:21:00Z\"",
            "exception_never_applies",
            "window",
        ),
    ];
    table.iter().for_each(|bad| check_bad(bad, &Context::default()));
}

#[test]
fn exceptions_and_licences_that_take_nobody_out() {
    let table = [
        bad(
            "models = [\"mythos-5\"], employer",
            "models = ▶[\"opus-4-8\"], employer",
            "exception_never_applies",
            "models of the directive",
        ),
        bad("located_in = [\"CU\"], all", "located_in = ▶[\"FR\"], all", "exception_never_applies", "places"),
        bad("employer = [\"Model Maker Inc\"]", "employer = ▶[]", "exception_never_applies", "fill the list"),
        bad(
            "when = { located_in = [\"CU\"], all_nationalities_in = [\"A:5\"] }",
            "when = ▶{}",
            "exception_without_condition",
            "lifting",
        ),
        bad("relation = [\"employee\"]", "relation = ▶[]", "bad_relation", "employee"),
        bad("relation = [\"employee\"]", "relation = ▶[\"unknown\"]", "bad_relation", "employee"),
        bad(
            "employer = [\"Model Maker Inc\"], relation = [\"employee\"]",
            "relation = ▶[\"employee\"]",
            "relation_without_employer",
            "employer",
        ),
        bad(
            "id = \"visitors\"\ndirective = \"places\"",
            "id = ▶\"staff\"\ndirective = \"places\"",
            "contradicting_exceptions",
            "id of its own",
        ),
        bad(
            "at = \"2026-07-01T00:00:00Z\"",
            "at = ▶\"2026-06-01T00:00:00Z\"",
            "lifted_before_effect",
            "instant",
        ),
        bad("persons = [\"lb-1\"]", "persons = ▶[]", "licence_covers_nobody", "holder_employees"),
        dubious(
            "effective_from = \"2026-06-12T17:21:00-04:00\"",
            "effective_from = ▶\"2026-06-12T17:20:59-04:00\"",
            "effective_before_issued",
            "both instants",
        ),
    ];
    table.iter().for_each(|bad| check_bad(bad, &Context::default()));
}

#[test]
fn two_exceptions_for_the_same_people_and_other_times() {
    let second = "directive = \"letter\"\nfrom = \"2026-06-26T00:00:00Z\"\nwhen = { models = [\"mythos-5\"], employer = [\"Model Maker Inc\"], relation = [\"employee\"] }";
    let first = "directive = \"places\"\nwhen = { located_in = [\"CU\"], all_nationalities_in = [\"A:5\"] }";
    let text = GOOD.replacen(first, second, 1);
    let report = check(&text, &Context::default());
    let clash = only(&report.diagnostics, "contradicting_exceptions");
    assert!(clash.message.contains("visitors") && clash.message.contains("staff"), "{}", clash.message);
    let place = line_and_column(&text, clash.span.start);
    let heading = text.match_indices("[[exception]]").nth(1).map(|(at, _)| line_and_column(&text, at));
    assert_eq!(Some(place), heading);
    // The same people at the same time is no contradiction, and neither is another condition.
    let same = "directive = \"letter\"\nfrom = \"2026-06-20T00:00:00Z\"\nuntil = \"2026-06-25T00:00:00Z\"\nwhen = { models = [\"mythos-5\"], employer = [\"Model Maker Inc\"], relation = [\"employee\"] }";
    for fine in [same.to_owned(), second.replace("Model Maker", "Harbor Grid")] {
        assert_eq!(check(&GOOD.replacen(first, &fine, 1), &Context::default()).diagnostics, []);
    }
}

#[test]
fn names_that_lead_nowhere() {
    let models = catalogue();
    let context = Context { catalogue: Some(&models), before: &[] };
    let table = [
        bad(
            "models = [\"fable-5\", \"mythos-5\"]",
            "models = [\"fable-5\", ▶\"fable-6\"]",
            "unknown_model",
            "catalogue",
        ),
        bad(
            "models = [\"fable-5\"]\nfrom",
            "models = [▶\"fable 5\"]\nfrom",
            "unknown_model",
            "correct the name",
        ),
        bad("models = [\"*\"]", "models = ▶[]", "no_models", "[\"*\"]"),
        bad("directive = \"letter\"", "directive = ▶\"lettre\"", "unknown_directive", "letter, places"),
        bad(
            "directives = [\"places\"]",
            "directives = [\"places\", ▶\"place\"]",
            "unknown_directive",
            "known directives",
        ),
        bad("lifts = [\"letter\"]", "lifts = [▶\"nothing\"]", "unknown_directive", "known directives"),
        bad("id = \"lifting\"", "id = ▶\"letter\"", "duplicate_id", "id of its own"),
        bad("id = \"places\"", "id = ▶\"letter\"", "duplicate_id", "id of its own"),
        bad("id = \"licence\"", "id = ▶\"staff\"", "duplicate_id", "never edited in place"),
        bad(
            "choice = \"payroll_only\"",
            "choice = ▶\"payroll\"",
            "unknown_choice",
            "payroll_only, includes_contractors",
        ),
        bad("why = \"the narrow reading\"", "why = ▶\" \"", "reading_unsigned", "who chose it"),
        bad("by = \"counsel\"", "by = ▶\"\"", "reading_unsigned", "why"),
        bad("schema = 1", "schema = ▶2", "unknown_schema", "schema = 1"),
        bad("dialects = [\"openai\"]\n", "dialects = ▶[]\n", "no_dialects", "openai"),
        bad(
            "dialects = [\"openai\"]\n",
            "dialects = [\"openai\"]\n[[model]]\nid = ▶\"fable-5\"\nupstream = \"b\"\nserved_from = \"US\"\ndialects = [\"openai\"]\n",
            "duplicate_model",
            "keep one",
        ),
        dubious("authority = []", "authority = [▶\"ear-744-22\"]", "unknown_authority", "ear-744-22-b"),
    ];
    table.iter().for_each(|bad| check_bad(bad, &context));
}

#[test]
fn where_a_letter_comes_from() {
    let hash = "document_sha256 = \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"";
    let call_back =
        "call_back = { at = \"2026-06-12T17:40:00-04:00\", with = \"duty desk\", by = \"officer\" }\n";
    let table = [
        bad(hash, "document_sha256 = ▶\"0123\"", "bad_document_hash", "sha256sum"),
        bad(
            hash,
            "document_sha256 = ▶\"0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\"",
            "bad_document_hash",
            "sha256sum",
        ),
        dubious(call_back, "", "letter_unconfirmed", "number found elsewhere").at("[directive.source]"),
        dubious("status = \"law\"", "status = ▶\"bill\"", "authority_not_enacted", "enacted"),
        Bad {
            severity: Severity::Note,
            ..bad("public_reference = \"Example letter 1\"\n", "", "no_public_reference", "may be shown")
                .at("[directive.source]")
        },
    ];
    table.iter().for_each(|bad| check_bad(bad, &Context::default()));
    // A rule is published: nobody has to be called.
    let rule = GOOD.replacen("is_informed_letter", "rule", 1).replacen(call_back, "", 1);
    assert_eq!(check(&rule, &Context::default()).diagnostics, []);
}

#[test]
fn a_scope_wider_than_its_citation_names_the_countries() {
    let text = GOOD.replacen("authority = []", "authority = [\"ecra-4812\", \"ear-744-22-b\"]", 1);
    let report = check(&text, &Context::default());
    assert!(!report.has_errors(), "a warning never stops enforcement");
    let warning = only(&report.diagnostics, "authority_scope_exceeds_citation");
    // 250 countries less the United States, six territories and the eleven that 744.22 lists, Hong Kong among them.
    assert!(
        warning.message.contains("ten countries (with Hong Kong as part of China)"),
        "{}",
        warning.message
    );
    assert!(warning.message.contains("232 others"), "{}", warning.message);
    assert!(warning.help.contains("never stops enforcement"), "{}", warning.help);
    assert!(warning.message.contains("AD, AE, AF"), "{}", warning.message);
    assert_eq!(warning.article.as_deref(), Some("15 CFR 744.22(b)"));
    assert_eq!(&text[warning.span.clone()], "\"ear-744-22-b\"");
}

#[test]
fn silence_on_destinations_is_an_open_reading() {
    let text = GOOD.replacen("destinations = \"none\"", "destinations = \"unspecified\"", 1);
    let report = check(&text, &Context::default());
    let warning = only(&report.diagnostics, "open_reading");
    assert!(warning.help.contains("destination_limb"), "{}", warning.help);
    assert_eq!(warning.article.as_deref(), Some("15 CFR 734.13(a)(1)"));
}

#[test]
fn instants_are_taken_quoted_or_native() {
    let native = GOOD
        .replacen("issued_at = \"2026-06-12T17:21:00-04:00\"", "issued_at = 2026-06-12T17:21:00-04:00", 1)
        .replacen("until = \"2026-06-25T00:00:00Z\"", "until = 2026-06-25T00:00:00Z", 1)
        .replacen("at = \"2026-07-01T00:00:00Z\"", "at = 2026-07-01 00:00:00Z", 1);
    assert_ne!(native, GOOD);
    assert_eq!(read(&native).unwrap(), read(GOOD).unwrap());
}

#[test]
fn earlier_files_count() {
    let first: LawFile = read(GOOD).unwrap();
    let text = "schema = 1\n[[lifting]]\nid = \"second\"\ndirectives = [\"letter\"]\nat = \"2026-06-20T00:00:00Z\"\n";
    let alone = check(text, &Context::default());
    assert!(only(&alone.diagnostics, "unknown_directive").help.contains("douane lint"));
    let files = [first];
    let context = Context { catalogue: None, before: &files };
    assert_eq!(check(text, &context).diagnostics, []);
    // An id that an earlier file has cannot be taken again.
    let taken = text.replacen("\"second\"", "\"staff\"", 1);
    assert!(only(&check(&taken, &context).diagnostics, "duplicate_id").message.contains("exception"));
}

#[test]
fn a_file_beyond_the_bound_is_not_parsed() {
    let long = " ".repeat(terms::limits::LAW_FILE_BYTES + 1);
    assert_eq!(read(&long).unwrap_err().code, "file_too_large");
}

#[track_caller]
fn only<'a>(found: &'a [Diagnostic], code: &str) -> &'a Diagnostic {
    let hits: Vec<&Diagnostic> = found.iter().filter(|finding| finding.code == code).collect();
    assert_eq!(hits.len(), 1, "{code}: {found:?}");
    hits[0]
}
