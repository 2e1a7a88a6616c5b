//! What several statements and a roster come to.

use proptest::collection::vec;
use proptest::prelude::*;
use terms::{
    Attested, Citizenship, Country, Employer, Employment, MissingFact, NotCitizen, PersonFacts, UsStatus,
};

use super::*;
use crate::evidence::samples;

const NOW: Instant = Instant::from_micros(1_000);

fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

/// A statement that ends at an instant, microseconds.
fn filed(id: &str, level: Level, facts: Facts, until: i64) -> Filed {
    let statement = Statement {
        facts,
        level,
        issuer: format!("https://{id}.test"),
        org: None,
        method: Method::AccessToken,
        valid_until: Instant::from_micros(until),
        verified_at: Instant::from_micros(0),
        status: None,
        flags: BTreeSet::new(),
    };
    Filed { id: id.to_owned(), statement, state: State::Active }
}

fn us(answer: Answer) -> Facts {
    Facts::stated([(Predicate::UsPerson, answer)])
}

fn nationals(codes: &[&str], complete: bool) -> Facts {
    Facts::default().with_nationalities(codes.iter().copied(), complete).unwrap()
}

fn no_national_of(code: &str) -> Facts {
    Facts::stated([(Predicate::NationalOf(country(code)), Answer::No)])
}

fn facts(filed: &[Filed], roster: Option<&PersonFacts>) -> PersonFacts {
    resolve(filed, roster, NOW).facts
}

fn on_roster(level: Level, codes: &[&str], complete: bool) -> PersonFacts {
    let held = |code: &&str| Citizenship {
        country: country(code),
        from: None,
        registered: None,
        until: None,
        level,
        until_level: Level::None,
    };
    PersonFacts {
        citizenships: codes.iter().map(held).collect(),
        citizenships_complete: Attested::new(complete, level),
        ..PersonFacts::unknown()
    }
}

fn held(facts: &PersonFacts) -> Vec<(&'static str, Level)> {
    facts.citizenships.iter().map(|held| (held.country.code(), held.level)).collect()
}

#[test]
fn statements_are_read_back_from_disk_as_they_were() {
    let evidence = samples::us_person(Level::Document, NOW);
    let filed = Filed::of(&evidence);
    assert_eq!(filed.id.len(), 32);
    assert_eq!(Filed::of(&evidence), filed, "one presentation has one name");
    let text = serde_json::to_string(&filed).unwrap();
    assert_eq!(serde_json::from_str::<Filed>(&text).unwrap(), filed);
    assert!(!text.contains("u-1"), "the issuer's name for the person is not kept: {text}");
    let open =
        Filed { statement: Statement { facts: nationals(&["DE", "KR"], true), ..filed.statement }, ..filed };
    let text = serde_json::to_string(&open).unwrap();
    assert_eq!(serde_json::from_str::<Filed>(&text).unwrap(), open);
}

#[test]
fn predicates_become_facts_and_nothing_is_invented() {
    let status = |said: Facts| facts(&[filed("a", Level::Document, said, 9_000)], None).us_status;
    assert_eq!(status(us(Answer::Yes)), Attested::new(UsStatus::UsPerson, Level::Document));
    assert_eq!(status(us(Answer::No)), Attested::new(UsStatus::None, Level::Document));
    assert_eq!(status(nationals(&["US"], false)), Attested::new(UsStatus::Citizen, Level::Document));
    assert_eq!(status(nationals(&["FR"], true)), Attested::default(), "a foreigner may be a US person");
    let french = facts(&[filed("a", Level::Document, nationals(&["FR"], true), 9_000)], None);
    assert_eq!(held(&french), [("FR", Level::Document)]);
    assert_eq!(french.citizenships_current, Attested::new(true, Level::Document));
    assert_eq!(french.citizenships_complete, Attested::default(), "an issuer knows nothing of what was lost");
    let negative = facts(&[filed("a", Level::Document, no_national_of("CN"), 9_000)], None);
    let not_chinese = vec![NotCitizen { country: Country::CN, level: Level::Document }];
    assert_eq!(negative, PersonFacts { not_citizenships: not_chinese, ..PersonFacts::unknown() });
}

/// What is denied, with levels.
fn denied(facts: &PersonFacts) -> Vec<(&'static str, Level)> {
    facts.not_citizenships.iter().map(|not| (not.country.code(), not.level)).collect()
}

#[test]
fn what_is_denied_stands_unless_something_as_strong_states_it() {
    let no = |id, level| filed(id, level, no_national_of("CN"), 9_000);
    let yes = |level| filed("y", level, nationals(&["CN"], false), 9_000);
    let both = facts(&[no("a", Level::Employer), no("b", Level::Document)], None);
    assert_eq!(denied(&both), [("CN", Level::Document)], "the strongest counts");
    let stronger = resolve(&[no("a", Level::Document), yes(Level::Employer)], None, NOW);
    assert_eq!(denied(&stronger.facts), [("CN", Level::Document)]);
    assert!(held(&stronger.facts).is_empty() && stronger.facts.conflicting.is_empty());
    assert_eq!(stronger.conflicts.len(), 1, "and somebody has to look");
    let weaker = facts(&[no("a", Level::Employer), yes(Level::Document)], None);
    assert_eq!((held(&weaker), denied(&weaker)), (vec![("CN", Level::Document)], vec![]));
    let equal = facts(&[no("a", Level::Document), yes(Level::Document)], None);
    assert!(equal.conflicting.contains(MissingFact::Citizenships));
    assert!(denied(&equal).is_empty());
}

#[test]
fn a_list_of_all_denies_nothing_by_name() {
    let roster = on_roster(Level::Employer, &["CN"], false);
    let french = facts(&[filed("a", Level::Document, nationals(&["FR"], true), 9_000)], Some(&roster));
    assert_eq!((held(&french), denied(&french)), (vec![("FR", Level::Document)], vec![]));
}

#[test]
fn a_roster_denies_as_evidence_does() {
    let chinese = NotCitizen { country: Country::CN, level: Level::Employer };
    let roster = PersonFacts { not_citizenships: vec![chinese], ..PersonFacts::unknown() };
    let french = filed("a", Level::Document, nationals(&["FR"], false), 9_000);
    assert_eq!(denied(&facts(&[french], Some(&roster))), [("CN", Level::Employer)]);
    let stronger = filed("a", Level::Document, nationals(&["CN"], false), 9_000);
    assert!(denied(&facts(&[stronger], Some(&roster))).is_empty());
    let equal = filed("a", Level::Employer, nationals(&["CN"], false), 9_000);
    assert!(facts(&[equal], Some(&roster)).conflicting.contains(MissingFact::Citizenships));
}

/// Facts on disk from before this could be said are read as they were.
#[test]
fn what_is_not_said_of_the_list_is_not_written() {
    let unsaid = serde_json::to_string(&PersonFacts::unknown()).unwrap();
    assert!(!unsaid.contains("citizenships_current") && !unsaid.contains("not_citizenships"), "{unsaid}");
    let facts = PersonFacts {
        citizenships_current: Attested::new(true, Level::Document),
        not_citizenships: vec![NotCitizen { country: Country::CN, level: Level::Employer }],
        ..PersonFacts::unknown()
    };
    let written = serde_json::to_string(&facts).unwrap();
    assert_eq!(serde_json::from_str::<PersonFacts>(&written).unwrap(), facts);
}

#[test]
fn a_network_address_answers_nothing() {
    let inferred = [
        filed("a", Level::Ip, us(Answer::No), 9_000),
        filed("b", Level::Ip, nationals(&["CN"], true), 9_000),
    ];
    assert_eq!(facts(&inferred, None), PersonFacts::unknown());
}

#[test]
fn the_strongest_answers_and_a_weaker_contradiction_is_looked_at() {
    let both = [
        filed("weak", Level::SelfDeclared, us(Answer::Yes), 9_000),
        filed("strong", Level::Document, us(Answer::No), 9_000),
    ];
    let resolved = resolve(&both, None, NOW);
    assert_eq!(resolved.facts.us_status, Attested::new(UsStatus::None, Level::Document));
    assert!(resolved.facts.conflicting.is_empty());
    assert_eq!(resolved.conflicts.len(), 1);
    assert!(!resolved.conflicts[0].open);
    assert_eq!(resolved.conflicts[0].between, ["strong", "weak"]);
}

#[test]
fn equal_contradictions_are_conflicting_also_with_the_roster() {
    let yes = filed("a", Level::Employer, us(Answer::Yes), 9_000);
    let roster =
        PersonFacts { us_status: Attested::new(UsStatus::None, Level::Employer), ..PersonFacts::unknown() };
    let resolved = resolve(std::slice::from_ref(&yes), Some(&roster), NOW);
    assert_eq!(resolved.facts.us_status, Attested::default());
    assert!(resolved.facts.conflicting.contains(MissingFact::UsStatus));
    assert_eq!(resolved.conflicts[0].between, ["a", "roster"]);
    let refugee = PersonFacts { us_status: Attested::new(UsStatus::Refugee, Level::Employer), ..roster };
    let agreed = facts(&[yes], Some(&refugee));
    assert_eq!(agreed.us_status, Attested::new(UsStatus::Refugee, Level::Employer), "the kind is said there");
    let citizen = filed("a", Level::Employer, nationals(&["US"], false), 9_000);
    let disputed = resolve(&[citizen], Some(&refugee), NOW);
    assert_eq!(
        disputed.facts.us_status,
        Attested::new(UsStatus::UsPerson, Level::Employer),
        "a US person either way"
    );
    assert!(!disputed.conflicts[0].open && disputed.facts.conflicting.is_empty());
}

#[test]
fn nationalities_are_weighed_country_by_country() {
    let roster = on_roster(Level::Employer, &["FR", "CN"], true);
    let pid = filed("pid", Level::Credential, nationals(&["FR"], true), 9_000);
    let resolved = facts(&[pid], Some(&roster));
    assert_eq!(held(&resolved), [("FR", Level::Credential)]);
    assert_eq!(resolved.citizenships_current, Attested::new(true, Level::Credential));
    assert_eq!(
        resolved.citizenships_complete, roster.citizenships_complete,
        "the roster speaks of the past too"
    );
    let partial = filed("a", Level::Credential, nationals(&["KR"], false), 9_000);
    let resolved = facts(&[partial], Some(&roster));
    assert_eq!(
        held(&resolved),
        [("CN", Level::Employer), ("FR", Level::Employer), ("KR", Level::Credential)]
    );
    assert!(!resolved.citizenships_complete.value, "the roster's list was not all");
    let denied = facts(&[filed("a", Level::Employer, no_national_of("CN"), 9_000)], Some(&roster));
    assert!(denied.conflicting.contains(MissingFact::Citizenships));
}

#[test]
fn a_roster_may_speak_of_now_alone() {
    let roster = PersonFacts {
        citizenships_current: Attested::new(true, Level::Employer),
        ..on_roster(Level::Employer, &["FR"], false)
    };
    let french = filed("a", Level::Document, nationals(&["FR"], false), 9_000);
    let agreed = facts(&[french], Some(&roster));
    assert_eq!(agreed.citizenships_current, Attested::new(true, Level::Employer));
    assert!(!agreed.citizenships_complete.value);
    let korean = filed("a", Level::Document, nationals(&["KR"], false), 9_000);
    let more = resolve(&[korean], Some(&roster), NOW);
    assert!(!more.facts.citizenships_current.value, "the roster's list was not all");
    assert_eq!(more.conflicts.len(), 1, "and the roster denies what is shown");
    let weaker = filed("a", Level::SelfDeclared, nationals(&["FR"], true), 9_000);
    assert_eq!(facts(&[weaker], Some(&roster)).citizenships_current.level, Level::Employer);
}

#[test]
fn a_roster_that_names_no_kind_takes_the_kind_from_elsewhere() {
    let roster = PersonFacts {
        us_status: Attested::new(UsStatus::UsPerson, Level::Employer),
        ..PersonFacts::unknown()
    };
    let citizen = filed("a", Level::Employer, nationals(&["US"], false), 9_000);
    let resolved = resolve(&[citizen], Some(&roster), NOW);
    assert_eq!(resolved.facts.us_status, Attested::new(UsStatus::Citizen, Level::Employer));
    assert!(resolved.conflicts.is_empty());
    let foreign = filed("a", Level::Employer, us(Answer::No), 9_000);
    assert!(facts(&[foreign], Some(&roster)).conflicting.contains(MissingFact::UsStatus));
}

#[test]
fn a_date_stands_only_as_far_as_it_is_supported() {
    let mut roster = on_roster(Level::Employer, &["FR"], true);
    roster.citizenships[0].from = Some(Instant::from_micros(5));
    let weak = filed("a", Level::SelfDeclared, nationals(&["FR"], false), 9_000);
    assert_eq!(facts(&[weak], Some(&roster)).citizenships, roster.citizenships);
    let strong = filed("a", Level::Document, nationals(&["FR"], false), 9_000);
    assert_eq!(facts(&[strong], Some(&roster)).citizenships[0].from, None);
}

#[test]
fn employers_are_compared_by_name() {
    let employed = |id, name: &str| {
        filed(
            id,
            Level::Employer,
            Facts::stated([(Predicate::EmployedBy(name.to_owned()), Answer::Yes)]),
            9_000,
        )
    };
    let one = facts(&[employed("a", "Acme"), employed("b", "ACME ")], None).employment;
    assert!(matches!(&one, Employment::Works(Employer { level: Level::Employer, .. })), "{one:?}");
    let two = facts(&[employed("a", "Acme"), employed("b", "Borg")], None);
    assert_eq!(two.employment, Employment::Unknown);
    assert!(two.conflicting.contains(MissingFact::Employment));
}

#[test]
fn an_end_is_honoured_to_the_microsecond() {
    let yes = filed("a", Level::Document, us(Answer::Yes), 5_000);
    let weaker = filed("b", Level::SelfDeclared, us(Answer::No), 4_000);
    let at = |micros| resolve(&[yes.clone(), weaker.clone()], None, Instant::from_micros(micros));
    assert_eq!(at(1_000).until, Some(Instant::from_micros(5_001)), "the weaker one's end changes no fact");
    assert_eq!(at(5_000).facts.us_status.value, UsStatus::UsPerson);
    assert_eq!(at(5_000).facts.us_status_expires, Some(Instant::from_micros(5_001)));
    assert_eq!((at(5_001).facts.us_status.value, at(5_001).until), (UsStatus::Unknown, None));
}

#[test]
fn what_a_wallet_leaves_out_does_not_take_back_what_it_showed() {
    let one = |facts| filed("a", Level::Credential, facts, 9_000).statement;
    let both = one(nationals(&["DE", "CN"], false));
    assert!(!one(nationals(&["DE"], false)).replaces(&both));
    assert!(one(nationals(&["DE"], true)).replaces(&both), "the issuer says that these are all");
    assert!(!both.replaces(&one(nationals(&["DE"], true))));
    assert!(one(us(Answer::No)).replaces(&one(us(Answer::Yes))));
    assert!(!one(us(Answer::Unknown)).replaces(&one(us(Answer::Yes))));
    let other = Statement { issuer: "https://other.test".to_owned(), ..both.clone() };
    assert!(!other.replaces(&both));
}

fn answer() -> impl Strategy<Value = Answer> {
    prop::sample::select(vec![Answer::Yes, Answer::No, Answer::Unknown])
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let codes = prop::sample::subsequence(vec!["US", "DE", "CN"], 0..=3);
    let set = prop::option::of((codes, prop::bool::ANY));
    let no = prop::option::of(prop::sample::select(vec!["DE", "CN"]));
    let employer = prop::option::of(prop::sample::select(vec!["Acme", "acme", "Borg"]));
    (answer(), set, no, employer).prop_map(|(us_person, set, no, employer)| {
        let said = [(Predicate::UsPerson, us_person)].into_iter();
        let said = said.chain(no.map(|code| (Predicate::NationalOf(country(code)), Answer::No)));
        let facts = Facts::stated(
            said.chain(employer.map(|name| (Predicate::EmployedBy(name.to_owned()), Answer::Yes))),
        );
        match set {
            Some((codes, complete)) => facts.with_nationalities(codes, complete).unwrap(),
            None => facts,
        }
    })
}

fn any_file() -> impl Strategy<Value = Vec<Filed>> {
    let level = prop::sample::select(Level::ALL.to_vec());
    let state = prop::sample::select(vec![
        State::Active,
        State::Active,
        State::Active,
        State::Suspended,
        State::Revoked,
    ]);
    let one = (level, any_facts(), 990..1_010_i64, state);
    vec(one, 0..6).prop_map(|all| {
        let named = all.into_iter().enumerate();
        named
            .map(|(at, (level, facts, until, state))| Filed {
                state,
                ..filed(&format!("f{at}"), level, facts, until)
            })
            .collect()
    })
}

fn any_roster() -> impl Strategy<Value = Option<PersonFacts>> {
    let level = prop::sample::select(Level::ALL.to_vec());
    let kinds = UsStatus::KNOWN.into_iter().chain([UsStatus::UsPerson]);
    let status = prop::sample::select(kinds.collect::<Vec<_>>());
    let codes = prop::sample::subsequence(vec!["US", "DE", "CN"], 0..=3);
    let expires = prop::option::of((990..1_010_i64).prop_map(Instant::from_micros));
    let denied = prop::sample::subsequence(vec!["US", "DE", "CN"], 0..=1);
    prop::option::of((level, status, codes, denied, prop::bool::ANY, expires).prop_map(
        |(level, status, codes, denied, complete, expires)| {
            PersonFacts {
                us_status: Attested::new(status, level),
                us_status_expires: expires,
                not_citizenships: denied
                    .iter()
                    .filter(|code| !codes.contains(code))
                    .map(|code| NotCitizen { country: country(code), level })
                    .collect(),
                ..on_roster(level, &codes, complete)
            }
        },
    ))
}

/// How far a value helps whoever asks to be taken for a US person: not at all, or at this level.
fn help(facts: &PersonFacts) -> Level {
    let us = facts.us_status.value.is_foreign_person() == Some(false);
    let lapsed = facts.us_status_expires.is_some_and(|expires| expires <= NOW);
    let level = facts.us_status.level;
    let level = if lapsed { level.min(Level::SelfDeclared) } else { level };
    if us { level } else { Level::None }
}

proptest! {
    #[test]
    fn order_does_not_matter((file, roster) in (any_file(), any_roster()), seed in any::<u64>()) {
        let mut turned = file.clone();
        if !turned.is_empty() {
            let by = usize::try_from(seed % turned.len() as u64).unwrap();
            turned.rotate_left(by);
            if seed % 2 == 0 { turned.reverse(); }
        }
        prop_assert_eq!(resolve(&file, roster.as_ref(), NOW), resolve(&turned, roster.as_ref(), NOW));
    }

    /// Leaving out what speaks for a person never helps that person.
    #[test]
    fn withholding_what_supports_a_claim_never_strengthens_it((file, roster) in (any_file(), any_roster()), at in 0..6_usize) {
        let mut less = file.clone();
        if at < less.len() {
            let gone = less.remove(at);
            if gone.statement.facts.answer(&Predicate::UsPerson) != Answer::No {
                let (with, without) = (facts(&file, roster.as_ref()), facts(&less, roster.as_ref()));
                prop_assert!(help(&without) <= help(&with), "{with:?} {without:?}");
            }
        }
    }

    /// A nationality that stays hidden makes the list open, and takes no other away.
    #[test]
    fn hiding_a_nationality_never_completes_the_list(file in any_file()) {
        let shown = filed("w", Level::Credential, nationals(&["DE", "CN"], true), 9_000);
        let hidden = filed("w", Level::Credential, nationals(&["DE"], false), 9_000);
        let with = |one: Filed| facts(&file.iter().cloned().chain([one]).collect::<Vec<_>>(), None);
        let (open, whole) = (with(hidden), with(shown));
        let known = |facts: &PersonFacts| if facts.citizenships_current.value { facts.citizenships_current.level } else { Level::None };
        prop_assert!(known(&open) <= known(&whole) || whole.conflicting.contains(MissingFact::Citizenships));
    }

    /// Nobody is both a citizen of a country and none, unless that is open; and a denial that is left out is not there.
    #[test]
    fn what_is_denied_is_not_held((file, roster) in (any_file(), any_roster())) {
        let whole = facts(&file, roster.as_ref());
        let current = |held: &&Citizenship| held.until.is_none();
        for held in whole.citizenships.iter().filter(current) {
            prop_assert!(whole.not_citizenships.iter().all(|not| not.country != held.country));
        }
        let silent: Vec<Filed> = file.into_iter().filter(|one| one.statement.facts.statements().all(|(_, said)| said != Answer::No)).collect();
        let roster = roster.map(|facts| PersonFacts { not_citizenships: Vec::new(), ..facts });
        prop_assert!(facts(&silent, roster.as_ref()).not_citizenships.is_empty());
    }

    /// Between now and `until` nothing changes, and at `until` something does.
    #[test]
    fn the_answer_stands_exactly_until_it_says((file, roster) in (any_file(), any_roster())) {
        let resolved = resolve(&file, roster.as_ref(), NOW);
        for later in 1_001..1_015 {
            let later = Instant::from_micros(later);
            let then = facts_at(&file, roster.as_ref(), later);
            match resolved.until {
                Some(until) if later == until => prop_assert_ne!(then, resolved.facts.clone()),
                Some(until) if later > until => break,
                _ => prop_assert_eq!(then, resolved.facts.clone(), "at {:?}", later),
            }
        }
    }

    #[test]
    fn what_does_not_count_might_as_well_not_be_there((file, roster) in (any_file(), any_roster())) {
        let live: Vec<Filed> = file.iter().filter(|one| one.is_live(NOW)).cloned().collect();
        prop_assert_eq!(facts(&file, roster.as_ref()), facts(&live, roster.as_ref()));
    }
}

fn facts_at(filed: &[Filed], roster: Option<&PersonFacts>, at: Instant) -> PersonFacts {
    resolve(filed, roster, at).facts
}
