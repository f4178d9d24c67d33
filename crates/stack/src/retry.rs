//! Asks again after a failure that may pass by itself.

mod budget;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::future::BoxFuture;
use metrics::Recorder;
use tokio::time::sleep;
use whocalls_core::{
    AdapterError, AdapterInfo, CallContext, Changes, ContactQuery, CrmAdapter, LookupAnswer,
    Notification, ProbeReport, WorkflowReceipt, WorkflowRequest,
};

use crate::meter::Tally;
pub use budget::RetryBudget;

/// Retries, by what came of them.
const RETRIES: &str = "whocalls_retries_total";

/// When a failed call is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RetrySettings {
    /// Attempts after the first one.
    pub attempts: u32,
    /// The longest pause before the first retry. It doubles with each further one.
    pub backoff: Duration,
    /// The longest pause before any retry.
    pub max_backoff: Duration,
    /// Retries in a hundred calls, at most 100.
    pub budget_percent: u16,
}

impl Default for RetrySettings {
    /// One more attempt, soon enough for a caller who waits a second.
    fn default() -> Self {
        Self {
            attempts: 1,
            backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(1),
            budget_percent: 20,
        }
    }
}

/// Makes lookups and probes again that failed with a [transient] kind. Workflows are left to those
/// who can tell whether they were carried out.
///
/// The pause is a random part of the backoff (full jitter), so that calls that failed together do
/// not come back together; it begins after the `Retry-After` of the failure. A retry that would
/// begin when its result is of no use any more is not made, nor one beyond the budget.
///
/// [transient]: whocalls_core::ErrorKind::is_transient
#[derive(Debug)]
pub struct Retry {
    inner: Arc<dyn CrmAdapter>,
    settings: RetrySettings,
    budget: Arc<RetryBudget>,
    retries: Tally,
}

impl Retry {
    /// Retries calls of `inner` within `budget`, and counts them in `recorder`.
    pub fn new(
        inner: Arc<dyn CrmAdapter>,
        settings: RetrySettings,
        budget: Arc<RetryBudget>,
        recorder: &dyn Recorder,
    ) -> Self {
        let outcomes = ["ok", "failed", "refused", "over_budget"];
        let retries = Tally::new(recorder, &inner.info().id, RETRIES, "outcome", &outcomes);
        Self {
            inner,
            settings,
            budget,
            retries,
        }
    }

    async fn retried<'a, T>(
        &self,
        cx: &CallContext,
        call: impl Fn() -> BoxFuture<'a, Result<T, AdapterError>> + Send,
    ) -> Result<T, AdapterError> {
        let mut failure = match call().await {
            Err(error) if error.is_own_refusal() => return Err(error),
            first => {
                self.budget.deposit();
                match first {
                    Ok(answer) => return Ok(answer),
                    Err(error) => error,
                }
            }
        };
        for attempt in 0..self.settings.attempts {
            let Some(pause) = self.pause(cx, &failure, attempt) else {
                break;
            };
            if !self.budget.withdraw() {
                self.retries.count("over_budget");
                break;
            }
            sleep(pause).await;
            match call().await {
                Ok(answer) => {
                    self.retries.count("ok");
                    return Ok(answer);
                }
                // Its own failure says more of the CRM than that it is left alone.
                Err(error) if error.is_own_refusal() => {
                    self.retries.count("refused");
                    break;
                }
                Err(error) => {
                    self.retries.count("failed");
                    failure = error;
                }
            }
        }
        Err(failure)
    }

    /// How long to wait before the next attempt; `None` when there is no point in one.
    fn pause(&self, cx: &CallContext, failure: &AdapterError, attempt: u32) -> Option<Duration> {
        if !failure.kind.is_transient() {
            return None;
        }
        let backoff = self.settings.backoff(attempt).mul_f64(fastrand::f64());
        let asked_for = failure.retry_after.unwrap_or_default();
        let pause = asked_for.saturating_add(backoff);
        (pause < cx.useful_time()).then_some(pause)
    }
}

impl RetrySettings {
    /// The longest pause before the retry with this number, counted from 0.
    fn backoff(&self, attempt: u32) -> Duration {
        let factor = 2_u32.saturating_pow(attempt);
        self.backoff.saturating_mul(factor).min(self.max_backoff)
    }
}

impl fmt::Display for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "retry({})", self.inner)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl CrmAdapter for Retry {
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
        self.retried(cx, || self.inner.lookup(cx, query)).await
    }

    async fn run_workflow(
        &self,
        cx: &CallContext,
        request: &WorkflowRequest,
    ) -> Result<WorkflowReceipt, AdapterError> {
        self.inner.run_workflow(cx, request).await
    }

    async fn probe(&self, cx: &CallContext) -> Result<ProbeReport, AdapterError> {
        self.retried(cx, || self.inner.probe(cx)).await
    }

    async fn read_notification(
        &self,
        cx: &CallContext,
        notification: &Notification,
    ) -> Result<Changes, AdapterError> {
        self.inner.read_notification(cx, notification).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backoff_doubles_up_to_its_bound() {
        let settings = RetrySettings {
            attempts: 5,
            backoff: Duration::from_millis(100),
            max_backoff: Duration::from_millis(350),
            budget_percent: 20,
        };
        for (attempt, millis) in [(0, 100), (1, 200), (2, 350), (3, 350), (u32::MAX, 350)] {
            assert_eq!(settings.backoff(attempt), Duration::from_millis(millis));
        }
    }
}
