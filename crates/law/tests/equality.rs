//! Equal treatment: whom a directive names against the reason it gives.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use law::{Directive, EqualTreatment, ListedModel, equal_treatment, lint::read};
use terms::{Capability, ModelId};

fn directive(models: &str, capabilities: &str, criterion: &str) -> Directive {
    let text = format!(
        "schema = 1\n[[directive]]\nid = \"d\"\ntitle = \"t\"\nform = \"rule\"\nissued_at = 2026-06-12T21:21:00Z\n\
         effective_from = 2026-06-12T21:21:00Z\nmodels = {models}\ncapabilities = {capabilities}\n\
         criterion = {criterion}\npersons = {{ class = \"everyone\" }}\ndestinations = \"none\"\n\
         source = {{ state = \"US\", office = \"o\" }}\n"
    );
    read(&text).unwrap().directive.remove(0)
}

fn catalogue() -> Vec<ListedModel> {
    let model = |id, capabilities: &[&str]| ListedModel {
        id: ModelId::parse(id).unwrap(),
        capabilities: capabilities.iter().map(|text| Capability::parse(text).unwrap()).collect(),
    };
    vec![
        model("named-able", &["cyber:expert"]),
        model("named-weak", &["cyber:novice"]),
        model("other-able", &["bio:novice", "cyber:frontier"]),
        model("other-weak", &["cyber:skilled"]),
        model("named-unknown", &[]),
        model("other-unknown", &[]),
    ]
}

fn ids(list: &[ModelId]) -> Vec<&str> {
    list.iter().map(ModelId::as_str).collect()
}

#[test]
fn named_and_meeting_are_compared() {
    let named = r#"["named-able", "named-weak", "named-unknown", "nowhere"]"#;
    let result = equal_treatment(&directive(named, "[]", r#"["cyber:expert"]"#), &catalogue());
    assert_eq!(ids(&result.named_and_meeting), ["named-able"]);
    assert_eq!(ids(&result.named_not_meeting), ["named-weak"]);
    assert_eq!(ids(&result.meeting_not_named), ["other-able"]);
    assert_eq!(ids(&result.unknown), ["named-unknown", "other-unknown", "nowhere"]);
    assert!(!result.is_equal());
}

#[test]
fn naming_by_the_criterion_itself_is_equal() {
    let by_capability = directive("[]", r#"["cyber:expert"]"#, r#"["cyber:expert"]"#);
    let result = equal_treatment(&by_capability, &catalogue());
    assert_eq!(ids(&result.named_and_meeting), ["named-able", "other-able"]);
    assert!(result.is_equal());
    let all = equal_treatment(&directive(r#"["*"]"#, "[]", r#"["cyber:novice"]"#), &catalogue());
    assert_eq!(all.named_and_meeting.len(), 4);
    assert!(all.is_equal());
}

#[test]
fn without_a_criterion_there_is_nothing_to_compare() {
    let result = equal_treatment(&directive(r#"["named-able"]"#, "[]", "[]"), &catalogue());
    assert_eq!(result, EqualTreatment::default());
}
