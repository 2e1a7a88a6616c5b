//! The command line, declared once: help, reference and completion come from here.

mod people;
mod record;

pub use people::{Appeals, People};
pub use record::{Law, Receipt, Recompute, Verify};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;
use terms::{AccountId, Instant, InstrumentId, ModelId, OfficerId, PersonId, Question};

/// The customs house for hosted AI models: turns a directive, a licence or a law into precise, provable decisions on
/// single requests.
#[derive(Parser, Debug)]
#[command(name = "douane", version, arg_required_else_help = true)]
pub struct Cli {
    /// The data directory: configuration, state, log and secrets
    #[arg(long, global = true, env = "DOUANE_DIR", default_value = "douane-data", value_name = "DIR")]
    pub dir: PathBuf,
    /// Print one JSON object instead of a table
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Verb {
    /// See the whole thing in about a minute: 12 June with invented people, on this machine, with no network
    Demo(Demo),
    /// Put a letter in force on this machine, for your people, in front of your upstream
    Enforce(Box<Enforce>),
    /// Begin a data directory: configuration, catalogue, log key, control token
    Init(Init),
    /// Serve callers (port 8451) and officers (port 8452) until stopped
    Serve(Serve),
    /// Check law files; points at line and column, names the article, proposes the fix
    Lint(Lint),
    /// Decide one request from files, without a server
    Check(Check),
    /// Explain one verdict from files: every article, fact, exception and licence, and what would change it
    Explain(Explain),
    /// Compare two sets of law files: who is treated otherwise, in what way, from when
    Diff(Diff),
    /// Instruments: draft, approve, activate, lift, list, show
    #[command(subcommand)]
    Directive(Directive),
    /// The operator's answers to questions the law leaves open
    #[command(subcommand)]
    Reading(Reading),
    /// Officers: people who approve with a key of their own
    #[command(subcommand)]
    Officer(Officer),
    /// People on file and what is known about them
    #[command(subcommand)]
    People(People),
    /// API keys of callers
    #[command(subcommand)]
    Key(Key),
    /// Where the running server stands
    Status,
    /// Set the clock of a server started with --practice-clock
    Clock {
        /// What it shall show, with offset
        #[arg(value_parser = instant)]
        at: Instant,
    },
    /// Fetch the receipt of a decision: a proof that needs no server to check
    Receipt(Receipt),
    /// Check a receipt or a whole copied log offline, given only a pinned key
    Verify(Verify),
    /// Decide again what the log holds, from what was known then, and compare. Exit code 0: the same, or the openings were
    /// erased and the digests are; 1: something differs or cannot be told
    Recompute(Recompute),
    /// Questions to a legal text itself: equal treatment, authority, conflicts of sovereigns
    #[command(subcommand)]
    Law(Law),
    /// Run the practice model alone: both dialects, no key, no network
    Practice(Practice),
    /// Write the JSON Schemas of law files and configuration
    Schema(Schema),
    /// Write the reference of all commands as Markdown
    Reference(Reference),
    /// The demo's clients, in a process of their own
    #[command(hide = true)]
    Drive(crate::drive::Args),
}

/// Options of `demo`.
#[derive(Args, Debug, Clone)]
pub struct Demo {
    /// End after the last letter instead of serving until Ctrl-C
    #[arg(long)]
    pub once: bool,
    /// Invented people
    #[arg(long, default_value_t = 4000, value_parser = clap::value_parser!(u32).range(50..=100_000))]
    pub people: u32,
    /// Live streams at 17:21
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(10..=8_000))]
    pub streams: u32,
    /// Seed of the invented population
    #[arg(long, default_value_t = 12)]
    pub seed: u64,
    /// First of three loopback ports: gateway, control, practice model
    #[arg(long, default_value_t = 8451)]
    pub port: u16,
    /// Keep the data here instead of in a new temporary directory
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

/// Options of `enforce`.
#[derive(Args, Debug, Clone)]
pub struct Enforce {
    /// The letter, and further law files that belong to it
    #[arg(required = true, value_name = "LETTER.toml")]
    pub letters: Vec<PathBuf>,
    /// Roster of the people who will call: CSV or JSON Lines, predicates only
    #[arg(long, value_name = "FILE")]
    pub people: PathBuf,
    /// Upstream that serves the models, such as `http://127.0.0.1:8000` or `https://api.example.com`
    #[arg(long, value_name = "URL")]
    pub upstream: String,
    /// Environment variable with the upstream's key
    #[arg(long, value_name = "NAME")]
    pub upstream_key_env: Option<String>,
    /// Dialects the upstream speaks
    #[arg(long, value_enum, default_value_t = Speaks::Both)]
    pub speaks: Speaks,
    /// Further models to serve, besides those the letter names
    #[arg(long = "model", value_name = "MODEL")]
    pub models: Vec<ModelId>,
    /// Answer to an open question, as QUESTION=CHOICE; needed where the letter leaves one open
    #[arg(long = "reading", value_name = "QUESTION=CHOICE")]
    pub readings: Vec<String>,
    /// Why these readings were chosen
    #[arg(
        long,
        default_value = "chosen on the command line for a trial on this machine",
        value_name = "TEXT"
    )]
    pub why: String,
    /// Office that confirmed the letter when you called back, where the letter file does not say
    #[arg(long, value_name = "OFFICE")]
    pub confirmed_with: Option<String>,
    /// Account the people belong to
    #[arg(long, default_value = "own")]
    pub account: AccountId,
    /// Page that says who you are, named in refusals (RFC 7725 `blocked-by`)
    #[arg(long, value_name = "URL")]
    pub operator_url: Option<String>,
    /// Page where callers show a missing fact, named in refusals
    #[arg(long, value_name = "URL")]
    pub cure_url: Option<String>,
    /// Data port
    #[arg(long, default_value = "127.0.0.1:8451", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Control port
    #[arg(long, default_value = "127.0.0.1:8452", value_name = "ADDRESS")]
    pub control: SocketAddr,
    /// Put in force, print, and stop
    #[arg(long)]
    pub once: bool,
}

/// Dialects an upstream speaks.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    /// `/v1/chat/completions`
    Openai,
    /// `/v1/messages`
    Anthropic,
    /// Both
    Both,
}

/// Options of `init`.
#[derive(Args, Debug, Clone)]
pub struct Init {
    /// The directory to begin
    #[arg(value_name = "DIR")]
    pub at: Option<PathBuf>,
}

/// Options of `serve`.
#[derive(Args, Debug, Clone)]
pub struct Serve {
    /// Practise at another time: the clock starts here and runs on. Nothing decided under it counts
    #[arg(long, value_parser = instant, value_name = "INSTANT")]
    pub practice_clock: Option<Instant>,
}

/// Options of `lint`.
#[derive(Args, Debug, Clone)]
pub struct Lint {
    /// Law files, in order: later ones may name directives of earlier ones; and bylaws, in files that end in .cedar
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Law file with the catalogue, to check model names against
    #[arg(long, value_name = "FILE")]
    pub catalogue: Option<PathBuf>,
}

/// Options of `check`.
#[derive(Args, Debug, Clone)]
pub struct Check {
    /// The person: a TOML file of facts with their levels
    #[arg(long, value_name = "FILE")]
    pub person: PathBuf,
    /// The model asked for
    #[arg(long)]
    pub model: ModelId,
    /// The instant of the request, with offset
    #[arg(long, value_parser = instant)]
    pub at: Instant,
    /// Law files; by default the June 2026 letters that ship with the program
    #[arg(long, value_name = "FILE")]
    pub law: Vec<PathBuf>,
    /// An operator's data directory to take law, readings and catalogue from, instead of law files; it is only read
    #[arg(long, value_name = "DIR", conflicts_with = "law")]
    pub data: Option<PathBuf>,
    /// Only the law known by then: recorded in the data directory, or received according to the law files
    #[arg(long, value_parser = instant, value_name = "INSTANT")]
    pub known_at: Option<Instant>,
    /// Answer to an open question, as QUESTION=CHOICE
    #[arg(long = "reading", value_name = "QUESTION=CHOICE")]
    pub readings: Vec<String>,
    /// How far the clock may be wrong, milliseconds
    #[arg(long, default_value_t = 0)]
    pub clock_uncertainty_ms: u32,
}

/// Options of `explain`.
#[derive(Args, Debug, Clone)]
pub struct Explain {
    /// The same question as for `check`
    #[command(flatten)]
    pub check: Check,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    pub format: ExplainFormat,
    /// Language of text and Markdown
    #[arg(long, value_enum, default_value_t = Language::En)]
    pub lang: Language,
}

/// Options of `diff`.
#[derive(Args, Debug, Clone)]
pub struct Diff {
    /// The law before: a law file, a folder of them, or an operator's data directory
    #[arg(value_name = "A")]
    pub before: PathBuf,
    /// The law after: a law file, a folder of them, or an operator's data directory
    #[arg(value_name = "B")]
    pub after: PathBuf,
    /// Law file with the catalogue; by default the models that the files list or name
    #[arg(long, value_name = "FILE")]
    pub catalogue: Option<PathBuf>,
    /// Answer to an open question on both sides, as QUESTION=CHOICE
    #[arg(long = "reading", value_name = "QUESTION=CHOICE")]
    pub readings: Vec<String>,
    /// Only instruments that were known by then on either side, with offset
    #[arg(long, value_parser = instant)]
    pub known_at: Option<Instant>,
    /// Roster of people to count changes over: CSV or JSON Lines
    #[arg(long, value_name = "FILE")]
    pub people: Option<PathBuf>,
    /// Instant to count at, with offset; by default each instant at which a change begins
    #[arg(long, value_parser = instant, requires = "people")]
    pub at: Option<Instant>,
    /// Print Markdown
    #[arg(long)]
    pub markdown: bool,
    /// Language of headings
    #[arg(long, value_enum, default_value_t = Language::En)]
    pub lang: Language,
    /// Exit with 1 if B refuses anyone A permits, or that could not be ruled out
    #[arg(long)]
    pub fail_if_refuses_more: bool,
    /// Exit with 1 if B permits anyone A refuses, or that could not be ruled out
    #[arg(long)]
    pub fail_if_permits_more: bool,
}

/// How a trace is printed.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExplainFormat {
    /// Plain text
    Text,
    /// Markdown
    Markdown,
    /// JSON
    Json,
}

/// Languages texts are written in.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English
    En,
    /// Korean
    Ko,
}

/// Verbs of `directive`.
#[derive(Subcommand, Debug, Clone)]
pub enum Directive {
    /// Put the instruments of a law file on file as drafts
    Draft {
        /// The law file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The author, when an officer
        #[arg(long)]
        officer: Option<OfficerId>,
    },
    /// Record that the issuer confirmed a letter when called back
    Confirm {
        /// The directive made from the letter
        id: InstrumentId,
        /// With which office
        #[arg(long)]
        with: String,
        /// Officer who called back
        #[arg(long)]
        by: OfficerId,
        /// How
        #[arg(long, default_value = "telephone")]
        channel: String,
    },
    /// Sign an instrument and its readings with an officer's key
    Approve {
        /// The instruments
        #[arg(required = true)]
        ids: Vec<InstrumentId>,
        /// Who signs
        #[arg(long)]
        officer: OfficerId,
        /// The officer's key file; by default DIR/officers/NAME.key
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Put approved instruments in force; they take effect at their instants
    Activate {
        /// The instruments
        #[arg(required = true)]
        ids: Vec<InstrumentId>,
    },
    /// Draft a lifting that ends directives at an instant; approve and activate it like any instrument
    Lift {
        /// The directives to end
        #[arg(required = true)]
        ids: Vec<InstrumentId>,
        /// First instant they no longer bind, with offset
        #[arg(long, value_parser = instant)]
        at: Instant,
    },
    /// List instruments
    List,
    /// Show one instrument, its readings, approvals and what still blocks it
    Show {
        /// The instrument
        id: InstrumentId,
    },
}

/// Verbs of `reading`.
#[derive(Subcommand, Debug, Clone)]
pub enum Reading {
    /// Record an answer; approvals of instruments that turn on it are void from then on
    Record {
        /// The question, such as destination_limb
        #[arg(value_parser = question)]
        question: Question,
        /// The choice
        choice: String,
        /// Officer who chose
        #[arg(long)]
        by: OfficerId,
        /// Why
        #[arg(long)]
        why: String,
    },
    /// List questions and recorded answers
    List,
}

/// Verbs of `officer`.
#[derive(Subcommand, Debug, Clone)]
pub enum Officer {
    /// Make a key pair: the private key goes to a file, the public key on file
    Add {
        /// Name of the officer
        name: OfficerId,
        /// Where to write the private key; by default DIR/officers/NAME.key
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// Officer who introduces the new one; needed once there are as many as an activation needs
        #[arg(long, value_name = "OFFICER")]
        by: Option<OfficerId>,
        /// Key file of the introducing officer; by default DIR/officers/OFFICER.key
        #[arg(long, value_name = "FILE", requires = "by")]
        by_key: Option<PathBuf>,
        /// An employer's officer, who confirms facts about the people of this account and does nothing else; the account's
        /// first is named by the operator, further ones need --by
        #[arg(long)]
        account: Option<AccountId>,
    },
    /// Remove an officer of an account
    Remove {
        /// Name of the officer
        name: OfficerId,
        /// Also withdraw for good what rests on the officer's word
        #[arg(long, requires = "why")]
        for_cause: bool,
        /// Why
        #[arg(long, default_value = "")]
        why: String,
    },
    /// List officers
    List,
}

/// Verbs of `key`.
#[derive(Subcommand, Debug, Clone)]
pub enum Key {
    /// Issue a key; it is shown once and kept as a hash
    Add {
        /// Account the key belongs to
        #[arg(long)]
        account: AccountId,
        /// Person behind it; without one it is a shared key
        #[arg(long)]
        person: Option<PersonId>,
        /// What you call it
        #[arg(long, default_value = "")]
        label: String,
    },
    /// Issue a key to every person of the account who has none, into a private CSV file
    AddMissing {
        /// Account the keys belong to
        #[arg(long)]
        account: AccountId,
        /// Where to write them; by default DIR/issued-keys.csv
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Withdraw a key; its open streams end. The key is read from standard input
    Revoke {
        /// Account the key belongs to
        #[arg(long)]
        account: AccountId,
    },
}

/// Options of `practice`.
#[derive(Args, Debug, Clone)]
pub struct Practice {
    /// Loopback port
    #[arg(long, default_value_t = 8453)]
    pub port: u16,
}

/// Options of `schema`.
#[derive(Args, Debug, Clone)]
pub struct Schema {
    /// Directory to write to
    #[arg(long, default_value = "schema", value_name = "DIR")]
    pub out: PathBuf,
}

/// Options of `reference`.
#[derive(Args, Debug, Clone)]
pub struct Reference {
    /// File to write; by default it is printed
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text).map_err(|error| error.to_string())
}

fn question(text: &str) -> Result<Question, String> {
    let known = || Question::ALL.map(Question::word).join(", ");
    Question::parse(text).ok_or_else(|| format!("unknown question; one of {}", known()))
}
