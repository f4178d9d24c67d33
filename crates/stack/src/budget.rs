//! Ends calls at their deadline, whatever the adapter does.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::{Instant, timeout_at};
use whocalls_core::{
    AdapterError, AdapterInfo, CallContext, Changes, ContactQuery, CrmAdapter, ErrorKind,
    LookupAnswer, Notification, Operation, ProbeReport, WorkflowReceipt, WorkflowRequest,
};

/// Enforces the deadline of every call, and brings that of lookups forward if so set.
#[derive(Debug)]
pub struct Budget {
    inner: Arc<dyn CrmAdapter>,
    lookup_timeout: Option<Duration>,
}

impl Budget {
    /// Enforces the deadline that a call brings along.
    pub fn of_call(inner: Arc<dyn CrmAdapter>) -> Self {
        Self {
            inner,
            lookup_timeout: None,
        }
    }

    /// Ends lookups after `timeout`, or at their deadline if that is earlier.
    pub fn of_lookups(inner: Arc<dyn CrmAdapter>, timeout: Duration) -> Self {
        Self {
            inner,
            lookup_timeout: Some(timeout),
        }
    }

    async fn bounded<T>(
        &self,
        deadline: Instant,
        operation: Operation,
        call: impl Future<Output = Result<T, AdapterError>> + Send,
    ) -> Result<T, AdapterError> {
        timeout_at(deadline, call)
            .await
            .unwrap_or_else(|_| Err(AdapterError::timeout(&self.info().id, operation)))
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.lookup_timeout {
            Some(timeout) => write!(f, "budget({timeout:?}, {})", self.inner),
            None => write!(f, "budget({})", self.inner),
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl CrmAdapter for Budget {
    fn info(&self) -> &AdapterInfo {
        self.inner.info()
    }

    async fn lookup(
        &self,
        cx: &CallContext,
        query: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        let own = self.lookup_timeout.map(|timeout| Instant::now() + timeout);
        let deadline = own.map_or(cx.deadline, |own| own.min(cx.deadline));
        let cx = cx.with_deadline(deadline);
        self.bounded(deadline, Operation::Lookup, self.inner.lookup(&cx, query))
            .await
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let run = self.inner.run_workflow(cx, request);
        let result = self.bounded(cx.deadline, Operation::Workflow, run).await;
        result.map_err(|error| match error.kind {
            // The call was cut from outside: nobody knows how far it came.
            ErrorKind::Timeout => AdapterError {
                kind: ErrorKind::OutcomeUnknown,
                ..error
            },
            _ => error,
        })
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        self.bounded(cx.deadline, Operation::Probe, self.inner.probe(cx))
            .await
    }

    async fn read_notification(
        &self,
        cx: &CallContext,
        notification: &Notification,
    ) -> Result<Changes, AdapterError> {
        self.inner.read_notification(cx, notification).await
    }
}
