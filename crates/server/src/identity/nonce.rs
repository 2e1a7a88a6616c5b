//! Nonces for DPoP proofs (RFC 9449, 8): made from the clock under a secret, so that none has to be remembered.

use super::sts::{NoRandomness, random};
use store::KeyHasher;
use terms::Instant;

/// How long one nonce is handed out, seconds. It is taken for as long again.
const LIFE_S: i64 = 150;

/// Makes and recognises nonces.
pub struct Nonces(KeyHasher);

impl Nonces {
    /// Under a new secret.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn new() -> Result<Self, NoRandomness> {
        Ok(Self(KeyHasher::new(&random()?)))
    }

    /// The nonces taken now, the one to hand out first.
    pub fn taken(&self, now: Instant) -> [String; 2] {
        let window = now.as_micros().div_euclid(LIFE_S * 1_000_000);
        [window, window.saturating_sub(1)].map(|window| self.of(window))
    }

    fn of(&self, window: i64) -> String {
        let seal = self.0.seal("douane/dpop-nonce/v1", &window.to_be_bytes());
        hex::encode(seal.iter().take(16).copied().collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_taken_through_the_next_window_and_no_longer() {
        let nonces = Nonces::new().unwrap();
        let at = |seconds: i64| nonces.taken(Instant::from_micros(seconds * 1_000_000));
        assert_eq!(at(0)[0], at(149)[0]);
        assert_eq!(at(0)[0], at(150)[1]);
        assert!(!at(300).contains(&at(0)[0]));
        assert_ne!(Nonces::new().unwrap().taken(Instant::from_micros(0))[0], at(0)[0]);
    }
}
