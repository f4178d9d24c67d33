//! Each object once, whatever gets lost on the way, and up to date in the end.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use whocalls_core::{
    AdapterError, CallDetails, ErrorKind, Progress, WorkflowReceipt, WorkflowRequest,
    workflow::{CALL_FLOW, CREATE_CASE},
};
use whocalls_testkit::{contacts::MIA_NUMBER, sim::sugar::Sugar, upstream::Fault};

use crate::support::{Bench, adapter, cx, owner, settings, simulated};

/// The ways in which an object is recognised.
const WAYS: [fn() -> Bench; 3] = [by_id, by_marker, by_learned_marker];

fn by_id() -> Bench {
    Bench::new(simulated(), "auto")
}

fn by_marker() -> Bench {
    without_ids(simulated())
}

/// An instance that ignores our ids, and settings that trust in them.
fn by_learned_marker() -> Bench {
    Bench::new(simulated().ignoring_ids(), "auto")
}

fn without_ids(sugar: Sugar) -> Bench {
    Bench::with(sugar, "auto", |settings| settings["own_ids"] = json!(false))
}

/// A call that rings, or a case about it.
fn ringing(name: &str, key: &str, contact: Option<&str>) -> WorkflowRequest {
    WorkflowRequest {
        name: name.to_owned(),
        contact: contact.map(str::to_owned),
        call: CallDetails {
            originator_number: Some(MIA_NUMBER.to_owned()),
            started_at: Timestamp::from_second(1_795_336_200).ok(),
            ..CallDetails::default()
        },
        idempotency_key: key.to_owned(),
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

    /// Delivers a request whose answer gets lost after it was carried out.
    async fn deliver_unheard(&self, request: &WorkflowRequest) -> AdapterError {
        let control = self.upstream.control();
        control.set_fault(Fault::LostAnswer);
        let error = self.deliver(request).await.unwrap_err();
        control.set_fault(Fault::None);
        error
    }

    /// The only object that was created.
    fn only(&self) -> Value {
        let mut created = self.sugar.created_objects();
        assert_eq!(created.len(), 1, "{created:?}");
        created.remove(0)
    }
}

fn id_of(object: &Value) -> String {
    let text = |field: &str| object[field].as_str().unwrap();
    format!("{}/{}", text("_module"), text("id"))
}

/// Lets an instance show that it ignores our ids.
async fn warm_up(bench: &Bench) -> usize {
    bench
        .deliver(&ringing(CALL_FLOW, "first", None))
        .await
        .unwrap();
    bench.sugar.created()
}

#[tokio::test]
async fn a_lost_answer_and_its_repetition_make_one_object_that_is_up_to_date() {
    for bench in WAYS {
        let bench = bench();
        let company = owner(&bench, "41447000200", "Accounts").await;
        let before = warm_up(&bench).await;
        for (done, name) in [CALL_FLOW, CREATE_CASE].into_iter().enumerate() {
            let request = ringing(name, "second", Some(&company));
            let error = bench.deliver_unheard(&request).await;
            assert_eq!(error.kind, ErrorKind::OutcomeUnknown, "{name}: {error}");
            let again = with(Progress::Uncertain, ended(request));
            let receipt = bench.deliver(&again).await.unwrap();
            let created = bench.sugar.created_objects();
            assert_eq!(created.len(), before + done + 1, "{name}");
            let object = created.last().unwrap();
            assert_eq!(receipt.id, Some(id_of(object)));
            let text = object["description"].as_str().unwrap();
            assert!(text.starts_with("Talked for 1 min."), "{text}");
        }
    }
}

/// An object without its marker would not be found by the next repetition.
#[tokio::test]
async fn the_marker_outlives_every_repetition() {
    for bench in [by_marker, by_learned_marker] {
        let bench = bench();
        warm_up(&bench).await;
        let request = ringing(CALL_FLOW, "second", None);
        bench.deliver_unheard(&request).await;
        // A gateway that was restarted has learned nothing yet.
        let mut settings = settings(&bench.upstream.url(), "auto");
        settings["own_ids"] = json!(true);
        let restarted = adapter(settings);
        let again = with(Progress::Uncertain, ended(request));
        for _ in 0..3 {
            restarted.run_workflow(&cx(), &again).await.unwrap();
        }
        assert_eq!(bench.sugar.created(), 2);
        let call = bench.sugar.created_objects().remove(1);
        assert_eq!(call["description"], again.marked_text());
        assert_eq!(call["status"], "Held");
    }
}

#[tokio::test]
async fn users_see_no_marker_where_ids_do() {
    let bench = by_id();
    bench
        .deliver(&ringing(CALL_FLOW, "key", None))
        .await
        .unwrap();
    assert_eq!(bench.only()["description"], "Rings.");
    let bench = by_marker();
    let request = ringing(CALL_FLOW, "key", None);
    bench.deliver(&request).await.unwrap();
    assert_eq!(bench.only()["description"], request.marked_text());
}

/// The outbox was lost, or the filter did not show the call: Sugar refuses the second one.
#[tokio::test]
async fn what_sugar_already_has_is_brought_up_to_date() {
    let bench = by_id();
    let request = ringing(CALL_FLOW, "key", None);
    let first = bench.deliver(&request).await.unwrap();
    let again = bench.deliver(&ended(request)).await.unwrap();
    assert_eq!(first, again);
    let call = bench.only();
    assert_eq!(
        (&call["status"], &call["name"]),
        (&json!("Held"), &json!("Talk with Mia"))
    );
    let path = first.id.unwrap();
    assert_eq!(
        bench.writes(),
        ["POST Calls", "POST Calls", &format!("PUT {path}")]
    );
}

#[tokio::test]
async fn an_uncertain_delivery_asks_once_and_then_writes_once() {
    for bench in WAYS {
        let bench = bench();
        let request = with(Progress::Uncertain, ringing(CALL_FLOW, "key", None));
        bench.count(MIA_NUMBER).await;
        let before = bench.paths().len();
        bench.deliver(&request).await.unwrap();
        assert_eq!(bench.paths()[before..], ["Calls/filter", "Calls"]);
        bench.only();
    }
}

#[tokio::test]
async fn a_later_report_changes_all_of_a_call() {
    for bench in WAYS {
        let bench = bench();
        let mia = owner(&bench, MIA_NUMBER, "Contacts").await;
        let request = ringing(CALL_FLOW, "key", Some(&mia));
        let first = bench.deliver(&request).await.unwrap();
        let id = first.id.clone().unwrap();
        let update = with(Progress::Exists(id.clone()), ended(request));
        assert_eq!(bench.deliver(&update).await.unwrap(), first);
        let call = bench.only();
        assert_eq!(call["name"], "Talk with Mia");
        assert_eq!(call["status"], "Held");
        assert_eq!(call["date_end"], "2026-11-22T08:31:10+00:00");
        assert_eq!(call["duration_minutes"], 1);
        assert_eq!(bench.writes(), ["POST Calls", &format!("PUT {id}")]);
        assert_eq!(bench.sugar.links().len(), 1, "Mia is invited once");
    }
}

/// Somebody merged duplicates while the call was going on.
#[tokio::test]
async fn a_call_is_brought_up_to_date_although_its_contact_is_gone() {
    let bench = by_id();
    let mia = owner(&bench, MIA_NUMBER, "Contacts").await;
    let request = ringing(CALL_FLOW, "key", Some(&mia));
    let id = bench.deliver(&request).await.unwrap().id.unwrap();
    bench.sugar.delete(&mia);
    let update = with(Progress::Exists(id), ended(request));
    bench.deliver(&update).await.unwrap();
    assert_eq!(bench.only()["status"], "Held");
}

#[tokio::test]
async fn a_later_report_leaves_of_a_case_what_people_may_have_changed() {
    for bench in WAYS {
        let bench = bench();
        let company = owner(&bench, "41447000200", "Accounts").await;
        let request = ringing(CREATE_CASE, "key", Some(&company));
        let id = bench.deliver(&request).await.unwrap().id.unwrap();
        let edits = [
            ("name", "Broken door"),
            ("status", "Assigned"),
            ("assigned_user_id", "urs"),
        ];
        for (field, value) in edits {
            bench.sugar.edit(&id, field, value);
        }
        let mut update = with(Progress::Exists(id), ended(request));
        update.user = Some("seed_anna_id".to_owned());
        bench.deliver(&update).await.unwrap();
        let case = bench.only();
        for (field, value) in edits {
            assert_eq!(case[field], value, "{field}");
        }
        let text = case["description"].as_str().unwrap();
        assert!(text.starts_with("Talked for 1 min."), "{text}");
    }
}

#[tokio::test]
async fn what_somebody_deleted_stays_deleted() {
    for bench in WAYS {
        let bench = bench();
        let company = owner(&bench, "41447000200", "Accounts").await;
        for name in [CALL_FLOW, CREATE_CASE] {
            let request = ringing(name, "key", Some(&company));
            let first = bench.deliver(&request).await.unwrap();
            let id = first.id.clone().unwrap();
            bench.sugar.delete(&id);
            let update = with(Progress::Exists(id), ended(request));
            assert_eq!(bench.deliver(&update).await.unwrap(), first, "{name}");
        }
        assert_eq!(bench.sugar.created(), 2);
    }
}

/// A change can simply be repeated, so that nothing about it is unknown.
#[tokio::test]
async fn a_change_without_an_answer_is_a_failure_that_passes() {
    let bench = by_id();
    let request = ringing(CALL_FLOW, "key", None);
    let id = bench.deliver(&request).await.unwrap().id.unwrap();
    let update = with(Progress::Exists(id), ended(request));
    for fault in [Fault::LostAnswer, Fault::Status(500), Fault::Status(502)] {
        bench.upstream.control().set_fault(fault);
        let error = bench.deliver(&update).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unavailable, "{fault:?}: {error}");
    }
    bench.upstream.control().set_fault(Fault::None);
    bench.deliver(&update).await.unwrap();
    assert_eq!(bench.only()["status"], "Held");
}

/// A web server that has lost its way answers 404 too.
#[tokio::test]
async fn a_404_of_anybody_else_is_not_taken_for_a_deletion() {
    let bench = by_id();
    let request = ringing(CALL_FLOW, "key", None);
    let id = bench.deliver(&request).await.unwrap().id.unwrap();
    bench.upstream.control().set_fault(Fault::Status(404));
    let update = with(Progress::Exists(id), ended(request));
    let error = bench.deliver(&update).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn an_object_of_another_workflow_is_refused_before_anything_is_sent() {
    let bench = by_id();
    for (name, id) in [
        (CALL_FLOW, "Cases/1"),
        (CALL_FLOW, "Calls/"),
        (CALL_FLOW, "51"),
        (CREATE_CASE, "Calls/1"),
    ] {
        let update = with(Progress::Exists(id.to_owned()), ringing(name, "key", None));
        let error = bench.deliver(&update).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidRequest, "{id}: {error}");
    }
    assert_eq!(bench.upstream.control().request_count(), 0);
}

/// The settings were changed, and the gateway restarted, between a delivery and its repetition.
#[tokio::test]
async fn an_object_is_recognised_whatever_the_settings_were() {
    for (first, then) in [(true, false), (false, true)] {
        let bench = Bench::with(simulated(), "auto", |settings| {
            settings["own_ids"] = json!(first);
        });
        bench.count(MIA_NUMBER).await;
        let request = ringing(CALL_FLOW, "key", None);
        bench.deliver_unheard(&request).await;
        let mut settings = settings(&bench.upstream.url(), "auto");
        settings["own_ids"] = json!(then);
        let again = with(Progress::Uncertain, ended(request));
        adapter(settings).run_workflow(&cx(), &again).await.unwrap();
        assert_eq!(bench.only()["status"], "Held");
    }
}

/// Two lanes never deliver the same request, but two gateways might.
#[tokio::test]
async fn deliveries_at_the_same_time_make_one_object() {
    let bench = by_id();
    bench.count(MIA_NUMBER).await;
    let control = Arc::clone(bench.upstream.control());
    let before = control.request_count();
    let held = control.hold();
    let request = ringing(CALL_FLOW, "key", None);
    let release = async {
        control.arrived(before + 2).await;
        drop(held);
    };
    let (one, other, ()) = tokio::join!(bench.deliver(&request), bench.deliver(&request), release);
    assert_eq!(one.unwrap(), other.unwrap());
    bench.only();
}
