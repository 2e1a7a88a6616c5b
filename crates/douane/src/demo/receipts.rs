//! Every receipt the clients were given, verified with nothing but the pinned key; then the log, on a copy.

use super::Teller;
use super::stage::Stage;
use super::summary::Summary;
use crate::client::Client;
use crate::verbs::receipt;
use anyhow::{Context, ensure};
use ledger::leaf::{Leaf, Verdict};
use ledger::note::VerifierKey;
use ledger::verify::{verify_log, verify_receipt};
use std::path::Path;

/// A receipt as a client saw it.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) id: String,
    pub(super) status: u16,
}

pub(super) async fn check_all(stage: &Stage, teller: &Teller, summary: &mut Summary) -> anyhow::Result<()> {
    let key = stage.node.house.record.journal().verifier().clone();
    for seen in std::mem::take(&mut summary.receipts) {
        summary.receipts_checked += 1;
        if let Err(why) = check(&stage.client, &key, &seen).await {
            summary.receipts_bad += 1;
            if summary.receipts_bad <= 5 {
                teller.say(format!("receipt {}: {why:#}", seen.id));
            }
        }
    }
    teller.say(format!(
        "{} receipts verified with the pinned key alone, {} bad",
        summary.receipts_checked, summary.receipts_bad
    ));
    let report = on_a_copy(stage, &key).await?;
    teller.say(format!(
        "the whole log, copied elsewhere: {} entries, {}",
        report.entries,
        if report.is_sound() { "sound" } else { "NOT SOUND" }
    ));
    summary.log_sound = report.is_sound();
    summary.log_entries = report.entries;
    Ok(())
}

/// The receipt holds, and the entry says what the client saw.
async fn check(client: &Client, key: &VerifierKey, seen: &Seen) -> anyhow::Result<()> {
    let text = receipt::fetch(client, &seen.id).await?;
    let proven = verify_receipt(&text, key)?;
    ensure!(seen.id.ends_with(&format!("#{}", proven.index)), "it proves another entry");
    let Leaf::Decision(decision) = proven.leaf else { anyhow::bail!("it proves no decision") };
    let fits = match seen.status {
        200 => decision.verdict == Verdict::Permit,
        451 => matches!(decision.verdict, Verdict::Deny | Verdict::Depends),
        401 | 403 => decision.verdict == Verdict::VerifyFirst,
        _ => false,
    };
    ensure!(fits, "the client saw {}, the entry says {:?}", seen.status, decision.verdict);
    Ok(())
}

async fn on_a_copy(stage: &Stage, key: &VerifierKey) -> anyhow::Result<ledger::verify::LogReport> {
    let (log, copy, key) = (stage.path("log"), stage.path("log-copy"), key.clone());
    let journal = std::sync::Arc::clone(stage.node.house.record.journal());
    tokio::task::spawn_blocking(move || {
        journal.checkpoint_now()?;
        copy_tree(&log, &copy)?;
        Ok(verify_log(&copy, &key)?)
    })
    .await?
}

fn copy_tree(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target).with_context(|| target.display().to_string())?;
        }
    }
    Ok(())
}
