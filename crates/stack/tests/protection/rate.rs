//! How often a CRM is asked, and its wishes.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use futures::future::join_all;
use tokio::time::Instant;
use whocalls_core::ErrorKind;
use whocalls_stack::RateLimit;
use whocalls_testkit::fake::Act;

use crate::{Fixture, MILLI, SECOND, cx};

fn fixture(per_second: u32) -> Fixture {
    let per_second = NonZeroU32::new(per_second).unwrap();
    Fixture::with(|fake, recorder| Arc::new(RateLimit::new(fake, per_second, recorder)))
}

#[tokio::test(start_paused = true)]
async fn so_many_calls_a_second_pass_and_the_others_wait() {
    let f = fixture(4);
    let ended = join_all((0..12).map(|_| async {
        f.lookup(60 * SECOND).await.unwrap();
        f.elapsed()
    }))
    .await;
    for window in ended.windows(5) {
        assert!(window[4] >= window[0] + SECOND, "{ended:?}");
    }
    assert!(ended[11] < 4 * SECOND, "and the rate is used: {ended:?}");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_would_wait_too_long_is_refused_at_once() {
    let f = fixture(1);
    f.lookup(SECOND).await.unwrap();
    let error = f.lookup(SECOND).await.unwrap_err();
    assert!(error.is_own_refusal(), "{error}");
    assert!(error.retry_after.is_some());
    assert_eq!((f.elapsed(), f.fake.calls()), (Duration::ZERO, 1));
    assert_eq!(f.counter("limit_refusals", "limit", "rate"), 1);
}

#[tokio::test(start_paused = true)]
async fn lookups_probes_and_workflows_share_the_rate() {
    let f = fixture(3);
    f.lookup(SECOND).await.unwrap();
    f.probe().await.unwrap();
    f.workflow().await.unwrap();
    assert!(f.lookup(SECOND).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn deliveries_leave_a_place_for_a_telephone() {
    let f = fixture(2);
    let background = cx(SECOND).in_background();
    assert!(f.adapter.probe(&background).await.is_ok());
    assert!(f.adapter.probe(&background).await.is_err());
    assert!(f.lookup(SECOND).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn nobody_asks_while_the_crm_wants_to_be_left_alone() {
    let f = fixture(10);
    f.fake.script([Act::Throttle(5 * SECOND)]);
    assert_eq!(f.failure().await, ErrorKind::RateLimited);
    let error = f.lookup(4 * SECOND).await.unwrap_err();
    assert_eq!((error.status, error.retry_after), (None, Some(5 * SECOND)));
    assert_eq!(f.fake.calls(), 1);
    assert!(f.lookup(10 * SECOND).await.is_ok());
    assert_eq!(f.elapsed(), 5 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn no_wish_is_granted_for_longer_than_a_minute() {
    let f = fixture(10);
    f.fake.script([Act::Throttle(Duration::MAX)]);
    assert_eq!(f.failure().await, ErrorKind::RateLimited);
    assert!(f.lookup(100 * SECOND).await.is_ok());
    assert_eq!(f.elapsed(), 60 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn refusals_of_the_adapter_itself_and_other_failures_cause_no_pause() {
    let f = fixture(10);
    for kind in [ErrorKind::RateLimited, ErrorKind::Unavailable] {
        f.fake.script([Act::Fail(kind)]);
        f.failure().await;
    }
    let started = Instant::now();
    assert!(f.lookup(SECOND).await.is_ok());
    assert!(started.elapsed() < MILLI);
}
