use super::*;

fn check(body: &str, expected: Result<(&str, bool, &[&str]), PeekError>) {
    let read = peek(body.as_bytes());
    if let Ok(peek) = &read {
        let path = "model".to_owned();
        let places = [NamedModel { model: peek.model.clone(), range: peek.model_range.clone(), path }];
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
        "input_examples":[{"model":"Estate"}]}],"messages":[{"model":"x"}],
        "metadata":{"model":"x"},"response_format":{"json_schema":{"schema":{"model":"x"}}}}"#;
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
        r#"{"model":"m","messages":[{"content":"a","content":"b"}]}"#,
        r#"{"model":"m","messages":[{"content":[{"input":{"\u0061":1,"a":2}}]}]}"#,
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
        r#"{"model":"a","messages":[{"n":-1e999}]}"#,
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

fn paths(body: &str) -> Vec<(String, String)> {
    let read = peek(body.as_bytes()).unwrap_or_else(|error| panic!("{error}: {body}"));
    read.other_models.into_iter().map(|named| (named.path, named.model)).collect()
}

#[test]
fn says_where_each_model_stands() {
    let check =
        |body: &str, path: &str| assert_eq!(paths(body), [(path.to_owned(), "a".to_owned())], "{body}");
    check(r#"{"model":"m","fallbacks":["a"]}"#, "fallbacks.0");
    check(r#"{"model":"m","fallbacks":[{"max_tokens":1,"model":"a"}]}"#, "fallbacks.0.model");
    check(r#"{"model":"m","tools":[{},{"type":"advisor_20260301","model":"a"}]}"#, "tools.1.model");
    check(r#"{"model":"m","tools":[{"tools":[{"svg":{"model":"a"}}]}]}"#, "tools.0.tools.0.svg.model");
    check(r#"{"model":"m","moderation":{"model":"a"}}"#, "moderation.model");
    check(
        r#"{"model":"m","subagents":[{"name":"x","settings":{"model":"a"}}]}"#,
        "subagents.0.settings.model",
    );
    check(r#"{"model":"m","never_heard_of":{"deep":[[{"model":"a"}]]}}"#, "never_heard_of.deep.0.0.model");
    let added = r#"{"model":"m","messages":[{"role":"user","content":"x"},{"role":"system","content":[
        {"type":"tool_addition","tool":{"type":"tool_definition","definition":{"model":"a"}}}]}]}"#;
    check(added, "messages.1.content.0.tool.definition.model");
    let found = r#"{"model":"m","input":[{"type":"tool_search_output","tools":[{"model":"a"}]}]}"#;
    check(found, "input.0.tools.0.model");
}

#[test]
fn words_of_a_conversation_are_no_models() {
    for body in [
        r#"{"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","input":{"model":"a","file_id":"f"}}]}]}"#,
        r#"{"model":"m","messages":[{"role":"assistant","content":[{"type":"fallback","to":{"model":"a"}}]}]}"#,
        r#"{"model":"m","input":[[1,2],[3]]}"#,
        r#"{"model":"m","input":"tools: model"}"#,
        r#"{"model":"m","messages":[{"role":"assistant","tool_calls":[{"function":{"arguments":"{\"model\":\"a\"}"}}]}]}"#,
    ] {
        assert_eq!(paths(body), [], "{body}");
    }
}

fn asks(body: &str, expected: &str, path: &str) {
    let mode: Mode = expected.parse().unwrap();
    let refused = PeekError::ModeNotServed { mode, path: path.into() };
    assert_eq!((refused.code().as_str(), refused.mode()), ("mode_not_served", Some(mode)));
    assert_eq!(peek(body.as_bytes()), Err(refused), "{body}");
    let allowed = Allowed::NONE.with(mode).unwrap();
    let read = peek_as(body.as_bytes(), Form::Chat, allowed).unwrap();
    assert_eq!(read.modes, [NamedMode { mode, path: path.into() }], "{body}");
    assert_eq!(read.is_fetched_later(), mode.is_fetched_later());
}

#[test]
fn modes_that_are_not_in_the_table_are_refused_by_name() {
    for (members, mode, path) in [
        (r#""store":true"#, "stored_responses", "store"),
        (r#""st\u006fre":true"#, "stored_responses", "store"),
        (r#""previous_response_id":"resp_1""#, "stored_responses", "previous_response_id"),
        (r#""background":true"#, "background", "background"),
        (r#""conversation":{"id":"conv_1"}"#, "conversations", "conversation"),
        (r#""thread":{"id":"t"}"#, "conversations", "thread"),
        (r#""prompt":{"id":"pmpt_1"}"#, "stored_prompts", "prompt"),
        (r#""container":"container_1""#, "containers", "container"),
        (r#""mcp_servers":[{"type":"url","url":"https://a.example"}]"#, "remote_tools", "mcp_servers"),
        (r#""audio":{"voice":"x"}"#, "audio", "audio"),
        (r#""modalities":["text","\u0061udio"]"#, "audio", "modalities"),
        (r#""inference_geo":"us""#, "serving_place", "inference_geo"),
        (r#""access_programs":{"cyber":"standard"}"#, "access_programs", "access_programs"),
        (r#""tools":[{"type":"mcp","server_url":"https://a.example"}]"#, "remote_tools", "tools.0.type"),
        (r#""tools":[{"type":"code_execution_20260521"}]"#, "containers", "tools.0.type"),
        (r#""tools":[{"type":"x"},{"type":"file_search"}]"#, "files", "tools.1.type"),
        (r#""tools":[{"type":"image_generation"}]"#, "images", "tools.0.type"),
        (r#""input":[{"type":"item_reference","id":"msg_1"}]"#, "stored_responses", "input.0"),
        (r#""input":["x",{"id":"msg_1"}]"#, "stored_responses", "input.1"),
        (
            r#""messages":[{"content":[{"type":"image","source":{"type":"file","file_id":"file_1"}}]}]"#,
            "files",
            "messages.0.content.0.source.file_id",
        ),
        (
            r#""input":[{"content":[{"type":"input_file","file_id":"f"}]}]"#,
            "files",
            "input.0.content.0.file_id",
        ),
        (
            r#""messages":[{"content":[{"type":"file","file":{"file_id":"f"}}]}]"#,
            "files",
            "messages.0.content.0.file.file_id",
        ),
        (r#""messages":[{"role":"assistant","audio":{"id":"audio_1"}}]"#, "audio", "messages.0.audio"),
    ] {
        asks(&format!(r#"{{"model":"m",{members}}}"#), mode, path);
    }
}

#[test]
fn what_asks_for_nothing_is_passed() {
    for members in [
        r#""store":false,"background":null,"previous_response_id":null,"conversation":null"#,
        r#""container":null,"mcp_servers":[ ],"audio":null,"modalities":["text"]"#,
        r#""prompt":"Once upon a time""#,
        r#""tools":[{"type":"web_search_20260318"},{"type":"function","function":{"parameters":{"type":"mcp"}}}]"#,
        r#""messages":[{"content":[{"type":"image","source":{"type":"base64","data":"AA=="}}]}]"#,
        r#""input":[{"id":"msg_1","type":"message","content":[]}]"#,
    ] {
        let read = peek(format!(r#"{{"model":"m",{members}}}"#).as_bytes());
        assert_eq!(read.map(|read| read.modes), Ok(Vec::new()), "{members}");
    }
}

#[test]
fn a_response_is_stored_unless_it_says_no() {
    let of = |body: &str, form| {
        peek_as(body.as_bytes(), form, Allowed::NONE).map_err(|error| error.code().as_str())
    };
    for body in [r#"{"model":"m"}"#, r#"{"model":"m","store":null}"#, r#"{"model":"m","store":true}"#] {
        assert_eq!(of(body, Form::Responses), Err("mode_not_served"), "{body}");
    }
    assert!(of(r#"{"model":"m","store":false}"#, Form::Responses).is_ok());
    assert!(of(r#"{"model":"m"}"#, Form::Chat).is_ok());
}

#[test]
fn writes_every_decided_model() {
    let body =
        Bytes::from_static(br#"{"fallbacks":[{"model":"b"},"c"],"model":"a","tools":[{"model":"d"}]}"#);
    let read = peek(&body).unwrap();
    let out = read.with_models(body.clone(), &["A", "B", "C", "D"]).unwrap();
    assert_eq!(&out[..], br#"{"fallbacks":[{"model":"B"},"C"],"model":"A","tools":[{"model":"D"}]}"#);
    assert_eq!(read.with_models(body, &["A"]), Err(SpliceError));
}
