//! Bounds the requests under way at one CRM.

use std::{fmt, num::NonZeroUsize, sync::Arc};

use async_trait::async_trait;
use metrics::Recorder;
use tokio::{
    sync::{AcquireError, Semaphore, SemaphorePermit},
    time::timeout_at,
};
use whocalls_core::{
    AdapterError, AdapterInfo, CallContext, Changes, ContactQuery, CrmAdapter, ErrorKind,
    LookupAnswer, Notification, Operation, ProbeReport, Urgency, WorkflowReceipt, WorkflowRequest,
};

use crate::meter::Refusals;

/// A bulkhead: at most so many calls at once, probes included. A call that finds no free place for
/// as long as it is wanted fails with `Overloaded`, and the CRM never sees it.
///
/// Calls that nobody waits for take half of the places at most: [deliveries](Urgency::Background),
/// and lookups that go on after their caller has left. So a ringing telephone finds a place while a
/// long queue is delivered, and as soon as a CRM that hung is well again. A late lookup beyond that
/// half ends with `Timeout`.
#[derive(Debug)]
pub struct ConcurrencyLimit {
    inner: Arc<dyn CrmAdapter>,
    places: Semaphore,
    /// Taken in addition by calls that nobody waits for.
    background: Semaphore,
    refusals: Refusals,
}

/// A place, held as long as the call lasts.
struct Place<'a> {
    _place: SemaphorePermit<'a>,
    _background: Option<SemaphorePermit<'a>>,
}

impl ConcurrencyLimit {
    /// Allows `max` calls of `inner` at once, and counts refusals in `recorder`.
    pub fn new(inner: Arc<dyn CrmAdapter>, max: NonZeroUsize, recorder: &dyn Recorder) -> Self {
        let max = max.get().min(Semaphore::MAX_PERMITS);
        Self {
            refusals: Refusals::of_limit(recorder, &inner.info().id, "concurrency"),
            inner,
            places: Semaphore::new(max),
            background: Semaphore::new((max / 2).max(1)),
        }
    }

    async fn place(
        &self,
        cx: &CallContext,
        operation: Operation,
    ) -> Result<Place<'_>, AdapterError> {
        let taken = async {
            // In this order: whoever waits for the other half holds no place meanwhile.
            let background = match cx.urgency {
                Urgency::Background => Some(self.background.acquire().await?),
                Urgency::Caller => None,
            };
            Ok::<_, AcquireError>(Place {
                _place: self.places.acquire().await?,
                _background: background,
            })
        };
        // The semaphores are never closed, so the only failure is the deadline.
        if let Ok(Ok(place)) = timeout_at(cx.wanted_by, taken).await {
            return Ok(place);
        }
        self.refusals.count();
        Err(AdapterError::new(
            ErrorKind::Overloaded,
            &self.info().id,
            operation,
            "max_concurrent requests are under way already and none of them ended in time",
        ))
    }
}

impl fmt::Display for ConcurrencyLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "limit({})", self.inner)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl CrmAdapter for ConcurrencyLimit {
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
        let _place = self.place(cx, Operation::Lookup).await?;
        let mut call = self.inner.lookup(cx, query);
        if let Ok(result) = timeout_at(cx.wanted_by, &mut call).await {
            return result;
        }
        match self.background.try_acquire() {
            Ok(_late) => call.await,
            Err(_) => Err(AdapterError::timeout(&self.info().id, Operation::Lookup)),
        }
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let _place = self.place(cx, Operation::Workflow).await?;
        self.inner.run_workflow(cx, request).await
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        let _place = self.place(cx, Operation::Probe).await?;
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
