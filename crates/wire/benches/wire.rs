//! Cost of the request path: `cargo bench -p wire`.

#![expect(clippy::expect_used, reason = "a benchmark may stop on its own wrong input")]

use bytes::Bytes;
use divan::{Bencher, black_box, counter::BytesCount};
use wire::{
    answer::StreamReader,
    code::Code,
    dialect::{Dialect, Form},
    ending::cut_event,
    lang::Lang,
    peek::peek,
    practice::{PracticeRequest, frames},
    refusal::{Cure, CureStep, Level, Refusal, render},
    sse::Splitter,
    translate::{Defaults, StreamTranslator, request},
};

fn main() {
    divan::main();
}

const SIZES: [usize; 4] = [400, 2_900, 64 * 1_024, 1_024 * 1_024];

/// A conversation of about `bytes` bytes with `model` first or last.
fn body(bytes: usize, model_first: bool) -> Vec<u8> {
    let turn = r#"{"role":"user","content":[{"type":"text","text":"A sentence of plain words, a \"quoted\" one\nand 한국어 text, then some more plain words to come to a usual length."}]}"#;
    let turns = vec![turn; (bytes / turn.len()).max(1)].join(",");
    let model = r#""model":"small-1","stream":true"#;
    let rest = format!(r#""max_tokens":512,"temperature":0.7,"messages":[{turns}]"#);
    let members = if model_first { format!("{model},{rest}") } else { format!("{rest},{model}") };
    format!("{{{members}}}").into_bytes()
}

fn bench_peek(bencher: Bencher<'_, '_>, bytes: usize, model_first: bool) {
    let body = body(bytes, model_first);
    bencher.counter(BytesCount::of_slice(&body)).bench(|| peek(black_box(&body)));
}

#[divan::bench(args = SIZES)]
fn peek_model_first(bencher: Bencher<'_, '_>, bytes: usize) {
    bench_peek(bencher, bytes, true);
}

#[divan::bench(args = SIZES)]
fn peek_model_last(bencher: Bencher<'_, '_>, bytes: usize) {
    bench_peek(bencher, bytes, false);
}

/// The floor: a struct whose other members are ignored, without depth bound, names or places.
#[divan::bench(args = SIZES)]
fn serde_struct_model_last(bencher: Bencher<'_, '_>, bytes: usize) {
    #[derive(serde::Deserialize)]
    struct Named {
        model: String,
        stream: bool,
    }
    let body = body(bytes, false);
    bencher.counter(BytesCount::of_slice(&body)).bench(|| {
        let named: Named = serde_json::from_slice(black_box(&body)).expect("a good body");
        (named.model, named.stream)
    });
}

#[divan::bench(args = [2_900, 64 * 1_024])]
fn splice_model(bencher: Bencher<'_, '_>, bytes: usize) {
    let body = Bytes::from(body(bytes, true));
    let read = peek(&body).expect("a good body");
    bencher.bench(|| read.with_model(black_box(body.clone()), "upstream-model-7"));
}

fn stream() -> Vec<Bytes> {
    let request =
        PracticeRequest::from_body(br#"{"model":"m","practice":{"chunks":1000}}"#).expect("a good body");
    frames(Dialect::OpenAi, &request, 0).collect()
}

/// One event per chunk, as a provider sends it; 1,000 events per iteration.
#[divan::bench]
fn split_whole_events(bencher: Bencher<'_, '_>) {
    let chunks = stream();
    bencher.with_inputs(|| (Splitter::new(), chunks.clone())).bench_values(|(mut splitter, chunks)| {
        chunks.into_iter().map(|chunk| splitter.push(chunk).len()).sum::<usize>()
    });
}

/// The same stream torn every 100 bytes.
#[divan::bench]
fn split_torn_events(bencher: Bencher<'_, '_>) {
    let whole = stream().concat();
    let chunks: Vec<_> = whole.chunks(100).map(Bytes::copy_from_slice).collect();
    bencher.with_inputs(|| (Splitter::new(), chunks.clone())).bench_values(|(mut splitter, chunks)| {
        chunks.into_iter().map(|chunk| splitter.push(chunk).len()).sum::<usize>()
    });
}

/// What an answer says of itself, read from the same stream as it passes; 1,000 events per iteration.
#[divan::bench]
fn read_whole_events(bencher: Bencher<'_, '_>) {
    let chunks = stream();
    bencher.bench(|| {
        let mut reader = StreamReader::new(Form::Chat);
        chunks.iter().for_each(|chunk| reader.push(black_box(chunk)));
        reader.answer().stop.is_some()
    });
}

/// The same stream in the other dialect; 1,000 events per iteration.
#[divan::bench]
fn translate_whole_events(bencher: Bencher<'_, '_>) {
    let chunks = stream();
    let translator = || StreamTranslator::new(Dialect::Anthropic, false, 0);
    bencher.with_inputs(|| (translator(), chunks.clone())).bench_values(|(mut translator, chunks)| {
        let translated = |chunk| translator.push(chunk).expect("a good stream").len();
        chunks.into_iter().map(translated).sum::<usize>()
    });
}

#[divan::bench(args = [2_900, 64 * 1_024])]
fn translate_request(bencher: Bencher<'_, '_>, bytes: usize) {
    let body = body(bytes, true);
    bencher.bench(|| request(Dialect::OpenAi, black_box(&body), &Defaults::default()).expect("a good body"));
}

fn verify_first() -> Refusal {
    Refusal {
        model: "aurora-5".into(),
        references: vec!["Letter of 12 June 2026".into()],
        missing: vec!["us_status".into(), "location".into()],
        cure: Some(Cure { step: CureStep::Verify, url: Some("https://gate.example/verify/1".into()) }),
        required_level: Some(Level::Document),
        ..Refusal::new(Code::VerificationRequired, "01JX-7")
    }
}

/// Includes building both bundles: run alone in a fresh process, as divan does for a single sample.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn refusal_cold() -> usize {
    [Lang::En, Lang::Ko].map(|lang| render(&verify_first(), Dialect::OpenAi, lang).body.len()).iter().sum()
}

#[divan::bench(args = [Lang::En, Lang::Ko])]
fn refusal_warm(bencher: Bencher<'_, '_>, lang: Lang) {
    let refusal = verify_first();
    bencher.bench(|| render(black_box(&refusal), Dialect::Anthropic, lang));
}

#[divan::bench]
fn cut(bencher: Bencher<'_, '_>) {
    let refusal = Refusal { model: "aurora-5".into(), ..Refusal::new(Code::LegalRestriction, "01JX-7") };
    bencher.bench(|| cut_event(black_box(&refusal), Dialect::OpenAi, Lang::En));
}
