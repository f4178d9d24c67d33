//! What holds for every preset that logs calls.

use whocalls_core::{
    CallDetails, Direction, ErrorKind, Progress, WorkflowReceipt, WorkflowRequest,
    workflow::CALL_FLOW,
};
use whocalls_testkit::contacts::MIA_NUMBER;

use crate::{
    fixture::{Call, OtherCall, Receipt},
    scene::{Running, Scene, patient, sorted},
    settings::with_upstream,
};

/// The preset logs calls as the fixture shows, or not at all.
pub(crate) async fn check(scene: &Scene) {
    let Some(call) = &scene.fixture.call else {
        assert!(!scene.preset.logs_calls(), "the fixture has no `call`");
        return;
    };
    assert!(
        call.needs.is_empty() == call.bare.is_some(),
        "`bare` or `needs`"
    );
    a_call_is_logged(scene, call).await;
    a_call_without_contact_and_user(scene, call).await;
    for other in &call.others {
        another_call(scene, other).await;
    }
    a_later_report(scene, call).await;
    if scene.preset.finds_calls() {
        an_unconfirmed_call_is_found(scene).await;
    }
    if scene.preset.can_find_out() {
        an_unconfirmed_call_is_found_again(scene).await;
    } else {
        an_unconfirmed_call_is_left_to_the_operator(scene).await;
    }
    scene.assert_all_requests_known();
}

/// An incoming call of Mia Keller's: 22 November 2026, 09:30 UTC, answered after 10 s, talk time
/// 3 min 4 s.
fn request(scene: &Scene) -> WorkflowRequest {
    WorkflowRequest {
        name: CALL_FLOW.to_owned(),
        contact: Some(scene.fixture.known.record.id.clone()),
        user: Some("7".to_owned()),
        call: CallDetails {
            direction: Some(Direction::Incoming),
            originator_number: Some(MIA_NUMBER.to_owned()),
            destination_number: Some("41445550100".to_owned()),
            started_at: "2026-11-22T09:30:00Z".parse().ok(),
            answered_at: "2026-11-22T09:30:10Z".parse().ok(),
            ended_at: "2026-11-22T09:33:14Z".parse().ok(),
            ..CallDetails::default()
        },
        idempotency_key: "0199c0f0e1b2".to_owned(),
        subject: "Incoming call from +41 79 123 45 67".to_owned(),
        text: "Answered after 10 s, talked for 3 min 4 s.".to_owned(),
        ..WorkflowRequest::default()
    }
}

async fn run(running: &Running, request: &WorkflowRequest) -> WorkflowReceipt {
    let result = running.adapter.run_workflow(&patient(), request).await;
    result.unwrap_or_else(|error| panic!("{error}\n{:#?}", running.requests()))
}

async fn a_call_is_logged(scene: &Scene, call: &Call) {
    let running = scene.start();
    let receipt = run(&running, &request(scene)).await;
    assert_eq!(running.requests(), sorted(call.requests.clone()));
    let read = Receipt {
        id: receipt.id.unwrap_or_default(),
        url: receipt.url,
    };
    let upstream = running.upstream.url();
    let url = call
        .receipt
        .url
        .as_ref()
        .map(|url| with_upstream(url, &upstream));
    assert_eq!(
        read,
        Receipt {
            url,
            ..call.receipt.clone()
        }
    );
    assert_eq!(running.crm.objects_created(), 1);
}

async fn a_call_without_contact_and_user(scene: &Scene, call: &Call) {
    let Some(bare) = &call.bare else {
        return;
    };
    let running = scene.start();
    let request = WorkflowRequest {
        contact: None,
        user: None,
        ..request(scene)
    };
    run(&running, &request).await;
    assert_eq!(running.requests(), sorted(bare.clone()));
}

async fn another_call(scene: &Scene, other: &OtherCall) {
    let running = scene.start();
    let mut request = request(scene);
    if other.contact.is_some() {
        request.contact.clone_from(&other.contact);
    }
    if other.outgoing {
        let call = &mut request.call;
        call.direction = Some(Direction::Outgoing);
        std::mem::swap(&mut call.originator_number, &mut call.destination_number);
    }
    run(&running, &request).await;
    assert_eq!(running.requests(), sorted(other.requests.clone()));
}

async fn a_later_report(scene: &Scene, call: &Call) {
    let running = scene.start();
    let whole = request(scene);
    let mut ringing = whole.clone();
    ringing.call.answered_at = None;
    ringing.call.ended_at = None;
    let receipt = run(&running, &ringing).await;
    let before = running.requests();
    let progress = Progress::Exists(receipt.id.unwrap_or_default());
    run(&running, &WorkflowRequest { progress, ..whole }).await;
    let mut sent = running.requests();
    for request in before {
        let place = sent.iter().position(|later| *later == request);
        sent.remove(place.expect("it was sent"));
    }
    assert_eq!(sent, sorted(call.update.clone()));
    assert_eq!(running.crm.objects_created(), 1);
}

async fn an_unconfirmed_call_is_found(scene: &Scene) {
    let running = scene.start();
    let first = run(&running, &request(scene)).await;
    let uncertain = WorkflowRequest {
        progress: Progress::Uncertain,
        ..request(scene)
    };
    let again = run(&running, &uncertain).await;
    assert_eq!(again.id, first.id);
    assert_eq!(running.crm.objects_created(), 1);
}

async fn an_unconfirmed_call_is_found_again(scene: &Scene) {
    let running = scene.start();
    let created = run(&running, &request(scene)).await;
    let uncertain = WorkflowRequest {
        progress: Progress::Uncertain,
        ..request(scene)
    };
    let found = run(&running, &uncertain).await;
    assert_eq!(found.id, created.id);
    assert_eq!(running.crm.objects_created(), 1);
}

async fn an_unconfirmed_call_is_left_to_the_operator(scene: &Scene) {
    let running = scene.start();
    let uncertain = WorkflowRequest {
        progress: Progress::Uncertain,
        ..request(scene)
    };
    let result = running.adapter.run_workflow(&patient(), &uncertain).await;
    let error = result.expect_err("nobody can find out");
    assert_eq!(error.kind, ErrorKind::Conflict, "{error}");
    assert_eq!(running.crm.objects_created(), 0);
}
