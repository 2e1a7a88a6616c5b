//! People and keys.

use super::Desk;
use super::api::{AccountRef, Erasure, Hold, IssuedKey, KeyText, Loaded, NewKey, Settlement};
use super::error::{Answer, ControlError};
use crate::house::Registry;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use serde::Deserialize;
use std::collections::HashSet;
use store::roster::{Format, Roster};
use store::{ApiKey, Digest, Event, RosterSource};
use terms::{AccountId, PersonId, SubjectKind};

/// Where a roster comes from.
#[derive(Deserialize)]
pub(super) struct RosterQuery {
    account: AccountId,
    file: String,
}

/// Loads a roster, all rows or none.
pub(super) async fn load(
    State(desk): State<Desk>,
    Query(RosterQuery { account, file }): Query<RosterQuery>,
    body: Bytes,
) -> Answer<Loaded> {
    let house = &desk.house;
    let source = RosterSource { sha256: Digest::of(&body), file: file.clone() };
    let roster = Roster::new(&body[..], Format::of_name(&file)).map_err(store::StoreError::from)?;
    let mut registry = house.registry.lock().await;
    add_account(&desk, &mut registry, &account).await?;
    let summary = house.commit_people(&mut registry, &account, source, roster).await?;
    Ok(Json(Loaded { people: summary.people, written: summary.written }))
}

async fn add_account(desk: &Desk, registry: &mut Registry, account: &AccountId) -> Result<(), ControlError> {
    if registry.state.accounts.contains_key(account) {
        return Ok(());
    }
    let event = Event::AccountAdded { account: account.clone(), display_name: account.to_string() };
    Ok(desk.house.commit(registry, &[event]).await?)
}

/// A key and the event that files it.
fn issue(desk: &Desk, new: NewKey) -> Result<(Event, IssuedKey), ControlError> {
    let key = ApiKey::generate().map_err(|error| ControlError::bad(error.to_string()))?;
    let key_hash = desk.house.hasher.hash(key.text());
    let issued = IssuedKey { person: new.person.clone(), key: key.text().reveal().to_owned() };
    let NewKey { account, person, kind, label } = new;
    Ok((Event::KeyAdded { key_hash, account, person, kind, label }, issued))
}

pub(super) async fn add_key(State(desk): State<Desk>, Json(new): Json<NewKey>) -> Answer<IssuedKey> {
    let mut registry = desk.house.registry.lock().await;
    add_account(&desk, &mut registry, &new.account).await?;
    let on_file = new.person.as_ref().and_then(|person| registry.state.roster(&new.account, person));
    let kind = on_file.map_or(new.kind, |facts| facts.kind);
    let (event, issued) = issue(&desk, NewKey { kind, ..new })?;
    desk.house.commit(&mut registry, &[event]).await?;
    Ok(Json(issued))
}

/// Issues a key to every person of the account who has none.
pub(super) async fn add_missing_keys(
    State(desk): State<Desk>,
    Json(AccountRef { account }): Json<AccountRef>,
) -> Answer<Vec<IssuedKey>> {
    let mut registry = desk.house.registry.lock().await;
    let keys = registry.state.keys.values().filter(|key| key.account == account);
    let have: HashSet<&PersonId> = keys.filter_map(|key| key.person.as_ref()).collect();
    let mut without: Vec<(PersonId, SubjectKind)> = registry
        .state
        .people
        .get(&account)
        .into_iter()
        .flat_map(store::People::iter)
        .filter_map(|(person, facts)| Some((PersonId::parse(person).ok()?, facts.kind)))
        .filter(|(person, _)| !have.contains(person))
        .collect();
    without.sort_by(|one, other| one.0.cmp(&other.0));
    let issued: Result<Vec<_>, _> = without
        .into_iter()
        .map(|(person, kind)| {
            issue(
                &desk,
                NewKey { account: account.clone(), person: Some(person), kind, label: String::new() },
            )
        })
        .collect();
    let (events, keys): (Vec<_>, Vec<_>) = issued?.into_iter().unzip();
    desk.house.commit(&mut registry, &events).await?;
    Ok(Json(keys))
}

/// Withdraws a key; its open streams end.
pub(super) async fn revoke_key(State(desk): State<Desk>, Json(text): Json<KeyText>) -> Answer<AccountRef> {
    let key = store::parse_key(&text.key).map_err(|error| ControlError::bad(error.to_string()))?;
    let event = Event::KeyRevoked { account: text.account.clone(), key_hash: desk.house.hasher.hash(key) };
    let mut registry = desk.house.registry.lock().await;
    desk.house.commit(&mut registry, &[event]).await?;
    Ok(Json(AccountRef { account: text.account }))
}

/// Erases all facts and statements about a person; the log keeps commitments that nobody can open.
pub(super) async fn erase(State(desk): State<Desk>, Json(erasure): Json<Erasure>) -> Answer<AccountRef> {
    let Erasure { account, person, why } = erasure;
    commit_one(&desk, account.clone(), Event::PersonErased { account, person, why }).await
}

/// Sets or lifts a legal hold.
pub(super) async fn hold(State(desk): State<Desk>, Json(hold): Json<Hold>) -> Answer<AccountRef> {
    let Hold { account, person, held, why } = hold;
    commit_one(&desk, account.clone(), Event::HoldSet { account, person, held, why }).await
}

/// Ends a review: the statement stands or is withdrawn.
pub(super) async fn settle(
    State(desk): State<Desk>,
    Json(settlement): Json<Settlement>,
) -> Answer<AccountRef> {
    let Settlement { account, person, id, stands, by, why } = settlement;
    commit_one(&desk, account.clone(), Event::ReviewSettled { account, person, id, stands, by, why }).await
}

async fn commit_one(desk: &Desk, account: AccountId, event: Event) -> Answer<AccountRef> {
    let mut registry = desk.house.registry.lock().await;
    desk.house.commit(&mut registry, &[event]).await?;
    Ok(Json(AccountRef { account }))
}
