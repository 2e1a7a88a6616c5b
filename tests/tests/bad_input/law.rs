//! Law files, rosters and the control port.

use super::{Scene, on_file};
use serde_json::json;
use system_tests::http::Request;
use system_tests::{Bench, Server};

/// The June letter with one mistake made in it.
fn letter_with(good: &str, bad: &str) -> String {
    let text = std::fs::read_to_string(Bench::june("letter-1.toml")).unwrap();
    assert!(text.contains(good), "{good}");
    text.replace("us-2026-06-12", "second-letter").replace(good, bad)
}

const EXCEPTION: &str = "schema = 1\n[[exception]]\nid = \"e-1\"\ntitle = \"One\"\ndirective = \"us-2026-06-12\"\nwhen = { models = [\"fable-5\"] }\n";

#[test]
fn a_law_file_with_a_mistake_is_explained_and_not_filed() {
    let Scene { upstream: _upstream, server } = Scene::new();
    let before = on_file(&server);
    let twice =
        format!("{EXCEPTION}\n{}", EXCEPTION.replace("schema = 1\n", "").replace("fable-5", "mythos-5"));
    let cases = [
        ("malformed", letter_with("schema = 1", "schema = = 1"), "unreadable"),
        ("unknown-word", letter_with("foreign_person", "foreign_visitor"), "unreadable"),
        ("unknown-member", letter_with("title =", "titel = \"x\"\ntitle ="), "unreadable"),
        (
            "unknown-country",
            letter_with(r#"{ class = "foreign_person" }"#, r#"{ class = "located_in", countries = ["XQ"] }"#),
            "unknown_country",
        ),
        (
            "backwards",
            letter_with("models = [", "effective_until = 2026-06-12T17:20:00-04:00\nmodels = ["),
            "window_ends_before_start",
        ),
        (
            "no-offset",
            letter_with("effective_from = 2026-06-12T17:21:00-04:00", "effective_from = 2026-06-12T17:21:00"),
            "unreadable",
        ),
        ("unknown-model", letter_with(r#""fable-5", "mythos-5""#, r#""no-such-model""#), "unknown_model"),
        ("contradicting", twice, "contradicting_exceptions"),
        ("binary", "schema = 1\u{0}".to_owned(), "unreadable"),
    ];
    let catalogue = Bench::june("models.toml").display().to_string();
    let june = Bench::june("letter-1.toml").display().to_string();
    for (name, text, code) in cases {
        let path = server.file(&format!("{name}.toml"), &text).display().to_string();
        let lint = server.douane_err(&["lint", "--catalogue", &catalogue, &june, &path]);
        assert!(lint.contains(code) && lint.contains(name), "{name}: {lint}");
        let found = server.douane(&["lint", "--catalogue", &catalogue, &june, &path, "--json"]);
        let found: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
        let error = found.as_array().unwrap().iter().find(|finding| finding["code"] == code).unwrap();
        assert!(error["line"].as_u64().unwrap() >= 1 && error["help"].as_str().unwrap().len() > 5, "{error}");
        let said = server.douane_err(&["directive", "draft", &path]);
        assert!(said.contains("nothing was put on file") && said.contains(code), "{name}: {said}");
        assert_eq!(on_file(&server), before, "{name}");
    }
}

#[test]
fn a_law_file_that_is_not_there_or_not_text_is_named() {
    let scene = Scene::new();
    for words in
        [["lint", "/nonexistent/letter.toml"].as_slice(), &["directive", "draft", "/nonexistent/letter.toml"]]
    {
        assert!(scene.server.douane_err(words).contains("/nonexistent/letter.toml"));
    }
    let path = scene.server.home().join("latin1.toml");
    std::fs::write(&path, b"schema = 1 # \xe9").unwrap();
    assert!(scene.server.douane_err(&["lint", &path.display().to_string()]).contains("latin1.toml"));
    scene.is_unharmed("a law file that cannot be read");
}

#[test]
fn a_bad_roster_names_its_line_and_loads_nothing() {
    let scene = Scene::new();
    let good = std::fs::read_to_string(Bench::june("people.csv")).unwrap();
    let status = |person: &str| {
        Request::chat("fable-5").key(scene.server.key(person)).send(scene.server.gateway()).status
    };
    let lines: Vec<&str> = good.lines().collect();
    for (name, line, bad) in [
        ("country", 3, lines[2].replace("FR@", "QQ@")),
        ("level", 5, lines[4].replace(",self,citizen", ",certain,citizen")),
        ("short", 7, "p-006,person".to_owned()),
        ("repeated", 6, lines[4].to_owned()),
    ] {
        let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        changed[1] = changed[1].replace(",citizen,", ",none,");
        changed[line - 1] = bad;
        let path = scene.server.file(&format!("{name}.csv"), &changed.join("\n"));
        let said = scene.server.douane_err(&[
            "people",
            "load",
            &path.display().to_string(),
            "--account",
            "model-maker",
        ]);
        assert!(said.contains(&format!("line {line}")), "{name}: {said}");
        assert!(!said.contains("1990-05-05"), "an error repeats no fact about a person: {said}");
        assert_eq!(
            (status("p-001"), status("p-002")),
            (200, 451),
            "{name}: a row before the bad one was loaded"
        );
    }
}

#[test]
fn the_control_port_answers_its_token_from_loopback_only() {
    let scene = Scene::new();
    let (server, token) = (&scene.server, scene.server.token());
    let ask = |request: Request| request.send(server.control());
    let status = || Request::get("/v1/status");
    assert_eq!(ask(status().key(&token)).status, 200);
    for (what, request, expected) in [
        ("no token", status(), 401),
        ("a wrong token", status().key(&"0".repeat(64)), 401),
        ("half a token", status().key(&token[..32]), 401),
        ("a caller's key", status().key(server.key("p-001")), 401),
        ("another scheme", status().header("authorization", &format!("Basic {token}")), 401),
        ("a foreign host", status().key(&token).set("host", "attacker.example"), 403),
        (
            "a host that begins like ours",
            status().key(&token).set("host", "127.0.0.1.attacker.example:8452"),
            403,
        ),
        ("an unknown route", Request::get("/v1/secrets").key(&token), 404),
        ("an unknown route without token", Request::get("/v1/secrets"), 401),
        ("a wrong method", Request::new("DELETE", "/v1/instruments/us-2026-06-12").key(&token), 405),
        ("no JSON", Request::post("/v1/keys", "{").key(&token), 400),
        (
            "a wrong form",
            Request::post("/v1/keys", json!({ "account": "a", "admin": true }).to_string()).key(&token),
            422,
        ),
        ("a receipt that is not there", Request::get("/v1/receipts/999999").key(&token), 404),
    ] {
        let answer = ask(request);
        assert_eq!(answer.status, expected, "{what}: {}", answer.text());
        assert!(!answer.text().contains(&token), "{what}");
    }
    scene.is_unharmed("the control port's visitors");
}

/// What opens one port does not open the other.
#[test]
fn the_control_token_is_no_callers_key() {
    let scene = Scene::new();
    let answer = Request::chat("fable-5").key(&scene.server.token()).send(scene.server.gateway());
    scene.refuses("the control token", &answer, 401, "invalid_api_key");
    let control = Request::get("/v1/status").key(&scene.server.token()).send(scene.server.gateway());
    scene.refuses("a control route", &control, 404, "route_not_served");
}

#[test]
fn a_clock_that_is_real_cannot_be_set() {
    let server = Server::builder().start();
    let said = server.douane_err(&["clock", "2026-06-12T17:21:00-04:00"]);
    assert!(said.contains("only a practice clock can be set"), "{said}");
    assert_eq!(server.status().json()["practice"], false);
}
