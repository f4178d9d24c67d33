//! How often a CRM may be asked, for requests that know their deadline.

use std::{
    collections::VecDeque,
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};
use whocalls_core::{AdapterError, AdapterId, ErrorKind, Operation};

/// A second as the CRM counts it, and a quarter: of two requests that are sent a second apart the
/// first may travel for longer, when it has to open a connection.
const WINDOW: Duration = Duration::from_millis(1250);

/// At most so many requests in any one second. Never lets a request wait for longer than it is
/// wanted, and pauses when the CRM says so.
///
/// It remembers when the last requests were let through, which are few, because the CRM counts in
/// windows: a token bucket lets a burst and what follows it fall into the same one, or has to be
/// set so low that it wastes half of what is allowed.
#[derive(Debug)]
pub struct RateBudget {
    most: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the places of the last window were taken, oldest first.
    taken: VecDeque<Instant>,
    paused_until: Option<Instant>,
}

impl RateBudget {
    /// At most `most` requests in any one second; all of them may come at once.
    pub fn in_any_second(most: NonZeroU32) -> Self {
        Self {
            most: usize::try_from(most.get()).unwrap_or(usize::MAX),
            state: Mutex::default(),
        }
    }

    /// Waits for a place, until `by` at most.
    ///
    /// # Errors
    /// `RateLimited`, at once and without taking a place, when there will be none before `by`. The
    /// error has no status, because the CRM was not asked, and tells when a place becomes free.
    ///
    /// # Cancellation
    /// A place is taken only on return; a dropped call takes none.
    pub async fn place(
        &self,
        by: Instant,
        adapter: &AdapterId,
        operation: Operation,
    ) -> Result<(), AdapterError> {
        loop {
            let Some(free_at) = self.try_place() else {
                return Ok(());
            };
            if free_at >= by {
                let wait = free_at.saturating_duration_since(Instant::now());
                let message = "the budget of requests to the CRM is used up for longer than the \
                               answer is waited for";
                let error = AdapterError::new(ErrorKind::RateLimited, adapter, operation, message);
                return Err(error.with_retry_after(Some(wait)));
            }
            sleep_until(free_at).await;
        }
    }

    /// Gives no place for so long, because the CRM answered 429. A longer pause stays.
    pub fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut state = self.state();
        state.paused_until = Some(state.paused_until.map_or(until, |known| known.max(until)));
    }

    /// Takes a place, or tells when to try again.
    fn try_place(&self) -> Option<Instant> {
        let now = Instant::now();
        let mut state = self.state();
        if let Some(until) = state.paused_until.filter(|until| *until > now) {
            return Some(until);
        }
        while state
            .taken
            .front()
            .is_some_and(|taken| *taken + WINDOW <= now)
        {
            state.taken.pop_front();
        }
        if state.taken.len() >= self.most {
            return state.taken.front().map(|oldest| *oldest + WINDOW);
        }
        state.taken.push_back(now);
        None
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is consistent between any two statements, so a poisoned lock is still good.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    struct Fixture(RateBudget, AdapterId);

    fn four_a_second() -> Fixture {
        let budget = RateBudget::in_any_second(NonZeroU32::new(4).unwrap());
        Fixture(budget, AdapterId::new("crm").unwrap())
    }

    impl Fixture {
        async fn place(&self, time: Duration) -> Result<(), AdapterError> {
            let by = Instant::now() + time;
            self.0.place(by, &self.1, Operation::Lookup).await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_has_more_places_than_the_budget() {
        let budget = four_a_second();
        let started = Instant::now();
        let mut taken = Vec::new();
        for position in 0_u32..20 {
            tokio::time::advance(SECOND * (position % 3) / 7).await;
            budget.place(10 * SECOND).await.unwrap();
            taken.push(started.elapsed());
        }
        for window in taken.windows(5) {
            assert!(window[4] >= window[0] + WINDOW, "{window:?}");
        }
        assert!(
            started.elapsed() < 5 * WINDOW,
            "and the budget is used: {taken:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_longer_than_wanted() {
        let budget = four_a_second();
        for _ in 0..4 {
            budget.place(SECOND).await.unwrap();
        }
        let started = Instant::now();
        let error = budget.place(SECOND / 2).await.unwrap_err();
        assert_eq!(started.elapsed(), Duration::ZERO, "refused at once");
        assert_eq!((error.kind, error.status), (ErrorKind::RateLimited, None));
        assert_eq!(error.retry_after, Some(WINDOW));
        budget.place(2 * SECOND).await.unwrap();
        assert_eq!(started.elapsed(), WINDOW);
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
