//! What the cache gives, when it asks, and whom it asks for, on a virtual clock.
#![expect(
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use tokio::time::advance;
use whocalls_core::{
    AdapterError, CallContext, Changes, CrmAdapter, ErrorKind, Freshness, LookupAnswer,
    Notification, RequestId,
};
use whocalls_stack::{Budget, Cache, CacheSettings};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SPELLED, UNKNOWN, messy_contacts},
    fake::{Act, FakeAdapter},
    query,
};

const SECOND: Duration = Duration::from_secs(1);

struct Fixture {
    fake: Arc<FakeAdapter>,
    cache: Budget,
}

/// Fresh for 300 s (nobody: 30 s), stale for 600 s more; callers wait 1 s, the CRM has 10 s.
fn fixture() -> Fixture {
    let fake = Arc::new(FakeAdapter::seeded("crm", &messy_contacts(50)));
    let settings = CacheSettings {
        ttl: 300 * SECOND,
        empty_ttl: 30 * SECOND,
        stale: 600 * SECOND,
        max_bytes: 1 << 20,
    };
    let inner = Budget::of_call(Arc::clone(&fake) as Arc<dyn CrmAdapter>);
    let cache = Cache::new(Arc::new(inner), settings, 10 * SECOND);
    Fixture {
        fake,
        cache: Budget::of_lookups(Arc::new(cache), SECOND),
    }
}

impl Fixture {
    async fn ask(&self, number: &str) -> Result<LookupAnswer, AdapterError> {
        let cx = CallContext::within(SECOND, RequestId::new("test"));
        self.cache.lookup(&cx, &query(number)).await
    }

    async fn freshness(&self, number: &str) -> Freshness {
        self.ask(number).await.unwrap().freshness()
    }

    /// Lets background tasks run until they wait for something.
    async fn settle(&self) {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_fresh_then_stale_then_gone() {
    let f = fixture();
    assert_eq!(f.freshness(MIA_NUMBER).await, Freshness::Live);
    advance(299 * SECOND).await;
    assert_eq!(
        f.freshness(MIA_NUMBER).await,
        Freshness::Cached { age: 299 * SECOND }
    );
    assert_eq!(f.fake.calls(), 1);
    advance(SECOND).await;
    f.fake.set(Act::Fail(ErrorKind::Unavailable));
    assert_eq!(
        f.freshness(MIA_NUMBER).await,
        Freshness::Stale { age: 300 * SECOND }
    );
    f.settle().await;
    assert_eq!(f.fake.calls(), 2, "one refresh was tried");
    advance(600 * SECOND).await;
    assert_eq!(
        f.ask(MIA_NUMBER).await.unwrap_err().kind,
        ErrorKind::Unavailable
    );
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_is_refreshed_in_the_background_once() {
    let f = fixture();
    f.ask(MIA_NUMBER).await.unwrap();
    advance(400 * SECOND).await;
    f.fake.hold();
    for _ in 0..5 {
        assert!(matches!(
            f.freshness(MIA_NUMBER).await,
            Freshness::Stale { .. }
        ));
    }
    f.settle().await;
    assert_eq!(f.fake.calls(), 2);
    f.fake.release();
    f.settle().await;
    assert!(matches!(
        f.freshness(MIA_NUMBER).await,
        Freshness::Cached { .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn nobody_has_a_lifetime_of_its_own_and_is_never_given_stale() {
    let f = fixture();
    f.ask(UNKNOWN).await.unwrap();
    advance(29 * SECOND).await;
    assert!(matches!(
        f.freshness(UNKNOWN).await,
        Freshness::Cached { .. }
    ));
    advance(SECOND).await;
    assert_eq!(f.freshness(UNKNOWN).await, Freshness::Live);
    assert_eq!(f.fake.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_never_stored() {
    let f = fixture();
    for kind in [
        ErrorKind::Unavailable,
        ErrorKind::Unauthenticated,
        ErrorKind::Protocol,
    ] {
        f.fake.set(Act::Fail(kind));
        assert_eq!(f.ask(MIA_NUMBER).await.unwrap_err().kind, kind);
    }
    f.fake.set(Act::Answer);
    assert_eq!(f.ask(MIA_NUMBER).await.unwrap().matches().len(), 1);
    assert_eq!(f.fake.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn equal_lookups_share_one_request() {
    let f = fixture();
    f.fake.hold();
    let lookups = join_all((0..50).map(|_| f.ask(MIA_NUMBER)));
    let release = async {
        f.fake.called(1).await;
        f.settle().await;
        f.fake.release();
    };
    let (answers, ()) = tokio::join!(lookups, release);
    assert!(
        answers
            .iter()
            .all(|answer| answer.as_ref().unwrap().matches().len() == 1)
    );
    assert_eq!(f.fake.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_does_not_disturb_the_others() {
    let f = fixture();
    f.fake.hold();
    {
        let leaving = f.ask(MIA_NUMBER);
        tokio::select! {
            answer = leaving => panic!("held: {answer:?}"),
            () = f.fake.called(1) => {}
        }
    }
    let release = async {
        f.settle().await;
        f.fake.release();
    };
    let (answer, ()) = tokio::join!(f.ask(MIA_NUMBER), release);
    assert_eq!(answer.unwrap().matches().len(), 1);
    assert_eq!(f.fake.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_too_late_is_there_for_the_next_call() {
    let f = fixture();
    f.fake.set(Act::AnswerAfter(3 * SECOND));
    assert_eq!(
        f.ask(MIA_NUMBER).await.unwrap_err().kind,
        ErrorKind::Timeout
    );
    advance(3 * SECOND).await;
    f.settle().await;
    assert!(matches!(
        f.freshness(MIA_NUMBER).await,
        Freshness::Cached { .. }
    ));
    assert_eq!(f.fake.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_has_a_limit_too() {
    let f = fixture();
    f.fake.set(Act::HangForEver);
    assert_eq!(
        f.ask(MIA_NUMBER).await.unwrap_err().kind,
        ErrorKind::Timeout
    );
    advance(10 * SECOND).await;
    f.settle().await;
    f.fake.set(Act::Answer);
    assert_eq!(
        f.freshness(MIA_NUMBER).await,
        Freshness::Live,
        "the hanging request is gone"
    );
    assert_eq!(f.fake.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_panicking_adapter_is_one_failed_lookup() {
    let f = fixture();
    f.fake.set(Act::Panic);
    assert_eq!(
        f.ask(MIA_NUMBER).await.unwrap_err().kind,
        ErrorKind::Internal
    );
    f.fake.set(Act::Answer);
    assert_eq!(f.ask(MIA_NUMBER).await.unwrap().matches().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_misses_a_part_of_the_crm_is_kept_as_briefly_as_nobody() {
    let f = fixture();
    f.fake.set(Act::AnswerPartially);
    assert!(f.ask(MIA_NUMBER).await.unwrap().is_partial());
    advance(29 * SECOND).await;
    assert!(f.ask(MIA_NUMBER).await.unwrap().is_partial(), "still kept");
    f.fake.set(Act::Answer);
    advance(SECOND).await;
    assert_eq!(f.freshness(MIA_NUMBER).await, Freshness::Live);
    assert!(!f.ask(MIA_NUMBER).await.unwrap().is_partial());
}

fn notification(tail: &str, body: &str) -> Notification {
    Notification {
        method: "POST".to_owned(),
        path_and_query: "/".to_owned(),
        tail: tail.to_owned(),
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
        received_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

impl Fixture {
    async fn notify(&self, tail: &str, body: &str) -> Result<Changes, AdapterError> {
        let cx = CallContext::within(SECOND, RequestId::new("hook"));
        self.cache
            .read_notification(&cx, &notification(tail, body))
            .await
    }
}

#[tokio::test(start_paused = true)]
async fn what_changed_in_the_crm_is_forgotten_and_the_rest_is_kept() {
    let secret = FakeAdapter::NOTIFICATION_SECRET;
    // Mia is record 13; the number is that of twelve others.
    for (body, mia, spelled, nobody) in [
        ("13", "ok", "cached", "ok"),
        ("1", "cached", "ok", "ok"),
        ("+41 79 123 45 67", "ok", "cached", "ok"),
        ("99", "cached", "cached", "ok"),
    ] {
        let f = fixture();
        for number in [MIA_NUMBER, SPELLED, UNKNOWN] {
            f.ask(number).await.unwrap();
        }
        f.notify(secret, body).await.unwrap();
        for (number, expected) in [(MIA_NUMBER, mia), (SPELLED, spelled), (UNKNOWN, nobody)] {
            let is_live = f.freshness(number).await == Freshness::Live;
            assert_eq!(is_live, expected == "ok", "{body}: {number}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_notification_that_is_not_believed_changes_nothing() {
    let f = fixture();
    f.ask(MIA_NUMBER).await.unwrap();
    let error = f.notify("guess", "13").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
    assert!(matches!(
        f.freshness(MIA_NUMBER).await,
        Freshness::Cached { .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn an_answer_from_before_a_change_is_not_stored_after_it() {
    let f = fixture();
    f.fake.hold();
    let change = async {
        f.fake.called(1).await;
        f.notify(FakeAdapter::NOTIFICATION_SECRET, "13")
            .await
            .unwrap();
        f.fake.release();
    };
    let (answer, ()) = tokio::join!(f.ask(MIA_NUMBER), change);
    assert_eq!(
        answer.unwrap().matches().len(),
        1,
        "the caller gets it all the same"
    );
    assert_eq!(f.freshness(MIA_NUMBER).await, Freshness::Live);
}
