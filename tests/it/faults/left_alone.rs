//! What the telephone system is told of a CRM that is left alone.

use futures::future::join_all;
use whocalls_testkit::{
    contacts::{MIA_NUMBER, UNKNOWN},
    upstream::Fault,
};

use super::scene::{Ill, Scene, found_in, number};
use crate::harness::eventually;

/// A breaker that opens soon and stays open.
const SETTINGS: &str = "[defaults]\nbreaker = { failures = 3, open_ms = 600000 }\n";
const OPEN: f64 = 2.0;

/// A scene whose ill CRMs are left alone, and are well again without anybody knowing.
async fn scene(ill: Ill) -> Scene {
    let scene = Scene::start(SETTINGS, ill).await;
    scene.set_fault(Fault::Refused);
    let numbers: Vec<String> = (0..8).map(number).collect();
    join_all(numbers.iter().map(|number| scene.gateway.lookup(number))).await;
    for id in ill.ids() {
        eventually(|| scene.metric("whocalls_breaker_state", id, "") == Some(OPEN)).await;
    }
    scene.set_fault(Fault::None);
    scene
}

#[tokio::test]
async fn a_crm_that_is_left_alone_is_skipped() {
    let scene = scene(Ill::One("sugar")).await;
    for (number, otherwise) in [(MIA_NUMBER, "ok"), (UNKNOWN, "empty")] {
        let reply = scene.gateway.lookup(number).await;
        assert_eq!(reply.header("x-lookup-complete"), "false");
        let outcome = |id: &str| if id == "sugar" { "skipped" } else { otherwise };
        let expected: Vec<&str> = scene.ill.asked().into_iter().map(outcome).collect();
        assert_eq!(reply.outcomes(), expected);
        if number == MIA_NUMBER {
            assert!(!found_in(&reply).is_empty());
            assert!(!found_in(&reply).contains("sugar"));
        }
    }
}

/// No CRM was asked, and yet it is no empty answer: every one of them failed before.
#[tokio::test]
async fn when_all_are_left_alone_the_reply_says_when_to_come_again() {
    let scene = scene(Ill::All).await;
    let reply = scene.gateway.lookup(MIA_NUMBER).await;
    assert_eq!((reply.status, reply.code()), (502, "crms_failed"));
    assert_eq!(reply.outcomes(), ["skipped"; 4]);
    assert_eq!(reply.header("x-lookup-complete"), "false");
    let wait: u64 = reply.header("retry-after").parse().unwrap();
    assert!((1..=600).contains(&wait), "{wait}");
}
