//! `douane serve` and `douane practice`.

use crate::config::Config;
use crate::dir::DataDir;
use crate::node::Node;
use crate::wall;
use server::Clock;
use server::practice::{Practice, bind};
use terms::Instant;
use tokio::signal::unix::{SignalKind, signal};

/// Serves until a signal.
pub async fn run(dir: &DataDir, practice_clock: Option<Instant>) -> anyhow::Result<()> {
    let config = Config::read(dir.path())?;
    let uncertainty_us = i64::from(config.clock.uncertainty_ms) * 1000;
    let clock = match practice_clock {
        Some(start) => Clock::practice(wall::now, start),
        None => Clock::real(wall::now, uncertainty_us),
    };
    let node = Node::start(dir, &config, clock).await?;
    if practice_clock.is_some() {
        println!("PRACTICE CLOCK: nothing decided here counts");
    }
    let law = node.house.law.load_full();
    println!("gateway http://{}  control http://{}", node.gateway, node.control);
    println!(
        "snapshot {} with {} directives; log key {}",
        law.snapshot,
        law.book.directives.len(),
        node.house.record.journal().verifier()
    );
    stop_signal().await?;
    println!("stopping");
    node.stop().await
}

/// Returns at Ctrl-C or a termination signal.
pub async fn stop_signal() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Serves the practice model alone.
pub async fn practice(port: u16) -> anyhow::Result<()> {
    let listener = bind(port)?;
    println!("practice model on http://{}", listener.local_addr()?);
    let names = ["fable-5", "mythos-5", "practice-mini"].map(str::to_owned);
    let created = u64::try_from(wall::now().as_micros() / 1_000_000)?;
    Practice::new(names).serve(listener, created, async { drop(stop_signal().await) }).await;
    Ok(())
}
