//! Makes every call visible: metrics, and a log line for each failure.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use metrics::{Histogram, Key, Label, Level, Metadata, Recorder};
use tokio::time::Instant;
use whocalls_core::{
    AdapterError, AdapterInfo, CallContext, Changes, ContactQuery, CrmAdapter, ErrorKind,
    Freshness, LookupAnswer, Notification, Operation, ProbeReport, WorkflowReceipt,
    WorkflowRequest,
};

use crate::kept::{KeptMetrics, Timed};

/// Calls to an adapter, by outcome.
const CALLS: &str = "whocalls_adapter_calls_total";
/// Time that callers waited for a CRM; answers from memory, for which nobody waits, would hide it.
const SECONDS: &str = "whocalls_adapter_call_seconds";
const METADATA: Metadata<'_> = Metadata::new(module_path!(), Level::INFO, None);

/// Counts and times every call, and logs failures with adapter, operation and kind.
///
/// Labels come from closed sets: adapter id, operation, outcome.
pub struct Observe {
    inner: Arc<dyn CrmAdapter>,
    recorder: Arc<dyn Recorder + Send + Sync>,
    /// The metrics of the outcomes that there were.
    kept: KeptMetrics<(Operation, &'static str)>,
}

impl Observe {
    /// Observes `inner` and reports to `recorder`.
    pub fn new(inner: Arc<dyn CrmAdapter>, recorder: Arc<dyn Recorder + Send + Sync>) -> Self {
        Self {
            inner,
            recorder,
            kept: KeptMetrics::default(),
        }
    }

    fn finish<T>(
        &self,
        cx: &CallContext,
        operation: Operation,
        started: Instant,
        result: &Result<T, AdapterError>,
        outcome: impl FnOnce(&T) -> &'static str,
    ) {
        let elapsed = started.elapsed();
        let outcome = match result {
            Ok(value) => outcome(value),
            Err(error) => {
                log(cx, error, elapsed);
                error.kind.as_str()
            }
        };
        self.record(operation, outcome, elapsed);
    }

    fn record(&self, operation: Operation, outcome: &'static str, elapsed: Duration) {
        let labels = (operation, outcome);
        let register = || (labels, self.register(operation, outcome));
        let seconds = elapsed.as_secs_f64();
        self.kept.record(|it| *it == labels, seconds, register);
    }

    fn register(&self, operation: Operation, outcome: &'static str) -> Timed {
        let adapter = Label::new("adapter", self.info().id.as_str().to_owned());
        let named = Label::new("operation", operation.as_str());
        let seconds = if is_from_memory(outcome) {
            Histogram::noop()
        } else {
            let timed = Key::from_parts(SECONDS, vec![adapter.clone(), named.clone()]);
            self.recorder.register_histogram(&timed, &METADATA)
        };
        let counted = Key::from_parts(CALLS, vec![adapter, named, Label::new("outcome", outcome)]);
        Timed {
            count: self.recorder.register_counter(&counted, &METADATA),
            seconds,
        }
    }
}

fn log(cx: &CallContext, error: &AdapterError, elapsed: Duration) {
    // Whoever keeps requests from the CRMs says so; there are too many of them for a line each.
    if cx.memory_only && error.kind == ErrorKind::Overloaded {
        return;
    }
    let AdapterError {
        adapter,
        operation,
        kind,
        status,
        message,
        ..
    } = error;
    let elapsed_ms = elapsed.as_millis();
    let request_id = cx.request_id.as_str();
    if kind.needs_attention() {
        tracing::error!(%adapter, %operation, %kind, status, elapsed_ms, request_id, "{message}");
    } else if *kind == ErrorKind::CircuitOpen {
        // The breaker has told why; a line for each call would bury that.
        tracing::debug!(%adapter, %operation, %kind, status, elapsed_ms, request_id, "{message}");
    } else {
        tracing::warn!(%adapter, %operation, %kind, status, elapsed_ms, request_id, "{message}");
    }
}

/// The outcomes of lookups that the CRM was not asked for.
const CACHED: &str = "cached";
const STALE: &str = "stale";

fn is_from_memory(outcome: &str) -> bool {
    [CACHED, STALE].contains(&outcome)
}

fn lookup_outcome(answer: &LookupAnswer) -> &'static str {
    match answer.freshness() {
        Freshness::Cached { .. } => CACHED,
        Freshness::Stale { .. } => STALE,
        Freshness::Live if answer.is_empty() => "empty",
        Freshness::Live => "ok",
    }
}

impl fmt::Debug for Observe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observe")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Observe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "observe({})", self.inner)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl CrmAdapter for Observe {
    fn info(&self) -> &AdapterInfo {
        self.inner.info()
    }

    fn remembered(&self, cx: &CallContext, query: &ContactQuery) -> Option<LookupAnswer> {
        let answer = self.inner.remembered(cx, query)?;
        self.record(Operation::Lookup, lookup_outcome(&answer), Duration::ZERO);
        Some(answer)
    }

    async fn lookup(
        &self,
        cx: &CallContext,
        query: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        let started = Instant::now();
        let result = self.inner.lookup(cx, query).await;
        self.finish(cx, Operation::Lookup, started, &result, lookup_outcome);
        result
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let started = Instant::now();
        let result = self.inner.run_workflow(cx, request).await;
        self.finish(cx, Operation::Workflow, started, &result, |_| "ok");
        result
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        let started = Instant::now();
        let result = self.inner.probe(cx).await;
        self.finish(cx, Operation::Probe, started, &result, |_| "ok");
        result
    }

    async fn read_notification(
        &self,
        cx: &CallContext,
        notification: &Notification,
    ) -> Result<Changes, AdapterError> {
        let started = Instant::now();
        let result = self.inner.read_notification(cx, notification).await;
        self.finish(cx, Operation::Notification, started, &result, |_| "ok");
        result
    }
}
