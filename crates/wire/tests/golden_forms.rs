//! Golden files per form: what is read of requests and answers, that bytes pass unchanged, and how they read in the other
//! dialect.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::{fmt::Write as _, fs, path::PathBuf};

use bytes::Bytes;
use wire::{
    answer::{Answer, BodyReader, StreamReader},
    code::Code,
    dialect::{Dialect, Form, route},
    ending::cut_event_of,
    lang::Lang,
    mode::Allowed,
    peek::peek_as,
    refusal::{Refusal, render},
    sse::Splitter,
    translate::{Defaults, StreamTranslator, answer, request},
};

const FORMS: [(&str, Form); 5] = [
    ("chat", Form::Chat),
    ("responses", Form::Responses),
    ("embeddings", Form::Embeddings),
    ("messages", Form::Messages),
    ("count_tokens", Form::CountTokens),
];

/// Compares with `golden/forms/<name>.snap`.
fn check(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden/forms");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// Every fixture with this end: its form and its bytes.
fn fixtures(end: &str) -> Vec<(String, Form, Bytes)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/forms");
    let mut found = Vec::new();
    for (name, form) in FORMS {
        if let Ok(bytes) = fs::read(folder.join(format!("{name}.{end}"))) {
            found.push((name.to_owned(), form, bytes.into()));
        }
    }
    assert!(!found.is_empty(), "{end}");
    found
}

#[test]
fn requests() {
    for (name, form, body) in fixtures("request.json") {
        let read = peek_as(&body, form, Allowed::NONE).unwrap();
        let mut text = format!("model: {}\nstream: {}\n", read.model, read.stream);
        for named in &read.other_models {
            writeln!(text, "{}: {}", named.path, named.model).unwrap();
        }
        let decided: Vec<_> = (0..=read.other_models.len()).map(|at| format!("decided-{at}")).collect();
        let decided: Vec<&str> = decided.iter().map(String::as_str).collect();
        let written = read.with_models(body.clone(), &decided).unwrap();
        check(&format!("{name}.request"), &(text + "\n" + std::str::from_utf8(&written).unwrap()));

        let names: Vec<_> =
            std::iter::once(&read.model).chain(read.other_models.iter().map(|n| &n.model)).collect();
        let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
        let back = peek_as(&written, form, Allowed::NONE).unwrap().with_models(written, &names).unwrap();
        assert_eq!(back, body, "{name}");
    }
}

fn written(answer: &Answer) -> String {
    format!("{answer:#?}\n")
}

#[test]
fn whole_answers() {
    for end in ["answer.json", "refusal.json"] {
        for (name, form, body) in fixtures(end) {
            let mut reader = BodyReader::new(form);
            body.chunks(5).for_each(|piece| reader.push(piece));
            check(&format!("{name}.{}", end.replace(".json", "")), &written(reader.answer()));
        }
    }
}

#[test]
fn streamed_answers() {
    for end in ["stream.sse", "refusal.sse"] {
        for (name, form, stream) in fixtures(end) {
            let mut reader = StreamReader::new(form);
            let (mut splitter, mut passed) = (Splitter::new(), Vec::new());
            for piece in stream.chunks(7) {
                let ready = splitter.push(Bytes::copy_from_slice(piece));
                reader.push(&ready);
                passed.extend_from_slice(&ready);
            }
            passed.extend_from_slice(&splitter.finish());
            assert_eq!(passed, stream, "{name}");
            assert!(splitter.last_event_ends(form), "{name}");
            check(&format!("{name}.{end}"), &written(reader.answer()));
        }
    }
}

const fn other(dialect: Dialect) -> Dialect {
    match dialect {
        Dialect::OpenAi => Dialect::Anthropic,
        Dialect::Anthropic => Dialect::OpenAi,
    }
}

fn conversations(end: &str) -> impl Iterator<Item = (String, Dialect, Bytes)> {
    let held = |form| matches!(form, Form::Chat | Form::Messages);
    fixtures(end)
        .into_iter()
        .filter(move |(_, form, _)| held(*form))
        .map(|(name, form, bytes)| (name, form.dialect(), bytes))
}

#[test]
fn answers_in_the_other_dialect() {
    for end in ["answer.json", "refusal.json"] {
        for (name, dialect, body) in conversations(end) {
            let there = answer(other(dialect), &body, 1_781_300_000).unwrap();
            check(
                &format!("{name}.{}.translated", end.replace(".json", "")),
                std::str::from_utf8(&there).unwrap(),
            );
        }
    }
}

#[test]
fn streams_in_the_other_dialect() {
    for end in ["stream.sse", "refusal.sse"] {
        for (name, dialect, stream) in conversations(end) {
            let mut translator = StreamTranslator::new(other(dialect), true, 1_781_300_000);
            let pieces =
                stream.chunks(11).map(|piece| translator.push(Bytes::copy_from_slice(piece)).unwrap());
            let there: Vec<u8> = pieces.flatten().collect();
            translator.finish().unwrap();
            check(&format!("{name}.{end}.translated"), std::str::from_utf8(&there).unwrap());
        }
    }
}

#[test]
fn requests_in_the_other_dialect() {
    // Without what has no counterpart, which is refused by its name one after the other.
    for (name, dialect, body) in conversations("request.json") {
        let mut body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let mut refused = String::new();
        let there = loop {
            match request(dialect, body.to_string().as_bytes(), &Defaults::default()) {
                Ok(there) => break there,
                Err(error) => {
                    writeln!(refused, "{error}").unwrap();
                    remove(&mut body, error.path());
                }
            }
        };
        check(
            &format!("{name}.request.translated"),
            &(refused + "\n" + std::str::from_utf8(&there.body).unwrap()),
        );
    }
}

/// Takes a member out; for the `type` or `role` of an object, the object.
fn remove(body: &mut serde_json::Value, path: &str) {
    let path = path.strip_suffix(".type").or_else(|| path.strip_suffix(".role")).unwrap_or(path);
    let (holder, last) = path
        .rsplit_once('.')
        .map_or((String::new(), path), |(holder, last)| (format!("/{}", holder.replace('.', "/")), last));
    match body.pointer_mut(&holder).unwrap() {
        serde_json::Value::Array(items) => drop(items.remove(last.parse().unwrap())),
        serde_json::Value::Object(members) => assert!(members.remove(last).is_some(), "{path}"),
        other => panic!("{path}: {other}"),
    }
}

/// `golden/sdk.py` reads these with the vendors' own clients.
#[test]
fn cuts() {
    let refusal = Refusal { model: "aurora-5".into(), ..Refusal::new(Code::LegalRestriction, "01JX-7") };
    for (name, form) in
        FORMS.into_iter().filter(|(_, form)| !matches!(form, Form::Embeddings | Form::CountTokens))
    {
        for lang in Lang::ALL {
            let event = cut_event_of(&refusal, form, lang, 3);
            check(&format!("{name}.cut.{}", lang.tag()), std::str::from_utf8(&event).unwrap());
        }
    }
}

#[test]
fn modes() {
    for (name, target) in [("batches", "/v1/messages/batches"), ("realtime", "/v1/realtime")] {
        let error = route("POST", target, name == "batches").unwrap_err();
        let dialect = Dialect::of_caller(target, name == "batches");
        refused(&format!("mode.{name}"), &Refusal::of_route(&error, "01JX-8"), dialect);
    }
    let error = peek_as(br#"{"model":"m","input":"Hi"}"#, Form::Responses, Allowed::NONE).unwrap_err();
    refused("mode.stored_responses", &Refusal::of_peek(&error, "01JX-9"), Dialect::OpenAi);
}

fn refused(name: &str, refusal: &Refusal, dialect: Dialect) {
    for lang in Lang::ALL {
        let answer = render(refusal, dialect, lang);
        let text = format!("{}\n{}", answer.status, std::str::from_utf8(&answer.body).unwrap());
        check(&format!("{name}.{}", lang.tag()), &text);
    }
}
