//! What bylaws cost a request: nothing where none can reach the model, else Cedar's evaluation.
#![allow(clippy::unwrap_used, reason = "a benchmark stops where it cannot go on")]

use bylaws::{Bylaws, Call, Permitted, Person, Rulebook};
use decide::Outcome;
use divan::{Bencher, black_box};
use terms::{
    AccountId, Activity, Attested, ClockReading, Country, Instant, Level, PersonFacts, PersonId, Request,
    UsStatus,
};

const MODELS: &str = include_str!("../../../examples/june-2026/models.toml");

fn main() {
    divan::main();
}

fn policies(count: usize, condition: &str) -> String {
    let one = |number| {
        format!(
            "@id(\"b{number}\") forbid (principal, action, resource == Model::\"fable-5\") when {{ {condition} }} \
             unless {{ principal has us_status && principal.us_status == \"citizen\" && principal.us_status_level >= 3 }};"
        )
    };
    (0..count).map(one).collect()
}

struct Bench {
    book: Rulebook,
    clock: ClockReading,
}

impl Bench {
    fn new(count: usize, condition: &str) -> Self {
        let bylaws = Bylaws::parse(&policies(count, condition)).unwrap();
        let book = Rulebook::new(bylaws, &law::lint::read(MODELS).unwrap().model).unwrap();
        let at = Instant::parse("2026-06-13T12:00:00Z").unwrap();
        Self { book, clock: ClockReading { at, uncertainty_us: 50_000 } }
    }

    fn person(&self) -> Person {
        let facts = PersonFacts {
            us_status: Attested::new(UsStatus::Citizen, Level::Document),
            location: Some(Attested::new(Country::US, Level::Employer)),
            ..PersonFacts::unknown()
        };
        let (account, person) = (AccountId::parse("acme").unwrap(), PersonId::parse("ana").unwrap());
        self.book.person(&account, Some(&person), &facts, self.clock.at).unwrap()
    }

    fn judge(&self, person: &Person, model: usize) -> Outcome {
        let request = Request {
            model,
            activity: Activity::HostedInference,
            end_use: Attested::default(),
            served_from: Country::US,
        };
        let call = Call { person, request, streaming: true, clock: self.clock };
        Permitted::of(Outcome::Permit)
            .map_or(Outcome::Deny, |permitted| self.book.judge(permitted, &call).outcome())
    }
}

#[divan::bench(args = [1, 10, 100])]
fn judge(bencher: Bencher<'_, '_>, count: usize) {
    let bench = Bench::new(count, "context.streaming");
    let person = bench.person();
    assert_eq!(bench.judge(&person, 0), Outcome::Permit);
    bencher.bench_local(|| bench.judge(black_box(&person), 0));
}

#[divan::bench]
fn judge_with_a_clock(bencher: Bencher<'_, '_>) {
    let bench = Bench::new(1, "context.at >= datetime(\"2026-06-01\")");
    let person = bench.person();
    bencher.bench_local(|| bench.judge(black_box(&person), 0));
}

#[divan::bench]
fn another_model(bencher: Bencher<'_, '_>) {
    let bench = Bench::new(10, "context.streaming");
    let person = bench.person();
    bencher.bench_local(|| bench.judge(black_box(&person), black_box(1)));
}

#[divan::bench]
fn person(bencher: Bencher<'_, '_>) {
    let bench = Bench::new(1, "context.streaming");
    bencher.bench_local(|| bench.person());
}
