//! The douane command: configuration, wiring, and one module per verb.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool speaks on its own streams"
)]

mod cli;
mod client;
mod config;
mod demo;
mod dir;
mod drive;
mod enforce;
mod node;
mod population;
mod verbs;
mod wall;

use clap::Parser;
use cli::{Cli, Verb};
use client::Client;
use dir::DataDir;
use std::io::IsTerminal;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let cli = Cli::parse();
    begin_logging();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the runtime cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {}", in_full(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes, each said once: some errors have their cause in their own text.
fn in_full(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.as_str() {
        "" => cause,
        before if before.contains(&cause) => said,
        before => format!("{before}: {cause}"),
    })
}

/// Warnings and errors go to standard error; `DOUANE_LOG` asks for more.
fn begin_logging() {
    let filter = EnvFilter::try_from_env("DOUANE_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let color = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(color).init();
}

/// Does what the command line says; false where the answer is no.
async fn run(cli: Cli) -> anyhow::Result<bool> {
    let (dir, json) = (DataDir::new(&cli.dir), cli.json);
    match cli.verb {
        Verb::Demo(demo) => return demo::run(&demo, json).await,
        Verb::Enforce(enforce) => enforce::run(&dir, &enforce, json).await?,
        Verb::Init(init) => verbs::init::run(&init.at.map_or(dir, DataDir::new), json)?,
        Verb::Serve(serve) => verbs::serve::run(&dir, serve.practice_clock).await?,
        Verb::Clock { at } => verbs::people::set_clock(&Client::of(&dir)?, at, json).await?,
        Verb::Lint(lint) => return verbs::lint::run(&lint, json),
        Verb::Check(check) => verbs::check::run(&check, json)?,
        Verb::Explain(explain) => verbs::explain::run(&explain, json)?,
        Verb::Diff(diff) => return verbs::diff::run(&diff, json),
        Verb::Directive(verb) => verbs::directive::run(&Client::of(&dir)?, &dir, &verb, json).await?,
        Verb::Reading(verb) => verbs::directive::reading(&Client::of(&dir)?, &verb, json).await?,
        Verb::Officer(verb) => verbs::people::officer(&Client::of(&dir)?, &dir, &verb, json).await?,
        Verb::People(verb) => verbs::on_file::run(&dir, verb, json).await?,
        Verb::Key(verb) => verbs::people::key(&Client::of(&dir)?, &dir, &verb, json).await?,
        Verb::Status => verbs::people::status(&Client::of(&dir)?, json).await?,
        Verb::Receipt(receipt) => verbs::receipt::run(&Client::of(&dir)?, &receipt).await?,
        Verb::Verify(verify) => return verbs::verify::run(&verify, json),
        Verb::Recompute(asked) => return verbs::recompute::run(&dir, &asked, json).await,
        Verb::Law(verb) => return verbs::law::run(&dir, &verb, json),
        Verb::Practice(practice) => verbs::serve::practice(practice.port).await?,
        Verb::Schema(schema) => verbs::reference::schema(&schema.out)?,
        Verb::Reference(reference) => write_reference(reference.out)?,
        Verb::Drive(args) => drive::run(args).await?,
    }
    Ok(true)
}

fn write_reference(out: Option<std::path::PathBuf>) -> anyhow::Result<()> {
    let text = verbs::reference::markdown()?;
    match out {
        Some(path) => std::fs::write(path, text)?,
        None => print!("{text}"),
    }
    Ok(())
}
