//! Status lists: fetched when a credential names one, kept for some minutes.

use super::{Trouble, Visit};
use crate::outbound::fetch::Errand;
use people::{Evidence, Outside, Refusal, Verifier, limits};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use terms::Instant;

/// Age beyond which a list is fetched again, microseconds.
const KEPT_US: i64 = 300_000_000;
/// Lists kept at once.
const LISTS: usize = 64;

/// Lists at hand, with the time of their fetch.
#[derive(Default)]
pub(super) struct Lists(Mutex<HashMap<String, (Instant, Arc<str>)>>);

/// The lists that one verification may look at.
#[derive(Default)]
struct AtHand(HashMap<String, Arc<str>>);

impl Outside for AtHand {
    fn status_list(&self, uri: &str) -> Option<&str> {
        self.0.get(uri).map(|list| &**list)
    }
}

impl Lists {
    fn young(&self, now: Instant) -> AtHand {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (at, _)| now.micros_since(*at).abs() < KEPT_US);
        AtHand(all.iter().map(|(uri, (_, list))| (uri.clone(), Arc::clone(list))).collect())
    }

    fn keep(&self, uri: &str, list: &str, now: Instant) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < LISTS || all.contains_key(uri) {
            all.insert(uri.to_owned(), (now, list.into()));
        }
    }
}

impl Visit<'_> {
    /// Verifies; when a status list is missing, once more with that list. The address of the list stands in what a
    /// trusted issuer signed, and is fetched under the policy for all addresses that issuers publish.
    pub(super) async fn with_lists(
        &self,
        verify: impl Fn(&Verifier, &dyn Outside) -> Result<Evidence, Refusal>,
    ) -> Result<Evidence, Trouble> {
        let verifier = self.identity.trust.verifier();
        let mut lists = self.cure.lists.young(self.now);
        let uri = match verify(&verifier, &lists) {
            Err(Refusal::StatusUnavailable { uri, .. }) if lists.status_list(&uri).is_none() => uri,
            done => return Ok(done?),
        };
        let bytes = verifier.profile().status_list_max_bytes;
        let errand = Errand::get(
            &uri,
            "application/statuslist+jwt",
            bytes.saturating_mul(2).saturating_add(limits::TOKEN_BYTES),
        );
        let fetched = self.identity.turns.fetch(&self.identity.fetcher, errand, self.now).await;
        let list = fetched.and_then(|body| String::from_utf8(body.to_vec()).ok());
        let detail = "cannot be fetched";
        let Some(list) = list else { return Err(Refusal::StatusUnavailable { uri, detail }.into()) };
        lists.0.insert(uri.clone(), list.trim().into());
        let done = verify(&verifier, &lists);
        // A list that cannot be used is not kept; one that says "revoked" is.
        if !matches!(done, Err(Refusal::StatusUnavailable { .. })) {
            self.cure.lists.keep(&uri, list.trim(), self.now);
        }
        Ok(done?)
    }
}
