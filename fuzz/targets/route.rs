//! A target that is served is in its plain form and in the table.

use wire::dialect::{Dialect, Route, route};

/// One input: `method target`; the first bit of its length says whether `anthropic-version` is present.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (method, target) = text.split_once(' ').unwrap_or(("GET", &text));
    let has_anthropic_version = data.len() % 2 == 1;
    let _ = Dialect::of_caller(target, has_anthropic_version);
    let Ok(served) = route(method, target, has_anthropic_version) else { return };
    let path = target.split('?').next().unwrap_or_default();
    for ambiguous in ["//", "%", "\\", ";", "#", "/./", "/../", " "] {
        assert!(!path.contains(ambiguous), "{target}");
    }
    let (served_method, served_path) = written(&served);
    assert_eq!((method, path), (served_method, &*served_path), "{target}");
}

fn written(served: &Route) -> (&'static str, String) {
    match served {
        Route::ChatCompletions => ("POST", "/v1/chat/completions".into()),
        Route::Responses => ("POST", "/v1/responses".into()),
        Route::Embeddings => ("POST", "/v1/embeddings".into()),
        Route::Messages { .. } => ("POST", "/v1/messages".into()),
        Route::CountTokens { .. } => ("POST", "/v1/messages/count_tokens".into()),
        Route::StoredResponse { .. } => unreachable!("nothing stored is served unless allowed"),
        Route::ListModels { page, .. } => {
            assert!((1..=1_000).contains(&page.limit));
            ("GET", "/v1/models".into())
        }
        Route::OneModel { id, .. } => {
            assert!(!id.contains('/'));
            ("GET", format!("/v1/models/{id}"))
        }
    }
}
