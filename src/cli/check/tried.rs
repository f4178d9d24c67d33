//! One adapter tried: its probe and, with `--trace`, a lookup of which everything is shown.

use std::{fmt::Write as _, num::NonZeroUsize, sync::Arc, time::Duration};

use serde_json::{Map, Value, json};
use tokio::time::Instant;
use whocalls_core::{
    AdapterError, CallContext, ContactQuery, CrmAdapter, LookupAnswer, NumberQuery, PhoneNumber,
    ProbeReport, RequestId, Trace,
};

use crate::{
    cli::{explained::Explained, trace},
    config::LoadedAdapter,
};

/// How long a CRM may take; longer than any lookup waits.
const TIMEOUT: Duration = Duration::from_secs(15);
/// As many contacts as a busy number has: 20.
const MAX_RECORDS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(19);

/// What came of trying one adapter.
pub(super) struct Tried {
    adapter: Arc<dyn CrmAdapter>,
    elapsed: Duration,
    probe: Result<ProbeReport, AdapterError>,
    traced: Option<Traced>,
}

/// A lookup and everything that was said for it and for the probe before it.
struct Traced {
    trace: Trace,
    lookup: Result<LookupAnswer, AdapterError>,
}

impl Tried {
    /// Probes an adapter, and has it look for `number`, without any layer around it: no cache, no
    /// retries.
    pub(super) async fn new(loaded: &LoadedAdapter, number: Option<&PhoneNumber>) -> Self {
        let adapter = Arc::clone(&loaded.adapter);
        let trace = number.map(|_| trace::of([loaded]));
        let cx = || {
            let mut cx = CallContext::within(TIMEOUT, RequestId::new("check"));
            cx.trace.clone_from(&trace);
            cx
        };
        let started = Instant::now();
        let probe = adapter.probe(&cx()).await;
        let elapsed = started.elapsed();
        let mut tried = Self {
            adapter,
            elapsed,
            probe,
            traced: None,
        };
        if let (Some(number), Some(trace)) = (number, &trace) {
            let query = ContactQuery::from(NumberQuery {
                number: number.clone(),
                max_records: MAX_RECORDS,
                explain: true,
            });
            tried.traced = Some(Traced {
                lookup: tried.adapter.lookup(&cx(), &query).await,
                trace: trace.clone(),
            });
        }
        tried
    }

    /// Whether the CRM did what it was asked.
    pub(super) fn is_fine(&self) -> bool {
        let lookup = self.traced.as_ref().is_none_or(|it| it.lookup.is_ok());
        self.probe.is_ok() && lookup
    }

    /// The result as text; of a lookup, `explained` says why it came out as it did.
    pub(super) fn text(&self, explained: Option<Explained<'_>>) -> String {
        let info = self.adapter.info();
        let millis = self.elapsed.as_millis();
        let mut text = String::new();
        // Writing to a string does not fail.
        let _written = match &self.probe {
            Ok(report) => writeln!(
                text,
                "  ok      {} ({}), {millis} ms: {}",
                info.id, info.kind, report.summary
            ),
            Err(error) => writeln!(
                text,
                "  FAILED  {} ({}), {millis} ms: {}: {}",
                info.id, info.kind, error.kind, error.message
            ),
        };
        for warning in self.probe.iter().flat_map(|report| &report.warnings) {
            let _written = writeln!(text, "          warning: {warning}");
        }
        if let (Some(traced), Some(explained)) = (&self.traced, explained) {
            text.push_str(&traced.text(explained));
        }
        text
    }

    /// The result as a JSON document.
    pub(super) fn document(&self, explained: Option<Explained<'_>>) -> Value {
        let info = self.adapter.info();
        let elapsed_ms = u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX);
        let mut document = object(json!({
            "id": info.id, "kind": info.kind, "elapsed_ms": elapsed_ms
        }));
        document.extend(match &self.probe {
            Ok(report) => object(
                json!({ "ok": true, "summary": report.summary, "warnings": report.warnings }),
            ),
            Err(error) => failure(error),
        });
        if let (Some(traced), Some(explained)) = (&self.traced, explained) {
            let lookup = match &traced.lookup {
                Ok(answer) => {
                    let mut lookup = object(json!({ "ok": true }));
                    lookup.extend(explained.document(answer));
                    lookup
                }
                Err(error) => failure(error),
            };
            document.insert("lookup".to_owned(), lookup.into());
            let trace = trace::document(&traced.trace.events());
            document.insert("trace".to_owned(), trace);
        }
        document.into()
    }
}

impl Traced {
    fn text(&self, explained: Explained<'_>) -> String {
        let mut text = trace::text(&self.trace.events());
        match &self.lookup {
            Ok(answer) => {
                let (found, dropped) = (answer.matches().len(), answer.rejected());
                let _written = writeln!(text, "  found {found}, dropped {dropped}");
                text.push_str(&explained.text(answer));
            }
            Err(error) => {
                let (kind, message) = (error.kind, &error.message);
                let _written = writeln!(text, "  lookup FAILED: {kind}: {message}");
            }
        }
        text.push('\n');
        text
    }
}

fn failure(error: &AdapterError) -> Map<String, Value> {
    object(json!({
        "ok": false,
        "error": error.kind.as_str(),
        "status": error.status,
        "message": error.message,
    }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
