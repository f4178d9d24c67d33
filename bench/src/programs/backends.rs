//! The simulated CRMs, in a process of their own.

use std::{
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr},
    process::{Child, Command, Stdio},
};

use anyhow::Context;

use super::get;
use crate::backends::Behaviour;

/// Running back ends. Stopped when dropped.
#[derive(Debug)]
pub(crate) struct BackEnds {
    child: Child,
    pub(crate) ports: [u16; 3],
}

impl BackEnds {
    /// Starts them with these behaviours, in the order of `Shape::ALL`.
    ///
    /// # Errors
    /// When they do not start.
    pub(crate) fn start(behaviours: [Behaviour; 3]) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["back-ends", &serde_json::to_string(&behaviours)?])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("no output")?;
        let mut back_ends = Self {
            child,
            ports: [0; 3],
        };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let ports = line.split_whitespace().map(str::parse);
        let ports: Vec<u16> = ports.collect::<Result<_, _>>()?;
        back_ends.ports = ports.try_into().ok().context("three ports")?;
        Ok(back_ends)
    }

    /// The address of the back end at this place.
    pub(crate) fn address(&self, place: usize) -> SocketAddr {
        let port = self.ports.get(place).copied().unwrap_or(0);
        (Ipv4Addr::LOCALHOST, port).into()
    }

    /// How many lookups they got.
    ///
    /// # Errors
    /// When they do not tell.
    pub(crate) fn lookups(&self) -> anyhow::Result<f64> {
        let counts = (0..self.ports.len()).map(|place| {
            let (_, count) = get(self.address(place), "/count")?;
            Ok(count.parse::<f64>()?)
        });
        counts.sum()
    }
}

impl Drop for BackEnds {
    fn drop(&mut self) {
        // They end with their standard input.
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}
