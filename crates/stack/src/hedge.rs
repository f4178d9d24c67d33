//! A second request for a lookup that takes unusually long.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::future::{Either, select};
use metrics::Recorder;
use tokio::time::{Instant, timeout};
use whocalls_core::{
    AdapterError, AdapterInfo, CallContext, Changes, ContactQuery, CrmAdapter, LookupAnswer,
    Notification, ProbeReport, WorkflowReceipt, WorkflowRequest,
};

use crate::{RetryBudget, meter::Tally};

/// Second requests, by what came of them.
const HEDGES: &str = "whocalls_hedges_total";

/// Asks a second time when a lookup has not been answered after a while and somebody still waits;
/// the first success of the two is the answer, and the other request is dropped.
///
/// It helps against the odd slow reply, not against a slow CRM; so the second requests are taken
/// from the budget of retries.
#[derive(Debug)]
pub struct Hedge {
    inner: Arc<dyn CrmAdapter>,
    after: Duration,
    budget: Arc<RetryBudget>,
    hedges: Tally,
}

impl Hedge {
    /// Asks `inner` a second time `after` a lookup began, within `budget`.
    pub fn new(
        inner: Arc<dyn CrmAdapter>,
        after: Duration,
        budget: Arc<RetryBudget>,
        recorder: &dyn Recorder,
    ) -> Self {
        let outcomes = ["won", "lost", "failed", "over_budget"];
        let hedges = Tally::new(recorder, &inner.info().id, HEDGES, "outcome", &outcomes);
        Self {
            inner,
            after,
            budget,
            hedges,
        }
    }

    /// Whether the second request may be made now.
    fn may_ask_again(&self, cx: &CallContext) -> bool {
        if Instant::now() >= cx.wanted_by {
            return false;
        }
        let is_within_budget = self.budget.withdraw();
        if !is_within_budget {
            self.hedges.count("over_budget");
        }
        is_within_budget
    }
}

impl fmt::Display for Hedge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hedge({:?}, {})", self.after, self.inner)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl CrmAdapter for Hedge {
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
        let mut first = self.inner.lookup(cx, query);
        if let Ok(result) = timeout(self.after, &mut first).await {
            return result;
        }
        if !self.may_ask_again(cx) {
            return first.await;
        }
        let second = self.inner.lookup(cx, query);
        let (result, is_second) = match select(first, second).await {
            Either::Left((Ok(answer), _)) => (Ok(answer), false),
            Either::Right((Ok(answer), _)) => (Ok(answer), true),
            Either::Left((Err(_), second)) => (second.await, true),
            Either::Right((Err(_), first)) => (first.await, false),
        };
        self.hedges.count(match &result {
            Ok(_) if is_second => "won",
            Ok(_) => "lost",
            Err(_) => "failed",
        });
        result
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
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
