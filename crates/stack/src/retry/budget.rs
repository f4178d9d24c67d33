//! How many requests may be made beyond those that were asked for.

use std::time::Duration;

use tower::retry::budget::{Budget as _, TpsBudget};

/// Calls are remembered for so long.
const MEMORY: Duration = Duration::from_secs(10);
/// Allowed beside the share, so that a quiet telephone system retries at all.
const RESERVE_PER_SECOND: u32 = 1;
/// What [`TpsBudget`] takes.
const MAX_PERCENT: u16 = 100;

/// A share of the calls of the last ten seconds, and ten. It keeps retries from doubling the load
/// of a CRM that fails because of its load.
#[derive(Debug)]
pub struct RetryBudget(TpsBudget);

impl RetryBudget {
    /// One further request for every so many calls: `percent` of a hundred, at most 100. The number
    /// of calls is rounded down: 30 % is one of three.
    pub fn new(percent: u16) -> Self {
        let share = f32::from(percent.min(MAX_PERCENT)) / f32::from(MAX_PERCENT);
        Self(TpsBudget::new(MEMORY, RESERVE_PER_SECOND, share))
    }

    /// Notes that the CRM was asked.
    pub(crate) fn deposit(&self) {
        self.0.deposit();
    }

    /// Takes a further request out of the budget, if there is one in it.
    pub(crate) fn withdraw(&self) -> bool {
        self.0.withdraw()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(budget: &RetryBudget) -> usize {
        (0..10_000).take_while(|_| budget.withdraw()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn it_holds_a_share_of_the_last_calls_and_a_reserve() {
        for (percent, calls, expected) in [
            (20, 0, 10),
            (20, 4, 10),
            (20, 5, 11),
            (20, 100, 30),
            (30, 99, 43),
            (100, 100, 110),
            (0, 100, 10),
        ] {
            let budget = RetryBudget::new(percent);
            (0..calls).for_each(|_| budget.deposit());
            assert_eq!(left(&budget), expected, "{percent} % of {calls}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_taken_comes_back_and_what_was_earned_is_lost_with_time() {
        let budget = RetryBudget::new(20);
        (0..100).for_each(|_| budget.deposit());
        assert_eq!(left(&budget), 30);
        tokio::time::advance(2 * MEMORY).await;
        assert_eq!(left(&budget), 10);
        tokio::time::advance(2 * MEMORY).await;
        (0..100).for_each(|_| budget.deposit());
        tokio::time::advance(2 * MEMORY).await;
        assert_eq!(left(&budget), 10);
    }
}
