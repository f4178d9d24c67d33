//! Answers from memory, and one request for equal lookups.
//!
//! | state of the entry | the caller gets | the CRM is asked |
//! |---|---|---|
//! | fresh | the entry, `Cached` | no |
//! | past its lifetime, somebody was found | the entry, `Stale`, at once | yes, in the background |
//! | past its lifetime, nobody was found | the new answer | yes |
//! | none | the new answer | yes |
//!
//! Failures are not stored. A stale "nobody" is not given: a contact that was created meanwhile
//! is worth the wait. An answer that misses a part of the CRM is kept as briefly as "nobody".

mod entry;
mod flight;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::Instant;
use whocalls_core::{
    AdapterError, AdapterInfo, CallContext, Changes, ContactQuery, CrmAdapter, Freshness,
    LookupAnswer, Notification, ProbeReport, WorkflowReceipt, WorkflowRequest,
    workflow::CREATE_CONTACT,
};

use entry::Store;
use flight::Flights;

/// Lifetimes and size of one adapter's cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheSettings {
    /// How long an answer with contacts is fresh.
    pub ttl: Duration,
    /// How long an answer without contacts, or one that misses a part of the CRM, is fresh.
    pub empty_ttl: Duration,
    /// How long an answer with contacts may be given after that.
    pub stale: Duration,
    /// The memory that entries may take, in bytes, by estimate.
    pub max_bytes: u64,
}

/// Caches the lookups of one adapter.
///
/// A lookup that has to ask the CRM does so in a task of its own, which goes on for `late_answer`
/// even when every caller has left: its answer is there for the next call. Callers of the same
/// question share the task, and each leaves at its own deadline.
#[derive(Debug)]
pub struct Cache {
    inner: Arc<dyn CrmAdapter>,
    store: Arc<Store>,
    flights: Arc<Flights>,
    late_answer: Duration,
}

impl Cache {
    /// Caches the lookups of `inner`.
    pub fn new(inner: Arc<dyn CrmAdapter>, settings: CacheSettings, late_answer: Duration) -> Self {
        Self {
            inner,
            store: Arc::new(Store::new(settings)),
            flights: Arc::default(),
            late_answer,
        }
    }

    /// Joins the request for `query` that is under way, or starts one.
    fn ask(&self, cx: &CallContext, query: &ContactQuery) -> flight::Flight {
        let cx = cx.with_late_deadline(Instant::now() + self.late_answer);
        self.flights
            .join_or_start(&self.inner, &self.store, cx, query)
    }
}

impl fmt::Display for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cache({})", self.inner)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl CrmAdapter for Cache {
    fn info(&self) -> &AdapterInfo {
        self.inner.info()
    }

    async fn lookup(
        &self,
        cx: &CallContext,
        query: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        match self.store.get(query) {
            Some(answer) => {
                if matches!(answer.freshness(), Freshness::Stale { .. }) {
                    drop(self.ask(cx, query));
                }
                Ok(answer)
            }
            None => self.ask(cx, query).await,
        }
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        let receipt = self.inner.run_workflow(cx, request).await?;
        if request.name == CREATE_CONTACT {
            // Nobody is unknown any longer who was just entered.
            self.store.forget(&Changes::default());
        }
        Ok(receipt)
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        self.inner.probe(cx).await
    }

    /// Forgets what the CRM says has changed.
    async fn read_notification(
        &self,
        cx: &CallContext,
        notification: &Notification,
    ) -> Result<Changes, AdapterError> {
        let changes = self.inner.read_notification(cx, notification).await?;
        self.store.forget(&changes);
        Ok(changes)
    }
}
