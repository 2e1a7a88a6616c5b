//! Verbs about people on file.

use super::instant;
use clap::Subcommand;
use std::path::PathBuf;
use terms::{AccountId, Instant, OfficerId, PersonId};

/// Verbs of `people`.
#[derive(Subcommand, Debug, Clone)]
pub enum People {
    /// Load a roster: CSV, JSON Lines or SCIM users (.scim, .scim.json), predicates alone, all rows or none
    Load {
        /// The roster
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Account the evidence belongs to
        #[arg(long)]
        account: AccountId,
    },
    /// Everything on file about one person, as JSON to be handed to that person
    Export {
        /// The person
        person: PersonId,
        /// Account that holds it
        #[arg(long)]
        account: AccountId,
    },
    /// Erase all facts and statements about a person; the log still verifies
    Erase {
        /// The person
        person: PersonId,
        /// Account that holds it
        #[arg(long)]
        account: AccountId,
        /// Why
        #[arg(long)]
        why: String,
    },
    /// Put what is on file about a person under a legal hold, or lift the hold
    Hold {
        /// The person
        person: PersonId,
        /// Account that holds it
        #[arg(long)]
        account: AccountId,
        /// Lift the hold
        #[arg(long)]
        lift: bool,
        /// Why
        #[arg(long)]
        why: String,
    },
    /// Statements that contradict each other or are contested
    Reviews,
    /// End a review: the statement stands, or it is withdrawn for good
    Settle {
        /// Name of the statement
        id: String,
        /// The person
        #[arg(long)]
        person: PersonId,
        /// Account that holds it
        #[arg(long)]
        account: AccountId,
        /// Withdraw the statement; otherwise it stands
        #[arg(long)]
        withdraw: bool,
        /// Officer who looked
        #[arg(long)]
        by: OfficerId,
        /// Why
        #[arg(long)]
        why: String,
    },
    /// Appeals of callers, and their answers
    #[command(subcommand)]
    Appeals(Appeals),
    /// Whose evidence ends soon, and whose evidence and appeals ended so long ago that they may be erased
    Remind {
        /// Within so many days
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(i64).range(0..=3_650))]
        days: i64,
        /// Days that statements are kept after their end, and appeals after their answer
        #[arg(long, default_value_t = 1_825, value_parser = clap::value_parser!(i64).range(0..=36_500))]
        retention_days: i64,
    },
    /// Who could be served at once if a letter came: shares, and the accounts with the gaps
    Campaign {
        /// The letter
        #[arg(value_name = "LAW.toml")]
        letter: PathBuf,
        /// Instant to decide at, with offset; by default the first at which all of the letter's directives bind
        #[arg(long, value_parser = instant, value_name = "INSTANT")]
        at: Option<Instant>,
        /// Answer to an open question, as QUESTION=CHOICE
        #[arg(long = "reading", value_name = "QUESTION=CHOICE")]
        readings: Vec<String>,
    },
    /// Refusals, wrong refusals, appeals and time to cure by nationality, status, account and language of the page, from the
    /// state and the log; numbers below ten are left out
    Disparity {
        /// Instant to decide at, with offset; by default now
        #[arg(long, value_parser = instant, value_name = "INSTANT")]
        at: Option<Instant>,
    },
}

/// Verbs of `people appeals`.
#[derive(Subcommand, Debug, Clone)]
pub enum Appeals {
    /// Appeals that wait for an answer, the most urgent first
    List {
        /// Also those that were answered, by number
        #[arg(long)]
        all: bool,
    },
    /// Answer an appeal; the person reads the reason on the link of the appeal
    #[command(group(clap::ArgGroup::new("answer").required(true).args(["grant", "reject"])))]
    Settle {
        /// Number of the appeal
        number: u64,
        /// The person is right
        #[arg(long)]
        grant: bool,
        /// What is on file stays as it is
        #[arg(long)]
        reject: bool,
        /// Officer who answers
        #[arg(long)]
        by: OfficerId,
        /// The reason
        #[arg(long)]
        why: String,
    },
}
