use proptest::prelude::*;

use super::*;

prop_compose! {
    fn digest()(bytes: [u8; 32]) -> Digest32 { Digest32(bytes) }
}

fn ident() -> impl Strategy<Value = Ident> {
    "[A-Za-z0-9._:/@+-]{1,24}".prop_map(|text| Ident::new(&text).unwrap())
}

fn idents() -> impl Strategy<Value = Vec<Ident>> {
    prop::collection::vec(ident(), 0..4)
}

fn integer() -> impl Strategy<Value = u64> {
    prop_oneof![0..1000u64, 0..=limits::INTEGER]
}

fn verdict() -> impl Strategy<Value = Verdict> {
    use Verdict::*;
    prop::sample::select(vec![Permit, Deny, VerifyFirst, Depends, RefusedRequest])
}

prop_compose! {
    fn decision()(
        (activity, gateway, model, reason) in (ident(), ident(), ident(), ident()),
        requested_model in prop::option::of(ident()),
        (decisive, missing) in (idents(), idents()),
        (evidence, regime, request, subject) in (digest(), digest(), digest(), digest()),
        (at_us, seq, snapshot) in (integer(), integer(), integer()),
        stream: bool,
        verdict in verdict(),
    ) -> Leaf {
        let (evidence, request, subject) = (Commitment(evidence), Commitment(request), Commitment(subject));
        Leaf::Decision(Box::new(Decision {
            activity, at_us, decisive, evidence, gateway, missing, model, reason, regime, request,
            requested_model, seq, snapshot, stream, subject, verdict,
        }))
    }
}

prop_compose! {
    fn outcome()(
        (at_us, bytes_sent, closes, events_sent, seq) in (integer(), integer(), integer(), integer(), integer()),
        (reason, served_model) in (prop::option::of(ident()), prop::option::of(ident())),
        upstream_request in prop::option::of(digest().prop_map(Commitment)),
        result in prop::sample::select(vec![
            OutcomeKind::Completed, OutcomeKind::Cut, OutcomeKind::Failed, OutcomeKind::ClientLeft, OutcomeKind::Interrupted,
        ]),
    ) -> Leaf {
        Leaf::Outcome(Outcome {
            at_us, bytes_sent, closes, events_sent, reason, result, seq, served_model, upstream_request,
        })
    }
}

prop_compose! {
    fn control()(
        (at_us, seq) in (integer(), integer()),
        digest in digest(),
        kind in prop::sample::select(vec![ControlKind::Started, ControlKind::EnforcedEverywhere, ControlKind::Approved]),
        reference in prop::option::of(ident()),
    ) -> Leaf {
        Leaf::Control(Control { at_us, digest, kind, reference, seq })
    }
}

pub(crate) fn any_leaf() -> impl Strategy<Value = Leaf> {
    prop_oneof![decision(), outcome(), control()]
}

/// A decision with the given verdict; everything else is fixed.
pub(crate) fn sample(verdict: Verdict, at_us: u64) -> Leaf {
    let word = |text| Ident::new(text).unwrap();
    let hidden = |text: &str| Commitment(Digest32::of(text.as_bytes()));
    Leaf::Decision(Box::new(Decision {
        activity: word("inference"),
        at_us,
        decisive: vec![word("us/letter-2026-06-12")],
        evidence: hidden("evidence"),
        gateway: word("gw-1"),
        missing: vec![],
        model: word("model-x"),
        reason: word("outside_every_directive"),
        regime: Digest32::of(b"regime"),
        request: hidden("request"),
        requested_model: None,
        seq: 0,
        snapshot: 4,
        stream: true,
        subject: hidden("subject"),
        verdict,
    }))
}

/// An outcome that closes that decision.
pub(crate) fn closing(closes: u64, result: OutcomeKind, at_us: u64) -> Leaf {
    Leaf::Outcome(Outcome {
        at_us,
        bytes_sent: 10,
        closes,
        events_sent: 1,
        reason: None,
        result,
        seq: 0,
        served_model: None,
        upstream_request: None,
    })
}

#[test]
fn the_canonical_form_is_this() {
    let leaf = closing(3, OutcomeKind::ClientLeft, 1_780_000_000_000_000);
    assert_eq!(
        String::from_utf8(leaf.encode().unwrap()).unwrap(),
        r#"{"outcome":{"at_us":1780000000000000,"bytes_sent":10,"closes":3,"events_sent":1,"result":"client_left","seq":0}}"#
    );
}

#[test]
fn other_spellings_are_refused() {
    let bytes = closing(3, OutcomeKind::Cut, 7).encode().unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(Leaf::parse(text.as_bytes()).is_ok());
    for (from, to) in [
        ("\"at_us\":7", "\"at_us\": 7"),
        ("\"at_us\":7", "\"at_us\":7.0"),
        ("\"at_us\":7", "\"at_us\":-7"),
        ("\"at_us\":7", "\"at_us\":7,\"at_us\":7"),
        ("\"at_us\":7", "\"at_us\":9007199254740992"),
        ("\"at_us\":7,\"bytes_sent\":10", "\"bytes_sent\":10,\"at_us\":7"),
        ("\"seq\":0", "\"reason\":null,\"seq\":0"),
        ("\"seq\":0", "\"seq\":0,\"unknown\":1"),
        ("\"cut\"", "\"c\\u0075t\""),
        ("\"cut\"", "\"lost\""),
        ("}}", "}} "),
        ("}}", "}"),
        ("{\"outcome\"", "{\"control\""),
        ("}}", "},\"outcome\":{}}"),
    ] {
        let altered = text.replacen(from, to, 1);
        assert_ne!(altered, text);
        assert!(Leaf::parse(altered.as_bytes()).is_err(), "accepted {altered}");
    }
}

#[test]
fn the_longest_leaf_fits() {
    let word = Ident::new(&"x".repeat(limits::IDENT_BYTES)).unwrap();
    let Leaf::Decision(mut longest) = sample(Verdict::RefusedRequest, limits::INTEGER) else {
        unreachable!()
    };
    for field in [&mut longest.activity, &mut longest.gateway, &mut longest.model, &mut longest.reason] {
        *field = word.clone();
    }
    longest.requested_model = Some(word.clone());
    longest.decisive = vec![word.clone(); limits::LIST_ITEMS];
    longest.missing = vec![word.clone(); limits::LIST_ITEMS];
    assert!(Leaf::Decision(longest.clone()).encode().unwrap().len() < limits::LEAF_BYTES);
    longest.missing.push(word);
    assert_eq!(Leaf::Decision(longest).encode(), Err(LeafError::Bounds("missing")));
}

proptest! {
    #[test]
    fn leaves_round_trip_in_sorted_keys(leaf in any_leaf()) {
        let bytes = leaf.encode().unwrap();
        prop_assert_eq!(Leaf::parse(&bytes), Ok(leaf));
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let (_, fields) = value.as_object().unwrap().iter().next().unwrap();
        let text = str::from_utf8(&bytes).unwrap();
        let mut places: Vec<_> = fields.as_object().unwrap().keys().collect();
        places.sort();
        let places: Vec<_> = places.iter().map(|key| text.find(&format!("\"{key}\":")).unwrap()).collect();
        prop_assert!(places.is_sorted(), "{}", text);
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        prop_assert!(Leaf::parse(&bytes).is_err());
    }
}
