//! Measures how many workflows a second are acknowledged, each on disk before its reply, and what
//! a long queue costs. Gateway and client share the machine. Linux only.
//!
//! `cargo run --release --example measure_workflows -- 100000`
//!
//! The CRM is simulated in memory: what is measured is the gateway's own part.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a tool that prints and may stop"
)]

use std::{
    fmt, fs,
    net::Ipv4Addr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use schemars::{JsonSchema, schema_for};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;
use whocalls::{
    config::{Environment, Mode, Source, load},
    gateway::Gateway,
    server::Server,
    telemetry::Metrics,
};
use whocalls_core::{
    AdapterError, AdapterFactory, AdapterInfo, CallContext, Capabilities, ContactQuery, CrmAdapter,
    ErrorKind, LookupAnswer, Operation, ProbeReport, WorkflowReceipt, WorkflowRequest,
    factory::read_settings, workflow::CALL_FLOW,
};

/// Requests under way at once.
const CONNECTIONS: usize = 64;
/// Workflows sent to a healthy CRM.
const HEALTHY: usize = 10_000;

/// Whether the simulated CRM is away.
static IS_AWAY: AtomicBool = AtomicBool::new(false);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NoSettings {}

#[derive(Debug)]
struct Memory {
    info: AdapterInfo,
}

fn factory() -> AdapterFactory {
    AdapterFactory {
        kind: "memory",
        summary: "Takes every call at once, or none",
        example_toml: "",
        settings_schema: || schema_for!(NoSettings),
        presets: &[],
        build: |place, settings| {
            let NoSettings {} = read_settings(settings)?;
            let info = place.info("memory", Capabilities::number_lookup([CALL_FLOW]));
            Ok(Arc::new(Memory { info }))
        },
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info.kind)
    }
}

#[async_trait]
impl CrmAdapter for Memory {
    fn info(&self) -> &AdapterInfo {
        &self.info
    }

    async fn lookup(
        &self,
        _: &CallContext,
        _: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        Err(AdapterError::unsupported(&self.info.id, Operation::Lookup))
    }

    async fn run_workflow(
        &self,
        _: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        if IS_AWAY.load(Ordering::Relaxed) {
            let (kind, operation) = (ErrorKind::Unavailable, Operation::Workflow);
            return Err(AdapterError::new(kind, &self.info.id, operation, "away"));
        }
        Ok(WorkflowReceipt {
            id: Some(request.idempotency_key.clone()),
            url: None,
        })
    }

    async fn probe(&self, _: &CallContext) -> Result<ProbeReport, AdapterError> {
        Ok(ProbeReport::new("in memory"))
    }
}

fn main() {
    let count = std::env::args().nth(1);
    let queued = count.map_or(100_000, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (url, stop, server) = start(folder.path());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        post_all(&url, 0..100, "done").await;
        report(
            "delivered at once",
            post_all(&url, 100..HEALTHY + 100, "done").await,
        );
        IS_AWAY.store(true, Ordering::Relaxed);
        post_all(&url, 1_000_000..1_000_100, "queued").await;
        let before = resident_kib();
        let waiting = post_all(&url, 2_000_000..2_000_000 + queued, "queued").await;
        report("queued, the CRM is away", waiting);
        let grown = resident_kib().saturating_sub(before) / 1024;
        println!("memory for {queued} waiting workflows: {grown} MiB more");
        IS_AWAY.store(false, Ordering::Relaxed);
        made_up(&url, queued).await;
    });
    stop.send(()).unwrap();
    server.join().unwrap();
    let file = fs::metadata(folder.path().join("outbox.db")).unwrap().len() >> 20;
    println!("file: {file} MiB");
}

fn start(folder: &Path) -> (String, oneshot::Sender<()>, thread::JoinHandle<()>) {
    let text = "[gateway]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\n\
                [log]\nlevel = \"error\"\n[outbox]\npath = \"outbox.db\"\n\
                [adapters.memory]\nkind = \"memory\"\n";
    let source = Source::new("measure", text, folder);
    let loaded = load(&source, &Environment::default(), &[factory()], Mode::Full);
    let loaded = loaded.unwrap_or_else(|report| panic!("{report}"));
    let gateway = Gateway::new(loaded, Metrics::new().unwrap()).unwrap();
    let any_port = (Ipv4Addr::LOCALHOST, 0).into();
    let server = Server::bind(gateway, any_port, any_port, "/").unwrap();
    let url = format!("http://{}/CallFlow", server.address().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = thread::spawn(move || {
        let run = server.run(async { drop(stopped.await) });
        actix_web::rt::System::new().block_on(run).unwrap();
    });
    (url, stop, thread)
}

/// How long each reply took, and all together.
struct Times {
    each: Vec<Duration>,
    all: Duration,
}

fn report(what: &str, mut times: Times) {
    times.each.sort();
    let count = u32::try_from(times.each.len()).unwrap();
    let rate = f64::from(count) / times.all.as_secs_f64();
    let at = |percent: usize| {
        let index = (times.each.len() - 1) * percent / 100;
        times.each.get(index).unwrap().as_secs_f64() * 1000.0
    };
    println!(
        "{what}: {count} acknowledged, {rate:.0}/s; reply after {:.1} ms (median), {:.1} ms (p99)",
        at(50),
        at(99)
    );
}

/// Posts one workflow for each number, and sees that each is answered so.
async fn post_all(url: &str, numbers: std::ops::Range<usize>, expected: &'static str) -> Times {
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let next = Arc::new(AtomicUsize::new(numbers.start));
    let started = Instant::now();
    let workers = (0..CONNECTIONS).map(|_| {
        let (client, next, url) = (client.clone(), Arc::clone(&next), url.to_owned());
        tokio::spawn(async move {
            let mut times = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= numbers.end {
                    return times;
                }
                let begun = Instant::now();
                let reply = client
                    .post(&url)
                    .json(&workflow(number))
                    .send()
                    .await
                    .unwrap();
                assert_eq!(reply.status(), 200);
                assert_eq!(reply.headers()["x-workflow-status"], expected);
                reply.bytes().await.unwrap();
                times.push(begun.elapsed());
            }
        })
    });
    let mut each = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        each.extend(worker.await.unwrap());
    }
    Times {
        each,
        all: started.elapsed(),
    }
}

/// A call as the telephone system reports it.
fn workflow(number: usize) -> serde_json::Value {
    json!({ "inputs": {
        "contactCrmId": format!("memory:{number}"),
        "userCrmId": "anna@example.ch",
        "originatorNumber": "41791234567",
        "originatorName": "Mia Keller",
        "destinationNumber": "41445550100",
        "direction": "incoming",
        "startedTime": "2026-11-22T09:30:00+01:00",
        "answeredTime": "2026-11-22T09:30:08+01:00",
        "endedTime": "2026-11-22T09:33:12+01:00",
    }})
}

/// Waits until all that was queued is delivered: then a repetition of the last one says so.
async fn made_up(url: &str, queued: usize) {
    let started = Instant::now();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for number in [2_000_000, 2_000_000 + queued - 1] {
        loop {
            let reply = client
                .post(url)
                .json(&workflow(number))
                .send()
                .await
                .unwrap();
            if reply.headers()["x-workflow-status"] == "repeated" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    println!(
        "made up {:.1} s after the CRM was back",
        started.elapsed().as_secs_f64()
    );
}

/// Memory of this process, in KiB.
fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap()
}
