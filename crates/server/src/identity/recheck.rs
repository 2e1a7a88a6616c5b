//! Credentials on file stand or fall with the status lists of their issuers: the lists are fetched again beside the
//! requests, and what they say is put on file.
//!
//! A list is fetched when its time is up (`ttl`, at the latest `exp`), somewhat earlier at random, by one task and at most
//! once a minute. While it cannot be had, the last one counts until its end; then what rests on it is suspended, until
//! the list can be had again. Each change goes through the log and moves the evidence epoch, so the next request and
//! every open stream are decided anew.

mod lists;

use super::Identity;
use crate::house::{House, Registry};
use crate::outbound::fetch::Errand;
use lists::{Found, Lists, Place};
use people::file::State;
use people::{StatusList, limits};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::Event;
use terms::Instant;
use tokio::task::JoinSet;

/// Lists fetched at once.
const AT_ONCE: usize = 8;
/// Pause after a change, so that a busy desk does not make the task look at every file for each of its changes.
const SETTLE: Duration = Duration::from_millis(50);
/// Events put on file in one go.
const IN_ONE_GO: usize = 512;

const WITHDRAWN: &str = "the issuer's status list says revoked";
const PUT_ASIDE: &str = "the issuer's status list says suspended";
const UNHEARD: &str = "the issuer's status list cannot be had";
const GOOD_AGAIN: &str = "the issuer's status list says valid";

/// Follows the lists for as long as the gateway serves.
pub(crate) async fn watch(house: Arc<House>) {
    let Some(identity) = house.identity.clone() else { return };
    let (mut changes, mut lists) = (identity.changes(), Lists::default());
    loop {
        changes.mark_unchanged();
        lists.follow(&house.registry.lock().await.state, house.clock.read().at);
        let next = round(&house, &identity, &mut lists).await;
        tokio::select! {
            () = house.clock.reached(next) => {}
            changed = changes.changed() => if changed.is_err() { return },
        }
        // Changes that follow each other are taken in together.
        tokio::time::sleep(SETTLE).await;
    }
}

/// Fetches what is due, puts on file what that changes, and gives the time of the next round.
async fn round(house: &House, identity: &Arc<Identity>, lists: &mut Lists) -> Instant {
    let now = house.clock.read().at;
    let mut found = Vec::new();
    let due = lists.due(now);
    for some in due.chunks(AT_ONCE) {
        for (uri, text) in fetch(identity, some, now).await {
            let read = text.map(|text| read(identity, &uri, &text, &lists.issuers(&uri), now));
            found.extend(lists.heard(&uri, &read.unwrap_or_default(), now));
        }
    }
    found.extend(lists.lapsed(now));
    if let Err(error) = put_on_file(house, found).await {
        tracing::warn!(%error, "what status lists say could not be put on file; it is tried again");
        lists.try_again(now);
    }
    lists.next(now)
}

/// The text of each list, where it can be had.
async fn fetch(identity: &Arc<Identity>, uris: &[String], now: Instant) -> Vec<(String, Option<String>)> {
    let mut fetches = JoinSet::new();
    let bytes = identity.trust.verifier().profile().status_list_max_bytes;
    let bytes = bytes.saturating_mul(2).saturating_add(limits::TOKEN_BYTES);
    for uri in uris {
        let (identity, uri) = (Arc::clone(identity), uri.clone());
        fetches.spawn(async move {
            let errand = Errand::get(&uri, "application/statuslist+jwt", bytes);
            let body = identity.turns.fetch(&identity.fetcher, errand, now).await;
            let text = body.and_then(|body| String::from_utf8(body.to_vec()).ok());
            (uri, text.map(|text| text.trim().to_owned()))
        });
    }
    fetches.join_all().await
}

/// The list as it counts for each issuer; an issuer for which it fails a check, or has ended, has none.
fn read(
    identity: &Identity,
    uri: &str,
    text: &str,
    issuers: &[String],
    now: Instant,
) -> BTreeMap<String, StatusList> {
    let verifier = identity.trust.verifier();
    let one = |issuer: &String| match verifier.status_list(uri, issuer, text, now) {
        // The tolerance for clocks lets a list pass a little beyond its end; nothing is put back in use on it.
        Ok(list) => Some((issuer.clone(), list)).filter(|(_, list)| now <= list.until()),
        Err(error) => {
            tracing::warn!(%error, issuer, "a status list was not taken; the last one stays in use");
            None
        }
    };
    issuers.iter().filter_map(one).collect()
}

async fn put_on_file(house: &House, found: Vec<(Place, Found)>) -> Result<(), crate::house::CommitError> {
    for some in found.chunks(IN_ONE_GO) {
        let mut registry = house.registry.lock().await;
        let mut events = Vec::new();
        for (place, found) in some {
            events.extend(event(&registry, place, *found).await?);
        }
        if !events.is_empty() {
            house.commit(&mut registry, &events).await?;
        }
    }
    Ok(())
}

/// What changes on file; nothing where it is so already, or where somebody else suspended the statement.
async fn event(registry: &Registry, place: &Place, found: Found) -> Result<Option<Event>, store::StoreError> {
    let file = registry.state.file(&place.account, &place.person);
    let Some(filed) = file.iter().find(|filed| filed.id == place.id) else { return Ok(None) };
    let (account, person, id) = (place.account.clone(), place.person.clone(), place.id.clone());
    let in_use = matches!(filed.state, State::Active | State::Superseded);
    Ok(match found {
        Found::Revoked if filed.state != State::Revoked => {
            Some(Event::EvidenceRevoked { account, person, id, why: WITHDRAWN.to_owned() })
        }
        Found::Suspended if in_use => {
            Some(Event::EvidenceSuspended { account, person, id, why: PUT_ASIDE.to_owned() })
        }
        Found::Unheard if in_use => {
            Some(Event::EvidenceSuspended { account, person, id, why: UNHEARD.to_owned() })
        }
        Found::Valid if filed.state == State::Suspended && was_ours(registry, place).await? => {
            Some(Event::EvidenceResumed { account, person, id, why: GOOD_AGAIN.to_owned() })
        }
        _ => None,
    })
}

/// Whether the last suspension of a statement rested on its list. What a person contests, a list does not settle.
async fn was_ours(registry: &Registry, place: &Place) -> Result<bool, store::StoreError> {
    let record = registry.store.export(&place.account, &place.person).await?;
    let of_it = |entry: &&store::Entry| {
        entry.event == "evidence_suspended" && entry.id.as_deref() == Some(place.id.as_str())
    };
    let last = record.history.iter().rev().find(of_it).and_then(|entry| entry.why.as_deref());
    Ok(matches!(last, Some(PUT_ASIDE | UNHEARD)))
}
