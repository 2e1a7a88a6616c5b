//! One human being who fits two limbs.

use super::limb::{Limb, is_us_national};
use crate::groups;
use crate::instrument::NationalityRule;
use std::fmt;
use terms::{Country, CountrySet, Instant, UsStatus, employer_key};

/// A request that one state forbids and another demands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Witness {
    /// Status under US law.
    pub status: UsStatus,
    /// Current nationalities, the most recent last.
    pub nationals: Vec<Country>,
    /// A nationality held in the past.
    pub formerly: Option<Country>,
    /// Where the person is.
    pub place: Country,
    /// For whom the person works.
    pub firms: Vec<String>,
    /// Seats of ultimate parents of employers.
    pub seats: Vec<Country>,
    /// Whether the person is on a restricted-party list.
    pub listed: bool,
    /// The model asked for.
    pub model: String,
    /// The first instant of the conflict.
    pub from: Instant,
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a ")?;
        if !matches!(self.status, UsStatus::None) && !is_us_national(self.status) {
            f.write_str("protected resident of the United States, ")?;
        }
        f.write_str("national of ")?;
        if let Some((recent, earlier)) = self.nationals.split_last() {
            earlier.iter().try_for_each(|country| write!(f, "{country} and most recently of "))?;
            write!(f, "{recent}")?;
        }
        if let Some(past) = self.formerly {
            write!(f, ", once of {past},")?;
        }
        write!(f, " located in {}", self.place)?;
        for firm in &self.firms {
            write!(f, ", working for {firm}")?;
        }
        for seat in &self.seats {
            write!(f, ", working for a firm with its seat in {seat}")?;
        }
        if self.listed {
            f.write_str(", on a restricted-party list")?;
        }
        write!(f, ", asking for {} from {}", self.model, self.from)
    }
}

/// What two limbs ask of one human being, and whose states' countries an example prefers.
pub(super) struct Both<'a> {
    pub(super) limbs: [&'a Limb; 2],
    /// The state that orders to serve, then the state that refuses.
    pub(super) states: [Country; 2],
}

impl Both<'_> {
    /// Somebody who fits both limbs, asking for nothing yet; `None` when nobody can. Two employers are one too many
    /// for a record, not for a human being: firms and seats never exclude each other.
    pub(super) fn human(&self) -> Option<Witness> {
        let (status, nationals, formerly) = self.nationality()?;
        Some(Witness {
            status,
            nationals,
            formerly,
            place: self.place()?,
            firms: self.firms()?,
            seats: self.seats()?,
            listed: self.limbs.iter().any(|limb| limb.listed),
            model: String::new(),
            from: Instant::MIN,
        })
    }

    fn prefer(&self, set: &CountrySet) -> Option<Country> {
        let states = self.states.into_iter().filter(|state| set.contains(*state));
        states.chain(set.iter()).next()
    }

    fn place(&self) -> Option<Country> {
        let mut set: CountrySet = groups::everywhere().iter().map(Country::as_place).collect();
        for place in self.limbs.iter().filter_map(|limb| limb.place.as_ref()) {
            set = intersect(&set, place);
        }
        self.prefer(&set)
    }

    /// Tries statuses from the plainest: somebody without ties to the United States, a citizen, any other.
    fn nationality(&self) -> Option<(UsStatus, Vec<Country>, Option<Country>)> {
        let [a, b] = self.limbs;
        let statuses = a.statuses.and(b.statuses);
        let plain = [UsStatus::None, UsStatus::Citizen];
        let order = plain.into_iter().chain(UsStatus::KNOWN);
        order.filter(|status| statuses.has(*status)).find_map(|status| {
            let (nationals, formerly) = self.nationals(status)?;
            Some((status, nationals, formerly))
        })
    }

    /// Nationalities that somebody of this status can hold and that meet both limbs.
    fn nationals(&self, status: UsStatus) -> Option<(Vec<Country>, Option<Country>)> {
        let us = is_us_national(status);
        let mut held = Held { current: Vec::new(), recent: None, formerly: None };
        // The strictest rule first: it fixes the most recent nationality, which the others may share.
        let rules = [NationalityRule::MostRecent, NationalityRule::AnyHeld, NationalityRule::EverHeld];
        let named = || self.limbs.iter().filter_map(|limb| limb.nationality.as_ref());
        for wanted in rules {
            // Which nationality counts may be left open; the widest reading decides whether a conflict is possible.
            let same = named().filter(|(rule, _)| match rule {
                NationalityRule::Unspecified => wanted == NationalityRule::EverHeld,
                rule => *rule == wanted,
            });
            let sets: Vec<CountrySet> = same.map(|(_, set)| *set).collect();
            held.meet(self, wanted, &sets, us)?;
        }
        if us && !held.holds(Country::US) {
            held.current.push(Country::US);
        }
        if held.current.is_empty() && held.recent.is_none() {
            let mut abroad = groups::everywhere();
            abroad.remove(Country::US);
            held.current.extend(self.prefer(&abroad));
        }
        held.current.extend(held.recent);
        Some((held.current, held.formerly))
    }

    fn firms(&self) -> Option<Vec<String>> {
        let mut chosen: Vec<String> = Vec::new();
        let lists: Vec<&Vec<String>> = self.limbs.iter().filter_map(|limb| limb.firms.as_ref()).collect();
        for (at, list) in lists.iter().enumerate() {
            let shared = |name: &&String| {
                let key = employer_key(name);
                lists.iter().all(|other| other.iter().any(|name| employer_key(name) == key))
            };
            let name = list.iter().find(shared).or_else(|| list.first())?;
            if at == 0 || chosen.iter().all(|earlier| employer_key(earlier) != employer_key(name)) {
                chosen.push(name.clone());
            }
        }
        Some(chosen)
    }

    fn seats(&self) -> Option<Vec<Country>> {
        let sets: Vec<&CountrySet> = self.limbs.iter().filter_map(|limb| limb.seat.as_ref()).collect();
        if let [a, b] = sets.as_slice()
            && let Some(shared) = self.prefer(&intersect(a, b))
        {
            return Some(vec![shared]);
        }
        sets.into_iter().map(|set| self.prefer(set)).collect()
    }
}

/// Nationalities as they are chosen.
struct Held {
    current: Vec<Country>,
    recent: Option<Country>,
    formerly: Option<Country>,
}

impl Held {
    fn holds(&self, country: Country) -> bool {
        self.recent == Some(country) || self.current.contains(&country)
    }

    /// Adds what the sets under one rule ask for. `us`: the person is a national of the United States; nobody else
    /// holds that nationality, though anybody may have held it.
    fn meet(&mut self, both: &Both<'_>, rule: NationalityRule, sets: &[CountrySet], us: bool) -> Option<()> {
        let current = |set: &CountrySet| {
            let mut set = *set;
            if !us {
                set.remove(Country::US);
            }
            set
        };
        if rule == NationalityRule::MostRecent {
            let shared = sets.iter().copied().reduce(|a, b| intersect(&a, &b));
            if let Some(shared) = shared {
                self.recent = Some(both.prefer(&current(&shared))?);
            }
            return Some(());
        }
        let shared = match sets {
            [a, b] => current(&intersect(a, b)),
            _ => CountrySet::EMPTY,
        };
        for set in sets {
            let met = set.iter().any(|country| self.holds(country));
            if met || (us && set.contains(Country::US)) {
                continue;
            }
            match both.prefer(&shared).or_else(|| both.prefer(&current(set))) {
                Some(country) => self.current.push(country),
                None if rule == NationalityRule::EverHeld && self.formerly.is_none() => {
                    self.formerly = Some(both.prefer(set)?);
                }
                None if rule == NationalityRule::EverHeld && set.iter().any(|c| self.formerly == Some(c)) => {
                }
                None => return None,
            }
        }
        Some(())
    }
}

fn intersect(a: &CountrySet, b: &CountrySet) -> CountrySet {
    a.difference(&a.difference(b))
}
