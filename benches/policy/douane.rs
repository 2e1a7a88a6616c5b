//! Douane as one more engine of the harness: the same world, written as instruments and facts.
//!
//! What the workload says and how it is written here:
//!
//! - nationality lists: `national_of`, any held; US persons exempt: `only_foreign_persons`;
//! - places: `located_in`; seats: `entity_hq`; employers: `employed_by`. Only the nationality limb can spare US persons,
//!   so here that is an exception for a residence that marks them;
//! - exempt residents: an exception `permanent_resident_of`;
//! - evidence 1, 2, 3: levels self, employer, document; demanded 0, 1, 2: none, self, employer. The workload takes facts
//!   at their face and demands evidence apart. Where a level demanded cannot be said of the directive itself (a place has
//!   one level per operator), or would also be demanded of the residence that spares somebody, a second directive demands it:
//!   one about a firm nobody works for, which asks for that level and reaches nobody;
//! - licences to employers: the holder's employees; those whose employer is only their own word are named.

use crate::gen::{Grantee, Query, Rng, World, COUNTRIES, MODELS, QUERIES, SUBJECTS, T0, YEAR};
use crate::{cpu, median};
use decide::{Ask, Found, Subject};
use law::{
    Book, Class, Condition, Destinations, Directive, Exception, Form, HongKong, Licence, LicenceStatus,
    ListedModel, NationalityRule, Persons, Policy, Regime, Shelf, Source, Start, Status,
};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::hint::black_box;
use std::sync::Arc;
use terms::{
    Activity, Attested, Choices, Citizenship, ClockReading, Country, Employer, Employment, EndUse, Instant,
    InstrumentId, Level, ModelId, Ownership, PartyMatch, PersonFacts, PersonId, Question, Relation, Request,
    UsStatus,
};

/// The world as Douane has it: instruments on file, and the facts of each subject.
pub struct Given {
    pub book: Book,
    pub models: Vec<ListedModel>,
    pub policy: Policy,
    pub facts: Vec<PersonFacts>,
    /// The workload's number of each directive, by position.
    numbers: Vec<u32>,
}

/// Ready to decide.
pub struct Douane {
    pub regime: Regime,
    pub subjects: Vec<Subject>,
    requests: Vec<Request>,
    clocks: Vec<ClockReading>,
    who: Vec<u32>,
    numbers: Vec<u32>,
    /// As a thread that decides keeps it.
    found: RefCell<Found>,
}

/// Which codes stand for which of the workload's countries.
struct Codes {
    nation: Vec<Country>,
    place: Vec<Country>,
    residence: Vec<Option<Country>>,
    us_person: Country,
}

impl Codes {
    fn of(w: &World) -> Self {
        let mut nation: Vec<Country> = Country::all().collect();
        assert_eq!(nation.len(), COUNTRIES);
        let us = nation.iter().position(|country| *country == Country::US).unwrap();
        nation.swap(0, us);
        // Territories are the United States as a place; whatever no list names may be there too.
        let listed: BTreeSet<u16> = w.directives.iter().flat_map(|d| d.locs.iter().copied()).collect();
        let mut free =
            Country::all().filter(|country| country.as_place() == *country && *country != Country::US);
        let place = (0..COUNTRIES as u16)
            .map(|c| if listed.contains(&c) { free.next().unwrap() } else { Country::US })
            .collect();
        // In an exception, China includes Hong Kong: neither is used for residences.
        let named: BTreeSet<u16> = w.directives.iter().flat_map(|d| d.exempt_res.iter().copied()).collect();
        let mut free = Country::all().filter(|country| ![Country::CN, Country::HK].contains(country));
        let residence =
            (0..COUNTRIES as u16).map(|c| named.contains(&c).then(|| free.next().unwrap())).collect();
        Self { nation, place, residence, us_person: free.next().unwrap() }
    }
}

fn id(text: String) -> InstrumentId {
    InstrumentId::parse(&text).unwrap()
}

fn at(seconds: i64) -> Instant {
    Instant::from_micros(seconds * 1_000_000)
}

fn firm(number: u32) -> String {
    format!("Firm {number}")
}

fn person(number: u32) -> PersonId {
    PersonId::parse(&format!("s-{number}")).unwrap()
}

fn level(evidence: u8) -> Level {
    [Level::None, Level::SelfDeclared, Level::Employer, Level::Document][evidence as usize]
}

fn names(countries: impl Iterator<Item = Country>) -> Vec<String> {
    countries.map(|country| country.code().to_owned()).collect()
}

fn source() -> Source {
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

fn persons(d: &crate::gen::Directive, codes: &Codes) -> Persons {
    let (class, countries) = if !d.nats.is_empty() {
        (Class::NationalOf, names(d.nats.iter().map(|&c| codes.nation[c as usize])))
    } else if !d.locs.is_empty() {
        (Class::LocatedIn, names(d.locs.iter().map(|&c| codes.place[c as usize])))
    } else if !d.emps.is_empty() {
        (Class::EmployedBy, Vec::new())
    } else {
        (Class::EntityHq, names(d.hqs.iter().map(|&c| codes.nation[c as usize])))
    };
    let nationality = class == Class::NationalOf;
    Persons {
        class,
        countries,
        rule: nationality.then_some(NationalityRule::AnyHeld),
        only_foreign_persons: nationality && d.exempt_us,
        // The workload's countries are separate: the choice below says that China is without Hong Kong.
        hong_kong: (class != Class::EmployedBy).then_some(HongKong::Open),
        ownership_percent: None,
        employers: d.emps.iter().map(|&e| firm(e)).collect(),
        exempt: None,
    }
}

fn directive(id: InstrumentId, d: &crate::gen::Directive, persons: Persons, evidence: u8) -> Directive {
    Directive {
        id,
        title: String::new(),
        form: Form::Rule,
        source: source(),
        status: Status::Law,
        issued_at: at(T0),
        effective_from: Start::At(at(d.from)),
        effective_until: Some(at(d.to)),
        models: d.models.iter().map(|m| format!("m-{m}")).collect(),
        capabilities: Vec::new(),
        criterion: Vec::new(),
        activities: None,
        end_uses: None,
        persons,
        destinations: Destinations::None,
        remote_access: false,
        hosted_inference: None,
        authority: Vec::new(),
        min_evidence: Some([Level::None, Level::SelfDeclared, Level::Employer][evidence as usize]),
    }
}

/// Nobody works there: it reaches nobody, and asks for the employer at the level demanded.
fn staff_of_no_firm() -> Persons {
    Persons {
        class: Class::EmployedBy,
        countries: Vec::new(),
        rule: None,
        only_foreign_persons: false,
        hong_kong: None,
        ownership_percent: None,
        employers: vec!["Nobody".to_owned()],
        exempt: None,
    }
}

fn spared(d: &crate::gen::Directive, codes: &Codes) -> Vec<String> {
    let marked = (d.exempt_us && d.nats.is_empty()).then_some(codes.us_person);
    names(d.exempt_res.iter().filter_map(|&c| codes.residence[c as usize]).chain(marked))
}

impl Given {
    pub fn of(w: &World) -> Self {
        let codes = Codes::of(w);
        let mut book = Book::default();
        let mut numbers = Vec::new();
        let mut liftable: Vec<Vec<InstrumentId>> = vec![Vec::new(); MODELS];
        for (number, d) in (0u32..).zip(&w.directives) {
            let mut add = |name: String, persons: Persons, evidence: u8| {
                let id = id(name);
                if d.licensable {
                    d.models.iter().for_each(|&m| liftable[m as usize].push(id.clone()));
                }
                numbers.push(number);
                book.directives.push(directive(id, d, persons, evidence));
            };
            let residents = spared(d, &codes);
            let apart = d.min_ev == 2 && !(d.locs.is_empty() && residents.is_empty());
            add(format!("d-{number}"), persons(d, &codes), if apart { 0 } else { d.min_ev });
            if apart {
                add(format!("d-{number}-evidence"), staff_of_no_firm(), d.min_ev);
            }
            if !residents.is_empty() {
                book.exceptions.push(Exception {
                    id: id(format!("x-{number}")),
                    title: String::new(),
                    directive: id(format!("d-{number}")),
                    source: None,
                    from: None,
                    until: None,
                    when: Condition { permanent_resident_of: Some(residents), ..Condition::default() },
                });
            }
        }
        book.licences = licences(w, liftable);
        let models = (0..MODELS).map(|m| ModelId::parse(&format!("m-{m}")).unwrap().into()).collect();
        let policy = Policy {
            min_evidence: Level::None,
            min_location_evidence: Level::None,
            choices: Choices::default().with(Question::HongKongIsCn, 1),
            operator: None,
        };
        Self { book, models, policy, facts: facts(w, &codes), numbers }
    }

    pub fn regime(&self) -> Regime {
        Regime::compile(&self.book, &self.models, &self.policy).unwrap()
    }
}

fn licences(w: &World, liftable: Vec<Vec<InstrumentId>>) -> Vec<Licence> {
    let mut unproven: HashMap<u32, Vec<PersonId>> = HashMap::new();
    for (number, s) in (0u32..).zip(&w.subjects).filter(|(_, s)| s.ev == 1) {
        unproven.entry(s.emp).or_default().push(person(number));
    }
    let liftable: Vec<Arc<[InstrumentId]>> = liftable.into_iter().map(Arc::from).collect();
    let licence = |(number, l): (usize, &crate::gen::Licence)| {
        let (holder, persons, holder_employees) = match l.who {
            Grantee::Subject(s) => ("Example holder".to_owned(), Some(vec![person(s)]), false),
            Grantee::Employer(e) => (firm(e), unproven.get(&e).cloned(), true),
        };
        Licence {
            id: id(format!("l-{number}")),
            status: LicenceStatus::Issued,
            lifts: Arc::clone(&liftable[l.model as usize]),
            models: vec![format!("m-{}", l.model)],
            from: at(l.from),
            until: Some(at(l.to)),
            holder,
            persons,
            holder_employees,
            end_use: None,
            excluded_nationalities: None,
            located_in: None,
            max_persons: None,
            persons_used: None,
            enrolled: Vec::new(),
            conditions: Vec::new(),
        }
    };
    w.licences.iter().enumerate().map(licence).collect()
}

fn held(country: Country, level: Level) -> Citizenship {
    Citizenship { country, from: None, registered: None, until: None, level, until_level: Level::None }
}

fn facts(w: &World, codes: &Codes) -> Vec<PersonFacts> {
    let facts_of = |(number, s): (u32, &crate::gen::Subject)| {
        let shown = level(s.ev);
        let status = match (s.us, s.nats.contains(&0)) {
            (true, true) => UsStatus::Citizen,
            (true, false) => UsStatus::Lpr,
            (false, _) => UsStatus::None,
        };
        let residences = s.res.iter().filter_map(|&c| codes.residence[c as usize]);
        PersonFacts {
            person_id: Some(person(number)),
            us_status: Attested::new(status, shown),
            citizenships: s.nats.iter().map(|&c| held(codes.nation[c as usize], shown)).collect(),
            citizenships_complete: Attested::new(true, shown),
            permanent_residences: residences
                .chain(s.us.then_some(codes.us_person))
                .map(|country| held(country, shown))
                .collect(),
            location: Some(Attested::new(codes.place[s.loc as usize], shown)),
            employment: Employment::Works(Employer {
                name: firm(s.emp),
                relation: Relation::Employee,
                level: shown,
                ultimate_parent: Some(codes.nation[s.hq as usize]),
                ownership: Ownership::default(),
            }),
            party_match: PartyMatch::None,
            ..PersonFacts::unknown()
        }
    };
    (0u32..).zip(&w.subjects).map(facts_of).collect()
}

fn request(model: u16) -> Request {
    Request {
        model: model as usize,
        activity: Activity::HostedInference,
        end_use: Attested::new(EndUse::Civil, Level::SelfDeclared),
        served_from: Country::US,
    }
}

fn translate(outcome: decide::Outcome) -> crate::gen::Outcome {
    match outcome {
        decide::Outcome::Permit => crate::gen::Outcome::Permit,
        decide::Outcome::VerifyFirst => crate::gen::Outcome::Verify,
        decide::Outcome::Deny => crate::gen::Outcome::Deny,
        decide::Outcome::Depends => unreachable!("no reading is open"),
    }
}

impl Douane {
    pub fn new(regime: Regime, given: &Given, queries: &[Query]) -> Self {
        let ready = |facts| Subject::new(&regime, facts, at(T0));
        Self {
            subjects: given.facts.iter().map(ready).collect(),
            requests: queries.iter().map(|q| request(q.model)).collect(),
            clocks: queries.iter().map(|q| ClockReading::exact(at(q.now))).collect(),
            who: queries.iter().map(|q| q.subject).collect(),
            numbers: given.numbers.clone(),
            found: RefCell::default(),
            regime,
        }
    }

    fn ask(&self, i: usize) -> Ask<'_> {
        Ask {
            regime: &self.regime,
            subject: &self.subjects[self.who[i] as usize],
            request: self.requests[i],
            clock: self.clocks[i],
        }
    }

    /// Outcome with the deciding directives.
    pub fn outcome(&self, i: usize) -> crate::gen::Outcome {
        let mut found = self.found.borrow_mut();
        let outcome = found.outcome(&self.ask(i));
        black_box(found.deciding());
        translate(outcome)
    }

    /// The whole verdict: also which facts are missing, each tried in every possible world.
    pub fn verdict(&self, i: usize) -> crate::gen::Outcome {
        translate(black_box(decide::decide(&self.ask(i))).outcome)
    }

    /// The workload's numbers of the deciding directives.
    pub fn reasons(&self, i: usize) -> Vec<u32> {
        let verdict = decide::decide(&self.ask(i));
        verdict.decisive(&self.regime).map(|position| self.numbers[position]).collect()
    }
}

/// What the harness measures of the hand-written engine besides, for this one.
pub fn extras(w: &World, given: &Given, douane: &Douane, rounds: usize) {
    rebuild(given, rounds);
    unknowns(w, given, douane, rounds);
    population(w, given, douane);
}

fn rebuild(given: &Given, rounds: usize) {
    let t = cpu();
    let mut shelf = Shelf::of(&given.book).unwrap();
    let shelved = cpu() - t;
    let times: Vec<f64> = (0..rounds)
        .map(|_| {
            let t = cpu();
            black_box(Regime::from_shelf(&mut shelf, &given.models, &given.policy).unwrap());
            cpu() - t
        })
        .collect();
    println!(
        "douane: instruments to shelf {:.2} ms; regime from shelf {:.2} ms",
        shelved * 1e3,
        median(&times) * 1e3
    );
}

fn unknowns(w: &World, given: &Given, douane: &Douane, rounds: usize) {
    let mut r = Rng(5);
    let subjects: Vec<Subject> = given
        .facts
        .iter()
        .map(|facts| {
            let mut facts = facts.clone();
            if r.chance(0.5) {
                let unknown = 1 << r.below(4) | if r.chance(0.3) { 1 } else { 0 };
                withhold(&mut facts, unknown);
            }
            Subject::new(&douane.regime, &facts, at(T0))
        })
        .collect();
    let ask = |i: usize, q: &Query| Ask { subject: &subjects[q.subject as usize], ..douane.ask(i) };
    let (mut found, mut times) = (Found::default(), vec![]);
    for _ in 0..rounds {
        let t = cpu();
        for _ in 0..10 {
            for (i, q) in w.queries.iter().enumerate() {
                black_box(found.outcome(&ask(i, q)));
            }
        }
        times.push((cpu() - t) / (10 * QUERIES) as f64 * 1e9);
    }
    let mut mix = [0usize; 3];
    for (i, q) in w.queries.iter().enumerate() {
        mix[translate(found.outcome(&ask(i, q))) as usize] += 1;
    }
    println!(
        "douane with unknowns: {:.1} ns (permit/verify/deny {}/{}/{})",
        median(&times),
        mix[0],
        mix[1],
        mix[2]
    );
}

fn withhold(facts: &mut PersonFacts, unknown: u8) {
    if unknown & 1 != 0 {
        facts.citizenships.clear();
        facts.citizenships_complete = Attested::default();
    }
    if unknown & 2 != 0 {
        facts.location = None;
    }
    if unknown & 4 != 0 {
        facts.employment = Employment::Unknown;
    }
    if let Employment::Works(employer) = &mut facts.employment {
        employer.ultimate_parent = employer.ultimate_parent.filter(|_| unknown & 8 == 0);
    }
}

fn population(w: &World, given: &Given, douane: &Douane) {
    let mut other = World {
        directives: w.directives.clone(),
        licences: w.licences.clone(),
        subjects: w.subjects.clone(),
        queries: vec![],
    };
    let last = other.directives.len() - 1;
    other.directives[last].nats = vec![1, 2, 3];
    other.directives[last].from = T0;
    other.directives[last].to = T0 + YEAR;
    let changed_law = Given::of(&other);
    let t = cpu();
    let after = Regime::compile(&changed_law.book, &given.models, &given.policy).unwrap();
    let compiled = cpu() - t;
    let t = cpu();
    let subjects: Vec<Subject> =
        changed_law.facts.iter().map(|facts| Subject::new(&after, facts, at(T0))).collect();
    let readied = cpu() - t;
    let clock = ClockReading::exact(at(T0 + 165 * 86_400));
    let t = cpu();
    let (mut found, mut changed) = (Found::default(), 0);
    for (one, other) in douane.subjects.iter().zip(&subjects) {
        for model in 0..MODELS as u16 {
            let request = request(model);
            let before = found.outcome(&Ask { regime: &douane.regime, subject: one, request, clock });
            let then = found.outcome(&Ask { regime: &after, subject: other, request, clock });
            changed += (before != then) as usize;
        }
    }
    let spent = cpu() - t;
    let pairs = SUBJECTS * MODELS;
    println!(
        "douane policy-set diff: compile {:.2} ms, {} subjects made ready {:.2} ms; {pairs} pairs under both sets in {:.1} ms ({:.1} ns a decision), {changed} change",
        compiled * 1e3, SUBJECTS, readied * 1e3, spent * 1e3, spent * 1e9 / (2 * pairs) as f64
    );
}
