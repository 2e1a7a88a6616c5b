//! The facts of a scenario as a Cedar principal, and the rest as a Cedar context.
//!
//! A fact that is not known is an attribute that is not there.

use super::lower::end_use_word;
use crate::scenario::{Day, Employer, Holding, Scenario, Subject};
use anyhow::Result;
use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request,
    RestrictedExpression as Restricted,
};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::str::FromStr;
use terms::{
    ClockReading, Country, EndUse, Instant, Level, MissingFact, PartyMatch, Question, Relation, SubjectKind,
    UsStatus, employer_key,
};

/// The whole, in millionths of a per cent.
const WHOLE: i64 = 100_000_000;

/// What is known about the nationality of a person whose list of citizenships is complete, at least of those held now.
pub(super) struct Nationality {
    /// Held now.
    pub(super) current: BTreeSet<Country>,
    /// Held now or before; `None` where nothing is said of lost ones.
    pub(super) ever: Option<BTreeSet<Country>>,
    /// The weakest evidence among what this rests on.
    pub(super) level: Level,
}

/// The countries tied for the latest acquisition.
pub(super) struct Recent {
    pub(super) countries: BTreeSet<Country>,
    pub(super) level: Level,
}

/// For whom the person works.
pub(super) enum Job {
    Nobody,
    At { firm: String, relation: Relation, level: Level, parent: Option<Country>, listed: Option<i64> },
}

/// The facts, each known for certain or absent.
pub(super) struct World {
    pub(super) status: Option<(UsStatus, Level)>,
    pub(super) nationality: Option<Nationality>,
    pub(super) recent: Option<Recent>,
    pub(super) place: Option<(Country, Level)>,
    pub(super) job: Option<Job>,
    pub(super) party: Option<PartyMatch>,
    pub(super) end_use: Option<EndUse>,
}

/// The clock of the scenario.
pub(super) fn clock(scenario: &Scenario) -> ClockReading {
    let uncertainty_ms = scenario.clock_uncertainty_ms.unwrap_or(0).max(0);
    ClockReading { at: scenario.at, uncertainty_us: uncertainty_ms.saturating_mul(1000) }
}

/// The recorded answer, if it is one the question knows.
pub(super) fn choice(scenario: &Scenario, question: Question) -> Option<&'static str> {
    let word = scenario.operator.choices.get(&question)?;
    question.options().iter().copied().find(|option| option == word)
}

/// A percentage in millionths; `None` when it is none.
pub(super) fn millionths(percent: f64) -> Option<i64> {
    // Between 0 and 100 the product is exact to far less than one millionth.
    #[expect(clippy::cast_possible_truncation, reason = "at most a hundred million")]
    (0.0..=100.0).contains(&percent).then(|| (percent * 1e6).round() as i64)
}

impl World {
    /// Collects what is known; on a key that is not a person, nothing about one.
    pub(super) fn of(scenario: &Scenario) -> Self {
        let subject = &scenario.subject;
        let person = subject.kind == SubjectKind::Person && agreed(subject, &[MissingFact::NaturalPerson]);
        let about_person = |facts: &[MissingFact]| person && agreed(subject, facts);
        let nationality = about_person(&[MissingFact::Citizenships, MissingFact::ProofOfLoss])
            .then(|| nationality(subject, scenario.at))
            .flatten();
        let recent = nationality.as_ref().and_then(|nationality| recent(scenario, nationality));
        let party = about_person(&[MissingFact::PartyIdentity, MissingFact::Screening])
            .then_some(subject.party_match);
        let end_use = Some(scenario.request.end_use).filter(|_| agreed(subject, &[MissingFact::EndUse]));
        Self {
            status: about_person(&[MissingFact::UsStatus]).then(|| status(subject, scenario.at)).flatten(),
            recent,
            nationality,
            place: about_person(&[MissingFact::Location]).then(|| place(subject)).flatten(),
            job: about_person(&[MissingFact::Employment]).then(|| job(subject)),
            party: party.filter(|party| matches!(party, PartyMatch::None | PartyMatch::Confirmed)),
            end_use: end_use.filter(|end_use| *end_use != EndUse::Unknown),
        }
    }

    /// The attributes of the principal.
    fn attributes(&self, person_id: Option<&str>) -> HashMap<String, Restricted> {
        let mut attributes = Attributes::default();
        if let Some((status, level)) = self.status {
            attributes.text("status", status.word()).level("status_level", level);
        }
        if let Some(Nationality { current, ever, level }) = &self.nationality {
            attributes.countries("citizenships", current).level("nationality_level", *level);
            ever.iter().for_each(|ever| _ = attributes.countries("ever", ever));
        }
        if let Some(Recent { countries, level }) = &self.recent {
            attributes.countries("recent", countries).level("recent_level", *level);
        }
        if let Some((country, level)) = self.place {
            attributes.text("place", country.code()).level("place_level", level);
        }
        self.job.iter().for_each(|job| job.describe(&mut attributes));
        if let Some(party) = self.party {
            attributes.text("party", if party == PartyMatch::None { "none" } else { "confirmed" });
        }
        person_id.into_iter().for_each(|id| _ = attributes.text("person_id", id));
        attributes.0
    }
}

impl Job {
    fn describe(&self, attributes: &mut Attributes) {
        match self {
            Self::Nobody => _ = attributes.flag("employed", false),
            Self::At { firm, relation, level, parent, listed } => {
                attributes.flag("employed", true).text("firm", firm).level("employer_level", *level);
                match relation {
                    Relation::Employee => _ = attributes.text("relation", "employee"),
                    Relation::Contractor => _ = attributes.text("relation", "contractor"),
                    Relation::Unknown => {}
                }
                parent.iter().for_each(|parent| _ = attributes.text("parent", parent.code()));
                listed.iter().for_each(|listed| _ = attributes.long("listed_share", *listed));
            }
        }
    }
}

/// Attributes under construction.
#[derive(Default)]
struct Attributes(HashMap<String, Restricted>);

impl Attributes {
    fn put(&mut self, name: &str, value: Restricted) -> &mut Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.put(name, Restricted::new_string(value.to_owned()))
    }

    fn flag(&mut self, name: &str, value: bool) -> &mut Self {
        self.put(name, Restricted::new_bool(value))
    }

    fn long(&mut self, name: &str, value: i64) -> &mut Self {
        self.put(name, Restricted::new_long(value))
    }

    fn level(&mut self, name: &str, level: Level) -> &mut Self {
        self.long(name, rung(level))
    }

    fn countries(&mut self, name: &str, countries: &BTreeSet<Country>) -> &mut Self {
        let codes = countries.iter().map(|country| Restricted::new_string(country.code().to_owned()));
        self.put(name, Restricted::new_set(codes))
    }
}

/// The rung of the ladder, 0 to 5.
const fn rung(level: Level) -> i64 {
    match level {
        Level::None => 0,
        Level::Ip => 1,
        Level::SelfDeclared => 2,
        Level::Employer => 3,
        Level::Document => 4,
        Level::Credential => 5,
    }
}

/// The level a fact about the employer needs.
pub(super) fn employer_required(scenario: &Scenario) -> Level {
    scenario.operator.min_evidence.min(Level::Employer)
}

/// The question put to Cedar: the request, and the principal it speaks of.
pub(super) fn question(scenario: &Scenario) -> Result<(Request, Entities)> {
    let person = uid("Person", "subject")?;
    let world = World::of(scenario);
    let attributes = world.attributes(scenario.subject.person_id.as_deref());
    let entity = Entity::new(person.clone(), attributes, HashSet::new())?;
    let request = Request::new(
        person,
        uid("Action", scenario.request.activity.word())?,
        uid("Model", &scenario.request.model)?,
        context(scenario, world.end_use)?,
        None,
    )?;
    Ok((request, Entities::from_entities([entity], None)?))
}

fn uid(kind: &str, id: &str) -> Result<EntityUid> {
    Ok(EntityUid::from_type_name_and_id(EntityTypeName::from_str(kind)?, EntityId::new(id)))
}

fn context(scenario: &Scenario, end_use: Option<EndUse>) -> Result<Context> {
    let clock = clock(scenario);
    let mut context = Attributes::default();
    context
        .long("latest", clock.latest().as_micros())
        .long("earliest", clock.earliest().as_micros())
        .level("required", scenario.operator.min_evidence)
        .level("place_required", scenario.operator.min_location_evidence)
        .level("employer_required", employer_required(scenario))
        .text("served_from", scenario.request.served_from.as_place().code());
    end_use.iter().for_each(|end_use| _ = context.text("end_use", end_use_word(*end_use)));
    for question in Question::ALL {
        let answer = choice(scenario, question);
        answer.iter().for_each(|answer| _ = context.text(question.word(), answer));
    }
    Ok(Context::from_pairs(context.0)?)
}

/// Whether no statements about these facts contradict each other.
fn agreed(subject: &Subject, facts: &[MissingFact]) -> bool {
    !facts.iter().any(|fact| subject.conflicting_facts.contains(fact))
}

/// A network address or nothing at all never answers status.
fn status(subject: &Subject, at: Instant) -> Option<(UsStatus, Level)> {
    let status = subject.us_status.filter(|status| status.value != UsStatus::Unknown)?;
    let expired = status.evidence_expires.is_some_and(|expires| expires.0 <= at);
    let level = if expired { status.evidence.min(Level::SelfDeclared) } else { status.evidence };
    (level >= Level::SelfDeclared).then_some((status.value, level))
}

fn place(subject: &Subject) -> Option<(Country, Level)> {
    let location = subject.location.filter(|location| location.evidence >= Level::Ip)?;
    Some((location.country?.as_place(), location.evidence))
}

/// Lost at `at`, whatever supports it; clock uncertainty does not apply to personal dates.
fn is_lost(holding: &Holding, at: Instant) -> bool {
    holding.until.is_some_and(|until| until.0 <= at)
}

/// What supports the holding and, where it is lost, the loss.
fn support(holding: &Holding, at: Instant) -> Level {
    let loss =
        if is_lost(holding, at) { holding.until_evidence.unwrap_or_default() } else { Level::Credential };
    holding.evidence.min(loss)
}

/// `None` where the list is not complete, speaks of the future, or contradicts what is said about statelessness.
fn nationality(subject: &Subject, at: Instant) -> Option<Nationality> {
    let complete = subject.citizenships_complete.filter(|complete| complete.value);
    let said = complete.or(subject.citizenships_current.filter(|current| current.value))?;
    let held = &subject.citizenships;
    let future = |day: &Option<Day>| day.is_some_and(|day| day.0 > at);
    if held.iter().any(|holding| future(&holding.from) || future(&holding.from_alt)) {
        return None;
    }
    let current: BTreeSet<Country> =
        held.iter().filter(|holding| !is_lost(holding, at)).map(|holding| holding.country).collect();
    let stateless = subject.stateless.filter(|stateless| stateless.value);
    if stateless.is_some() != current.is_empty() {
        return None;
    }
    let mut levels = held.iter().map(|holding| support(holding, at)).chain([said.evidence]);
    let level = levels.by_ref().chain(stateless.map(|stateless| stateless.evidence)).min()?;
    let ever = complete.map(|_| held.iter().map(|holding| holding.country).collect());
    (level >= Level::SelfDeclared).then_some(Nationality { current, ever, level })
}

/// Latest among current citizenships and current permanent residences; a single one needs no date.
fn recent(scenario: &Scenario, nationality: &Nationality) -> Option<Recent> {
    let (subject, at) = (&scenario.subject, scenario.at);
    let residences = &subject.permanent_residences;
    let held = || subject.citizenships.iter().chain(residences).filter(|holding| !is_lost(holding, at));
    let level = residences.iter().map(|residence| support(residence, at)).min();
    let level = level.map_or(nationality.level, |level| level.min(nationality.level));
    if held().count() <= 1 {
        return Some(Recent { countries: held().map(|holding| holding.country).collect(), level });
    }
    let agreed = agreed(subject, &[MissingFact::AcquisitionDates]);
    let dates: Option<Vec<_>> =
        held().map(|holding| Some((acquired(scenario, holding)?, holding.country))).collect();
    let dates = dates.filter(|dates| agreed && dates.iter().all(|(date, _)| *date <= at))?;
    let latest = dates.iter().map(|(date, _)| *date).max()?;
    let countries = dates.iter().filter(|(date, _)| *date == latest).map(|(_, country)| *country).collect();
    Some(Recent { countries, level })
}

/// The date that counts, under the recorded reading where the law gives two.
fn acquired(scenario: &Scenario, holding: &Holding) -> Option<Instant> {
    let disputed = holding.from_disputed && holding.from != holding.from_alt;
    let registered = disputed && choice(scenario, Question::CitizenshipDate)? == "registration";
    let date = if registered { holding.from_alt } else { holding.from };
    date.map(|day| day.0)
}

fn job(subject: &Subject) -> Job {
    let Some(employer) = &subject.employer else { return Job::Nobody };
    let agreed = |fact| agreed(subject, &[fact]);
    Job::At {
        firm: employer_key(&employer.name),
        relation: employer.relation,
        level: employer.evidence,
        parent: employer.ultimate_parent_hq.filter(|_| agreed(MissingFact::EmployerUltimateParent)),
        listed: listed_share(employer).filter(|_| agreed(MissingFact::Ownership)),
    }
}

/// The share of listed owners, in millionths of a per cent; known only where the owners add up to the whole.
fn listed_share(employer: &Employer) -> Option<i64> {
    let shares = employer.owners.iter().map(|owner| Some((millionths(owner.percent)?, owner.listed)));
    let shares: Vec<(i64, bool)> = shares.collect::<Option<_>>()?;
    let total: i64 = shares.iter().map(|(share, _)| share).sum();
    (total == WHOLE).then(|| shares.iter().filter(|(_, listed)| *listed).map(|(share, _)| share).sum())
}
