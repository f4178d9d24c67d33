//! All layers with their default settings around a CRM that fails and recovers.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};
use whocalls_core::ErrorKind::{CircuitOpen, Protocol, Unavailable};
use whocalls_stack::{CacheSettings, Protection, StackSettings, build};
use whocalls_testkit::{fake::Act, query};

use crate::{Fixture, SECOND, cx};

const TIMEOUT: Duration = SECOND;
/// How soon a CRM is asked again that is well.
const RECOVERY: Duration = Duration::from_secs(5);

fn fixture() -> Fixture {
    let settings = StackSettings {
        runtime: None,
        timeout: TIMEOUT,
        late_answer: 10 * SECOND,
        max_concurrent: NonZeroUsize::new(16).unwrap(),
        cache: CacheSettings {
            ttl: 300 * SECOND,
            empty_ttl: 30 * SECOND,
            stale: 600 * SECOND,
            max_bytes: 1 << 20,
            max_background: NonZeroUsize::new(256).unwrap(),
        },
        protection: Protection::default(),
    };
    Fixture::with(|fake, recorder| build(fake, &settings, Arc::new(recorder.clone())).adapter)
}

/// How often the telephone rings.
const PAUSE: Duration = Duration::from_millis(100);

/// Rings for so long, each time with another number. Returns when the first ring began that was
/// answered, and how many were.
async fn ring(f: &Fixture, time: Duration) -> (Option<Instant>, usize) {
    let mut rings = JoinSet::new();
    let until = Instant::now() + time;
    while Instant::now() < until {
        let adapter = Arc::clone(&f.adapter);
        let number = (f.elapsed().as_millis() / PAUSE.as_millis()) % 10_000;
        let query = query(&format!("+4144555{number:04}"));
        rings.spawn(async move {
            let began = Instant::now();
            let result = adapter.lookup(&cx(2 * TIMEOUT), &query).await;
            assert!(began.elapsed() <= TIMEOUT, "{:?}", began.elapsed());
            result.is_ok().then_some(began)
        });
        sleep(PAUSE).await;
    }
    let answered: Vec<Instant> = rings.join_all().await.into_iter().flatten().collect();
    (answered.iter().min().copied(), answered.len())
}

#[tokio::test(start_paused = true)]
async fn whatever_failed_a_crm_that_is_well_again_is_soon_asked_again() {
    for fault in [
        Act::Fail(Unavailable),
        Act::Fail(Protocol),
        Act::Hang,
        Act::HangForEver,
        Act::AnswerAfter(3 * SECOND),
        Act::Throttle(2 * SECOND),
        Act::Throttle(Duration::from_hours(1)),
    ] {
        // At any point of the breaker's cycle.
        for outage in [300, 700, 1_100, 5_000, 10_300, 11_900, 12_700, 31_000] {
            let f = fixture();
            let (_, answered) = ring(&f, SECOND).await;
            assert_eq!(answered, 10);
            f.fake.set(fault);
            ring(&f, Duration::from_millis(outage)).await;
            f.fake.set(Act::Answer);
            let well = Instant::now();
            let (first, answered) = ring(&f, 2 * RECOVERY).await;
            let first = first.unwrap() - well;
            assert!(first <= RECOVERY, "{fault:?} for {outage}: {first:?}");
            assert!(answered > 40, "{fault:?} for {outage}: {answered} of 100");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_crm_that_is_down_is_hardly_asked() {
    let f = fixture();
    f.fake.set(Act::Fail(Unavailable));
    ring(&f, 60 * SECOND).await;
    // 600 rings: five failures, their retries, and a probe with its retry every two seconds.
    assert!((30..=75).contains(&f.fake.calls()), "{}", f.fake.calls());
}

#[tokio::test(start_paused = true)]
async fn callers_of_a_crm_that_is_left_alone_do_not_wait() {
    let f = fixture();
    f.fake.set(Act::Fail(Unavailable));
    ring(&f, SECOND).await;
    let started = Instant::now();
    let error = f.lookup(SECOND).await.unwrap_err();
    assert_eq!(
        (error.kind, started.elapsed()),
        (CircuitOpen, Duration::ZERO)
    );
    assert!(error.retry_after.is_some());
    assert_eq!(f.workflow().await.unwrap_err().kind, CircuitOpen);
}
