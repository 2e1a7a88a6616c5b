//! An independent, slow check: for small books and people of whom each fact is proven or unknown, everybody the person
//! may be is tried by plain two-valued rules, and the engine must come to the same outcome. Of place and nationality one
//! runs over every country there is, the other over a pool that the books tell apart.

use crate::support::{HOUR_US, catalogue, country, id, source};
use decide::{Ask, Outcome, Subject, decide, outcome};
use law::{
    Book, Class, Condition, Destinations, Directive, Exception, NationalityRule, Persons, Policy, Regime,
    Start, groups,
};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use terms::{
    Activity, Attested, Choices, Citizenship, ClockReading, Country, CountrySet, Employer, Employment,
    EndUse, Instant, Level, NotCitizen, PersonFacts, Question, Relation, Request, UsStatus,
};

const FIRM: &str = "Harbor Grid Co";

/// One person of whom everything is known.
#[derive(Clone, Copy, Debug)]
struct Whole {
    status: UsStatus,
    place: Country,
    nationalities: [Option<Country>; 2],
    end_use: EndUse,
    works: Option<Relation>,
}

/// The same person with gaps; `None` = unknown.
#[derive(Clone, Copy, Debug)]
struct Gaps {
    status: Option<UsStatus>,
    place: Option<Country>,
    nationalities: Option<[Option<Country>; 2]>,
    /// Where the nationalities are unknown: which they are shown not to be.
    denied: CountrySet,
    /// The one of those that directives name which is left.
    left: Option<Country>,
    end_use: Option<EndUse>,
    works: Option<Option<Relation>>,
}

fn resolve(names: &[String]) -> CountrySet {
    groups::resolve_all(names.iter().map(String::as_str)).unwrap()
}

/// A directive with the sets of countries resolved once.
struct Plain<'a> {
    directive: &'a Directive,
    countries: CountrySet,
    exceptions: Vec<(&'a Condition, Option<CountrySet>, Option<CountrySet>)>,
}

fn plain(book: &Book) -> Vec<Plain<'_>> {
    let of = |directive: &Directive| {
        book.exceptions.iter().filter(|e| e.directive == directive.id).collect::<Vec<_>>()
    };
    let sets = |when: &'_ Condition| {
        (when.all_nationalities_in.as_deref().map(resolve), when.located_in.as_deref().map(resolve))
    };
    let exceptions = |directive: &Directive| {
        let all = of(directive).into_iter().map(|e| (&e.when, sets(&e.when)));
        all.map(|(when, (nationalities, places))| (when, nationalities, places)).collect()
    };
    book.directives
        .iter()
        .map(|directive| Plain {
            directive,
            countries: resolve(&directive.persons.countries),
            exceptions: exceptions(directive),
        })
        .collect()
}

/// Whether any directive refuses, two-valued. `apply` and `contractors` are the two readings.
fn refused(law: &[Plain<'_>], whole: &Whole, apply: bool, contractors: bool) -> bool {
    law.iter().any(|rule| {
        let person = match rule.directive.persons.class {
            Class::Everyone => true,
            Class::ForeignPerson => whole.status == UsStatus::None,
            Class::ForeignNationalUndefined => {
                !matches!(whole.status, UsStatus::Citizen | UsStatus::National)
            }
            Class::NationalOf => national(rule, whole),
            Class::LocatedIn => rule.countries.contains(whole.place.as_place()),
            Class::NationalOrLocatedIn => {
                national(rule, whole) || rule.countries.contains(whole.place.as_place())
            }
            Class::UsPerson7446 => whole.status != UsStatus::None || whole.place.as_place() == country("US"),
            Class::EmployedBy => whole.works.is_some(),
            Class::ListedParty | Class::EntityHq => unreachable!("not drawn here"),
        };
        let limb = match rule.directive.destinations {
            Destinations::None => false,
            Destinations::AllOutsideUs => true,
            Destinations::Unspecified => apply,
        };
        let outside = limb && whole.place.as_place() != country("US");
        (person || outside)
            && !rule.exceptions.iter().any(|exception| excepted(exception, whole, contractors))
    })
}

/// Holds one of the nationalities, and is not spared.
fn national(rule: &Plain<'_>, whole: &Whole) -> bool {
    let spared = rule.directive.persons.only_foreign_persons && whole.status != UsStatus::None;
    !spared && whole.nationalities.iter().flatten().any(|country| rule.countries.contains(*country))
}

/// The condition of an exception, two-valued.
fn excepted(
    (when, all_in, places): &(&Condition, Option<CountrySet>, Option<CountrySet>),
    whole: &Whole,
    contractors: bool,
) -> bool {
    let mut held = whole.nationalities.iter().flatten().peekable();
    let end_use = when.end_use.as_ref().is_none_or(|uses| uses.contains(&whole.end_use));
    let place = places.is_none_or(|set| set.contains(whole.place.as_place()));
    let nationality =
        all_in.is_none_or(|set| held.peek().is_some() && held.all(|country| set.contains(*country)));
    let works = match whole.works {
        Some(Relation::Employee) => true,
        Some(Relation::Contractor) => contractors,
        _ => false,
    };
    end_use && place && nationality && (when.employer.is_none() || works)
}

/// Countries that the sets of the books tell apart, and two that none of them names.
const POOL: [&str; 9] = ["US", "PR", "FR", "KR", "RU", "CN", "HK", "CU", "BR"];

/// Everybody the person with gaps may be; every country is tried as a place, or as a nationality.
fn everybody(gaps: &Gaps, every_place: bool) -> Vec<Whole> {
    let pool = || POOL.map(country).into_iter().chain(gaps.left).collect::<Vec<_>>();
    let every = |all: bool| if all { Country::all().collect() } else { pool() };
    let told_apart = vec![UsStatus::Citizen, UsStatus::LprNaturalisationLapsed, UsStatus::None];
    let statuses = match gaps.status {
        None => told_apart,
        Some(UsStatus::UsPerson) => told_apart.into_iter().filter(|kind| *kind != UsStatus::None).collect(),
        Some(status) => vec![status],
    };
    let places = gaps.place.map_or_else(|| every(every_place), |place| vec![place]);
    let end_uses = gaps.end_use.map_or(EndUse::KNOWN.to_vec(), |end_use| vec![end_use]);
    let works = [Some(Relation::Employee), Some(Relation::Contractor), None];
    let works = gaps.works.map_or(works.to_vec(), |works| vec![works]);
    let may_be = |held: &[Option<Country>; 2]| held.iter().flatten().all(|one| !gaps.denied.contains(*one));
    let unknown = || pairs(&every(!every_place), &pool()).into_iter().filter(may_be).collect();
    let nationalities = gaps.nationalities.map_or_else(unknown, |known| vec![known]);
    let mut everybody = Vec::new();
    for status in &statuses {
        for end_use in &end_uses {
            for works in &works {
                for place in &places {
                    everybody.extend(nationalities.iter().map(|nationalities| Whole {
                        status: *status,
                        place: *place,
                        nationalities: *nationalities,
                        end_use: *end_use,
                        works: *works,
                    }));
                }
            }
        }
    }
    everybody
}

/// No nationality, each one, and each pair of those in the pool.
fn pairs(singles: &[Country], pool: &[Country]) -> Vec<[Option<Country>; 2]> {
    let doubles = pool.iter().flat_map(|one| pool.iter().map(|other| [Some(*one), Some(*other)]));
    singles.iter().map(|country| [Some(*country), None]).chain(doubles).chain([[None, None]]).collect()
}

fn settle(book: &Book, everybody: &[Whole], apply: bool, contractors: bool) -> Outcome {
    let law = plain(book);
    let refusals = everybody.iter().filter(|whole| refused(&law, whole, apply, contractors)).count();
    match refusals {
        0 => Outcome::Permit,
        all if all == everybody.len() => Outcome::Deny,
        _ => Outcome::VerifyFirst,
    }
}

fn names() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(
        select(&["US", "FR", "RU", "CN", "CU", "A:5", "D:5"][..]).prop_map(str::to_owned),
        1..3,
    )
}

/// Classes that look at what varies here.
const DRAWN: [Class; 8] = [
    Class::Everyone,
    Class::ForeignPerson,
    Class::ForeignNationalUndefined,
    Class::NationalOf,
    Class::LocatedIn,
    Class::NationalOrLocatedIn,
    Class::UsPerson7446,
    Class::EmployedBy,
];

fn book() -> impl Strategy<Value = Book> {
    let class = (select(&DRAWN[..]), any::<bool>());
    let limb = select(&[Destinations::None, Destinations::AllOutsideUs, Destinations::Unspecified][..]);
    let directives = prop::collection::vec((class, names(), limb), 1..3);
    let when =
        (option::of(select(&EndUse::KNOWN[..])), option::of(names()), option::of(names()), any::<bool>());
    (directives, prop::collection::vec((0..2usize, when), 0..3)).prop_map(|(directives, exceptions)| {
        let count = directives.len();
        Book {
            directives: directives.into_iter().zip(0..).map(directive).collect(),
            exceptions: exceptions
                .into_iter()
                .zip(0..)
                .map(|(e, number)| exception(e, number, count))
                .collect(),
            ..Book::default()
        }
    })
}

type Drawn = ((Class, bool), Vec<String>, Destinations);

fn directive((((class, only_foreign), names, destinations), number): (Drawn, usize)) -> Directive {
    let nationality = matches!(class, Class::NationalOf | Class::NationalOrLocatedIn);
    let countries = if nationality || class == Class::LocatedIn { names } else { Vec::new() };
    Directive {
        id: id(&format!("d-{number}")),
        title: String::new(),
        form: law::Form::Rule,
        source: source(),
        status: law::Status::Law,
        issued_at: Instant::from_micros(0),
        effective_from: Start::At(Instant::from_micros(0)),
        effective_until: None,
        models: vec!["*".to_owned()],
        capabilities: Vec::new(),
        criterion: Vec::new(),
        activities: None,
        end_uses: None,
        persons: Persons {
            class,
            countries,
            rule: nationality.then_some(NationalityRule::AnyHeld),
            only_foreign_persons: nationality && only_foreign,
            hong_kong: None,
            ownership_percent: None,
            employers: if class == Class::EmployedBy { vec![FIRM.to_owned()] } else { Vec::new() },
            exempt: None,
        },
        destinations,
        remote_access: false,
        hosted_inference: None,
        authority: Vec::new(),
        min_evidence: None,
    }
}

type When = (Option<EndUse>, Option<Vec<String>>, Option<Vec<String>>, bool);

fn exception((directive, when): (usize, When), number: usize, directives: usize) -> Exception {
    let (end_use, all_nationalities_in, located_in, work) = when;
    Exception {
        id: id(&format!("x-{number}")),
        title: String::new(),
        directive: id(&format!("d-{}", directive.min(directives - 1))),
        source: None,
        from: None,
        until: None,
        when: Condition {
            models: None,
            end_use: end_use.map(|end_use| vec![end_use]),
            employer: work.then(|| vec![FIRM.to_owned()]),
            relation: work.then(|| vec![Relation::Employee]),
            all_nationalities_in,
            located_in,
            permanent_resident_of: None,
        },
    }
}

/// What directives name, wholly or but for one country; or nothing.
fn denied() -> impl Strategy<Value = (CountrySet, Option<Country>)> {
    (option::of(names()), option::weighted(0.3, any::<prop::sample::Index>())).prop_map(|(named, left)| {
        let mut denied = named.map(|named| resolve(&named)).unwrap_or_default();
        let countries: Vec<Country> = denied.iter().collect();
        let left = left.filter(|_| !countries.is_empty()).map(|left| *left.get(&countries));
        left.into_iter().for_each(|left| denied.remove(left));
        (denied, left)
    })
}

fn gaps() -> impl Strategy<Value = Gaps> {
    let codes = || select(&["US", "PR", "FR", "RU", "HK", "CU", "BR"][..]).prop_map(country);
    let works = option::of(select(&[Relation::Employee, Relation::Contractor][..]));
    let status = prop_oneof![8 => select(&UsStatus::KNOWN[..]), 2 => Just(UsStatus::UsPerson)];
    (
        option::of(status),
        option::of(codes()),
        option::of([option::of(codes()), option::of(codes())]),
        option::of(select(&EndUse::KNOWN[..])),
        option::of(works),
        denied(),
    )
        .prop_map(|(status, place, nationalities, end_use, works, (denied, left))| Gaps {
            status,
            place,
            nationalities,
            denied: if nationalities.is_none() { denied } else { CountrySet::EMPTY },
            left,
            end_use,
            works,
        })
}

/// The person as the engine sees it: what is known is proven.
fn facts(gaps: &Gaps) -> PersonFacts {
    let proven = Level::Credential;
    let held = gaps.nationalities.iter().flatten().flatten();
    PersonFacts {
        us_status: gaps.status.map_or_else(Attested::default, |status| Attested::new(status, proven)),
        location: gaps.place.map(|place| Attested::new(place, proven)),
        citizenships: held
            .map(|country| Citizenship {
                country: *country,
                from: None,
                registered: None,
                until: None,
                level: proven,
                until_level: Level::None,
            })
            .collect(),
        citizenships_complete: Attested::new(gaps.nationalities.is_some(), proven),
        not_citizenships: gaps.denied.iter().map(|country| NotCitizen { country, level: proven }).collect(),
        employment: match gaps.works {
            None => Employment::Unknown,
            Some(None) => Employment::NoEmployer,
            Some(Some(relation)) => Employment::Works(Employer {
                name: FIRM.to_owned(),
                relation,
                level: proven,
                ..Employer::default()
            }),
        },
        ..PersonFacts::unknown()
    }
}

/// The engine's outcome, which has to be the same on each of its ways.
fn engine(book: &Book, gaps: &Gaps, choices: Choices) -> Outcome {
    // What "foreign national" means is not varied here.
    let choices = choices.with(Question::ForeignNationalMeans, 1);
    let regime = Regime::compile(book, &catalogue(), &Policy { choices, ..Policy::default() }).unwrap();
    let end_use = gaps.end_use.map_or_else(Attested::default, |use_| Attested::new(use_, Level::Credential));
    let request =
        Request { model: 0, activity: Activity::HostedInference, end_use, served_from: Country::US };
    let clock = ClockReading::exact(Instant::from_micros(HOUR_US));
    let subject = Subject::new(&regime, &facts(gaps), clock.at);
    let ask = Ask { regime: &regime, subject: &subject, request, clock };
    let verdict = decide(&ask);
    assert_eq!(outcome(&ask).0, verdict.outcome);
    verdict.outcome
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_agrees_with_trying_everybody(book in book(), gaps in gaps(), every_place in any::<bool>()) {
        let everybody = everybody(&gaps, every_place);
        let mut under_each_reading = Vec::new();
        for (limb, apply) in [(0, true), (1, false)] {
            for (means, contractors) in [(0, false), (1, true)] {
                let choices = Choices::default().with(Question::DestinationLimb, limb).with(Question::EmployeeMeans, means);
                let expected = settle(&book, &everybody, apply, contractors);
                let got = engine(&book, &gaps, choices);
                prop_assert_eq!(got, expected, "apply {}, contractors {}", apply, contractors);
                under_each_reading.push(expected);
            }
        }
        // With no reading recorded: the common outcome where all readings agree, else a question. What "employee"
        // means is asked only of somebody known to be a contractor; of others the relation is what is missing.
        let open = engine(&book, &gaps, Choices::default());
        if gaps.works != Some(Some(Relation::Contractor)) {
            under_each_reading = under_each_reading.into_iter().step_by(2).collect();
        }
        let first = under_each_reading[0];
        let agreed = under_each_reading.iter().all(|outcome| *outcome == first);
        prop_assert_eq!(open, if agreed { first } else { Outcome::Depends });
    }
}
