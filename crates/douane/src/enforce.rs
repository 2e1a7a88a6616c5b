//! `douane enforce`: a reader's own letter, people and upstream, in force on their machine in one command.

use crate::cli::{Enforce, Speaks};
use crate::client::Client;
use crate::config::{Config, Control, Gateway, KeyPlace, Operator, Upstream};
use crate::dir::{DataDir, new_key};
use crate::node::Node;
use crate::verbs::{directive, init, lint, parse_reading, people, print_json, serve, table};
use crate::wall;
use anyhow::{Context, bail};
use decide::Outcome;
use law::lint::{Context as LintContext, Severity, check};
use law::{CallBackOnFile, Dialect, LawFile, Model};
use ledger::keyfile;
use serde::Serialize;
use server::Clock;
use server::control::api::{Choice, IssuedKey, OfficerView};
use std::collections::BTreeSet;
use std::path::PathBuf;
use terms::{AccountId, Country, Instant, ModelId, OfficerId, UpstreamId};

/// The two officers of a trial on one machine.
const OFFICERS: [&str; 2] = ["officer-1", "officer-2"];

/// Puts the letter in force and serves.
pub async fn run(dir: &DataDir, enforce: &Enforce, json: bool) -> anyhow::Result<()> {
    let plan = Plan::of(enforce, read_letters(&enforce.letters)?)?;
    if !dir.exists() {
        let (config, catalogue) = (config(enforce)?, catalogue(enforce, &plan.letters)?);
        dir.begin(&config, &catalogue)?;
    }
    let config = Config::read(dir.path())?;
    let uncertainty_us = i64::from(config.clock.uncertainty_ms) * 1000;
    let node = Node::start(dir, &config, Clock::real(wall::now, uncertainty_us)).await?;
    let client = Client::at(dir, node.control)?;
    let done = plan.carry_out(&client, dir).await;
    let report = match done {
        Ok(active) => report(&node, dir, enforce, active).await?,
        Err(error) => {
            node.stop().await?;
            return Err(error);
        }
    };
    if json {
        print_json(&report)?
    } else {
        report.print(enforce.once)
    }
    if !enforce.once {
        serve::stop_signal().await?;
    }
    node.stop().await
}

/// The letters as text, checked; the findings are shown.
fn read_letters(paths: &[PathBuf]) -> anyhow::Result<Vec<(String, LawFile)>> {
    let mut before: Vec<LawFile> = Vec::new();
    let mut letters = Vec::new();
    for path in paths {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let report = check(&text, &LintContext { catalogue: None, before: &before });
        for diagnostic in report.diagnostics.iter().filter(|diagnostic| diagnostic.severity > Severity::Note)
        {
            eprint!("{}", lint::render(path, &text, diagnostic));
        }
        let file = match report.file.clone() {
            Some(file) if !report.has_errors() => file,
            _ => bail!("{} has errors; nothing was put in force", path.display()),
        };
        before.push(file.clone());
        letters.push((text, file));
    }
    Ok(letters)
}

fn config(enforce: &Enforce) -> anyhow::Result<Config> {
    let upstream = Upstream {
        id: upstream_id()?,
        url: enforce.upstream.clone(),
        key_env: enforce.upstream_key_env.clone(),
        key_file: None,
        key_header: if enforce.speaks == Speaks::Anthropic { KeyPlace::XApiKey } else { KeyPlace::Bearer },
        head_timeout_s: 600,
    };
    Ok(Config {
        gateway: Gateway { listen: enforce.listen, name: "douane-1".to_owned() },
        control: Control { listen: enforce.control },
        operator: Operator {
            name: None,
            url: enforce.operator_url.clone(),
            cure_url: enforce.cure_url.clone(),
        },
        practice: None,
        upstream: vec![upstream],
        ..init::default_config()
    })
}

fn upstream_id() -> anyhow::Result<UpstreamId> {
    Ok(UpstreamId::parse("upstream")?)
}

/// The models the letters name and those asked for, all at the one upstream.
fn catalogue(enforce: &Enforce, letters: &[(String, LawFile)]) -> anyhow::Result<String> {
    let named =
        letters.iter().flat_map(|(_, file)| file.directive.iter().flat_map(|directive| &directive.models));
    let mut models: BTreeSet<ModelId> = named.filter_map(|name| ModelId::parse(name).ok()).collect();
    models.extend(enforce.models.iter().cloned());
    anyhow::ensure!(
        !models.is_empty(),
        "the letter names no single model: say which models the upstream serves, with --model NAME"
    );
    let dialects = match enforce.speaks {
        Speaks::Openai => vec![Dialect::Openai],
        Speaks::Anthropic => vec![Dialect::Anthropic],
        Speaks::Both => vec![Dialect::Openai, Dialect::Anthropic],
    };
    let model = |id: ModelId| -> anyhow::Result<Model> {
        Ok(Model {
            id,
            display_name: String::new(),
            owned_by: String::new(),
            upstream: upstream_id()?,
            upstream_model: None,
            served_from: Country::US,
            dialects: dialects.clone(),
            capabilities: Vec::new(),
            restricted: false,
            created_unix_s: 0,
        })
    };
    let model = models.into_iter().map(model).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(toml::to_string(&LawFile { schema: 1, model, ..LawFile::default() })?)
}

/// Everything that has to happen before people are served under a letter.
pub struct Plan {
    /// Law files.
    pub letters: Vec<(String, LawFile)>,
    /// Answers to open questions.
    pub readings: Vec<(terms::Question, String)>,
    /// Why.
    pub why: String,
    /// Office that confirmed the letters.
    pub confirmed_with: Option<String>,
    /// Account of the people.
    pub account: AccountId,
    /// Roster; none = people are on file already.
    pub people: Option<PathBuf>,
}

impl Plan {
    fn of(enforce: &Enforce, letters: Vec<(String, LawFile)>) -> anyhow::Result<Self> {
        let in_files =
            letters.iter().flat_map(|(_, file)| file.reading.iter().map(|r| (r.question, r.choice.clone())));
        let mut readings: Vec<_> = in_files.collect();
        for text in &enforce.readings {
            readings.push(parse_reading(text)?);
        }
        check_open(&letters, &readings)?;
        Ok(Self {
            letters,
            readings,
            why: enforce.why.clone(),
            confirmed_with: enforce.confirmed_with.clone(),
            account: enforce.account.clone(),
            people: Some(enforce.people.clone()),
        })
    }

    /// Officers, people, readings, drafts, confirmations, two signatures each, activations. What is done already is
    /// left as it is, so that the command can be run again.
    pub async fn carry_out(&self, client: &Client, dir: &DataDir) -> anyhow::Result<Vec<Active>> {
        let officers = officers(client, dir).await?;
        if let Some(people) = &self.people {
            people::upload(client, people, &self.account).await?;
        }
        for (question, choice) in &self.readings {
            let by = officers.first().context("there is no officer")?.0.clone();
            let choice = Choice { question: *question, choice: choice.clone(), by, why: self.why.clone() };
            directive::record(client, &choice).await?;
        }
        let mut active = Vec::new();
        for (text, file) in &self.letters {
            active.extend(self.put_in_force(client, &officers, text, file).await?);
        }
        Ok(active)
    }

    async fn put_in_force(
        &self,
        client: &Client,
        officers: &[(OfficerId, ledger::note::SigningKey)],
        text: &str,
        file: &LawFile,
    ) -> anyhow::Result<Vec<Active>> {
        let mut active = Vec::new();
        for part in file.split() {
            let Some(id) = part.ids().into_iter().next() else { continue };
            match directive::show(client, &id).await {
                Ok(view) if view.status == "active" => {
                    active.push(Active {
                        id: id.to_string(),
                        kind: view.kind,
                        from: view.from,
                        snapshot: view.snapshot.unwrap_or(0),
                    });
                    continue;
                }
                Ok(_) => {}
                Err(_) => drop(
                    directive::draft(client, text.to_owned(), officers.first().map(|o| o.0.clone())).await?,
                ),
            }
            self.confirm(client, &part, &id, officers).await?;
            for (officer, key) in officers {
                directive::approve(client, &id, officer, key).await?;
            }
            let activated = directive::activate(client, &id).await?;
            let kind = directive::show(client, &id).await?.kind;
            active.push(Active {
                id: id.to_string(),
                kind,
                from: activated.from,
                snapshot: activated.snapshot,
            });
        }
        Ok(active)
    }

    async fn confirm(
        &self,
        client: &Client,
        part: &LawFile,
        id: &terms::InstrumentId,
        officers: &[(OfficerId, ledger::note::SigningKey)],
    ) -> anyhow::Result<()> {
        if !part.is_unconfirmed_letter() {
            return Ok(());
        }
        let with = self.confirmed_with.clone().with_context(|| {
            format!("{id} is a letter nobody has confirmed: call its issuer back on a number found elsewhere, then add --confirmed-with OFFICE")
        })?;
        let by = officers.first().context("there is no officer")?.0.clone();
        directive::confirm(client, id, &CallBackOnFile { channel: "telephone".to_owned(), with, by }).await?;
        Ok(())
    }
}

/// Every question the letters raise has an answer, or the error says how to give it.
fn check_open(letters: &[(String, LawFile)], readings: &[(terms::Question, String)]) -> anyhow::Result<()> {
    let raised: BTreeSet<_> = letters.iter().flat_map(|(_, file)| file.questions()).collect();
    let open =
        raised.into_iter().filter(|question| !readings.iter().any(|(answered, _)| answered == question));
    let lines: Vec<String> = open
        .map(|question| {
            let options = question.options().join("|");
            format!("  --reading {}={options}   ({})", question.word(), question.in_words())
        })
        .collect();
    anyhow::ensure!(
        lines.is_empty(),
        "the letter leaves open what it means; nothing was put in force. Choose, and say why with --why:\n{}",
        lines.join("\n")
    );
    Ok(())
}

/// The trial officers with their keys, which are made at first use.
async fn officers(
    client: &Client,
    dir: &DataDir,
) -> anyhow::Result<Vec<(OfficerId, ledger::note::SigningKey)>> {
    let on_file: Vec<OfficerView> = client.get("/v1/officers").await?;
    let mut officers = Vec::new();
    for name in OFFICERS {
        let officer = OfficerId::parse(name)?;
        let path = dir.officer_key(name);
        if !path.exists() {
            keyfile::write(&path, &new_key(name)?)?;
        }
        if !on_file.iter().any(|known| known.officer == officer) {
            people::add_officer(client, &officer, &path, None).await?;
        }
        officers.push((officer, keyfile::read(&path)?));
    }
    Ok(officers)
}

/// An instrument in force.
#[derive(Clone, Debug, Serialize)]
pub struct Active {
    /// Its id.
    pub id: String,
    /// Directive, exception, lifting or licence.
    pub kind: String,
    /// First instant it has effect.
    pub from: Option<Instant>,
    /// Number of its snapshot.
    pub snapshot: u64,
}

/// Who keeps service of one model.
#[derive(Clone, Debug, Serialize)]
struct Share {
    model: String,
    served: usize,
    denied: usize,
    verify_first: usize,
    reading_open: usize,
}

#[derive(Serialize)]
struct Report {
    gateway: String,
    control: String,
    dir: String,
    log_key: String,
    in_force: Vec<Active>,
    /// As of when the shares are told: now, or the instant the last instrument takes effect.
    as_of: Instant,
    people: usize,
    models: Vec<Share>,
    keys: String,
    first_key: Option<String>,
    /// Whether refusals name a page where a missing fact can be shown.
    names_cure: bool,
}

async fn report(
    node: &Node,
    dir: &DataDir,
    enforce: &Enforce,
    in_force: Vec<Active>,
) -> anyhow::Result<Report> {
    let client = Client::at(dir, node.control)?;
    let issued: Vec<IssuedKey> = people::issue_missing(&client, &enforce.account).await?;
    if !issued.is_empty() {
        people::write_keys(&dir.issued_keys(), &issued)?;
    }
    let now = node.house.clock.read().at;
    let as_of = in_force.iter().filter_map(|active| active.from).chain([now]).max().unwrap_or(now);
    let registry = node.house.registry.lock().await;
    let people = registry.state.people.get(&enforce.account);
    let ids = people.into_iter().flat_map(store::People::iter).filter_map(|(id, _)| id.parse().ok());
    let known = ids.filter_map(|id| registry.state.person(&enforce.account, &id, as_of));
    let facts: Vec<_> = known.map(|known| known.facts).collect();
    let law = node.house.law.load_full();
    let share = |entry: &server::catalogue::Entry| {
        let outcomes: Vec<Outcome> = facts
            .iter()
            .map(|facts| node.house.decide_for(&law, facts, entry, terms::ClockReading::exact(as_of)).outcome)
            .collect();
        let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
        Share {
            model: entry.model.id.to_string(),
            served: count(Outcome::Permit),
            denied: count(Outcome::Deny),
            verify_first: count(Outcome::VerifyFirst),
            reading_open: count(Outcome::Depends),
        }
    };
    Ok(Report {
        gateway: format!("http://{}", node.gateway),
        control: format!("http://{}", node.control),
        dir: dir.path().display().to_string(),
        log_key: node.house.record.journal().verifier().to_string(),
        in_force,
        as_of,
        people: facts.len(),
        models: node.house.catalogue.entries().iter().map(share).collect(),
        keys: dir.issued_keys().display().to_string(),
        first_key: issued.into_iter().next().map(|key| key.key),
        names_cure: node.house.settings.cure_url.is_some(),
    })
}

impl Report {
    fn print(&self, once: bool) {
        println!("In force on this machine:");
        for active in &self.in_force {
            let from = active.from.map_or_else(|| "since ever".to_owned(), |from| format!("from {from}"));
            println!("  {} ({}) {from}, snapshot {}", active.id, active.kind, active.snapshot);
        }
        println!("\nWho of your {} people keeps service, as of {}:", self.people, self.as_of);
        let mut table = table(&["model", "served", "refused", "must verify", "reading open"]);
        for share in &self.models {
            let counts =
                [share.served, share.denied, share.verify_first, share.reading_open].map(|n| n.to_string());
            table.add_row([&share.model, &counts[0], &counts[1], &counts[2], &counts[3]]);
        }
        println!("{table}");
        println!(
            "Both approvals were signed here, with keys in {}/officers: right for a trial. In earnest each officer",
            self.dir
        );
        println!("signs on a machine of their own with `douane directive approve`.\n");
        println!("gateway  {}    keys of your people: {}", self.gateway, self.keys);
        println!("log key  {}", self.log_key);
        if !self.names_cure {
            println!(
                "Refusals name no page yet where a missing fact can be shown: set operator.cure_url in {}/douane.toml",
                self.dir
            );
        }
        let key = self.first_key.as_deref().unwrap_or("KEY");
        let model = self.models.first().map_or("MODEL", |share| share.model.as_str());
        println!("\nTry:");
        println!("  curl {}/v1/models -H 'Authorization: Bearer {key}'", self.gateway);
        println!(
            "  curl -i {}/v1/chat/completions -H 'Authorization: Bearer {key}' -d '{{\"model\":\"{model}\",\"messages\":[{{\"role\":\"user\",\"content\":\"hello\"}}]}}'",
            self.gateway
        );
        let now = if once { "Stopped (--once)." } else { "Serving until Ctrl-C." };
        println!("\n{now} Start again with `douane serve --dir {}`.", self.dir);
    }
}
