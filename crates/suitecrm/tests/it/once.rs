//! Each object once, whatever gets lost on the way, and up to date in the end.

use jiff::Timestamp;
use serde_json::{Value, json};
use whocalls_core::{
    AdapterError, CallDetails, ErrorKind, Progress, WorkflowReceipt, WorkflowRequest,
    workflow::{CALL_FLOW, CREATE_CASE},
};
use whocalls_testkit::{contacts::MIA_NUMBER, upstream::Fault};

use crate::support::{Bench, Way, cx, owner, simulated};

const SWITCHBOARD: &str = "41447000200";

/// A call that rings, or a case about it.
fn ringing(name: &str, contact: Option<&str>) -> WorkflowRequest {
    WorkflowRequest {
        name: name.to_owned(),
        contact: contact.map(str::to_owned),
        call: CallDetails {
            originator_number: Some(MIA_NUMBER.to_owned()),
            started_at: Timestamp::from_second(1_795_336_200).ok(),
            ..CallDetails::default()
        },
        idempotency_key: "0199-key".to_owned(),
        subject: "Call from Mia".to_owned(),
        text: "Rings.".to_owned(),
        ..WorkflowRequest::default()
    }
}

/// The same when it has ended.
fn ended(mut request: WorkflowRequest) -> WorkflowRequest {
    let at = |second: i64| Timestamp::from_second(1_795_336_200 + second).ok();
    request.call.answered_at = at(10);
    request.call.ended_at = at(70);
    WorkflowRequest {
        subject: "Talk with Mia".to_owned(),
        text: "Talked for 1 min.".to_owned(),
        ..request
    }
}

fn with(progress: Progress, request: WorkflowRequest) -> WorkflowRequest {
    WorkflowRequest {
        progress,
        ..request
    }
}

impl Bench {
    async fn deliver(&self, request: &WorkflowRequest) -> Result<WorkflowReceipt, AdapterError> {
        self.adapter.run_workflow(&cx(), request).await
    }

    /// The only object that was created.
    fn only(&self) -> Value {
        let mut created = self.suite.created_objects();
        assert_eq!(created.len(), 1, "{created:?}");
        created.remove(0)
    }
}

/// What `way` calls the requests that create and change a call.
fn writes(way: Way, bench: &Bench) -> Vec<String> {
    let requests = bench.upstream.control().requests().into_iter();
    let asked = bench.asked().into_iter();
    let writes = requests
        .zip(asked)
        .filter_map(|(request, asked)| match way {
            Way::Client | Way::User => (asked == "module").then_some(request.method),
            Way::Session => asked.ends_with("_entry Calls").then_some(asked),
        });
    writes.collect()
}

fn assert_up_to_date(object: &Value, name: &str) {
    assert_eq!(object["description"], "Talked for 1 min.", "{name}");
    if name == CALL_FLOW {
        assert_eq!(object["name"], "Talk with Mia");
        assert_eq!(object["status"], "Held");
        assert_eq!(object["duration_minutes"], 1);
    }
}

#[tokio::test]
async fn a_lost_answer_and_its_repetition_make_one_object_that_is_up_to_date() {
    for way in Way::ALL {
        for name in [CALL_FLOW, CREATE_CASE] {
            let bench = Bench::new(simulated(), way);
            let company = owner(&bench, SWITCHBOARD, "Accounts").await;
            let request = ringing(name, Some(&company));
            let control = bench.upstream.control();
            control.set_fault(Fault::LostAnswer);
            let error = bench.deliver(&request).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::OutcomeUnknown, "{way:?}: {error}");
            control.set_fault(Fault::None);
            let again = with(Progress::Uncertain, ended(request));
            let first = bench.deliver(&again).await.unwrap();
            assert_eq!(bench.deliver(&again).await.unwrap(), first);
            let object = bench.only();
            let id = object["id"].as_str().unwrap();
            assert!(first.id.unwrap().ends_with(id));
            assert_up_to_date(&object, name);
        }
    }
}

#[tokio::test]
async fn what_is_there_is_brought_up_to_date_with_few_requests() {
    for way in Way::ALL {
        let is_v8 = way != Way::Session;
        let bench = Bench::new(simulated(), way);
        let request = ringing(CALL_FLOW, None);
        let first = bench.deliver(&request).await.unwrap();
        let again = bench.deliver(&ended(request)).await.unwrap();
        assert_eq!(first, again);
        assert_up_to_date(&bench.only(), CALL_FLOW);
        let expected: &[&str] = if is_v8 {
            &["POST", "POST", "PATCH"]
        } else {
            // After the refusal of the database it looks, and looks again before it changes.
            &[
                "set_entry Calls",
                "set_entry Calls",
                "get_entry Calls",
                "get_entry Calls",
                "set_entry Calls",
            ]
        };
        assert_eq!(writes(way, &bench), expected, "{way:?}");
    }
}

#[tokio::test]
async fn an_uncertain_delivery_that_never_arrived_is_made_up_with_few_requests() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        let request = with(Progress::Uncertain, ended(ringing(CALL_FLOW, None)));
        bench.deliver(&request).await.unwrap();
        assert_up_to_date(&bench.only(), CALL_FLOW);
        let expected: &[&str] = match way {
            Way::Client | Way::User => &["POST"],
            Way::Session => &["get_entry Calls", "set_entry Calls"],
        };
        assert_eq!(writes(way, &bench), expected, "{way:?}");
    }
}

#[tokio::test]
async fn a_later_report_changes_all_of_a_call() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        let mia = owner(&bench, MIA_NUMBER, "Contacts").await;
        let request = ringing(CALL_FLOW, Some(&mia));
        let first = bench.deliver(&request).await.unwrap();
        let links = bench.suite.links();
        let id = first.id.clone().unwrap();
        let update = with(Progress::Exists(id), ended(request));
        assert_eq!(bench.deliver(&update).await.unwrap(), first);
        assert_up_to_date(&bench.only(), CALL_FLOW);
        assert_eq!(bench.suite.links(), links, "Mia is invited once");
    }
}

#[tokio::test]
async fn a_later_report_leaves_of_a_case_what_people_may_have_changed() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        let request = ringing(CREATE_CASE, None);
        let id = bench.deliver(&request).await.unwrap().id.unwrap();
        let edits = [
            ("name", "Broken door"),
            ("status", "Open_Assigned"),
            ("assigned_user_id", "urs"),
        ];
        for (field, value) in edits {
            bench.suite.edit(&id, field, value);
        }
        let mut update = with(Progress::Exists(id), ended(request));
        update.user = Some("seed_anna_id".to_owned());
        bench.deliver(&update).await.unwrap();
        let case = bench.only();
        for (field, value) in edits {
            assert_eq!(case[field], value, "{way:?} {field}");
        }
        assert_up_to_date(&case, CREATE_CASE);
    }
}

#[tokio::test]
async fn what_somebody_deleted_stays_deleted() {
    for way in Way::ALL {
        for name in [CALL_FLOW, CREATE_CASE] {
            let bench = Bench::new(simulated(), way);
            let request = ringing(name, None);
            let first = bench.deliver(&request).await.unwrap();
            let id = first.id.clone().unwrap();
            bench.suite.delete(&id);
            let update = with(Progress::Exists(id), ended(request));
            assert_eq!(bench.deliver(&update).await.unwrap(), first, "{way:?}");
            assert_eq!(bench.only()["description"], "Rings.", "{way:?} {name}");
        }
    }
}

/// The answer was lost, and somebody deleted the call before the repetition.
#[tokio::test]
async fn what_was_deleted_in_doubt_is_not_created_again() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        let request = ringing(CALL_FLOW, None);
        let first = bench.deliver(&request).await.unwrap();
        bench.suite.delete(first.id.as_ref().unwrap());
        let again = bench.deliver(&with(Progress::Uncertain, request)).await;
        match way {
            Way::Client | Way::User => assert_eq!(again.unwrap(), first),
            // v4_1 does not tell a deleted object from one that was never there.
            Way::Session => assert_eq!(again.unwrap_err().kind, ErrorKind::OutcomeUnknown),
        }
        bench.only();
    }
}

/// A change can simply be repeated, so that nothing about it is unknown.
#[tokio::test]
async fn a_change_without_an_answer_is_a_failure_that_passes() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        let request = ringing(CALL_FLOW, None);
        let id = bench.deliver(&request).await.unwrap().id.unwrap();
        let update = with(Progress::Exists(id), ended(request));
        for fault in [Fault::LostAnswer, Fault::Status(500), Fault::Status(502)] {
            bench.upstream.control().set_fault(fault);
            let error = bench.deliver(&update).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Unavailable, "{way:?} {fault:?}");
        }
        bench.upstream.control().set_fault(Fault::None);
        bench.deliver(&update).await.unwrap();
        assert_up_to_date(&bench.only(), CALL_FLOW);
    }
}

/// A web server that has lost its way answers 404 too.
#[tokio::test]
async fn a_404_of_anybody_else_is_not_taken_for_a_deletion() {
    for way in Way::ALL {
        let bench = Bench::new(simulated(), way);
        let request = ringing(CALL_FLOW, None);
        let id = bench.deliver(&request).await.unwrap().id.unwrap();
        bench.upstream.control().set_fault(Fault::Status(404));
        let update = with(Progress::Exists(id), ended(request));
        let error = bench.deliver(&update).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound, "{way:?}");
    }
}

#[tokio::test]
async fn an_object_of_another_workflow_is_refused_before_anything_is_sent() {
    let bench = Bench::new(simulated(), Way::Client);
    for (name, id) in [
        (CALL_FLOW, "Cases/1"),
        (CALL_FLOW, "Calls/"),
        (CALL_FLOW, "51"),
        (CREATE_CASE, "Calls/1"),
    ] {
        let update = with(Progress::Exists(id.to_owned()), ringing(name, None));
        let error = bench.deliver(&update).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidRequest, "{id}: {error}");
    }
    assert_eq!(bench.upstream.control().request_count(), 0);
}

/// SuiteCRM would store an address as the id of nobody.
#[tokio::test]
async fn an_address_is_not_sent_as_the_id_of_a_user() {
    for way in Way::ALL {
        for (user, assigned) in [
            ("seed_anna_id", json!("seed_anna_id")),
            ("anna@example.ch", json!(null)),
        ] {
            let bench = Bench::new(simulated(), way);
            let mut request = ringing(CALL_FLOW, None);
            request.user = Some(user.to_owned());
            bench.deliver(&request).await.unwrap();
            assert_eq!(bench.only()["assigned_user_id"], assigned, "{way:?} {user}");
        }
    }
}
