//! What the cache holds survives a restart with its age.

use std::time::Duration;

use tokio::time::advance;
use whocalls_core::Freshness;
use whocalls_stack::SavedAnswer;
use whocalls_testkit::{
    contacts::{MIA_NUMBER, SPELLED, UNKNOWN},
    fake::Act,
};

use crate::{Fixture, SECOND, fixture, is_cached, is_stale};

impl Fixture {
    /// What is saved, through the form in which it is stored.
    fn saved(&self, down_for: Duration) -> Vec<SavedAnswer> {
        let text = serde_json::to_string(&self.handle.export()).unwrap();
        let saved: Vec<SavedAnswer> = serde_json::from_str(&text).unwrap();
        let aged = saved.into_iter().map(|answer| answer.aged(down_for));
        aged.collect()
    }
}

/// A cache that starts anew with what `f` held, `down_for` later, and whose CRM is dead.
fn restarted(f: &Fixture, down_for: Duration) -> Fixture {
    let new = fixture();
    new.fake.set(Act::HangForEver);
    new.handle.import(f.saved(down_for));
    new
}

#[tokio::test(start_paused = true)]
async fn answers_come_back_as_they_were_and_keep_their_age() {
    let f = fixture();
    let mia = f.ask(MIA_NUMBER).await.unwrap();
    advance(100 * SECOND).await;
    let new = restarted(&f, 50 * SECOND);
    advance(SECOND).await;
    let age = 151 * SECOND;
    let expected = mia.with_freshness(Freshness::Cached { age });
    assert_eq!(new.ask(MIA_NUMBER).await.unwrap(), expected);
    advance(149 * SECOND).await;
    let age = 300 * SECOND;
    let freshness = new.freshness(MIA_NUMBER).await;
    assert_eq!(freshness, Freshness::Stale { age });
}

#[tokio::test(start_paused = true)]
async fn the_time_that_passed_counts() {
    for (down_for, known, nobody) in [
        (29, "cached", "cached"),
        (30, "cached", "gone"),
        (299, "cached", "gone"),
        (300, "stale", "gone"),
        (899, "stale", "gone"),
        (900, "gone", "gone"),
    ] {
        let f = fixture();
        f.ask(MIA_NUMBER).await.unwrap();
        f.ask(UNKNOWN).await.unwrap();
        let new = restarted(&f, down_for * SECOND);
        for (number, expected) in [(MIA_NUMBER, known), (UNKNOWN, nobody)] {
            let seen = match new.ask(number).await.map(|answer| answer.freshness()) {
                Ok(freshness) if is_cached(freshness) => "cached",
                Ok(freshness) if is_stale(freshness) => "stale",
                Ok(_) => "live",
                Err(_) => "gone",
            };
            assert_eq!(seen, expected, "{number} after {down_for} s");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_too_old_is_not_saved_and_what_is_newer_is_not_replaced() {
    let f = fixture();
    f.ask(SPELLED).await.unwrap();
    advance(800 * SECOND).await;
    f.ask(MIA_NUMBER).await.unwrap();
    advance(100 * SECOND).await;
    assert_eq!(f.handle.export().len(), 1, "one was too old");
    let new = fixture();
    new.ask(MIA_NUMBER).await.unwrap();
    assert_eq!(new.handle.import(f.saved(SECOND)), 0);
    let age = Duration::ZERO;
    assert_eq!(new.freshness(MIA_NUMBER).await, Freshness::Cached { age });
}

#[tokio::test(start_paused = true)]
async fn an_imported_answer_is_forgotten_like_any_other() {
    let f = fixture();
    f.ask(MIA_NUMBER).await.unwrap();
    f.ask(SPELLED).await.unwrap();
    let new = fixture();
    assert_eq!(new.handle.import(f.saved(SECOND)), 2);
    new.notify_of("+41 79 123 45 67").await;
    assert_eq!(new.freshness(MIA_NUMBER).await, Freshness::Live);
    assert!(is_cached(new.freshness(SPELLED).await));
}

#[tokio::test]
async fn nothing_of_a_saved_answer_is_shown() {
    let f = fixture();
    f.ask(MIA_NUMBER).await.unwrap();
    let shown = format!("{:?} {:?}", f.handle.export(), f.handle);
    assert!(
        !shown.contains("Mia") && !shown.contains("41791234567"),
        "{shown}"
    );
}
