//! `douane demo`: a guided 12 June with invented people, over the same path as `douane enforce`.

mod clients;
mod receipts;
mod stage;
mod summary;

use crate::cli::Demo;
use crate::population::{Truth, after_second_letter, after_third_letter};
use crate::verbs::check::JUNE;
use crate::verbs::{print_json, serve};
use anyhow::Context;
use clients::Asked;
use stage::Stage;
use std::time::Duration;
use summary::Summary;
use terms::Instant;

/// How long before 17:21 the clock is set once all streams are open.
const LEAD: Duration = Duration::from_secs(8);

/// Tells the story as it goes: plain lines, on standard error where standard output is for JSON.
pub(crate) struct Teller {
    json: bool,
}

impl Teller {
    fn say(&self, line: impl AsRef<str>) {
        if self.json { eprintln!("{}", line.as_ref()) } else { println!("{}", line.as_ref()) }
    }

    fn chapter(&self, title: &str) {
        self.say(format!("\n== {title}"));
    }
}

/// Runs the demo; false when a forbidden stream was missed, a lawful one was hurt or a receipt does not hold.
pub async fn run(demo: &Demo, json: bool) -> anyhow::Result<bool> {
    let teller = Teller { json };
    teller.say("12 June 2026 as a practice run on this machine: invented people, the real gateway, real sockets, no network.");
    teller.say("A letter orders two models kept from every foreign person from 17:21 Eastern on. Nothing decided here counts.");
    let mut stage = Stage::set(demo, &teller).await?;
    let story = tokio::select! {
        story = tell(demo, &mut stage, &teller) => story,
        stopped = serve::stop_signal() => stopped.and_then(|()| anyhow::bail!("stopped before the end")),
    };
    let summary = match story {
        Ok(summary) => summary,
        Err(error) => {
            stage.strike().await?;
            return Err(error);
        }
    };
    let good = summary.is_good();
    if json {
        print_json(&summary)?
    } else {
        summary.print()
    }
    if !demo.once {
        if !json {
            Summary::print_tries(&stage);
        }
        teller.say("\nServing until Ctrl-C.");
        serve::stop_signal().await?;
    }
    stage.strike().await?;
    Ok(good)
}

async fn tell(demo: &Demo, stage: &mut Stage, teller: &Teller) -> anyhow::Result<Summary> {
    let mut summary = Summary::new(stage, demo);
    first_letter(demo, stage, teller, &mut summary).await?;
    let asked = who_keeps_service(stage, teller, &mut summary).await?;
    summary.receipts.extend(asked.receipts());
    the_cure(stage, teller, &mut summary).await?;
    second_letter(stage, teller, &mut summary).await?;
    third_letter(stage, teller, &mut summary).await?;
    teller.chapter("Proof");
    receipts::check_all(stage, teller, &mut summary).await?;
    Ok(summary)
}

/// Live streams at 17:21.
async fn first_letter(
    demo: &Demo,
    stage: &Stage,
    teller: &Teller,
    summary: &mut Summary,
) -> anyhow::Result<()> {
    teller.chapter("Friday 12 June 2026, 17:19 Eastern: the letter is on the desk");
    let first = JUNE.first().context("the first letter ships with the program")?;
    let active = stage.put_in_force(first).await?;
    for active in &active {
        teller.say(format!("two officers have signed {}; it takes effect at 17:21:00 by itself", active.id));
    }
    let effect = active.iter().find_map(|active| active.from).context("the letter has an instant")?;
    let mut streams = clients::Streams::open(stage, &stage.streams(demo.streams)?).await?;
    teller.say(format!("{} live streams are open through the gateway, in both dialects", streams.opened));
    let lead_us = i64::try_from(LEAD.as_micros())?;
    stage.set_clock(effect.plus_micros(-lead_us)).await?;
    let effect_at_us = effect.as_micros() - stage.node.house.clock.offset_us();
    streams.tell_effect(effect_at_us).await?;
    countdown(stage, effect, teller).await;
    teller.chapter("17:21:00");
    let report = streams.report().await?;
    teller.say(format!(
        "{} streams were forbidden: the last of them had ended {:.1} ms after the instant (p99 {:.1} ms)",
        report.streams_forbidden, report.end_max_ms, report.end_p99_ms
    ));
    teller.say(format!(
        "missed {}, cut wrongly {}; {} of {} bytes of everybody else's text arrived",
        report.streams_missed,
        report.streams_cut_wrongly,
        report.served_bytes_received,
        report.served_bytes_expected
    ));
    summary.add_streams(&report);
    Ok(())
}

/// Shows the clock until the instant, where somebody looks.
async fn countdown(stage: &Stage, effect: Instant, teller: &Teller) {
    let bar = (!teller.json).then(indicatif::ProgressBar::new_spinner);
    loop {
        let left_us = effect.micros_since(stage.node.house.clock.read().at);
        if left_us <= 0 {
            break;
        }
        if let Some(bar) = &bar {
            bar.set_message(format!(
                "17:21:00 in {:.1} s",
                Duration::from_micros(left_us.unsigned_abs()).as_secs_f32()
            ));
            bar.tick();
        }
        tokio::time::sleep(Duration::from_micros(left_us.unsigned_abs()).min(Duration::from_millis(100)))
            .await;
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}

/// Everybody asks once.
async fn who_keeps_service(stage: &Stage, teller: &Teller, summary: &mut Summary) -> anyhow::Result<Asked> {
    let plan = stage.questions("fable-5", "first", |invented| Some(invented.truth))?;
    let asked = clients::ask(stage, &plan).await?;
    summary.add_first_answers(stage, &asked);
    teller.say(format!(
        "everybody asks once more: {} are served, {} refused with the reason, {} told the one fact to show",
        summary.served, summary.denied, summary.verify_first
    ));
    teller.say(format!("a blanket shutdown would have refused all {}", summary.blanket_would_refuse));
    Ok(asked)
}

/// Some of those who were told what is missing show it.
async fn the_cure(stage: &mut Stage, teller: &Teller, summary: &mut Summary) -> anyhow::Result<()> {
    let shown = stage.show_missing_facts().await?;
    let plan = stage.questions("fable-5", "cure", |invented| {
        shown.contains(&invented.row.person_id).then_some(invented.truth)
    })?;
    let asked = clients::ask(stage, &plan).await?;
    summary.add_cured(&asked);
    teller.say(format!(
        "{} people show a document for the one fact they were asked for: {} of them are served at once",
        asked.report.asked,
        asked.served()
    ));
    summary.receipts.extend(asked.receipts());
    Ok(())
}

async fn second_letter(stage: &Stage, teller: &Teller, summary: &mut Summary) -> anyhow::Result<()> {
    teller.chapter(
        "Friday 26 June: the second letter opens Mythos 5 to named partners and the maker's own staff",
    );
    stage.set_clock(Instant::parse("2026-06-26T23:30:00Z")?).await?;
    stage.put_in_force(JUNE.get(1).context("the second letter ships with the program")?).await?;
    let at = Instant::parse("2026-06-27T00:00:01Z")?;
    stage.set_clock(at).await?;
    let plan = stage.questions("mythos-5", "second", |invented| {
        let truth = after_second_letter(&invented.row, at, "mythos-5");
        (truth != invented.truth || stage::is_sampled(invented)).then_some(truth)
    })?;
    let asked = clients::ask(stage, &plan).await?;
    summary.add_later_answers("second", &asked);
    let opened = stage.count(|invented| {
        invented.truth != Truth::Served && after_second_letter(&invented.row, at, "mythos-5") == Truth::Served
    });
    teller.say(format!(
        "{opened} people are served again on mythos-5; {} asked, {} answers not as the letter says",
        asked.report.asked, asked.report.mismatches
    ));
    summary.receipts.extend(asked.receipts());
    Ok(())
}

async fn third_letter(stage: &Stage, teller: &Teller, summary: &mut Summary) -> anyhow::Result<()> {
    teller.chapter("Tuesday 30 June: the third letter lifts both");
    stage.set_clock(Instant::parse("2026-06-30T21:30:00Z")?).await?;
    stage.put_in_force(JUNE.get(2).context("the third letter ships with the program")?).await?;
    stage.set_clock(Instant::parse("2026-06-30T22:00:00.001Z")?).await?;
    let plan = stage
        .questions("fable-5", "third", |invented| stage::is_sampled(invented).then(after_third_letter))?;
    let asked = clients::ask(stage, &plan).await?;
    summary.add_later_answers("third", &asked);
    teller.say(format!("{} asked, {} served", asked.report.asked, asked.served()));
    summary.receipts.extend(asked.receipts());
    Ok(())
}
