//! How a stream that may not go on is ended: an event that is well-formed in the client's dialect, and no made-up end mark.
//!
//! The official SDKs raise an API error on it. The event may only be written at an edge
//! ([`Splitter::at_edge`](crate::sse::Splitter::at_edge)); elsewhere the connection is closed without it.

use bytes::Bytes;

use crate::{
    dialect::Dialect,
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
    let body = problem::body(refusal, dialect, lang, When::AmidAnswer);
    let opening: &[u8] = match dialect {
        Dialect::OpenAi => b"data: ",
        Dialect::Anthropic => b"event: error\ndata: ",
    };
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
}
