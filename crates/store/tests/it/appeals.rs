//! Appeals: filed, answered, exported, held, erased; how evidence came through pages.

use crate::{account, at, officer, opened, person, statement};
use people::Answer;
use store::{
    AppealEntry, Cure, Digest, Erasable, Event, KnownAt, OPEN_APPEALS, Reader, Refusal, Standing, Store,
    StoreError, WORDS_BYTES,
};

fn filed(who: &str, number: u64, words: &str) -> Event {
    Event::AppealFiled {
        account: account("acme"),
        person: person(who),
        number,
        model: "fable-5".into(),
        lang: "ko".into(),
        link: Digest::of(&number.to_be_bytes()),
        due: at(1_000),
        words: words.to_owned().into(),
    }
}

fn settled(who: &str, number: u64, granted: bool, answer: &str) -> Event {
    let (account, person, by) = (account("acme"), person(who), officer("ada"));
    Event::AppealSettled { account, person, number, granted, by, answer: answer.to_owned().into() }
}

fn erased(who: &str) -> Event {
    Event::PersonErased { account: account("acme"), person: person(who), why: "asked for".into() }
}

fn shown(who: &str, id: &str) -> Event {
    let cure = Cure {
        refused: at(-60),
        directives: vec!["letter-zorilla".into()],
        model: "fable-5".into(),
        lang: "ko".into(),
    };
    let cure = Box::new(cure).into();
    Event::ShownOnPage { account: account("acme"), person: person(who), id: id.into(), by: None, cure }
}

async fn refused(store: &Store, event: Event) -> Refusal {
    match store.append(at(9), &[event]).await {
        Err(StoreError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

async fn appeals(store: &Store) -> Vec<AppealEntry> {
    store.appeals().await.unwrap()
}

#[tokio::test]
async fn an_appeal_waits_until_an_officer_answers() {
    let (_dir, store) = opened().await;
    store.append(at(1), &[filed("u1", 1, "사실과 다릅니다."), filed("u2", 2, "no")]).await.unwrap();
    store.append(at(2), &[settled("u2", 2, false, "it is right as it is")]).await.unwrap();
    let all = appeals(&store).await;
    let found: Vec<_> =
        all.iter().map(|one| (one.number, one.state, one.words.as_deref().unwrap())).collect();
    assert_eq!(found, [(1, Standing::Open, "사실과 다릅니다."), (2, Standing::Rejected, "no")]);
    assert_eq!((all[0].due, all[0].answered), (at(1_000), None));
    assert_eq!((all[1].answered, all[1].answer.as_deref()), (Some(at(2)), Some("it is right as it is")));
    let on = store.appeal_on(&Digest::of(&2_u64.to_be_bytes())).await.unwrap();
    assert_eq!(on.as_ref(), all.get(1));
    assert_eq!(store.appeal_on(&Digest::of(b"other")).await.unwrap(), None);
    store.append(at(3), &[settled("u1", 1, true, "you are right")]).await.unwrap();
    assert_eq!(appeals(&store).await[0].state, Standing::Granted);
    store.verify_events().await.unwrap();
}

#[tokio::test]
async fn views_replay_and_refresh_agree_about_appeals() {
    let (_dir, store) = opened().await;
    let mut state = store.state().await.unwrap();
    for (second, event) in [
        filed("u1", 1, "one"),
        filed("u2", 2, "two"),
        settled("u1", 1, true, "yes"),
        filed("u1", 3, "three"),
        erased("u1"),
        filed("u1", 4, "four"),
    ]
    .into_iter()
    .enumerate()
    {
        store.append(at(i64::try_from(second).unwrap()), &[event]).await.unwrap();
        store.refresh(&mut state).await.unwrap();
        assert_eq!(state, store.state().await.unwrap());
        assert_eq!(state, store.known_at(KnownAt::NOW).await.unwrap());
    }
    let standing: Vec<_> = state.appeals.values().map(store::Appeal::standing).collect();
    assert_eq!(standing, [Standing::Erased, Standing::Open, Standing::Erased, Standing::Open]);
    let before = appeals(&store).await;
    store.rebuild_views().await.unwrap();
    assert_eq!(appeals(&store).await, before);
    store.verify_events().await.unwrap();
}

#[tokio::test]
async fn what_cannot_follow_is_refused() {
    let (_dir, store) = opened().await;
    store.append(at(1), &[filed("u1", 1, "one")]).await.unwrap();
    assert_eq!(refused(&store, filed("u1", 1, "again")).await, Refusal::AppealExists { next: 2 });
    assert_eq!(refused(&store, filed("u1", 3, "gap")).await, Refusal::AppealExists { next: 2 });
    let same_link = match filed("u2", 2, "two") {
        Event::AppealFiled { account, person, number, model, lang, due, words, .. } => {
            let link = Digest::of(&1_u64.to_be_bytes());
            Event::AppealFiled { account, person, number, model, lang, link, due, words }
        }
        other => other,
    };
    assert_eq!(refused(&store, same_link).await, Refusal::AppealExists { next: 2 });
    let unknown =
        |who: &str, number| Refusal::UnknownAppeal { account: account("acme"), person: person(who), number };
    assert_eq!(refused(&store, settled("u1", 2, true, "x")).await, unknown("u1", 2));
    assert_eq!(refused(&store, settled("u2", 1, true, "x")).await, unknown("u2", 1));
    for words in ["a".repeat(WORDS_BYTES + 1), "\u{1b}[2J".into()] {
        let bad = Refusal::BadText { field: "words", limit: WORDS_BYTES };
        assert_eq!(refused(&store, filed("u1", 2, &words)).await, bad);
    }
    store.append(at(2), &[settled("u1", 1, true, "yes")]).await.unwrap();
    assert_eq!(refused(&store, settled("u1", 1, false, "no")).await, unknown("u1", 1));
    for number in 2..2 + u64::from(OPEN_APPEALS) {
        store.append(at(3), &[filed("u1", number, "more")]).await.unwrap();
    }
    let many = Refusal::TooManyAppeals { person: person("u1"), limit: OPEN_APPEALS };
    assert_eq!(refused(&store, filed("u1", 2 + u64::from(OPEN_APPEALS), "too many")).await, many);
    let sealed = match filed("u1", 9, "") {
        Event::AppealFiled { account, person, number, model, lang, link, due, .. } => {
            let words = Erasable::Sealed(Digest::of(b"x"));
            Event::AppealFiled { account, person, number, model, lang, link, due, words }
        }
        other => other,
    };
    assert_eq!(refused(&store, sealed).await, Refusal::Unwritable);
}

#[tokio::test]
async fn words_are_exported_held_and_erased_with_the_rest() {
    let (dir, store) = opened().await;
    let evidence = Event::filed(account("acme"), person("u1"), statement("one", Answer::Yes, 1_000));
    let events = [
        evidence,
        shown("u1", "one"),
        filed("u1", 1, "Zebra on the lawn"),
        settled("u1", 1, true, "Okapi in the house"),
    ];
    store.append(at(1), &events).await.unwrap();
    let record = store.export(&account("acme"), &person("u1")).await.unwrap();
    assert_eq!(record.appeals[0].words.as_deref(), Some("Zebra on the lawn"));
    assert_eq!(record.appeals[0].answer.as_deref(), Some("Okapi in the house"));
    assert_eq!((record.cures[0].cure.lang.as_str(), record.cures[0].cure.refused), ("ko", at(-60)));
    let kinds: Vec<_> = record.history.iter().map(|entry| (entry.event, entry.id.as_deref())).collect();
    let expected = [
        ("evidence_filed", Some("one")),
        ("shown_on_page", Some("one")),
        ("appeal_filed", Some("1")),
        ("appeal_settled", Some("1")),
    ];
    assert_eq!(kinds, expected);

    let hold = |held| Event::HoldSet {
        account: account("acme"),
        person: person("u1"),
        held,
        why: "a court asks".into(),
    };
    store.append(at(2), &[hold(true)]).await.unwrap();
    assert_eq!(refused(&store, erased("u1")).await, Refusal::Held(account("acme"), person("u1")));
    store.append(at(3), &[hold(false), erased("u1")]).await.unwrap();
    for word in ["Zebra", "Okapi", "letter-zorilla"] {
        assert!(!crate::evidence::on_disk(dir.path(), word), "{word}");
    }
    let gone = appeals(&store).await;
    assert_eq!((gone[0].state, &gone[0].words, &gone[0].answer), (Standing::Erased, &None, &None));
    assert_eq!(Reader::open(dir.path()).await.unwrap().cures().await.unwrap(), []);
    store.verify_events().await.unwrap();
    store.rebuild_views().await.unwrap();
    store.verify_events().await.unwrap();
    let nobody = Refusal::UnknownPerson(account("acme"), person("u1"));
    assert_eq!(refused(&store, erased("u1")).await, nobody);
}

#[tokio::test]
async fn somebody_who_only_appealed_can_be_erased() {
    let (_dir, store) = opened().await;
    store.append(at(1), &[filed("u1", 1, "one"), erased("u1")]).await.unwrap();
    assert_eq!(appeals(&store).await[0].state, Standing::Erased);
}

#[tokio::test]
async fn an_appeal_is_kept_while_it_is_open_and_for_a_time_after_its_answer() {
    let (_dir, store) = opened().await;
    let end = Event::filed(account("acme"), person("u1"), statement("a", Answer::Yes, 10));
    let events = [end, filed("u1", 1, "one"), filed("u2", 2, "two"), filed("u3", 3, "three")];
    store.append(at(1), &events).await.unwrap();
    let over = async |second| store.state().await.unwrap().past_retention(at(second));
    assert_eq!(over(500).await, [], "what is not answered is kept");
    store.append(at(20), &[settled("u1", 1, true, "yes"), settled("u2", 2, false, "no")]).await.unwrap();
    assert_eq!(over(15).await, [], "nor what was answered a moment ago");
    let both = [(account("acme"), person("u1")), (account("acme"), person("u2"))];
    assert_eq!(over(21).await, both);
}

#[tokio::test]
async fn words_that_were_changed_are_damage() {
    let (dir, store) = opened().await;
    store.append(at(1), &[filed("u1", 1, "one")]).await.unwrap();
    let mut conn = crate::beside(dir.path()).await;
    sqlx::raw_sql("DROP TRIGGER statements_stay; UPDATE statements SET body = 'two'")
        .execute(&mut conn)
        .await
        .unwrap();
    let found = store.verify_events().await.unwrap_err();
    assert!(matches!(found, StoreError::Damaged { seq: 5, .. }), "{found}");
}

#[tokio::test]
async fn how_evidence_came_belongs_to_evidence_on_file() {
    let (_dir, store) = opened().await;
    let (account, person) = (account("acme"), person("u1"));
    let unknown = Refusal::UnknownStatement { account, person, id: "one".into() };
    assert_eq!(refused(&store, shown("u1", "one")).await, unknown);
}
