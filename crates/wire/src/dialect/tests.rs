use super::*;

fn check(request: &str, expected: Result<Route, RouteError>) {
    let (method, target) = request.split_once(' ').unwrap();
    assert_eq!(route(method, target, false), expected, "{request}");
}

fn check_anthropic(request: &str, expected: Result<Route, RouteError>) {
    let (method, target) = request.split_once(' ').unwrap();
    assert_eq!(route(method, target, true), expected, "{request}");
}

fn list(dialect: Dialect) -> Route {
    Route::ListModels { dialect, page: ModelsPage::default() }
}

#[test]
fn serves_the_table() {
    check("POST /v1/chat/completions", Ok(Route::ChatCompletions));
    check("POST /v1/responses", Ok(Route::Responses));
    check("POST /v1/embeddings", Ok(Route::Embeddings));
    check("POST /v1/messages/count_tokens", Ok(Route::CountTokens { beta: false }));
    check("POST /v1/messages/count_tokens?beta=true", Ok(Route::CountTokens { beta: true }));
    check("POST /v1/messages", Ok(Route::Messages { beta: false }));
    check("POST /v1/messages?beta=true", Ok(Route::Messages { beta: true }));
    check("GET /v1/models", Ok(list(Dialect::OpenAi)));
    check_anthropic("GET /v1/models", Ok(list(Dialect::Anthropic)));
    check_anthropic("GET /v1/models?beta=true", Ok(list(Dialect::Anthropic)));
    let id = "ft:small-2@2026".to_owned();
    check("GET /v1/models/ft:small-2@2026", Ok(Route::OneModel { dialect: Dialect::OpenAi, id }));
}

#[test]
fn reads_the_page() {
    let page = ModelsPage { limit: 5, after_id: Some("org/m:1".into()), before_id: None };
    let target = "GET /v1/models?limit=5&after_id=org%2Fm%3A1";
    check_anthropic(target, Ok(Route::ListModels { dialect: Dialect::Anthropic, page }));
}

#[test]
fn refuses_what_is_not_in_the_table() {
    for request in [
        "POST /v1/other",
        "GET /v1/messagesx",
        "GET /v1/filesx",
        "GET /",
        "POST /V1/messages",
        "GET /v1/models/a/b",
    ] {
        let refused = RouteError::Unknown;
        check(request, Err(refused));
    }
}

#[test]
fn refuses_other_methods() {
    for request in [
        "GET /v1/chat/completions",
        "post /v1/messages",
        "OPTIONS /v1/messages",
        "GET /v1/responses",
        "PUT /v1/embeddings",
        "GET /v1/messages/count_tokens",
    ] {
        check(request, Err(RouteError::MethodNotAllowed { allow: "POST" }));
    }
    for request in ["HEAD /v1/models", "DELETE /v1/models/m"] {
        check(request, Err(RouteError::MethodNotAllowed { allow: "GET" }));
    }
}

#[test]
fn refuses_targets_with_two_readings() {
    for target in [
        "//v1/messages",
        "/v1//messages",
        "/v1/messages/",
        "/v1/./messages",
        "/v1/x/../messages",
        "/v1/models/..;/messages",
        "/v1/%6dessages",
        "/v1%2fmessages",
        "/v1/models/a%2Fb",
        "/v1/models/a\\b",
        "/v1/messages#x",
        "v1/messages",
        "http://host/v1/messages",
        "*",
        "",
        "/v1/models/\u{ff4d}",
    ] {
        assert_eq!(route("POST", target, false), Err(RouteError::NotCanonical), "{target}");
    }
    let long = format!("/v1/models/{}", "m".repeat(limits::TARGET_BYTES));
    assert_eq!(route("GET", &long, false), Err(RouteError::NotCanonical));
}

#[test]
fn refuses_queries_it_does_not_know() {
    for request in [
        "POST /v1/chat/completions?api_base=x",
        "POST /v1/messages?beta=1",
        "POST /v1/messages?beta",
        "POST /v1/messages?beta=true&beta=true",
        "GET /v1/models?limit=0",
        "GET /v1/models?limit=1001",
        "GET /v1/models?after_id=%00",
        "GET /v1/models/m?limit=3",
        "POST /v1/messages?limit=3",
    ] {
        check(request, Err(RouteError::QueryNotServed));
    }
}

#[test]
fn answers_in_the_callers_dialect() {
    assert_eq!(Dialect::of_caller("/v1/messages/batches?x=1", false), Dialect::Anthropic);
    assert_eq!(Dialect::of_caller("/v1/models", true), Dialect::Anthropic);
    assert_eq!(Dialect::of_caller("/v1/messagesx", false), Dialect::OpenAi);
}

#[test]
fn names_the_mode_of_what_the_providers_have_and_this_gateway_has_not() {
    for (request, mode) in [
        ("GET /v1/messages/batches", Mode::Batches),
        ("POST /v1/batches", Mode::Batches),
        ("GET /v1/files/file-1/content", Mode::Files),
        ("POST /v1/vector_stores/vs_1/search", Mode::Files),
        ("GET /v1/responses/resp_1", Mode::StoredResponses),
        ("POST /v1/responses/resp_1/cancel", Mode::StoredResponses),
        ("GET /v1/chat/completions/chatcmpl-1", Mode::StoredResponses),
        ("POST /v1/conversations", Mode::Conversations),
        ("POST /v1/threads/runs", Mode::Assistants),
        ("GET /v1/realtime", Mode::Realtime),
        ("POST /v1/images/generations", Mode::Images),
        ("POST /v1/audio/speech", Mode::Audio),
        ("POST /v1/fine_tuning/jobs", Mode::FineTuning),
        ("POST /v1/completions", Mode::LegacyCompletions),
        ("POST /v1/complete", Mode::LegacyCompletions),
        ("POST /v1/organizations/api_keys", Mode::Administration),
        ("POST /v1/containers", Mode::Containers),
        ("POST /v1/sessions", Mode::Agents),
    ] {
        check(request, Err(RouteError::ModeNotServed(mode)));
    }
}

#[test]
fn what_is_stored_is_routed_only_where_allowed() {
    let allowed = Allowed::from_names(["stored_responses"]).unwrap();
    let check = |request: &str, expected: Result<StoredPart, RouteError>| {
        let (method, target) = request.split_once(' ').unwrap();
        let expected = expected.map(|part| Route::StoredResponse { id: "resp_1".into(), part });
        assert_eq!(route_allowing(method, target, false, allowed), expected, "{request}");
    };
    check("GET /v1/responses/resp_1", Ok(StoredPart::Whole { stream: false, starting_after: None }));
    let resumed = StoredPart::Whole { stream: true, starting_after: Some(42) };
    check("GET /v1/responses/resp_1?stream=true&starting_after=42", Ok(resumed));
    check("GET /v1/responses/resp_1/input_items", Ok(StoredPart::InputItems));
    check("DELETE /v1/responses/resp_1", Ok(StoredPart::Removal));
    check("POST /v1/responses/resp_1/cancel", Ok(StoredPart::Cancellation));
    check("PUT /v1/responses/resp_1", Err(RouteError::MethodNotAllowed { allow: "GET, DELETE" }));
    check("GET /v1/responses/resp_1/cancel", Err(RouteError::MethodNotAllowed { allow: "POST" }));
    check("GET /v1/responses/resp_1?model=x", Err(RouteError::QueryNotServed));
    check("GET /v1/responses/resp_1/other", Err(RouteError::ModeNotServed(Mode::StoredResponses)));
    check("POST /v1/responses/compact", Err(RouteError::ModeNotServed(Mode::StoredResponses)));
    check("GET /v1/chat/completions/c_1", Err(RouteError::ModeNotServed(Mode::StoredResponses)));
}

#[test]
fn every_route_that_asks_a_model_has_a_form_of_its_dialect() {
    for request in [
        "/v1/chat/completions",
        "/v1/responses",
        "/v1/embeddings",
        "/v1/messages",
        "/v1/messages/count_tokens",
    ] {
        let served = route("POST", request, false).unwrap();
        assert_eq!(served.form().map(Form::dialect), Some(served.dialect()), "{request}");
    }
    assert_eq!(route("GET", "/v1/models", false).unwrap().form(), None);
}
