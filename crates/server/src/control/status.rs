//! Where the server stands.

use super::Desk;
use super::api::{ClockSetting, StatusView};
use super::error::Answer;
use axum::Json;
use axum::extract::State;
use store::Event;
use terms::Instant;

pub(super) async fn status(State(desk): State<Desk>) -> Json<StatusView> {
    Json(view(&desk))
}

fn view(desk: &Desk) -> StatusView {
    let house = &desk.house;
    let (law, clock) = (house.law.load(), house.clock.read());
    let journal = house.record.journal();
    let next = law.regime.next_change(clock);
    StatusView {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        now: clock.at,
        practice: house.clock.is_practice(),
        snapshot: law.snapshot,
        regime: hex::encode(law.regime.digest()),
        next_change: (next != Instant::MAX).then_some(next),
        open_streams: house.live.count(),
        keys: house.directory.load().len(),
        log_size: journal.size(),
        log_key: journal.verifier().to_string(),
        log_closed: journal.failed().map(|reason| reason.to_string()),
        unrecorded: house.record.unrecorded(),
        bylaw_errors: house.rules.as_ref().map_or(0, |rules| rules.errors()),
    }
}

/// Sets the practice clock; refused on the real one.
pub(super) async fn set_clock(
    State(desk): State<Desk>,
    Json(setting): Json<ClockSetting>,
) -> Answer<StatusView> {
    let house = &desk.house;
    let mut registry = house.registry.lock().await;
    if !house.clock.is_practice() {
        return Err(crate::clock::NotPractice.into());
    }
    house.commit(&mut registry, &[Event::ClockSet { at: setting.at }]).await?;
    house.clock.jump_to(setting.at)?;
    house.live.wake();
    Ok(Json(view(&desk)))
}
