//! Requests of callers.

use super::Scene;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, TcpListener};
use system_tests::http::{Answer, Request, Wire, exchange};

const CHAT: &str = "/v1/chat/completions";

/// Bytes written by hand; `KEY` stands for a good caller's key.
fn raw(scene: &Scene, text: &str) -> Vec<u8> {
    text.replace("KEY", scene.server.key("p-001")).replace('\n', "\r\n").into_bytes()
}

#[test]
fn bodies_that_could_be_read_two_ways() {
    let scene = Scene::new();
    let long = format!(r#"{{"model":"fable-5","messages":[{}1{}]}}"#, "[".repeat(300), "]".repeat(300));
    let cases: [(&str, Vec<u8>, &str); 14] = [
        ("two models", br#"{"model":"opus-4-8","messages":[],"model":"fable-5"}"#.to_vec(), "duplicate_key"),
        (
            "two models, one escaped",
            br#"{"model":"opus-4-8","messages":[],"mod\u0065l":"fable-5"}"#.to_vec(),
            "duplicate_key",
        ),
        (
            "the escaped one first",
            br#"{"\u006dodel":"opus-4-8","model":"fable-5"}"#.to_vec(),
            "duplicate_key",
        ),
        ("bad UTF-8", b"{\"model\":\"fable-5\",\"messages\":\"\xff\xfe\"}".to_vec(), "invalid_utf8"),
        ("cut off", br#"{"model":"fable-5","messages":["#.to_vec(), "invalid_json"),
        (
            "bytes after the end",
            br#"{"model":"fable-5","messages":[]}{"model":"opus-4-8"}"#.to_vec(),
            "invalid_json",
        ),
        ("a list", br#"["fable-5"]"#.to_vec(), "not_an_object"),
        ("no model", br#"{"messages":[]}"#.to_vec(), "model_missing"),
        ("a model that is a number", br#"{"model":5,"messages":[]}"#.to_vec(), "model_invalid"),
        ("a stream that is a word", br#"{"model":"fable-5","stream":"yes"}"#.to_vec(), "stream_invalid"),
        ("nested too deeply", long.into_bytes(), "too_deep"),
        (
            "a base_url",
            br#"{"model":"fable-5","base_url":"http://127.0.0.1:9"}"#.to_vec(),
            "unsupported_upstream_choice",
        ),
        (
            "an api_base",
            br#"{"model":"fable-5","api_base":"http://127.0.0.1:9"}"#.to_vec(),
            "unsupported_upstream_choice",
        ),
        (
            "an unknown model",
            br#"{"model":"no-such-model","messages":[]}"#.to_vec(),
            "model_not_in_catalogue",
        ),
    ];
    for (what, body, code) in cases {
        for (path, version) in [(CHAT, false), ("/v1/messages", true)] {
            let mut request = Request::post(path, body.clone()).key(scene.server.key("p-001"));
            if version {
                request = request.header("anthropic-version", "2023-06-01");
            }
            let status = if code == "model_not_in_catalogue" { 404 } else { 400 };
            scene.refuses(what, &request.send(scene.server.gateway()), status, code);
        }
    }
}

/// A body may name further models; each is decided, and one refused refuses all.
#[test]
fn a_forbidden_model_hidden_among_substitutes_is_found() {
    let scene = Scene::new();
    let members = json!({ "fallbacks": [{ "model": "fable-5" }] });
    let answer =
        Request::chat_with("opus-4-8", members).key(scene.server.key("p-002")).send(scene.server.gateway());
    scene.refuses("a forbidden substitute", &answer, 451, "legal_restriction");
    assert_eq!(answer.json()["model"], "fable-5");
}

#[test]
fn a_body_over_the_limit_is_refused_and_one_at_it_served() {
    let scene = Scene::new();
    let body = |bytes: usize| {
        let (head, tail) = (r#"{"model":"fable-5","messages":[],"pad":""#, r#""}"#);
        format!("{head}{}{tail}", "x".repeat(bytes - head.len() - tail.len()))
    };
    let limit = 32 << 20;
    let request = |bytes| Request::post(CHAT, body(bytes)).key(scene.server.key("p-001"));
    scene.refuses(
        "a body over the limit",
        &request(limit + 1).send(scene.server.gateway()),
        413,
        "body_too_large",
    );
    let served = request(limit).header("x-good", "1").send(scene.server.gateway());
    assert_eq!(served.status, 200, "{}", served.text());
    assert_eq!(scene.upstream.received().last().unwrap().body.len(), limit);
    let announced = raw(
        &scene,
        "POST /v1/chat/completions HTTP/1.1\nhost: a\nauthorization: Bearer KEY\ncontent-length: 99999999999\n\n",
    );
    let mut wire = Wire::open(scene.server.gateway());
    wire.send(&announced);
    wire.send(&vec![b'x'; limit + 65_536]);
    let answer = wire.answer().expect("an answer before the whole body is there");
    scene.refuses("a body announced as huge", &answer, 413, "body_too_large");
    assert!(wire.is_closed(), "the rest of the body must not be read as a request");
}

#[test]
fn nothing_a_caller_sends_chooses_the_upstream() {
    let scene = Scene::new();
    let trap = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    trap.set_nonblocking(true).unwrap();
    let url = format!("http://{}", trap.local_addr().unwrap());
    let good = || Request::chat("fable-5").key(scene.server.key("p-001"));
    for header in
        ["x-upstream-url", "x-target-url", "x-base-url", "helicone-target-url", "x-portkey-custom-host"]
    {
        let answer = good().header(header, &url).send(scene.server.gateway());
        scene.refuses(header, &answer, 400, "unsupported_upstream_choice");
    }
    let absolute =
        format!("POST {url}{CHAT} HTTP/1.1\nhost: a\nauthorization: Bearer KEY\ncontent-length: 2\n\n{{}}");
    scene.refuses(
        "an absolute target",
        &exchange(scene.server.gateway(), &raw(&scene, &absolute)),
        400,
        "unsupported_upstream_choice",
    );
    let tunnel =
        format!("CONNECT {} HTTP/1.1\nhost: a\nauthorization: Bearer KEY\n\n", trap.local_addr().unwrap());
    let answer = exchange(scene.server.gateway(), &raw(&scene, &tunnel));
    assert!((400..500).contains(&answer.status), "{}", answer.status);
    // Where a request came from is no choice of where it goes: these pass, and go to the configured upstream.
    for (header, value) in
        [("x-forwarded-host", trap.local_addr().unwrap().to_string()), ("forwarded", format!("host={url}"))]
    {
        assert_eq!(
            good().header("x-good", "1").header(header, &value).send(scene.server.gateway()).status,
            200
        );
    }
    scene.is_unharmed("a caller who would choose the upstream");
    assert!(trap.accept().is_err(), "somebody connected to the address a caller named");
}

#[test]
fn routes_and_methods_outside_the_table() {
    let scene = Scene::new();
    let key = scene.server.key("p-001");
    let body = r#"{"model":"fable-5","messages":[]}"#;
    for (what, request, status, code) in [
        ("responses", Request::post("/v1/responses", body), 404, "route_not_served"),
        ("files", Request::get("/v1/files"), 404, "route_not_served"),
        ("batches", Request::post("/v1/messages/batches", body), 404, "route_not_served"),
        ("a doubled slash", Request::post("/v1//chat/completions", body), 400, "path_not_canonical"),
        ("a dot segment", Request::post("/v1/x/../chat/completions", body), 400, "path_not_canonical"),
        ("an escape", Request::post("/v1/chat%2Fcompletions", body), 400, "path_not_canonical"),
        ("a query", Request::post("/v1/chat/completions?model=opus-4-8", body), 400, "query_not_served"),
        ("GET", Request::get(CHAT), 405, "method_not_allowed"),
        ("DELETE", Request::new("DELETE", "/v1/models/fable-5"), 405, "method_not_allowed"),
        ("PUT", Request::new("PUT", "/v1/messages"), 405, "method_not_allowed"),
    ] {
        let answer = request.key(key).send(scene.server.gateway());
        scene.refuses(what, &answer, status, code);
        assert_eq!(answer.header("allow").is_some(), status == 405, "{what}");
    }
}

#[test]
fn framing_that_could_be_read_two_ways() {
    let scene = Scene::new();
    let head = "POST /v1/chat/completions HTTP/1.1\nhost: a\nauthorization: Bearer KEY\n";
    let cases = [
        ("length and chunked", format!("{head}content-length: 4\ntransfer-encoding: chunked\n\n0\n\n")),
        ("two lengths", format!("{head}content-length: 2\ncontent-length: 4\n\n{{}}{{}}")),
        ("a length that is a list", format!("{head}content-length: 2, 4\n\n{{}}{{}}")),
        ("a negative length", format!("{head}content-length: -1\n\n")),
        ("a coding besides chunked", format!("{head}transfer-encoding: gzip, chunked\n\n0\n\n")),
        ("chunked not last", format!("{head}transfer-encoding: chunked, identity\n\n0\n\n")),
        ("two hosts", format!("{head}host: b\ncontent-length: 2\n\n{{}}")),
        (
            "no host",
            "POST /v1/chat/completions HTTP/1.1\nauthorization: Bearer KEY\ncontent-length: 2\n\n{}"
                .to_owned(),
        ),
        ("a folded header", format!("{head}x-a: 1\n 2\ncontent-length: 2\n\n{{}}")),
        ("a space before the colon", format!("{head}content-length : 2\n\n{{}}")),
        ("a compressed body", format!("{head}content-encoding: gzip\ncontent-length: 2\n\n{{}}")),
        ("an upgrade", format!("{head}connection: upgrade\nupgrade: h2c\ncontent-length: 2\n\n{{}}")),
        ("no HTTP", "hello\n\n".to_owned()),
    ];
    for (what, text) in cases {
        let mut wire = Wire::open(scene.server.gateway());
        wire.send(&raw(&scene, &text));
        let answer = wire.answer();
        let status = answer.as_ref().map_or(400, |answer| answer.status);
        assert_eq!(status, 400, "{what}: {answer:?}");
        scene.is_unharmed(what);
    }
}

/// A second request behind an ambiguous first must never be answered as if it were one.
#[test]
fn no_request_is_smuggled_behind_another() {
    let scene = Scene::new();
    let inner = r#"{"model":"fable-5","messages":[]}"#;
    let second = format!(
        "POST {CHAT} HTTP/1.1\nhost: a\nauthorization: Bearer KEY\ncontent-length: {}\n\n{inner}",
        inner.len()
    );
    for framing in
        ["content-length: 5\ntransfer-encoding: chunked", "transfer-encoding: chunked\ncontent-length: 5"]
    {
        let first = format!("POST {CHAT} HTTP/1.1\nhost: a\nauthorization: Bearer KEY\n{framing}\n\n0\n\n");
        let mut wire = Wire::open(scene.server.gateway());
        wire.send(&raw(&scene, &(first + &second)));
        let answers: Vec<Answer> = std::iter::from_fn(|| wire.answer()).collect();
        assert!(answers.iter().all(|answer| answer.status == 400), "{answers:?}");
        scene.is_unharmed("a smuggled request");
    }
}

#[test]
fn keys_that_are_missing_wrong_or_two() {
    let scene = Scene::new();
    let (one, two) = (scene.server.key("p-001"), scene.server.key("p-003"));
    let chat = || Request::chat("fable-5");
    let mut almost = one.to_owned();
    let last = if almost.pop() == Some('a') { 'b' } else { 'a' };
    almost.push(last);
    for (what, request) in [
        ("no key", chat()),
        ("an empty key", chat().key("")),
        ("a key that is almost right", chat().key(&almost)),
        ("a provider's key", chat().key("sk-proj-0123456789")),
        ("another scheme", chat().header("authorization", &format!("Basic {one}"))),
        ("two keys", chat().key(one).header("x-api-key", two)),
        ("two authorizations", chat().key(one).header("authorization", &format!("Bearer {two}"))),
    ] {
        let answer = request.send(scene.server.gateway());
        scene.refuses(what, &answer, 401, "invalid_api_key");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"invalid_token\""), "{what}");
        assert_eq!(answer.header("douane-receipt"), None, "{what}: nothing was decided");
    }
}

/// The caller's credential and everything else that is not the upstream's business stays here.
#[test]
fn the_upstream_gets_the_body_untouched_and_no_credential() {
    let scene = Scene::new();
    let body =
        br#"{ "model" : "fable-5", "messages":[], "unknown_member": {"a": [1.50, 1e3, "\u00e9"]} , "n":1}"#;
    let request = Request::post("/v1/chat/completions", body.as_slice())
        .key(scene.server.key("p-001"))
        .header("cookie", "session=1")
        .header("connection", "x-hop")
        .header("x-hop", "1")
        .header("x-good", "1");
    assert_eq!(request.send(scene.server.gateway()).status, 200);
    let received = scene.upstream.received().pop().unwrap();
    assert_eq!(String::from_utf8_lossy(&received.body), String::from_utf8_lossy(body));
    for name in ["authorization", "x-api-key", "cookie", "x-hop", "connection"] {
        assert_eq!(received.header(name), None, "{name} was sent on: {}", received.head);
    }
    assert_eq!(received.header("host"), Some(scene.upstream.address().to_string().as_str()));
    assert_eq!(serde_json::from_slice::<Value>(&received.body).unwrap()["model"], "fable-5");
}
