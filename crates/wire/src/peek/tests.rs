use super::*;

fn check(body: &str, expected: Result<(&str, bool, &[&str]), PeekError>) {
    let read = peek(body.as_bytes());
    if let Ok(peek) = &read {
        let places = [NamedModel { model: peek.model.clone(), range: peek.model_range.clone() }];
        for named in places.iter().chain(&peek.other_models) {
            let token = body.get(named.range.clone()).unwrap();
            assert_eq!(serde_json::from_str::<String>(token).unwrap(), named.model, "{body}");
        }
    }
    let read =
        read.map(|p| (p.model, p.stream, p.other_models.into_iter().map(|n| n.model).collect::<Vec<_>>()));
    let expected = expected.map(|(model, stream, others)| {
        (model.to_owned(), stream, others.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>())
    });
    assert_eq!(read, expected, "{body}");
}

fn refused(body: &str, code: &str) {
    assert_eq!(peek(body.as_bytes()).map_err(|e| e.code().as_str()), Err(code), "{body}");
}

#[test]
fn reads_model_and_stream() {
    check(r#"{"model":"m"}"#, Ok(("m", false, &[])));
    check(r#" {"messages":[{"content":"model"}] , "model" : "m" ,"stream":true} "#, Ok(("m", true, &[])));
    check(r#"{"model":"m","stream":null}"#, Ok(("m", false, &[])));
    check(r#"{"mod\u0065l":"\u006d-\ud83d\ude00"}"#, Ok(("m-😀", false, &[])));
    check(r#"{"Model":"x","model":"m","MODEL":7}"#, Ok(("m", false, &[])));
}

#[test]
fn finds_every_other_model() {
    check(r#"{"model":"m","fallbacks":["a","\u0062"]}"#, Ok(("m", false, &["a", "b"])));
    check(r#"{"fallbacks":[{"max_tokens":5,"model":"a"}],"model":"m"}"#, Ok(("m", false, &["a"])));
    check(r#"{"model":"m","models":["a"],"context_window_fallbacks":["b"]}"#, Ok(("m", false, &["a", "b"])));
    check(r#"{"model":"m","tools":[{"type":"advisor","model":"a"}]}"#, Ok(("m", false, &["a"])));
    let nested = r#"{"model":"m","tools":[{"type":"group","tools":[{"model":"a"}],"model":"b"}]}"#;
    check(nested, Ok(("m", false, &["a", "b"])));
    let in_fallback = r#"{"model":"m","fallbacks":[{"model":"a","tools":[{"model":"b"}]}]}"#;
    check(in_fallback, Ok(("m", false, &["a", "b"])));
    check(r#"{"model":"m","fallbacks":null,"tools":null}"#, Ok(("m", false, &[])));
}

#[test]
fn leaves_tool_schemas_and_messages_alone() {
    let schema = r#"{"model":"m","tools":[{"name":"car","input_schema":{"properties":{"model":{"type":"string"}}},
        "input_examples":[{"model":"Estate"}]}],"messages":[{"model":"x","model":"y"}]}"#;
    check(schema, Ok(("m", false, &[])));
}

#[test]
fn refuses_two_readings() {
    for body in [
        r#"{"model":"a","model":"b"}"#,
        r#"{"model":"a","mod\u0065l":"b"}"#,
        r#"{"\u006dodel":"a","model":"b"}"#,
        r#"{"model":"a","model":null}"#,
        r#"{"model":"a","stream":true,"stream":false}"#,
        r#"{"model":"a","x":1,"x":1}"#,
        r#"{"model":"m","tools":[{"model":"a","model":"b"}]}"#,
        r#"{"model":"m","fallbacks":[{"model":"a","mod\u0065l":"b"}]}"#,
    ] {
        refused(body, "duplicate_key");
    }
}

#[test]
fn refuses_what_is_not_one_json_object() {
    for body in [
        "",
        " ",
        "{",
        r#"{"model":"a""#,
        r#"{"model":"a",}"#,
        r#"{'model':'a'}"#,
        r#"{"model":"a"}x"#,
        r#"{"model":"a"}{"model":"b"}"#,
        "{\"model\":\"a\"}\0",
        "\u{feff}{\"model\":\"a\"}",
        "{\"model\":\"a\nb\"}",
        r#"{"model":"a","n":01}"#,
        r#"{"model":"a","n":NaN}"#,
        r#"{"model":"a","n":1e999}"#,
        r#"{"model":"a","s":"\ud800"}"#,
        r#"{"model":"a","\ud800":1}"#,
        r#"{"model":"a" "b":1}"#,
        r#"{"model":"a"/**/}"#,
        r#"{"model":"a","fallbacks":[{"model":"b",}]}"#,
    ] {
        refused(body, "invalid_json");
    }
    for body in ["[]", "null", "7", r#""model""#, r#"[{"model":"a"}]"#] {
        refused(body, "not_an_object");
    }
    assert_eq!(peek(b"{\"model\":\"\xff\"}"), Err(PeekError::InvalidUtf8 { valid_up_to: 10 }));
    assert_eq!(peek(b"\xff\xfe{\x00}\x00"), Err(PeekError::InvalidUtf8 { valid_up_to: 0 }));
}

#[test]
fn refuses_names_that_are_no_names() {
    refused("{}", "model_missing");
    refused(r#"{"model":null}"#, "model_missing");
    for value in
        [r#""""#, "7", "true", r#"["m"]"#, r#"{"a":"m"}"#, r#""a\u0000b""#, r#""a\nb""#, r#""a\u0085""#]
    {
        refused(&format!(r#"{{"model":{value}}}"#), "model_invalid");
    }
    let long = "m".repeat(limits::MODEL_BYTES);
    check(&format!(r#"{{"model":"{long}"}}"#), Ok((&long, false, &[])));
    refused(&format!(r#"{{"model":"{long}x"}}"#), "model_invalid");
    refused(r#"{"model":"m","tools":[{"model":{"type":"string"}}]}"#, "model_invalid");
    for value in ["1", r#""true""#, "[]", "{}"] {
        refused(&format!(r#"{{"model":"m","stream":{value}}}"#), "stream_invalid");
    }
}

#[test]
fn refuses_substitutes_nobody_can_decide_on() {
    refused(r#"{"model":"m","fallbacks":"default"}"#, "fallback_not_named");
    for value in
        [r#""x""#, "1", "true", r#"{"m":["x"]}"#, r#"[{"m":["x"]}]"#, "[null]", r#"[{"model":null}]"#]
    {
        refused(&format!(r#"{{"model":"m","fallbacks":{value}}}"#), "fallbacks_invalid");
    }
    refused(r#"{"model":"m","fallbacks":[["x"]]}"#, "model_invalid");
    refused(r#"{"model":"m","fallbacks":[{"model":"a","fallbacks":["b"]}]}"#, "fallbacks_invalid");
    refused(r#"{"model":"m","tools":[{"model":"a","fallbacks":["b"]}]}"#, "fallbacks_invalid");
}

#[test]
fn refuses_a_choice_of_upstream() {
    for member in ["api_base", "base_url", "api_key", "custom_llm_provider", "provider"] {
        refused(&format!(r#"{{"model":"m","{member}":"x"}}"#), "unsupported_upstream_choice");
    }
    refused(r#"{"model":"m","\u0061pi_base":"x"}"#, "unsupported_upstream_choice");
}

#[test]
fn bounds_depth_members_and_names() {
    let nested = |depth: usize| {
        let inner = depth - 1;
        format!(r#"{{"model":"m","x":{}{}}}"#, "[".repeat(inner), "]".repeat(inner))
    };
    check(&nested(limits::BODY_DEPTH), Ok(("m", false, &[])));
    refused(&nested(limits::BODY_DEPTH + 1), "too_deep");
    refused(&nested(1_000_000), "too_deep");
    let deep_tools = format!(r#"{{"model":"m","tools":{}{}}}"#, r#"[{"tools":"#.repeat(500), "0");
    refused(&deep_tools, "too_deep");
    let in_fallback = |depth: usize| {
        let (open, close) = ("[".repeat(depth - 3), "]".repeat(depth - 3));
        format!(r#"{{"model":"m","fallbacks":[{{"model":"a","x":{open}{close}}}]}}"#)
    };
    check(&in_fallback(limits::BODY_DEPTH), Ok(("m", false, &["a"])));
    refused(&in_fallback(limits::BODY_DEPTH + 1), "too_deep");
    refused(&in_fallback(1_000_000), "too_deep");
    let (open, close) = (r#"{"tools":[{"fallbacks":["#.repeat(100_000), "]}]}".repeat(100_000));
    refused(&format!(r#"{{"model":"m","fallbacks":[{open}{close}]}}"#), "fallbacks_invalid");

    let members = |count: usize| (0..count).map(|i| format!(r#","k{i}":0"#)).collect::<String>();
    check(&format!(r#"{{"model":"m"{}}}"#, members(limits::BODY_MEMBERS - 1)), Ok(("m", false, &[])));
    refused(&format!(r#"{{"model":"m"{}}}"#, members(limits::BODY_MEMBERS)), "too_many_members");

    let names = vec![r#""a""#; limits::OTHER_MODELS + 1].join(",");
    refused(&format!(r#"{{"model":"m","fallbacks":[{names}]}}"#), "too_many_members");
}

#[test]
fn errors_name_the_member_at_fault() {
    let param = |body: &str| peek(body.as_bytes()).unwrap_err().param().map(str::to_owned);
    assert_eq!(param(r#"{"model":"m","base_url":1}"#).as_deref(), Some("base_url"));
    assert_eq!(param(r#"{"x":1,"x":1}"#).as_deref(), Some("x"));
    assert_eq!(param("{}").as_deref(), Some("model"));
}

#[test]
fn writes_the_decided_model() {
    let body = Bytes::from_static(b"{ \"a\" : 1.0, \"model\" : \"small\\u002d1\" , \"z\":[ ]}");
    let read = peek(&body).unwrap();
    let out = read.with_model(body, "up/stream").unwrap();
    assert_eq!(&out[..], &b"{ \"a\" : 1.0, \"model\" : \"up/stream\" , \"z\":[ ]}"[..]);
}
