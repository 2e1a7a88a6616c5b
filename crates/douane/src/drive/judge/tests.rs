//! Streams made by hand, one per way in which a stream can go.

use bytes::Bytes;
use wire::{
    dialect::Dialect,
    ending::cut_event,
    lang::Lang,
    practice::{PracticeRequest, frames},
    refusal::Refusal,
};

use super::*;

const DIALECTS: [Dialect; 2] = [Dialect::OpenAi, Dialect::Anthropic];
const CHUNKS: u32 = 10;
/// The effect falls between the fifth and the sixth frame.
const EFFECT: Effect = Effect { effect_at_us: 5_500, uncertainty_us: 0 };

fn line(dialect: Dialect, expect: Truth) -> Line {
    Line {
        name: "p-1".to_owned(),
        key: "k".to_owned(),
        dialect,
        model: "m".to_owned(),
        chunks: CHUNKS,
        interval_ms: 1,
        seed: "s".to_owned(),
        expect,
    }
}

/// All frames of the known answer.
fn known(line: &Line) -> Vec<Bytes> {
    frames(line.dialect, &PracticeRequest::from_body(&line.body(true)).unwrap(), 0).collect()
}

fn cut(dialect: Dialect, code: Code) -> Bytes {
    cut_event(&Refusal::new(code, "r-1"), dialect, Lang::En)
}

/// Frame n arrives at n thousand microseconds.
fn received(frames: &[Bytes], end: End) -> Received {
    let mut received = Received { head: Some((200, 0)), end, ..Received::default() };
    for (frame, at) in frames.iter().zip(1..) {
        received.take(frame, at * 1_000);
    }
    received
}

/// The first `frames` frames of the known answer and then the cut.
fn cut_after(line: &Line, frames: usize, code: Code) -> Vec<Bytes> {
    let mut sent = known(line);
    sent.truncate(frames);
    sent.push(cut(line.dialect, code));
    sent
}

fn check(line: &Line, received: &Received, expected: &[(Fault, &str)]) {
    let faults = judge(line, received, EFFECT).faults;
    let as_expected = faults.len() == expected.len()
        && faults.iter().zip(expected).all(|(have, want)| have.0 == want.0 && have.1.contains(want.1));
    assert!(as_expected, "{:?}: {faults:?}, not {expected:?}", line.dialect);
}

#[test]
fn a_served_stream_comes_whole() {
    for dialect in DIALECTS {
        let line = line(dialect, Truth::Served);
        let received = received(&known(&line), End::Clean);
        check(&line, &received, &[]);
        let judgement = judge(&line, &received, EFFECT);
        assert_eq!((judgement.bytes_expected, judgement.bytes_received), (80, 80));
        assert_eq!((judgement.cut_us, judgement.end_us), (None, None));
    }
}

#[test]
fn a_served_stream_may_lose_nothing() {
    for dialect in DIALECTS {
        let line = line(dialect, Truth::Served);
        let whole = known(&line);
        let but = |change: &dyn Fn(&mut Vec<Bytes>)| {
            let mut frames = whole.clone();
            change(&mut frames);
            frames
        };
        let wrongly = |reason| [(Fault::CutWrongly, reason)];
        let lost = but(&|frames| drop(frames.remove(4)));
        check(&line, &received(&lost, End::Clean), &wrongly("not the known text"));
        let twice = but(&|frames| frames.insert(4, frames[4].clone()));
        check(&line, &received(&twice, End::Clean), &wrongly("not the known text"));
        let short = but(&|frames| drop(frames.pop()));
        check(&line, &received(&short, End::Clean), &wrongly("without an end mark"));
        let torn = but(&|frames| frames.truncate(5));
        check(&line, &received(&torn, End::Torn("reset".to_owned())), &wrongly("reset"));
        let longer = but(&|frames| frames.push(frames[4].clone()));
        check(&line, &received(&longer, End::Clean), &wrongly("behind its end mark"));
        let cut = cut_after(&line, 6, Code::LegalRestriction);
        check(&line, &received(&cut, End::Clean), &wrongly("legal_restriction"));
        check(&line, &received(&whole, End::Torn("reset".to_owned())), &wrongly("end did not"));
        let refused = Received { head: Some((451, 9_000)), end: End::Clean, ..Received::default() };
        check(&line, &refused, &wrongly("status 451"));
        assert_eq!(judge(&line, &refused, EFFECT).bytes_expected, 80);
    }
}

#[test]
fn a_forbidden_stream_is_cut_after_the_effect() {
    for dialect in DIALECTS {
        for (expect, code) in [
            (Truth::Refused, Code::LegalRestriction),
            (Truth::MustVerify, Code::VerificationRequired),
            (Truth::MustVerify, Code::VerificationPending),
        ] {
            let line = line(dialect, expect);
            let received = received(&cut_after(&line, 6, code), End::Clean);
            check(&line, &received, &[]);
            let judgement = judge(&line, &received, EFFECT);
            // The sixth frame, at 6,000, is the last with text; the cut comes at 7,000.
            assert_eq!((judgement.cut_us, judgement.end_us), (Some(500), Some(1_500)));
            assert_eq!((judgement.bytes_expected, judgement.bytes_received), (0, 0));
        }
    }
}

#[test]
fn text_before_the_effect_is_no_delay() {
    let line = line(Dialect::OpenAi, Truth::Refused);
    let judgement = judge(&line, &received(&cut_after(&line, 5, Code::LegalRestriction), End::Clean), EFFECT);
    assert_eq!((judgement.cut_us, judgement.end_us), (Some(0), Some(500)));
    assert!(judgement.faults.is_empty());
}

#[test]
fn a_cut_before_the_effect_is_a_fault() {
    for dialect in DIALECTS {
        let line = line(dialect, Truth::Refused);
        let early = received(&cut_after(&line, 4, Code::LegalRestriction), End::Clean);
        check(&line, &early, &[(Fault::CutEarly, "before the effect")]);
        let doubtful = Effect { uncertainty_us: 500, ..EFFECT };
        assert!(judge(&line, &early, doubtful).faults.is_empty());
    }
}

#[test]
fn a_forbidden_stream_that_is_not_cut_is_missed() {
    for dialect in DIALECTS {
        let line = line(dialect, Truth::Refused);
        let missed = |reason| [(Fault::Missed, reason)];
        check(&line, &received(&known(&line), End::Clean), &missed("ran to its end mark"));
        let early = Effect { effect_at_us: 1_000_000, ..EFFECT };
        let over = judge(&line, &received(&known(&line), End::Clean), early).faults;
        assert!(over.iter().any(|(fault, reason)| *fault == Fault::Missed && reason.contains("longer")));
        let mut broken = known(&line);
        broken.truncate(6);
        check(&line, &received(&broken, End::Torn("reset".to_owned())), &missed("reset"));
        check(&line, &received(&broken, End::Clean), &missed("without the cut event"));
        let other = cut_after(&line, 6, Code::UpstreamTimeout);
        check(&line, &received(&other, End::Clean), &missed("upstream_timeout"));
        let verify = cut_after(&line, 6, Code::VerificationRequired);
        check(&line, &received(&verify, End::Clean), &missed("verification_required"));
        let cut = cut_after(&line, 6, Code::LegalRestriction);
        check(&line, &received(&cut, End::Torn("reset".to_owned())), &missed("end did not"));
    }
}

#[test]
fn text_after_the_cut_or_too_late_is_missed() {
    for dialect in DIALECTS {
        let line = line(dialect, Truth::Refused);
        let mut on = cut_after(&line, 6, Code::LegalRestriction);
        on.push(known(&line)[6].clone());
        check(&line, &received(&on, End::Clean), &[(Fault::Missed, "behind the cut event")]);
        let frames = cut_after(&line, 6, Code::LegalRestriction);
        let late = |last_text_us| {
            let mut late = received(&frames[..5], End::Clean);
            late.take(&frames[5], last_text_us);
            late.take(&frames[6], last_text_us);
            late
        };
        check(&line, &late(1_005_500), &[]);
        check(&line, &late(1_006_501), &[(Fault::Missed, "1001 ms after the effect")]);
    }
}

#[test]
fn text_the_model_never_sent_is_altered() {
    let line = line(Dialect::Anthropic, Truth::MustVerify);
    let mut frames = cut_after(&line, 6, Code::VerificationRequired);
    frames.swap(4, 5);
    check(&line, &received(&frames, End::Clean), &[(Fault::Altered, "not the known text")]);
}

#[test]
fn a_refusal_instead_of_a_stream_must_be_lawful_and_in_time() {
    let line = line(Dialect::OpenAi, Truth::MustVerify);
    let refused =
        |status, at_us| Received { head: Some((status, at_us)), end: End::Clean, ..Received::default() };
    check(&line, &refused(401, 6_000), &[]);
    assert!(judge(&line, &refused(401, 6_000), EFFECT).refused);
    check(&line, &refused(401, 5_000), &[(Fault::CutEarly, "status 401 before the effect")]);
    check(&line, &refused(502, 6_000), &[(Fault::Missed, "status 502")]);
}

#[test]
fn faults_of_this_side_are_told_apart() {
    let line = line(Dialect::OpenAi, Truth::Refused);
    let end = End::Harness("connection refused".to_owned());
    check(&line, &Received { end, ..Received::default() }, &[(Fault::Harness, "connection refused")]);
    check(&line, &Received::default(), &[(Fault::Harness, "no answer")]);
    let mut frames = known(&line);
    frames.truncate(7);
    let timed_out = received(&frames, End::Harness("no time left".to_owned()));
    check(&line, &timed_out, &[(Fault::Harness, "no time left"), (Fault::Missed, "no time left")]);
}
