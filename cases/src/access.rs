//! The decision cases in JSON Lines: an adapter from their schema to the engine's own model.

use crate::{Answer, Case};
use law::{
    Book, Class, Condition, Destinations, Directive, Exception, Exempt, Form, Licence, LicenceStatus,
    Persons, Policy, Source, Status,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use terms::{
    Activity, Attested, Choices, Citizenship, ClockReading, Country, Employer, Employment, EndUse, FactMask,
    Instant, InstrumentId, Level, MissingFact, PersonFacts, Question, Relation, Request, SubjectKind,
    UsStatus,
};

/// A line read: a case, or the name and what it needs that the engine does not decide yet.
#[derive(Clone, Debug)]
pub enum Line {
    /// Can be run.
    Case(Box<Case>),
    /// Waits for a later part of the law.
    Pending {
        /// The case.
        id: String,
        /// What it needs.
        needs: String,
    },
}

/// Why a value could not be adapted.
enum Trouble {
    Pending(String),
    Broken(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

type Adapted<T> = Result<T, Trouble>;

fn pending<T>(needs: impl Into<String>) -> Adapted<T> {
    Err(Trouble::Pending(needs.into()))
}

/// Reads one line.
pub fn read(line: &str) -> anyhow::Result<Line> {
    let value: Map<String, Value> = serde_json::from_str(line)?;
    let id: String = field(&value, "id")?;
    match case(&value, &id) {
        Ok(case) => Ok(Line::Case(Box::new(case))),
        Err(Trouble::Pending(needs)) => Ok(Line::Pending { id, needs }),
        Err(Trouble::Broken(error)) => Err(error.context(format!("case {id}"))),
    }
}

fn field<T: DeserializeOwned>(map: &Map<String, Value>, name: &str) -> anyhow::Result<T> {
    let value = map.get(name).cloned().unwrap_or(Value::Null);
    serde_json::from_value(value).map_err(|error| anyhow::anyhow!("{name}: {error}"))
}

fn case(value: &Map<String, Value>, id: &str) -> Adapted<Case> {
    let uncertainty_ms: Option<i64> = field(value, "clock_uncertainty_ms")?;
    let request: RawRequest = field(value, "request")?;
    let operator: RawOperator = field(value, "operator")?;
    let subject: RawSubject = field(value, "subject")?;
    Ok(Case {
        id: id.to_owned(),
        book: book(value)?,
        policy: policy(operator)?,
        model: terms::ModelId::parse(&request.model)?,
        facts: facts(subject)?,
        request: Request {
            model: 0,
            activity: request.activity,
            end_use: request.end_use,
            served_from: request.served_from,
        },
        clock: ClockReading {
            at: field(value, "at")?,
            uncertainty_us: uncertainty_ms.unwrap_or(0).saturating_mul(1000),
        },
        started_at: request.started_at,
        expected: expected(field(value, "expected")?),
    })
}

#[derive(Deserialize)]
struct RawRequest {
    model: String,
    activity: Activity,
    end_use: EndUse,
    served_from: Country,
    started_at: Option<Instant>,
}

#[derive(Deserialize)]
struct RawOperator {
    min_evidence: Level,
    min_location_evidence: Level,
    #[serde(default)]
    choices: BTreeMap<Question, String>,
}

fn policy(operator: RawOperator) -> Adapted<Policy> {
    let mut choices = Choices::default();
    for (question, choice) in operator.choices {
        if !choices.record(question, &choice) {
            return Err(anyhow::anyhow!("{} has no option {choice}", question.word()).into());
        }
    }
    Ok(Policy {
        min_evidence: operator.min_evidence,
        min_location_evidence: operator.min_location_evidence,
        choices,
    })
}

#[derive(Deserialize)]
struct RawExpected {
    outcome: String,
    #[serde(default)]
    missing_facts: Vec<String>,
    depends_on: Option<RawDepends>,
    decisive: Option<Vec<String>>,
    #[serde(default)]
    flags_include: Vec<String>,
    stream_action: Option<String>,
}

#[derive(Deserialize)]
struct RawDepends {
    question: String,
    options: BTreeMap<String, String>,
}

fn expected(raw: RawExpected) -> Answer {
    Answer {
        outcome: raw.outcome,
        missing: raw.missing_facts.into_iter().collect(),
        depends_on: raw.depends_on.map(|depends| (depends.question, depends.options.into_iter().collect())),
        decisive: raw.decisive.map(|ids| ids.into_iter().collect()),
        flags: raw.flags_include.into_iter().collect(),
        stream_action: raw.stream_action,
    }
}

#[derive(Deserialize)]
struct RawStatus {
    value: UsStatus,
    evidence: Level,
    evidence_expires: Option<Day>,
}

#[derive(Deserialize)]
struct RawCitizenship {
    country: Country,
    from: Option<Day>,
    until: Option<Day>,
    evidence: Level,
    until_evidence: Option<Level>,
}

#[derive(Deserialize)]
struct RawAttested<T> {
    value: T,
    evidence: Level,
}

#[derive(Deserialize)]
struct RawLocation {
    country: Option<Country>,
    evidence: Level,
}

#[derive(Deserialize)]
struct RawEmployer {
    name: String,
    #[serde(default)]
    relation: Relation,
    evidence: Level,
}

#[derive(Deserialize)]
struct RawUsers {
    all_us_persons: bool,
    evidence: Level,
}

#[derive(Deserialize)]
struct RawSubject {
    kind: SubjectKind,
    us_status: Option<RawStatus>,
    #[serde(default)]
    citizenships: Vec<RawCitizenship>,
    citizenships_complete: Option<RawAttested<bool>>,
    #[serde(default)]
    permanent_residences: Vec<RawCitizenship>,
    location: Option<RawLocation>,
    employer: Option<RawEmployer>,
    person_id: Option<terms::PersonId>,
    #[serde(default)]
    conflicting_facts: Vec<MissingFact>,
    users_attested: Option<RawUsers>,
}

/// An instant, or a date that means 00:00 UTC.
#[derive(Clone, Copy)]
struct Day(Instant);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let full = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text };
        Instant::parse(&full).map(Self).map_err(serde::de::Error::custom)
    }
}

fn facts(raw: RawSubject) -> Adapted<PersonFacts> {
    let held = |list: Vec<RawCitizenship>| list.into_iter().map(citizenship).collect::<Vec<_>>();
    let employment = match raw.employer {
        None => Employment::NoEmployer,
        Some(employer) => {
            let RawEmployer { name, relation, evidence } = employer;
            Employment::Works(Employer { name, relation, level: evidence })
        }
    };
    Ok(PersonFacts {
        kind: raw.kind,
        person_id: raw.person_id,
        us_status_expires: raw.us_status.as_ref().and_then(|status| status.evidence_expires).map(|day| day.0),
        us_status: raw.us_status.map_or_else(Attested::default, |s| Attested::new(s.value, s.evidence)),
        citizenships: held(raw.citizenships),
        citizenships_complete: raw
            .citizenships_complete
            .map_or_else(Attested::default, |c| Attested::new(c.value, c.evidence)),
        permanent_residences: held(raw.permanent_residences),
        location: raw.location.and_then(|l| Some(Attested::new(l.country?, l.evidence))),
        employment,
        all_users_us_persons: raw.users_attested.map(|u| Attested::new(u.all_us_persons, u.evidence)),
        conflicting: raw.conflicting_facts.into_iter().collect::<FactMask>(),
    })
}

fn citizenship(raw: RawCitizenship) -> Citizenship {
    Citizenship {
        country: raw.country,
        from: raw.from.map(|day| day.0),
        until: raw.until.map(|day| day.0),
        level: raw.evidence,
        until_level: raw.until_evidence.unwrap_or_default(),
    }
}

fn book(value: &Map<String, Value>) -> Adapted<Book> {
    let mut book = Book::default();
    let directives: Vec<Map<String, Value>> = field(value, "directives")?;
    for raw in &directives {
        let directive = directive(raw)?;
        let exceptions: Option<Vec<RawException>> = field(raw, "exceptions")?;
        book.exceptions.extend(exceptions.into_iter().flatten().map(|raw| exception(raw, &directive.id)));
        book.directives.push(directive);
    }
    let licences: Option<Vec<Map<String, Value>>> = field(value, "licences")?;
    for raw in licences.into_iter().flatten() {
        book.licences.push(licence(&raw)?);
    }
    // A case may carry licences for directives it does not carry; they lift nothing.
    let known: Vec<InstrumentId> = book.directives.iter().map(|directive| directive.id.clone()).collect();
    for licence in &mut book.licences {
        licence.lifts.retain(|id| known.contains(id));
    }
    Ok(book)
}

fn directive(raw: &Map<String, Value>) -> Adapted<Directive> {
    for later in ["hosted_inference", "remote_access"] {
        if raw.get(later).is_some_and(|value| *value != Value::Bool(false) && !value.is_null()) {
            return pending(later);
        }
    }
    if raw.get("effective_from").is_some_and(Value::is_object) {
        return pending("ambiguous local time");
    }
    let status: Option<String> = field(raw, "status")?;
    Ok(Directive {
        id: field(raw, "id")?,
        title: field(raw, "title")?,
        form: field::<Form>(raw, "form").unwrap_or(Form::Rule),
        source: Source {
            state: Country::US,
            office: "invented".to_owned(),
            addressees: Vec::new(),
            public_reference: None,
            public_url: None,
            document_sha256: None,
            channel: None,
            received_at: None,
            call_back: None,
        },
        status: if status.as_deref() == Some("bill") { Status::Bill } else { Status::Law },
        issued_at: field(raw, "issued_at")?,
        effective_from: field(raw, "effective_from")?,
        effective_until: field(raw, "effective_until")?,
        models: field(raw, "models")?,
        activities: field(raw, "activities")?,
        end_uses: field(raw, "end_uses")?,
        persons: persons(raw)?,
        destinations: field::<Destinations>(raw, "destinations")?,
        authority: field(raw, "authority")?,
        min_evidence: None,
    })
}

fn persons(raw: &Map<String, Value>) -> Adapted<Persons> {
    let persons: Map<String, Value> = field(raw, "persons")?;
    let class: String = field(&persons, "class")?;
    let class = match class.as_str() {
        "everyone" => Class::Everyone,
        "foreign_person" => Class::ForeignPerson,
        "located_in" => Class::LocatedIn,
        later => return pending(format!("class {later}")),
    };
    if persons.contains_key("hong_kong") {
        return pending("hong_kong");
    }
    let exempt: Option<Exempt> = field(&persons, "exempt")?;
    let countries: Option<Vec<String>> = field(&persons, "countries")?;
    Ok(Persons { class, countries: countries.unwrap_or_default(), exempt })
}

#[derive(Deserialize)]
struct RawException {
    id: InstrumentId,
    from: Option<Instant>,
    until: Option<Instant>,
    when: Condition,
}

fn exception(raw: RawException, directive: &InstrumentId) -> Exception {
    Exception {
        id: raw.id,
        title: String::new(),
        directive: directive.clone(),
        source: None,
        from: raw.from,
        until: raw.until,
        when: raw.when,
    }
}

fn licence(raw: &Map<String, Value>) -> Adapted<Licence> {
    for later in ["max_persons", "persons_used", "enrolled"] {
        if raw.get(later).is_some_and(|value| !value.is_null()) {
            return pending("licence with a cap");
        }
    }
    if raw.get("conditions").and_then(Value::as_array).is_some_and(|list| !list.is_empty()) {
        return pending("licence with conditions");
    }
    Ok(Licence {
        id: field(raw, "id")?,
        status: field::<LicenceStatus>(raw, "status")?,
        lifts: field(raw, "lifts")?,
        models: field(raw, "models")?,
        from: field(raw, "from")?,
        until: field(raw, "until")?,
        holder: field(raw, "holder")?,
        persons: field(raw, "persons")?,
        holder_employees: field::<Option<bool>>(raw, "holder_employees")?.unwrap_or(false),
        end_use: field(raw, "end_use")?,
        excluded_nationalities: field(raw, "excluded_nationalities")?,
        located_in: field(raw, "located_in")?,
    })
}
