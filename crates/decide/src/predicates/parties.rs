//! Restricted parties, who owns the employer, and where its ultimate parent has its seat.

use super::View;
use crate::subject::Work;
use crate::tri::Tri;
use terms::{CountrySet, MissingFact, PartyMatch, Share};

impl View<'_> {
    /// A party on a restricted-party list, or working for a firm that such parties own to the threshold.
    pub(crate) fn listed_party(&self, threshold: Option<Share>) -> Tri {
        self.is_listed().or_else(|| threshold.map_or(Tri::No, |threshold| self.owned_to(threshold)))
    }

    /// A party on a restricted-party list.
    pub(crate) fn is_listed(&self) -> Tri {
        match self.subject().party() {
            PartyMatch::Confirmed => Tri::Yes,
            PartyMatch::None => Tri::No,
            open => self.world.listed.map_or_else(
                || {
                    Tri::lacks(match open {
                        PartyMatch::Possible => MissingFact::PartyIdentity,
                        _ => MissingFact::Screening,
                    })
                },
                Tri::from,
            ),
        }
    }

    /// Listed owners hold the threshold or more together. Against the person's interest.
    pub(crate) fn owned_to(&self, threshold: Share) -> Tri {
        let post = match self.subject().file.work {
            Work::Nobody => return self.is_employed().and_then(|| self.unknown_owners(threshold)),
            Work::At(post) if !self.subject().conflicting(MissingFact::Ownership) => post,
            Work::At(_) | Work::Unknown => return self.unknown_owners(threshold),
        };
        let known = post.ownership;
        let unlisted = if post.level >= self.min_employer() { known.unlisted } else { Share::default() };
        let most = unlisted.rest().max(known.listed);
        if known.listed >= threshold || most < threshold {
            return (known.listed >= threshold).into();
        }
        let assumed = |share: Share| (share.clamp(known.listed, most) >= threshold).into();
        self.world.owned.map_or(Tri::lacks(MissingFact::Ownership), assumed)
    }

    /// Whether somebody said to work for nobody works for a firm after all, because statements contradict each other.
    fn is_employed(&self) -> Tri {
        self.works(|_| true, None)
    }

    fn unknown_owners(&self, threshold: Share) -> Tri {
        self.world.owned.map_or(Tri::lacks(MissingFact::Ownership), |share| (share >= threshold).into())
    }

    /// The employer's ultimate parent has its seat in one of the countries. Against the person's interest.
    pub(crate) fn seat_in(&self, set: &CountrySet) -> Tri {
        let unknown = || {
            let assumed = self.world.seat.map(|seat| set.contains(seat).into());
            assumed.unwrap_or(Tri::lacks(MissingFact::EmployerUltimateParent))
        };
        match self.subject().file.work {
            Work::Nobody => self.is_employed().and_then(unknown),
            Work::At(post) if !self.subject().conflicting(MissingFact::EmployerUltimateParent) => {
                match post.parent {
                    Some(parent) if set.contains(parent) => Tri::Yes,
                    Some(_) if post.level >= self.min_employer() => Tri::No,
                    _ => unknown(),
                }
            }
            Work::At(_) | Work::Unknown => unknown(),
        }
    }
}
