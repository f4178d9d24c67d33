//! Ends a single attempt, so that time is left for another.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::Instant;
use whocalls_core::{
    AdapterError, AdapterInfo, CallContext, Changes, ContactQuery, CrmAdapter, LookupAnswer,
    Notification, Operation, ProbeReport, WorkflowReceipt, WorkflowRequest,
};

use crate::budget::{bounded, bounded_workflow};

/// Ends lookups and probes after a time of their own, and every call at its deadline. Stands inside
/// of retries, and directly around the adapter, so that time spent in a queue does not count.
///
/// Workflows have the whole time up to their deadline: nobody knows how far one came that was cut
/// off.
#[derive(Debug)]
pub struct AttemptTimeout {
    inner: Arc<dyn CrmAdapter>,
    timeout: Option<Duration>,
}

impl AttemptTimeout {
    /// Ends attempts of `inner` after `timeout`, or at their deadline if that is earlier.
    pub fn new(inner: Arc<dyn CrmAdapter>, timeout: Option<Duration>) -> Self {
        Self { inner, timeout }
    }

    fn bound(&self, cx: &CallContext) -> CallContext {
        let own = self.timeout.map(|timeout| Instant::now() + timeout);
        cx.with_deadline(own.map_or(cx.deadline, |own| own.min(cx.deadline)))
    }
}

impl fmt::Display for AttemptTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.timeout {
            Some(timeout) => write!(f, "attempt({timeout:?}, {})", self.inner),
            None => write!(f, "attempt({})", self.inner),
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl CrmAdapter for AttemptTimeout {
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
        let cx = self.bound(cx);
        let call = self.inner.lookup(&cx, query);
        bounded(&self.info().id, cx.deadline, Operation::Lookup, call).await
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
        let cx = self.bound(cx);
        let call = self.inner.probe(&cx);
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
