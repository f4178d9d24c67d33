//! Ends calls at their deadline, whatever the adapter does.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::{Instant, timeout_at};
use whocalls_core::{
    AdapterError, AdapterId, AdapterInfo, CallContext, Changes, ContactQuery, CrmAdapter,
    ErrorKind, LookupAnswer, Notification, Operation, ProbeReport, WorkflowReceipt,
    WorkflowRequest,
};

/// Enforces the deadline of every call, and brings that of lookups forward.
#[derive(Debug)]
pub struct Budget {
    inner: Arc<dyn CrmAdapter>,
    lookup_timeout: Duration,
}

impl Budget {
    /// Ends lookups after `timeout`, or at their deadline if that is earlier.
    pub fn of_lookups(inner: Arc<dyn CrmAdapter>, timeout: Duration) -> Self {
        Self {
            inner,
            lookup_timeout: timeout,
        }
    }
}

/// Ends a call at `deadline` with `Timeout`.
pub(crate) async fn bounded<T>(
    adapter: &AdapterId,
    deadline: Instant,
    operation: Operation,
    call: impl Future<Output = Result<T, AdapterError>> + Send,
) -> Result<T, AdapterError> {
    timeout_at(deadline, call)
        .await
        .unwrap_or_else(|_| Err(AdapterError::timeout(adapter, operation)))
}

/// Ends a workflow at `deadline`. Nobody knows how far it came: `OutcomeUnknown`.
pub(crate) async fn bounded_workflow(
    adapter: &AdapterId,
    deadline: Instant,
    run: impl Future<Output = Result<WorkflowReceipt, AdapterError>> + Send,
) -> Result<WorkflowReceipt, AdapterError> {
    let result = bounded(adapter, deadline, Operation::Workflow, run).await;
    result.map_err(|error| match error.kind {
        ErrorKind::Timeout => AdapterError {
            kind: ErrorKind::OutcomeUnknown,
            ..error
        },
        _ => error,
    })
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "budget({:?}, {})", self.lookup_timeout, self.inner)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl CrmAdapter for Budget {
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
        let deadline = cx.deadline.min(Instant::now() + self.lookup_timeout);
        let cx = cx.with_deadline(deadline);
        let call = self.inner.lookup(&cx, query);
        bounded(&self.info().id, deadline, Operation::Lookup, call).await
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let call = self.inner.run_workflow(cx, request);
        bounded_workflow(&self.info().id, cx.deadline, call).await
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        let call = self.inner.probe(cx);
        bounded(&self.info().id, cx.deadline, Operation::Probe, call).await
    }

    async fn read_notification(
        &self,
        cx: &CallContext,
        notification: &Notification,
    ) -> Result<Changes, AdapterError> {
        self.inner.read_notification(cx, notification).await
    }
}
