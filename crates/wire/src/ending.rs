//! How a stream that may not go on is ended: an event that is well-formed in the client's dialect, and no made-up end mark.
//!
//! The official SDKs raise an API error on it. The event may only be written at an edge
//! ([`Splitter::at_edge`](crate::sse::Splitter::at_edge)); elsewhere the connection is closed without it.

use bytes::Bytes;

use crate::{
    dialect::{Dialect, Form},
    lang::Lang,
    problem::{self, When},
    refusal::Refusal,
};

/// The last event of a stream that is cut, with the same code and members as the refusal; its `status` is the
/// one a new request would get.
///
/// OpenAI: a `data` chunk that holds `error`, and no `[DONE]`. Anthropic: `event: error`.
#[must_use]
pub fn cut_event(refusal: &Refusal, dialect: Dialect, lang: Lang) -> Bytes {
    cut_event_of(refusal, dialect.into(), lang, 0)
}

/// The last event of a stream of this form.
///
/// | form | event | what its SDK does |
/// |---|---|---|
/// | chat | `data` with `error`; chat completions have no event of their own for it | raises an API error with `error.message` |
/// | responses | `event: error` with `type`, `code`, `message`, `param` and `sequence_number` as the API has them, and `error` | raises an API error with `error.message` |
/// | messages | `event: error` with `type` and `error` | raises the error of `error.type` |
///
/// `sequence_number`: for responses, one more than that of the last event sent on; elsewhere unused. Embeddings and
/// token counts are never streamed; they are written as the conversation of their dialect.
#[must_use]
pub fn cut_event_of(refusal: &Refusal, form: Form, lang: Lang, sequence_number: u64) -> Bytes {
    let (opening, sequence_number): (&[u8], _) = match form {
        Form::Chat | Form::Embeddings => (b"data: ", None),
        Form::Responses => (b"event: error\ndata: ", Some(sequence_number)),
        Form::Messages | Form::CountTokens => (b"event: error\ndata: ", None),
    };
    let body = problem::body(refusal, form.dialect(), lang, When::AmidAnswer { sequence_number });
    [opening, &body, b"\n\n"].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        code::Code,
        practice::{Terminal, read_text},
        sse::Splitter,
    };

    #[test]
    fn a_cut_is_one_event_with_the_code_of_the_refusal() {
        let refusal =
            Refusal { model: "m\r\n\u{2028}".into(), ..Refusal::new(Code::LegalRestriction, "r-1") };
        for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
            let event = cut_event(&refusal, dialect, Lang::Ko);
            let mut splitter = Splitter::new();
            assert_eq!(splitter.push(event.clone()), event);
            assert_eq!(splitter.events_seen(), 1);
            assert!(!splitter.last_event_is_terminal(dialect));
            let Terminal::CutWithError { code, message } = read_text(dialect, &event).terminal else {
                panic!("{event:?}");
            };
            assert_eq!(code, "legal_restriction");
            assert!(message.starts_with("답변을 보내는 동안"), "{message}");
        }
    }

    #[test]
    fn our_own_text_cannot_end_a_line() {
        let hostile = "m\r\rdata: [DONE]\n\nevent: x\r\ndata: {}\u{85}\u{2028}\u{2029}\0";
        let refusal = Refusal {
            model: hostile.into(),
            references: vec![hostile.into()],
            ..Refusal::new(Code::LegalRestriction, hostile)
        };
        for form in Form::ALL {
            let event = cut_event_of(&refusal, form, Lang::En, 7);
            let lines: Vec<_> = event.split(|byte| matches!(byte, b'\r' | b'\n')).collect();
            let fields = if form.dialect() == Dialect::OpenAi && form != Form::Responses { 1 } else { 2 };
            assert_eq!(lines.len(), fields + 2, "{event:?}");
            assert!(lines.iter().rev().take(2).all(|line| line.is_empty()));
            assert_eq!(crate::sse::events(&event).count(), 1);
        }
    }

    #[test]
    fn a_cut_response_is_an_error_event_of_its_api_and_an_error_to_its_sdk() {
        let refusal = Refusal { model: "m".into(), ..Refusal::new(Code::LegalRestriction, "r-1") };
        let event = cut_event_of(&refusal, Form::Responses, Lang::En, 42);
        let read = crate::sse::events(&event).next().unwrap();
        assert_eq!(read.name, "error");
        let data: serde_json::Value = serde_json::from_str(&read.data).unwrap();
        assert_eq!((&data["type"], &data["sequence_number"]), (&"error".into(), &42.into()));
        assert_eq!((&data["code"], &data["param"]), (&"legal_restriction".into(), &"model".into()));
        assert_eq!(data["message"], data["error"]["message"]);
        assert_eq!(data["problem_type"], "urn:douane:problem:legal_restriction");
    }
}
