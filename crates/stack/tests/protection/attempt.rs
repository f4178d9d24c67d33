//! How long a single attempt may take.

use std::{sync::Arc, time::Duration};

use whocalls_core::ErrorKind;
use whocalls_stack::{AttemptTimeout, Retry, RetryBudget, RetrySettings};
use whocalls_testkit::fake::Act;

use crate::{Fixture, SECOND};

fn fixture(timeout: Option<Duration>) -> Fixture {
    Fixture::with(|fake, _| Arc::new(AttemptTimeout::new(fake, timeout)))
}

#[tokio::test(start_paused = true)]
async fn lookups_and_probes_end_after_the_timeout_workflows_at_their_deadline() {
    let f = fixture(Some(SECOND));
    f.fake.set(Act::HangForEver);
    assert_eq!(f.failure().await, ErrorKind::Timeout);
    assert_eq!(f.elapsed(), SECOND);
    assert_eq!(f.probe().await.unwrap_err().kind, ErrorKind::Timeout);
    assert_eq!(f.elapsed(), 2 * SECOND);
    let error = f.workflow().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
    assert_eq!(f.elapsed(), 12 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn the_adapter_knows_how_long_it_has() {
    let f = fixture(Some(SECOND));
    f.fake.set(Act::Hang);
    assert_eq!(f.failure().await, ErrorKind::Timeout);
    assert_eq!(f.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn no_attempt_goes_on_beyond_the_deadline() {
    for timeout in [None, Some(60 * SECOND)] {
        let f = fixture(timeout);
        f.fake.set(Act::HangForEver);
        assert_eq!(f.failure().await, ErrorKind::Timeout);
        assert_eq!(f.elapsed(), 10 * SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn it_leaves_time_for_a_retry() {
    let f = Fixture::with(|fake, recorder| {
        let attempt = AttemptTimeout::new(fake, Some(SECOND));
        let settings = RetrySettings {
            attempts: 1,
            backoff: Duration::ZERO,
            max_backoff: Duration::ZERO,
            budget_percent: 20,
        };
        let budget = Arc::new(RetryBudget::new(20));
        Arc::new(Retry::new(Arc::new(attempt), settings, budget, recorder))
    });
    f.fake.script([Act::HangForEver]);
    assert!(f.lookup(2 * SECOND).await.is_ok());
    assert_eq!((f.elapsed(), f.fake.calls()), (SECOND, 2));
}
