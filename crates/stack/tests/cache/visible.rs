//! What the operator's metrics show.

use futures::future::join_all;
use tokio::time::advance;
use whocalls_core::ErrorKind;
use whocalls_testkit::{
    contacts::{MIA_NUMBER, UNKNOWN},
    fake::Act,
};

use crate::{Fixture, SECOND, fixture};

impl Fixture {
    /// Lookups by result: hit, stale, miss, joined, refused.
    fn lookups(&self) -> [u64; 5] {
        ["hit", "stale", "miss", "joined", "refused"].map(|result| {
            let key = format!("whocalls_cache_lookups_total{{adapter=crm,result={result}}}");
            self.recorder.counter(&key)
        })
    }

    fn gauge(&self, name: &str) -> f64 {
        self.handle.report_size();
        self.recorder
            .gauge(&format!("whocalls_cache_{name}{{adapter=crm}}"))
    }

    fn is_gauge(&self, name: &str, expected: u32) -> bool {
        (self.gauge(name) - f64::from(expected)).abs() < f64::EPSILON
    }
}

#[tokio::test(start_paused = true)]
async fn lookups_are_counted_by_what_the_cache_did_for_them() {
    let f = fixture();
    f.ask(MIA_NUMBER).await.unwrap();
    assert_eq!(f.lookups(), [0, 0, 1, 0, 0]);
    advance(42 * SECOND).await;
    f.ask(MIA_NUMBER).await.unwrap();
    assert_eq!(f.lookups(), [1, 0, 1, 0, 0]);
    advance(300 * SECOND).await;
    f.ask(MIA_NUMBER).await.unwrap();
    assert_eq!(f.lookups(), [1, 1, 1, 0, 0]);
    let asked = join_all((0..5).map(|_| f.ask(UNKNOWN))).await;
    assert!(asked.iter().all(Result::is_ok));
    assert_eq!(f.lookups(), [1, 1, 2, 4, 0]);
    let ages = f
        .recorder
        .samples("whocalls_cache_age_seconds{adapter=crm}");
    assert_eq!(ages, [42.0, 342.0]);
}

#[tokio::test(start_paused = true)]
async fn refreshes_are_counted_by_outcome() {
    let f = fixture();
    f.ask(MIA_NUMBER).await.unwrap();
    advance(300 * SECOND).await;
    f.fake.set(Act::Fail(ErrorKind::Unavailable));
    f.ask(MIA_NUMBER).await.unwrap();
    f.settle().await;
    advance(5 * SECOND).await;
    f.fake.set(Act::Answer);
    f.ask(MIA_NUMBER).await.unwrap();
    f.settle().await;
    for (outcome, expected) in [("ok", 1), ("failed", 1), ("left_out", 0)] {
        let key = format!("whocalls_cache_refreshes_total{{adapter=crm,outcome={outcome}}}");
        assert_eq!(f.recorder.counter(&key), expected, "{outcome}");
    }
}

#[tokio::test(start_paused = true)]
async fn sizes_and_questions_under_way_go_up_and_down() {
    let f = fixture();
    assert!(f.is_gauge("entries", 0) && f.is_gauge("bytes", 0));
    f.ask(MIA_NUMBER).await.unwrap();
    f.ask(UNKNOWN).await.unwrap();
    f.settle().await;
    assert!(f.is_gauge("entries", 2) && f.gauge("bytes") > 500.0);
    assert!(f.is_gauge("requests_in_flight", 0));
    f.fake.hold();
    let number = "+41445550000";
    tokio::select! {
        answer = f.ask(number) => panic!("held: {answer:?}"),
        () = f.fake.called(3) => assert!(f.is_gauge("requests_in_flight", 1)),
    }
    assert!(f.is_gauge("requests_in_flight", 1), "nobody waits for it");
    f.fake.release();
    f.settle().await;
    assert!(f.is_gauge("requests_in_flight", 0) && f.is_gauge("entries", 3));
    let recorder = f.recorder.clone();
    drop(f);
    let entries = recorder.gauge("whocalls_cache_entries{adapter=crm}");
    assert!(entries.abs() < f64::EPSILON, "gone with the cache");
}
