//! Each layer alone, and all of them together, on a virtual clock with an adapter in memory.
#![expect(
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use metrics::NoopRecorder;
use whocalls_core::{CallContext, CrmAdapter, ErrorKind, Operation, RequestId, WorkflowRequest};
use whocalls_stack::{
    Budget, Cache, CacheSettings, ConcurrencyLimit, Guard, Observe, StackSettings, build,
};
use whocalls_testkit::{
    conformance::{self, Subject},
    contacts::{MIA_NUMBER, messy_contacts},
    fake::{Act, FakeAdapter},
    query,
};

const SECOND: Duration = Duration::from_secs(1);

fn fake() -> Arc<FakeAdapter> {
    Arc::new(FakeAdapter::seeded("crm", &messy_contacts(50)))
}

fn cx(budget: Duration) -> CallContext {
    CallContext::within(budget, RequestId::new("test"))
}

fn cache_settings() -> CacheSettings {
    CacheSettings {
        ttl: 300 * SECOND,
        empty_ttl: 30 * SECOND,
        stale: 600 * SECOND,
        max_bytes: 1 << 20,
    }
}

fn stack(inner: Arc<dyn CrmAdapter>) -> Arc<dyn CrmAdapter> {
    let settings = StackSettings {
        timeout: SECOND,
        late_answer: 10 * SECOND,
        max_concurrent: NonZeroUsize::new(64).unwrap(),
        cache: cache_settings(),
    };
    build(inner, &settings, Arc::new(NoopRecorder))
}

#[test]
fn the_layers_stand_in_the_documented_order() {
    assert_eq!(
        stack(fake()).to_string(),
        "observe(guard(budget(1s, cache(budget(limit(crm))))))"
    );
}

#[test]
fn an_adapter_that_answers_from_memory_has_no_cache() {
    let fake = FakeAdapter::seeded("book", &messy_contacts(0)).in_memory();
    assert_eq!(
        stack(Arc::new(fake)).to_string(),
        "observe(guard(budget(1s, budget(limit(book)))))"
    );
}

#[tokio::test]
async fn every_layer_and_the_whole_stack_keep_the_contract() {
    let places = NonZeroUsize::new(8).unwrap();
    conformance::check(|| Subject::in_memory(Arc::new(Guard::new(fake())))).await;
    conformance::check(|| Subject::in_memory(Arc::new(Budget::of_call(fake())))).await;
    conformance::check(|| Subject::in_memory(Arc::new(Budget::of_lookups(fake(), 30 * SECOND))))
        .await;
    conformance::check(|| Subject::in_memory(Arc::new(ConcurrencyLimit::new(fake(), places))))
        .await;
    let observe = || Observe::new(fake(), Arc::new(NoopRecorder));
    conformance::check(|| Subject::in_memory(Arc::new(observe()))).await;
    let cache = || Cache::new(fake(), cache_settings(), 30 * SECOND);
    conformance::check(|| Subject::in_memory(Arc::new(cache()))).await;
    conformance::check(|| Subject::in_memory(stack(fake()))).await;
}

#[tokio::test(start_paused = true)]
async fn a_budget_ends_even_an_adapter_that_ignores_its_deadline() {
    let fake = fake();
    fake.set(Act::HangForEver);
    let budget = Budget::of_lookups(fake, SECOND);
    let started = tokio::time::Instant::now();
    let error = budget
        .lookup(&cx(5 * SECOND), &query(MIA_NUMBER))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, started.elapsed()),
        (ErrorKind::Timeout, SECOND)
    );
    let error = budget
        .lookup(&cx(SECOND / 2), &query(MIA_NUMBER))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, started.elapsed()),
        (ErrorKind::Timeout, SECOND * 3 / 2)
    );
}

#[tokio::test(start_paused = true)]
async fn a_workflow_cut_off_by_its_deadline_has_an_unknown_outcome() {
    let fake = fake();
    fake.set(Act::HangForEver);
    let error = stack(fake)
        .run_workflow(&cx(SECOND), &workflow("CallFlow"))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutcomeUnknown);
}

#[tokio::test]
async fn the_guard_refuses_before_the_adapter_is_called() {
    let fake = fake();
    let guard = Guard::new(Arc::clone(&fake) as Arc<dyn CrmAdapter>);
    let error = guard
        .run_workflow(&cx(SECOND), &workflow("BakeBread"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.operation),
        (ErrorKind::Unsupported, Operation::Workflow)
    );
    assert_eq!(fake.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_limit_lets_so_many_calls_through_and_no_more() {
    let fake = fake();
    fake.hold();
    let inner = Arc::clone(&fake) as Arc<dyn CrmAdapter>;
    let limit = Arc::new(ConcurrencyLimit::new(inner, NonZeroUsize::new(3).unwrap()));
    let call = |budget| {
        let limit = Arc::clone(&limit);
        tokio::spawn(async move { limit.lookup(&cx(budget), &query(MIA_NUMBER)).await })
    };
    let admitted: Vec<_> = (0..3).map(|_| call(60 * SECOND)).collect();
    fake.called(3).await;
    let error = call(SECOND).await.unwrap().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Overloaded);
    assert_eq!(fake.calls(), 3, "the fourth call never reached the CRM");
    let waiting = call(60 * SECOND);
    fake.release();
    for call in admitted {
        assert!(call.await.unwrap().is_ok());
    }
    assert!(waiting.await.unwrap().is_ok(), "a place became free");
}

fn workflow(name: &str) -> WorkflowRequest {
    WorkflowRequest {
        name: name.to_owned(),
        contact: None,
        user: None,
        call: whocalls_core::CallDetails::default(),
        idempotency_key: "key".to_owned(),
        extra: serde_json::Map::new(),
        ..WorkflowRequest::default()
    }
}

#[tokio::test]
async fn deliveries_leave_places_for_ringing_telephones() {
    let fake = fake();
    let limit = ConcurrencyLimit::new(Arc::clone(&fake) as _, NonZeroUsize::new(4).unwrap());
    fake.hold();
    let request = WorkflowRequest {
        name: FakeAdapter::WORKFLOW.to_owned(),
        ..WorkflowRequest::default()
    };
    let background = cx(60 * SECOND).in_background();
    let deliveries = (0..10).map(|_| limit.run_workflow(&background, &request));
    let deliveries = futures::future::join_all(deliveries);
    let (waited_for, query) = (cx(60 * SECOND), query(MIA_NUMBER));
    let telephones = async {
        fake.called(2).await;
        assert_eq!(fake.calls(), 2, "half of the places");
        let lookups = (0..2).map(|_| limit.lookup(&waited_for, &query));
        let release = async {
            fake.called(4).await;
            fake.release();
        };
        futures::join!(futures::future::join_all(lookups), release).0
    };
    let (delivered, found) = futures::join!(deliveries, telephones);
    assert!(delivered.iter().all(Result::is_ok));
    assert!(
        found.iter().all(Result::is_ok),
        "they did not wait for the deliveries"
    );
}
