//! How often a CRM may be asked, for requests that know their deadline.

use std::{
    fmt,
    num::NonZeroU32,
    ops::Add,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use governor::{
    NotUntil, Quota, RateLimiter,
    clock::{Clock, Reference},
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{InMemoryState, NotKeyed},
};
use tokio::time::{Instant, sleep_until};
use whocalls_core::{AdapterError, AdapterId, CallContext, ErrorKind, Operation};

/// A token bucket that never lets a request wait past its deadline, and that pauses when the CRM
/// says so.
pub struct RateBudget {
    limiter: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Tick>>,
    paused_until: Mutex<Option<Instant>>,
}

impl RateBudget {
    /// At most `per_second` requests a second, and as many at once.
    pub fn per_second(per_second: NonZeroU32) -> Self {
        Self {
            limiter: RateLimiter::direct_with_clock(
                Quota::per_second(per_second),
                TokioClock(Instant::now()),
            ),
            paused_until: Mutex::default(),
        }
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// `RateLimited`, at once and without taking a place, when there will be none before the
    /// deadline. The error has no status, because the CRM was not asked, and tells when a place
    /// becomes free.
    ///
    /// # Cancellation
    /// A place is taken only on return; a dropped call takes none.
    pub async fn place(
        &self,
        cx: &CallContext,
        adapter: &AdapterId,
        operation: Operation,
    ) -> Result<(), AdapterError> {
        loop {
            let Some(free_at) = self.try_place() else {
                return Ok(());
            };
            if free_at >= cx.deadline {
                let wait = free_at.saturating_duration_since(Instant::now());
                let message =
                    "the budget of requests to the CRM is used up until after the deadline";
                let error = AdapterError::new(ErrorKind::RateLimited, adapter, operation, message);
                return Err(error.with_retry_after(Some(wait)));
            }
            sleep_until(free_at).await;
        }
    }

    /// Gives no place for so long, because the CRM answered 429. A longer pause stays.
    pub fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut paused = self
            .paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *paused = Some(paused.map_or(until, |known| known.max(until)));
    }

    /// Takes a place, or tells when to try again.
    fn try_place(&self) -> Option<Instant> {
        let now = Instant::now();
        let paused = *self
            .paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = paused.filter(|until| *until > now) {
            return Some(until);
        }
        let refused: NotUntil<Tick> = self.limiter.check().err()?;
        // Rounded up, so that a waiter does not come a moment too early.
        Some(now + refused.wait_time_from(self.limiter.clock().now()) + Duration::from_millis(1))
    }
}

impl fmt::Debug for RateBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateBudget").finish_non_exhaustive()
    }
}

/// Tokio's clock, so that tests can run on virtual time. Counts from its own start.
#[derive(Clone, Copy)]
struct TokioClock(Instant);

/// Time since the clock's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tick(Duration);

impl Clock for TokioClock {
    type Instant = Tick;

    fn now(&self) -> Tick {
        Tick(self.0.elapsed())
    }
}

impl Add<Nanos> for Tick {
    type Output = Self;

    fn add(self, nanos: Nanos) -> Self {
        Self(self.0 + Duration::from(nanos))
    }
}

impl Reference for Tick {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_sub(earlier.0).into()
    }

    fn saturating_sub(&self, nanos: Nanos) -> Self {
        Self(self.0.saturating_sub(nanos.into()))
    }
}

#[cfg(test)]
mod tests {
    use whocalls_core::RequestId;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    struct Fixture(RateBudget, AdapterId);

    fn four_a_second() -> Fixture {
        let budget = RateBudget::per_second(NonZeroU32::new(4).unwrap());
        Fixture(budget, AdapterId::new("crm").unwrap())
    }

    impl Fixture {
        async fn place(&self, time: Duration) -> Result<(), AdapterError> {
            let cx = CallContext::within(time, RequestId::new("test"));
            self.0.place(&cx, &self.1, Operation::Lookup).await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn places_come_at_the_rate_of_the_budget() {
        let budget = four_a_second();
        let started = Instant::now();
        for _ in 0..4 {
            budget.place(SECOND).await.unwrap();
        }
        assert_eq!(
            started.elapsed(),
            Duration::ZERO,
            "a burst of one second's places"
        );
        for _ in 0..4 {
            budget.place(SECOND).await.unwrap();
        }
        let took = started.elapsed();
        assert!((SECOND..SECOND + SECOND / 10).contains(&took), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_past_the_deadline() {
        let budget = four_a_second();
        for _ in 0..4 {
            budget.place(SECOND).await.unwrap();
        }
        let started = Instant::now();
        let error = budget.place(SECOND / 10).await.unwrap_err();
        assert_eq!(started.elapsed(), Duration::ZERO, "refused at once");
        assert_eq!((error.kind, error.status), (ErrorKind::RateLimited, None));
        assert!(error.retry_after.unwrap() > SECOND / 10);
        budget.place(SECOND / 2).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_for_everybody_and_the_longer_one_wins() {
        let budget = four_a_second();
        budget.0.pause(10 * SECOND);
        budget.0.pause(SECOND);
        let error = budget.place(5 * SECOND).await.unwrap_err();
        assert_eq!(error.retry_after, Some(10 * SECOND));
        let started = Instant::now();
        budget.place(11 * SECOND).await.unwrap();
        assert_eq!(started.elapsed(), 10 * SECOND);
    }
}
