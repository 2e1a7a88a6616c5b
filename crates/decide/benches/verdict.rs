//! What a verdict costs with 500 directives and 100,000 licences on file: one thread, over a year of questions.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test or benchmark fails by panicking; a benchmark prints"
)]

#[path = "../../law/benches/workload/mod.rs"]
mod workload;

use decide::{Ask, Found, Outcome, Subject, decide, outcome};
use divan::Bencher;
use divan::counter::ItemsCount;
use law::{Directive, Regime};
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant as Stopwatch;
use terms::{Activity, Attested, ClockReading, Country, EndUse, Instant, Level, PersonFacts, Request};
use workload::people::withhold;
use workload::{DAY_S, Dice, MODELS, Workload, instant};

const STREAMS: usize = 100_000;

/// Questions of which the whole verdict is timed: where facts are missing it tries every possible world.
const WHOLE: usize = 256;

/// The hour at which populations and streams are decided.
fn noon() -> ClockReading {
    ClockReading::exact(instant(165 * DAY_S))
}

struct World {
    workload: Workload,
    regime: Regime,
    /// The same with the last directive changed.
    draft: Regime,
    subjects: Vec<Subject>,
    drafted: Vec<Subject>,
    /// Half of the persons with a fact or two withheld.
    less_known: Vec<Subject>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let workload = Workload::large();
    let compile = |book: &law::Book| Regime::compile(book, &workload.models, &workload.policy).unwrap();
    let regime = compile(&workload.book);
    let mut changed = workload.book.clone();
    if let Some(Directive { persons, .. }) = changed.directives.last_mut() {
        persons.class = law::Class::NationalOf;
        persons.countries = ["CN", "RU", "IR"].map(str::to_owned).to_vec();
    }
    let draft = compile(&changed);
    let ready = |regime: &Regime, facts: &PersonFacts| Subject::new(regime, facts, noon().at);
    let dice = &mut Dice(5);
    let subjects = workload.persons.iter().map(|facts| ready(&regime, facts)).collect();
    let drafted = workload.persons.iter().map(|facts| ready(&draft, facts)).collect();
    let half = |facts: &PersonFacts| if dice.chance(50) { withhold(facts, dice) } else { facts.clone() };
    let less: Vec<PersonFacts> = workload.persons.iter().map(half).collect();
    let less_known = less.iter().map(|facts| ready(&regime, facts)).collect();
    World { regime, draft, subjects, drafted, less_known, workload }
});

fn request(model: usize) -> Request {
    Request {
        model,
        activity: Activity::HostedInference,
        end_use: Attested::new(EndUse::Civil, Level::SelfDeclared),
        served_from: Country::US,
    }
}

/// The questions of the year, about these subjects.
fn asks(subjects: &'static [Subject]) -> Vec<Ask<'static>> {
    let world = &*WORLD;
    let ask = |asked: &workload::Asked| Ask {
        regime: &world.regime,
        subject: &subjects[asked.person],
        request: request(asked.model),
        clock: ClockReading::exact(asked.at),
    };
    world.workload.questions.iter().map(ask).collect()
}

fn only(kind: Outcome) -> Vec<Ask<'static>> {
    let all = asks(&WORLD.subjects).into_iter();
    let chosen: Vec<_> = all.filter(|ask| outcome(ask).0 == kind).collect();
    assert!(!chosen.is_empty(), "no question has the outcome {}", kind.word());
    chosen
}

fn streams() -> Vec<Ask<'static>> {
    let world = &*WORLD;
    let dice = &mut Dice(7);
    let open = |_| Ask {
        regime: &world.regime,
        subject: &world.subjects[dice.below(world.subjects.len())],
        request: request(dice.below(MODELS)),
        clock: noon(),
    };
    (0..STREAMS).map(open).collect()
}

/// Everyone and every model, under both regimes.
fn population() -> Vec<(Ask<'static>, Ask<'static>)> {
    let world = &*WORLD;
    let pair = |(subject, drafted), model| {
        let before = Ask { regime: &world.regime, subject, request: request(model), clock: noon() };
        (before, Ask { regime: &world.draft, subject: drafted, ..before })
    };
    let both = world.subjects.iter().zip(&world.drafted);
    both.flat_map(|both| (0..MODELS).map(move |model| pair(both, model))).collect()
}

fn whole<'a, 'b>(asks: &'a [Ask<'b>]) -> &'a [Ask<'b>] {
    &asks[..asks.len().min(WHOLE)]
}

fn sweep_outcome(asks: &[Ask<'_>]) {
    let mut found = Found::default();
    for ask in asks {
        black_box(found.outcome(black_box(ask)));
        black_box(found.deciding());
    }
}

fn sweep_decide(asks: &[Ask<'_>]) {
    for ask in whole(asks) {
        black_box(decide(black_box(ask)));
    }
}

fn changed(pairs: &[(Ask<'_>, Ask<'_>)]) -> usize {
    let mut found = Found::default();
    pairs.iter().filter(|(before, after)| found.outcome(before) != found.outcome(after)).count()
}

fn main() {
    if std::env::args().all(|argument| argument != "--test" && argument != "--list") {
        print_figures();
    }
    divan::main();
}

/// Median seconds of fifteen runs, or of as many as begin within two seconds.
fn median_s(run: &dyn Fn()) -> f64 {
    let begun = Stopwatch::now();
    let mut times: Vec<f64> = Vec::new();
    while times.is_empty() || (times.len() < 15 && begun.elapsed().as_secs() < 2) {
        let start = Stopwatch::now();
        run();
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn print_figures() {
    let known = asks(&WORLD.subjects);
    let less = asks(&WORLD.less_known);
    let kinds = [Outcome::Permit, Outcome::Deny, Outcome::VerifyFirst].map(|kind| (kind, only(kind)));
    let mix: Vec<String> =
        kinds.iter().map(|(kind, asks)| format!("{} {}", asks.len(), kind.word())).collect();
    println!("500 directives, 100,000 licences, {} questions: {}", known.len(), mix.join(", "));
    let per_decision = |what: &str, count: usize, run: &dyn Fn()| {
        println!("{what:<44} {:>9.1} ns per decision", median_s(run) * 1e9 / count as f64);
    };
    per_decision("outcome and deciding directives", known.len(), &|| sweep_outcome(&known));
    per_decision("whole verdict", whole(&known).len(), &|| sweep_decide(&known));
    for (kind, asks) in &kinds {
        per_decision(&format!("whole verdict: {}", kind.word()), whole(asks).len(), &|| sweep_decide(asks));
    }
    per_decision("outcome, half the persons less known", less.len(), &|| sweep_outcome(&less));
    per_decision("whole verdict, half the persons less known", whole(&less).len(), &|| sweep_decide(&less));
    let (pairs, open) = (population(), streams());
    let ms = |what: String, run: &dyn Fn()| println!("{what:<44} {:>9.2} ms", median_s(run) * 1e3);
    ms(format!("{} pairs under two regimes", pairs.len()), &|| {
        black_box(changed(&pairs));
    });
    ms(format!("{} open streams decided again", open.len()), &|| sweep_outcome(&open));
}

/// Items are decisions.
fn measure(bencher: Bencher<'_, '_>, asks: &[Ask<'_>], sweep: fn(&[Ask<'_>])) {
    bencher.counter(ItemsCount::new(asks.len())).bench_local(|| sweep(asks));
}

#[divan::bench(sample_size = 1, max_time = 2)]
fn outcome_and_deciding_directives(bencher: Bencher<'_, '_>) {
    measure(bencher, &asks(&WORLD.subjects), sweep_outcome);
}

#[divan::bench(args = [Outcome::Permit, Outcome::Deny, Outcome::VerifyFirst], sample_size = 1, max_time = 2)]
fn whole_verdict(bencher: Bencher<'_, '_>, kind: Outcome) {
    measure(bencher, whole(&only(kind)), sweep_decide);
}

#[divan::bench(sample_size = 1, max_time = 2)]
fn outcome_of_the_less_known(bencher: Bencher<'_, '_>) {
    measure(bencher, &asks(&WORLD.less_known), sweep_outcome);
}

#[divan::bench(sample_size = 1, max_time = 2)]
fn whole_verdict_of_the_less_known(bencher: Bencher<'_, '_>) {
    measure(bencher, whole(&asks(&WORLD.less_known)), sweep_decide);
}

#[divan::bench(sample_count = 5, sample_size = 1, max_time = 2)]
fn population_under_two_regimes(bencher: Bencher<'_, '_>) {
    let pairs = population();
    bencher.counter(ItemsCount::new(pairs.len())).bench_local(|| changed(&pairs));
}

#[divan::bench(sample_size = 1, max_time = 2)]
fn open_streams_decided_again(bencher: Bencher<'_, '_>) {
    measure(bencher, &streams(), sweep_outcome);
}

#[divan::bench]
fn subject_made_ready(bencher: Bencher<'_, '_>) {
    let world = &*WORLD;
    let at: Instant = noon().at;
    bencher.bench_local(|| Subject::new(&world.regime, black_box(&world.workload.persons[17]), at));
}
