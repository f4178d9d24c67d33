//! The one trait that every CRM, every decorator and every fake implements.

use std::fmt;

use async_trait::async_trait;

use crate::{
    AdapterError, AdapterInfo, CallContext, Changes, ContactQuery, LookupAnswer, Notification,
    Operation, ProbeReport, WorkflowReceipt, WorkflowRequest,
};

/// One configured CRM, able to answer lookups and to run workflows.
///
/// The trait is object safe and used as `Arc<dyn CrmAdapter>` everywhere. Decorators implement it
/// too, so that a cached, time-bounded adapter is an adapter like any other. `Display` names the
/// layers from the outside in, for example `observe(guard(budget(cache(sugar))))`.
///
/// # Deadline
/// Every call ends by [`CallContext::deadline`], at the latest with [`ErrorKind::Timeout`]. The
/// deadline is passed in, never stored; a call that consists of several requests gives each of
/// them what is left.
///
/// # Cancellation
/// The future may be dropped at any `await`. It leaves behind no held lock, no half-written state
/// and no detached task. A dropped *workflow* may have happened in the CRM; a dropped lookup has
/// no effect.
///
/// # Concurrency
/// `&self`, any number of calls at once, from any thread. Concurrent calls share one refresh of
/// the credentials.
///
/// # Bounds
/// A lookup returns at most [`NumberQuery::max_records`](crate::NumberQuery::max_records) records
/// and says so in [`LookupAnswer::is_truncated`]; reply bodies are read up to a cap.
///
/// # Errors
/// Failures are [`AdapterError`]s of the kinds in [`ErrorKind`]. An empty answer is `Ok`: only `Ok`
/// means that the CRM answered. No panic on any input; no credential and no personal data in an
/// error.
///
/// # Purity of construction
/// Building an adapter does no I/O and spawns nothing; the first call or [`probe`](Self::probe)
/// does what is needed.
///
/// [`ErrorKind`]: crate::ErrorKind
/// [`ErrorKind::Timeout`]: crate::ErrorKind::Timeout
#[async_trait]
pub trait CrmAdapter: fmt::Debug + fmt::Display + Send + Sync + 'static {
    /// Identity, display tags and declared capabilities. Cheap, and constant for the adapter's
    /// life.
    fn info(&self) -> &AdapterInfo;

    /// The answer to `query` that is in memory, given at once: [`lookup`](Self::lookup) without
    /// what it costs to be able to wait. `None` where `lookup` has to be called, for an answer or
    /// for the reason that there is none.
    ///
    /// A layer that passes lookups on passes this on too.
    fn remembered(&self, _cx: &CallContext, _query: &ContactQuery) -> Option<LookupAnswer> {
        None
    }

    /// The contacts that match `query`, best first, each verified against what was asked.
    async fn lookup(
        &self,
        cx: &CallContext,
        query: &ContactQuery,
    ) -> Result<LookupAnswer, AdapterError>;

    /// Runs one workflow: logs a call, opens a ticket.
    ///
    /// A failure of kind [`OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown) means that the
    /// request was sent and its answer lost; every other failure means that nothing was created.
    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError>;

    /// The cheapest authenticated read that shows that address, credentials and permissions work.
    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError>;

    /// Reads a notification that claims to come from the CRM, after checking that it does.
    ///
    /// Layers that remember answers forget what it says has changed. An adapter whose CRM sends
    /// none leaves this as it is; a layer must pass it on.
    ///
    /// # Errors
    /// `Unauthenticated` when the signature or secret is wrong, `InvalidRequest` when the contents
    /// cannot be read, `Unsupported` when the adapter expects no notifications.
    async fn read_notification(
        &self,
        _cx: &CallContext,
        _notification: &Notification,
    ) -> Result<Changes, AdapterError> {
        let id = &self.info().id;
        Err(AdapterError::unsupported(id, Operation::Notification))
    }
}
