//! What goes when the cache is full: what nobody asked for lately.

use tokio::time::advance;
use whocalls_core::Freshness;
use whocalls_testkit::contacts::MIA_NUMBER;

use crate::{SECOND, bounds::stranger, fixture, is_cached};

/// More answers than there is memory for.
const MANY: usize = 6_000;
/// Few, compared with what there is memory for.
const FEW: usize = 500;

/// A telephone that rings is asked about again within moments, however many numbers called before
/// it, and although nobody ever asked about this one.
#[tokio::test(start_paused = true)]
async fn the_newest_answers_are_kept() {
    let f = fixture();
    for index in 0..MANY {
        f.ask(&stranger(index)).await.unwrap();
    }
    assert_eq!(f.freshness(&stranger(0)).await, Freshness::Live, "gone");
    assert_eq!(f.freshness(MIA_NUMBER).await, Freshness::Live, "new");
    for index in MANY..MANY + FEW {
        f.ask(&stranger(index)).await.unwrap();
    }
    assert!(is_cached(f.freshness(MIA_NUMBER).await));
    for index in MANY..MANY + FEW {
        assert!(is_cached(f.freshness(&stranger(index)).await), "{index}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_in_use_is_kept() {
    let f = fixture();
    f.ask(MIA_NUMBER).await.unwrap();
    for second in 0..60 {
        for _ in 0..3 {
            assert!(is_cached(f.freshness(MIA_NUMBER).await), "{second}");
        }
        for index in 0..150 {
            f.ask(&stranger(second * 150 + index)).await.unwrap();
        }
        advance(SECOND).await;
    }
}
