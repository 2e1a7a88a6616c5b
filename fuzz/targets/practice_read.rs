//! Any bytes can be read as a stream or as a request; what the practice model sends is what its reader reads.

use wire::{
    dialect::Dialect,
    practice::{PracticeRequest, StreamReading, Terminal, frames, full_text, read_text},
};

const DIALECTS: [Dialect; 2] = [Dialect::OpenAi, Dialect::Anthropic];

/// One input, read as a stream and as a request body.
pub fn run(data: &[u8]) {
    for dialect in DIALECTS {
        let reading = read_text(dialect, data);
        assert!(reading.chunks <= reading.text.len());
    }
    let Ok(mut request) = PracticeRequest::from_body(data) else { return };
    request.chunks = request.chunks.min(64);
    for dialect in DIALECTS {
        let stream: Vec<u8> = frames(dialect, &request, 0).flatten().collect();
        let text = full_text(&request.seed, request.chunks);
        let expected = StreamReading { text, chunks: request.chunks as usize, terminal: Terminal::Completed };
        assert_eq!(read_text(dialect, &stream), expected);
    }
}
