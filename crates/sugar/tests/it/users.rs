//! To whom a call or case is assigned.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use serde_json::{Map, Value, json};
use whocalls_core::{
    AdapterError, CallDetails, ErrorKind, WorkflowReceipt, WorkflowRequest, workflow::CALL_FLOW,
};
use whocalls_testkit::{contacts::MIA_NUMBER, upstream::Fault};

use crate::support::{Bench, cx, simulated};

/// The number of the next call.
static NEXT: AtomicUsize = AtomicUsize::new(0);

impl Bench {
    /// Logs another call of this user.
    async fn log(&self, user: &str) -> Result<WorkflowReceipt, AdapterError> {
        let request = WorkflowRequest {
            name: CALL_FLOW.to_owned(),
            contact: None,
            user: Some(user.to_owned()),
            call: CallDetails::default(),
            idempotency_key: format!("key-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
            extra: Map::new(),
            ..WorkflowRequest::default()
        };
        self.adapter.run_workflow(&cx(), &request).await
    }

    /// To whom the calls were assigned, in order; null for nobody.
    fn assignees(&self) -> Value {
        let calls = self.sugar.created_objects();
        let calls = calls.iter();
        calls
            .map(|call| json!(call.get("assigned_user_id")))
            .collect()
    }

    /// How often users were asked for.
    fn user_requests(&self) -> usize {
        let paths = self.paths();
        paths.iter().filter(|path| *path == "Users/filter").count()
    }
}

const ANNA: &str = "seed_anna_id";

#[tokio::test]
async fn a_user_is_known_by_address_name_or_id() {
    for (user, requests) in [
        ("anna@example.ch", 1),
        (" Anna@Example.ch ", 1),
        ("anna", 1),
        ("seed_anna_id", 0),
    ] {
        let bench = Bench::new(simulated(), "auto");
        bench.log(user).await.unwrap();
        bench.log(user).await.unwrap();
        assert_eq!(bench.assignees(), json!([ANNA, ANNA]), "{user}");
        assert_eq!(bench.user_requests(), requests, "{user}");
    }
}

#[tokio::test]
async fn a_call_of_an_unknown_user_is_logged_for_nobody() {
    let bench = Bench::new(simulated(), "auto");
    for user in ["urs@example.ch", "urs@example.ch", "4711", " "] {
        bench.log(user).await.unwrap();
    }
    assert_eq!(bench.assignees(), json!([null, null, null, null]));
    assert_eq!(bench.user_requests(), 2, "that nobody is there is kept too");
}

#[tokio::test]
async fn without_the_right_to_see_users_calls_are_logged_for_nobody() {
    let bench = Bench::new(simulated().without_access_to("Users"), "auto");
    for _ in 0..2 {
        bench.log("anna").await.unwrap();
    }
    assert_eq!(bench.assignees(), json!([null, null]));
    assert_eq!(bench.user_requests(), 1, "the refusal is remembered");
}

#[tokio::test]
async fn calls_that_end_together_ask_for_their_user_once() {
    let bench = Bench::new(simulated(), "auto");
    bench.count(MIA_NUMBER).await;
    let control = bench.upstream.control();
    let before = control.request_count();
    let held = control.hold();
    let calls = join_all((0..20).map(|_| bench.log("anna")));
    let release = async {
        control.arrived(before + 1).await;
        drop(held);
    };
    let (receipts, ()) = tokio::join!(calls, release);
    assert!(receipts.iter().all(Result::is_ok));
    assert_eq!(bench.assignees(), json!(vec![ANNA; 20]));
    assert_eq!(bench.user_requests(), 1);
}

/// What is unknown for a moment only is not kept, and a call is not logged for nobody because of
/// it: nothing was created, so that it may be sent again.
#[tokio::test]
async fn a_failure_that_passes_creates_nothing_and_is_not_remembered() {
    let bench = Bench::new(simulated(), "auto");
    bench.count(MIA_NUMBER).await;
    bench.upstream.control().set_fault(Fault::Status(503));
    let error = bench.log("anna").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    bench.upstream.control().set_fault(Fault::None);
    bench.log("anna").await.unwrap();
    assert_eq!(bench.assignees(), json!([ANNA]));
}

#[tokio::test]
async fn addresses_stay_out_of_urls_and_debug_output() {
    let bench = Bench::new(simulated(), "auto");
    bench.log("anna@example.ch").await.unwrap();
    let requests = bench.upstream.control().requests();
    assert!(requests.iter().all(|request| request.query.is_empty()));
    let shown = format!("{:?}", bench.adapter);
    assert!(!shown.contains("example.ch"), "{shown}");
}
