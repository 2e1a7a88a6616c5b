//! Officers of the operator, and officers who act for one account.

use crate::{account, at, drafted, instrument, officer, opened, person, statement};
use people::Answer;
use store::{Cure, Digest, Event, KnownAt, Refusal, Store, StoreError};
use terms::Question;

fn added(name: &str, of: &str, by: Option<&str>) -> Event {
    Event::AccountOfficerAdded {
        officer: officer(name),
        public_key: format!("{name}+00000000+AA"),
        added_by: by.map(officer),
        account: account(of),
    }
}

fn attested(of: &str, id: &str, by: &str) -> [Event; 2] {
    let (account, person) = (account(of), person("u1"));
    let cure = Cure { refused: at(0), directives: Vec::new(), model: "m".into(), lang: "en".into() };
    let filed = Event::filed(account.clone(), person.clone(), statement(id, Answer::Yes, 1_000));
    let (id, by, cure) = (id.to_owned(), Some(officer(by)), Box::new(cure).into());
    [filed, Event::ShownOnPage { account, person, id, by, cure }]
}

async fn refused(store: &Store, events: &[Event]) -> Refusal {
    match store.append(at(9), events).await {
        Err(StoreError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn of_account(name: &str, of: &str) -> Refusal {
    Refusal::OfficerOfAccount { officer: officer(name), account: account(of) }
}

#[tokio::test]
async fn an_accounts_officer_speaks_for_that_account_alone() {
    let (_dir, store) = opened().await;
    store.append(at(1), &[added("hr", "acme", None), added("hr-2", "acme", Some("hr"))]).await.unwrap();
    store.append(at(2), &attested("acme", "one", "hr")).await.unwrap();
    store.append(at(2), &attested("borg", "one", "ada")).await.unwrap();
    assert_eq!(refused(&store, &attested("borg", "two", "hr")).await, of_account("hr", "acme"));
    assert_eq!(refused(&store, &[added("x", "borg", Some("hr"))]).await, of_account("hr", "acme"));
    store.append(at(3), &[added("x", "borg", Some("ada"))]).await.unwrap();
    let state = store.state().await.unwrap();
    assert_eq!(state.officers[&officer("hr")].account, Some(account("acme")));
    assert_eq!(state.officers[&officer("ada")].account, None);
    assert_eq!(state, store.known_at(KnownAt::NOW).await.unwrap());
}

#[tokio::test]
async fn law_reviews_and_appeals_are_for_the_operators_officers() {
    let (_dir, store) = opened().await;
    store.append(at(1), &[added("hr", "acme", None), drafted("letter", "a = 1\n")]).await.unwrap();
    store.append(at(2), &attested("acme", "one", "hr")).await.unwrap();
    let (digest, hr) = (Digest::of(b"a = 1\n"), officer("hr"));
    let (who, acme) = (person("u1"), account("acme"));
    let words = || "w".to_owned().into();
    let link = Digest::of(b"l");
    let filed = Event::AppealFiled {
        account: acme.clone(),
        person: who.clone(),
        number: 1,
        model: "m".into(),
        lang: "en".into(),
        link,
        due: at(9),
        words: words(),
    };
    store.append(at(3), &[filed]).await.unwrap();
    for event in [
        Event::Approved {
            instrument: instrument("letter"),
            digest,
            officer: hr.clone(),
            signature: "00".into(),
        },
        Event::ReadingRecorded {
            question: Question::DestinationLimb,
            choice: "person_only".into(),
            by: hr.clone(),
            why: "x".into(),
        },
        Event::LetterConfirmed {
            instrument: instrument("letter"),
            channel: "c".into(),
            with: "w".into(),
            by: hr.clone(),
        },
        Event::OfficerAdded { officer: officer("new"), public_key: "k".into(), added_by: Some(hr.clone()) },
        Event::ReviewSettled {
            account: acme.clone(),
            person: who.clone(),
            id: "one".into(),
            stands: true,
            by: hr.clone(),
            why: "x".into(),
        },
        Event::AppealSettled {
            account: acme,
            person: who,
            number: 1,
            granted: true,
            by: hr,
            answer: words(),
        },
    ] {
        assert_eq!(
            refused(&store, std::slice::from_ref(&event)).await,
            of_account("hr", "acme"),
            "{event:?}"
        );
    }
}

#[tokio::test]
async fn who_left_can_no_longer_act_and_what_rests_on_them_is_known() {
    let (_dir, store) = opened().await;
    store.append(at(1), &[added("hr", "acme", None)]).await.unwrap();
    store.append(at(2), &attested("acme", "one", "hr")).await.unwrap();
    store.append(at(2), &attested("acme", "two", "ada")).await.unwrap();
    let rests = async |by: &str| store.attested_by(&officer(by)).await.unwrap();
    assert_eq!(rests("hr").await, [(account("acme"), person("u1"), "one".to_owned())]);
    let dismissed = Event::OfficerDismissed { officer: officer("hr"), why: "forged answers".into() };
    let (account, person) = (account("acme"), person("u1"));
    let revoked = Event::EvidenceRevoked { account, person, id: "one".into(), why: "by hr".into() };
    store.append(at(3), &[dismissed, revoked]).await.unwrap();
    assert_eq!(rests("hr").await, []);
    assert_eq!(rests("ada").await.len(), 1);
    assert_eq!(
        refused(&store, &attested("acme", "three", "hr")).await,
        Refusal::OfficerRetired(officer("hr"))
    );
    assert_eq!(store.state().await.unwrap(), store.known_at(KnownAt::NOW).await.unwrap());
}
