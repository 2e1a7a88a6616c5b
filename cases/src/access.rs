//! The decision cases in JSON Lines: an adapter from their schema to the engine's own model.

use crate::{Answer, Case};
use law::{
    Book, Class, Condition, ConditionState, Destinations, Directive, Exception, Exempt, Fold, FoldOptions,
    Form, HongKong, HostedInference, Licence, LicenceCondition, LicenceStatus, NationalityRule, Persons,
    Policy, Source, Start, Status,
};
use oracle::scenario::{self, Scenario};
use std::collections::HashSet;
use terms::{
    Attested, Choices, Citizenship, ClockReading, Country, Disputed, Employer, Employment, Instant,
    InstrumentId, Level, ModelId, NotCitizen, Ownership, PersonFacts, PersonId, Request, Share, SubjectKind,
};

/// Reads one line.
pub fn read(line: &str) -> anyhow::Result<Case> {
    let scenario: Scenario = serde_json::from_str(line)?;
    adapt(&scenario).map_err(|error| error.context(format!("case {}", scenario.id)))
}

/// Turns a scenario into the engine's own model.
pub fn adapt(scenario: &Scenario) -> anyhow::Result<Case> {
    let request = &scenario.request;
    Ok(Case {
        id: scenario.id.clone(),
        book: book(scenario)?,
        policy: policy(&scenario.operator)?,
        model: ModelId::parse(&request.model)?,
        catalogue: Vec::new(),
        facts: facts(&scenario.subject, person_id(scenario)?)?,
        request: Request {
            model: 0,
            activity: request.activity,
            // In the cases the end use counts as given.
            end_use: Attested::new(request.end_use, Level::Credential),
            served_from: request.served_from,
        },
        clock: ClockReading {
            at: scenario.at,
            uncertainty_us: scenario.clock_uncertainty_ms.unwrap_or(0).saturating_mul(1000),
        },
        started_at: request.started_at.filter(|_| request.streaming != Some(false)),
        expected: scenario.expected.as_ref().map(expected).unwrap_or_default(),
    })
}

fn policy(operator: &scenario::Operator) -> anyhow::Result<Policy> {
    let mut choices = Choices::default();
    for (question, choice) in &operator.choices {
        anyhow::ensure!(choices.record(*question, choice), "{} has no option {choice}", question.word());
    }
    Ok(Policy {
        min_evidence: operator.min_evidence,
        min_location_evidence: operator.min_location_evidence,
        choices,
        operator: None,
    })
}

fn expected(raw: &scenario::Expected) -> Answer {
    let depends = raw.depends_on.as_ref().map(|depends| {
        let options = depends.options.iter().map(|(option, outcome)| (option.clone(), outcome.clone()));
        (depends.question.word().to_owned(), options.collect())
    });
    Answer {
        outcome: raw.outcome.clone(),
        missing: raw.missing_facts.iter().map(|fact| fact.word().to_owned()).collect(),
        depends_on: depends,
        decisive: raw.decisive.as_ref().map(|ids| ids.iter().cloned().collect()),
        flags: raw.flags_include.iter().cloned().collect(),
        stream_action: raw.stream_action.clone(),
        cautious: false,
    }
}

/// The person's identifier; one is made up for a person who holds a place under a licence without having one.
fn person_id(scenario: &Scenario) -> anyhow::Result<Option<PersonId>> {
    let enrolled = scenario.licences.iter().any(|licence| licence.enrolled == Some(true));
    match &scenario.subject.person_id {
        Some(id) => Ok(Some(PersonId::parse(id)?)),
        None if enrolled => Ok(Some(PersonId::parse("the-subject")?)),
        None => Ok(None),
    }
}

fn attested<T: Copy>(raw: scenario::Attested<T>) -> Attested<T> {
    Attested::new(raw.value, raw.evidence)
}

fn facts(raw: &scenario::Subject, person_id: Option<PersonId>) -> anyhow::Result<PersonFacts> {
    let held = |list: &[scenario::Holding]| list.iter().map(citizenship).collect::<Vec<_>>();
    let employment = raw.employer.as_ref().map_or(Employment::NoEmployer, |firm| {
        Employment::Works(Employer {
            name: firm.name.clone(),
            relation: firm.relation,
            level: firm.evidence,
            ultimate_parent: firm.ultimate_parent_hq,
            ownership: ownership(&firm.owners),
        })
    });
    Ok(PersonFacts {
        kind: raw.kind,
        person_id,
        us_status: raw.us_status.map_or_else(Attested::default, |s| Attested::new(s.value, s.evidence)),
        us_status_expires: raw.us_status.and_then(|status| status.evidence_expires).map(|day| day.0),
        citizenships: held(&raw.citizenships),
        citizenships_complete: raw.citizenships_complete.map(attested).unwrap_or_default(),
        citizenships_current: raw.citizenships_current.map(attested).unwrap_or_default(),
        not_citizenships: raw.not_citizenships.iter().map(not_citizen).collect(),
        stateless: raw.stateless.map(attested).unwrap_or_default(),
        permanent_residences: held(&raw.permanent_residences),
        location: raw.location.and_then(|l| Some(Attested::new(l.country?, l.evidence))),
        employment,
        party_match: raw.party_match,
        all_users_us_persons: raw.users_attested.map(|u| Attested::new(u.all_us_persons, u.evidence)),
        conflicting: raw.conflicting_facts.iter().copied().collect(),
    })
}

fn ownership(owners: &[scenario::Owner]) -> Ownership {
    let sum = |listed: bool| {
        let shares = owners.iter().filter(|owner| owner.listed == listed);
        shares.map(|owner| Share::from_percent(owner.percent)).fold(Share::default(), Share::plus)
    };
    Ownership { listed: sum(true), unlisted: sum(false) }
}

const fn not_citizen(raw: &scenario::NotCitizen) -> NotCitizen {
    NotCitizen { country: raw.country, level: raw.evidence }
}

fn citizenship(raw: &scenario::Holding) -> Citizenship {
    Citizenship {
        country: raw.country,
        from: raw.from.map(|day| day.0),
        registered: raw.from_disputed.then(|| Disputed { on: raw.from_alt.map(|day| day.0) }),
        until: raw.until.map(|day| day.0),
        level: raw.evidence,
        until_level: raw.until_evidence.unwrap_or_default(),
    }
}

fn book(scenario: &Scenario) -> anyhow::Result<Book> {
    let mut book = Book::default();
    // A window that ends before it begins holds no instant: what has one does nothing.
    let empty = |from: Option<Instant>, until: Option<Instant>| {
        from.zip(until).is_some_and(|(from, until)| until <= from)
    };
    for (at, raw) in scenario.directives.iter().enumerate() {
        let id = InstrumentId::parse(&raw.id)?;
        if empty(Some(start(&raw.effective_from)?.earliest()), raw.effective_until) {
            continue;
        }
        for exception in raw.exceptions.iter().filter(|x| !empty(x.from, x.until)) {
            // Ids of exceptions are unique in their directive only.
            let name = InstrumentId::parse(&format!("{}.{at}", exception.id))?;
            book.exceptions.push(self::exception(exception, name, &id));
        }
        book.directives.push(directive(raw, id)?);
    }
    let known: HashSet<String> = book.directives.iter().map(|directive| directive.id.to_string()).collect();
    for (at, raw) in scenario.licences.iter().enumerate().filter(|(_, raw)| !empty(Some(raw.from), raw.until))
    {
        book.licences.push(licence(raw, at, &known, scenario)?);
    }
    Ok(book)
}

fn directive(raw: &scenario::Directive, id: InstrumentId) -> anyhow::Result<Directive> {
    let bill = raw.status.as_deref() == Some("bill");
    let if_export = raw.hosted_inference.as_deref() == Some("if_export");
    Ok(Directive {
        id,
        title: raw.title.clone(),
        form: Form::Rule,
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
        status: if bill { Status::Bill } else { Status::Law },
        issued_at: raw.issued_at,
        effective_from: start(&raw.effective_from)?,
        effective_until: raw.effective_until,
        models: raw.models.clone(),
        capabilities: Vec::new(),
        criterion: Vec::new(),
        activities: raw.activities.clone(),
        end_uses: raw.end_uses.clone(),
        persons: persons(&raw.persons)?,
        destinations: match raw.destinations {
            scenario::Destinations::None => Destinations::None,
            scenario::Destinations::AllOutsideUs => Destinations::AllOutsideUs,
            scenario::Destinations::Unspecified => Destinations::Unspecified,
        },
        remote_access: raw.remote_access.unwrap_or(false),
        hosted_inference: if_export.then_some(HostedInference::IfExport),
        authority: raw.authority.clone(),
        min_evidence: None,
    })
}

fn start(raw: &scenario::Start) -> anyhow::Result<Start> {
    Ok(match raw {
        scenario::Start::At(at) => Start::At(*at),
        scenario::Start::Local { local, zone, options, .. } => {
            let option = |name: &str| {
                options
                    .get(name)
                    .copied()
                    .ok_or_else(|| anyhow::anyhow!("effective_from lacks the option {name}"))
            };
            let options = FoldOptions { first: option("first")?, second: option("second")? };
            Start::Fold(Fold { local: local.clone(), zone: zone.clone(), options })
        }
    })
}

fn persons(raw: &scenario::Persons) -> anyhow::Result<Persons> {
    let hong_kong = match raw.hong_kong.as_deref() {
        None => None,
        Some("open") => Some(HongKong::Open),
        Some(other) => anyhow::bail!("hong_kong: unknown word {other}"),
    };
    let exempt = match raw.exempt.as_deref() {
        None => None,
        Some("citizens_and_protected") => Some(Exempt::CitizensAndProtected),
        Some(other) => anyhow::bail!("exempt: unknown word {other}"),
    };
    Ok(Persons {
        class: match raw.class {
            scenario::Class::Everyone => Class::Everyone,
            scenario::Class::ForeignPerson => Class::ForeignPerson,
            scenario::Class::ForeignNationalUndefined => Class::ForeignNationalUndefined,
            scenario::Class::NationalOf => Class::NationalOf,
            scenario::Class::LocatedIn => Class::LocatedIn,
            scenario::Class::NationalOrLocatedIn => Class::NationalOrLocatedIn,
            scenario::Class::ListedParty => Class::ListedParty,
            scenario::Class::EntityHq => Class::EntityHq,
            scenario::Class::UsPerson7446 => Class::UsPerson7446,
        },
        countries: raw.countries.clone(),
        rule: raw.rule.map(|rule| match rule {
            scenario::NationalityRule::MostRecent => NationalityRule::MostRecent,
            scenario::NationalityRule::AnyHeld => NationalityRule::AnyHeld,
            scenario::NationalityRule::EverHeld => NationalityRule::EverHeld,
            scenario::NationalityRule::Unspecified => NationalityRule::Unspecified,
        }),
        only_foreign_persons: raw.only_foreign_persons,
        exempt,
        hong_kong,
        ownership_percent: raw.ownership_percent.map(Share::from_percent),
        employers: Vec::new(),
    })
}

fn exception(raw: &scenario::Exception, id: InstrumentId, directive: &InstrumentId) -> Exception {
    Exception {
        id,
        title: String::new(),
        directive: directive.clone(),
        source: None,
        from: raw.from,
        until: raw.until,
        when: Condition {
            models: raw.when.models.clone(),
            end_use: raw.when.end_use.clone(),
            employer: raw.when.employer.clone(),
            relation: raw.when.relation.clone(),
            all_nationalities_in: raw.when.all_nationalities_in.clone(),
            located_in: raw.when.located_in.clone(),
            permanent_resident_of: None,
        },
    }
}

fn licence(
    raw: &scenario::Licence,
    at: usize,
    known: &HashSet<String>,
    scenario: &Scenario,
) -> anyhow::Result<Licence> {
    // A case may carry licences for directives it does not carry; they lift nothing.
    let lifts: Result<Vec<InstrumentId>, _> =
        raw.lifts.iter().filter(|id| known.contains(id.as_str())).map(|id| InstrumentId::parse(id)).collect();
    let persons = raw.persons.as_ref().map(|ids| ids.iter().map(|id| PersonId::parse(id)).collect());
    let subject = person_id(scenario)?.filter(|_| raw.enrolled == Some(true));
    Ok(Licence {
        id: InstrumentId::parse(&format!("{}.{at}", raw.id))?,
        status: match raw.status.as_str() {
            "issued" => LicenceStatus::Issued,
            "registered" => LicenceStatus::Registered,
            "revoked" => LicenceStatus::Revoked,
            other => anyhow::bail!("licence status: unknown word {other}"),
        },
        lifts: lifts?.into(),
        models: raw.models.clone(),
        from: raw.from,
        until: raw.until,
        holder: raw.holder.clone(),
        persons: persons.transpose()?,
        holder_employees: raw.holder_employees.unwrap_or(false),
        end_use: raw.end_use.clone(),
        excluded_nationalities: raw.excluded_nationalities.clone(),
        located_in: raw.located_in.clone(),
        // A key that holds a place is covered by the cap, whoever uses it.
        max_persons: raw
            .max_persons
            .filter(|_| scenario.subject.kind == SubjectKind::Person || raw.enrolled != Some(true)),
        persons_used: raw.max_persons.and(Some(raw.persons_used.unwrap_or(0))),
        enrolled: subject.into_iter().collect(),
        conditions: raw.conditions.iter().map(condition).collect::<anyhow::Result<_>>()?,
    })
}

fn condition(raw: &scenario::LicenceCondition) -> anyhow::Result<LicenceCondition> {
    Ok(LicenceCondition {
        id: raw.id.clone(),
        text: String::new(),
        state: match raw.state.as_str() {
            "met" => ConditionState::Met,
            "open" => ConditionState::Open,
            "breached" => ConditionState::Breached,
            other => anyhow::bail!("condition state: unknown word {other}"),
        },
        suspends: raw.suspends,
    })
}
