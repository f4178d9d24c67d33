//! What is asked again, when, and how often.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use whocalls_core::ErrorKind::{
    CircuitOpen, Internal, InvalidRequest, OutcomeUnknown, Overloaded, Protocol, RateLimited,
    Timeout, Unavailable,
};
use whocalls_stack::{Retry, RetryBudget, RetrySettings};
use whocalls_testkit::fake::Act;

use crate::{Fixture, MILLI, SECOND, cx};

const BACKOFF: Duration = Duration::from_millis(100);

fn fixture(attempts: u32) -> Fixture {
    let settings = RetrySettings {
        attempts,
        backoff: BACKOFF,
        max_backoff: SECOND,
        budget_percent: 20,
    };
    Fixture::with(|fake, recorder| {
        let budget = Arc::new(RetryBudget::new(settings.budget_percent));
        Arc::new(Retry::new(fake, settings, budget, recorder))
    })
}

impl Fixture {
    /// Retries by outcome: ok, failed, refused, `over_budget`.
    fn retries(&self) -> [u64; 4] {
        ["ok", "failed", "refused", "over_budget"]
            .map(|outcome| self.counter("retries", "outcome", outcome))
    }
}

#[tokio::test(start_paused = true)]
async fn failures_that_pass_are_tried_again_others_are_not() {
    for (kind, is_retried) in [
        (Unavailable, true),
        (Timeout, true),
        (InvalidRequest, false),
        (Protocol, false),
        (Internal, false),
        (Overloaded, false),
        (CircuitOpen, false),
    ] {
        let f = fixture(1);
        f.fake.script([Act::Fail(kind)]);
        let found = f.lookup(SECOND).await;
        assert_eq!(found.is_ok(), is_retried, "{kind}");
        assert_eq!(f.fake.calls(), 1 + usize::from(is_retried), "{kind}");
        assert_eq!(f.retries(), [u64::from(is_retried), 0, 0, 0], "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn probes_are_tried_again_workflows_never() {
    let f = fixture(3);
    f.fake.script([Act::Fail(Unavailable)]);
    assert!(f.probe().await.is_ok());
    for kind in [Unavailable, OutcomeUnknown] {
        f.fake.script([Act::Fail(kind)]);
        assert_eq!(f.workflow().await.unwrap_err().kind, kind);
    }
    assert_eq!(f.fake.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn it_gives_up_after_so_many_attempts_with_the_last_failure() {
    let f = fixture(2);
    f.fake.set(Act::Fail(Timeout));
    f.fake
        .script([Act::Fail(Unavailable), Act::Fail(Unavailable)]);
    assert_eq!(f.failure().await, Timeout);
    assert_eq!(f.fake.calls(), 3);
    assert_eq!(f.retries(), [0, 2, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn pauses_are_random_parts_of_a_backoff_that_grows() {
    let mut pauses = Vec::new();
    for _ in 0..50 {
        let f = fixture(1);
        f.fake.script([Act::Fail(Unavailable)]);
        f.lookup(10 * SECOND).await.unwrap();
        pauses.push(f.elapsed());
    }
    // The clock of the tests counts whole milliseconds.
    assert!(pauses.iter().all(|pause| *pause <= BACKOFF + MILLI));
    pauses.sort_unstable();
    pauses.dedup();
    assert!(pauses.len() > 5, "callers do not come back together");
    assert!(pauses.first() < Some(&(BACKOFF / 2)) && pauses.last() > Some(&(BACKOFF / 2)));
}

#[tokio::test(start_paused = true)]
async fn it_waits_as_long_as_the_crm_says() {
    let f = fixture(1);
    f.fake.script([Act::Throttle(3 * SECOND)]);
    assert!(f.lookup(10 * SECOND).await.is_ok());
    let waited = f.elapsed();
    assert!(3 * SECOND <= waited && waited <= 3 * SECOND + BACKOFF + MILLI);
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_would_come_too_late_is_not_begun() {
    let f = fixture(1);
    f.fake.set(Act::Throttle(3 * SECOND));
    let error = f.lookup(3 * SECOND).await.unwrap_err();
    assert_eq!((error.kind, error.status), (RateLimited, Some(429)));
    assert_eq!(f.elapsed(), Duration::ZERO, "the caller is told at once");
    f.fake.set(Act::Throttle(Duration::MAX));
    assert_eq!(f.failure().await, RateLimited);
    f.fake.set(Act::Hang);
    assert_eq!(f.failure().await, Timeout);
    assert_eq!(f.fake.calls(), 3, "one each");
}

#[tokio::test(start_paused = true)]
async fn while_somebody_waits_no_pause_is_longer_than_the_wait() {
    let f = fixture(1);
    f.fake.set(Act::Throttle(3 * SECOND));
    let late = cx(SECOND).with_late_deadline(f.started + 10 * SECOND);
    let query = whocalls_testkit::query(whocalls_testkit::contacts::MIA_NUMBER);
    let error = f.adapter.lookup(&late, &query).await.unwrap_err();
    assert_eq!((error.kind, f.elapsed()), (RateLimited, Duration::ZERO));
    // Once nobody waits, the answer is for those who ask later.
    tokio::time::advance(SECOND).await;
    f.fake.script([Act::Throttle(3 * SECOND), Act::Answer]);
    assert!(f.adapter.lookup(&late, &query).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn its_own_failure_is_told_when_the_crm_is_left_alone_meanwhile() {
    for refusal in [CircuitOpen, Overloaded, RateLimited] {
        let f = fixture(3);
        f.fake.script([Act::Fail(Unavailable), Act::Fail(refusal)]);
        assert_eq!(f.failure().await, Unavailable, "{refusal}");
        assert_eq!(f.fake.calls(), 2, "{refusal}");
        assert_eq!(f.retries(), [0, 0, 1, 0], "{refusal}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_crm_that_is_down_gets_little_more_than_it_was_asked() {
    let f = fixture(1);
    f.fake.set(Act::Fail(Unavailable));
    let failures = join_all((0..100).map(|_| f.failure())).await;
    assert!(failures.iter().all(|kind| *kind == Unavailable));
    // A fifth, and a reserve of ten.
    assert_eq!(f.fake.calls(), 130);
    assert_eq!(f.retries(), [0, 30, 0, 70]);
}

#[tokio::test(start_paused = true)]
async fn calls_that_the_crm_never_saw_earn_no_retries() {
    let f = fixture(1);
    f.fake.set(Act::Fail(CircuitOpen));
    for _ in 0..100 {
        f.failure().await;
    }
    f.fake.set(Act::Fail(Unavailable));
    for _ in 0..20 {
        f.failure().await;
    }
    let [_, failed, _, over_budget] = f.retries();
    assert!((10..=14).contains(&failed), "{failed}");
    assert_eq!(failed + over_budget, 20);
}
