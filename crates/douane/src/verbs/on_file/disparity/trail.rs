//! What the gateway's log and its openings tell of persons: who was refused, and who was served after all although the
//! same directive was still in force.

use anyhow::Context;
use ledger::commit::{CommitKind, Commitment, Opening};
use ledger::file::RealDir;
use ledger::hash::Digest32;
use ledger::ident::Ident;
use ledger::leaf::{Decision, Leaf, Verdict};
use ledger::openings::{Found, OpeningsReader};
use ledger::read::LogReader;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use store::Digest;
use terms::{AccountId, Instant, PersonId};

/// Entries read at once.
const PART: usize = 4_096;

/// Account and person.
pub(super) type Who = (AccountId, PersonId);

/// What was read.
#[derive(Debug, Default, Clone, Copy, Serialize, PartialEq, Eq)]
pub(super) struct Read {
    /// Decisions in the log.
    pub decisions: u64,
    /// Those that still say about whom they are; the others were erased or are about shared keys.
    pub about_people: u64,
}

/// What happened to one person.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Story {
    /// Refused, or asked to show something first, at least once.
    pub refused: bool,
    /// From the first refusal by a directive to the first answer under that directive on other facts, microseconds, the
    /// shortest; `None` where there was none.
    pub cured_us: Option<i64>,
}

/// A decision about a person, as far as this report looks at it.
pub(super) struct Decided {
    pub who: Who,
    pub at: Instant,
    pub model: Ident,
    pub verdict: Verdict,
    pub directives: Vec<Ident>,
    pub regime: Digest32,
    /// The facts that were used.
    pub facts: Option<Digest>,
}

/// The first refusal of a person by one directive for one model, and who was answered later.
struct Refused {
    at: Instant,
    regime: Digest32,
    facts: Option<Digest>,
    /// The first answer under each regime on other facts.
    answered: BTreeMap<[u8; 32], Instant>,
}

/// Puts stories together, decision by decision in the order of the log.
#[derive(Default)]
pub(super) struct Trail {
    pub read: Read,
    refused: HashMap<Who, HashMap<(Ident, Ident), Refused>>,
    seen_refused: HashSet<Who>,
    /// Directives that are known to be in force under a regime, because they decided under it.
    in_force: HashMap<[u8; 32], HashSet<Ident>>,
}

impl Trail {
    /// Reads the log of a data directory, beside a running server or without one. A directory without a log has none.
    pub(super) fn of(dir: &Path) -> anyhow::Result<Self> {
        let (mut trail, log) = (Self::default(), dir.join("log"));
        if !log.exists() {
            return Ok(trail);
        }
        let openings = OpeningsReader::open(&RealDir::new(&dir.join("openings")))?;
        let mut reader = LogReader::new(&log);
        loop {
            let part = reader.next(PART).with_context(|| format!("cannot read {}", log.display()))?;
            if part.is_empty() {
                return Ok(trail);
            }
            for entry in &part {
                let Leaf::Decision(decision) = entry.leaf()? else { continue };
                trail.read.decisions += 1;
                if let Some(decided) = about(&openings, &decision)? {
                    trail.take(decided);
                }
            }
        }
    }

    pub(super) fn take(&mut self, decided: Decided) {
        self.read.about_people += 1;
        let known = self.in_force.entry(decided.regime.0).or_default();
        known.extend(decided.directives.iter().cloned());
        match decided.verdict {
            Verdict::Deny | Verdict::VerifyFirst => self.refuse(decided),
            Verdict::Permit => self.answer(&decided),
            _ => {}
        }
    }

    fn refuse(&mut self, decided: Decided) {
        let Decided { who, at, model, directives, regime, facts, .. } = decided;
        let of_person = self.refused.entry(who.clone()).or_default();
        for directive in directives {
            let first = || Refused { at, regime, facts, answered: BTreeMap::new() };
            of_person.entry((model.clone(), directive)).or_insert_with(first);
        }
        self.seen_refused.insert(who);
    }

    fn answer(&mut self, decided: &Decided) {
        let refusals = self.refused.get_mut(&decided.who).into_iter().flatten();
        for ((model, _), refusal) in refusals {
            let other = decided.facts.is_some() && refusal.facts.is_some() && decided.facts != refusal.facts;
            if *model == decided.model && other {
                refusal.answered.entry(decided.regime.0).or_insert(decided.at);
            }
        }
    }

    /// What happened to a person.
    pub(super) fn story(&self, who: &Who) -> Story {
        let refusals = self.refused.get(who).into_iter().flatten();
        let cured = refusals.filter_map(|((_, directive), refusal)| {
            let held = |regime: &[u8; 32]| {
                *regime == refusal.regime.0
                    || self.in_force.get(regime).is_some_and(|known| known.contains(directive))
            };
            let under = refusal.answered.iter().filter(|(regime, _)| held(regime));
            Some(under.map(|(_, at)| *at).min()?.micros_since(refusal.at))
        });
        Story { refused: self.seen_refused.contains(who), cured_us: cured.min() }
    }
}

/// A decision about a person; `None` where the openings no longer say whom.
fn about(openings: &OpeningsReader, decision: &Decision) -> anyhow::Result<Option<Decided>> {
    let open = |kind, commitment| opened(openings, decision.seq, kind, commitment);
    let subject = open(CommitKind::Subject, &decision.subject)?;
    let Some(who) = subject.and_then(|opening| person(&opening.bytes)) else { return Ok(None) };
    let facts = open(CommitKind::Evidence, &decision.evidence)?;
    Ok(Some(Decided {
        who,
        at: Instant::from_micros(i64::try_from(decision.at_us).unwrap_or(i64::MAX)),
        model: decision.model.clone(),
        verdict: decision.verdict,
        directives: decision.decisive.clone(),
        regime: decision.regime,
        facts: facts.map(|opening| Digest::of(&opening.bytes)),
    }))
}

fn opened(
    openings: &OpeningsReader,
    index: u64,
    kind: CommitKind,
    commitment: &Commitment,
) -> anyhow::Result<Option<Opening>> {
    Ok(match openings.find(index, kind)? {
        Found::Opening(opening) if opening.opens(kind, commitment) => Some(opening),
        _ => None,
    })
}

/// Account and person of a subject's opening; a key that several share is no person.
fn person(bytes: &[u8]) -> Option<Who> {
    let (account, person) = std::str::from_utf8(bytes).ok()?.split_once('\n')?;
    let shared = person.strip_prefix("key:").is_some_and(|hash| store::KeyHash::parse(hash).is_ok());
    let person = if shared { None } else { PersonId::parse(person).ok() };
    Some((AccountId::parse(account).ok()?, person?))
}
