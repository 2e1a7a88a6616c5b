//! What was known at an event is what the state was then, whatever happened since.

use crate::{
    account, account_added, at, beside, drafted, instrument, officer, officer_added, opened, person, source,
    statement,
};
use people::Answer;
use proptest::collection::vec;
use proptest::prelude::*;
use store::roster::Roster;
use store::{Digest, Event, KeyHash, KnownAt, Reader, State, Store, StoreError};
use terms::{Attested, Level, PersonFacts, Question, SubjectKind, UsStatus};

/// Something tried on the store; what contradicts the file is refused and changes nothing.
#[derive(Debug, Clone)]
enum Try {
    Append(Vec<Event>),
    Load(&'static str, &'static str),
}

const ROSTERS: [&str; 3] = [
    "person_id,us_status\nu1,citizen\nu2,none\n",
    "person_id,us_status\nu2,citizen\nu3,lpr\n",
    "person_id,us_status\nu1,none\n",
];

fn one_event() -> impl Strategy<Value = Event> {
    let id = prop::sample::select(vec!["d", "e"]);
    let text = prop::sample::select(vec!["one", "two", "three"]);
    let who = prop::sample::select(vec!["ada", "bob", "cy"]);
    let of = prop::sample::select(vec!["acme", "borg", "cern"]);
    prop_oneof![
        of.clone().prop_map(account_added),
        who.clone().prop_map(officer_added),
        who.clone().prop_map(|name| Event::OfficerRetired { officer: officer(name) }),
        (id.clone(), text.clone()).prop_map(|(id, text)| drafted(id, text)),
        id.clone().prop_map(|id| Event::InstrumentWithdrawn { id: instrument(id) }),
        (id.clone(), text.clone(), who.clone()).prop_map(|(id, text, who)| Event::Approved {
            instrument: instrument(id),
            digest: Digest::of(text.as_bytes()),
            officer: officer(who),
            signature: format!("by {who}"),
        }),
        (id.clone(), text, 1..9_u64).prop_map(|(id, text, snapshot)| Event::Activated {
            instrument: instrument(id),
            digest: Digest::of(text.as_bytes()),
            snapshot,
        }),
        (id, who.clone()).prop_map(|(id, who)| Event::LetterConfirmed {
            instrument: instrument(id),
            channel: "telephone".into(),
            with: "duty desk".into(),
            by: officer(who),
        }),
        (prop::bool::ANY, who).prop_map(|(yes, who)| Event::ReadingRecorded {
            question: Question::HongKongIsCn,
            choice: if yes { "yes" } else { "no" }.into(),
            by: officer(who),
            why: "it says so".into(),
        }),
        (0..3_u8, of.clone()).prop_map(|(byte, of)| Event::KeyAdded {
            key_hash: KeyHash::from_bytes([byte; 32]),
            account: account(of),
            person: (byte > 0).then(|| person("u1")),
            kind: SubjectKind::Person,
            label: String::new(),
        }),
        (0..3_u8, of.clone()).prop_map(|(byte, of)| Event::KeyRevoked {
            account: account(of),
            key_hash: KeyHash::from_bytes([byte; 32]),
        }),
        (of, prop::sample::select(UsStatus::KNOWN.to_vec())).prop_map(|(of, status)| Event::PersonFactsSet {
            account: account(of),
            person: person("u1"),
            facts: PersonFacts {
                us_status: Attested::new(status, Level::Document),
                ..PersonFacts::unknown()
            }
            .into(),
        }),
        (0..100_i64).prop_map(|second| Event::ClockSet { at: at(second) }),
        about_evidence(),
    ]
}

fn about_evidence() -> impl Strategy<Value = Event> {
    let of = prop::sample::select(vec![account("acme"), account("borg")]);
    let who = prop::sample::select(vec![person("u1"), person("u2")]);
    let id = prop::sample::select(vec!["one", "two", "three"]);
    (of, who, id, 0..8_u8, prop::bool::ANY).prop_map(|(account, person, id, kind, yes)| {
        let (id, why) = (id.to_owned(), "it says so".to_owned());
        match kind {
            0 => Event::EvidenceSuspended { account, person, id, why },
            1 => Event::EvidenceRevoked { account, person, id, why },
            2 => Event::ReviewSettled { account, person, id, stands: yes, by: officer("ada"), why },
            4 => Event::EvidenceResumed { account, person, id, why },
            3 => Event::HoldSet { account, person, held: yes, why },
            _ => {
                let says = if yes { Answer::Yes } else { Answer::No };
                Event::filed(account, person, statement(&id, says, 1000))
            }
        }
    })
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let load = (prop::sample::select(vec!["acme", "borg"]), prop::sample::select(ROSTERS.to_vec()));
    let one = prop_oneof![
        6 => vec(one_event(), 1..3).prop_map(Try::Append),
        1 => load.prop_map(|(of, roster)| Try::Load(of, roster)),
    ];
    vec(one, 1..60)
}

/// The state after each change that was accepted, the state at the start first.
async fn live(store: &Store, tries: &[Try]) -> Vec<State> {
    let mut states = vec![store.state().await.unwrap()];
    for (second, one) in (1..).zip(tries) {
        let accepted = match one {
            Try::Append(events) => store.append(at(second), events).await.map(drop),
            Try::Load(of, roster) => {
                let rows = Roster::new(roster.as_bytes(), None).unwrap();
                store.load_people(at(second), &account(of), source(roster), rows).await.map(drop)
            }
        };
        match accepted {
            Ok(()) => states.push(store.state().await.unwrap()),
            Err(refused) => assert!(matches!(refused, StoreError::Refused(_)), "{refused}"),
        }
    }
    states
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_state_known_at_each_event_is_the_state_as_it_was(tries in tries()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (dir, store) = opened().await;
            let states = live(&store, &tries).await;
            let reader = Reader::open(dir.path()).await.unwrap();
            for was in &states {
                let known = KnownAt::Event(was.head.seq);
                assert_eq!(&store.known_at(known).await.unwrap(), was);
                let law = State { people: Default::default(), files: Default::default(), ..was.clone() };
                assert_eq!(reader.law_known_at(known).await.unwrap(), law);
            }
            assert_eq!(Some(&reader.known_at(KnownAt::NOW).await.unwrap()), states.last());
        });
    }
}

#[tokio::test]
async fn an_instant_counts_what_was_recorded_by_then() {
    let (_dir, store) = opened().await;
    let states = live(&store, &[Try::Append(vec![drafted("d", "one")]), Try::Load("acme", ROSTERS[0])]).await;
    for (second, was) in (0..).zip(&states) {
        for instant in [at(second), at(second).plus_micros(999_999)] {
            assert_eq!(&store.known_at(KnownAt::Instant(instant)).await.unwrap(), was);
        }
    }
    assert_eq!(store.known_at(KnownAt::Instant(at(-1))).await.unwrap(), State::default());
}

#[tokio::test]
async fn what_follows_a_later_event_is_not_known_though_its_clock_was_set_back() {
    let (_dir, store) = opened().await;
    store.append(at(100), &[account_added("cern")]).await.unwrap();
    store.append(at(50), &[drafted("d", "one")]).await.unwrap();
    assert_eq!(store.known_at(KnownAt::Instant(at(60))).await.unwrap().head.seq, 4);
    assert_eq!(store.known_at(KnownAt::Instant(at(100))).await.unwrap().head.seq, 6);
}

#[tokio::test]
async fn versions_of_facts_come_newest_first() {
    let (dir, store) = opened().await;
    live(&store, &[0, 1, 2].map(|roster| Try::Load("acme", ROSTERS[roster]))).await;
    let reader = Reader::open(dir.path()).await.unwrap();
    let seqs = async |person_id: &str, seq, most| {
        let versions = reader.facts_versions(&account("acme"), &person(person_id), seq, most).await.unwrap();
        versions.into_iter().map(|version| (version.seq, version.facts.us_status.value)).collect::<Vec<_>>()
    };
    assert_eq!(seqs("u1", 99, 9).await, [(7, UsStatus::None), (5, UsStatus::Citizen)]);
    assert_eq!(seqs("u1", 6, 9).await, [(5, UsStatus::Citizen)]);
    assert_eq!(seqs("u2", 99, 1).await, [(6, UsStatus::Citizen)]);
    assert_eq!(seqs("u3", 5, 9).await, []);
    assert!(reader.facts_versions(&account("borg"), &person("u1"), 99, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_reader_works_beside_a_server_after_it_and_on_a_copy_nobody_can_write() {
    let (dir, store) = opened().await;
    let was = store.state().await.unwrap();
    let reader = Reader::open(dir.path()).await.unwrap();
    assert_eq!(reader.known_at(KnownAt::NOW).await.unwrap(), was);
    store.append(at(1), &[account_added("cern")]).await.unwrap();
    assert_eq!(reader.known_at(KnownAt::NOW).await.unwrap().head.seq, 5, "a reader sees what is new");
    reader.close().await;
    store.close().await;
    let reader = Reader::open(dir.path()).await.unwrap();
    assert_eq!(reader.events_since(0).await.unwrap().len(), 5);
    assert_eq!(reader.known_at(KnownAt::Event(4)).await.unwrap(), was);
    reader.close().await;

    let nothing = tempfile::tempdir().unwrap();
    assert!(matches!(Reader::open(nothing.path()).await, Err(StoreError::Io { .. })));
}

#[tokio::test]
async fn a_broken_chain_is_known_only_up_to_the_break() {
    let (dir, store) = opened().await;
    let mut conn = beside(dir.path()).await;
    sqlx::raw_sql("DROP TRIGGER events_stay; UPDATE events SET at_us = 0 WHERE seq = 3")
        .execute(&mut conn)
        .await
        .unwrap();
    assert_eq!(store.known_at(KnownAt::Event(2)).await.unwrap().head.seq, 2);
    let broken = store.known_at(KnownAt::NOW).await.unwrap_err();
    assert!(matches!(broken, StoreError::Damaged { seq: 3, .. }), "{broken}");
}
