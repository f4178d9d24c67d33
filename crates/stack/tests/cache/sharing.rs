//! Equal lookups are one request, which goes on for the next caller.

use std::time::Duration;

use futures::future::join_all;
use tokio::time::{Instant, advance};
use whocalls_core::{ErrorKind, Freshness};
use whocalls_testkit::{contacts::MIA_NUMBER, fake::Act};

use crate::{MAX_BACKGROUND, SECOND, bounds::stranger, fixture, is_cached};

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
async fn a_request_that_hangs_does_not_keep_others_from_a_crm_that_is_well_again() {
    let f = fixture();
    f.fake.set(Act::HangForEver);
    assert_eq!(f.failure(MIA_NUMBER).await, ErrorKind::Timeout);
    f.fake.set(Act::Answer);
    assert_eq!(f.failure(MIA_NUMBER).await, ErrorKind::Timeout);
    assert_eq!(f.fake.calls(), 1, "2 s later the first request is joined");
    advance(Duration::from_millis(500)).await;
    assert_eq!(f.freshness(MIA_NUMBER).await, Freshness::Live);
    assert_eq!(f.fake.calls(), 2, "later it is overdue");
}

#[tokio::test(start_paused = true)]
async fn of_an_overdue_request_and_a_second_one_the_first_answer_is_taken() {
    let f = fixture();
    f.fake.set(Act::AnswerAfter(3 * SECOND));
    assert_eq!(f.failure(MIA_NUMBER).await, ErrorKind::Timeout);
    advance(Duration::from_millis(1500)).await;
    f.fake.set(Act::HangForEver);
    let started = Instant::now();
    let (first, joined) = tokio::join!(f.ask(MIA_NUMBER), f.ask(MIA_NUMBER));
    assert_eq!(started.elapsed(), Duration::from_millis(500));
    assert!(first.is_ok() && joined.is_ok());
    assert_eq!(f.fake.calls(), 2);
    advance(10 * SECOND).await;
    f.settle().await;
    assert!(is_cached(f.freshness(MIA_NUMBER).await));
}

#[tokio::test(start_paused = true)]
async fn an_overdue_request_is_joined_when_there_is_no_place_for_a_second_one() {
    let f = fixture();
    f.fake.hold();
    f.abandon(MAX_BACKGROUND).await;
    advance(Duration::from_millis(2500)).await;
    let release = async {
        f.settle().await;
        f.fake.release();
    };
    let number = stranger(0);
    let (joined, ()) = tokio::join!(f.ask(&number), release);
    assert!(joined.is_ok());
    assert_eq!(f.fake.calls(), MAX_BACKGROUND);
}
