//! The clock handed down from the binary.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use terms::{ClockReading, Instant};
use tokio::sync::watch;

/// Reads the wall clock through a function the binary supplies. A practice clock runs at the same pace from another
/// starting point and can jump; nothing it decides counts.
pub struct Clock {
    wall: Box<dyn Fn() -> Instant + Send + Sync>,
    offset_us: AtomicI64,
    uncertainty_us: i64,
    practice: bool,
    jumps: watch::Sender<u64>,
}

/// The clock is the real one and cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the clock is the real one: only a practice clock can be set")]
pub struct NotPractice;

impl Clock {
    /// The real clock, with the bound on its error in microseconds.
    pub fn real(wall: impl Fn() -> Instant + Send + Sync + 'static, uncertainty_us: i64) -> Self {
        Self {
            wall: Box::new(wall),
            offset_us: AtomicI64::new(0),
            uncertainty_us: uncertainty_us.max(0),
            practice: false,
            jumps: watch::Sender::new(0),
        }
    }

    /// A practice clock that shows `start` now.
    pub fn practice(wall: impl Fn() -> Instant + Send + Sync + 'static, start: Instant) -> Self {
        let offset = start.micros_since(wall());
        Self { offset_us: AtomicI64::new(offset), practice: true, ..Self::real(wall, 0) }
    }

    /// What the clock says now.
    pub fn read(&self) -> ClockReading {
        let at = (self.wall)().plus_micros(self.offset_us.load(Ordering::Relaxed));
        ClockReading { at, uncertainty_us: self.uncertainty_us }
    }

    /// Whether this is a practice clock.
    pub fn is_practice(&self) -> bool {
        self.practice
    }

    /// Microseconds to add to the real time to get this clock's; 0 on the real clock.
    pub fn offset_us(&self) -> i64 {
        self.offset_us.load(Ordering::Relaxed)
    }

    /// Makes a practice clock show `instant` now.
    pub fn jump_to(&self, instant: Instant) -> Result<(), NotPractice> {
        if !self.practice {
            return Err(NotPractice);
        }
        self.offset_us.store(instant.micros_since((self.wall)()), Ordering::Relaxed);
        self.jumps.send_modify(|jumps| *jumps = jumps.wrapping_add(1));
        Ok(())
    }

    /// Returns when the clock has reached `instant`, or has jumped.
    pub async fn reached(&self, instant: Instant) {
        let mut jumps = self.jumps.subscribe();
        loop {
            let left_us = instant.micros_since(self.read().at);
            let Ok(left_us) = u64::try_from(left_us) else { return };
            if left_us == 0 {
                return;
            }
            // Long waits are cut into hours, so that a suspended machine finds its way back.
            let nap = Duration::from_micros(left_us).min(Duration::from_secs(3600));
            tokio::select! {
                () = tokio::time::sleep(nap) => {}
                _ = jumps.changed() => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_practice_clock_can_be_set() {
        let wall = || Instant::from_micros(1_000);
        let noon = Instant::from_micros(5_000_000);
        assert_eq!(Clock::real(wall, 7).jump_to(noon), Err(NotPractice));
        let clock = Clock::practice(wall, Instant::from_micros(0));
        assert_eq!(clock.read().at, Instant::from_micros(0));
        clock.jump_to(noon).unwrap();
        assert_eq!(clock.read(), ClockReading::exact(noon));
    }

    #[tokio::test]
    async fn a_jump_wakes_whoever_waits() {
        let clock = std::sync::Arc::new(Clock::practice(|| Instant::from_micros(0), Instant::from_micros(0)));
        let waiting = tokio::spawn({
            let clock = std::sync::Arc::clone(&clock);
            async move { clock.reached(Instant::MAX).await }
        });
        tokio::task::yield_now().await;
        clock.jump_to(Instant::from_micros(9)).unwrap();
        waiting.await.unwrap();
    }
}
