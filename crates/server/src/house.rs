//! What gateway and control share: the law in force, the people on file, the record and the clock.

use crate::catalogue::{Catalogue, Entry};
use crate::changes::OutOfStep;
use crate::clock::Clock;
use crate::cure::{BadCure, Cure};
use crate::directory::Directory;
use crate::gateway::live::Live;
use crate::house_rules::HouseRules;
use crate::identity::{BadDatabase, BadIdentity, Files, Identity, IdentitySettings, PlaceSettings, Places};
use crate::outbound::{BadUpstream, UpstreamSettings, Upstreams};
use crate::past::{Frame, FrameError};
use crate::record::{Record, RecordError};
use arc_swap::ArcSwap;
use bylaws::Bylaws;
use decide::{Ask, Subject, Verdict, decide};
use law::{Book, CompileError, LawFile, ListedModel, Model, Policy, Regime};
use ledger::journal::{AppendError, Journal, OpenError as LogError, Options};
use ledger::leaf::ControlKind;
use ledger::note::SigningKey;
use std::path::PathBuf;
use std::sync::Arc;
use store::{Changes, Event, KeyHasher, State, Store, StoreError};
use terms::{ClockReading, Level, ModelId, PersonFacts};

/// What the operator configured, besides the law.
#[derive(Clone)]
pub struct Settings {
    /// The directory of state, log and secrets.
    pub dir: PathBuf,
    /// The gateway's name in the record.
    pub gateway: String,
    /// Who implements blocks, as a URL (RFC 7725, 4).
    pub operator_url: Option<String>,
    /// The operator's name, as directives address it; `None` = every directive is taken as addressed here.
    pub operator_name: Option<String>,
    /// Where callers show what is missing.
    pub cure_url: Option<String>,
    /// Level a favourable fact about a person needs.
    pub min_evidence: Level,
    /// Level a favourable place needs.
    pub min_location_evidence: Level,
    /// Whether unrestricted models are served while the record is closed for writing.
    pub serve_unrestricted_unrecorded: bool,
    /// Officers that must sign before an instrument takes effect.
    pub officers_needed: usize,
    /// The operator's own rules; they can only refuse what the law permits.
    pub bylaws: Bylaws,
    /// How callers show who they are besides API keys; `None` = API keys alone.
    pub identity: Option<IdentitySettings>,
    /// How the place of a caller is told from its address; `None` = it is not.
    pub place: Option<PlaceSettings>,
    /// Models served.
    pub models: Vec<Model>,
    /// Where they are served from.
    pub upstreams: Vec<UpstreamSettings>,
}

/// The law as it is enforced now.
#[derive(Debug)]
pub struct InForce {
    /// Instruments activated, in order.
    pub book: Book,
    /// The same, compiled.
    pub regime: Regime,
    /// Number of the snapshot; 0 before the first activation.
    pub snapshot: u64,
}

/// The state on disk and its image in memory.
pub struct Registry {
    /// On disk.
    pub store: Store,
    /// In memory, up to the last event.
    pub state: State,
    /// Number of the last event that the log shows.
    pub(crate) recorded: u64,
    /// Whether the law changed and could not be put together anew yet.
    pub(crate) law_behind: bool,
}

/// Everything gateway and control share.
pub struct House {
    /// What the operator configured.
    pub settings: Settings,
    /// Models served.
    pub catalogue: Catalogue,
    /// The operator's own rules, ready for the catalogue; `None` = there are none.
    pub rules: Option<HouseRules>,
    /// The clock.
    pub clock: Clock,
    /// The law in force.
    pub law: ArcSwap<InForce>,
    /// Who is behind each key.
    pub directory: ArcSwap<Directory>,
    /// The log.
    pub record: Record,
    /// Open streams.
    pub live: Live,
    /// Where models are served from.
    pub upstreams: Upstreams,
    /// Hashes API keys.
    pub hasher: KeyHasher,
    /// Who calls, where callers can show that; `None` = API keys alone.
    pub identity: Option<Arc<Identity>>,
    /// The pages on which callers show what is missing.
    pub cure: Option<Cure>,
    /// Where callers seem to be.
    pub places: Option<Places>,
    /// What is on file about callers who show who they are.
    pub files: ArcSwap<Files>,
    /// The state; its lock orders every change of the law.
    pub registry: tokio::sync::Mutex<Registry>,
}

/// The house cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// State on disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log.
    #[error("the log in {dir}: {source}")]
    Log {
        /// Where.
        dir: PathBuf,
        /// Why.
        source: LogError,
    },
    /// The record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// An entry could not be written at the start.
    #[error("the log takes no entries: {0}")]
    Append(#[from] AppendError),
    /// The configuration of upstreams.
    #[error(transparent)]
    Upstream(#[from] BadUpstream),
    /// The catalogue.
    #[error("the catalogue has two models named {0}")]
    TwiceInCatalogue(ModelId),
    /// The catalogue names an upstream that is not configured.
    #[error("model {model}: no upstream is named {upstream}; add [[upstream]] with that id to douane.toml")]
    NoUpstream {
        /// Which model.
        model: ModelId,
        /// Which upstream.
        upstream: terms::UpstreamId,
    },
    /// An active instrument no longer reads.
    #[error("the active instrument {id} cannot be read: {why}")]
    Instrument {
        /// Which.
        id: terms::InstrumentId,
        /// Why.
        why: String,
    },
    /// The active instruments do not compile.
    #[error("the active instruments cannot be compiled: {0}")]
    Compile(#[from] CompileError),
    /// The database of places.
    #[error(transparent)]
    Place(#[from] BadDatabase),
    /// The configuration of identity.
    #[error(transparent)]
    Identity(#[from] BadIdentity),
    /// The configuration of cure pages.
    #[error(transparent)]
    Cure(#[from] BadCure),
    /// The operator's own rules.
    #[error(transparent)]
    Bylaws(#[from] bylaws::Unready),
    /// The configuration could not be kept for whoever looks back.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// State and log are not of the same time.
    #[error(transparent)]
    OutOfStep(#[from] OutOfStep),
}

impl House {
    /// Opens state and log, compiles the law in force, and closes what a crash left open.
    pub async fn open(settings: Settings, clock: Clock, key: SigningKey) -> Result<Arc<Self>, OpenError> {
        let dir = settings.dir.join("log");
        let journal =
            Journal::open(&dir, key, Options::default()).map_err(|source| OpenError::Log { dir, source })?;
        Self::open_with(settings, clock, journal).await
    }

    /// The same with a log that is open already, wherever it is kept.
    pub async fn open_with(
        settings: Settings,
        clock: Clock,
        journal: Journal,
    ) -> Result<Arc<Self>, OpenError> {
        let catalogue = Catalogue::new(settings.models.clone()).map_err(OpenError::TwiceInCatalogue)?;
        let upstreams = Upstreams::new(settings.upstreams.clone())?;
        check_upstreams(&catalogue, &upstreams)?;
        let store = Store::open(&settings.dir).await?;
        if let Some(store::Migration { from, copy }) = store.migration() {
            let copy = copy.display();
            tracing::warn!(
                from, %copy,
                "the state was brought up to this release's format; an erasure does not reach the copy: delete it when it is not needed"
            );
        }
        let state = store.state().await?;
        let hasher = store.key_hasher().await?;
        let record = Record::new(Arc::new(journal), &settings.dir.join("openings"), &settings.gateway)?;
        let in_force = in_force(&settings, &catalogue, &state)?;
        Frame::of(&settings).keep(&settings.dir)?;
        let identity = settings
            .identity
            .as_ref()
            .map(|identity| {
                let of = (&hasher, settings.dir.as_path());
                Identity::new(identity, of, clock.read().at, clock.is_practice()).map(Arc::new)
            })
            .transpose()?;
        let cure = Cure::of(&settings)?;
        let places = settings.place.as_ref().map(Places::new).transpose()?;
        let house = Self {
            cure,
            places,
            files: ArcSwap::from_pointee(files(identity.as_deref(), &state)),
            identity,
            directory: ArcSwap::from_pointee(Directory::new(&state)),
            law: ArcSwap::from_pointee(in_force),
            live: Live::default(),
            registry: tokio::sync::Mutex::new(Registry { store, state, recorded: 0, law_behind: false }),
            rules: HouseRules::new(&settings.bylaws, &catalogue)?,
            settings,
            catalogue,
            clock,
            record,
            upstreams,
            hasher,
        };
        house.recover().await?;
        Ok(Arc::new(house))
    }

    /// Closes what the last process left open, and brings the log up to the store.
    async fn recover(&self) -> Result<(), OpenError> {
        let at = self.clock.read().at;
        let interrupted = self.record.close_interrupted(at)?;
        let caught_up = self.catch_up().await?;
        let recovery = self.record.journal().recovery();
        let kind = if recovery.unsigned_entries > 0 { ControlKind::Recovered } else { ControlKind::Started };
        tracing::info!(
            interrupted,
            caught_up,
            entries = recovery.entries,
            cut_bytes = recovery.cut_bytes,
            "log opened"
        );
        self.record.control(at, kind, self.law.load().regime.digest()).await?;
        Ok(())
    }

    /// Brings memory up to the store: people, keys and the law in force. What did not change is left as it is.
    pub async fn refresh(&self, registry: &mut Registry) -> Result<(), CommitError> {
        let changes = registry.store.refresh(&mut registry.state).await?;
        registry.law_behind |= changes_law(&changes);
        let state = &registry.state;
        match &changes {
            Changes::Events(events) => {
                self.directory.store(Arc::new(self.directory.load().after(state, events)));
                self.files.store(Arc::new(self.files.load().after(state, events)));
            }
            Changes::Many => {
                self.directory.store(Arc::new(Directory::new(state)));
                self.files.store(Arc::new(files(self.identity.as_deref(), state)));
            }
        }
        if registry.law_behind {
            self.law.store(Arc::new(in_force(&self.settings, &self.catalogue, state)?));
            registry.law_behind = false;
        }
        if let Some(identity) = &self.identity {
            identity.bump();
        }
        self.live.wake();
        Ok(())
    }

    /// Decides whether somebody with these facts may use a model at some moment, by the law alone; nothing is recorded.
    pub fn decide_for(
        &self,
        law: &InForce,
        facts: &PersonFacts,
        entry: &Entry,
        clock: ClockReading,
    ) -> Verdict {
        let request = crate::gateway::request_for(entry);
        let subject = Subject::new(&law.regime, facts, clock.at);
        decide(&Ask { regime: &law.regime, subject: &subject, request, clock })
    }

    /// Stops in order: a last checkpoint is signed.
    pub fn close(&self) -> Result<(), AppendError> {
        let at = self.clock.read().at;
        self.record.control_blocking(at, ControlKind::Stopped, self.law.load().regime.digest())?;
        self.record.journal().close()
    }
}

/// A change could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// State on disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log.
    #[error("the log takes no entries: {0}")]
    Log(#[from] AppendError),
    /// The law.
    #[error(transparent)]
    Law(#[from] OpenError),
}

fn files(identity: Option<&Identity>, state: &State) -> Files {
    let accounts = identity.into_iter().flat_map(Identity::accounts).cloned().collect();
    Files::of(state, accounts)
}

/// Whether the law in force may be another one after this.
fn changes_law(changes: &Changes) -> bool {
    let Changes::Events(events) = changes else { return true };
    events.iter().any(|recorded| {
        use Event::{Activated, InstrumentDrafted, InstrumentWithdrawn, ReadingRecorded};
        matches!(
            recorded.event,
            Activated { .. } | InstrumentDrafted { .. } | InstrumentWithdrawn { .. } | ReadingRecorded { .. }
        )
    })
}

fn check_upstreams(catalogue: &Catalogue, upstreams: &Upstreams) -> Result<(), OpenError> {
    let missing = catalogue.entries().iter().find(|entry| !upstreams.knows(&entry.model.upstream));
    missing.map_or(Ok(()), |entry| {
        let (model, upstream) = (entry.model.id.clone(), entry.model.upstream.clone());
        Err(OpenError::NoUpstream { model, upstream })
    })
}

/// The book of the active instruments, in the order of their activation.
pub(crate) fn active_book(state: &State) -> Result<Book, OpenError> {
    let mut book = Book::default();
    for activation in &state.activations {
        let Some(instrument) = state.version(activation.version) else { continue };
        if !matches!(instrument.status, store::Status::Active { .. }) {
            continue;
        }
        book.add(&read_instrument(instrument)?);
    }
    Ok(book)
}

/// The law file of one instrument on file.
pub(crate) fn read_instrument(instrument: &store::Instrument) -> Result<LawFile, OpenError> {
    law::lint::read(&instrument.toml)
        .map_err(|why| OpenError::Instrument { id: instrument.id.clone(), why: why.message })
}

pub(crate) fn policy(settings: &Settings, state: &State) -> Policy {
    Policy {
        min_evidence: settings.min_evidence,
        min_location_evidence: settings.min_location_evidence,
        choices: state.choices(),
        operator: settings.operator_name.clone(),
    }
}

pub(crate) fn in_force(
    settings: &Settings,
    catalogue: &Catalogue,
    state: &State,
) -> Result<InForce, OpenError> {
    compile(state, &catalogue.listed(), &policy(settings, state))
}

/// The active instruments of a state, compiled.
pub(crate) fn compile(state: &State, models: &[ListedModel], policy: &Policy) -> Result<InForce, OpenError> {
    let book = active_book(state)?;
    let regime = Regime::compile(&book, models, policy)?;
    let snapshot = state.activations.iter().map(|activation| activation.snapshot).max().unwrap_or(0);
    Ok(InForce { book, regime, snapshot })
}
