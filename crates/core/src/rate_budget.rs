//! How often a CRM may be asked, for requests that know their deadline.

use std::{
    collections::VecDeque,
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{AdapterError, AdapterId, CallContext, ErrorKind, Operation, Urgency};
use tokio::time::{Instant, sleep_until};

/// A second as the CRM counts it, and a quarter: of two requests that are sent a second apart the
/// first may travel for longer, when it has to open a connection.
const WINDOW: Duration = Duration::from_millis(1250);

/// At most so many requests in any one second. Never lets a request wait for longer than it is
/// wanted, and pauses when the CRM says so.
///
/// Requests that [nobody waits for](Urgency::Background) give way: they leave a place free for a
/// caller, and none takes a place for which a caller waits. Of a budget of one place they take it
/// when it is free and no caller waits.
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
    /// Callers that wait for a place.
    waiting: usize,
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

    /// Waits for a place as long as the call is wanted. A quarter of that time stays for the request
    /// itself.
    ///
    /// # Errors
    /// `RateLimited`, at once and without taking a place, when there will be none in time. The
    /// error has no status, because the CRM was not asked, and tells when a place becomes free.
    ///
    /// # Cancellation
    /// A place is taken only on return; a dropped call takes none and keeps nobody waiting.
    pub async fn place(
        &self,
        cx: &CallContext,
        adapter: &AdapterId,
        operation: Operation,
    ) -> Result<(), AdapterError> {
        let left = cx.wanted_by.saturating_duration_since(Instant::now());
        let by = cx.wanted_by - left / 4;
        self.place_by(by, cx.urgency, adapter, operation).await
    }

    async fn place_by(
        &self,
        by: Instant,
        urgency: Urgency,
        adapter: &AdapterId,
        operation: Operation,
    ) -> Result<(), AdapterError> {
        // Kept until a place is taken, so that no background call slips in between.
        let mut waiting = None;
        loop {
            let Some(free_at) = self.try_place(urgency) else {
                return Ok(());
            };
            if free_at >= by {
                let wait = free_at.saturating_duration_since(Instant::now());
                let message = "the budget of requests to the CRM is used up for longer than the \
                               answer is waited for";
                let error = AdapterError::new(ErrorKind::RateLimited, adapter, operation, message);
                return Err(error.with_retry_after(Some(wait)));
            }
            if urgency == Urgency::Caller {
                waiting.get_or_insert_with(|| Waiting::of(self));
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

    /// Takes a place, or tells when to try again: later than now.
    fn try_place(&self, urgency: Urgency) -> Option<Instant> {
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
        // Callers that wait for a place which is free by now have only not woken up yet.
        let (most, ahead) = match urgency {
            Urgency::Caller => (self.most, 0),
            Urgency::Background => (self.most.saturating_sub(1).max(1), state.waiting),
        };
        let too_many = (state.taken.len() + ahead + 1).saturating_sub(most);
        if too_many == 0 {
            state.taken.push_back(now);
            return None;
        }
        let last_in_the_way = state.taken.get(too_many - 1).or(state.taken.back());
        Some(last_in_the_way.map_or(now, |taken| *taken) + WINDOW)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is consistent between any two statements, so a poisoned lock is still good.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A caller that waits for a place, for as long as this lives.
struct Waiting<'a>(&'a RateBudget);

impl<'a> Waiting<'a> {
    fn of(budget: &'a RateBudget) -> Self {
        budget.state().waiting += 1;
        Self(budget)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

#[cfg(test)]
mod tests;
