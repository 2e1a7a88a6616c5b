use super::*;
use std::path::PathBuf;
use tempfile::TempDir;

const LETTER: &str = r#"
schema = 1
[[directive]]
id = "able"
title = "Models able in cyber operations"
form = "is_informed_letter"
issued_at = "2026-06-12T00:00:00Z"
effective_from = "2026-06-13T00:00:00Z"
models = ["one", "weak"]
criterion = ["cyber:expert"]
persons = { class = "foreign_person" }
destinations = "none"
authority = ["ear-744-22-b"]
source = { state = "US", office = "Invented office" }
"#;

const CATALOGUE: &str = r#"
schema = 1
[[model]]
id = "one"
upstream = "practice"
served_from = "US"
dialects = ["openai"]
capabilities = ["cyber:expert"]
[[model]]
id = "weak"
upstream = "practice"
served_from = "US"
dialects = ["openai"]
capabilities = ["cyber:novice"]
[[model]]
id = "rival"
upstream = "practice"
served_from = "US"
dialects = ["openai"]
capabilities = ["cyber:frontier"]
"#;

const DUTY: &str = r#"
schema = 1
[[service_duty]]
id = "serve"
title = "Serve everyone in France"
from = "2026-06-01T00:00:00Z"
models = ["one"]
persons = { class = "located_in", countries = ["FR"] }
source = { state = "FR", office = "Invented office" }
"#;

fn files(texts: [&str; 3]) -> (TempDir, [PathBuf; 3]) {
    let dir = tempfile::tempdir().unwrap();
    let mut number = 0;
    let paths = texts.map(|text| {
        number += 1;
        let path = dir.path().join(format!("{number}.toml"));
        std::fs::write(&path, text).unwrap();
        path
    });
    (dir, paths)
}

#[test]
fn like_models_treated_unlike_are_a_no() {
    let (dir, [letter, catalogue, _]) = files([LETTER, CATALOGUE, DUTY]);
    let nowhere = DataDir::new(dir.path());
    assert!(!equal(&nowhere, &letter, Some(&catalogue), true).unwrap());
    let (_dir, [letter, catalogue, _]) =
        files([&LETTER.replace(r#"["one", "weak"]"#, r#"["one", "rival"]"#), CATALOGUE, DUTY]);
    assert!(equal(&nowhere, &letter, Some(&catalogue), false).unwrap());
    let refused = equal(&nowhere, &letter, None, true).unwrap_err();
    assert!(refused.to_string().contains("--catalogue"), "{refused}");
}

#[test]
fn equal_treatment_names_each_model_once() {
    let directive = law::lint::read(LETTER).unwrap().directive.remove(0);
    let models = listed(&law::lint::read(CATALOGUE).unwrap());
    let json = equal_as_json(&directive, &equal_treatment(&directive, &models));
    assert_eq!(json["meeting_not_named"], serde_json::json!(["rival"]));
    assert_eq!(json["named_not_meeting"], serde_json::json!(["weak"]));
    assert_eq!(json["named_and_meeting"], serde_json::json!(["one"]));
    assert_eq!(
        (json["equal"].as_bool(), &json["criterion"]),
        (Some(false), &serde_json::json!(["cyber:expert"]))
    );
}

#[test]
fn the_authority_page_cites_and_never_stops_enforcement() {
    let directive = law::lint::read(LETTER).unwrap().directive.remove(0);
    let findings = check(&directive);
    let page = |lang, markdown| authority_page(&directive, &findings, lang, markdown);
    let english = page(Language::En, true);
    assert!(english.starts_with("## able: Models able"), "{english}");
    assert!(english.contains("- **15 CFR 744.22") && english.contains(ENFORCED.en), "{english}");
    let korean = page(Language::Ko, false);
    assert!(korean.contains("15 CFR 744.22") && korean.contains(ENFORCED.ko), "{korean}");
    assert!(authority_page(&directive, &[], Language::En, false).contains("reach as far as it does"));
    assert_eq!(
        authority_as_json(&directive, &findings)["findings"].as_array().unwrap().len(),
        findings.len()
    );
}

#[test]
fn a_conflict_of_sovereigns_is_a_no() {
    let (_dir, paths) = files([LETTER, CATALOGUE, DUTY]);
    assert!(!conflicts(&paths, None, true).unwrap());
    assert!(conflicts(&paths[..2], None, false).unwrap());
    assert!(conflicts(&paths[..1], Some(&paths[1]), true).unwrap());
}
