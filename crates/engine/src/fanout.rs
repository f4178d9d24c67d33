//! Asks all adapters at once.

use std::{panic::AssertUnwindSafe, time::Duration};

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
    let started = Instant::now();
    let mut outcomes: Vec<Option<SourceOutcome>> = adapters.iter().map(|_| None).collect();
    let mut running: FuturesUnordered<_> = adapters
        .iter()
        .enumerate()
        .map(|(position, adapter)| async move { (position, ask(*adapter, cx, query).await) })
        .collect();
    let mut deadline = cx.deadline;
    while let Ok(Some((position, result))) = timeout_at(deadline, running.next()).await {
        if let (Some(settle), Ok(answer)) = (settle, &result)
            && has_exact(answer)
        {
            deadline = deadline.min(Instant::now() + settle);
        }
        if let (Some(slot), Some(adapter)) = (outcomes.get_mut(position), adapters.get(position)) {
            let status = result.map_or_else(SourceStatus::Failed, SourceStatus::Answered);
            *slot = Some(outcome(*adapter, started, status));
        }
    }
    let is_settled = deadline < cx.deadline;
    let unanswered = |adapter: &dyn CrmAdapter| {
        let status = if is_settled {
            SourceStatus::Skipped
        } else {
            SourceStatus::Failed(AdapterError::timeout(&adapter.info().id, Operation::Lookup))
        };
        outcome(adapter, started, status)
    };
    let each = outcomes.into_iter().zip(adapters);
    each.map(|(outcome, adapter)| outcome.unwrap_or_else(|| unanswered(*adapter)))
        .collect()
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
        .unwrap_or_else(|_panic| {
            let message = "the adapter panicked; this is a bug, please report it";
            let id = &adapter.info().id;
            tracing::error!(adapter = %id, %operation, "{message}");
            Err(AdapterError::new(
                ErrorKind::Internal,
                id,
                operation,
                message,
            ))
        })
}

fn has_exact(answer: &LookupAnswer) -> bool {
    answer
        .matches()
        .iter()
        .any(|found| found.class == MatchClass::Exact)
}

fn outcome(adapter: &dyn CrmAdapter, started: Instant, status: SourceStatus) -> SourceOutcome {
    SourceOutcome {
        adapter: adapter.info().id.clone(),
        elapsed: started.elapsed(),
        status,
    }
}
