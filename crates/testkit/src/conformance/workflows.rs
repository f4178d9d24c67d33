//! Workflows: declared ones create one object, others are refused before anything is sent.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Map;
use whocalls_core::{
    CallContext, CallDetails, Direction, ErrorKind, Progress, RequestId, WorkflowRequest,
    workflow::CALL_FLOW,
};

use super::{Subject, patient};
use crate::{contacts::MIA_NUMBER, query, upstream::Fault};

pub(super) async fn check<F: Fn() -> Subject>(start: &F) {
    an_undeclared_workflow_is_refused(start()).await;
    let subject = start();
    if subject.adapter.info().capabilities.runs(CALL_FLOW) {
        a_call_is_logged_once(subject).await;
        what_never_arrived_is_made_up(start()).await;
        a_later_report_updates_the_object(start()).await;
        if start().upstream.is_some() {
            a_hanging_crm_is_an_unknown_outcome(start()).await;
            a_lost_answer_makes_no_second_object(start()).await;
            a_dead_crm_has_created_nothing(start()).await;
        }
    }
}

/// A workflow of that name for an answered incoming call of one minute.
fn request(name: &str, contact: Option<String>) -> WorkflowRequest {
    let at = |second: i64| Timestamp::from_second(1_763_800_200 + second).ok();
    WorkflowRequest {
        name: name.to_owned(),
        contact,
        user: None,
        call: CallDetails {
            direction: Some(Direction::Incoming),
            originator_number: Some(MIA_NUMBER.to_owned()),
            destination_number: Some("41445550100".to_owned()),
            started_at: at(0),
            answered_at: at(10),
            ended_at: at(70),
            ..CallDetails::default()
        },
        idempotency_key: "0199c0f0e1b2".to_owned(),
        subject: "Incoming call".to_owned(),
        text: "Answered, talked for 1 min.".to_owned(),
        extra: Map::new(),
        ..WorkflowRequest::default()
    }
}

async fn an_undeclared_workflow_is_refused(subject: Subject) {
    let result = subject
        .adapter
        .run_workflow(&patient(), &request("NoSuchFlow", None))
        .await;
    let error = result.expect_err("no adapter offers it");
    assert_eq!(error.kind, ErrorKind::Unsupported, "{error}");
    if let Some(upstream) = &subject.upstream {
        assert_eq!(upstream.control().request_count(), 0, "nothing was sent");
    }
}

async fn a_call_is_logged_once(subject: Subject) {
    let answer = subject
        .adapter
        .lookup(&patient(), &query(MIA_NUMBER))
        .await
        .expect("an answer");
    let contact = answer
        .matches()
        .first()
        .map(|found| found.record.id.clone());
    let result = subject
        .adapter
        .run_workflow(&patient(), &request(CALL_FLOW, contact))
        .await;
    let receipt = result.expect("the call is logged");
    assert!(
        receipt.id.is_some_and(|id| !id.is_empty()),
        "the object has an id"
    );
    if let Some(created) = &subject.objects_created {
        assert_eq!(created(), 1);
    }
}

/// Nobody knows whether the first delivery arrived; it did not.
async fn what_never_arrived_is_made_up(subject: Subject) {
    let uncertain = WorkflowRequest {
        progress: Progress::Uncertain,
        ..request(CALL_FLOW, None)
    };
    let result = subject.adapter.run_workflow(&patient(), &uncertain).await;
    let receipt = result.expect("the call is logged");
    assert!(receipt.id.is_some(), "the object has an id");
    if let Some(created) = &subject.objects_created {
        assert_eq!(created(), 1);
    }
}

async fn a_later_report_updates_the_object(subject: Subject) {
    let whole = request(CALL_FLOW, None);
    let mut ringing = whole.clone();
    ringing.call.answered_at = None;
    ringing.call.ended_at = None;
    let first = subject.adapter.run_workflow(&patient(), &ringing).await;
    let id = first.expect("the call is logged").id.expect("an id");
    let update = WorkflowRequest {
        progress: Progress::Exists(id.clone()),
        ..whole
    };
    let second = subject.adapter.run_workflow(&patient(), &update).await;
    let receipt = second.expect("the call is brought up to date");
    assert_eq!(receipt.id, Some(id), "the same object");
    if let Some(created) = &subject.objects_created {
        assert_eq!(created(), 1);
    }
}

/// The object was created, the answer never came: the next delivery finds it.
async fn a_lost_answer_makes_no_second_object(subject: Subject) {
    warm_up(&subject).await;
    let upstream = subject.upstream.as_ref().expect("checked by the caller");
    upstream.control().set_fault(Fault::LostAnswer);
    let result = subject
        .adapter
        .run_workflow(&patient(), &request(CALL_FLOW, None))
        .await;
    let error = result.expect_err("no answer came");
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown, "{error}");
    upstream.control().set_fault(Fault::None);
    if let Some(catch_up) = &subject.catch_up {
        catch_up();
    }
    let uncertain = WorkflowRequest {
        progress: Progress::Uncertain,
        ..request(CALL_FLOW, None)
    };
    let result = subject.adapter.run_workflow(&patient(), &uncertain).await;
    let receipt = result.expect("the object is found");
    assert!(receipt.id.is_some(), "the object has an id");
    if let Some(created) = &subject.objects_created {
        assert_eq!(created(), 1);
    }
}

/// Gets a token, so that a fault hits the request that creates.
async fn warm_up(subject: &Subject) {
    let answer = subject.adapter.lookup(&patient(), &query(MIA_NUMBER)).await;
    answer.expect("an answer");
}

async fn a_hanging_crm_is_an_unknown_outcome(subject: Subject) {
    warm_up(&subject).await;
    let upstream = subject.upstream.as_ref().expect("checked by the caller");
    upstream.control().set_fault(Fault::Hang);
    // Enough for the request to arrive.
    let cx = CallContext::within(Duration::from_secs(1), RequestId::new("lost"));
    let result = subject
        .adapter
        .run_workflow(&cx, &request(CALL_FLOW, None))
        .await;
    let error = result.expect_err("no answer came");
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown, "{error}");
}

async fn a_dead_crm_has_created_nothing(subject: Subject) {
    let upstream = subject.upstream.as_ref().expect("checked by the caller");
    upstream.control().set_fault(Fault::Refused);
    let result = subject
        .adapter
        .run_workflow(&patient(), &request(CALL_FLOW, None))
        .await;
    assert_eq!(result.expect_err("it is dead").kind, ErrorKind::Unavailable);
}
