//! Receipts: proofs that a decision stands in the log.

use super::Desk;
use super::error::ControlError;
use axum::extract::{Path, State};
use ledger::journal::ProveError;
use std::sync::Arc;

/// A self-contained receipt for one entry, as text.
pub(super) async fn receipt(
    State(desk): State<Desk>,
    Path(index): Path<u64>,
) -> Result<String, ControlError> {
    let journal = Arc::clone(desk.house.record.journal());
    let proved = tokio::task::spawn_blocking(move || match journal.prove(index) {
        Err(ProveError::NotSigned { .. }) => {
            // Signs what is not signed yet; on a log closed for writing the newest checkpoint must do.
            let _ = journal.checkpoint_now();
            journal.prove(index)
        }
        proved => proved,
    });
    let proved = proved.await.map_err(|error| ControlError::bad(error.to_string()))?;
    proved.map_err(|error| ControlError::not_found(error.to_string()))
}
