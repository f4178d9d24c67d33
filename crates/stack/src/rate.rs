//! Keeps a CRM from being asked more often than it allows.

use std::{fmt, num::NonZeroU32, sync::Arc, time::Duration};

use async_trait::async_trait;
use metrics::Recorder;
use whocalls_core::{
    AdapterError, AdapterInfo, CallContext, Changes, ContactQuery, CrmAdapter, ErrorKind,
    LookupAnswer, Notification, Operation, ProbeReport, RateBudget, WorkflowReceipt,
    WorkflowRequest,
};

use crate::meter::Refusals;

/// No wait that a CRM asks for holds for all calls for longer: if the CRM still means it, the first
/// call after it is told again.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// At most so many calls in any one second; calls wait for their turn as long as they are wanted.
/// When the CRM answers 429 with `Retry-After`, no call is made until then, or for a minute.
///
/// It counts calls. An adapter that makes several requests for one of them has to be given a lower
/// number.
#[derive(Debug)]
pub struct RateLimit {
    inner: Arc<dyn CrmAdapter>,
    per_second: NonZeroU32,
    budget: RateBudget,
    refusals: Refusals,
}

impl RateLimit {
    /// Allows so many calls of `inner` in any one second, and counts refusals in `recorder`.
    pub fn new(
        inner: Arc<dyn CrmAdapter>,
        per_second: NonZeroU32,
        recorder: &dyn Recorder,
    ) -> Self {
        Self {
            refusals: Refusals::of_limit(recorder, &inner.info().id, "rate"),
            inner,
            per_second,
            budget: RateBudget::in_any_second(per_second),
        }
    }

    async fn place(&self, cx: &CallContext, operation: Operation) -> Result<(), AdapterError> {
        let place = self.budget.place(cx, &self.info().id, operation).await;
        place.inspect_err(|_| self.refusals.count())
    }

    /// Pauses when the CRM says so. A refusal of the adapter itself concerns only a part of its
    /// requests.
    fn heed<T>(&self, result: Result<T, AdapterError>) -> Result<T, AdapterError> {
        if let Err(error) = &result
            && error.kind == ErrorKind::RateLimited
            && !error.is_own_refusal()
            && let Some(wait) = error.retry_after
        {
            let wait = wait.min(LONGEST_PAUSE);
            self.budget.pause(wait);
            let (adapter, wait_ms) = (&self.info().id, wait.as_millis());
            tracing::info!(%adapter, wait_ms, "rate limit: the CRM asks for a pause");
        }
        result
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rate({}/s, {})", self.per_second, self.inner)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl CrmAdapter for RateLimit {
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
        self.place(cx, Operation::Lookup).await?;
        self.heed(self.inner.lookup(cx, query).await)
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        self.place(cx, Operation::Workflow).await?;
        self.heed(self.inner.run_workflow(cx, request).await)
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        self.place(cx, Operation::Probe).await?;
        self.heed(self.inner.probe(cx).await)
    }

    async fn read_notification(
        &self,
        cx: &CallContext,
        notification: &Notification,
    ) -> Result<Changes, AdapterError> {
        self.inner.read_notification(cx, notification).await
    }
}
