//! When a CRM is left alone, and when it is asked again.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use tokio::time::{advance, timeout};
use whocalls_core::ErrorKind::{
    self, CircuitOpen, InvalidRequest, NotFound, OutcomeUnknown, Protocol, Timeout,
    Unauthenticated, Unavailable,
};
use whocalls_stack::{AttemptTimeout, Breaker, BreakerSettings};
use whocalls_testkit::fake::Act;

use crate::{Fixture, MILLI, SECOND};

const OPEN_FOR: Duration = Duration::from_secs(2);

const SETTINGS: BreakerSettings = BreakerSettings {
    failures: 3,
    failure_percent: 50,
    min_calls: 10,
    window: Duration::from_secs(30),
    open_for: OPEN_FOR,
};

/// Opens after three failures in a row, for two seconds.
fn fixture() -> Fixture {
    Fixture::with(|fake, recorder| {
        let attempt = AttemptTimeout::new(fake, None);
        Arc::new(Breaker::new(Arc::new(attempt), SETTINGS, recorder))
    })
}

impl Fixture {
    async fn fail(&self, kind: ErrorKind) {
        self.fake.script([Act::Fail(kind)]);
        assert_eq!(self.failure().await, kind);
    }

    /// With the circuit open since now.
    async fn opened(self) -> Self {
        for _ in 0..3 {
            self.fail(Unavailable).await;
        }
        assert_eq!(self.state(), "open");
        self
    }

    /// The state as the gauge tells it.
    fn state(&self) -> &'static str {
        let state = self.recorder.gauge("whocalls_breaker_state{adapter=crm}");
        ["closed", "half_open", "open"]
            .into_iter()
            .zip([0.0, 1.0, 2.0])
            .find(|(_, value)| (state - value).abs() < f64::EPSILON)
            .unwrap()
            .0
    }

    fn transitions(&self) -> [u64; 3] {
        ["open", "half_open", "closed"].map(|to| self.counter("breaker_transitions", "to", to))
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_crm_is_left_alone_and_asked_again_with_a_single_call() {
    let f = fixture().opened().await;
    advance(OPEN_FOR / 2).await;
    let error = f.lookup(10 * SECOND).await.unwrap_err();
    assert_eq!((error.kind, error.status), (CircuitOpen, None));
    assert_eq!(error.retry_after, Some(OPEN_FOR / 2));
    assert_eq!(f.fake.calls(), 3, "the CRM was not asked");

    advance(OPEN_FOR).await;
    f.fake.hold();
    let calls = join_all((0..20).map(|_| f.lookup(10 * SECOND)));
    let release = async {
        f.fake.called(4).await;
        assert_eq!(f.state(), "half_open");
        tokio::task::yield_now().await;
        f.fake.release();
    };
    let (results, ()) = tokio::join!(calls, release);
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let refused = results.iter().filter_map(|result| result.as_ref().err());
    assert!(refused.clone().all(|error| error.kind == CircuitOpen));
    assert!(refused.clone().all(|error| error.retry_after.is_some()));
    assert_eq!(f.fake.calls(), 4, "one of twenty calls was the probe");

    assert_eq!(f.state(), "closed");
    assert!(f.lookup(SECOND).await.is_ok());
    assert_eq!(f.transitions(), [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_fails_opens_the_circuit_again_for_no_longer() {
    let f = fixture().opened().await;
    for round in 1..=5 {
        advance(OPEN_FOR).await;
        f.fail(Unavailable).await;
        assert_eq!(f.state(), "open");
        assert_eq!(f.failure().await, CircuitOpen);
        assert_eq!(f.fake.calls(), 3 + round);
    }
}

#[tokio::test(start_paused = true)]
async fn kinds_that_do_not_speak_of_the_crms_health_never_open_it() {
    let f = fixture();
    for kind in [InvalidRequest, Unauthenticated, NotFound] {
        for _ in 0..20 {
            f.fail(kind).await;
        }
    }
    for _ in 0..20 {
        f.fake.script([Act::Throttle(SECOND)]);
        assert_eq!(f.failure().await, ErrorKind::RateLimited);
    }
    assert_eq!(f.state(), "closed");
}

#[tokio::test(start_paused = true)]
async fn lookups_workflows_and_probes_count_alike() {
    let f = fixture();
    f.fail(Protocol).await;
    f.fake
        .script([Act::Fail(OutcomeUnknown), Act::Fail(Timeout)]);
    assert_eq!(f.workflow().await.unwrap_err().kind, OutcomeUnknown);
    assert_eq!(f.probe().await.unwrap_err().kind, Timeout);
    assert_eq!(f.state(), "open");
    assert_eq!(f.workflow().await.unwrap_err().kind, CircuitOpen);
    assert_eq!(f.probe().await.unwrap_err().kind, CircuitOpen);
    assert!(f.fake.written().is_empty());
    advance(OPEN_FOR).await;
    assert!(f.workflow().await.is_ok(), "a workflow can be the probe");
    assert_eq!(f.state(), "closed");
}

#[tokio::test(start_paused = true)]
async fn a_crm_that_refuses_the_probe_is_well_but_one_that_is_overrun_is_not() {
    for (act, state) in [
        (Act::Fail(Unauthenticated), "closed"),
        (Act::Throttle(SECOND), "open"),
        (Act::Fail(ErrorKind::Overloaded), "half_open"),
        (Act::Fail(ErrorKind::Internal), "half_open"),
    ] {
        let f = fixture().opened().await;
        advance(OPEN_FOR).await;
        f.fake.script([act]);
        f.failure().await;
        assert_eq!(f.state(), state, "{act:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_cancelled_makes_room_for_another_at_once() {
    let f = fixture().opened().await;
    advance(OPEN_FOR).await;
    f.fake.set(Act::HangForEver);
    let cancelled = timeout(SECOND, f.lookup(10 * SECOND)).await;
    assert!(cancelled.is_err());
    assert_eq!(f.state(), "half_open");
    f.fake.set(Act::Answer);
    assert!(f.lookup(SECOND).await.is_ok());
    assert_eq!(f.state(), "closed");
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_hangs_keeps_nobody_waiting_for_long() {
    let f = fixture().opened().await;
    advance(OPEN_FOR).await;
    f.fake.set(Act::Hang);
    let hanging = f.lookup(60 * SECOND);
    let others = async {
        f.fake.called(4).await;
        f.fake.set(Act::Answer);
        assert_eq!(f.failure().await, CircuitOpen);
        advance(OPEN_FOR).await;
        assert!(f.lookup(SECOND).await.is_ok(), "well again, and asked");
        assert_eq!(f.state(), "closed");
    };
    let (hanging, ()) = tokio::join!(hanging, others);
    assert_eq!(hanging.unwrap_err().kind, Timeout);
    assert_eq!(f.state(), "closed", "its failure is of yesterday");
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_at_its_deadline_counts_as_failed_one_dropped_before_does_not() {
    for (patience, state) in [(SECOND, "open"), (999 * MILLI, "closed")] {
        // Nothing inside ends the call.
        let f = Fixture::with(|fake, recorder| Arc::new(Breaker::new(fake, SETTINGS, recorder)));
        f.fake.set(Act::HangForEver);
        for _ in 0..3 {
            let dropped = timeout(patience, f.lookup(SECOND)).await;
            assert!(dropped.is_err());
        }
        assert_eq!(f.state(), state, "{patience:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn calls_that_end_at_their_deadline_open_the_circuit() {
    let f = fixture();
    f.fake.set(Act::HangForEver);
    for _ in 0..3 {
        let error = f.lookup(SECOND).await.unwrap_err();
        assert_eq!(error.kind, Timeout);
    }
    assert_eq!(f.state(), "open");
    assert_eq!(f.elapsed(), 3 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn half_of_the_calls_failing_opens_it_once_there_are_enough() {
    let f = fixture();
    for _ in 0..5 {
        assert_eq!(f.state(), "closed");
        assert!(f.lookup(SECOND).await.is_ok());
        f.fail(Unavailable).await;
    }
    assert_eq!(f.state(), "open");
}
