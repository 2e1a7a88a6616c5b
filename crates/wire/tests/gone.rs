//! Errors of upstreams as they were seen, and what the shipped table makes of them.

use wire::{
    gone::{Asked, Cause, Table},
    peek::peek,
};

const FABLE: Asked<'static> = Asked { model: "claude-fable-5", path: "model" };
const ADVISOR: Asked<'static> = Asked { model: "claude-fable-5", path: "tools.10.model" };
const OPUS: Asked<'static> = Asked { model: "claude-opus-4-8", path: "model" };

#[track_caller]
fn check(status: u16, body: &str, asked: &[Asked<'_>], cause: Cause, model: Option<&str>) {
    let finding = Table::default().cause(status, body.as_bytes(), asked);
    assert_eq!((finding.cause, finding.model), (cause, model), "{status} {body}");
}

#[test]
fn the_evening_of_13_june_2026() {
    // anthropics/claude-code issues 68121, 68126, 68131: the model asked for.
    let gone = include_str!("fixtures/gone/404-2026-06-13.json");
    check(404, gone, &[FABLE], Cause::Withdrawn, Some("claude-fable-5"));
    // Issues 68215 and 68938: another model was asked for, and a tool named the one that was gone.
    let nested = include_str!("fixtures/gone/400-2026-06-13.json");
    check(400, nested, &[OPUS, ADVISOR], Cause::Withdrawn, Some("claude-fable-5"));
    // The place alone is enough where the model is known by another name.
    let renamed = Asked { model: "vendor-large", ..ADVISOR };
    check(400, nested, &[OPUS, renamed], Cause::Withdrawn, Some("vendor-large"));
}

#[test]
fn the_place_that_the_upstream_names_is_that_of_the_request() {
    let plain = r#"{"name":"f","input_schema":{"type":"object"}},"#.repeat(10);
    let body = format!(
        r#"{{"model":"opus","messages":[],"tools":[{plain}{{"type":"advisor_20260301","model":"fable","name":"a"}}]}}"#
    );
    let read = peek(body.as_bytes()).unwrap();
    let asked = read.asked(&["upstream-opus", "upstream-fable"]);
    check(
        400,
        include_str!("fixtures/gone/400-2026-06-13.json"),
        &asked,
        Cause::Withdrawn,
        Some("upstream-fable"),
    );
}

#[test]
fn a_request_at_fault_is_no_withdrawal() {
    // Issue 67298, two days before: it names two models and is about neither.
    let advisor = include_str!("fixtures/gone/400-2026-06-11.json");
    let asked = [FABLE, Asked { model: "claude-opus-4-8", path: "tools.11.model" }];
    let finding = Table::default().cause(400, advisor.as_bytes(), &asked);
    assert_eq!(finding.cause, Cause::BadRequestNotAboutModel);
    for body in [
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"messages: at least one message is required"}}"#,
        r#"{"error":{"message":"Tool search is not available.","type":"invalid_request_error","param":"tools","code":null}}"#,
        r#"{"error":{"message":"file not found","type":"invalid_request_error"}}"#,
        "",
        "<html>",
    ] {
        check(400, body, &[FABLE], Cause::BadRequestNotAboutModel, None);
    }
    check(422, "{}", &[FABLE], Cause::BadRequestNotAboutModel, None);
    check(413, "{}", &[FABLE], Cause::BadRequestNotAboutModel, None);
}

#[test]
fn other_makers_say_it_in_other_words() {
    let m = [Asked { model: "gpt-9", path: "model" }];
    for (status, body) in [
        (
            404,
            r#"{"error":{"message":"The model `gpt-9` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#,
        ),
        (
            403,
            r#"{"error":{"message":"Project `p` does not have access to model `gpt-9`","type":"invalid_request_error","code":"model_not_found"}}"#,
        ),
        (
            400,
            r#"{"error":{"message":"The requested model 'gpt-9' has been retired","type":"invalid_request_error","param":"model"}}"#,
        ),
        (410, r#"{"error":"gpt-9 was removed"}"#),
        (451, r#"{"message":"gpt-9: unavailable for legal reasons"}"#),
        (
            404,
            r#"[{"error":{"code":404,"message":"models/gpt-9 is not found for API version v1","status":"NOT_FOUND"}}]"#,
        ),
    ] {
        check(status, body, &m, Cause::Withdrawn, Some("gpt-9"));
    }
}

#[test]
fn places_loads_and_failures_are_told_apart() {
    let m = [FABLE];
    let openai_region = r#"{"error":{"code":"unsupported_country_region_territory","message":"Country, region, or territory not supported","param":null,"type":"request_forbidden"}}"#;
    check(403, openai_region, &m, Cause::ForbiddenRegion, None);
    let words = r#"{"error":{"message":"This service is not available in your region"}}"#;
    check(403, words, &m, Cause::ForbiddenRegion, None);
    check(451, words, &m, Cause::ForbiddenRegion, None);
    check(
        403,
        r#"{"error":{"type":"permission_error","message":"Your key may not do this"}}"#,
        &m,
        Cause::Unavailable,
        None,
    );
    check(401, "{}", &m, Cause::Unavailable, None);
    check(404, "<html>Not Found</html>", &m, Cause::Unavailable, None);
    check(
        529,
        r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
        &m,
        Cause::Overloaded,
        None,
    );
    check(429, r#"{"error":{"type":"rate_limit_error","message":"Slow down"}}"#, &m, Cause::Overloaded, None);
    check(429, r#"{"error":{"code":"insufficient_quota","message":"Pay"}}"#, &m, Cause::Unavailable, None);
    check(503, r#"{"error":{"message":"The engine is currently overloaded"}}"#, &m, Cause::Overloaded, None);
    check(503, "", &m, Cause::Unavailable, None);
    check(500, "x", &m, Cause::Unavailable, None);
    let databricks =
        r#"{"error_code":"TEMPORARILY_UNAVAILABLE","message":"databricks-claude-fable-5 cannot be served"}"#;
    check(400, databricks, &m, Cause::Unavailable, Some("claude-fable-5"));
}

#[test]
fn a_table_of_the_operators_own_decides() {
    let table: Table = serde_json::from_str(
        r#"{"rows":[{"status":[400,400],"words":["gone fishing"],"cause":"withdrawn"}]}"#,
    )
    .unwrap();
    let cause = |body: &str| table.cause(400, body.as_bytes(), &[]).cause;
    assert_eq!(cause(r#"{"error":{"message":"Gone fishing."}}"#), Cause::Withdrawn);
    assert_eq!(cause(r#"{"error":{"message":"Here."}}"#), Cause::BadRequestNotAboutModel);
    assert!(serde_json::from_str::<Table>(r#"{"rows":[{"status":[1,2],"cause":"x"}]}"#).is_err());
}
