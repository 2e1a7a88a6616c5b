//! Golden wire files per dialect: what a client receives (insta ignores line ends at the end of a file).
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fmt::Write as _;

use wire::{
    code::Code,
    dialect::{Dialect, route},
    ending::cut_event,
    lang::Lang,
    models::{Lifecycle, ModelEntry, ModelsPage, models_list, one_model},
    peek::peek,
    practice::{PracticeRequest, frames, whole},
    refusal::{Cure, CureStep, HouseReason, Level, Refusal, Rendered, render},
};

const DIALECTS: [Dialect; 2] = [Dialect::OpenAi, Dialect::Anthropic];

/// Compares with `golden/<name>.<dialect>.snap`.
fn check(name: &str, dialect: Dialect, wire: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("{name}.{}", dialect.as_str()), wire));
}

fn written(answer: &Rendered) -> String {
    let mut text = format!("{}\n", answer.status);
    for (name, value) in &answer.headers {
        writeln!(text, "{name}: {value}").unwrap();
    }
    text + "\n" + std::str::from_utf8(&answer.body).unwrap()
}

fn refused(name: &str, refusal: &Refusal) {
    for dialect in DIALECTS {
        for lang in Lang::ALL {
            check(&format!("{name}.{}", lang.tag()), dialect, &written(&render(refusal, dialect, lang)));
        }
    }
}

fn about(code: Code) -> Refusal {
    Refusal { model: "aurora-5".into(), ..Refusal::new(code, "01JX-7") }
}

fn deny() -> Refusal {
    Refusal {
        references: vec!["Letter of 12 June 2026, https://gov.example/letter".into()],
        until: Some("2026-07-01T00:00:00Z".into()),
        blocked_by: Some("https://gate.example/about".into()),
        ..about(Code::LegalRestriction)
    }
}

#[test]
fn deny_with_another_model_as_cure() {
    let cure = Cure { step: CureStep::OtherModel("aurora-4".into()), url: None };
    refused("deny_other_model", &Refusal { cure: Some(cure), ..deny() });
}

#[test]
fn deny_without_a_cure() {
    refused("deny", &deny());
}

#[test]
fn reading_open() {
    refused("reading_open", &about(Code::LegalReadingOpen));
}

#[test]
fn verify_first() {
    let cure = Cure { step: CureStep::Verify, url: Some("https://gate.example/verify/01JX-7".into()) };
    refused(
        "verify_first",
        &Refusal {
            missing: vec!["us_status".into(), "location".into()],
            cure: Some(cure),
            required_level: Some(Level::Document),
            max_age_s: Some(86_400),
            references: vec!["Letter of 12 June 2026".into()],
            ..about(Code::VerificationRequired)
        },
    );
}

#[test]
fn verification_pending() {
    refused(
        "verification_pending",
        &Refusal { missing: vec!["screening".into()], ..about(Code::VerificationPending) },
    );
}

#[test]
fn house_rule() {
    let house_reason = HouseReason {
        en: Some("Contractors use the smaller models here.".into()),
        ko: Some("협력 업체 인력은 이곳에서 작은 모델을 이용합니다.".into()),
    };
    let cure = Cure { step: CureStep::OtherModel("aurora-4".into()), url: None };
    let refusal = Refusal { house_reason, cure: Some(cure), ..about(Code::HouseRule) };
    refused("house_rule", &refusal);
    let missing = vec!["location".into()];
    let verify = Refusal { code: Code::HouseRuleVerification, cure: None, missing, ..refusal };
    refused("house_rule_verification", &verify);
}

#[test]
fn every_other_code() {
    let legal = [Code::LegalRestriction, Code::LegalReadingOpen, Code::VerificationRequired];
    let others = Code::ALL.into_iter().filter(|code| !legal.contains(code));
    let refusals: Vec<_> = others.map(|code| Refusal { param: Some("x".into()), ..about(code) }).collect();
    for dialect in DIALECTS {
        let texts = refusals.iter().map(|refusal| written(&render(refusal, dialect, Lang::En)));
        check("every_other_code", dialect, &texts.collect::<Vec<_>>().join("\n\n"));
    }
}

#[test]
fn refused_before_a_decision() {
    let no_route = route("GET", "/v1/messages", false).unwrap_err();
    refused("no_method", &Refusal::of_route(&no_route, "01JX-8"));
    let twice = peek(br#"{"model":"a","mod\u0065l":"b"}"#).unwrap_err();
    refused("duplicate_key", &Refusal::of_peek(&twice, "01JX-9"));
}

#[test]
fn cut_streams() {
    for dialect in DIALECTS {
        for lang in Lang::ALL {
            let event = cut_event(&deny(), dialect, lang);
            check(&format!("cut.{}", lang.tag()), dialect, std::str::from_utf8(&event).unwrap());
        }
    }
}

#[test]
fn model_lists() {
    let entry = |id: &str, lifecycle| ModelEntry {
        id: id.into(),
        display_name: format!("The {id}"),
        created_unix_s: 1_767_225_600,
        owned_by: "maker".into(),
        lifecycle,
    };
    let models = [entry("aurora-5", Lifecycle::Active), entry("aurora-4", Lifecycle::Deprecated)];
    let page = ModelsPage { limit: 1, ..ModelsPage::default() };
    for dialect in DIALECTS {
        check("models", dialect, &String::from_utf8(models_list(dialect, &models, &page)).unwrap());
        check("models_empty", dialect, &String::from_utf8(models_list(dialect, &[], &page)).unwrap());
        check("model", dialect, &String::from_utf8(one_model(dialect, &models[1])).unwrap());
    }
}

#[test]
fn practice_answers() {
    let body = br#"{"model":"practice-1","stream_options":{"include_usage":true},"practice":{"chunks":2,"seed":"drill"}}"#;
    let request = PracticeRequest::from_body(body).unwrap();
    for dialect in DIALECTS {
        let stream: Vec<u8> = frames(dialect, &request, 1_781_299_260).flatten().collect();
        check("practice_stream", dialect, &String::from_utf8(stream).unwrap());
        check(
            "practice_whole",
            dialect,
            &String::from_utf8(whole(dialect, &request, 1_781_299_260)).unwrap(),
        );
    }
}
