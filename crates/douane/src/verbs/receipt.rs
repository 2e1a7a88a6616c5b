//! `douane receipt`.

use crate::cli::Receipt;
use crate::client::Client;
use anyhow::Context;

/// Fetches a receipt from the running server.
pub async fn run(client: &Client, receipt: &Receipt) -> anyhow::Result<()> {
    let text = fetch(client, &receipt.id).await?;
    match &receipt.out {
        Some(path) => {
            std::fs::write(path, &text).with_context(|| format!("cannot write {}", path.display()))?;
            println!(
                "receipt in {}: check it with `douane verify {} --key KEY`",
                path.display(),
                path.display()
            );
        }
        None => print!("{text}"),
    }
    Ok(())
}

/// The receipt of an entry named by `origin#index` or by its index.
pub async fn fetch(client: &Client, id: &str) -> anyhow::Result<String> {
    let index = id.rsplit('#').next().unwrap_or(id);
    let index: u64 = index
        .parse()
        .with_context(|| format!("`{id}` is no receipt id: give the value of a Douane-Receipt header"))?;
    client.text(&format!("/v1/receipts/{index}")).await
}
