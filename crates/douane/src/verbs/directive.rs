//! `douane directive` and `douane reading`.

use super::people::read_officer_key;
use super::{print_json, table};
use crate::cli::{Directive, Reading};
use crate::client::Client;
use crate::dir::DataDir;
use anyhow::{Context, ensure};
use law::{CallBackOnFile, LawFile, Lifting, approval_text};
use ledger::note::SigningKey;
use server::control::api::{Activated, Approval, Choice, Draft, Drafted, InstrumentView, ReadingView};
use terms::{Choices, Instant, InstrumentId, OfficerId};

/// Does what a verb of `directive` says.
pub async fn run(client: &Client, dir: &DataDir, verb: &Directive, json: bool) -> anyhow::Result<()> {
    match verb {
        Directive::Draft { file, officer } => {
            let toml =
                std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
            print_drafted(&draft(client, toml, officer.clone()).await?, json)
        }
        Directive::Confirm { id, with, by, channel } => {
            let confirmation =
                CallBackOnFile { channel: channel.clone(), with: with.clone(), by: by.clone() };
            print_view(&confirm(client, id, &confirmation).await?, json)
        }
        Directive::Approve { ids, officer, key } => {
            let key = read_officer_key(dir, officer, key.as_deref())?;
            for id in ids {
                print_view(&approve(client, id, officer, &key).await?, json)?;
            }
            Ok(())
        }
        Directive::Activate { ids } => {
            for id in ids {
                print_activated(&activate(client, id).await?, json)?;
            }
            Ok(())
        }
        Directive::Lift { ids, at } => print_drafted(&draft(client, lifting(ids, *at)?, None).await?, json),
        Directive::List => list(client, json).await,
        Directive::Show { id } => print_view(&show(client, id).await?, json),
    }
}

/// Puts a law file on file as drafts.
pub async fn draft(client: &Client, toml: String, officer: Option<OfficerId>) -> anyhow::Result<Drafted> {
    client.post("/v1/instruments", &Draft { toml, officer }).await
}

/// Records the call-back that confirmed a letter.
pub async fn confirm(
    client: &Client,
    id: &InstrumentId,
    confirmation: &CallBackOnFile,
) -> anyhow::Result<InstrumentView> {
    client.post(&format!("/v1/instruments/{id}/confirmation"), confirmation).await
}

/// Puts an approved instrument in force.
pub async fn activate(client: &Client, id: &InstrumentId) -> anyhow::Result<Activated> {
    client.post(&format!("/v1/instruments/{id}/activation"), &serde_json::json!({})).await
}

/// One instrument.
pub async fn show(client: &Client, id: &InstrumentId) -> anyhow::Result<InstrumentView> {
    client.get(&format!("/v1/instruments/{id}")).await
}

/// Signs an instrument. The digest is computed here from the text shown, not taken from the server.
pub async fn approve(
    client: &Client,
    id: &InstrumentId,
    officer: &OfficerId,
    key: &SigningKey,
) -> anyhow::Result<InstrumentView> {
    let view = show(client, id).await?;
    let file = law::lint::read(&view.toml).map_err(|why| anyhow::anyhow!(why.message))?;
    let mut choices = Choices::default();
    for reading in &view.readings {
        let choice = reading.choice.as_deref().with_context(|| {
            let options = reading.options.join("|");
            format!(
                "the reading {0} is open: run `douane reading record {0} {options}` first",
                reading.question.word()
            )
        })?;
        choices.record(reading.question, choice);
    }
    let digest = file.approval_digest(choices, view.call_back.as_ref());
    ensure!(
        hex::encode(digest) == view.approval_digest,
        "the server's digest is not that of the text it shows; do not approve"
    );
    let note = key.sign(&approval_text(id, &digest))?;
    let approval = Approval { officer: officer.clone(), note };
    client.post(&format!("/v1/instruments/{id}/approvals"), &approval).await
}

/// A law file with one lifting.
fn lifting(ids: &[InstrumentId], at: Instant) -> anyhow::Result<String> {
    let first = ids.first().context("name a directive")?;
    let stamp: String = at.to_string().chars().filter(char::is_ascii_alphanumeric).collect();
    let lifting = Lifting {
        id: InstrumentId::parse(&format!("lift-{first}-{stamp}"))?,
        title: "Lifting".to_owned(),
        directives: ids.to_vec(),
        at,
        source: None,
    };
    Ok(toml::to_string(&LawFile { schema: 1, lifting: vec![lifting], ..LawFile::default() })?)
}

async fn list(client: &Client, json: bool) -> anyhow::Result<()> {
    let views: Vec<InstrumentView> = client.get("/v1/instruments").await?;
    if json {
        return print_json(&views);
    }
    let mut table = table(&["id", "kind", "status", "from", "until", "approved by", "blocked by"]);
    for view in views {
        let blockers = view.blockers.len();
        table.add_row([
            view.id.to_string(),
            view.kind,
            view.status,
            instant(view.from),
            instant(view.until),
            names(&view.approved_by),
            if blockers == 0 { String::new() } else { format!("{blockers} points: show {}", view.id) },
        ]);
    }
    println!("{table}");
    Ok(())
}

fn instant(at: Option<Instant>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

fn names(officers: &[OfficerId]) -> String {
    officers.iter().map(|officer| officer.to_string()).collect::<Vec<_>>().join(", ")
}

fn print_drafted(drafted: &Drafted, json: bool) -> anyhow::Result<()> {
    if json {
        return print_json(drafted);
    }
    drafted.warnings.iter().for_each(|warning| println!("{warning}"));
    for id in &drafted.instruments {
        println!("drafted {id}: next, two officers run `douane directive approve {id} --officer NAME`");
    }
    Ok(())
}

fn print_activated(activated: &Activated, json: bool) -> anyhow::Result<()> {
    if json {
        return print_json(activated);
    }
    let from = activated.from.map_or_else(|| "at once".to_owned(), |from| format!("from {from}"));
    println!(
        "{} is in force {from}; snapshot {}, activated {}",
        activated.id, activated.snapshot, activated.at
    );
    Ok(())
}

fn print_view(view: &InstrumentView, json: bool) -> anyhow::Result<()> {
    if json {
        return print_json(view);
    }
    println!("{} ({}), {}", view.id, view.kind, view.status);
    if !view.title.is_empty() {
        println!("  {}", view.title);
    }
    println!(
        "  window       {} to {}",
        or(instant(view.from), "since ever"),
        or(instant(view.until), "open")
    );
    println!("  digest       {}", view.approval_digest);
    println!("  approved by  {}", or(names(&view.approved_by), "nobody yet"));
    if let Some(call_back) = &view.call_back {
        println!("  confirmed    with {} by {} ({})", call_back.with, call_back.by, call_back.channel);
    }
    for reading in &view.readings {
        print_reading(reading);
    }
    view.blockers.iter().for_each(|blocker| println!("  blocked: {blocker}"));
    Ok(())
}

fn or(text: String, empty: &str) -> String {
    if text.is_empty() { empty.to_owned() } else { text }
}

fn print_reading(reading: &ReadingView) {
    let choice = reading.choice.as_deref().unwrap_or("OPEN");
    let by =
        reading.by.as_ref().map(|by| format!(" by {by}: {}", reading.why.as_deref().unwrap_or_default()));
    println!("  reading      {} = {choice}{}", reading.question.word(), by.unwrap_or_default());
}

/// Does what a verb of `reading` says.
pub async fn reading(client: &Client, verb: &Reading, json: bool) -> anyhow::Result<()> {
    let readings = match verb {
        Reading::Record { question, choice, by, why } => {
            let choice =
                Choice { question: *question, choice: choice.clone(), by: by.clone(), why: why.clone() };
            vec![record(client, &choice).await?]
        }
        Reading::List => client.get("/v1/readings").await?,
    };
    if json {
        return print_json(&readings);
    }
    for reading in &readings {
        print_reading(reading);
        println!("               {} ({})", reading.in_words, reading.options.join(" or "));
    }
    Ok(())
}

/// Records a reading.
pub async fn record(client: &Client, choice: &Choice) -> anyhow::Result<ReadingView> {
    client.post("/v1/readings", choice).await
}
