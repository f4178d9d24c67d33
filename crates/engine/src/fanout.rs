//! Asks all adapters at once.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use tokio::time::{Instant, timeout_at};
use whocalls_core::{
    AdapterError, CallContext, ContactQuery, CrmAdapter, ErrorKind, LookupAnswer, MatchClass,
    Operation,
};

use crate::{SourceOutcome, SourceStatus};

/// Asks every adapter, concurrently, and returns what became of each, in the order given.
///
/// Ends when all have answered, at `cx.deadline`, or `settle` after the first exact match if
/// `settle` is set. An adapter that panics is one that failed.
pub(crate) async fn ask_all(
    adapters: &[&dyn CrmAdapter],
    cx: &CallContext,
    query: &ContactQuery,
    settle: Option<Duration>,
) -> Vec<SourceOutcome> {
    let mut asking = Asking {
        adapters,
        started: Instant::now(),
        deadline: cx.deadline,
        settle,
        outcomes: adapters.iter().map(|_| None).collect(),
    };
    for (position, adapter) in adapters.iter().enumerate() {
        if let Some(result) = recall(*adapter, cx, query) {
            // Nobody waited, and a look at the clock takes as long.
            asking.ended(position, Duration::ZERO, result);
        }
    }
    if asking.outcomes.iter().any(Option::is_none) {
        asking.ask_others(cx, query).await;
    }
    asking.finish(cx)
}

/// One question to several adapters.
struct Asking<'a> {
    adapters: &'a [&'a dyn CrmAdapter],
    started: Instant,
    /// Until when they are waited for.
    deadline: Instant,
    settle: Option<Duration>,
    /// What became of each so far.
    outcomes: Vec<Option<SourceOutcome>>,
}

impl Asking<'_> {
    /// Asks those that did not answer from memory.
    async fn ask_others(&mut self, cx: &CallContext, query: &ContactQuery) {
        let places = self.adapters.iter().zip(&self.outcomes).enumerate();
        let mut running: FuturesUnordered<_> =
            places
                .filter(|(_, (_, outcome))| outcome.is_none())
                .map(|(position, (adapter, _))| async move {
                    (position, ask(*adapter, cx, query).await)
                })
                .collect();
        while let Ok(Some((position, result))) = timeout_at(self.deadline, running.next()).await {
            self.ended(position, self.started.elapsed(), result);
        }
    }

    fn ended(
        &mut self,
        position: usize,
        elapsed: Duration,
        result: Result<LookupAnswer, AdapterError>,
    ) {
        if let (Some(settle), Ok(answer)) = (self.settle, &result)
            && has_exact(answer)
        {
            self.deadline = self.deadline.min(Instant::now() + settle);
        }
        let place = self.outcomes.get_mut(position);
        if let (Some(place), Some(adapter)) = (place, self.adapters.get(position)) {
            let status = result.map_or_else(SourceStatus::Failed, SourceStatus::Answered);
            *place = Some(outcome(*adapter, elapsed, status));
        }
    }

    fn finish(self, cx: &CallContext) -> Vec<SourceOutcome> {
        let is_settled = self.deadline < cx.deadline;
        let unanswered = |adapter: &dyn CrmAdapter| {
            let status = if is_settled {
                SourceStatus::Skipped
            } else {
                SourceStatus::Failed(AdapterError::timeout(&adapter.info().id, Operation::Lookup))
            };
            outcome(adapter, self.started.elapsed(), status)
        };
        let each = self.outcomes.into_iter().zip(self.adapters);
        each.map(|(outcome, adapter)| outcome.unwrap_or_else(|| unanswered(*adapter)))
            .collect()
    }
}

/// The answer that an adapter has in memory.
fn recall(
    adapter: &dyn CrmAdapter,
    cx: &CallContext,
    query: &ContactQuery,
) -> Option<Result<LookupAnswer, AdapterError>> {
    // Nothing half-done is seen again but what the adapter itself keeps, as with `contain`.
    let recalled = catch_unwind(AssertUnwindSafe(|| adapter.remembered(cx, query)));
    match recalled {
        Ok(answer) => answer.map(Ok),
        Err(_panic) => Some(Err(panicked(adapter, Operation::Lookup))),
    }
}

async fn ask(
    adapter: &dyn CrmAdapter,
    cx: &CallContext,
    query: &ContactQuery,
) -> Result<LookupAnswer, AdapterError> {
    contain(adapter, Operation::Lookup, adapter.lookup(cx, query)).await
}

/// Turns a panic of `call` into an error of the adapter.
pub(crate) async fn contain<T>(
    adapter: &dyn CrmAdapter,
    operation: Operation,
    call: impl Future<Output = Result<T, AdapterError>> + Send,
) -> Result<T, AdapterError> {
    // The future is dropped after a panic, so nothing half-done is seen again.
    AssertUnwindSafe(call)
        .catch_unwind()
        .await
        .unwrap_or_else(|_panic| Err(panicked(adapter, operation)))
}

/// The error of an adapter that panicked.
fn panicked(adapter: &dyn CrmAdapter, operation: Operation) -> AdapterError {
    let message = "the adapter panicked; this is a bug, please report it";
    let id = &adapter.info().id;
    tracing::error!(adapter = %id, %operation, "{message}");
    AdapterError::new(ErrorKind::Internal, id, operation, message)
}

fn has_exact(answer: &LookupAnswer) -> bool {
    answer
        .matches()
        .iter()
        .any(|found| found.class == MatchClass::Exact)
}

fn outcome(adapter: &dyn CrmAdapter, elapsed: Duration, status: SourceStatus) -> SourceOutcome {
    SourceOutcome {
        adapter: adapter.info().id.clone(),
        elapsed,
        status,
    }
}
