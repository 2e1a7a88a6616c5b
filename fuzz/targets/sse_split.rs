//! Splitting loses, adds and reorders nothing, and ends at event edges, however the stream is torn.

use bytes::Bytes;
use wire::{
    dialect::Dialect,
    sse::{Splitter, events},
};

/// One input: a byte that seeds the chunk sizes, one that sets the hold limit, and the stream.
pub fn run(data: &[u8]) {
    let [seed, hold, stream @ ..] = data else { return };
    // Reading the prefix anew at each output costs the square of its length.
    let stream = stream.get(..4_096).unwrap_or(stream);
    let torn = split(stream, *seed, usize::from(*hold).saturating_mul(8));
    let whole = split(stream, 0, usize::MAX);
    assert_eq!(torn.events_seen(), whole.events_seen());
    assert_eq!(whole.events_seen(), events(stream).count() as u64);
    for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
        assert_eq!(torn.last_event_is_terminal(dialect), whole.last_event_is_terminal(dialect));
    }
}

/// Chunk sizes 1 to 64 follow from the seed; seed 0 gives the whole stream at once.
fn split(stream: &[u8], seed: u8, hold: usize) -> Splitter {
    let mut splitter = Splitter::with_hold_limit(hold);
    let (mut out, mut rest, mut state) = (Vec::new(), stream, u32::from(seed));
    while !rest.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let size = if seed == 0 { rest.len() } else { (state >> 26) as usize + 1 };
        let (chunk, later) = rest.split_at(size.min(rest.len()));
        let ready = splitter.push(Bytes::copy_from_slice(chunk));
        out.extend_from_slice(&ready);
        rest = later;
        assert_eq!(splitter.at_edge(), ends_at_edge(&out));
        assert!(splitter.held_bytes() <= hold);
    }
    out.extend_from_slice(&splitter.finish());
    assert_eq!(out, stream);
    splitter
}

/// The definition, read naively: the last line has ended, and no field line stands after the last blank one.
fn ends_at_edge(sent: &[u8]) -> bool {
    let sent = sent.strip_prefix(b"\xef\xbb\xbf").unwrap_or(sent);
    let (mut line, mut unfinished, mut previous) = (Vec::new(), false, 0);
    for byte in sent {
        match (previous, *byte) {
            (b'\r', b'\n') => {}
            (_, b'\r' | b'\n') => {
                unfinished = !line.is_empty() && (unfinished || line.first() != Some(&b':'));
                line.clear();
            }
            (_, other) => line.push(other),
        }
        previous = *byte;
    }
    line.is_empty() && !unfinished
}
