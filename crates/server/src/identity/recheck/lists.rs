//! Which lists there are, what rests on each, and when each is fetched again.

use people::file::State;
use people::{Status, StatusList};
use std::collections::BTreeMap;
use terms::{AccountId, Instant, PersonId};

/// Shortest time between two fetches of one list, microseconds.
const APART_US: i64 = 60_000_000;
/// How long before its time a list is fetched at least, where its time is that long, microseconds: a fetch that somebody
/// else made within the minute leaves room for another.
const EARLIER_US: i64 = 65_000_000;

/// Longest time between two fetches, whatever a list says, microseconds: half a day.
const AT_LEAST_US: i64 = 12 * 3_600 * 1_000_000;

/// A statement on file that rests on a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    pub(super) account: AccountId,
    pub(super) person: PersonId,
    pub(super) id: String,
    issuer: String,
    index: u64,
    /// Until when the list may be relied on that was looked at when the statement was filed.
    until: Instant,
}

/// What a list says of a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Found {
    Valid,
    Revoked,
    Suspended,
    /// No list can be had that may be relied on.
    Unheard,
}

/// One list.
#[derive(Debug)]
struct List {
    places: Vec<Place>,
    /// When to fetch it.
    next: Instant,
    /// Until when the last one may be relied on, for each issuer.
    until: BTreeMap<String, Instant>,
}

/// Every list that something on file rests on, by address.
#[derive(Debug, Default)]
pub(super) struct Lists(BTreeMap<String, List>);

impl List {
    fn until(&self, place: &Place) -> Instant {
        self.until.get(&place.issuer).copied().unwrap_or(place.until).max(place.until)
    }
}

impl Lists {
    /// Takes in what is on file now; what is known of lists stays.
    pub(super) fn follow(&mut self, state: &store::State, now: Instant) {
        let mut places: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
        let people =
            state.files.iter().flat_map(|(account, files)| files.iter().map(move |of| (account, of)));
        for (account, (person, file)) in people {
            let watched = file.iter().filter(|filed| filed.state != State::Revoked);
            for filed in watched.filter(|filed| now <= filed.statement.valid_until) {
                let Some(status) = &filed.statement.status else { continue };
                let (account, person, id) = (account.clone(), person.clone(), filed.id.clone());
                let (issuer, index, until) =
                    (filed.statement.issuer.clone(), status.index, status.valid_until);
                let place = Place { account, person, id, issuer, index, until };
                places.entry(&status.uri).or_default().push(place);
            }
        }
        let mut known = std::mem::take(&mut self.0);
        let list = |(uri, places): (&str, Vec<Place>)| {
            // A list that was not heard of yet, since the start or ever, is fetched at once.
            let fresh = || (now, BTreeMap::new());
            let (next, until) = known.remove(uri).map_or_else(fresh, |list| (list.next, list.until));
            (uri.to_owned(), List { places, next, until })
        };
        self.0 = places.into_iter().map(list).collect();
    }

    /// The lists to fetch now.
    pub(super) fn due(&self, now: Instant) -> Vec<String> {
        self.0.iter().filter(|(_, list)| list.next <= now).map(|(uri, _)| uri.clone()).collect()
    }

    /// Whose credentials rest on a list.
    pub(super) fn issuers(&self, uri: &str) -> Vec<String> {
        let places = self.0.get(uri).map(|list| list.places.as_slice()).unwrap_or_default();
        let mut issuers: Vec<String> = places.iter().map(|place| place.issuer.clone()).collect();
        issuers.sort_unstable();
        issuers.dedup();
        issuers
    }

    /// Takes in a fetch: the list as it counts for each issuer, none where it could not be had. Gives what it says.
    pub(super) fn heard(
        &mut self,
        uri: &str,
        read: &BTreeMap<String, StatusList>,
        now: Instant,
    ) -> Vec<(Place, Found)> {
        let Some(list) = self.0.get_mut(uri) else { return Vec::new() };
        let everybody = list.places.iter().all(|place| read.contains_key(&place.issuer));
        let refresh_at = read.values().map(StatusList::refresh_at).min().filter(|_| everybody);
        let again = || now.plus_micros(APART_US);
        list.next = refresh_at.map_or_else(again, |at| early(now, at, random()));
        list.until.extend(read.iter().map(|(issuer, list)| (issuer.clone(), list.until())));
        let found = |place: &Place| {
            let said = read.get(&place.issuer)?.status(place.index);
            // Beyond the end of its list, a credential has no status that could be good.
            Some((place.clone(), said.map_or(Found::Unheard, Found::from)))
        };
        list.places.iter().filter_map(found).collect()
    }

    /// What rests on lists that may no longer be relied on.
    pub(super) fn lapsed(&self, now: Instant) -> Vec<(Place, Found)> {
        let lapsed = |list: &List| {
            let over = list.places.iter().filter(|place| list.until(place) < now);
            over.map(|place| (place.clone(), Found::Unheard)).collect::<Vec<_>>()
        };
        self.0.values().flat_map(lapsed).collect()
    }

    /// When there is something to do next.
    pub(super) fn next(&self, now: Instant) -> Instant {
        let ends = self.0.values().flat_map(|list| list.places.iter().map(|place| list.until(place)));
        let ends = ends.filter(|end| *end >= now).map(|end| end.plus_micros(1));
        self.0.values().map(|list| list.next).chain(ends).min().unwrap_or(Instant::MAX)
    }

    /// Everything again in a minute.
    pub(super) fn try_again(&mut self, now: Instant) {
        for list in self.0.values_mut() {
            list.next = list.next.min(now.plus_micros(APART_US));
        }
    }
}

impl From<Status> for Found {
    fn from(status: Status) -> Self {
        match status {
            Status::Valid => Self::Valid,
            Status::Revoked => Self::Revoked,
            Status::Suspended => Self::Suspended,
        }
    }
}

/// Somewhat before `at`: by a tenth of the time left, up to another tenth by chance, and by [`EARLIER_US`] where there is
/// time; but no sooner than the next fetch may be.
fn early(now: Instant, at: Instant, chance: u8) -> Instant {
    let at = at.min(now.plus_micros(AT_LEAST_US));
    let left = at.micros_since(now);
    let tenth = left / 10;
    let by = (tenth + tenth / 255 * i64::from(chance)).max(EARLIER_US.min(left / 2));
    if left <= 0 { now } else { at.plus_micros(-by).max(now.plus_micros(APART_US)) }
}

/// A number by chance; without a random source, none.
fn random() -> u8 {
    crate::identity::sts::random().map_or(0, |bytes| bytes[0])
}

#[cfg(test)]
mod tests;
