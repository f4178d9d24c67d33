//! The programs that are compared, and how each is started.

mod adapter;
mod backends;
mod gateway;
mod others;
mod process;

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Context;
use clap::ValueEnum;

pub(crate) use self::{
    adapter::Adapter,
    backends::BackEnds,
    process::{Process, pause},
};
use crate::load::Target;

/// The token that every program asks for.
pub(crate) const TOKEN: &str = "bench";
/// How long a program may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(30);
const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub(crate) enum Program {
    /// actix-web with a reply that is ready.
    LimitHit,
    /// A bare fan-out.
    LimitMiss,
    Whocalls,
    Nginx,
    Node,
    Python,
}

impl Program {
    /// Those that a user might pick instead.
    pub(crate) const OTHERS: [Self; 3] = [Self::Nginx, Self::Node, Self::Python];

    /// What the report calls it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::LimitHit => "hit limit (actix-web)",
            Self::LimitMiss => "miss limit (hyper)",
            Self::Whocalls => "whocalls",
            Self::Nginx => "nginx + Lua",
            Self::Node => "Node, fastify + undici",
            Self::Python => "Python, FastAPI + aiohttp",
        }
    }
}

/// What a program is to do.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    /// The CRMs, by priority.
    pub(crate) adapters: Vec<Adapter>,
    /// How long each may take, in milliseconds.
    pub(crate) timeout_ms: u64,
    /// Memory for the cached answers of one adapter, in bytes; the gateway only.
    pub(crate) cache_bytes: u64,
    /// Lookups under way at once; the gateway only.
    pub(crate) max_in_flight: usize,
    /// Whether a CRM that fails is left alone; the gateway only.
    pub(crate) breaker: bool,
}

/// Where programs are, and where they run.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The `bench` folder of the repository.
    pub(crate) sources: PathBuf,
    /// What `others/install` installed.
    pub(crate) installed: PathBuf,
    /// Configurations and logs.
    pub(crate) work: PathBuf,
    /// The gateway's program.
    pub(crate) whocalls: PathBuf,
    /// Worker threads or processes of each program.
    pub(crate) workers: usize,
}

/// A program that serves.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
}

impl Place {
    /// Why this program cannot be measured here.
    pub(crate) fn lack(&self, program: Program) -> Option<String> {
        others::lack(self, program)
    }

    /// Starts a program and waits until it serves.
    ///
    /// # Errors
    /// When it does not; its log is in the work folder.
    pub(crate) fn start(&self, program: Program, setup: &Setup) -> anyhow::Result<Running> {
        let port = free_port()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let (command, ready) = match program {
            Program::LimitHit => (limit("limit-hit", port, setup)?, LOOKUP),
            Program::LimitMiss => (limit("limit-miss", port, setup)?, LOOKUP),
            Program::Whocalls => (gateway::command(self, port, setup)?, "/health/ready"),
            Program::Nginx => (others::nginx(self, port, setup)?, LOOKUP),
            Program::Node => (others::node(self, port, setup), LOOKUP),
            Program::Python => (others::python(self, port, setup), LOOKUP),
        };
        let log = self.work.join(format!("{program:?}.log").to_lowercase());
        let mut process = Process::start(&command, &log)?;
        let end = Instant::now() + START_TIMEOUT;
        loop {
            if get(address, ready).is_ok_and(|(status, _)| status == 200) {
                return Ok(Running { process, address });
            }
            let is_late = Instant::now() > end;
            anyhow::ensure!(
                !is_late && !process.has_ended(),
                "{} does not serve: {}",
                program.title(),
                last_lines(&log)
            );
            pause(Duration::from_millis(50));
        }
    }
}

/// A lookup that no scenario counts.
const LOOKUP: &str = "/Lookup?PhoneNumber=41569999999";

impl Running {
    /// Where lookups go.
    pub(crate) fn target(&self) -> Target {
        Target::gateway(self.address, TOKEN)
    }
}

/// A limit program: this one, under another command.
fn limit(name: &str, port: u16, setup: &Setup) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg(name)
        .args(["--port", &port.to_string()])
        .args(["--timeout-ms", &setup.timeout_ms.to_string()])
        .args(["--adapters", &serde_json::to_string(&setup.adapters)?]);
    Ok(command)
}

/// A port that was free a moment ago.
fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// Status and body of a `GET`.
///
/// # Errors
/// When there is no reply.
pub(crate) fn get(address: SocketAddr, path: &str) -> anyhow::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nX-Execution-Token: {TOKEN}\r\nConnection: close\r\n\r\n"
    )?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").context("half a reply")?;
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    Ok((status, body.to_owned()))
}

fn last_lines(log: &std::path::Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let mut lines: Vec<&str> = text.lines().rev().take(5).collect();
    lines.reverse();
    lines.join("\n")
}
