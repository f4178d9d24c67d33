//! What is wrong with a CRM and does not hinder it from being understood.

use std::time::Duration;

use futures::future::join_all;
use whocalls_testkit::{contacts::MIA_NUMBER, upstream::Fault};

use super::scene::{Ill, Scene};
use crate::harness::PATIENT;

#[tokio::test]
async fn a_wrong_content_type_makes_no_difference() {
    let scene = Scene::start("", Ill::All).await;
    scene.set_fault(Fault::Mislabelled);
    let reply = scene.gateway.lookup(MIA_NUMBER).await;
    assert_eq!(reply.outcomes(), ["ok"; 4]);
    assert!(scene.is_whole(&reply), "{reply:?}");
}

#[tokio::test]
async fn tokens_that_expire_are_renewed_unnoticed() {
    let scene = Scene::start("", Ill::All).await;
    let issued = || {
        (
            scene.crms.world.sugar.tokens_issued(),
            scene.crms.suite.tokens_issued(),
        )
    };
    let (sugar, suite) = issued();
    scene.crms.world.sugar.expire_tokens();
    scene.crms.suite.expire_tokens();
    let calls = join_all((0..10).map(|_| scene.gateway.lookup(MIA_NUMBER)));
    for reply in calls.await {
        assert!(scene.is_whole(&reply), "{reply:?}");
    }
    assert_eq!(issued(), (sugar + 1, suite + 1));
}

/// All CRMs are slower than the telephone system waits, and faster than `late_answer_ms`.
#[tokio::test]
async fn late_answers_are_there_for_the_next_call() {
    let settings = "
[gateway]
request_timeout_ms = 300
[defaults]
timeout_ms = 250
late_answer_ms = 30000
";
    let scene = Scene::start(settings, Ill::All).await;
    scene.set_fault(Fault::Slow(Duration::from_secs(1)));
    let first = scene.gateway.lookup(MIA_NUMBER).await;
    assert_eq!(
        (first.status, first.outcomes()),
        (504, vec!["timeout".to_owned(); 4])
    );
    // No answer that is asked for now is here in time: a whole reply is made of late ones.
    let whole = async { while !scene.is_whole(&scene.gateway.lookup(MIA_NUMBER).await) {} };
    tokio::time::timeout(PATIENT, whole).await.unwrap();
}
