//! demo
pub async fn run(_: &crate::cli::Demo, _: bool) -> anyhow::Result<bool> { Ok(true) }
