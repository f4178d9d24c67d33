//! What is measured of the process from outside: its metrics, and what the system knows of it.

use std::{fs, time::Duration};

use crate::{child::Process, harness::client};

async fn metrics(process: &Process) -> String {
    let url = format!("{}/metrics", process.admin_url);
    let reply = client().get(url).send().await.unwrap();
    reply.text().await.unwrap()
}

/// Lookups, and questions to CRMs, that are under way.
pub(super) async fn under_way(process: &Process) -> f64 {
    let metrics = metrics(process).await;
    let in_flight = metrics.lines().filter(|line| {
        line.starts_with("whocalls_lookups_in_flight")
            || line.starts_with("whocalls_cache_requests_in_flight")
    });
    in_flight.map(value).sum()
}

/// The share of lookups that the gateway answered within `limit`, by its own clock. The limit is
/// one of those that its metric distinguishes.
pub(super) async fn in_time(process: &Process, limit: Duration) -> f64 {
    let metrics = metrics(process).await;
    let sum = |name: &str, label: &str| {
        let is_summed = |line: &&str| {
            line.starts_with(name) && line.contains("\"lookup\"") && line.contains(label)
        };
        metrics.lines().filter(is_summed).map(value).sum::<f64>()
    };
    let within = format!("le=\"{}\"", limit.as_secs_f64());
    sum("whocalls_request_seconds_bucket", &within) / sum("whocalls_request_seconds_count", "")
}

/// The value at the end of a line of metrics.
fn value(line: &str) -> f64 {
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

/// What the process has.
#[derive(Debug)]
pub(super) struct Footprint {
    pub(super) descriptors: usize,
    pub(super) threads: u64,
    pub(super) memory_kib: u64,
}

impl Footprint {
    /// What `process` has now.
    pub(super) fn of(process: &Process) -> Self {
        let status = fs::read_to_string(process.proc("status")).unwrap();
        let field = |name: &str| {
            let rest = status.lines().find_map(|line| line.strip_prefix(name));
            let number = rest.unwrap().split_whitespace().next();
            number.unwrap().parse().unwrap()
        };
        Self {
            descriptors: fs::read_dir(process.proc("fd")).unwrap().count(),
            threads: field("Threads:"),
            memory_kib: field("VmRSS:"),
        }
    }
}
