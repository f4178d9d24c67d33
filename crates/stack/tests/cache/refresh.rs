//! Stale answers, and what becomes of their refreshes.

use std::time::Duration;

use tokio::time::{Instant, advance, sleep_until};
use whocalls_core::{ErrorKind, Freshness};
use whocalls_testkit::{contacts::MIA_NUMBER, fake::Act};

use crate::{SECOND, fixture, is_cached, is_stale};

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
async fn a_failed_refresh_leaves_the_stale_answer_and_is_not_repeated_for_every_ring() {
    let f = fixture();
    f.ask(MIA_NUMBER).await.unwrap();
    f.fake.set(Act::Fail(ErrorKind::Unavailable));
    advance(300 * SECOND).await;
    for _ in 0..20 {
        assert!(is_stale(f.freshness(MIA_NUMBER).await));
        f.settle().await;
    }
    assert_eq!(f.fake.calls(), 2, "one refresh");
    advance(Duration::from_millis(4_999)).await;
    assert!(is_stale(f.freshness(MIA_NUMBER).await));
    f.settle().await;
    assert_eq!(f.fake.calls(), 2, "still paused");
    advance(Duration::from_millis(1)).await;
    f.fake.set(Act::Answer);
    assert!(is_stale(f.freshness(MIA_NUMBER).await));
    f.settle().await;
    assert_eq!(f.fake.calls(), 3, "asked again after 5 s");
    assert_eq!(
        f.freshness(MIA_NUMBER).await,
        Freshness::Cached {
            age: Duration::ZERO
        }
    );
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_is_given_to_the_end_of_its_time_while_the_crm_is_down() {
    let f = fixture();
    let started = Instant::now();
    f.ask(MIA_NUMBER).await.unwrap();
    f.fake.set(Act::Fail(ErrorKind::Unavailable));
    for second in (300..900).step_by(7) {
        sleep_until(started + second * SECOND).await;
        let age = second * SECOND;
        assert_eq!(f.freshness(MIA_NUMBER).await, Freshness::Stale { age });
        f.settle().await;
    }
    sleep_until(started + 900 * SECOND).await;
    assert_eq!(f.failure(MIA_NUMBER).await, ErrorKind::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_finds_nobody_replaces_the_stale_answer() {
    let f = fixture();
    f.ask(MIA_NUMBER).await.unwrap();
    f.fake.set(Act::KnowNobody);
    advance(300 * SECOND).await;
    assert!(is_stale(f.freshness(MIA_NUMBER).await));
    f.settle().await;
    let answer = f.ask(MIA_NUMBER).await.unwrap();
    assert!(answer.is_empty() && is_cached(answer.freshness()));
}

#[tokio::test(start_paused = true)]
async fn half_an_answer_does_not_replace_a_whole_one_that_can_be_given() {
    let f = fixture();
    f.ask(MIA_NUMBER).await.unwrap();
    f.fake.set(Act::AnswerPartially);
    advance(300 * SECOND).await;
    for _ in 0..3 {
        let answer = f.ask(MIA_NUMBER).await.unwrap();
        assert!(is_stale(answer.freshness()) && !answer.is_partial());
        f.settle().await;
    }
    assert_eq!(f.fake.calls(), 2, "it counts as a failed refresh");
}

#[tokio::test(start_paused = true)]
async fn a_hanging_refresh_ends_and_delays_nobody() {
    let f = fixture();
    f.ask(MIA_NUMBER).await.unwrap();
    f.fake.set(Act::HangForEver);
    advance(300 * SECOND).await;
    let before = Instant::now();
    assert!(is_stale(f.freshness(MIA_NUMBER).await));
    assert_eq!(before.elapsed(), Duration::ZERO);
    f.settle().await;
    advance(10 * SECOND).await;
    f.settle().await;
    f.fake.set(Act::Answer);
    assert!(is_stale(f.freshness(MIA_NUMBER).await));
    advance(5 * SECOND).await;
    assert!(is_stale(f.freshness(MIA_NUMBER).await));
    f.settle().await;
    assert!(is_cached(f.freshness(MIA_NUMBER).await));
    assert_eq!(f.fake.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_panicking_refresh_leaves_the_stale_answer() {
    let f = fixture();
    f.ask(MIA_NUMBER).await.unwrap();
    f.fake.set(Act::Panic);
    advance(300 * SECOND).await;
    for _ in 0..3 {
        assert!(is_stale(f.freshness(MIA_NUMBER).await));
        f.settle().await;
    }
    assert_eq!(f.fake.calls(), 2);
}
