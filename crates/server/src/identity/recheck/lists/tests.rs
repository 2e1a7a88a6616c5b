use super::*;
use people::file::{Filed, Statement};
use people::{Answer, Facts, Method, Predicate, StatusRef};
use std::sync::Arc;
use terms::Level;

const MINUTE: i64 = 60_000_000;

fn at(micros: i64) -> Instant {
    Instant::from_micros(micros)
}

/// One person with one credential under a list that was good until an instant.
fn on_file(until: i64, standing: State) -> store::State {
    let statement = Statement {
        facts: Facts::stated([(Predicate::UsPerson, Answer::Yes)]),
        level: Level::Credential,
        issuer: "https://pid.test".to_owned(),
        org: None,
        method: Method::SdJwtVc,
        valid_until: at(1_000 * MINUTE),
        verified_at: at(0),
        status: Some(StatusRef { uri: "https://lists.test/1".to_owned(), index: 7, valid_until: at(until) }),
        flags: std::collections::BTreeSet::default(),
    };
    let filed = Filed { id: "one".to_owned(), statement, state: standing };
    let mut state = store::State::default();
    let (account, person) = (AccountId::parse("acme").unwrap(), PersonId::parse("u1").unwrap());
    state.files.entry(account).or_default().insert(person, Arc::from([filed]));
    state
}

fn found(all: Vec<(Place, Found)>) -> Vec<Found> {
    all.into_iter().map(|(_, found)| found).collect()
}

#[test]
fn a_list_is_fetched_before_its_time_and_never_twice_a_minute() {
    let hour = 60 * MINUTE;
    for chance in [0, 7, 255] {
        let next = early(at(0), at(hour), chance).as_micros();
        assert!((hour * 8 / 10..=hour * 9 / 10).contains(&next), "{chance} {next}");
    }
    assert_eq!(early(at(0), at(MINUTE), 0), at(MINUTE), "no sooner than a minute");
    assert_eq!(early(at(0), at(5 * MINUTE), 0), at(5 * MINUTE - EARLIER_US));
    assert_eq!(early(at(9), at(9), 255), at(9), "what is over is due");
    assert!(early(at(0), Instant::MAX, 0) <= at(AT_LEAST_US), "a list without ttl is fetched twice a day");
}

#[test]
fn what_rests_on_a_list_lapses_with_it() {
    let mut lists = Lists::default();
    lists.follow(&on_file(10 * MINUTE, State::Active), at(0));
    assert_eq!(lists.due(at(0)), ["https://lists.test/1"], "what was not heard of is fetched at once");
    assert!(lists.lapsed(at(10 * MINUTE)).is_empty());
    assert_eq!(lists.issuers("https://lists.test/1"), ["https://pid.test"]);
    let now = at(10 * MINUTE);
    assert!(
        lists.heard("https://lists.test/1", &BTreeMap::new(), now).is_empty(),
        "one that is away says nothing"
    );
    assert!(lists.due(at(11 * MINUTE - 1)).is_empty() && !lists.due(at(11 * MINUTE)).is_empty());
    assert_eq!(lists.next(now), now.plus_micros(1), "the end is not slept through");
    assert_eq!(found(lists.lapsed(at(10 * MINUTE + 1))), [Found::Unheard]);
    // What is on file is read again, what is known of lists stays.
    lists.follow(&on_file(10 * MINUTE, State::Suspended), at(10 * MINUTE + 1));
    assert!(lists.due(at(11 * MINUTE - 1)).is_empty());
    assert_eq!(found(lists.lapsed(at(10 * MINUTE + 1))), [Found::Unheard]);
}

#[test]
fn what_is_withdrawn_or_over_is_followed_no_more() {
    let mut lists = Lists::default();
    lists.follow(&on_file(MINUTE, State::Revoked), at(0));
    assert_eq!(lists.next(at(0)), Instant::MAX);
    lists.follow(&on_file(MINUTE, State::Superseded), at(0));
    assert_eq!(lists.next(at(0)), at(0));
    lists.follow(&on_file(MINUTE, State::Active), at(1_000 * MINUTE + 1));
    assert_eq!(lists.next(at(0)), Instant::MAX);
}
