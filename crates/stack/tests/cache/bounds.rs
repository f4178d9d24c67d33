//! Questions under way are bounded in number; those that wait are not disturbed by it.

use tokio::time::advance;
use whocalls_core::ErrorKind;
use whocalls_testkit::{contacts::MIA_NUMBER, fake::Act};

use crate::{Fixture, MAX_BACKGROUND, SECOND, fixture, is_stale};

/// The `index`th number of many that nobody has.
pub(crate) fn stranger(index: usize) -> String {
    format!("+4144555{index:04}")
}

impl Fixture {
    /// Leaves `count` questions under way that nobody waits for any longer.
    pub(crate) async fn abandon(&self, count: usize) {
        for index in 0..count {
            let before = self.fake.calls();
            let number = stranger(index);
            tokio::select! {
                biased;
                answer = self.ask(&number) => panic!("held: {answer:?}"),
                () = self.fake.called(before + 1) => {}
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_question_is_refused_at_once_when_too_many_are_under_way() {
    let f = fixture();
    f.fake.hold();
    f.abandon(MAX_BACKGROUND).await;
    let before = tokio::time::Instant::now();
    assert_eq!(f.failure(MIA_NUMBER).await, ErrorKind::Overloaded);
    assert_eq!(before.elapsed(), std::time::Duration::ZERO);
    assert_eq!(f.fake.calls(), MAX_BACKGROUND, "the CRM was not asked");
    let first = stranger(0);
    let release = async {
        f.settle().await;
        f.fake.release();
    };
    let (joined, ()) = tokio::join!(f.ask(&first), release);
    assert!(joined.unwrap().is_empty(), "an equal question is joined");
    assert!(f.ask(MIA_NUMBER).await.is_ok(), "places are free again");
}

#[tokio::test(start_paused = true)]
async fn questions_that_nobody_waits_for_end_with_their_time_and_free_their_places() {
    let f = fixture();
    f.fake.set(Act::HangForEver);
    f.abandon(MAX_BACKGROUND).await;
    assert_eq!(f.failure(MIA_NUMBER).await, ErrorKind::Overloaded);
    advance(10 * SECOND).await;
    f.settle().await;
    f.fake.set(Act::Answer);
    assert!(f.ask(MIA_NUMBER).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn panics_free_their_places() {
    let f = fixture();
    f.fake.set(Act::Panic);
    for index in 0..2 * MAX_BACKGROUND {
        assert_eq!(f.failure(&stranger(index)).await, ErrorKind::Internal);
    }
}

#[tokio::test(start_paused = true)]
async fn stale_answers_are_given_when_there_is_no_place_for_a_refresh() {
    for (busy, refreshes) in [(MAX_BACKGROUND / 2 - 1, 1), (MAX_BACKGROUND / 2, 0)] {
        let f = fixture();
        f.ask(MIA_NUMBER).await.unwrap();
        advance(300 * SECOND).await;
        f.fake.hold();
        f.abandon(busy).await;
        assert!(is_stale(f.freshness(MIA_NUMBER).await));
        f.settle().await;
        assert_eq!(f.fake.calls(), 1 + busy + refreshes, "{busy} under way");
        let left_out = "whocalls_cache_refreshes_total{adapter=crm,outcome=left_out}";
        assert_eq!(f.recorder.counter(left_out), 1 - refreshes as u64);
        assert!(is_stale(f.freshness(MIA_NUMBER).await));
    }
}
