//! The record: what is written to the log about each request, and the erasable openings beside it.

use crate::directory::Credential;
use decide::{Outcome, Verdict};
use law::Regime;
use ledger::commit::{CommitKind, Commitment, Opening};
use ledger::file::RealDir;
use ledger::hash::Digest32;
use ledger::ident::Ident;
use ledger::journal::{Ack, AppendError, Journal};
use ledger::leaf::{Control, ControlKind, Decision, Leaf, Outcome as Ended, OutcomeKind};
use ledger::openings::{OpeningError, Openings};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use terms::{Activity, Instant};

/// Decisions whose openings may wait to be written; beyond, they are let go.
const OPENINGS_WAITING: usize = 16_384;
/// How long openings gather before one sync serves them all. A crash can lose so much of them, and nothing of the log.
const OPENINGS_GATHER: Duration = Duration::from_millis(100);

/// Control entries handed to the log before the first is waited for.
const CONTROLS_AT_ONCE: usize = 1_024;

/// The log, the openings, and counters.
pub struct Record {
    journal: Arc<Journal>,
    openings: SyncSender<Keep>,
    gateway: Ident,
    unrecorded: AtomicU64,
}

/// The openings of one decision.
struct Keep {
    index: u64,
    openings: [(CommitKind, Opening); 3],
}

/// What is written about one request.
pub struct Asked<'a> {
    /// When it was decided.
    pub at: Instant,
    /// Who asked.
    pub credential: &'a Credential,
    /// The law it was decided under.
    pub regime: &'a Regime,
    /// Number of the snapshot.
    pub snapshot: u64,
    /// The model decided upon.
    pub model: &'a str,
    /// From the route.
    pub activity: Activity,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// The route, the digest of the body and the circumstances, in the form of `asked`.
    pub request: Vec<u8>,
    /// The verdict.
    pub verdict: &'a Verdict,
    /// Its reason code.
    pub reason: &'a str,
}

/// A decision on its way to the disk.
pub struct Pending {
    ack: Ack,
    openings: Option<[(CommitKind, Opening); 3]>,
}

/// The openings cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The store of openings.
    #[error("the openings cannot be opened: {0}")]
    Openings(#[from] OpeningError),
    /// No thread.
    #[error("no thread for the openings: {0}")]
    Thread(#[from] std::io::Error),
    /// The gateway's name.
    #[error("the gateway's name cannot stand in the record: use letters, digits and . _ : / @ + -")]
    Name,
}

impl Record {
    /// Opens the openings beside a journal and begins to record for the gateway of this name.
    pub fn new(journal: Arc<Journal>, openings_dir: &Path, gateway: &str) -> Result<Self, RecordError> {
        let gateway = Ident::new(gateway).map_err(|_| RecordError::Name)?;
        let dir: Arc<dyn ledger::file::LogDir> = Arc::new(RealDir::new(openings_dir));
        dir.make_dir("")?;
        let store = Openings::open(&dir)?;
        let (sender, receiver) = sync_channel(OPENINGS_WAITING);
        std::thread::Builder::new().name("openings".into()).spawn(move || keep_openings(store, &receiver))?;
        Ok(Self { journal, openings: sender, gateway, unrecorded: AtomicU64::new(0) })
    }

    /// The log.
    pub fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// Requests for unrestricted models served while the log was closed for writing.
    pub fn unrecorded(&self) -> u64 {
        self.unrecorded.load(Ordering::Relaxed)
    }

    /// Counts one more of those.
    pub fn count_unrecorded(&self) {
        self.unrecorded.fetch_add(1, Ordering::Relaxed);
    }

    /// Hands a decision to the log.
    pub fn decision(&self, asked: &Asked<'_>) -> Pending {
        let openings = openings(asked);
        let commitments = openings
            .as_ref()
            .map(|openings| openings.each_ref().map(|(kind, opening)| opening.commit(*kind)));
        let ack = self.journal.append(Leaf::Decision(Box::new(self.leaf(asked, commitments))));
        Pending { ack, openings }
    }

    fn leaf(&self, asked: &Asked<'_>, commitments: Option<[Commitment; 3]>) -> Decision {
        // Without random salts nothing is committed to: a zero commitment opens to nothing.
        let [subject, evidence, request] = commitments.unwrap_or([Commitment(Digest32([0; 32])); 3]);
        Decision {
            activity: ident(asked.activity.word()),
            at_us: at_us(asked.at),
            decisive: decisive(asked.verdict, asked.regime),
            evidence,
            gateway: self.gateway.clone(),
            missing: missing(asked.verdict),
            model: ident(asked.model),
            reason: ident(asked.reason),
            regime: Digest32(asked.regime.digest()),
            request,
            requested_model: None,
            seq: 0,
            snapshot: asked.snapshot,
            stream: asked.stream,
            subject,
            verdict: verdict_word(asked.verdict.outcome),
        }
    }

    /// Waits until a decision is on disk and gives its index.
    pub async fn durable(&self, pending: Pending) -> Result<u64, AppendError> {
        let index = pending.ack.await?;
        if let Some(openings) = pending.openings {
            // A full queue means a slow disk; an opening is worth less than the answer and is let go, counted.
            if self.openings.try_send(Keep { index, openings }).is_err() {
                tracing::warn!(index, "the opening of a decision was not kept: the disk is too slow");
            }
        }
        Ok(index)
    }

    /// Records how a permitted request ended. Not awaited: a start after a crash finds what is missing.
    pub fn outcome(&self, ended: Ended) {
        drop(self.journal.append(Leaf::Outcome(ended)));
    }

    /// Records an event of the control plane, and waits until it is on disk.
    pub async fn control(
        &self,
        at: Instant,
        kind: ControlKind,
        digest: [u8; 32],
    ) -> Result<u64, AppendError> {
        self.append_control(at, kind, digest).await
    }

    /// Records several events, and waits until all are on disk.
    pub async fn controls(
        &self,
        at: Instant,
        entries: impl Iterator<Item = (ControlKind, [u8; 32])>,
    ) -> Result<(), AppendError> {
        let entries: Vec<_> = entries.collect();
        // In parts, so that many events do not fill the log's queue.
        for part in entries.chunks(CONTROLS_AT_ONCE) {
            let acks: Vec<Ack> =
                part.iter().map(|(kind, digest)| self.append_control(at, *kind, *digest)).collect();
            for ack in acks {
                ack.await?;
            }
        }
        Ok(())
    }

    /// The same for code that may block.
    pub fn control_blocking(
        &self,
        at: Instant,
        kind: ControlKind,
        digest: [u8; 32],
    ) -> Result<u64, AppendError> {
        self.append_control(at, kind, digest).wait()
    }

    fn append_control(&self, at: Instant, kind: ControlKind, digest: [u8; 32]) -> Ack {
        let control = Control { at_us: at_us(at), digest: Digest32(digest), kind, reference: None, seq: 0 };
        self.journal.append(Leaf::Control(control))
    }

    /// Permits that the last process left without an outcome are closed as interrupted.
    pub fn close_interrupted(&self, at: Instant) -> Result<usize, AppendError> {
        let open = self.journal.open_decisions();
        let acks: Vec<Ack> = open
            .iter()
            .map(|decision| {
                let ended = ended(at, decision.index, OutcomeKind::Interrupted);
                self.journal.append(Leaf::Outcome(ended))
            })
            .collect();
        for ack in acks {
            ack.wait()?;
        }
        Ok(open.len())
    }

    /// How a receipt is named: origin of the log and index.
    pub fn receipt_id(&self, index: u64) -> String {
        format!("{}#{index}", self.journal.verifier().name())
    }
}

/// An end with nothing sent.
pub fn ended(at: Instant, closes: u64, result: OutcomeKind) -> Ended {
    Ended {
        at_us: at_us(at),
        bytes_sent: 0,
        closes,
        events_sent: 0,
        reason: None,
        result,
        seq: 0,
        served_model: None,
        upstream_request: None,
    }
}

/// Microseconds since the epoch; instants before it do not occur.
pub fn at_us(at: Instant) -> u64 {
    u64::try_from(at.as_micros()).unwrap_or(0)
}

/// A word of ours as it stands in a leaf.
pub fn ident(word: &str) -> Ident {
    Ident::new(word).unwrap_or_else(|_| unreadable())
}

fn unreadable() -> Ident {
    // Every word that comes here is of our own catalogue and checked there; this one stands for one that is not.
    #[expect(clippy::expect_used, reason = "the literal is an identifier")]
    Ident::new("unreadable").expect("is an identifier")
}

/// The instruments that decide, as they stand in a leaf.
pub(crate) fn decisive(verdict: &Verdict, regime: &Regime) -> Vec<Ident> {
    let rules = verdict.decisive(regime).filter_map(|position| regime.rule(position));
    rules.take(ledger::limits::LIST_ITEMS).map(|rule| ident(rule.id.as_str())).collect()
}

/// The facts and readings that are missing, as they stand in a leaf.
pub(crate) fn missing(verdict: &Verdict) -> Vec<Ident> {
    let questions = verdict.depends_on.iter().map(|depends| depends.question.word());
    verdict.missing.iter().map(|fact| fact.word()).chain(questions).map(ident).collect()
}

pub(crate) fn verdict_word(outcome: Outcome) -> ledger::leaf::Verdict {
    match outcome {
        Outcome::Permit => ledger::leaf::Verdict::Permit,
        Outcome::Deny => ledger::leaf::Verdict::Deny,
        Outcome::VerifyFirst => ledger::leaf::Verdict::VerifyFirst,
        Outcome::Depends => ledger::leaf::Verdict::Depends,
    }
}

/// What the commitments open to, each under a salt of its own; `None` when the system gives no random bytes.
fn openings(asked: &Asked<'_>) -> Option<[(CommitKind, Opening); 3]> {
    let mut salts = [[0u8; 32]; 3];
    getrandom::fill(salts.as_flattened_mut()).ok()?;
    let [subject, evidence, request] = salts;
    let who = asked.credential;
    let person = match &who.person {
        Some(person) => format!("{}\n{person}", who.account),
        None => format!("{}\nkey:{}", who.account, who.key),
    };
    Some([
        (CommitKind::Subject, Opening { salt: subject, bytes: person.into_bytes() }),
        (CommitKind::Evidence, Opening { salt: evidence, bytes: who.evidence.to_vec() }),
        (CommitKind::Request, Opening { salt: request, bytes: asked.request.clone() }),
    ])
}

/// Writes openings until the record is dropped; one sync serves whatever waits.
fn keep_openings(mut store: Openings, waiting: &Receiver<Keep>) {
    while let Ok(first) = waiting.recv() {
        std::thread::sleep(OPENINGS_GATHER);
        let batch = std::iter::once(first).chain(waiting.try_iter());
        let kept = batch
            .flat_map(|keep| keep.openings.map(|(kind, opening)| (keep.index, kind, opening)))
            .try_for_each(|(index, kind, opening)| store.put(index, kind, &opening))
            .and_then(|()| store.sync());
        if let Err(error) = kept {
            tracing::error!(%error, "openings are no longer kept; decisions are still recorded");
            return;
        }
    }
}
