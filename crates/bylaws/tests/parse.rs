//! What a file of bylaws may say, and what is reported with its line where it may not.
#![allow(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

use bylaws::{Bylaws, limits, line_of};

/// A valid policy with this body.
fn about(id: &str, rest: &str) -> String {
    format!("@id(\"{id}\")\nforbid (principal, action, resource) {rest};\n")
}

#[track_caller]
fn check(text: &str, expected: &[(&str, usize)]) {
    let found = Bylaws::parse(text).map(|bylaws| bylaws.len()).unwrap_err();
    let found: Vec<_> =
        found.iter().map(|finding| (finding.code, line_of(text, finding.span.start))).collect();
    assert_eq!(found, expected, "{text}");
}

#[track_caller]
fn check_one(text: &str, code: &str) {
    let found = Bylaws::parse(text).map(|bylaws| bylaws.len()).unwrap_err();
    assert!(found.iter().all(|finding| finding.code == code && !finding.message.is_empty()), "{found:?}");
}

#[test]
fn a_forbid_with_an_id_is_a_bylaw() {
    let text = about("a", "") + &about("b.2_c-d", "when { context.streaming }");
    let bylaws = Bylaws::parse(&text).unwrap();
    assert_eq!(bylaws.ids().collect::<Vec<_>>(), ["a", "b.2_c-d"]);
    assert!(Bylaws::parse("// nothing yet\n").unwrap().is_empty());
}

#[test]
fn a_permit_is_named_with_its_line() {
    let text = about("a", "") + "\n// Loosens.\n@id(\"loose\")\npermit (principal, action, resource);\n";
    check(&text, &[("bylaw_permits", 5)]);
    let found = Bylaws::parse(&text).map(|bylaws| bylaws.len()).unwrap_err();
    assert!(found[0].message.contains("`loose`"), "{found:?}");
}

#[test]
fn every_finding_is_reported_at_its_place() {
    let text = format!(
        "{}{}{}permit (principal, action, resource);\n",
        about("a", "when { principal.nationality == \"FR\" }"),
        about("a b", ""),
        "forbid (principal action, resource);\n"
    );
    let expected =
        [("bylaw_invalid", 2), ("bylaw_annotation", 3), ("bylaw_unreadable", 5), ("bylaw_permits", 6)];
    check(&text, &expected);
}

#[test]
fn annotations_are_checked() {
    for annotations in [
        "",
        "@id(\"\")",
        "@id(\"a b\")",
        "@id(\"a\") @note(\"x\")",
        "@id(\"a\") @effect(\"permit\")",
        "@id(\"a\") @effect(\"verify\")",
        "@id(\"a\") @missing(\"location\")",
        "@id(\"a\") @effect(\"verify\") @missing(\"shoe_size\")",
        "@id(\"a\") @effect(\"verify\") @missing(\"\")",
        "@id(\"a\") @effect(\"verify\") @missing(\"location,screening\")",
        "@id(\"a\") @reason(\" \")",
        "@id(\"a\") @ko(\"line\\nline\")",
    ] {
        check_one(&format!("{annotations} forbid (principal, action, resource);"), "bylaw_annotation");
    }
    let long = "x".repeat(limits::ID_BYTES + 1);
    check_one(&about(&long, ""), "bylaw_annotation");
    let verify = "@id(\"a\") @effect(\"verify\") @missing(\"us_status, location\") forbid (principal, action, resource);";
    let bylaws = Bylaws::parse(verify).unwrap();
    let words: Vec<_> =
        bylaws.verifying().flat_map(|(_, facts)| facts.iter().map(terms::MissingFact::word)).collect();
    assert_eq!(words, ["us_status", "location"]);
}

#[test]
fn the_schema_is_held_strictly() {
    for body in [
        "when { principal.us_status == \"citizen\" }",
        "when { principal has location && principal.location == 3 }",
        "when { principal.passport == \"x\" }",
        "when { context.at > 3 }",
        "when { resource.capabilities.contains(5) }",
        "when { datetime(principal.account) > context.at }",
        "when { principal.account }",
    ] {
        check_one(&about("a", body), "bylaw_invalid");
    }
    for scope in
        ["principal, action == Action::\"training\", resource", "principal is Firm, action, resource"]
    {
        let found =
            Bylaws::parse(&format!("@id(\"a\") forbid ({scope});")).map(|bylaws| bylaws.len()).unwrap_err();
        assert!(found.iter().any(|finding| finding.code == "bylaw_invalid"), "{found:?}");
    }
}

#[test]
fn a_rule_that_can_never_hold_is_an_error() {
    check_one(&about("a", "when { false }"), "bylaw_idle");
    for body in [
        "when { principal has us_status && principal.us_status == \"citizn\" }",
        "unless { [\"employe\"].contains(principal.account) || (principal has relation && principal.relation != \"employe\") }",
        "when { principal.nationalities.contains(\"France\") }",
        "when { [\"FR\", \"XX\"].containsAny(principal.residences) }",
        "when { principal has employer && principal.employer == \"Acme  Ltd\" }",
        "when { principal.kind == \"human\" }",
        "when { resource.capabilities.contains(\"cyber\") }",
        "when { context.end_use == \"military\" }",
        "when { principal has screening && principal.screening == \"unscreened\" }",
    ] {
        check_one(&about("a", body), "bylaw_word");
    }
}

#[test]
fn ids_are_unique_in_a_file_and_between_files() {
    check(&(about("a", "") + &about("a", "")), &[("bylaw_twice", 3)]);
    let one = |id| Bylaws::parse(&about(id, "")).unwrap();
    assert_eq!(one("a").join(one("b")).unwrap().len(), 2);
    assert_eq!(one("a").join(one("a")).unwrap_err().0, "a");
}

#[test]
fn what_is_too_big_is_not_read() {
    let deep = format!("when {{ {}true{} }}", "(".repeat(200), ")".repeat(200));
    check_one(&about("a", &deep), "bylaw_too_big");
    let long = format!("when {{ context.streaming {} }}", "|| context.streaming ".repeat(2_000));
    check_one(&about("a", &long), "bylaw_too_big");
    check_one(&" ".repeat(limits::FILE_BYTES + 1), "bylaw_too_big");
    let many: String = (0..=limits::BYLAWS).map(|number| about(&format!("b{number}"), "")).collect();
    check_one(&many, "bylaw_twice");
}

#[test]
fn the_longest_that_is_read_does_no_harm() {
    let chain = |unit: &str| format!("when {{ context.streaming{} }}", unit.repeat(16_000 / unit.len()));
    for unit in [" || context.streaming", " && !context.streaming", ".a", " == context.streaming"] {
        check_one(&about("a", &chain(unit)), "bylaw_too_big");
    }
    let most = limits::OPERATORS - 1;
    let read = |body: String| Bylaws::parse(&about("a", &body)).map(|bylaws| bylaws.len());
    assert_eq!(
        read(format!("when {{ context.streaming{} }}", " || context.streaming".repeat(most / 3))),
        Ok(1)
    );
    assert_eq!(read(format!("when {{ {}1 > 0 }}", "1 + ".repeat(most))), Ok(1));
    let nested = "if context.streaming then true else ".repeat(most / 2);
    assert_eq!(read(format!("when {{ {nested} context.streaming }}")), Ok(1));
    let set = "\"FR\", ".repeat(2_000);
    assert_eq!(read(format!("when {{ [{set} \"FR\"].contains(context.served_from) }}")), Ok(1));
    assert!(read(format!("when {{ {} context.streaming }}", "!".repeat(most))).is_err());
    assert!(read(format!("when {{ principal{} }}", ".a".repeat(most))).is_err());
    assert!(read(format!("{} when", "@a(\"\")".repeat(2_000))).is_err());
    for hostile in
        ["\"", "@", "//", ";;;;", "forbid", "\u{0}", "@id(\"a\") forbid (principal, action, resource)"]
    {
        assert!(Bylaws::parse(hostile).is_err() || hostile == "//", "{hostile:?}");
    }
}
