//! A stream is translated alike however it is torn; what comes out is whole events and ends at most once.

use bytes::Bytes;
use wire::{
    dialect::Dialect,
    sse::{Splitter, events},
    translate::{StreamTranslator, TranslateError},
};

/// One input: a byte that seeds the sizes of the pieces, and the stream.
pub fn run(data: &[u8]) {
    let [seed, stream @ ..] = data else { return };
    for to in [Dialect::OpenAi, Dialect::Anthropic] {
        let (whole, end) = translate(to, stream, 0);
        assert_eq!((&whole, &end), (&translate(to, stream, *seed).0, &translate(to, stream, *seed).1));
        let mut splitter = Splitter::new();
        assert_eq!(splitter.push(Bytes::copy_from_slice(&whole)), whole);
        for (at, event) in events(&whole).enumerate() {
            let is_end = event.data.starts_with("[DONE]") || event.name == "message_stop";
            assert!(!is_end || at as u64 + 1 == splitter.events_seen(), "an end amid the stream");
            assert!(
                event.data.starts_with("[DONE]")
                    || serde_json::from_str::<serde_json::Value>(&event.data).is_ok()
            );
        }
        if splitter.last_event_is_terminal(to) {
            assert_eq!(end, Ok(()));
        }
    }
}

fn translate(to: Dialect, stream: &[u8], seed: u8) -> (Vec<u8>, Result<(), TranslateError>) {
    let mut translator = StreamTranslator::new(to, true, 7);
    let (mut out, mut rest, mut state) = (Vec::new(), stream, u32::from(seed));
    while !rest.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let size = if seed == 0 { rest.len() } else { (state >> 26) as usize + 1 };
        let (piece, later) = rest.split_at(size.min(rest.len()));
        match translator.push(Bytes::copy_from_slice(piece)) {
            Ok(events) => out.extend_from_slice(&events),
            Err(_) => break,
        }
        rest = later;
    }
    (out, translator.finish())
}
