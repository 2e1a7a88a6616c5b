//! `douane recompute`: decisions of the log decided again, from what was known then.

use super::law_at::frame;
use super::{print_json, table};
use crate::cli::Recompute;
use crate::dir::DataDir;
use anyhow::Context;
use ledger::hash::leaf_hash;
use server::past::{Conclusion, Past, Pick, Recomputed, Remark, Said};
use std::path::Path;

/// Comparisons that are listed one by one when all are recomputed.
const LISTED: usize = 100;

/// Recomputes and prints; true when nothing speaks against the record.
pub async fn run(dir: &DataDir, asked: &Recompute, json: bool) -> anyhow::Result<bool> {
    // A configuration that no longer reads is no reason to give up: earlier ones are kept beside the log.
    let today =
        frame(dir.path()).inspect_err(|why| eprintln!("today's configuration is left out: {why}")).ok();
    let mut past = Past::open(dir.path(), today).await?;
    match &asked.decision {
        Some(name) => one(&mut past, name, json).await,
        None => all(&mut past, json).await,
    }
}

async fn one(past: &mut Past, name: &str, json: bool) -> anyhow::Result<bool> {
    let named = Named::read(name)?;
    let mut found = None;
    past.recompute(Pick::One(named.index), |recomputed| found = Some(recomputed)).await?;
    let mut recomputed = found.context("the log has no such decision")?;
    named.compare(&mut recomputed);
    if json {
        print_json(&recomputed)?
    } else {
        print(&recomputed)
    }
    Ok(recomputed.result.holds())
}

/// A decision, by number or by its receipt.
struct Named {
    index: u64,
    /// The entry a receipt carries.
    entry: Option<Vec<u8>>,
}

impl Named {
    /// A number, the value of a `Douane-Receipt` header, or a file with a receipt.
    fn read(name: &str) -> anyhow::Result<Self> {
        let path = Path::new(name);
        if path.is_file() {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
            let receipt = ledger::receipt::Receipt::parse(&text).with_context(|| name.to_owned())?;
            return Ok(Self { index: receipt.index, entry: receipt.extra });
        }
        let index = name.rsplit('#').next().unwrap_or(name).parse().with_context(|| {
            format!("`{name}` is no decision: give the value of a Douane-Receipt header, its number, or a receipt file")
        })?;
        Ok(Self { index, entry: None })
    }

    /// Whether the receipt is for the entry that stands in the log.
    fn compare(&self, recomputed: &mut Recomputed) {
        let Some(carried) = self.entry.as_deref().map(leaf_hash) else { return };
        if carried == recomputed.leaf_hash {
            return;
        }
        recomputed.result = Conclusion::Differs;
        recomputed.differences.push(Remark {
            code: "receipt_of_another_entry",
            text: "the receipt is for another entry than the one in this log".to_owned(),
            recorded: Some(recomputed.leaf_hash.to_string()),
            recomputed: Some(carried.to_string()),
        });
    }
}

async fn all(past: &mut Past, json: bool) -> anyhow::Result<bool> {
    let order = [Conclusion::Same, Conclusion::DigestsOnly, Conclusion::CannotTell, Conclusion::Differs];
    let (mut counts, mut listed) = ([0_u64; 4], Vec::new());
    past.recompute(Pick::All, |recomputed| {
        let place = order.iter().position(|one| *one == recomputed.result);
        place.and_then(|place| counts.get_mut(place)).into_iter().for_each(|count| *count += 1);
        if !recomputed.result.holds() && listed.len() < LISTED {
            listed.push(recomputed);
        }
    })
    .await?;
    let holds = counts.iter().skip(2).all(|count| *count == 0);
    if json {
        let counted: serde_json::Map<_, _> =
            order.iter().zip(counts).map(|(one, count)| (one.word().to_owned(), count.into())).collect();
        print_json(
            &serde_json::json!({ "decisions": counts.iter().sum::<u64>(), "results": counted, "listed": listed }),
        )?;
        return Ok(holds);
    }
    let mut head = table(&["recomputed", "decisions"]);
    for (one, count) in order.iter().zip(counts) {
        head.add_row([in_words(*one).to_owned(), count.to_string()]);
    }
    println!("{head}");
    listed.iter().for_each(print);
    Ok(holds)
}

fn in_words(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Same => "same",
        Conclusion::DigestsOnly => "openings gone: digests checked only",
        Conclusion::CannotTell => "cannot be told",
        Conclusion::Differs => "differs",
    }
}

fn print(recomputed: &Recomputed) {
    let Recomputed { index, at, model, result, known_events, recorded, .. } = recomputed;
    println!("{}: entry {index}, {model} at {at}", in_words(*result).to_uppercase());
    println!("  known then: {known_events} events; regime {}", recorded.regime);
    println!("  recorded:   {}", said(recorded));
    if let Some(again) = &recomputed.recomputed {
        println!("  recomputed: {}", said(again));
    }
    println!("  entry {}", recomputed.leaf_hash);
    for remark in &recomputed.differences {
        println!("  differs: {}", remark.text);
        if let (Some(recorded), Some(again)) = (&remark.recorded, &remark.recomputed) {
            println!("    recorded {recorded}; recomputed {again}");
        }
    }
    recomputed.notes.iter().for_each(|note| println!("  note: {}", note.text));
}

fn said(said: &Said) -> String {
    let list = |what: &str, items: &[ledger::ident::Ident]| {
        let items: Vec<&str> = items.iter().map(|item| item.as_str()).collect();
        if items.is_empty() { String::new() } else { format!(", {what} {}", items.join(", ")) }
    };
    let (decisive, missing) = (list("decided by", &said.decisive), list("missing", &said.missing));
    format!("{}{decisive}{missing}, snapshot {}", said.reason, said.snapshot)
}
