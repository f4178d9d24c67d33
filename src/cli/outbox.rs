//! `whocalls outbox`: workflows that wait, are delivered, or were given up.

mod decide;
mod file;
mod list;
mod show;
mod text;

use std::io;

use clap::Subcommand;
use whocalls_outbox::StoreError;

use super::{
    Outcome,
    output::{complain_about, fail, print},
};
use crate::{config::Mode, gateway::Origin};
use file::OutboxFile;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List workflows, newest first. Shows neither names nor numbers.
    List(list::Arguments),
    /// Show everything of one workflow, with the names and numbers in it.
    Show(show::Arguments),
    /// Try workflows again now, also those that were given up or dropped.
    Retry(decide::RetryArguments),
    /// End all attempts to deliver workflows. They stay listed and can be retried for a while.
    Drop(decide::DropArguments),
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("no workflow in the outbox has an id that begins with {0}; see `whocalls outbox list`")]
    Unknown(String),
    #[error(
        "several workflows have ids that begin with {prefix}, such as {one} and {other}; give more digits"
    )]
    Ambiguous {
        prefix: String,
        one: String,
        other: String,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("no thread can be started: {0}")]
    Thread(#[from] io::Error),
}

impl Refusal {
    const fn outcome(&self) -> Outcome {
        match self {
            Self::Unknown(_) | Self::Ambiguous { .. } => Outcome::Usage,
            Self::Store(_) | Self::Thread(_) => Outcome::Internal,
        }
    }
}

pub(super) async fn run(origin: &Origin, arguments: &Arguments) -> Outcome {
    // No CRM is asked, so an operator's shell needs none of the secrets.
    let loaded = match origin.load(Mode::Offline) {
        Ok(loaded) => loaded,
        Err(report) => {
            complain_about(&report);
            return Outcome::Configuration;
        }
    };
    let ran = async {
        let file = OutboxFile::new(loaded.config.outbox.path, loaded.time_zone)?;
        match &arguments.command {
            Command::List(arguments) => list::run(&file, arguments).await,
            Command::Show(arguments) => show::run(&file, arguments).await,
            Command::Retry(arguments) => decide::retry(&file, arguments).await,
            Command::Drop(arguments) => decide::drop(&file, arguments).await,
        }
    };
    match ran.await {
        Ok(text) => print(&text, Outcome::Fine),
        Err(refusal) => fail(&refusal.to_string(), refusal.outcome()),
    }
}
