//! The one place that fixes the order of the layers.

use std::{
    num::{NonZeroU32, NonZeroUsize},
    sync::Arc,
    time::Duration,
};

use metrics::Recorder;
use tokio::runtime::Handle;
use whocalls_core::CrmAdapter;

use crate::{
    AttemptTimeout, Breaker, BreakerSettings, Budget, Cache, CacheHandle, CacheSettings,
    ConcurrencyLimit, Guard, Hedge, Observe, RateLimit, Retry, RetryBudget, RetrySettings,
};

/// How the layers around one adapter are set.
#[derive(Debug, Clone)]
pub struct StackSettings {
    /// Threads that serve no clients, for questions to the CRM; `None` asks it where the caller is,
    /// always. Not for an adapter that answers from its own memory.
    pub runtime: Option<Handle>,
    /// How long a lookup waits for this adapter.
    pub timeout: Duration,
    /// How long a lookup may go on in the background to fill the cache, counted from its start.
    pub late_answer: Duration,
    /// Requests under way at once.
    pub max_concurrent: NonZeroUsize,
    /// Lifetimes and bounds of the cache.
    pub cache: CacheSettings,
    /// How the CRM is protected.
    pub protection: Protection,
}

/// How a distant CRM is protected, and those who wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Protection {
    /// When a lookup is asked a second time; `None` for never.
    pub hedge_after: Option<Duration>,
    /// When failed lookups and probes are made again.
    pub retry: RetrySettings,
    /// When the CRM is left alone; `None` for never.
    pub breaker: Option<BreakerSettings>,
    /// Calls in any one second; `None` for any number.
    pub per_second: Option<NonZeroU32>,
    /// How long a single attempt may take; `None` for as long as the call.
    pub attempt_timeout: Option<Duration>,
}

impl Default for Protection {
    fn default() -> Self {
        Self {
            hedge_after: None,
            retry: RetrySettings::default(),
            breaker: Some(BreakerSettings::default()),
            per_second: None,
            attempt_timeout: None,
        }
    }
}

/// An adapter with all its layers.
#[derive(Debug, Clone)]
pub struct Stack {
    /// The outermost layer.
    pub adapter: Arc<dyn CrmAdapter>,
    /// What the cache holds, to be kept over a restart; none for an adapter without cache.
    pub cache: Option<CacheHandle>,
}

/// Puts all layers around `adapter`.
///
/// The outer budget bounds how long a caller waits, the attempt timeout how long the CRM is worked
/// with. Between them stands the cache, so that an answer which comes too late for the caller is
/// there for the next one. An adapter that answers from its own memory has no cache: a changed
/// contact shows at the next call.
pub fn build(
    adapter: Arc<dyn CrmAdapter>,
    settings: &StackSettings,
    recorder: Arc<dyn Recorder + Send + Sync>,
) -> Stack {
    let (remembered, cache): (Arc<dyn CrmAdapter>, _) = if adapter.info().capabilities.is_in_memory
    {
        let limited = ConcurrencyLimit::new(adapter, settings.max_concurrent, &*recorder);
        (Arc::new(limited), None)
    } else {
        let protected = protect(adapter, settings, &*recorder);
        let late_answer = settings.late_answer;
        let runtime = settings.runtime.clone();
        let cache_settings = settings.cache.clone();
        let cache = Cache::new(protected, cache_settings, late_answer, runtime, &*recorder);
        let handle = cache.handle();
        (Arc::new(cache), Some(handle))
    };
    let awaited = Budget::of_lookups(remembered, settings.timeout);
    let guarded = Guard::new(Arc::new(awaited));
    Stack {
        adapter: Arc::new(Observe::new(Arc::new(guarded), recorder)),
        cache,
    }
}

/// The layers that stand between the cache and a distant CRM.
fn protect(
    adapter: Arc<dyn CrmAdapter>,
    settings: &StackSettings,
    recorder: &dyn Recorder,
) -> Arc<dyn CrmAdapter> {
    let Protection {
        hedge_after,
        retry,
        breaker,
        per_second,
        attempt_timeout,
    } = settings.protection;
    let attempt = AttemptTimeout::new(adapter, attempt_timeout);
    let limited = ConcurrencyLimit::new(Arc::new(attempt), settings.max_concurrent, recorder);
    let mut adapter: Arc<dyn CrmAdapter> = Arc::new(limited);
    if let Some(per_second) = per_second {
        adapter = Arc::new(RateLimit::new(adapter, per_second, recorder));
    }
    if let Some(breaker) = breaker {
        adapter = Arc::new(Breaker::new(adapter, breaker, recorder));
    }
    let budget = Arc::new(RetryBudget::new(retry.budget_percent));
    // Without retries too: it counts the calls from which second requests take their share.
    let retried = Retry::new(adapter, retry, Arc::clone(&budget), recorder);
    let retried: Arc<dyn CrmAdapter> = Arc::new(retried);
    match hedge_after {
        Some(after) => Arc::new(Hedge::new(retried, after, budget, recorder)),
        None => retried,
    }
}
