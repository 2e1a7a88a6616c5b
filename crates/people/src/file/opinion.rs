//! Opinions of several sources on one question, weighed.

use terms::{Instant, Level};

/// What one source says on a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Opinion<T> {
    pub(super) value: T,
    pub(super) level: Level,
    /// The first instant at which it counts no more; `None` = it does not lapse.
    pub(super) lapses: Option<Instant>,
}

/// What the strongest opinions come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Weighed<T> {
    /// Nobody says anything.
    Silent,
    /// The strongest agree.
    Settled(Opinion<T>),
    /// The strongest, at this level, contradict each other.
    Contradicted(Level),
}

/// The strongest opinion. `join` makes one value of two that are compatible, whatever their order; `None` where they
/// contradict. The result lapses when its last supporter does.
pub(super) fn weigh<T: Clone>(opinions: &[Opinion<T>], join: impl Fn(&T, &T) -> Option<T>) -> Weighed<T> {
    let Some(level) = opinions.iter().map(|one| one.level).max() else { return Weighed::Silent };
    let mut strongest = opinions.iter().filter(|one| one.level == level);
    let Some(first) = strongest.next().cloned() else { return Weighed::Silent };
    let joined = strongest.try_fold(first, |so_far, next| {
        let value = join(&so_far.value, &next.value)?;
        Some(Opinion { value, level, lapses: last(so_far.lapses, next.lapses) })
    });
    joined.map_or(Weighed::Contradicted(level), Weighed::Settled)
}

/// The later of two lapses.
fn last(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.zip(other).map(|(one, other)| one.max(other))
}
