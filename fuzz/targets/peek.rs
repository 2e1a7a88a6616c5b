//! What the strict pass accepts, a full parser accepts with the same meaning; the decided model is what is written.

use bytes::Bytes;
use serde_json::Value;
use wire::peek::{Peek, peek};

/// One input: a request body.
pub fn run(data: &[u8]) {
    let Ok(read) = peek(data) else { return };
    agrees_with_a_full_parse(data, &read);
    names_stand_where_they_are_said_to(data, &read);
    decided_model_is_written(data, &read);
}

fn agrees_with_a_full_parse(data: &[u8], read: &Peek) {
    let value: Value = serde_json::from_slice(data).expect("accepted by peek");
    assert_eq!(value.get("model").and_then(Value::as_str), Some(&*read.model));
    assert_eq!(value.get("stream").and_then(Value::as_bool).unwrap_or(false), read.stream);
}

fn names_stand_where_they_are_said_to(data: &[u8], read: &Peek) {
    let others = read.other_models.iter().map(|named| (&named.model, &named.range));
    for (model, range) in others.chain([(&read.model, &read.model_range)]) {
        let token = data.get(range.clone()).expect("a range of the body");
        assert_eq!(serde_json::from_slice::<String>(token).ok().as_ref(), Some(model));
    }
}

fn decided_model_is_written(data: &[u8], read: &Peek) {
    let body = Bytes::copy_from_slice(data);
    let written = read.with_model(body, "decided \"model\"").expect("the body that was read");
    let again = peek(&written).expect("still acceptable");
    assert_eq!(again.model, "decided \"model\"");
    let names = |peek: &Peek| peek.other_models.iter().map(|n| n.model.clone()).collect::<Vec<_>>();
    assert_eq!(names(&again), names(read));
    assert_eq!(written.get(..read.model_range.start), data.get(..read.model_range.start));
    assert_eq!(written.get(again.model_range.end..), data.get(read.model_range.end..));
}
