//! From classes to a person and a request.

use super::axes::{Axis, Firm, Space, Value};
use super::held::{Held, Tie};
use super::pair::Pair;
use terms::{
    Attested, Citizenship, Country, Employer, Employment, Instant, Level, MissingFact, PartyMatch,
    PersonFacts, PersonId, Request, SubjectKind,
};

/// Acquired first: 1 January 1901.
const EARLIER: Instant = Instant::from_micros(-2_177_452_800_000_000);
/// Acquired later: 1 January 1902.
const LATER: Instant = Instant::from_micros(-2_145_916_800_000_000);
/// Lost: 1 January 1903.
const LOST: Instant = Instant::from_micros(-2_114_380_800_000_000);

/// What a choice of values says, before it is put together.
#[derive(Default)]
struct Said {
    held: Option<Held>,
    listing: [Level; 3],
    complete: bool,
    place: Option<Country>,
    firm: Option<Firm>,
    employer: Employer,
    work_level: Option<Level>,
    status_level: Option<Level>,
    place_level: Option<Level>,
    end_use_level: Option<Level>,
}

/// A person of the classes chosen, and a request; the model is left at 0.
pub(super) fn build(pair: &Pair<'_>, space: &Space, digits: &[usize]) -> (PersonFacts, Request) {
    let kind = if space.shared { SubjectKind::SharedKey } else { SubjectKind::Person };
    let mut facts = PersonFacts { kind, ..PersonFacts::unknown() };
    let mut request = Request {
        model: 0,
        activity: terms::Activity::HostedInference,
        end_use: Attested::default(),
        served_from: Country::US,
    };
    let mut said = Said::default();
    for (axis, digit) in space.axes.iter().zip(digits) {
        if let Some(value) = axis.values.get(*digit) {
            said.hear(pair, space, axis, value, &mut facts, &mut request);
        }
    }
    said.conclude(pair, space, &mut facts, &mut request);
    (facts, request)
}

impl Said {
    fn hear(
        &mut self,
        pair: &Pair<'_>,
        space: &Space,
        axis: &Axis,
        value: &Value,
        facts: &mut PersonFacts,
        request: &mut Request,
    ) {
        use super::axes::Fact;
        match (axis.fact, *value) {
            (_, Value::Status(status)) => facts.us_status.value = status,
            (_, Value::Held(held)) => self.held = Some(held),
            (_, Value::Listing(listing, levels)) => {
                self.listing = levels;
                self.complete = listing.complete.is_some();
            }
            (_, Value::Place(class)) => self.place = Some(space.places.one(class)),
            (_, Value::Firm(firm)) => self.firm = Some(firm),
            (_, Value::Relation(relation)) => self.employer.relation = relation,
            (_, Value::Seat(class)) => {
                self.employer.ultimate_parent = class.map(|class| space.seats.one(class));
            }
            (_, Value::Owned(_, _, ownership)) => self.employer.ownership = ownership,
            (_, Value::Party(party)) => facts.party_match = party,
            (_, Value::Person(class)) => facts.person_id = class.and_then(|class| person(pair, space, class)),
            (_, Value::EndUse(end_use)) => request.end_use.value = end_use,
            (_, Value::Activity(activity)) => request.activity = activity,
            (_, Value::ServedFrom(country)) => request.served_from = country,
            (fact, Value::Level(level)) => {
                let level = level.map(|(_, level)| level);
                match fact {
                    Fact::StatusLevel => self.status_level = level,
                    Fact::PlaceLevel => self.place_level = level,
                    Fact::WorkLevel => self.work_level = level,
                    Fact::EndUseLevel => self.end_use_level = level,
                    _ => facts.all_users_us_persons = level.map(|level| Attested::new(true, level)),
                }
            }
        }
    }

    fn conclude(mut self, pair: &Pair<'_>, space: &Space, facts: &mut PersonFacts, request: &mut Request) {
        match self.status_level {
            Some(level) => facts.us_status.level = level,
            None => facts.us_status = Attested::default(),
        }
        match self.end_use_level {
            Some(level) => request.end_use.level = level,
            None => request.end_use = Attested::default(),
        }
        facts.location = self.place.zip(self.place_level).map(|(place, level)| Attested::new(place, level));
        if let Some(held) = self.held {
            self.hold(space, held, facts);
        }
        facts.employment = match (self.firm, self.work_level) {
            (None, _) | (_, None) => Employment::Unknown,
            (Some(Firm::Nobody), _) => Employment::NoEmployer,
            (Some(firm), Some(level)) => {
                self.employer.name = match firm {
                    Firm::Named(class) => name_of(pair, space, class),
                    _ => pair.other_firm.clone(),
                };
                self.employer.level = level;
                Employment::Works(self.employer)
            }
        };
    }

    fn hold(&self, space: &Space, held: Held, facts: &mut PersonFacts) {
        let [main, tie, complete] = self.listing;
        if self.complete {
            facts.citizenships_complete = Attested::new(true, complete);
        }
        let holding = |class: usize, from: Option<Instant>, level: Level| Citizenship {
            country: space.nations.one(class),
            from,
            registered: None,
            until: None,
            level,
            until_level: Level::None,
        };
        let second = held.tie.map(|(tie, _)| tie);
        let first = match second {
            Some(Tie::Undated) => None,
            Some(Tie::ResidentBefore) => Some(LATER),
            _ => Some(EARLIER),
        };
        facts.citizenships.extend(held.main.map(|class| holding(class, first, main)));
        let Some((kind, class)) = held.tie else { return };
        // A second citizenship of the same class is that of another country.
        let holding = |class: usize, from: Option<Instant>, level: Level| {
            let same = held.main == Some(class) && kind.is_citizenship();
            let plain = holding(class, from, level);
            if same { Citizenship { country: space.nations.another(class), ..plain } } else { plain }
        };
        match kind {
            Tie::Also | Tie::Later => facts.citizenships.push(holding(class, Some(LATER), tie)),
            Tie::Undated => facts.citizenships.push(holding(class, None, tie)),
            Tie::Resident => facts.permanent_residences.push(holding(class, Some(LATER), tie)),
            Tie::ResidentBefore => facts.permanent_residences.push(holding(class, Some(EARLIER), tie)),
            Tie::Former | Tie::SaidLost => {
                let until_level = if kind == Tie::Former { Level::Credential } else { Level::None };
                let lost = holding(class, Some(LATER), tie);
                facts.citizenships.push(Citizenship { until: Some(LOST), until_level, ..lost });
            }
        }
    }
}

fn person(pair: &Pair<'_>, space: &Space, class: usize) -> Option<PersonId> {
    let number = space.persons.classes.get(class)?.first()?;
    PersonId::parse(pair.persons.name(*number)).ok()
}

fn name_of(pair: &Pair<'_>, space: &Space, class: usize) -> String {
    let number = space.firms.classes.get(class).and_then(|members| members.first());
    number.map_or_else(String::new, |number| pair.firms.name(*number).to_owned())
}

/// Screening, where contradictory results count as open.
pub(super) fn party_of(facts: &PersonFacts) -> PartyMatch {
    if facts.conflicting.contains(MissingFact::Screening) {
        PartyMatch::Unscreened
    } else if facts.conflicting.contains(MissingFact::PartyIdentity) {
        PartyMatch::Possible
    } else {
        facts.party_match
    }
}
