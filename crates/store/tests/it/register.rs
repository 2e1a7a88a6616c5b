//! Keys, officers, instruments, readings: what follows what, and what is refused.

use crate::{account, at, drafted, instrument, officer, opened, person};
use store::{ApiKey, Digest, Event, KeyError, Refusal, Status, Store, StoreError};
use terms::{Question, SubjectKind};

async fn refused(store: &Store, event: Event) -> Refusal {
    match store.append(at(50), &[event]).await {
        Err(StoreError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn approved(id: &str, toml: &str, by: &str) -> Event {
    let digest = Digest::of(toml.as_bytes());
    Event::Approved { instrument: instrument(id), digest, officer: officer(by), signature: "ab".repeat(64) }
}

fn activated(id: &str, toml: &str, snapshot: u64) -> Event {
    Event::Activated { instrument: instrument(id), digest: Digest::of(toml.as_bytes()), snapshot }
}

async fn statuses(store: &Store) -> Vec<(u64, Status)> {
    let state = store.state().await.unwrap();
    state.instruments.iter().map(|version| (version.version, version.status)).collect()
}

#[tokio::test]
async fn keys_are_live_until_revoked() {
    let (dir, store) = opened().await;
    let hasher = store.key_hasher().await.unwrap();
    let key = ApiKey::generate().unwrap();
    let key_hash = hasher.hash(key.text());
    let added = Event::KeyAdded {
        key_hash,
        account: account("acme"),
        person: Some(person("u1")),
        kind: SubjectKind::Person,
        label: "laptop".into(),
    };
    store.append(at(1), std::slice::from_ref(&added)).await.unwrap();
    let state = store.state().await.unwrap();
    assert_eq!((&state.keys[&key_hash].person, state.revoked_keys.len()), (&Some(person("u1")), 0));
    assert_eq!(refused(&store, added).await, Refusal::KeyExists);

    let revoked = Event::KeyRevoked { account: account("acme"), key_hash };
    store.append(at(2), std::slice::from_ref(&revoked)).await.unwrap();
    let state = store.state().await.unwrap();
    assert!(state.keys.is_empty());
    assert_eq!(state.revoked_keys[&key_hash].revoked, Some(at(2)));
    assert_eq!(refused(&store, revoked).await, Refusal::UnknownKey(account("acme")));

    assert_eq!(store.key_hasher().await.unwrap().hash(key.text()), key_hash, "the pepper stays");
    std::fs::remove_file(dir.path().join("secrets/pepper")).unwrap();
    let lost = store.key_hasher().await.unwrap_err();
    assert!(matches!(lost, StoreError::Key(KeyError::PepperLost(_))), "{lost}");
}

#[tokio::test]
async fn no_key_text_reaches_the_disk() {
    let (dir, store) = opened().await;
    let key = ApiKey::generate().unwrap();
    let key_hash = store.key_hasher().await.unwrap().hash(key.text());
    let (account, kind, label) = (account("acme"), SubjectKind::SharedKey, "ci".to_owned());
    store.append(at(1), &[Event::KeyAdded { key_hash, account, person: None, kind, label }]).await.unwrap();
    for folder in ["state", "secrets"] {
        for file in std::fs::read_dir(dir.path().join(folder)).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            let text = &key.text().reveal().as_bytes()[3..];
            assert!(!bytes.windows(text.len()).any(|window| window == text));
        }
    }
}

#[tokio::test]
async fn an_edit_starts_a_version_without_signatures() {
    let (_dir, store) = opened().await;
    store.append(at(1), &[drafted("d", "one"), approved("d", "one", "ada")]).await.unwrap();
    assert_eq!(refused(&store, drafted("d", "one")).await, Refusal::VersionExists(instrument("d")));
    store.append(at(2), &[drafted("d", "two")]).await.unwrap();
    assert_eq!(statuses(&store).await, [(5, Status::Superseded), (7, Status::Drafted)]);
    assert_eq!(
        refused(&store, approved("d", "one", "bob")).await,
        Refusal::UnknownVersion(instrument("d")),
        "the text signed is not the one on file any more"
    );
    assert_eq!(refused(&store, activated("d", "one", 1)).await, Refusal::UnknownVersion(instrument("d")));
    store.append(at(3), &[approved("d", "two", "bob")]).await.unwrap();
    let (instrument, by) = (instrument("d"), officer("bob"));
    assert_eq!(
        refused(&store, approved("d", "two", "bob")).await,
        Refusal::AlreadyApproved { instrument, officer: by }
    );
    let state = store.state().await.unwrap();
    let signed =
        |version| state.approvals_of(version).map(|approval| approval.officer.as_str()).collect::<Vec<_>>();
    assert_eq!((signed(5), signed(7)), (vec!["ada"], vec!["bob"]));
    assert_eq!(&*state.version(7).unwrap().toml, "two");
}

#[tokio::test]
async fn going_back_to_an_earlier_text_needs_new_signatures() {
    let (_dir, store) = opened().await;
    let events = [drafted("d", "one"), approved("d", "one", "ada"), drafted("d", "two"), drafted("d", "one")];
    assert_eq!(store.append(at(1), &events).await.unwrap(), 8);
    assert_eq!(store.state().await.unwrap().approvals_of(8).count(), 0);
    store.append(at(2), &[approved("d", "one", "ada")]).await.unwrap();
    assert_eq!(store.state().await.unwrap().approvals_of(8).count(), 1);
}

#[tokio::test]
async fn an_active_version_stays_until_the_next_is_active() {
    let (_dir, store) = opened().await;
    store.append(at(1), &[drafted("d", "one"), activated("d", "one", 1), drafted("d", "two")]).await.unwrap();
    assert_eq!(statuses(&store).await, [(5, Status::Active { snapshot: 1 }), (7, Status::Drafted)]);
    store.append(at(2), &[activated("d", "one", 2), activated("d", "two", 3)]).await.unwrap();
    assert_eq!(statuses(&store).await, [(5, Status::Superseded), (7, Status::Active { snapshot: 3 })]);
    store.append(at(3), &[Event::InstrumentWithdrawn { id: instrument("d") }]).await.unwrap();
    assert_eq!(statuses(&store).await, [(5, Status::Superseded), (7, Status::Withdrawn)]);
    let again = Event::InstrumentWithdrawn { id: instrument("d") };
    assert_eq!(refused(&store, again).await, Refusal::UnknownInstrument(instrument("d")));
    let snapshots: Vec<u64> =
        store.state().await.unwrap().activations.iter().map(|activation| activation.snapshot).collect();
    assert_eq!(snapshots, [1, 2, 3]);
    assert_eq!(refused(&store, activated("e", "one", 1)).await, Refusal::UnknownInstrument(instrument("e")));
}

#[tokio::test]
async fn only_officers_in_office_act() {
    let (_dir, store) = opened().await;
    store
        .append(at(1), &[drafted("d", "one"), Event::OfficerRetired { officer: officer("bob") }])
        .await
        .unwrap();
    let reading = |by: &str, choice: &str| Event::ReadingRecorded {
        question: Question::DestinationLimb,
        choice: choice.into(),
        by: officer(by),
        why: "counsel's advice".into(),
    };
    let letter = |by: &str| Event::LetterConfirmed {
        instrument: instrument("d"),
        channel: "telephone".into(),
        with: "the issuing office".into(),
        by: officer(by),
    };
    let gone = Refusal::OfficerRetired(officer("bob"));
    let unknown = Refusal::UnknownOfficer(officer("eve"));
    for (event, refusal) in [
        (approved("d", "one", "bob"), &gone),
        (approved("d", "one", "eve"), &unknown),
        (reading("bob", "apply"), &gone),
        (letter("eve"), &unknown),
        (Event::OfficerRetired { officer: officer("bob") }, &gone),
        (Event::OfficerRetired { officer: officer("eve") }, &unknown),
        (crate::officer_added("bob"), &Refusal::OfficerExists(officer("bob"))),
    ] {
        assert_eq!(refused(&store, event).await, *refusal);
    }
    let bad = Refusal::BadChoice { question: Question::DestinationLimb, choice: "maybe".into() };
    assert_eq!(refused(&store, reading("ada", "maybe")).await, bad);

    store
        .append(at(2), &[reading("ada", "apply"), letter("ada"), reading("ada", "person_only")])
        .await
        .unwrap();
    let state = store.state().await.unwrap();
    assert_eq!(state.choices().word(Question::DestinationLimb), Some("person_only"));
    assert_eq!(state.letters[0].version, 5);
    assert_eq!(state.officers[&officer("bob")].retired, Some(at(1)));
}
