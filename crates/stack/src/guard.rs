//! Refuses what an adapter does not declare.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use whocalls_core::{
    AdapterError, AdapterInfo, CallContext, Changes, ContactQuery, CrmAdapter, LookupAnswer,
    Notification, Operation, ProbeReport, WorkflowReceipt, WorkflowRequest,
};

/// Answers `Unsupported` to queries and workflows outside the declared capabilities, before any
/// other layer spends time on them.
#[derive(Debug)]
pub struct Guard {
    inner: Arc<dyn CrmAdapter>,
}

impl Guard {
    /// Guards `inner`.
    pub fn new(inner: Arc<dyn CrmAdapter>) -> Self {
        Self { inner }
    }

    fn refuse<T>(&self, operation: Operation) -> Result<T, AdapterError> {
        Err(AdapterError::unsupported(&self.info().id, operation))
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "guard({})", self.inner)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl CrmAdapter for Guard {
    fn info(&self) -> &AdapterInfo {
        self.inner.info()
    }

    fn remembered(&self, cx: &CallContext, query: &ContactQuery) -> Option<LookupAnswer> {
        let is_answered = self.info().capabilities.answers(query.kind());
        is_answered.then(|| self.inner.remembered(cx, query))?
    }

    async fn lookup(
        &self,
        cx: &CallContext,
        query: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        if !self.info().capabilities.answers(query.kind()) {
            return self.refuse(Operation::Lookup);
        }
        self.inner.lookup(cx, query).await
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        if !self.info().capabilities.runs(&request.name) {
            return self.refuse(Operation::Workflow);
        }
        self.inner.run_workflow(cx, request).await
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        self.inner.probe(cx).await
    }

    async fn read_notification(
        &self,
        cx: &CallContext,
        notification: &Notification,
    ) -> Result<Changes, AdapterError> {
        self.inner.read_notification(cx, notification).await
    }
}
