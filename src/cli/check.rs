//! `whocalls check`: is the file right, can workflows be stored, and do the CRMs answer?

mod outbox;

use std::{fmt::Write as _, sync::Arc, time::Duration};

use futures::future::{join, join_all};
use serde_json::json;
use tokio::time::Instant;
use whocalls_core::{AdapterError, CallContext, CrmAdapter, ProbeReport, RequestId};

use super::{
    Outcome,
    output::{complain_about, pretty, print},
};
use crate::{
    config::{KeyPath, Loaded, Mode, Severity},
    gateway::Origin,
};

/// How long a CRM may take; longer than any lookup waits.
const PROBE_TIMEOUT: Duration = Duration::from_secs(15);

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only check the file: ask no CRM, read no secret, touch no outbox.
    #[arg(long)]
    offline: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(origin: &Origin, arguments: &Arguments) -> Outcome {
    let mode = if arguments.offline {
        Mode::Offline
    } else {
        Mode::Full
    };
    let mut loaded = match origin.load(mode) {
        Ok(loaded) => loaded,
        Err(report) if arguments.json => {
            return print(
                &pretty(&json!({ "problems": report.to_json() })),
                Outcome::Configuration,
            );
        }
        Err(report) => {
            complain_about(&report);
            return Outcome::Configuration;
        }
    };
    let (stored, probes) = if arguments.offline {
        (Ok(()), Vec::new())
    } else {
        join(
            outbox::check(&loaded.config.outbox.path),
            probe_all(&loaded),
        )
        .await
    };
    let outcome = if stored.is_err() {
        Outcome::Configuration
    } else if probes.iter().any(|probe| probe.result.is_err()) {
        Outcome::CrmUnavailable
    } else {
        Outcome::Fine
    };
    if let Err(error) = stored {
        let key = KeyPath::of(["outbox", "path"]);
        loaded.warnings = loaded.warnings.with_error(key, error.to_string());
    }
    if arguments.json {
        let adapters: Vec<_> = probes.iter().map(Probe::to_json).collect();
        let document = json!({ "problems": loaded.warnings.to_json(), "adapters": adapters });
        return print(&pretty(&document), outcome);
    }
    complain_about(&loaded.warnings);
    print(&text(origin, &loaded, &probes, arguments.offline), outcome)
}

/// One adapter's probe.
struct Probe {
    adapter: Arc<dyn CrmAdapter>,
    elapsed: Duration,
    result: Result<ProbeReport, AdapterError>,
}

async fn probe_all(loaded: &Loaded) -> Vec<Probe> {
    let probe = |adapter: Arc<dyn CrmAdapter>| async move {
        let cx = CallContext::within(PROBE_TIMEOUT, RequestId::new("check"));
        let started = Instant::now();
        let result = adapter.probe(&cx).await;
        Probe {
            adapter,
            elapsed: started.elapsed(),
            result,
        }
    };
    join_all(
        loaded
            .adapters
            .iter()
            .map(|loaded| probe(Arc::clone(&loaded.adapter))),
    )
    .await
}

impl Probe {
    fn to_json(&self) -> serde_json::Value {
        let info = self.adapter.info();
        let elapsed_ms = u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX);
        let mut document = json!({ "id": info.id, "kind": info.kind, "elapsed_ms": elapsed_ms });
        let more = match &self.result {
            Ok(report) => {
                json!({ "ok": true, "summary": report.summary, "warnings": report.warnings })
            }
            Err(error) => json!({
                "ok": false,
                "error": error.kind.as_str(),
                "status": error.status,
                "message": error.message,
            }),
        };
        if let (Some(document), serde_json::Value::Object(more)) = (document.as_object_mut(), more)
        {
            document.extend(more);
        }
        document
    }
}

fn text(origin: &Origin, loaded: &Loaded, probes: &[Probe], offline: bool) -> String {
    let is_right = loaded.warnings.count(Severity::Error) == 0;
    let verdict = if is_right { "right" } else { "wrong" };
    let mut text = format!("{}: the configuration is {verdict}", origin.path.display());
    let count = loaded.adapters.len();
    let plural = if count == 1 { "" } else { "s" };
    let how = if offline { "not probed" } else { "probed" };
    let mut line = |arguments: std::fmt::Arguments<'_>| {
        // Writing to a string does not fail.
        let _written = text.write_fmt(arguments);
    };
    line(format_args!(" ({count} adapter{plural} enabled, {how})\n"));
    for Probe {
        adapter,
        elapsed,
        result,
    } in probes
    {
        let info = adapter.info();
        let millis = elapsed.as_millis();
        match result {
            Ok(report) => {
                line(format_args!(
                    "  ok      {} ({}), {millis} ms: {}\n",
                    info.id, info.kind, report.summary
                ));
                for warning in &report.warnings {
                    line(format_args!("          warning: {warning}\n"));
                }
            }
            Err(error) => line(format_args!(
                "  FAILED  {} ({}), {millis} ms: {}: {}\n",
                info.id, info.kind, error.kind, error.message
            )),
        }
    }
    text
}
