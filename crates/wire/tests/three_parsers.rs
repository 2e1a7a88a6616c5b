//! Bodies that parsers read differently: the strict pass, `serde_json` and Python's json. Whatever the pass accepts means
//! the same model to all three, so a provider's parser cannot find another one.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use serde::Deserialize;
use serde_json::Value;
use wire::peek::peek;

/// A row of `fixtures/parsers/keeps.json`, which `keeps.py` beside it writes.
#[derive(Deserialize)]
struct Row {
    body: String,
    #[serde(default)]
    model: Value,
    #[serde(default)]
    refused: bool,
    #[serde(default)]
    model_is_no_text: bool,
}

impl Row {
    fn bytes(&self) -> Vec<u8> {
        let digits = self.body.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    /// What Python keeps.
    fn python(&self) -> Option<&str> {
        if self.refused || self.model_is_no_text { None } else { self.model.as_str() }
    }
}

fn rows() -> Vec<Row> {
    serde_json::from_str(include_str!("fixtures/parsers/keeps.json")).unwrap()
}

#[test]
fn what_is_accepted_means_the_same_to_all_three() {
    let (mut accepted, mut differ) = (0, 0);
    for row in rows() {
        let body = row.bytes();
        let serde = serde_json::from_slice::<Value>(&body).ok();
        let serde = serde.as_ref().and_then(|value| value.get("model")).and_then(Value::as_str);
        let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
        match peek(&body) {
            Ok(read) => {
                accepted += 1;
                assert_eq!((Some(&*read.model), Some(&*read.model)), (serde, row.python()), "{shown}");
            }
            Err(_) => differ += usize::from(serde != row.python()),
        }
    }
    // The table must hold both kinds, or it would show nothing.
    assert!(accepted >= 10 && differ >= 10, "{accepted} accepted, {differ} read differently");
}

#[test]
fn what_python_keeps_of_two_members_is_refused_here() {
    for row in rows() {
        let body = row.bytes();
        let Ok(text) = std::str::from_utf8(&body) else { continue };
        let spelt = text.replace("\\u006d", "m").replace("\\u0065", "e");
        let top: Vec<_> = spelt.match_indices("\"model\":").collect();
        if top.len() > 1 && row.python().is_some() {
            assert!(peek(&body).is_err(), "{text}");
        }
    }
}
