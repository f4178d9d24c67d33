//! Each layer alone, and all of them together, on a virtual clock with an adapter in memory.
#![expect(
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

use std::{
    num::{NonZeroU32, NonZeroUsize},
    sync::Arc,
    time::Duration,
};

use metrics::NoopRecorder;
use whocalls_core::{CallContext, CrmAdapter, ErrorKind, Operation, RequestId, WorkflowRequest};
use whocalls_stack::{
    AttemptTimeout, Breaker, BreakerSettings, Budget, Cache, CacheSettings, ConcurrencyLimit,
    Guard, Hedge, Observe, Protection, RateLimit, Retry, RetryBudget, RetrySettings, StackSettings,
    build,
};
use whocalls_testkit::{
    conformance::{self, Subject},
    contacts::{MIA_NUMBER, messy_contacts},
    fake::{Act, FakeAdapter},
    query,
    recorder::TestRecorder,
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
        max_background: NonZeroUsize::new(64).unwrap(),
    }
}

fn settings() -> StackSettings {
    StackSettings {
        runtime: None,
        timeout: SECOND,
        late_answer: 10 * SECOND,
        max_concurrent: NonZeroUsize::new(64).unwrap(),
        cache: cache_settings(),
        protection: Protection::default(),
    }
}

fn stack(inner: Arc<dyn CrmAdapter>) -> Arc<dyn CrmAdapter> {
    build(inner, &settings(), Arc::new(NoopRecorder)).adapter
}

/// With the layers that are off by default.
fn full_stack(inner: Arc<dyn CrmAdapter>) -> Arc<dyn CrmAdapter> {
    let settings = StackSettings {
        protection: Protection {
            hedge_after: Some(SECOND / 2),
            per_second: NonZeroU32::new(1000),
            attempt_timeout: Some(30 * SECOND),
            ..Protection::default()
        },
        ..settings()
    };
    build(inner, &settings, Arc::new(NoopRecorder)).adapter
}

#[test]
fn the_layers_stand_in_the_documented_order() {
    assert_eq!(
        stack(fake()).to_string(),
        "observe(guard(budget(1s, cache(retry(breaker(limit(attempt(crm))))))))"
    );
    assert_eq!(
        full_stack(fake()).to_string(),
        "observe(guard(budget(1s, cache(hedge(500ms, retry(breaker(\
         rate(1000/s, limit(attempt(30s, crm))))))))))"
    );
}

#[test]
fn an_adapter_that_answers_from_memory_has_no_cache_and_needs_no_protection() {
    let fake = FakeAdapter::seeded("book", &messy_contacts(0)).in_memory();
    assert_eq!(
        full_stack(Arc::new(fake)).to_string(),
        "observe(guard(budget(1s, limit(book))))"
    );
}

#[tokio::test]
async fn every_layer_and_the_whole_stack_keep_the_contract() {
    let places = NonZeroUsize::new(8).unwrap();
    conformance::check(|| Subject::in_memory(Arc::new(Guard::new(fake())))).await;
    conformance::check(|| Subject::in_memory(Arc::new(Budget::of_lookups(fake(), 30 * SECOND))))
        .await;
    let limit = || ConcurrencyLimit::new(fake(), places, &NoopRecorder);
    conformance::check(|| Subject::in_memory(Arc::new(limit()))).await;
    let observe = || Observe::new(fake(), Arc::new(NoopRecorder));
    conformance::check(|| Subject::in_memory(Arc::new(observe()))).await;
    let cache = || Cache::new(fake(), cache_settings(), 30 * SECOND, None, &NoopRecorder);
    conformance::check(|| Subject::in_memory(Arc::new(cache()))).await;
    let attempt = || AttemptTimeout::new(fake(), Some(30 * SECOND));
    conformance::check(|| Subject::in_memory(Arc::new(attempt()))).await;
    let rate = || RateLimit::new(fake(), NonZeroU32::new(1000).unwrap(), &NoopRecorder);
    conformance::check(|| Subject::in_memory(Arc::new(rate()))).await;
    let breaker = || Breaker::new(fake(), BreakerSettings::default(), &NoopRecorder);
    conformance::check(|| Subject::in_memory(Arc::new(breaker()))).await;
    let budget = || Arc::new(RetryBudget::new(20));
    let retry = || Retry::new(fake(), RetrySettings::default(), budget(), &NoopRecorder);
    conformance::check(|| Subject::in_memory(Arc::new(retry()))).await;
    let hedge = || Hedge::new(fake(), Duration::ZERO, budget(), &NoopRecorder);
    conformance::check(|| Subject::in_memory(Arc::new(hedge()))).await;
    conformance::check(|| Subject::in_memory(stack(fake()))).await;
    conformance::check(|| Subject::in_memory(full_stack(fake()))).await;
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
    let recorder = TestRecorder::default();
    let places = NonZeroUsize::new(3).unwrap();
    let limit = Arc::new(ConcurrencyLimit::new(inner, places, &recorder));
    let call = |budget| {
        let limit = Arc::clone(&limit);
        tokio::spawn(async move { limit.lookup(&cx(budget), &query(MIA_NUMBER)).await })
    };
    let admitted: Vec<_> = (0..3).map(|_| call(60 * SECOND)).collect();
    fake.called(3).await;
    let error = call(SECOND).await.unwrap().unwrap_err();
    assert_eq!(error.kind, ErrorKind::Overloaded);
    assert_eq!(fake.calls(), 3, "the fourth call never reached the CRM");
    let refusals = "whocalls_limit_refusals_total{adapter=crm,limit=concurrency}";
    assert_eq!(recorder.counter(refusals), 1);
    let waiting = call(60 * SECOND);
    fake.release();
    for call in admitted {
        assert!(call.await.unwrap().is_ok());
    }
    assert!(waiting.await.unwrap().is_ok(), "a place became free");
}

fn four_places(fake: &Arc<FakeAdapter>) -> ConcurrencyLimit {
    let places = NonZeroUsize::new(4).unwrap();
    ConcurrencyLimit::new(Arc::clone(fake) as _, places, &NoopRecorder)
}

#[tokio::test(start_paused = true)]
async fn lookups_that_nobody_waits_for_any_more_leave_half_of_the_places() {
    let fake = fake();
    let limit = four_places(&fake);
    let query = query(MIA_NUMBER);
    let started = tokio::time::Instant::now();
    let late = cx(SECOND).with_late_deadline(started + 10 * SECOND);
    fake.set(Act::AnswerAfter(5 * SECOND));
    let slow = futures::future::join_all((0..4).map(|_| async {
        let result = limit.lookup(&late, &query).await;
        (result.map_err(|error| error.kind), started.elapsed())
    }));
    let telephones = async {
        tokio::time::sleep(2 * SECOND).await;
        fake.set(Act::Answer);
        let context = cx(SECOND);
        let lookups = (0..2).map(|_| limit.lookup(&context, &query));
        let found = futures::future::join_all(lookups).await;
        assert!(found.iter().all(Result::is_ok));
        assert_eq!(started.elapsed(), 2 * SECOND, "they did not wait");
    };
    let (slow, ()) = futures::join!(slow, telephones);
    let (cut, answered): (Vec<_>, Vec<_>) = slow.into_iter().partition(|(it, _)| it.is_err());
    assert_eq!(cut, vec![(Err(ErrorKind::Timeout), SECOND); 2]);
    assert_eq!(answered.len(), 2);
    assert!(answered.iter().all(|(_, ended)| *ended == 5 * SECOND));
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
    let limit = four_places(&fake);
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
