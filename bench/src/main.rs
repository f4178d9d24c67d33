//! Measures the gateway: `cargo run --release -p whocalls-bench` (see `bench/README.md`).
//!
//! | module | does |
//! |---|---|
//! | [`backends`] | simulated CRMs that cost next to nothing |
//! | [`load`] | the load generator |
//! | [`limit`] | programs that no gateway can outrun |
//! | [`programs`] | how everything that is compared is started, watched and stopped |
//! | [`scenarios`] | what is measured, and the targets |
//! | [`report`] | tables |
//! | [`hotpaths`] | code whose instructions are counted |
//! | [`phonebook`] | loading and lookups of large phonebooks |
//! | [`run`] | the rounds |
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool that talks to a person"
)]
#![expect(
    clippy::future_not_send,
    reason = "generator and programs run their tasks where they start them"
)]

mod backends;
mod hotpaths;
mod limit;
mod load;
mod phonebook;
mod programs;
mod report;
mod run;
mod scenarios;

use std::{path::PathBuf, time::Duration};

use clap::{Parser, Subcommand};

/// That of the gateway, for the limit programs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures whocalls against limit programs and against what others would use.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(flatten)]
    options: run::Options,
    #[command(subcommand)]
    part: Option<Part>,
}

/// Parts of the benchmark, each in a process of its own.
#[derive(Debug, Subcommand)]
enum Part {
    /// The simulated CRMs; ends with its standard input.
    BackEnds {
        /// A JSON array of three behaviours: Sugar, HubSpot, REST.
        behaviours: String,
    },
    /// The limit of a cache hit.
    LimitHit(Limit),
    /// The limit of a miss.
    LimitMiss(Limit),
    /// Loads a phonebook and looks numbers up.
    Phonebook { contacts: u32, work: PathBuf },
    /// Goes through a hot path so many times, for callgrind.
    HotPath { path: hotpaths::HotPath, times: u32 },
}

/// What a limit program is told.
#[derive(Debug, clap::Args)]
struct Limit {
    #[arg(long)]
    port: u16,
    #[arg(long)]
    timeout_ms: u64,
    /// A JSON array.
    #[arg(long)]
    adapters: String,
}

fn main() -> anyhow::Result<()> {
    let Arguments { options, part } = Arguments::parse();
    match part {
        None => run::run(&options),
        Some(Part::BackEnds { behaviours }) => backends::run(serde_json::from_str(&behaviours)?),
        Some(Part::LimitHit(limit)) => {
            let adapters: Vec<programs::Adapter> = serde_json::from_str(&limit.adapters)?;
            limit::hit::run(limit.port, limit::sample_reply(&adapters))
        }
        Some(Part::LimitMiss(limit)) => {
            let timeout = Duration::from_millis(limit.timeout_ms);
            limit::miss::run(
                limit.port,
                &serde_json::from_str::<Vec<_>>(&limit.adapters)?,
                timeout,
            )
        }
        Some(Part::Phonebook { contacts, work }) => phonebook::run(contacts, &work),
        Some(Part::HotPath { path, times }) => hotpaths::run(path, times),
    }
}
