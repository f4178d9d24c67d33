//! Leaves a CRM alone that is ill, and finds out when it is well again.

mod circuit;
mod window;

use std::{
    fmt,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use metrics::{Gauge, Recorder};
use tokio::time::Instant;
use whocalls_core::{
    AdapterError, AdapterInfo, CallContext, Changes, ContactQuery, CrmAdapter, ErrorKind,
    LookupAnswer, Notification, Operation, ProbeReport, WorkflowReceipt, WorkflowRequest,
};

use crate::meter::{Tally, gauge};
pub use circuit::BreakerSettings;
use circuit::{Circuit, Pass, Phase, Verdict};

/// 0 closed, 1 half-open, 2 open.
const STATE: &str = "whocalls_breaker_state";
/// Changes of state, by the new one.
const TRANSITIONS: &str = "whocalls_breaker_transitions_total";

/// A circuit breaker: refuses calls with `CircuitOpen` while the CRM is ill, so that nobody waits
/// for it and it can recover.
///
/// Lookups, workflows and probes count alike, by
/// [`ErrorKind::counts_against_breaker`]. The timeout of the calls has to stand inside; a call that
/// is dropped after its deadline counts as failed all the same, one that is dropped before says
/// nothing of the CRM.
pub struct Breaker {
    inner: Arc<dyn CrmAdapter>,
    circuit: Mutex<Circuit>,
    transitions: Tally,
    state: Gauge,
}

impl Breaker {
    /// Watches over `inner`, and reports the state to `recorder`.
    pub fn new(
        inner: Arc<dyn CrmAdapter>,
        settings: BreakerSettings,
        recorder: &dyn Recorder,
    ) -> Self {
        let id = &inner.info().id;
        let phases = [Phase::Closed, Phase::HalfOpen, Phase::Open].map(Phase::as_str);
        let transitions = Tally::new(recorder, id, TRANSITIONS, "to", &phases);
        let state = gauge(recorder, id, STATE);
        state.set(gauged(Phase::Closed));
        Self {
            inner,
            circuit: Mutex::new(Circuit::new(settings)),
            transitions,
            state,
        }
    }

    /// Makes a call if the circuit lets it pass, and takes note of how it ends.
    async fn guarded<T>(
        &self,
        cx: &CallContext,
        operation: Operation,
        call: impl Future<Output = Result<T, AdapterError>> + Send,
    ) -> Result<T, AdapterError> {
        let pass = self.with_circuit(Circuit::admit);
        let pass = pass.map_err(|wait| {
            let message = "left alone for a moment after repeated failures; see the log for them";
            AdapterError::new(ErrorKind::CircuitOpen, &self.info().id, operation, message)
                .with_retry_after(Some(wait))
        })?;
        let mut attempt = Attempt {
            breaker: self,
            pass,
            deadline: cx.deadline,
            verdict: None,
        };
        let result = call.await;
        attempt.verdict = Some(verdict(&result));
        result
    }

    /// Works on the circuit, and tells of a change of its state.
    fn with_circuit<T>(&self, work: impl FnOnce(&mut Circuit, Instant) -> T) -> T {
        // No statement of the state machine can panic half-way, so a poisoned lock is still good.
        let mut circuit = self.circuit.lock().unwrap_or_else(PoisonError::into_inner);
        let before = circuit.phase();
        let result = work(&mut circuit, Instant::now());
        let after = circuit.phase();
        // Under the lock, so that it is never set to what was before; and not only when it changes,
        // because after a reload the last calls of the former breaker may still set it.
        self.state.set(gauged(after));
        if before != after {
            self.tell(before, after);
        }
        result
    }

    fn tell(&self, before: Phase, after: Phase) {
        self.transitions.count(after.as_str());
        let (adapter, from, to) = (&self.info().id, before.as_str(), after.as_str());
        match after {
            Phase::Open => {
                tracing::warn!(%adapter, from, to, "circuit breaker: the CRM is left alone");
            }
            Phase::HalfOpen => {
                tracing::info!(%adapter, from, to, "circuit breaker: one call tries the CRM");
            }
            Phase::Closed => {
                tracing::info!(%adapter, from, to, "circuit breaker: the CRM is well again");
            }
        }
    }
}

const fn gauged(phase: Phase) -> f64 {
    match phase {
        Phase::Closed => 0.0,
        Phase::HalfOpen => 1.0,
        Phase::Open => 2.0,
    }
}

fn verdict<T>(result: &Result<T, AdapterError>) -> Verdict {
    let Err(error) = result else {
        return Verdict::Well;
    };
    match error.kind {
        kind if kind.counts_against_breaker() => Verdict::Ill,
        _ if error.is_own_refusal() => Verdict::Unknown,
        ErrorKind::Internal => Verdict::Unknown,
        ErrorKind::RateLimited => Verdict::Throttled,
        // The CRM refused what it was asked, so it is well.
        _ => Verdict::Well,
    }
}

/// A call under way. Dropping it reports how it went, whether or not it came to its end.
struct Attempt<'a> {
    breaker: &'a Breaker,
    pass: Pass,
    deadline: Instant,
    verdict: Option<Verdict>,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.breaker.with_circuit(|circuit, now| {
            let verdict = self.verdict.unwrap_or(if now < self.deadline {
                Verdict::Unknown
            } else {
                Verdict::Ill
            });
            circuit.report(self.pass, verdict, now);
        });
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker")
            .field("inner", &self.inner)
            .field("circuit", &self.circuit)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "breaker({})", self.inner)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl CrmAdapter for Breaker {
    fn info(&self) -> &AdapterInfo {
        self.inner.info()
    }

    fn remembered(&self, cx: &CallContext, query: &ContactQuery) -> Option<LookupAnswer> {
        self.inner.remembered(cx, query)
    }

    async fn lookup(
        &self,
        cx: &CallContext,
        query: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        let call = self.inner.lookup(cx, query);
        self.guarded(cx, Operation::Lookup, call).await
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let call = self.inner.run_workflow(cx, request);
        self.guarded(cx, Operation::Workflow, call).await
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        let call = self.inner.probe(cx);
        self.guarded(cx, Operation::Probe, call).await
    }

    async fn read_notification(
        &self,
        cx: &CallContext,
        notification: &Notification,
    ) -> Result<Changes, AdapterError> {
        self.inner.read_notification(cx, notification).await
    }
}
