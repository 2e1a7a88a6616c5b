//! Books, people and requests made up by chance, within what a law file can say.

use decide::{Ask, Outcome, Verdict, decide};
use law::{
    Book, Class, Condition, Destinations, Directive, Exception, Exempt, Form, Licence, LicenceStatus,
    Lifting, Persons, Policy, Regime, Source, Status,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::collections::BTreeSet;
use terms::{
    Activity, Attested, Choices, Citizenship, ClockReading, Country, Employer, Employment, EndUse, FactMask,
    Instant, InstrumentId, Level, MissingFact, ModelId, PersonFacts, PersonId, Question, Relation, Request,
    SubjectKind, UsStatus,
};

const CODES: [&str; 10] = ["US", "PR", "FR", "DE", "KR", "RU", "CN", "HK", "CU", "IR"];
const SETS: [&str; 9] = ["US", "FR", "KR", "RU", "CN", "CU", "A:5", "D:5", "E:1"];
const FIRMS: [&str; 3] = ["Harbor Grid Co", "Lyon Bank SA", "Quiet Lab"];
const PEOPLE: [&str; 3] = ["p-1", "p-2", "p-3"];
pub const MODELS: [&str; 2] = ["fable-5", "mythos-5"];
const HOUR_US: i64 = 3_600_000_000;

/// Everything a verdict is made from.
#[derive(Clone, Debug)]
pub struct Scene {
    pub book: Book,
    pub policy: Policy,
    pub facts: PersonFacts,
    pub request: Request,
    pub clock: ClockReading,
}

impl Scene {
    pub fn regime(&self) -> Regime {
        let models = MODELS.map(|id| ModelId::parse(id).unwrap());
        Regime::compile(&self.book, &models, &self.policy).unwrap()
    }

    pub fn verdict(&self) -> Verdict {
        let regime = self.regime();
        decide(&Ask { regime: &regime, facts: &self.facts, request: self.request, clock: self.clock })
    }

    pub fn permits(&self) -> bool {
        self.verdict().outcome == Outcome::Permit
    }

    /// Ids of the directives that decide.
    pub fn decisive(&self) -> BTreeSet<String> {
        let directives = &self.book.directives;
        self.verdict().decisive.into_iter().map(|position| directives[position].id.to_string()).collect()
    }
}

pub fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

pub fn id(text: &str) -> InstrumentId {
    InstrumentId::parse(text).unwrap()
}

/// An instant within two days, on the hour or just beside it, so that edges are met.
fn instant() -> impl Strategy<Value = Instant> {
    (0..48i64, -2..=2i64).prop_map(|(hour, beside)| Instant::from_micros(hour * HOUR_US + beside))
}

fn window() -> impl Strategy<Value = (Instant, Option<Instant>)> {
    (instant(), option::weighted(0.3, 1..40 * HOUR_US))
        .prop_map(|(from, length)| (from, length.map(|length| from.plus_micros(length))))
}

fn sets() -> impl Strategy<Value = Vec<String>> {
    vec(select(&SETS[..]).prop_map(str::to_owned), 1..3)
}

fn models() -> impl Strategy<Value = Vec<String>> {
    prop_oneof![
        2 => Just(vec!["*".to_owned()]),
        1 => Just(vec![MODELS[0].to_owned()]),
        1 => Just(vec![MODELS[1].to_owned()]),
    ]
}

fn end_uses() -> impl Strategy<Value = Vec<EndUse>> {
    subsequence(EndUse::KNOWN.to_vec(), 1..=2)
}

fn level() -> impl Strategy<Value = Level> {
    select(&Level::ALL[..])
}

fn persons() -> impl Strategy<Value = Persons> {
    let class = select(&[Class::ForeignPerson, Class::LocatedIn, Class::Everyone, Class::ForeignPerson][..]);
    (class, sets(), any::<bool>()).prop_map(|(class, countries, protected)| Persons {
        class,
        countries: if class == Class::LocatedIn { countries } else { Vec::new() },
        exempt: (class == Class::ForeignPerson && protected).then_some(Exempt::CitizensAndProtected),
    })
}

pub fn source() -> Source {
    Source {
        state: Country::US,
        office: "Example office".to_owned(),
        addressees: Vec::new(),
        public_reference: None,
        public_url: None,
        document_sha256: None,
        channel: None,
        received_at: None,
        call_back: None,
    }
}

fn destinations() -> impl Strategy<Value = Destinations> {
    select(&[Destinations::None, Destinations::AllOutsideUs, Destinations::Unspecified][..])
}

pub fn directive() -> impl Strategy<Value = Directive> {
    let scope = (persons(), destinations(), option::weighted(0.2, end_uses()), models());
    let rest = (
        window(),
        option::weighted(0.3, level()),
        prop::bool::weighted(0.1),
        option::weighted(0.2, 0..3usize),
    );
    (scope, rest).prop_map(
        |((persons, destinations, end_uses, models), (window, min_evidence, bill, activity))| {
            let all = [Activity::HostedInference, Activity::WeightsDownload, Activity::SourceCode];
            Directive {
                id: id("replaced"),
                title: String::new(),
                form: Form::Rule,
                source: source(),
                status: if bill { Status::Bill } else { Status::Law },
                issued_at: Instant::from_micros(0),
                effective_from: window.0,
                effective_until: window.1,
                models,
                activities: activity
                    .map(|left_out| all.into_iter().filter(|a| *a as usize != left_out).collect()),
                end_uses,
                persons,
                destinations,
                authority: Vec::new(),
                min_evidence,
            }
        },
    )
}

fn condition() -> impl Strategy<Value = Condition> {
    let firms = subsequence(FIRMS.map(str::to_owned).to_vec(), 1..=2);
    let relation =
        select(&[Relation::Employee, Relation::Contractor][..]).prop_map(|relation| vec![relation]);
    let work = option::of((firms, option::weighted(0.7, relation)));
    (
        option::weighted(0.2, models()),
        option::weighted(0.2, end_uses()),
        work,
        option::weighted(0.4, sets()),
        option::weighted(0.3, sets()),
    )
        .prop_map(|(models, end_use, work, all_nationalities_in, located_in)| {
            let (employer, relation) = work.map_or((None, None), |(firms, relation)| (Some(firms), relation));
            Condition { models, end_use, employer, relation, all_nationalities_in, located_in }
        })
}

/// An exception of the directive with that number.
fn exception(directives: usize) -> impl Strategy<Value = Exception> {
    (0..directives, option::weighted(0.3, window()), condition()).prop_map(|(directive, window, when)| {
        Exception {
            id: id("replaced"),
            title: String::new(),
            directive: id(&format!("d-{directive}")),
            source: None,
            from: window.map(|window| window.0),
            until: window.and_then(|window| window.1),
            when,
        }
    })
}

fn licence(directives: usize) -> impl Strategy<Value = Licence> {
    let whom = (option::of(subsequence(PEOPLE.to_vec(), 0..=2)), any::<bool>(), select(&FIRMS[..]));
    let terms =
        (option::weighted(0.2, end_uses()), option::weighted(0.4, sets()), option::weighted(0.3, sets()));
    let status = select(&[LicenceStatus::Issued, LicenceStatus::Issued, LicenceStatus::Registered][..]);
    let lifts = subsequence((0..directives).collect::<Vec<_>>(), 0..=directives);
    (whom, terms, status, lifts, models(), window()).prop_map(
        |(whom, terms, status, lifts, models, window)| Licence {
            id: id("replaced"),
            status,
            lifts: lifts.into_iter().map(|directive| id(&format!("d-{directive}"))).collect(),
            models,
            from: window.0,
            until: window.1,
            holder: whom.2.to_owned(),
            persons: whom.0.map(|ids| ids.into_iter().map(|id| PersonId::parse(id).unwrap()).collect()),
            holder_employees: whom.1,
            end_use: terms.0,
            excluded_nationalities: terms.1,
            located_in: terms.2,
        },
    )
}

pub fn book() -> impl Strategy<Value = Book> {
    (1..4usize).prop_flat_map(|count| {
        let reliefs = (vec(exception(count), 0..4), vec(licence(count), 0..3));
        let lifting = option::weighted(0.3, (0..count, instant()));
        (vec(directive(), count), reliefs, lifting).prop_map(
            |(directives, (exceptions, licences), lifting)| {
                let liftings = lifting.map(|(directive, at)| Lifting {
                    id: id("l-0"),
                    title: String::new(),
                    directives: vec![id(&format!("d-{directive}"))],
                    at,
                    source: None,
                });
                numbered(Book { directives, exceptions, liftings: liftings.into_iter().collect(), licences })
            },
        )
    })
}

/// Gives every instrument an id of its own.
fn numbered(mut book: Book) -> Book {
    book.directives.iter_mut().zip(0..).for_each(|(d, n)| d.id = id(&format!("d-{n}")));
    book.exceptions.iter_mut().zip(0..).for_each(|(e, n)| e.id = id(&format!("x-{n}")));
    book.licences.iter_mut().zip(0..).for_each(|(l, n)| l.id = id(&format!("lic-{n}")));
    book
}

pub fn policy() -> impl Strategy<Value = Policy> {
    let reading = || option::of(0..2u8);
    // A threshold below the person's own word would take statements that nothing supports.
    let required = select(&[Level::SelfDeclared, Level::Employer, Level::Document, Level::Credential][..]);
    (required, level(), reading(), reading()).prop_map(
        |(min_evidence, min_location_evidence, limb, means)| {
            let mut choices = Choices::default();
            for (question, choice) in [(Question::DestinationLimb, limb), (Question::EmployeeMeans, means)] {
                choices = choice.map_or(choices, |choice| choices.with(question, choice));
            }
            Policy { min_evidence, min_location_evidence, choices }
        },
    )
}

fn citizenship() -> impl Strategy<Value = Citizenship> {
    let dates = (option::of(instant()), option::weighted(0.4, instant()));
    (select(&CODES[..]), dates, level(), level()).prop_map(|(code, (from, until), level, until_level)| {
        Citizenship { country: country(code), from, until, level, until_level }
    })
}

fn employment() -> impl Strategy<Value = Employment> {
    let relation = select(&[Relation::Employee, Relation::Contractor, Relation::Unknown][..]);
    let firm = select(&["HARBOR grid  co", "Lyon Bank SA", "Elsewhere Ltd"][..]);
    prop_oneof![
        1 => Just(Employment::Unknown),
        1 => Just(Employment::NoEmployer),
        4 => (firm, relation, level()).prop_map(|(name, relation, level)| {
            Employment::Works(Employer { name: name.to_owned(), relation, level })
        }),
    ]
}

pub fn facts() -> impl Strategy<Value = PersonFacts> {
    let kind =
        select(&[SubjectKind::Person, SubjectKind::Person, SubjectKind::SharedKey, SubjectKind::Service][..]);
    let status = select(&UsStatus::KNOWN[..]);
    let person = (kind, option::of(select(&PEOPLE[..])), status, level(), option::weighted(0.3, instant()));
    let nationality = (vec(citizenship(), 0..3), any::<bool>(), level());
    let rest = (
        option::of((select(&CODES[..]), level())),
        employment(),
        option::of((any::<bool>(), level())),
        option::weighted(0.2, select(&MissingFact::ALL[..])),
    );
    (person, nationality, rest).prop_map(|((kind, id, status, level, expires), nationality, rest)| {
        PersonFacts {
            kind,
            person_id: id.map(|id| PersonId::parse(id).unwrap()),
            us_status: Attested::new(status, level),
            us_status_expires: expires,
            citizenships: nationality.0,
            citizenships_complete: Attested::new(nationality.1, nationality.2),
            permanent_residences: Vec::new(),
            location: rest.0.map(|(code, level)| Attested::new(country(code), level)),
            employment: rest.1,
            all_users_us_persons: rest.2.map(|(all, level)| Attested::new(all, level)),
            conflicting: rest.3.into_iter().collect::<FactMask>(),
        }
    })
}

pub fn scene() -> impl Strategy<Value = Scene> {
    let uses = [EndUse::Civil, EndUse::DefensiveCyber, EndUse::MilitaryIntelligence, EndUse::Unknown];
    let activities = [Activity::HostedInference, Activity::WeightsDownload];
    let request = (0..MODELS.len(), select(activities.to_vec()), select(uses.to_vec()));
    let clock = (instant().prop_map(|at| at.plus_micros(12 * HOUR_US)), select(&[0, 1, 2, HOUR_US][..]));
    (book(), policy(), facts(), request, clock).prop_map(
        |(book, policy, facts, request, (at, uncertainty_us))| Scene {
            book,
            policy,
            facts,
            request: Request {
                model: request.0,
                activity: request.1,
                end_use: request.2,
                served_from: Country::US,
            },
            clock: ClockReading { at, uncertainty_us },
        },
    )
}
