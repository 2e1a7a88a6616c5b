//! The strict pass against a full parse, over generated bodies without repeated members.

use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Value, json};
use wire::{code::Code, peek::peek};

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|n| json!(n)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((any::<String>(), inner), 0..4).prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9/\"\\\\:._\u{ac00}-\u{d7a3} -]{1,40}"
}

/// Every character of a name written as an escape.
fn escaped(name: &str) -> String {
    name.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}

/// Members in a given order, spaced out if `pretty`.
fn written(members: &[(String, Value)], pretty: bool) -> String {
    let space = if pretty { " \n\t" } else { "" };
    let members: Vec<_> =
        members.iter().map(|(key, value)| format!("{}{space}:{space}{value}", json!(key))).collect();
    format!("{space}{{{space}{}{space}}}{space}", members.join(&format!("{space},{space}")))
}

proptest! {
    #[test]
    fn finds_what_a_full_parse_finds(
        model in name(),
        stream in any::<Option<bool>>(),
        fallbacks in vec(name(), 0..4),
        tool_models in vec(name(), 0..3),
        others in vec(("[b-lo-r]{1,6}", any_value()), 0..6),
        order in any::<proptest::sample::Index>(),
        pretty: bool,
    ) {
        let tools: Vec<_> = tool_models.iter().map(|m| json!({"type": "t", "model": m, "x": [{"model": 1}]})).collect();
        let mut members: Vec<_> = others.into_iter().collect::<Map<_, _>>().into_iter().collect();
        members.push(("model".to_owned(), json!(model)));
        members.push(("stream".to_owned(), json!(stream)));
        members.push(("fallbacks".to_owned(), json!(fallbacks)));
        members.push(("tools".to_owned(), json!(tools)));
        let turn = order.index(members.len());
        members.rotate_left(turn);

        let body = written(&members, pretty);
        let read = peek(body.as_bytes()).map_err(|e| TestCaseError::fail(format!("{e}: {body}")))?;
        prop_assert_eq!(&read.model, &model);
        prop_assert_eq!(read.stream, stream.unwrap_or(false));
        let mut found: Vec<_> = read.other_models.iter().map(|n| n.model.clone()).collect();
        let mut expected = [fallbacks, tool_models].concat();
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);

        let same = read.with_model(Bytes::from(body.clone()), &model).unwrap();
        prop_assert_eq!(&same[..], body.as_bytes());
    }

    #[test]
    fn an_escaped_name_is_the_same_name(model in name()) {
        let body = format!(r#"{{"model":"{}"}}"#, escaped(&model));
        prop_assert_eq!(peek(body.as_bytes()).unwrap().model, model);
    }

    #[test]
    fn a_repeated_member_is_refused_however_it_is_spelt(
        key in "[a-z_]{1,12}",
        first in any_value(),
        second in any_value(),
        escape_first: bool,
        escape_second: bool,
    ) {
        let spell = |escape: bool| if escape { escaped(&key) } else { key.clone() };
        let body = format!(
            r#"{{"{}":{first},"{}":{second},"model":"m"}}"#,
            spell(escape_first),
            spell(escape_second),
        );
        // A first value of the wrong type may be refused before the second is met.
        let typed = ["model", "stream", "fallbacks", "models", "tools", "provider", "api_key", "base_url", "api_base"];
        prop_assume!(!typed.contains(&&*key));
        prop_assert_eq!(peek(body.as_bytes()).map_err(|e| e.code()), Err(Code::DuplicateKey));
    }

    #[test]
    fn a_torn_body_is_refused(model in name(), rest in any_value(), cut in any::<proptest::sample::Index>()) {
        let body = format!(r#"{{"x":{rest},"model":{}}}"#, json!(model));
        let torn = body.as_bytes().get(..cut.index(body.len())).unwrap();
        prop_assert!(peek(torn).is_err());
        let followed = body + ",";
        prop_assert!(peek(followed.as_bytes()).is_err());
    }

    /// Any model may be decided on in any place: all other bytes stay.
    #[test]
    fn decided_models_change_nothing_else(
        fallbacks in vec((name(), name()), 1..4),
        tools in vec((name(), name(), any_value()), 1..3),
        model in (name(), name()),
        pretty: bool,
    ) {
        let asked = |decided: bool| {
            let pick = |(before, after): &(String, String)| if decided { after.clone() } else { before.clone() };
            let tools: Vec<_> =
                tools.iter().map(|(a, b, data)| json!({"model": pick(&(a.clone(), b.clone())), "metadata": data})).collect();
            let fallbacks: Vec<_> = fallbacks.iter().map(|names| json!({"max_tokens": 1, "model": pick(names)})).collect();
            let members = [
                ("tools".to_owned(), json!(tools)),
                ("model".to_owned(), json!(pick(&model))),
                ("fallbacks".to_owned(), json!(fallbacks)),
            ];
            written(&members, pretty)
        };
        let body = asked(false);
        let read = peek(body.as_bytes()).unwrap();
        let after: Vec<&str> = std::iter::once(&model.1)
            .chain(tools.iter().map(|(_, after, _)| after))
            .chain(fallbacks.iter().map(|(_, after)| after))
            .map(String::as_str)
            .collect();
        let out = read.with_models(Bytes::from(body), &after).unwrap();
        prop_assert_eq!(std::str::from_utf8(&out).unwrap(), asked(true));
    }
}
