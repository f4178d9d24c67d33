//! How many requests may wait for CRMs at once, and what becomes of the others.
//!
//! | a request beyond `max_in_flight` | gets |
//! |---|---|
//! | a lookup | what memory holds: caches and phone books; 503 when that is nothing |
//! | a workflow | its reply when it is on disk; 503 when as many already wait for the disk |
//!
//! Nobody queues for a place: an answer that comes too late is of no use, and a queue would take
//! memory and time from those who are served.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::Instant,
};

use crate::{
    problem::{Code, Problem},
    telemetry::Metrics,
};

/// When a refused client may come again. CRMs answer in less, so places become free meanwhile.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// At most one line of the log in this time says that the gateway is overloaded.
const LOG_INTERVAL: Duration = Duration::from_secs(1);
/// Connections beyond those whose requests wait. They carry the requests that are answered at
/// once.
const SPARE_CONNECTIONS: usize = 256;

/// The places for requests that wait.
#[derive(Debug)]
pub struct Admission {
    max_in_flight: usize,
    lookups: Semaphore,
    workflows: Semaphore,
    storing: Semaphore,
    unreported: Mutex<Unreported>,
    metrics: Metrics,
}

/// A place, held as long as the request waits.
pub type Place<'a> = SemaphorePermit<'a>;

/// A place of a workflow.
#[derive(Debug)]
pub enum WorkflowPlace<'a> {
    /// The reply waits for the CRM.
    Delivery(Place<'a>),
    /// The reply waits for the disk alone.
    Storage(Place<'a>),
}

/// Why a request was not served as usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// `max_in_flight` requests waited for CRMs.
    InFlight,
    /// The token's `requests_per_second` were used up.
    RateLimit,
}

/// What it got instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// Less: what memory held, or a workflow's reply before its delivery.
    Reduced,
    /// 429 or 503.
    Refused,
}

/// What the log does not say yet.
#[derive(Debug, Default)]
struct Unreported {
    quiet_until: Option<Instant>,
    reduced: u64,
    refused: u64,
}

impl Admission {
    /// Places for `max_in_flight` lookups and as many workflows.
    pub fn new(max_in_flight: usize, metrics: Metrics) -> Self {
        Self {
            max_in_flight,
            lookups: Semaphore::new(max_in_flight),
            workflows: Semaphore::new(max_in_flight),
            storing: Semaphore::new(max_in_flight),
            unreported: Mutex::default(),
            metrics,
        }
    }

    /// The most connections of clients: enough for all requests that wait, and some more.
    pub fn max_connections(&self) -> usize {
        // Workflows that only wait for the disk are brief and need none of their own.
        2 * self.max_in_flight + SPARE_CONNECTIONS
    }

    /// A place for a lookup; none when only memory can answer it.
    pub fn lookup(&self) -> Option<Place<'_>> {
        self.lookups.try_acquire().ok()
    }

    /// A place for a workflow; none when it cannot even be stored.
    pub fn workflow(&self) -> Option<WorkflowPlace<'_>> {
        let delivery = self.workflows.try_acquire().map(WorkflowPlace::Delivery);
        let place = delivery.or_else(|_| self.storing.try_acquire().map(WorkflowPlace::Storage));
        place.ok()
    }

    /// Counts a request that was not served as usual; the log tells of it once a second.
    pub fn shed(&self, route: &'static str, reason: Reason, instead: Instead) {
        self.metrics.shed(route, reason.as_str(), instead.as_str());
        let now = Instant::now();
        let mut unreported = self
            .unreported
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match instead {
            Instead::Reduced => unreported.reduced += 1,
            Instead::Refused => unreported.refused += 1,
        }
        if unreported.quiet_until.is_some_and(|until| now < until) {
            return;
        }
        let news = std::mem::take(&mut *unreported);
        unreported.quiet_until = Some(now + LOG_INTERVAL);
        drop(unreported);
        tracing::warn!(
            route,
            reason = reason.as_str(),
            reduced = news.reduced,
            refused = news.refused,
            "overload: requests got less than usual or were refused; \
             whocalls_requests_shed_total counts all"
        );
    }
}

/// 503, when all places are taken.
pub fn overloaded() -> Problem {
    let mut problem = Problem::new(
        Code::Overloaded,
        "gateway.max_in_flight requests wait for CRMs. Send it again in a second.",
    );
    problem.retry_after = Some(RETRY_AFTER);
    problem
}

impl Reason {
    /// The reason as a metric label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InFlight => "in_flight",
            Self::RateLimit => "rate_limit",
        }
    }
}

impl Instead {
    /// The outcome as a metric label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reduced => "reduced",
            Self::Refused => "refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission() -> Admission {
        Admission::new(1, Metrics::new().unwrap())
    }

    #[test]
    fn a_place_is_free_again_when_its_request_has_ended() {
        let admission = admission();
        let place = admission.lookup();
        assert!(place.is_some());
        assert!(admission.lookup().is_none());
        drop(place);
        assert!(admission.lookup().is_some());
    }

    #[test]
    fn lookups_and_workflows_take_no_places_from_each_other() {
        let admission = admission();
        let _lookup = admission.lookup().unwrap();
        assert!(matches!(
            admission.workflow(),
            Some(WorkflowPlace::Delivery(_))
        ));
    }

    #[test]
    fn workflows_that_find_no_place_to_wait_are_stored_as_long_as_the_disk_keeps_up() {
        let admission = admission();
        let _waits = admission.workflow();
        let stored = admission.workflow();
        assert!(matches!(stored, Some(WorkflowPlace::Storage(_))));
        assert!(admission.workflow().is_none());
        drop(stored);
        assert!(admission.workflow().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn the_log_tells_of_overload_once_a_second() {
        let admission = admission();
        let shed = |instead| admission.shed("lookup", Reason::InFlight, instead);
        let waiting = || {
            let unreported = admission.unreported.lock().unwrap();
            (unreported.reduced, unreported.refused)
        };
        shed(Instead::Refused);
        assert_eq!(waiting(), (0, 0), "the first is told at once");
        shed(Instead::Refused);
        shed(Instead::Reduced);
        assert_eq!(waiting(), (1, 1));
        tokio::time::advance(LOG_INTERVAL).await;
        shed(Instead::Refused);
        assert_eq!(waiting(), (0, 0));
    }
}
