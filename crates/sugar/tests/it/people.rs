//! Unknown callers as they are entered in Sugar.

use serde_json::json;
use whocalls_core::{
    CallDetails, Direction, ErrorKind, Progress, RecordKind, WorkflowRequest,
    workflow::{CALL_FLOW, CREATE_CONTACT},
};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, UNKNOWN},
    upstream::Fault,
};

use crate::support::{Bench, cx, simulated};

fn stranger(number: &str) -> WorkflowRequest {
    WorkflowRequest {
        name: CREATE_CONTACT.to_owned(),
        user: Some("seed_anna_id".to_owned()),
        call: CallDetails {
            direction: Some(Direction::Incoming),
            originator_number: Some(number.to_owned()),
            originator_name: Some("Nina Neu".to_owned()),
            ..CallDetails::default()
        },
        idempotency_key: "0199-key".to_owned(),
        subject: "Missed call".to_owned(),
        text: "Not answered.".to_owned(),
        ..WorkflowRequest::default()
    }
}

/// A bench whose people are entered in `module`.
fn bench_of(module: &str) -> Bench {
    Bench::with(simulated(), "filter", |settings| {
        settings["new_contact_module"] = json!(module);
    })
}

#[tokio::test]
async fn an_unknown_caller_is_known_from_then_on() {
    for (module, kind) in [
        ("Leads", RecordKind::Lead),
        ("Contacts", RecordKind::Contact),
    ] {
        let bench = bench_of(module);
        assert_eq!(bench.count(UNKNOWN).await, 0);
        let request = stranger(UNKNOWN);
        let receipt = bench.adapter.run_workflow(&cx(), &request).await.unwrap();
        let answer = bench.lookup(UNKNOWN).await.unwrap();
        let [found] = answer.matches() else {
            panic!("{answer:?}");
        };
        let record = &found.record;
        assert_eq!((record.name.as_str(), record.kind), ("Nina Neu", kind));
        assert_eq!(receipt.id.as_ref(), Some(&record.id), "as in a lookup");
        assert_eq!(receipt.url, record.contact_uri);
        let created = bench.sugar.created_objects().remove(0);
        assert_eq!(created["phone_mobile"], "+41445559999");
        assert_eq!(created["assigned_user_id"], "seed_anna_id");

        let mut call = stranger(UNKNOWN);
        CALL_FLOW.clone_into(&mut call.name);
        call.contact = receipt.id;
        bench.adapter.run_workflow(&cx(), &call).await.unwrap();
        let logged = bench.sugar.created_objects().remove(1);
        assert_eq!(logged["parent_type"], module);
    }
}

#[tokio::test]
async fn leads_are_entered_unless_told_otherwise() {
    let bench = Bench::new(simulated(), "auto");
    let request = stranger(UNKNOWN);
    let receipt = bench.adapter.run_workflow(&cx(), &request).await.unwrap();
    assert!(receipt.id.unwrap().starts_with("Leads/"));
}

#[tokio::test]
async fn a_lost_answer_and_its_repetition_enter_one_person() {
    for own_ids in [true, false] {
        let bench = Bench::with(simulated(), "auto", |settings| {
            settings["own_ids"] = json!(own_ids);
        });
        bench.count(MIA_NUMBER).await;
        let control = bench.upstream.control();
        control.set_fault(Fault::LostAnswer);
        let mut request = stranger(UNKNOWN);
        let lost = bench.adapter.run_workflow(&cx(), &request).await;
        assert_eq!(lost.unwrap_err().kind, ErrorKind::OutcomeUnknown);
        control.set_fault(Fault::None);
        request.progress = Progress::Uncertain;
        let first = bench.adapter.run_workflow(&cx(), &request).await.unwrap();
        let second = bench.adapter.run_workflow(&cx(), &request).await.unwrap();
        assert_eq!((first, bench.sugar.created()), (second, 1), "{own_ids}");
    }
}

/// Somebody may have corrected the name in the meantime.
#[tokio::test]
async fn a_person_who_was_entered_is_not_changed_again() {
    let bench = bench_of("Contacts");
    let mut request = stranger(UNKNOWN);
    let first = bench.adapter.run_workflow(&cx(), &request).await.unwrap();
    let before = bench.upstream.control().request_count();
    request.progress = Progress::Exists(first.id.clone().unwrap());
    let again = bench.adapter.run_workflow(&cx(), &request).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(bench.upstream.control().request_count(), before);
}

#[tokio::test]
async fn nobody_is_entered_who_could_not_be_recognised() {
    let bench = Bench::new(simulated(), "auto");
    for number in ["anonymous", "4711", ""] {
        let request = stranger(number);
        let error = bench
            .adapter
            .run_workflow(&cx(), &request)
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidRequest, "{number}");
        assert!(error.message.contains("without a number"), "{error}");
    }
    assert_eq!(bench.upstream.control().request_count(), 0);
}

#[tokio::test]
async fn a_gateway_that_looks_no_people_up_enters_none() {
    let bench = Bench::with(simulated(), "auto", |settings| {
        settings["modules"] = json!(["Accounts"]);
    });
    let request = stranger(UNKNOWN);
    let error = bench
        .adapter
        .run_workflow(&cx(), &request)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
}
