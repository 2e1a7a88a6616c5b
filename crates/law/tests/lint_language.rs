//! Lint over the whole language: one must-find for each code, beside files in which there is nothing to find.
//!
//! As in `lint.rs`, each bad file is a fixture with one piece replaced; `▶` marks where the finding must point.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use law::LawFile;
use law::lint::{Context, Diagnostic, FINDINGS, Severity, check, read};
use terms::{ModelId, limits};

const CLEAN: &str = include_str!("fixtures/clean.toml");
const OPEN: &str = include_str!("fixtures/open.toml");

fn catalogue() -> Vec<ModelId> {
    ["fable-5", "mythos-5"].map(|id| ModelId::parse(id).unwrap()).to_vec()
}

/// Checks an edit of the clean file: the severity, code, and a word of the help.
#[track_caller]
fn finds(from: &str, to: &str, severity: Severity, code: &str, help: &str) {
    assert_eq!(CLEAN.matches(from).count(), 1, "`{from}` must stand in the clean file once");
    let marked = CLEAN.replacen(from, to, 1);
    let at = marked.find('▶').expect("the finding has a place");
    let text = marked.replacen('▶', "", 1);
    let models = catalogue();
    let found = check(&text, &Context { catalogue: Some(&models), before: &[] }).diagnostics;
    let hit = found.iter().find(|finding| finding.code == code);
    let hit = hit.unwrap_or_else(|| panic!("{to}: no finding {code} in {found:?}"));
    assert_eq!(hit.span.start, at, "{code} points elsewhere: {hit:?}");
    assert_eq!(hit.severity, severity, "{code}");
    assert!(hit.help.contains(help), "{code}: help is `{}`", hit.help);
}

#[track_caller]
fn error(from: &str, to: &str, code: &str, help: &str) {
    finds(from, to, Severity::Error, code, help);
}

fn codes(found: &[Diagnostic]) -> Vec<&'static str> {
    found.iter().map(|finding| finding.code).collect()
}

#[test]
fn every_kind_and_class_without_a_finding() {
    let models = catalogue();
    let report = check(CLEAN, &Context { catalogue: Some(&models), before: &[] });
    assert_eq!(report.diagnostics, []);
    let file = report.file.unwrap();
    assert_eq!(file.directive.len(), 9, "every class but the undefined one");
    assert!(!file.stay.is_empty() && !file.service_duty.is_empty() && !file.adoption.is_empty());
}

#[test]
fn every_open_question_is_named_with_its_options() {
    let before: [LawFile; 1] = [read(CLEAN).unwrap()];
    let report = check(OPEN, &Context { catalogue: None, before: &before });
    assert!(!report.has_errors(), "{:?}", report.diagnostics);
    let open: Vec<&str> =
        report.diagnostics.iter().filter(|f| f.code == "open_reading").map(|f| &*f.help).collect();
    let questions = [
        "local_time_fold (first or second)",
        "foreign_national_means (ear_772_1 or not_us_citizen_or_national)",
        "destination_limb (apply or person_only)",
        "hosted_inference_is_export (yes or no)",
        "remote_location_unit (site or country)",
        "nationality_rule (most_recent or any_held or ever_held)",
        "hong_kong_is_cn (yes or no)",
    ];
    assert_eq!(open.len(), questions.len(), "{open:?}");
    for question in questions {
        assert!(open.iter().any(|help| help.contains(question)), "{question}");
    }
}

#[test]
fn what_a_citation_does_not_carry_is_a_warning_with_its_article() {
    let report = check(OPEN, &Context::default());
    let cited: Vec<&Diagnostic> =
        report.diagnostics.iter().filter(|f| f.code.starts_with("authority_")).collect();
    let expected = [
        "authority_scope_exceeds_citation",
        "authority_persons",
        "authority_transaction_kinds",
        "authority_end_use_limit",
        "authority_basis_not_shown",
        "authority_not_implemented",
        "authority_clock_formality",
    ];
    for code in expected {
        let hit = cited.iter().find(|finding| finding.code == code);
        let hit = hit.unwrap_or_else(|| panic!("no {code} in {:?}", codes(&report.diagnostics)));
        assert_eq!(hit.severity, Severity::Warning);
        assert!(hit.article.as_ref().is_some_and(|article| !article.is_empty()), "{code}");
        assert!(hit.help.contains("enforced as written"), "{code}");
    }
    let clock = cited.iter().find(|finding| finding.code == "authority_clock_formality").unwrap();
    assert!(clock.message.contains("2026-06-17T04:00:00Z"), "{}", clock.message);
}

#[test]
fn persons_limbs_take_what_belongs_to_them() {
    let nationals = "countries = [\"D:5\", \"CU\"], rule = \"most_recent\"";
    let places = "{ class = \"located_in\", countries = [\"E:1\", \"E:2\"] }";
    let seat = "{ class = \"entity_hq\", countries = [\"MO\", \"D:5\"] }";
    let staff = "employers = [\"Grey Harbor Ltd\", \"Example Handel GmbH\"]";
    let us = "{ class = \"us_person_744_6\" }";
    error(
        "{ class = \"entity_hq\", countries = [\"MO\", \"D:5\"] }",
        "{ class = ▶\"entity_hq\" }",
        "no_countries",
        "ISO",
    );
    error(
        "{ class = \"national_of\", countries = [\"D:5\", \"CU\"]",
        "{ class = ▶\"national_of\"",
        "no_countries",
        "ISO",
    );
    error("[\"CN\", \"RU\"]", "[\"CN\", ▶\"SU\"]", "unknown_country", "ISO 3166-1");
    error(
        us,
        "{ class = \"us_person_744_6\", countries = ▶[\"US\"] }",
        "countries_without_use",
        "national_of",
    );
    error(us, "{ class = \"us_person_744_6\", rule = ▶\"any_held\" }", "rule_without_use", "national_of");
    error(
        places,
        &places.replace(" }", ", only_foreign_persons = ▶true }"),
        "only_foreign_persons_without_use",
        "remove",
    );
    error(
        seat,
        &seat.replace(" }", ", exempt = ▶\"citizens_and_protected\" }"),
        "exempt_without_use",
        "remove",
    );
    error(places, &places.replace(" }", ", hong_kong = ▶\"open\" }"), "hong_kong_without_use", "remove");
    error(
        "countries = [\"CN\", \"RU\"],",
        "countries = [\"CN\", \"HK\"], hong_kong = ▶\"open\",",
        "hong_kong_without_use",
        "remove",
    );
    error(places, &places.replace(" }", ", ownership_percent = ▶50 }"), "ownership_without_use", "remove");
    for share in ["0", "-1", "100.5", "0.0000000001", "nan", "inf", "0x7f"] {
        let to = format!("ownership_percent = ▶{share}");
        error("ownership_percent = 50", &to, "bad_ownership", "50");
    }
    error(&format!("\"employed_by\", {staff}"), "▶\"employed_by\"", "no_employers", "employers");
    error(staff, "employers = [▶\" \"]", "blank_text", "name");
    error(
        us,
        &format!("{{ class = \"us_person_744_6\", {} }}", staff.replace("= [", "= ▶[")),
        "employers_without_use",
        "employed_by",
    );
    let rule = |to: &str, place: &str| {
        let text = CLEAN.replacen(nationals, to, 1);
        let found = check(&text, &Context::default()).diagnostics;
        assert_eq!(codes(&found), ["open_reading"], "{found:?}");
        assert_eq!(&text[found[0].span.clone()], place);
        assert!(found[0].help.contains("nationality_rule"));
    };
    rule("countries = [\"D:5\", \"CU\"]", "\"national_of\"");
    rule("countries = [\"D:5\", \"CU\"], rule = \"unspecified\"", "\"unspecified\"");
}

#[test]
fn ownership_in_range_is_no_finding() {
    for share in ["0.000001", "1e1", "100", "100.0", "0x32", "5_0"] {
        let text = CLEAN.replacen("ownership_percent = 50", &format!("ownership_percent = {share}"), 1);
        assert_eq!(check(&text, &Context::default()).diagnostics, [], "{share}");
    }
}

#[test]
fn directives() {
    let instant = "effective_from = \"2026-01-02T00:00:00Z\"";
    let fold = |local: &str, zone: &str, options: &str| {
        format!("effective_from = {{ local = {local}, zone = {zone}, options = {options} }}")
    };
    let (local, zone) = ("\"2026-11-01T01:30:00\"", "\"America/New_York\"");
    let apart = |first: &str, second: &str| {
        format!("▶{{ first = \"2026-11-01T{first}:00Z\", second = \"2026-11-01T{second}:00Z\" }}")
    };
    for (first, second) in [("06:30", "05:30"), ("05:30", "05:30"), ("05:30", "08:30")] {
        error(instant, &fold(local, zone, &apart(first, second)), "bad_fold", "set back");
    }
    let good = apart("05:30", "06:30").replace('▶', "");
    error(instant, &fold("▶\" \"", zone, &good), "blank_text", "America/New_York");
    error(instant, &fold(local, "▶\"\"", &good), "blank_text", "America/New_York");
    finds(
        instant,
        &format!("effective_from = ▶{}", &fold(local, zone, &good)[17..]),
        Severity::Warning,
        "open_reading",
        "local_time_fold",
    );
    error(instant, "effective_from = ▶\"tomorrow\"", "unreadable", "local time that occurs twice");
    error(instant, "effective_from = ▶{ local = \"2026-11-01T01:30:00\" }", "unreadable", "options");
    error(
        "models = [\"fable-5\"]\ncapabilities",
        "models = [\"*\", ▶\"\"]\ncapabilities",
        "blank_text",
        "name",
    );
    error(
        "capabilities = [\"cyber:expert\"]\ncriterion",
        "capabilities = ▶[\"cyber:god\"]\ncriterion",
        "unreadable",
        "cyber:expert",
    );
    error("[\"weights_download\", \"source_code\"]", "▶[]", "empty_list", "fill");
    error("[\"weights_download\", \"source_code\"]", "[▶\"telepathy\"]", "unreadable", "words listed");
    error("[\"military_intelligence\", \"defensive_cyber\"]", "▶[]", "empty_list", "fill");
    error(
        "[\"military_intelligence\", \"defensive_cyber\"]",
        "[\"civil\", ▶\"unknown\"]",
        "unknown_end_use",
        "civil",
    );
    error("title = \"Seats\"", "title = ▶\"\"", "blank_text", "orders");
    error("\"gazette\"", "▶\" \"", "blank_text", "remove the field");
    error("\"Example statute 1\"", "▶\"\"", "blank_text", "remove the field");
    error("\"https://law.example/1\"", "▶\"\"", "blank_text", "remove the field");
    error("with = \"duty desk\"", "with = ▶\"\"", "blank_text", "who called");
    error("by = \"officer\"", "by = ▶\"\"", "blank_text", "who called");
    error("addressees = [\"Model Maker Inc\"]", "addressees = [▶\"\"]", "blank_text", "name");
}

#[test]
fn no_model_and_no_capability_is_an_error_one_of_both_is_not() {
    let both = "models = [\"fable-5\"]\ncapabilities = [\"cyber:expert\"]\n";
    error(both, "models = ▶[]\n", "no_models", "capabilities");
    for one in ["models = [\"fable-5\"]\n", "capabilities = [\"cyber:expert\"]\n"] {
        let text = CLEAN.replacen(both, one, 1);
        let found = check(&text, &Context::default()).diagnostics;
        // The exception of this directive speaks of mythos-5, which only the capability reaches.
        let expected: &[&str] = if one.starts_with("models") { &["exception_never_applies"] } else { &[] };
        assert_eq!(codes(&found), expected, "{one}");
    }
}

#[test]
fn addressees_are_noted_until_adopted() {
    let adoption = CLEAN.find("[[adoption]]").unwrap();
    let reading = CLEAN.find("[[reading]]").unwrap();
    let text = format!("{}{}", &CLEAN[..adoption], &CLEAN[reading..]);
    let found = check(&text, &Context::default()).diagnostics;
    assert_eq!(codes(&found), ["enforced_by_addressees"]);
    assert_eq!(found[0].severity, Severity::Note);
    assert_eq!(&text[found[0].span.clone()], "[\"Model Maker Inc\"]");
}

#[test]
fn exceptions_and_liftings() {
    error("end_use = [\"defensive_cyber\"]", "end_use = ▶[]", "exception_never_applies", "fill");
    error("end_use = [\"defensive_cyber\"]", "end_use = [▶\"unknown\"]", "unknown_end_use", "civil");
    error("employer = [\"Harbor Grid Co\"]", "employer = [▶\" \"]", "blank_text", "name");
    error(
        "permanent_resident_of = [\"CA\"]",
        "permanent_resident_of = ▶[]",
        "exception_never_applies",
        "fill",
    );
    error(
        "permanent_resident_of = [\"CA\"]",
        "permanent_resident_of = [▶\"CAN\"]",
        "unknown_country",
        "write CA",
    );
    error("directives = [\"seat-1\"]", "directives = ▶[]", "empty_list", "fill");
    error(
        "office = \"Example office\", public_reference = \"Example letter 3\"",
        "office = ▶\"\", public_reference = \"Example letter 3\"",
        "blank_text",
        "court",
    );
    error(
        "office = \"Example office\", public_reference = \"Example letter 2\"",
        "office = ▶\"\", public_reference = \"Example letter 2\"",
        "blank_text",
        "court",
    );
}

#[test]
fn licences() {
    error("holder = \"Lyon Bank SA\"", "holder = ▶\" \"", "blank_text", "firm");
    error("lifts = [\"foreign-1\", \"nationals-1\"]", "lifts = ▶[]", "empty_list", "fill");
    error("persons = [\"lb-1\", \"lb-2\"]", "persons = ▶[]", "empty_list", "fill");
    error(
        "persons = [\"lb-1\", \"lb-2\"]\nholder_employees = true",
        "persons = ▶[]",
        "licence_covers_nobody",
        "holder_employees",
    );
    error("end_use = [\"civil\"]", "end_use = ▶[]", "empty_list", "fill");
    error("end_use = [\"civil\"]", "end_use = [▶\"unknown\"]", "unknown_end_use", "civil");
    error("excluded_nationalities = [\"D:5\"]", "excluded_nationalities = ▶[]", "empty_list", "fill");
    error("max_persons = 3", "max_persons = ▶0", "no_places", "max_persons");
    error(
        "max_persons = 3\npersons_used = 2\nenrolled = [",
        "max_persons = 1\nenrolled = ▶[",
        "too_many_enrolled",
        "place",
    );
    finds("persons_used = 2", "persons_used = ▶4", Severity::Warning, "licence_over_cap", "beyond the cap");
    error("{ id = \"logs\"", "{ id = ▶\"report\"", "bad_condition_id", "own");
    error("{ id = \"logs\"", "{ id = ▶\" \"", "bad_condition_id", "own");
    finds("state = \"met\"", "state = ▶\"breached\"", Severity::Note, "licence_off", "lifts nothing");
    // Somebody enrolled twice holds one place.
    let twice = CLEAN.replacen(
        "enrolled = [\"lb-1\", \"lb-2\"]",
        "enrolled = [\"lb-1\", \"lb-2\", \"lb-1\", \"lb-2\"]",
        1,
    );
    assert_eq!(check(&twice, &Context::default()).diagnostics, []);
}

#[test]
fn stays() {
    error("directives = [\"foreign-1\"]", "directives = ▶[]", "empty_list", "fill");
    error("directives = [\"foreign-1\"]", "directives = [▶\"nothing\"]", "unknown_directive", "foreign-1");
    error(
        "until = \"2026-12-01T00:00:00Z\"",
        "until = ▶\"2026-06-25T00:00:00Z\"",
        "window_ends_before_start",
        "half-open",
    );
    error(
        "from = \"2026-06-25T00:00:00Z\"\nuntil = \"2026-12-01T00:00:00Z\"",
        "from = \"2026-06-01T00:00:00Z\"\nuntil = ▶\"2026-06-12T00:00:00Z\"",
        "stay_never_applies",
        "window",
    );
    error("located_in = [\"CA\"] }", "located_in = ▶[] }", "stay_never_applies", "fill");
    error("parties = [\"Legion LegalTech Corp\"]", "parties = ▶[]", "empty_list", "fill");
    error("parties = [\"Legion LegalTech Corp\"]", "parties = [▶\"\"]", "blank_text", "name");
    error("persons = [\"ll-1\"]", "persons = ▶[]", "empty_list", "fill");
    error("office = \"Example district court\"", "office = ▶\"\"", "blank_text", "court");
    error(
        "parties = [\"Legion LegalTech Corp\"]\npersons = [\"ll-1\"]\nwhen = { relation = ",
        "when = { relation = ▶",
        "relation_without_employer",
        "employer",
    );
    let stay = "[[stay]]\nid = \"stay-1\"";
    let named = "parties = [\"Legion LegalTech Corp\"]\npersons = [\"ll-1\"]\nwhen = { relation = [\"employee\"], located_in = [\"CA\"] }\n";
    let text = CLEAN.replacen(named, "", 1);
    let found = check(&text, &Context::default()).diagnostics;
    assert_eq!(codes(&found), ["stay_for_everyone"]);
    assert_eq!(found[0].severity, Severity::Warning);
    assert!(found[0].message.contains("for everyone"));
    assert_eq!(found[0].span.start, text.find(stay).unwrap());
}

#[test]
fn service_duties_and_adoptions() {
    error("title = \"Critical services are served\"", "title = ▶\"\"", "blank_text", "serve");
    error(
        "until = \"2026-12-31T00:00:00Z\"",
        "until = ▶\"2026-03-01T00:00:00Z\"",
        "window_ends_before_start",
        "half-open",
    );
    error(
        "models = [\"fable-5\"]\npersons = { class = \"located_in\"",
        "models = ▶[]\npersons = { class = \"located_in\"",
        "no_models",
        "models",
    );
    error("countries = [\"US\"] }", "countries = [▶\"USA\"] }", "unknown_country", "write US");
    error(
        "{ class = \"located_in\", countries = [\"US\"] }",
        "{ class = ▶\"located_in\" }",
        "no_countries",
        "ISO",
    );
    error("office = \"Example ministry\"", "office = ▶\"\"", "blank_text", "office");
    error("id = \"serve-1\"", "id = ▶\"stay-1\"", "duplicate_id", "own");
    error("id = \"stay-1\"", "id = ▶\"licence-1\"", "duplicate_id", "own");
    error(
        "[[adoption]]\nid = \"adopt-1\"\ndirective = \"foreign-1\"",
        "[[adoption]]\nid = \"adopt-1\"\ndirective = ▶\"foreign\"",
        "unknown_directive",
        "foreign-1",
    );
    finds(
        "[[adoption]]\nid = \"adopt-1\"\ndirective = \"foreign-1\"",
        "[[adoption]]\nid = \"adopt-1\"\ndirective = ▶\"seat-1\"",
        Severity::Warning,
        "adoption_without_use",
        "addressees",
    );
    error("by = \"general counsel\"", "by = ▶\" \"", "adoption_unsigned", "who chose it");
    error("why = \"we resell the models of the addressee\"", "why = ▶\"\"", "adoption_unsigned", "why");
}

#[test]
fn two_sovereigns_are_reported_with_a_witness_and_not_ranked() {
    let before = [read(CLEAN).unwrap()];
    let report = check(OPEN, &Context { catalogue: None, before: &before });
    let conflicts: Vec<&Diagnostic> =
        report.diagnostics.iter().filter(|f| f.code == "sovereigns_conflict").collect();
    assert!(!conflicts.is_empty() && !report.has_errors());
    let with_nationals =
        conflicts.iter().find(|finding| finding.message.starts_with("nationals-1 refuses")).unwrap();
    assert!(
        with_nationals.message.contains("serve-2 orders to serve a national of"),
        "{}",
        with_nationals.message
    );
    assert!(with_nationals.message.contains("located in KR, asking for mythos-5 from 2026-03-01T00:00:00Z"));
    assert!(with_nationals.help.contains("never silently ranked: the directive is enforced"));
    assert!(OPEN[with_nationals.span.clone()].starts_with("[[service_duty]]"));
    let one_state = OPEN.replacen("state = \"KR\"", "state = \"US\"", 1);
    let report = check(&one_state, &Context { catalogue: None, before: &before });
    assert!(!codes(&report.diagnostics).contains(&"sovereigns_conflict"));
    // The directive is the newer file: it is where the finding stands.
    let duty = format!("schema = 1\n{}", &OPEN[OPEN.find("[[service_duty]]").unwrap()..]);
    let before = [read(&duty).unwrap()];
    let report = check(CLEAN, &Context { catalogue: None, before: &before });
    let finding = report.diagnostics.iter().find(|f| f.code == "sovereigns_conflict").unwrap();
    assert!(CLEAN[finding.span.clone()].starts_with("[[directive]]"));
}

#[test]
fn lists_and_reports_are_bounded() {
    let names = |count: usize| format!("[{}]", vec!["\"a\""; count].join(","));
    let with = |count| CLEAN.replacen("[\"Harbor Grid Co\"]", &names(count), 1);
    let found = |text: &str| codes(&check(text, &Context::default()).diagnostics);
    assert_eq!(found(&with(limits::NAMES_PER_LIST)), [""; 0]);
    assert_eq!(found(&with(limits::NAMES_PER_LIST + 1)), ["too_many_names"]);
    let readings = "[[reading]]\nquestion = \"employee_means\"\nchoice = \"x\"\nby = \"a\"\nwhy = \"b\"\n";
    let many = format!("schema = 1\n{}", readings.repeat(FINDINGS + 5));
    let report = check(&many, &Context::default());
    assert_eq!(report.diagnostics.len(), FINDINGS + 1);
    let more = report.diagnostics.iter().find(|f| f.code == "too_many_findings").unwrap();
    assert_eq!((more.severity, more.message.as_str()), (Severity::Error, "5 more findings are not shown"));
}
