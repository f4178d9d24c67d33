//! Answers from memory, and one request for equal lookups.
//!
//! | state of the entry | the caller gets | the CRM is asked |
//! |---|---|---|
//! | fresh | the entry, `Cached` | no |
//! | past its lifetime, somebody was found | the entry, `Stale`, at once | yes, in the background |
//! | the same, and the last refresh failed moments ago | the entry, `Stale`, at once | no |
//! | past its lifetime, nobody was found | the new answer | yes |
//! | none | the new answer | yes |
//! | none, and too many questions are under way | `Overloaded`, at once | no |
//! | any, and `memory_only` is set | the entry or `Overloaded`, at once | no |
//! | any, and the call is traced | a new answer, which is not stored | yes |
//!
//! Failures are not stored. A stale "nobody" is not given: a contact that was created meanwhile
//! is worth the wait. An answer that misses a part of the CRM is kept as briefly as "nobody", and
//! does not take the place of a whole one that can still be given.

mod entry;
mod flight;
mod front;
mod meter;
mod placement;
mod saved;
mod store;

use std::{fmt, num::NonZeroUsize, sync::Arc, time::Duration};

use async_trait::async_trait;
use metrics::Recorder;
use tokio::runtime::Handle;
use whocalls_core::{
    AdapterError, AdapterInfo, CallContext, Changes, ContactQuery, CrmAdapter, ErrorKind,
    LookupAnswer, Notification, Operation, ProbeReport, WorkflowReceipt, WorkflowRequest,
    workflow::CREATE_CONTACT,
};

use flight::{Asked, Flights};
use meter::Meter;
use placement::Placement;
pub use saved::{CacheHandle, SavedAnswer};
use store::{Found, Store};

/// Why a lookup is refused.
const TOO_MANY_UNDER_WAY: &str = "max_background questions are under way already; is the CRM slow?";
const NOT_IN_MEMORY: &str = "the gateway is overloaded, and no answer is stored";

/// Lifetimes and bounds of one adapter's cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheSettings {
    /// How long an answer with contacts is fresh. Zero asks the CRM each time, and no such answer is
    /// given stale.
    pub ttl: Duration,
    /// How long an answer without contacts, or one that misses a part of the CRM, is fresh.
    pub empty_ttl: Duration,
    /// How long an answer with contacts may be given after that.
    pub stale: Duration,
    /// The memory that entries may take, in bytes, by estimate.
    pub max_bytes: u64,
    /// Different questions under way to the CRM at once, whether or not somebody still waits for
    /// their answers. Refreshes start only while less than half of them are.
    pub max_background: NonZeroUsize,
}

/// Caches the lookups of one adapter.
///
/// A lookup that has to ask the CRM does so in a task of its own, which goes on for `late_answer`
/// even when every caller has left: its answer is there for the next call. Callers of the same
/// question share the task, and each leaves at its own deadline. A task that seems to hang is given
/// a second one beside it.
#[derive(Debug)]
pub struct Cache {
    inner: Arc<dyn CrmAdapter>,
    store: Arc<Store>,
    flights: Arc<Flights>,
    meter: Arc<Meter>,
}

impl Cache {
    /// Caches the lookups of `inner`, which may be asked on `runtime` or, if there is none, where the
    /// caller is. Reports to `recorder`.
    pub fn new(
        inner: Arc<dyn CrmAdapter>,
        settings: CacheSettings,
        late_answer: Duration,
        runtime: Option<Handle>,
        recorder: &dyn Recorder,
    ) -> Self {
        let meter = Arc::new(Meter::new(recorder, &inner.info().id));
        let max = settings.max_background;
        let is_cooperative = inner.info().capabilities.is_cooperative;
        let store = Arc::new(Store::new(settings, Arc::clone(&meter)));
        let flights = Flights::new(
            Arc::clone(&inner),
            Arc::clone(&store),
            Arc::clone(&meter),
            late_answer,
            max,
            Placement::new(runtime, is_cooperative),
        );
        Self {
            inner,
            store,
            flights: Arc::new(flights),
            meter,
        }
    }

    /// What the cache holds, to be kept over a restart.
    pub fn handle(&self) -> CacheHandle {
        CacheHandle::new(Arc::clone(&self.store))
    }

    /// Gives a stored answer, and has it refreshed if it is due.
    fn give(&self, found: Found, cx: &CallContext, query: &ContactQuery) -> LookupAnswer {
        if found.is_refresh_due && !cx.memory_only {
            self.flights.refresh(cx, query);
        }
        self.meter.given(found.answer.freshness());
        found.answer
    }

    fn refuse(&self, message: &'static str) -> AdapterError {
        self.meter.refused();
        let id = &self.inner.info().id;
        AdapterError::new(ErrorKind::Overloaded, id, Operation::Lookup, message)
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

    fn remembered(&self, cx: &CallContext, query: &ContactQuery) -> Option<LookupAnswer> {
        if cx.trace.is_some() {
            // Nothing of what is said to the CRM can be shown unless it is said.
            return None;
        }
        let found = self.store.get(query)?;
        Some(self.give(found, cx, query))
    }

    async fn lookup(
        &self,
        cx: &CallContext,
        query: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError> {
        if cx.trace.is_some() {
            return self.inner.lookup(cx, query).await;
        }
        if cx.memory_only {
            let answer = self.remembered(cx, query);
            return answer.ok_or_else(|| self.refuse(NOT_IN_MEMORY));
        }
        let flight = match self.flights.ask(cx, query) {
            Asked::Answered(found) => return Ok(self.give(found, cx, query)),
            Asked::Refused => return Err(self.refuse(TOO_MANY_UNDER_WAY)),
            Asked::Joined(flight) => {
                self.meter.joined();
                flight
            }
            Asked::Started(flight) => {
                self.meter.missed();
                flight
            }
        };
        flight.await
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
