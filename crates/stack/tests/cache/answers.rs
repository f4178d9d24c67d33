//! Which answers are given for how long.

use tokio::time::advance;
use whocalls_core::{ErrorKind, Freshness};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, UNKNOWN},
    fake::Act,
};

use std::time::Duration;

use crate::{SECOND, fixture, fixture_with};

#[tokio::test(start_paused = true)]
async fn without_a_lifetime_the_crm_is_asked_each_time() {
    let f = fixture_with(Duration::ZERO);
    for calls in 1..=3 {
        assert_eq!(f.freshness(MIA_NUMBER).await, Freshness::Live);
        assert_eq!(f.fake.calls(), calls);
        advance(SECOND).await;
    }
    f.fake.set(Act::Fail(ErrorKind::Unavailable));
    assert_eq!(f.failure(MIA_NUMBER).await, ErrorKind::Unavailable);
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
