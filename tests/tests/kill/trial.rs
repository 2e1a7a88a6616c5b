//! Rounds of load, kill, restart and audit on one data directory.

use crate::audit::{Log, check_receipt, pinned};
use crate::dice::Dice;
use crate::load::{Load, Seen};
use crate::office::Office;
use crate::power::Power;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use system_tests::http::Request;
use system_tests::{Bench, Server};

/// Longest time between the first request of a round and its kill, in milliseconds.
const ROUND_MS: u64 = 900;
/// Longest time between a start and a kill in the middle of it, in milliseconds.
const START_MS: u64 = 150;
/// One round in so many puts a directive in force.
const DRILL_EVERY: u32 = 2;
/// One round in so many is followed by a kill in the middle of the start.
const KILL_STARTING_EVERY: u32 = 3;
/// Responses of earlier rounds whose receipts are fetched again in each round.
const OLD_RECEIPTS: u64 = 20;

/// What the rounds amounted to.
#[derive(Default)]
struct Tally {
    rounds: u32,
    responses: u64,
    receipts: u64,
    lost: u64,
}

/// A server that is killed again and again.
pub struct Trial {
    server: Server,
    /// Present when writes not synced are lost with the process.
    power: Option<Power>,
    office: Office,
    dice: Dice,
    seed: u64,
    begun: Instant,
    /// Every response so far, by the number of its receipt.
    seen: BTreeMap<u64, Seen>,
    tally: Tally,
}

impl Trial {
    /// A server under the letter of 12 June, after it took effect.
    pub fn begin(loses_writes: bool) -> Self {
        let (mut dice, seed) = Dice::of_environment();
        let mut server = Server::builder()
            .at(&practice_time(0))
            .letters(&[Bench::june("letter-1.toml")])
            .roster(Bench::june("people.csv"))
            .start();
        let office = Office::new(&server, dice.fork());
        let (begun, tally) = (Instant::now(), Tally::default());
        let power = loses_writes.then(|| under_power(&mut server));
        let mut trial = Self { server, power, office, dice, seed, begun, seen: BTreeMap::new(), tally };
        trial.say("begins");
        if trial.power.is_some() {
            trial.restart();
        }
        trial
    }

    /// Runs rounds, looks at everything once more, and says what they amounted to.
    pub fn run(mut self, rounds: u32) {
        for round in 0..rounds {
            let seen = self.round(round);
            if round % KILL_STARTING_EVERY == 1 {
                self.kill_while_starting();
            }
            self.restart();
            self.audit(seen);
            self.tally.rounds += 1;
        }
        self.office.check(&self.server, true);
        let log = Log::verified_after(&mut self.server);
        log.check_against_state(&self.server);
        self.summary(&log);
        assert_eq!(self.tally.lost, 0, "responses without a record");
    }

    /// Load and changes, until a kill at some moment. Gives what reached the callers.
    fn round(&mut self, round: u32) -> Vec<Seen> {
        if round.is_multiple_of(DRILL_EVERY) {
            self.office.prepare_drill(&self.server);
        }
        let is_dying = Arc::new(AtomicBool::new(false));
        let load = Load::start(self.server.gateway(), &self.server.keys, &mut self.dice, &is_dying);
        let moment = Duration::from_millis(self.dice.below(ROUND_MS));
        let (office, server) = (&mut self.office, &mut self.server);
        thread::scope(|scope| {
            scope.spawn(|| office.work(&is_dying));
            thread::sleep(moment);
            is_dying.store(true, Ordering::SeqCst);
            server.kill9();
        });
        let seen = load.finish();
        self.cut_power();
        seen
    }

    fn kill_while_starting(&mut self) {
        let mut command = self.server.command(&["serve", "--practice-clock", &self.now()]);
        command.envs(self.power.iter().flat_map(Power::env));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(self.dice.below(START_MS)));
        child.kill().unwrap();
        child.wait().unwrap();
        self.cut_power();
    }

    fn cut_power(&self) {
        self.power.iter().for_each(Power::cut);
    }

    fn restart(&mut self) {
        let now = self.now();
        self.server.restart_at(&now);
    }

    /// The practice clock runs on over the starts: entries of the log may not step back.
    fn now(&self) -> String {
        practice_time(self.begun.elapsed().as_secs() + 1)
    }

    fn audit(&mut self, seen: Vec<Seen>) {
        let log = Log::verified(&self.server);
        log.check_against_state(&self.server);
        let (token, key) = (self.server.token(), pinned(&self.server));
        let old = (0..OLD_RECEIPTS.min(self.seen.len() as u64)).filter_map(|_| {
            let number = self.dice.below(self.seen.len() as u64);
            self.seen.values().nth(usize::try_from(number).unwrap()).cloned()
        });
        for seen in old.collect::<Vec<_>>().iter().chain(&seen) {
            if log.has(seen) {
                check_receipt(&self.server, &token, &key, seen);
                self.tally.receipts += 1;
            } else {
                self.say(&format!("LOST: {seen:?}"));
                self.tally.lost += 1;
            }
        }
        for seen in seen {
            self.tally.responses += 1;
            let earlier = self.seen.insert(seen.index, seen.clone());
            assert!(earlier.is_none(), "one receipt for two responses: {seen:?} and {earlier:?}");
        }
        self.check_law();
        self.office.check(&self.server, false);
    }

    /// The directive in force is in force: who was refused is refused, who was served is served.
    fn check_law(&self) {
        for (person, status) in [("p-001", 200), ("p-002", 451), ("p-006", 401)] {
            let answer = Request::chat("fable-5").key(self.server.key(person)).send(self.server.gateway());
            assert_eq!(answer.status, status, "{person} after the restart: {}", answer.text());
        }
    }

    fn summary(&self, log: &Log) {
        let Tally { rounds, responses, receipts, lost } = self.tally;
        self.say(&format!(
            "{rounds} rounds, {responses} responses checked, {receipts} receipts verified, {} interrupted outcomes, \
             {} changes acknowledged, {} directives put in force, {} entries in the log, {lost} entries lost, {:.1} s",
            log.interrupted(),
            self.office.changes,
            self.office.drills_active(),
            log.len(),
            self.begun.elapsed().as_secs_f64(),
        ));
    }

    /// Says so also when the test passes and its output is kept back.
    fn say(&self, line: &str) {
        let mode = if self.power.is_some() { "power cut" } else { "kill -9" };
        let mut shown = std::io::stderr();
        writeln!(shown, "{mode}: {line} (seed {})", self.seed).unwrap();
    }
}

/// From the next start on, what the server does not sync is lost.
fn under_power(server: &mut Server) -> Power {
    server.stop();
    let power = Power::over(&server.dir());
    power.env().iter().for_each(|(name, value)| server.set_env(name, value));
    power
}

/// An instant on the evening of 12 June, so many seconds after six.
fn practice_time(seconds: u64) -> String {
    let (hours, minutes, seconds) = (18 + seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("2026-06-12T{hours:02}:{minutes:02}:{seconds:02}-04:00")
}
