//! With the settings that nobody changed, a CRM is asked again soon after it is well.

use std::time::{Duration, Instant};

use futures::future::join_all;
use whocalls_testkit::{
    contacts::MIA_NUMBER,
    upstream::{Fault, Upstream},
    world::AllKinds,
};

use super::scene::{Ill, Scene, number};
use crate::harness::PATIENT;

/// The promise.
const ASKED_AGAIN: Duration = Duration::from_secs(5);
/// What a busy machine may add. A call that goes on in the background does so for twice as long as
/// the promise.
const TOLERANCE: Duration = Duration::from_secs(4);
/// The defaults, named so that the tests' own patience does not take their place.
const DEFAULTS: &str = "[gateway]\nrequest_timeout_ms = 1500\n[defaults]\ntimeout_ms = 1000\n";
const BREAKER: &str = "whocalls_breaker_state";
const CLOSED: f64 = 0.0;
const HALF_OPEN: f64 = 1.0;
const OPEN: f64 = 2.0;

/// Different callers during the fault: enough to take every place of `max_concurrent`.
const CALLERS: u32 = 20;

/// Calls come in until every breaker is in this state; then the CRMs are well, and calls go on.
async fn are_asked_again_after(fault: Fault, state: f64) {
    let scene = Scene::start(DEFAULTS, Ill::All).await;
    scene.set_fault(fault);
    let numbers: Vec<String> = (0..CALLERS).map(number).collect();
    let are_in = |state| {
        let state_of = |id: &str| scene.metric(BREAKER, id, "");
        AllKinds::SERVERS
            .into_iter()
            .all(|id| state_of(id) == Some(state))
    };
    while !are_in(state) {
        join_all(numbers.iter().map(|number| scene.gateway.lookup(number))).await;
    }
    let before = requests(&scene);
    // Requests that hang go on hanging, as they do when a CRM was restarted.
    scene.set_fault(Fault::None);
    let well = Instant::now();
    let mut asked_after = [None; 4];
    while asked_after.contains(&None) {
        scene.gateway.lookup(MIA_NUMBER).await;
        for (place, now) in requests(&scene).into_iter().enumerate() {
            if now > before[place] {
                asked_after[place].get_or_insert_with(|| well.elapsed());
            }
        }
        assert!(
            well.elapsed() < ASKED_AGAIN + TOLERANCE,
            "{fault:?}: asked again after {asked_after:?}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for number in [MIA_NUMBER.to_owned()].iter().chain(&numbers) {
        while !scene.is_whole(&scene.gateway.lookup(number).await) {
            assert!(
                well.elapsed() < PATIENT,
                "{fault:?}: {number} is not complete"
            );
        }
    }
    assert!(are_in(CLOSED), "{fault:?}");
}

fn requests(scene: &Scene) -> [usize; 4] {
    let count = |server: &Upstream| server.control().request_count();
    scene.crms.upstreams().map(count)
}

#[tokio::test]
async fn a_crm_that_refused_connections_is_asked_again_within_five_seconds() {
    are_asked_again_after(Fault::Refused, OPEN).await;
}

#[tokio::test]
async fn a_crm_that_was_silent_is_asked_again_within_five_seconds() {
    are_asked_again_after(Fault::Hang, OPEN).await;
}

/// The call that tried the CRM hangs when the CRM is well again.
#[tokio::test]
async fn a_crm_that_was_silent_to_the_call_that_tried_it_is_asked_again_within_five_seconds() {
    are_asked_again_after(Fault::Hang, HALF_OPEN).await;
}
