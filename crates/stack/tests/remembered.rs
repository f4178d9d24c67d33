//! What is in memory is given without a call, through every layer.
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
use whocalls_core::{CallContext, CrmAdapter, Freshness, RequestId, Trace};
use whocalls_stack::{
    AttemptTimeout, Breaker, BreakerSettings, Budget, Cache, CacheSettings, ConcurrencyLimit,
    Guard, Hedge, Observe, Protection, RateLimit, Retry, RetryBudget, RetrySettings, StackSettings,
    build,
};
use whocalls_testkit::{
    contacts::{MIA_NUMBER, messy_contacts},
    fake::FakeAdapter,
    query,
    recorder::TestRecorder,
};

const SECOND: Duration = Duration::from_secs(1);
const PLACES: NonZeroUsize = NonZeroUsize::MIN;

fn fake() -> Arc<FakeAdapter> {
    Arc::new(FakeAdapter::seeded("crm", &messy_contacts(0)))
}

fn cx() -> CallContext {
    CallContext::within(SECOND, RequestId::new("test"))
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

#[tokio::test]
async fn every_layer_passes_on_what_is_remembered() {
    let cache = Cache::new(fake(), cache_settings(), SECOND, None, &NoopRecorder);
    let cache: Arc<dyn CrmAdapter> = Arc::new(cache);
    cache.lookup(&cx(), &query(MIA_NUMBER)).await.unwrap();
    let inner = || Arc::clone(&cache);
    let budget = || Arc::new(RetryBudget::new(20));
    let rate = NonZeroU32::MIN;
    let layers: [Arc<dyn CrmAdapter>; 9] = [
        Arc::new(Observe::new(inner(), Arc::new(NoopRecorder))),
        Arc::new(Guard::new(inner())),
        Arc::new(Budget::of_lookups(inner(), SECOND)),
        Arc::new(Hedge::new(inner(), SECOND, budget(), &NoopRecorder)),
        Arc::new(Retry::new(
            inner(),
            RetrySettings::default(),
            budget(),
            &NoopRecorder,
        )),
        Arc::new(Breaker::new(
            inner(),
            BreakerSettings::default(),
            &NoopRecorder,
        )),
        Arc::new(RateLimit::new(inner(), rate, &NoopRecorder)),
        Arc::new(ConcurrencyLimit::new(inner(), PLACES, &NoopRecorder)),
        Arc::new(AttemptTimeout::new(inner(), None)),
    ];
    for layer in layers {
        let answer = layer.remembered(&cx(), &query(MIA_NUMBER));
        assert!(answer.is_some_and(|answer| !answer.is_empty()), "{layer}");
    }
}

#[tokio::test]
async fn what_is_remembered_counts_as_a_lookup_from_the_cache() {
    let fake = fake();
    let recorder = Arc::new(TestRecorder::default());
    let settings = StackSettings {
        runtime: None,
        timeout: SECOND,
        late_answer: SECOND,
        max_concurrent: PLACES,
        cache: cache_settings(),
        protection: Protection::default(),
    };
    let stack = build(
        Arc::clone(&fake) as _,
        &settings,
        Arc::clone(&recorder) as _,
    )
    .adapter;
    let calls = |outcome| {
        let name = "whocalls_adapter_calls_total";
        recorder.counter(&format!(
            "{name}{{adapter=crm,operation=lookup,outcome={outcome}}}"
        ))
    };
    let query = query(MIA_NUMBER);
    assert!(stack.remembered(&cx(), &query).is_none());
    assert_eq!(fake.calls(), 0);
    stack.lookup(&cx(), &query).await.unwrap();
    assert_eq!(calls("ok"), 1);
    let answer = stack.remembered(&cx(), &query).unwrap();
    assert!(matches!(answer.freshness(), Freshness::Cached { .. }));
    assert_eq!((calls("ok"), calls("cached")), (1, 1));
    let hits = "whocalls_cache_lookups_total{adapter=crm,result=hit}";
    assert_eq!(recorder.counter(hits), 1);
    assert_eq!(fake.calls(), 1);
    let waits = "whocalls_adapter_call_seconds{adapter=crm,operation=lookup}";
    assert_eq!(recorder.samples(waits).len(), 1, "only the CRM's answer");
}

#[tokio::test]
async fn a_traced_call_remembers_nothing() {
    let cache = Cache::new(fake(), cache_settings(), SECOND, None, &NoopRecorder);
    cache.lookup(&cx(), &query(MIA_NUMBER)).await.unwrap();
    let traced = cx().traced(Trace::default());
    assert!(cache.remembered(&traced, &query(MIA_NUMBER)).is_none());
    assert!(cache.remembered(&cx(), &query(MIA_NUMBER)).is_some());
}
