//! Answers that were given again and again are found in another way; nothing else is different.

use std::time::Duration;

use tokio::time::advance;
use whocalls_core::Freshness;
use whocalls_testkit::contacts::{MIA_NUMBER, SPELLED};

use crate::{Fixture, SECOND, fixture, is_cached, is_stale};

/// How often: by the first way alone, and by both.
const TIMES: std::ops::Range<usize> = 0..5;

impl Fixture {
    /// Asks once, and then so many times from memory.
    async fn ask_again(&self, number: &str, times: usize) {
        assert_eq!(self.freshness(number).await, Freshness::Live);
        for _ in 0..times {
            assert!(is_cached(self.freshness(number).await));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn they_are_forgotten_when_the_crm_says_that_they_changed() {
    for times in TIMES {
        let f = fixture();
        f.ask_again(MIA_NUMBER, times).await;
        f.ask_again(SPELLED, times).await;
        f.notify_of("13").await;
        assert_eq!(f.freshness(MIA_NUMBER).await, Freshness::Live, "{times}");
        assert!(is_cached(f.freshness(SPELLED).await), "{times}");
    }
}

#[tokio::test(start_paused = true)]
async fn they_grow_old_and_are_refreshed() {
    for times in TIMES {
        let f = fixture();
        f.ask_again(MIA_NUMBER, times).await;
        advance(300 * SECOND).await;
        let age = 300 * SECOND;
        assert_eq!(f.freshness(MIA_NUMBER).await, Freshness::Stale { age });
        f.settle().await;
        assert_eq!(f.fake.calls(), 2, "one refresh");
        advance(SECOND).await;
        let age = SECOND;
        assert_eq!(f.freshness(MIA_NUMBER).await, Freshness::Cached { age });
    }
}

#[tokio::test(start_paused = true)]
async fn they_are_gone_after_their_time() {
    for times in TIMES {
        let f = fixture();
        f.ask_again(MIA_NUMBER, times).await;
        advance(899 * SECOND + Duration::from_millis(999)).await;
        assert!(is_stale(f.freshness(MIA_NUMBER).await));
        let f = fixture();
        f.ask_again(MIA_NUMBER, times).await;
        advance(900 * SECOND).await;
        assert_eq!(f.freshness(MIA_NUMBER).await, Freshness::Live);
    }
}
