use super::*;

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn june(known_at: &str) -> LawAt {
    let known_at = Some(at(known_at));
    book(&LawSource { files: &[], data: None, known_at, readings: &[], models: &[] }).unwrap()
}

#[test]
fn letters_are_known_from_their_receipt_on() {
    let count = |law: &LawAt| (law.book.directives.len(), law.book.exceptions.len(), law.book.liftings.len());
    assert_eq!(count(&june("2026-06-12T21:20:59Z")), (0, 0, 0));
    assert_eq!(count(&june("2026-06-12T21:21:00Z")), (1, 0, 0));
    assert_eq!(count(&june("2026-06-27T00:00:00Z")), (1, 2, 0));
    let all = june("2026-06-30T22:00:00Z");
    assert_eq!((count(&all), all.left_out.len()), ((1, 2, 1), 0));
}

#[test]
fn what_is_left_out_is_named_with_its_instant() {
    let law = june("2026-06-27T00:00:00Z");
    let id = InstrumentId::parse("us-2026-06-30-lifting").unwrap();
    assert_eq!(law.left_out, [LeftOut { id, since: Some(at("2026-06-30T22:00:00Z")) }]);
    assert_eq!(
        law.left_out[0].to_string(),
        "us-2026-06-30-lifting is left out: it became known at 2026-06-30T22:00:00Z"
    );
}

#[test]
fn what_hangs_on_an_unknown_directive_goes_with_it() {
    let text = r#"
schema = 1
[[directive]]
id = "d"
title = "t"
form = "rule"
issued_at = "2026-02-01T00:00:00Z"
effective_from = "2026-02-02T00:00:00Z"
models = ["m"]
persons = { class = "everyone" }
destinations = "none"
source = { state = "US", office = "o" }
[[exception]]
id = "e"
title = "t"
directive = "d"
when = { models = ["m"] }
"#;
    let mut files = [law::lint::read(text).unwrap()];
    let out = leave_out(&mut files, at("2026-01-01T00:00:00Z"));
    assert_eq!(
        out.iter().map(|out| (out.id.as_str(), out.since.is_some())).collect::<Vec<_>>(),
        [("d", true), ("e", false)]
    );
    assert!(files[0].directive.is_empty() && files[0].exception.is_empty());
    let mut files = [law::lint::read(text).unwrap()];
    assert_eq!(leave_out(&mut files, at("2026-02-01T00:00:00Z")), [], "without a receipt, the issue counts");
}
