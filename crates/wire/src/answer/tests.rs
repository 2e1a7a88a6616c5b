use super::*;

fn body(form: Form, text: &str) -> Answer {
    read(text, BodyReader::new(form), BodyReader::push, |reader| reader.answer().clone())
}

fn stream(form: Form, text: &str) -> Answer {
    read(text, StreamReader::new(form), StreamReader::push, |reader| reader.answer().clone())
}

/// In one piece, and byte by byte.
fn read<R: Clone + std::fmt::Debug>(
    text: &str,
    reader: R,
    push: fn(&mut R, &[u8]),
    answer: fn(&R) -> Answer,
) -> Answer {
    let (mut whole, mut torn) = (reader.clone(), reader);
    push(&mut whole, text.as_bytes());
    text.as_bytes().iter().for_each(|byte| push(&mut torn, &[*byte]));
    assert_eq!(answer(&whole), answer(&torn), "{text}");
    answer(&whole)
}

fn usage(input: u64, output: u64) -> Usage {
    Usage { input_tokens: Some(input), output_tokens: Some(output), ..Usage::default() }
}

#[test]
fn a_chat_completion() {
    let answer = body(
        Form::Chat,
        r#"{"id":"c","object":"chat.completion","model":"m-2026-05-01","choices":[{"index":0,"message":{"role":"assistant",
        "content":"\"model\":\"x\"","refusal":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":12,
        "total_tokens":21,"prompt_tokens_details":{"cached_tokens":4}}}"#,
    );
    assert_eq!(answer.served, ["m-2026-05-01"]);
    assert_eq!(
        (answer.stop.as_deref(), answer.usage, answer.is_refusal()),
        (Some("stop"), usage(9, 12), false)
    );
    let declined =
        body(Form::Chat, r#"{"model":"m","choices":[{"message":{"refusal":"No."},"finish_reason":"stop"}]}"#);
    assert!(declined.is_refusal());
    assert!(body(Form::Chat, r#"{"choices":[{"finish_reason":"content_filter"}]}"#).is_refusal());
}

#[test]
fn a_streamed_chat_completion() {
    let text = "\u{feff}data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\r\n\r\n\
        : ping\n\ndata:{\"model\":\"m\",\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}],\"usage\":null}\r\r\
        data: {\"model\":\"m\",\"choices\":[],\ndata: \"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\ndata: [DONE]\n\n";
    let answer = stream(Form::Chat, text);
    assert_eq!(answer.served, ["m"]);
    assert_eq!((answer.stop.as_deref(), answer.usage), (Some("length"), usage(3, 4)));
}

#[test]
fn a_response() {
    let answer = body(
        Form::Responses,
        r#"{"id":"resp_1","status":"completed","error":null,"model":"m","output":[{"type":"message","content":[{"type":"refusal",
        "refusal":"No."}]}],"usage":{"input_tokens":5,"output_tokens":6}}"#,
    );
    assert_eq!((answer.served_model(), answer.stop.as_deref()), (Some("m"), Some("completed")));
    assert_eq!((answer.usage, answer.is_refusal(), answer.error), (usage(5, 6), true, None));
    let filtered =
        body(Form::Responses, r#"{"status":"incomplete","incomplete_details":{"reason":"content_filter"}}"#);
    assert!(filtered.is_refusal());
}

#[test]
fn a_streamed_response() {
    let answer = stream(
        Form::Responses,
        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"model\":\"m\",\"status\":\"in_progress\"}}\n\n\
        event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"{\\\"model\\\":\\\"x\\\"}\"}\n\n\
        event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":7,\"response\":{\"model\":\"m\",\"status\":\"completed\",\
        \"usage\":{\"input_tokens\":5,\"output_tokens\":6}}}\n\n",
    );
    assert_eq!(
        (answer.served.as_slice(), answer.stop.as_deref()),
        (&["m".to_owned()][..], Some("completed"))
    );
    assert_eq!((answer.usage, answer.is_refusal(), answer.sequence_number), (usage(5, 6), false, Some(7)));
    assert!(
        stream(Form::Responses, "data: {\"type\":\"response.refusal.delta\",\"delta\":\"No\"}\n\n")
            .is_refusal()
    );
    let failed = "data: {\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"server_error\"}}}\n\n";
    let failed = stream(Form::Responses, failed);
    assert_eq!((failed.stop.as_deref(), failed.error), (Some("failed"), Some("server_error".to_owned())));
}

#[test]
fn a_message_that_is_a_refusal() {
    let answer = body(
        Form::Messages,
        r#"{"id":"msg_1","type":"message","model":"claude-fable-5","content":[],"stop_reason":"refusal","stop_details":{"type":"refusal",
        "category":"cyber","explanation":"Not this.","recommended_model":"claude-opus-5"},"usage":{"input_tokens":3,
        "cache_creation_input_tokens":10,"cache_read_input_tokens":20,"output_tokens":1}}"#,
    );
    let details = RefusalDetails {
        category: Some("cyber".into()),
        explanation: Some("Not this.".into()),
        recommended_model: Some("claude-opus-5".into()),
    };
    assert_eq!(answer.refusal, Some(details));
    assert_eq!((answer.usage.all_input_tokens(), answer.usage.all_tokens()), (Some(33), Some(34)));
    let null = body(Form::Messages, r#"{"model":"m","stop_reason":"end_turn","stop_details":null}"#);
    assert!(!null.is_refusal());
}

#[test]
fn a_streamed_message_in_which_another_model_took_over() {
    let answer = stream(
        Form::Messages,
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n\
        event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"fallback\",\
        \"from\":{\"model\":\"m\"},\"to\":{\"model\":\"n\"}}}\n\n\
        event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_details\":null},\
        \"usage\":{\"output_tokens\":40,\"iterations\":[{\"type\":\"fallback_message\",\"model\":\"n\"},{\"model\":\"advisor\"}]}}\n\n\
        event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    );
    assert_eq!(answer.served, ["m", "n", "advisor"]);
    assert_eq!((answer.stop.as_deref(), answer.usage), (Some("end_turn"), usage(9, 40)));
    let same = SameModel::default();
    assert_eq!(answer.surprise(&["m"], &same), Some("n"));
    assert_eq!(answer.surprise(&["m", "advisor", "n"], &same), None);
}

#[test]
fn a_streamed_refusal() {
    let answer = stream(
        Form::Messages,
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"refusal\",\"stop_details\":\
        {\"type\":\"refusal\",\"category\":\"bio\",\"explanation\":null}},\"usage\":{\"output_tokens\":0}}\n\n",
    );
    assert_eq!(answer.refusal.and_then(|details| details.category).as_deref(), Some("bio"));
}

#[test]
fn counts_and_embeddings() {
    assert_eq!(body(Form::CountTokens, r#"{"input_tokens":17}"#).usage.all_tokens(), Some(17));
    let answer = body(
        Form::Embeddings,
        r#"{"data":[{"embedding":[0.1,-2e-3]}],"model":"e","usage":{"prompt_tokens":8}}"#,
    );
    assert_eq!((answer.served_model(), answer.usage.all_tokens()), (Some("e"), Some(8)));
}

#[test]
fn errors_are_named() {
    let anthropic = stream(
        Form::Messages,
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n",
    );
    assert_eq!(anthropic.error.as_deref(), Some("overloaded_error"));
    let openai = body(Form::Chat, r#"{"error":{"type":"invalid_request_error","code":"model_not_found"}}"#);
    assert_eq!(openai.error.as_deref(), Some("model_not_found"));
}

#[test]
fn the_number_of_models_is_bounded() {
    let many: Vec<_> = (0..100).map(|i| format!(r#"{{"model":"m{i}"}}"#)).collect();
    let answer = body(Form::Messages, &format!(r#"{{"usage":{{"iterations":[{}]}}}}"#, many.join(",")));
    assert_eq!((answer.served.len(), answer.has_unkept_models), (limits::SERVED_MODELS, true));
    let nameless = body(Form::Chat, r#"{"model":"a\nb"}"#);
    assert_eq!((nameless.served.len(), nameless.has_unkept_models), (0, true));
}
