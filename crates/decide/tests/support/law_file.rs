//! Directives of every class, and everything that takes people out of them.

use super::{FIRMS, HOUR_US, MODELS, OPERATOR, PEOPLE, SETS, id, instant, level, source};
use law::{
    Adoption, Book, Class, Condition, ConditionState, Destinations, Directive, Exception, Exempt, Fold,
    FoldOptions, Form, HongKong, HostedInference, Licence, LicenceCondition, LicenceStatus, Lifting,
    NationalityRule, Persons, Start, Status, Stay,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use terms::{Activity, Capability, EndUse, Instant, PersonId, Relation, Share};

pub const CLASSES: [Class; 10] = [
    Class::Everyone,
    Class::ForeignPerson,
    Class::ForeignNationalUndefined,
    Class::NationalOf,
    Class::LocatedIn,
    Class::NationalOrLocatedIn,
    Class::ListedParty,
    Class::EntityHq,
    Class::UsPerson7446,
    Class::EmployedBy,
];

const RULES: [NationalityRule; 4] = [
    NationalityRule::MostRecent,
    NationalityRule::AnyHeld,
    NationalityRule::EverHeld,
    NationalityRule::Unspecified,
];

/// Most windows are open in the middle of the two days.
fn window() -> impl Strategy<Value = (Instant, Option<Instant>)> {
    let early = (0..20i64).prop_map(|hour| Instant::from_micros(hour * HOUR_US));
    (prop_oneof![1 => instant(), 1 => early], option::weighted(0.3, 1..40 * HOUR_US))
        .prop_map(|(from, length)| (from, length.map(|length| from.plus_micros(length))))
}

fn sets() -> impl Strategy<Value = Vec<String>> {
    vec(select(&SETS[..]).prop_map(str::to_owned), 1..3)
}

fn firms() -> impl Strategy<Value = Vec<String>> {
    subsequence(FIRMS.map(str::to_owned).to_vec(), 1..=2)
}

fn people() -> impl Strategy<Value = Vec<PersonId>> {
    subsequence(PEOPLE.to_vec(), 0..=2)
        .prop_map(|ids| ids.into_iter().map(|id| PersonId::parse(id).unwrap()).collect())
}

fn models() -> impl Strategy<Value = Vec<String>> {
    prop_oneof![
        2 => Just(vec!["*".to_owned()]),
        1 => Just(vec![MODELS[0].to_owned()]),
        1 => Just(vec![MODELS[1].to_owned()]),
    ]
}

fn end_uses() -> impl Strategy<Value = Vec<EndUse>> {
    subsequence(EndUse::KNOWN.to_vec(), 1..=3)
}

pub fn persons() -> impl Strategy<Value = Persons> {
    let limbs = (any::<bool>(), prop::bool::weighted(0.3), option::of(select(vec![20.0, 50.0, 100.0])));
    (select(&CLASSES[..]), sets(), firms(), option::of(select(&RULES[..])), limbs).prop_map(
        |(class, countries, employers, rule, (flag, open, percent))| {
            let nationality = matches!(class, Class::NationalOf | Class::NationalOrLocatedIn);
            let geographic = nationality || matches!(class, Class::LocatedIn | Class::EntityHq);
            Persons {
                class,
                countries: if geographic { countries } else { Vec::new() },
                rule: rule.filter(|_| nationality),
                only_foreign_persons: nationality && flag,
                hong_kong: (geographic && open).then_some(HongKong::Open),
                ownership_percent: percent.filter(|_| class == Class::ListedParty).map(Share::from_percent),
                employers: if class == Class::EmployedBy { employers } else { Vec::new() },
                exempt: (class == Class::ForeignPerson && flag).then_some(Exempt::CitizensAndProtected),
            }
        },
    )
}

fn destinations() -> impl Strategy<Value = Destinations> {
    prop_oneof![
        3 => Just(Destinations::None),
        1 => Just(Destinations::AllOutsideUs),
        1 => Just(Destinations::Unspecified),
    ]
}

/// The hour itself, or a local time that the end of summer time makes ambiguous.
fn start((from, fold): (Instant, Option<bool>)) -> Start {
    let later = from.plus_micros(HOUR_US);
    match fold {
        None => Start::At(from),
        Some(turned) => {
            let (first, second) = if turned { (later, from) } else { (from, later) };
            Start::Fold(Fold {
                local: "2026-11-01T01:30:00".to_owned(),
                zone: "America/New_York".to_owned(),
                options: FoldOptions { first, second },
            })
        }
    }
}

fn reach() -> impl Strategy<Value = (Vec<String>, Vec<Capability>)> {
    let able = |text| vec![Capability::parse(text).unwrap()];
    prop_oneof![
        4 => models().prop_map(|models| (models, Vec::new())),
        1 => select(vec!["cyber:skilled", "cyber:expert", "bio:expert"])
            .prop_map(move |text| (Vec::new(), able(text))),
    ]
}

pub fn directive() -> impl Strategy<Value = Directive> {
    let scope = (persons(), destinations(), option::weighted(0.2, end_uses()), reach());
    let rest = (
        window(),
        option::weighted(0.3, level()),
        prop::bool::weighted(0.1),
        option::weighted(0.2, 0..3usize),
        option::weighted(0.15, any::<bool>()),
        prop::bool::weighted(0.15),
        prop::bool::weighted(0.15),
        option::weighted(0.3, select(&[OPERATOR, "Somebody Else"][..])),
    );
    (scope, rest).prop_map(|((persons, destinations, end_uses, (models, capabilities)), rest)| {
        let (window, min_evidence, bill, left_out, fold, remote_access, if_export, addressee) = rest;
        let all = [Activity::HostedInference, Activity::WeightsDownload, Activity::SourceCode];
        let mut source = source();
        source.addressees.extend(addressee.map(str::to_owned));
        Directive {
            id: id("replaced"),
            title: String::new(),
            form: Form::Rule,
            source,
            status: if bill { Status::Bill } else { Status::Law },
            issued_at: Instant::from_micros(0),
            effective_from: start((window.0, fold)),
            effective_until: window.1,
            models,
            capabilities,
            criterion: Vec::new(),
            activities: left_out
                .map(|left_out| all.into_iter().filter(|kind| *kind as usize != left_out).collect()),
            end_uses,
            persons,
            destinations,
            remote_access,
            hosted_inference: if_export.then_some(HostedInference::IfExport),
            authority: Vec::new(),
            min_evidence,
        }
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let relation = subsequence(vec![Relation::Employee, Relation::Contractor], 1..=2);
    (
        option::weighted(0.2, models()),
        option::weighted(0.2, end_uses()),
        option::weighted(0.4, firms()),
        option::weighted(0.3, relation),
        option::weighted(0.3, sets()),
        option::weighted(0.3, sets()),
        option::weighted(0.2, sets()),
    )
        .prop_map(|(models, end_use, employer, relation, nationalities, places, residents)| Condition {
            models,
            end_use,
            employer,
            relation,
            all_nationalities_in: nationalities,
            located_in: places,
            permanent_resident_of: residents,
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

fn stay(directives: usize) -> impl Strategy<Value = Stay> {
    let named = (option::weighted(0.4, firms()), option::weighted(0.4, people()));
    (some_of(directives), window(), named, option::weighted(0.3, condition())).prop_map(
        |(directives, window, (parties, persons), when)| Stay {
            id: id("replaced"),
            title: String::new(),
            directives,
            source: source(),
            from: window.0,
            until: window.1,
            parties,
            persons,
            when: when.unwrap_or_default(),
        },
    )
}

fn some_of(directives: usize) -> impl Strategy<Value = Vec<terms::InstrumentId>> {
    subsequence((0..directives).collect::<Vec<_>>(), 0..=directives)
        .prop_map(|numbers| numbers.into_iter().map(|number| id(&format!("d-{number}"))).collect())
}

fn licence_condition() -> impl Strategy<Value = LicenceCondition> {
    let states = vec![ConditionState::Met, ConditionState::Open, ConditionState::Breached];
    (select(states), any::<bool>()).prop_map(|(state, suspends)| LicenceCondition {
        id: "c-1".to_owned(),
        text: String::new(),
        state,
        suspends,
    })
}

/// A licence that may lift directives of these numbers.
pub fn licence(directives: usize) -> impl Strategy<Value = Licence> {
    let whom = (option::of(people()), any::<bool>(), select(&FIRMS[..]));
    let terms =
        (option::weighted(0.2, end_uses()), option::weighted(0.3, sets()), option::weighted(0.3, sets()));
    let issued = LicenceStatus::Issued;
    let status = select(vec![issued, issued, issued, LicenceStatus::Registered, LicenceStatus::Revoked]);
    let places = (option::weighted(0.3, 0..3u32), option::of(0..3u32), people());
    let conditions = option::weighted(0.2, licence_condition());
    (whom, terms, status, some_of(directives), models(), window(), places, conditions).prop_map(
        |(whom, terms, status, lifts, models, window, places, condition)| Licence {
            id: id("replaced"),
            status,
            lifts: lifts.into(),
            models,
            from: window.0,
            until: window.1,
            holder: whom.2.to_owned(),
            persons: whom.0,
            holder_employees: whom.1,
            end_use: terms.0,
            excluded_nationalities: terms.1,
            located_in: terms.2,
            max_persons: places.0,
            persons_used: places.1,
            enrolled: places.2,
            conditions: condition.into_iter().collect(),
        },
    )
}

pub fn book() -> impl Strategy<Value = Book> {
    (1..4usize).prop_flat_map(|count| {
        let reliefs = (vec(exception(count), 0..3), vec(licence(count), 0..3), vec(stay(count), 0..2));
        let lifting = option::weighted(0.2, (0..count, instant()));
        let adopted = option::weighted(0.3, 0..count);
        (vec(directive(), count), reliefs, lifting, adopted).prop_map(
            |(directives, (exceptions, licences, stays), lifting, adopted)| {
                let liftings = lifting.map(|(directive, at)| Lifting {
                    id: id("l-0"),
                    title: String::new(),
                    directives: vec![id(&format!("d-{directive}"))],
                    at,
                    source: None,
                });
                let adoptions = adopted.map(|directive| Adoption {
                    id: id("a-0"),
                    directive: id(&format!("d-{directive}")),
                    by: "Example counsel".to_owned(),
                    why: "Followed everywhere".to_owned(),
                });
                numbered(Book {
                    directives,
                    exceptions,
                    liftings: liftings.into_iter().collect(),
                    licences,
                    stays,
                    service_duties: Vec::new(),
                    adoptions: adoptions.into_iter().collect(),
                })
            },
        )
    })
}

/// Gives every instrument an id of its own, and every directive an end after its start.
fn numbered(mut book: Book) -> Book {
    book.directives.iter_mut().zip(0..).for_each(|(d, n)| {
        d.id = id(&format!("d-{n}"));
        let latest = d.effective_from.latest();
        d.effective_until = d.effective_until.map(|until| until.max(latest.plus_micros(1)));
    });
    book.exceptions.iter_mut().zip(0..).for_each(|(e, n)| e.id = id(&format!("x-{n}")));
    book.licences.iter_mut().zip(0..).for_each(|(l, n)| l.id = id(&format!("lic-{n}")));
    book.stays.iter_mut().zip(0..).for_each(|(s, n)| s.id = id(&format!("s-{n}")));
    book
}
