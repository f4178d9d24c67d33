//! The second request for a slow lookup.

use std::{sync::Arc, time::Duration};

use whocalls_core::ErrorKind;
use whocalls_stack::{Hedge, RetryBudget};
use whocalls_testkit::{contacts::MIA_NUMBER, fake::Act, query};

use crate::{Fixture, SECOND, cx};

const AFTER: Duration = Duration::from_millis(300);

fn fixture() -> Fixture {
    Fixture::with(|fake, recorder| {
        let budget = Arc::new(RetryBudget::new(0));
        Arc::new(Hedge::new(fake, AFTER, budget, recorder))
    })
}

impl Fixture {
    /// Second requests by outcome: won, lost, failed, `over_budget`.
    fn hedges(&self) -> [u64; 4] {
        ["won", "lost", "failed", "over_budget"]
            .map(|outcome| self.counter("hedges", "outcome", outcome))
    }
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_is_answered_in_time_is_asked_once() {
    let f = fixture();
    f.fake.script([Act::AnswerAfter(AFTER / 2)]);
    assert!(f.lookup(SECOND).await.is_ok());
    f.fake.script([Act::Fail(ErrorKind::Unavailable)]);
    assert_eq!(f.failure().await, ErrorKind::Unavailable);
    assert_eq!((f.fake.calls(), f.hedges()), (2, [0; 4]));
}

#[tokio::test(start_paused = true)]
async fn the_first_success_is_the_answer() {
    let fail = Act::Fail(ErrorKind::Unavailable);
    let after = Act::AnswerAfter;
    for (first, second, ended, hedges) in [
        (Act::HangForEver, Act::Answer, AFTER, [1, 0, 0, 0]),
        (after(2 * AFTER), Act::HangForEver, 2 * AFTER, [0, 1, 0, 0]),
        (after(2 * AFTER), fail, 2 * AFTER, [0, 1, 0, 0]),
        (after(3 * AFTER), after(AFTER), 2 * AFTER, [1, 0, 0, 0]),
    ] {
        let f = fixture();
        f.fake.script([first, second]);
        assert!(f.lookup(SECOND).await.is_ok(), "{first:?} {second:?}");
        assert_eq!(f.elapsed(), ended, "{first:?} {second:?}");
        assert_eq!(f.hedges(), hedges, "{first:?} {second:?}");
        assert_eq!(f.fake.calls(), 2, "never more than two");
    }
}

#[tokio::test(start_paused = true)]
async fn two_failures_are_a_failure() {
    let f = fixture();
    f.fake
        .script([Act::Hang, Act::Fail(ErrorKind::Unavailable)]);
    let error = f.lookup(SECOND).await.unwrap_err();
    assert_eq!((error.kind, f.elapsed()), (ErrorKind::Timeout, SECOND));
    assert_eq!(f.hedges(), [0, 0, 1, 0]);
}

#[tokio::test(start_paused = true)]
async fn second_requests_are_taken_from_the_budget() {
    let f = fixture();
    f.fake.set(Act::AnswerAfter(2 * AFTER));
    let lookups = futures::future::join_all((0..30).map(|_| f.lookup(SECOND))).await;
    assert!(lookups.iter().all(Result::is_ok));
    assert_eq!((f.fake.calls(), f.hedges()), (40, [0, 10, 0, 20]));
}

#[tokio::test(start_paused = true)]
async fn what_nobody_waits_for_is_not_asked_twice() {
    let f = fixture();
    f.fake.set(Act::AnswerAfter(SECOND));
    let late = cx(AFTER).with_late_deadline(f.started + 10 * SECOND);
    assert!(f.adapter.lookup(&late, &query(MIA_NUMBER)).await.is_ok());
    assert_eq!(f.fake.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn probes_and_workflows_are_never_asked_twice() {
    let f = fixture();
    f.fake.set(Act::AnswerAfter(2 * AFTER));
    assert!(f.probe().await.is_ok());
    assert!(f.workflow().await.is_ok());
    assert_eq!((f.fake.calls(), f.fake.written().len()), (2, 1));
}
