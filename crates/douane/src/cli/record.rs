//! Options of verbs that look back at what was decided, and at the law itself.

use super::Language;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Options of `receipt`.
#[derive(Args, Debug, Clone)]
pub struct Receipt {
    /// The value of a Douane-Receipt header, or its number
    pub id: String,
    /// Where to write it; by default it is printed
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Options of `verify`.
#[derive(Args, Debug, Clone)]
pub struct Verify {
    /// A receipt file, or a copied log directory
    pub path: PathBuf,
    /// The pinned public key: its text, or a file that holds it
    #[arg(long, value_name = "KEY")]
    pub key: String,
}

/// Options of `recompute`.
#[derive(Args, Debug, Clone)]
pub struct Recompute {
    /// The value of a Douane-Receipt header, its number, or a receipt file
    #[arg(required_unless_present = "all", value_name = "DECISION")]
    pub decision: Option<String>,
    /// Every decision of the log
    #[arg(long, conflicts_with = "decision")]
    pub all: bool,
}

/// Verbs of `law`.
#[derive(Subcommand, Debug, Clone)]
pub enum Law {
    /// Which models meet the criterion a directive gives and are not named by it, and the reverse. Exit code 1 when like
    /// models are treated unlike
    EqualTreatment {
        /// The law file with the directive
        #[arg(value_name = "LETTER.toml")]
        letter: PathBuf,
        /// Law file with the catalogue; by default the letter's own models, else those of the data directory
        #[arg(long, value_name = "FILE")]
        catalogue: Option<PathBuf>,
    },
    /// Where a directive reaches beyond the provisions it cites: warnings, which never stop enforcement
    Authority {
        /// The law file with the directive
        #[arg(value_name = "LETTER.toml")]
        letter: PathBuf,
        /// Language
        #[arg(long, value_enum, default_value_t = Language::En)]
        lang: Language,
        /// Print Markdown
        #[arg(long)]
        markdown: bool,
    },
    /// Requests that one state forbids and another orders to serve. Exit code 1 when there is one
    Conflicts {
        /// Law files, taken together
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Law file with the catalogue, for directives that name capabilities
        #[arg(long, value_name = "FILE")]
        catalogue: Option<PathBuf>,
    },
}
