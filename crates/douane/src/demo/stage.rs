//! The stage: a data directory, a running server under a practice clock, and the invented people with their keys.

use super::Teller;
use crate::cli::Demo;
use crate::client::Client;
use crate::config::{Config, Control, Gateway, Operator, Practice};
use crate::dir::DataDir;
use crate::drive::Line;
use crate::enforce::{Active, Plan};
use crate::node::Node;
use crate::population::{Invented, Truth, invent, to_csv, under_first_letter};
use crate::verbs::init::{default_config, practice_upstream};
use crate::verbs::people;
use crate::wall;
use anyhow::Context;
use server::Clock;
use server::control::api::{ClockSetting, StatusView};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use terms::{AccountId, Instant, Level, Question, SubjectKind, UsStatus};
use wire::dialect::Dialect;

/// Text chunks of a live stream, and the pause between them: long enough to be open before and well after 17:21.
const STREAM_CHUNKS: u32 = 250;
const STREAM_INTERVAL_MS: u32 = 100;

/// Everything the story is played on.
pub(super) struct Stage {
    pub(super) dir: DataDir,
    pub(super) node: Node,
    pub(super) client: Client,
    pub(super) people: Vec<Invented>,
    keys: HashMap<String, String>,
    temporary: bool,
}

impl Stage {
    /// Begins a directory, serves, and puts the people on file.
    pub(super) async fn set(demo: &Demo, teller: &Teller) -> anyhow::Result<Self> {
        teller.chapter("Setting the stage");
        let (dir, temporary) = directory(demo);
        let config = config(demo)?;
        dir.begin(&config, include_str!("../../../../examples/june-2026/models.toml"))?;
        let people = invent(usize::try_from(demo.people)?, demo.seed)?;
        let start = Instant::parse("2026-06-12T17:19:00-04:00")?;
        let clock = Clock::practice(wall::now, start);
        let node = match Node::start(&dir, &config, clock).await {
            Ok(node) => node,
            Err(error) => {
                if temporary {
                    std::fs::remove_dir_all(dir.path())?;
                }
                return Err(error.context("the demo cannot begin; --port N takes other ports"));
            }
        };
        let client = Client::at(&dir, node.control)?;
        let mut stage = Self { dir, node, client, people, keys: HashMap::new(), temporary };
        match stage.load_people(teller).await {
            Ok(()) => Ok(stage),
            Err(error) => {
                stage.strike().await?;
                Err(error)
            }
        }
    }

    async fn load_people(&mut self, teller: &Teller) -> anyhow::Result<()> {
        let roster = self.path("people.csv");
        std::fs::write(&roster, to_csv(&self.people))?;
        let loaded = people::upload(&self.client, &roster, &account()?).await?;
        let issued = people::issue_missing(&self.client, &account()?).await?;
        people::write_keys(&self.dir.issued_keys(), &issued)?;
        let keys = issued.into_iter().filter_map(|key| Some((key.person?.to_string(), key.key)));
        self.keys = keys.collect();
        teller.say(format!(
            "{} invented people, firms' shared keys and services are on file, each with an API key",
            loaded.people
        ));
        teller.say(format!(
            "gateway http://{}  control http://{}  data {}",
            self.node.gateway,
            self.node.control,
            self.dir.path().display()
        ));
        Ok(())
    }

    /// Of the natural persons who must verify, a share shows a document for their US status. Gives who they are.
    pub(super) async fn show_missing_facts(&mut self) -> anyhow::Result<HashSet<String>> {
        let at = self.node.house.clock.read().at;
        let mut shown = Vec::new();
        for invented in &mut self.people {
            let natural = invented.row.kind == SubjectKind::Person && invented.us_status != UsStatus::Unknown;
            if invented.truth != Truth::MustVerify || !natural || !completes(&invented.row.person_id) {
                continue;
            }
            invented.row.us_status = invented.us_status;
            invented.row.us_status_level = Level::Document;
            invented.row.us_status_expires = None;
            invented.truth = under_first_letter(&invented.row, at);
            shown.push(invented.clone());
        }
        let roster = self.path("shown.csv");
        std::fs::write(&roster, to_csv(&shown))?;
        people::upload(&self.client, &roster, &account()?).await?;
        Ok(shown.into_iter().map(|invented| invented.row.person_id).collect())
    }

    /// A file of the stage.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Draft, call-back, readings, two signatures, activation: the path of `douane enforce`.
    pub(super) async fn put_in_force(&self, letter: &str) -> anyhow::Result<Vec<Active>> {
        let file = law::lint::read(letter).map_err(|why| anyhow::anyhow!(why.message))?;
        let plan = Plan {
            letters: vec![(letter.to_owned(), file)],
            readings: vec![
                (Question::DestinationLimb, "person_only".to_owned()),
                (Question::EmployeeMeans, "payroll_only".to_owned()),
            ],
            why: "the demo's invented counsel reads the letter by persons".to_owned(),
            confirmed_with: Some("invented office".to_owned()),
            account: account()?,
            people: None,
        };
        plan.carry_out(&self.client, &self.dir).await
    }

    /// Makes the practice clock show an instant.
    pub(super) async fn set_clock(&self, at: Instant) -> anyhow::Result<()> {
        let _: StatusView = self.client.post("/v1/practice/clock", &ClockSetting { at }).await?;
        Ok(())
    }

    /// A plan of live streams: as many people who keep service as there are, up to half, and others spread over the
    /// whole population.
    pub(super) fn streams(&self, count: u32) -> anyhow::Result<PathBuf> {
        let count = usize::try_from(count)?.min(self.people.len());
        let served = spread(self.people.iter().filter(|invented| invented.truth == Truth::Served), count / 2);
        let forbidden = spread(
            self.people.iter().filter(|invented| invented.truth != Truth::Served),
            count - served.len(),
        );
        let line = |(number, invented): (usize, &Invented)| {
            let model = if number % 2 == 0 { "fable-5" } else { "mythos-5" };
            let line = self.line(invented, model, "live", invented.truth)?;
            anyhow::Ok(Line { chunks: STREAM_CHUNKS, interval_ms: STREAM_INTERVAL_MS, ..line })
        };
        let lines: anyhow::Result<Vec<Line>> =
            served.into_iter().chain(forbidden).enumerate().map(line).collect();
        write_plan(&self.path("plan-streams.jsonl"), &lines?)
    }

    /// A plan in which each person asks once; `expect` says what must happen, or leaves a person out.
    pub(super) fn questions(
        &self,
        model: &str,
        name: &str,
        expect: impl Fn(&Invented) -> Option<Truth>,
    ) -> anyhow::Result<PathBuf> {
        let chosen = self.people.iter().filter_map(|invented| Some((invented, expect(invented)?)));
        let lines: anyhow::Result<Vec<Line>> =
            chosen.map(|(invented, truth)| self.line(invented, model, name, truth)).collect();
        write_plan(&self.path(&format!("plan-{name}.jsonl")), &lines?)
    }

    fn line(&self, invented: &Invented, model: &str, name: &str, expect: Truth) -> anyhow::Result<Line> {
        let person = &invented.row.person_id;
        let key = self.keys.get(person).with_context(|| format!("{person} has no key"))?;
        let anthropic = person.bytes().last().is_some_and(|byte| byte % 2 == 0);
        Ok(Line {
            name: person.clone(),
            key: key.clone(),
            dialect: if anthropic { Dialect::Anthropic } else { Dialect::OpenAi },
            model: model.to_owned(),
            chunks: 2,
            interval_ms: 0,
            seed: format!("{name}-{person}"),
            expect,
        })
    }

    /// People of whom something holds.
    pub(super) fn count(&self, holds: impl Fn(&Invented) -> bool) -> usize {
        self.people.iter().filter(|invented| holds(invented)).count()
    }

    /// The key of somebody of whom something holds, for a reader to try.
    pub(super) fn key_of(&self, holds: impl Fn(&Invented) -> bool) -> Option<&str> {
        let invented = self.people.iter().find(|invented| holds(invented))?;
        self.keys.get(&invented.row.person_id).map(String::as_str)
    }

    /// Stops the server and clears a temporary directory.
    pub(super) async fn strike(self) -> anyhow::Result<()> {
        self.node.stop().await?;
        if self.temporary {
            std::fs::remove_dir_all(self.dir.path())?;
        }
        Ok(())
    }
}

/// At most `count` of these, at even distances.
fn spread<'a>(people: impl Iterator<Item = &'a Invented>, count: usize) -> Vec<&'a Invented> {
    let people: Vec<&Invented> = people.collect();
    let step = (people.len() / count.max(1)).max(1);
    people.into_iter().step_by(step).take(count).collect()
}

/// Whether somebody who is asked for a fact supplies it within 72 hours: 55 in 100, the figure
/// `verify_first_completion` of the marginals, which is assumed.
fn completes(person_id: &str) -> bool {
    let digest =
        person_id.bytes().fold(17u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    digest % 100 < 55
}

/// One in about ten people, always the same ones.
pub(super) fn is_sampled(invented: &Invented) -> bool {
    invented.row.person_id.ends_with('7')
}

pub(super) fn account() -> anyhow::Result<AccountId> {
    Ok(AccountId::parse("invented")?)
}

fn directory(demo: &Demo) -> (DataDir, bool) {
    match &demo.keep {
        Some(path) => (DataDir::new(path), false),
        None => {
            (DataDir::new(std::env::temp_dir().join(format!("douane-demo-{}", std::process::id()))), true)
        }
    }
}

fn config(demo: &Demo) -> anyhow::Result<Config> {
    let port = |offset: u16| demo.port.checked_add(offset).context("--port is too high");
    let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
    Ok(Config {
        gateway: Gateway { listen: loopback(port(0)?), name: "douane-demo".to_owned() },
        control: Control { listen: loopback(port(1)?) },
        operator: Operator {
            name: None,
            url: Some("https://operator.example/douane".to_owned()),
            cure_url: Some("https://operator.example/show-a-fact".to_owned()),
        },
        practice: Some(Practice { port: port(2)? }),
        upstream: vec![practice_upstream(port(2)?)],
        ..default_config()
    })
}

fn write_plan(path: &Path, lines: &[Line]) -> anyhow::Result<PathBuf> {
    let mut text = String::new();
    for line in lines {
        text.push_str(&serde_json::to_string(line)?);
        text.push('\n');
    }
    crate::dir::write_private(path, text.as_bytes())?;
    Ok(path.to_owned())
}
