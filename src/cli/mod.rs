//! The commands (`product.md` §2).

mod check;
mod explained;
mod import;
mod kinds;
mod lookup;
mod openapi;
mod outbox;
mod output;
mod schema;
mod serve;
mod trace;
mod workflow;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand, error::ErrorKind};
use whocalls_core::AdapterFactory;

use crate::{config::Environment, gateway::Origin};

/// Who is calling? One lookup, every CRM at once, one merged answer for the telephone system.
#[derive(Debug, Parser)]
#[command(name = "whocalls", version, about)]
struct Arguments {
    /// The configuration file.
    #[arg(
        long,
        global = true,
        env = "WHOCALLS_CONFIG",
        default_value = "adapters.toml"
    )]
    config: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway; what a bare `whocalls` does too.
    Serve,
    /// Check the configuration, then probe every enabled CRM.
    Check(check::Arguments),
    /// Look one number up, without a server.
    Lookup(lookup::Arguments),
    /// Run one workflow, without a server.
    Workflow(workflow::Arguments),
    /// See and decide about workflows that wait, are delivered, or were given up.
    Outbox(outbox::Arguments),
    /// Turn a CRM template of 3CX or Yeastar into an adapter description.
    Import(import::Arguments),
    /// List the adapter kinds of this build.
    Kinds(kinds::Arguments),
    /// Print the JSON Schema of the configuration file, for editors.
    Schema,
    /// Print the `OpenAPI` description of the HTTP interface.
    Openapi,
}

/// How a command ended. The codes are those of BSD `sysexits.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// All is well.
    Fine = 0,
    /// The command line is wrong.
    Usage = 64,
    /// A CRM could not be reached or refused the credentials.
    CrmUnavailable = 69,
    /// Our own fault, or the machine's.
    Internal = 70,
    /// The configuration is wrong.
    Configuration = 78,
}

/// Runs the program with these arguments, the first of which is its name, and these adapter kinds.
///
/// A program with kinds of its own adds their factories to [`compose::registry`] and calls this. A
/// panic hook of its own is replaced while it serves: panics are lines of the log then.
///
/// [`compose::registry`]: crate::compose::registry
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    registry: Vec<AdapterFactory>,
) -> ExitCode {
    let outcome = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => actix_web::rt::System::new().block_on(execute(arguments, registry)),
        Err(error) => refuse(&error),
    };
    ExitCode::from(outcome as u8)
}

async fn execute(arguments: Arguments, registry: Vec<AdapterFactory>) -> Outcome {
    let origin = Origin {
        path: arguments.config,
        environment: Environment::from_process(),
        registry,
    };
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(origin).await,
        Command::Check(arguments) => check::run(&origin, &arguments).await,
        Command::Lookup(arguments) => lookup::run(&origin, &arguments).await,
        Command::Workflow(arguments) => workflow::run(&origin, &arguments).await,
        Command::Outbox(arguments) => outbox::run(&origin, &arguments).await,
        Command::Import(arguments) => import::run(&arguments),
        Command::Kinds(arguments) => kinds::run(&origin.registry, &arguments),
        Command::Schema => schema::run(&origin.registry),
        Command::Openapi => openapi::run(),
    }
}

/// Prints what clap has to say: help and version to standard output, mistakes to standard error.
fn refuse(error: &clap::Error) -> Outcome {
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    match error.print() {
        Ok(()) if is_help => Outcome::Fine,
        Ok(()) => Outcome::Usage,
        Err(_) => Outcome::Internal,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn is_accepted(line: &str) -> bool {
        Arguments::try_parse_from(line.split(' ')).is_ok()
    }

    #[test]
    fn the_commands_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_the_manual_shows_is_accepted() {
        for line in [
            "whocalls",
            "whocalls workflow CallFlow",
            "whocalls workflow CallFlow --input contactCrmId=hubspot:51 --input note=a=b",
            "whocalls workflow CallFlow --json",
            "whocalls workflow CallFlow --json call.json --config other.toml",
            "whocalls workflow CallFlow --json -",
            "whocalls check --trace 0215522000 --json",
            "whocalls kinds --preset pipedrive",
            "whocalls openapi",
            "whocalls outbox list",
            "whocalls outbox list --state waiting --state given_up --adapter hubspot --limit 5 --json",
            "whocalls outbox show 0a1b2c --json",
            "whocalls outbox retry 0a1b2c 3d4e5f6 --as-new",
            "whocalls outbox retry --all-given-up --json",
            "whocalls outbox drop 0a1b2c 3d4e5f6 --config other.toml",
            "whocalls import template.xml",
        ] {
            assert!(is_accepted(line), "{line}");
        }
    }

    #[test]
    fn what_could_be_meant_otherwise_is_refused() {
        for line in [
            "whocalls workflow",
            "whocalls workflow CallFlow --input contactCrmId",
            "whocalls workflow CallFlow --input =hubspot:51",
            "whocalls check --trace 0215522000 --offline",
            "whocalls kinds --preset pipedrive --json",
            "whocalls outbox",
            "whocalls outbox list --state lost",
            "whocalls outbox list --limit 0",
            "whocalls outbox list --adapter not/an/id",
            "whocalls outbox show",
            "whocalls outbox show 0a1b2",
            "whocalls outbox show 0a1b2x",
            "whocalls outbox show 0a1b2c 3d4e5f",
            "whocalls outbox retry",
            "whocalls outbox retry 0a1b2c --all-given-up",
            "whocalls outbox retry --all-given-up --as-new",
            "whocalls outbox drop",
            "whocalls import",
        ] {
            assert!(!is_accepted(line), "{line}");
        }
    }
}
