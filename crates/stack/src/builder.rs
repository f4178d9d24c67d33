//! The one place that fixes the order of the layers.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use metrics::Recorder;
use whocalls_core::CrmAdapter;

use crate::{Budget, Cache, CacheSettings, ConcurrencyLimit, Guard, Observe};

/// How the layers around one adapter are set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackSettings {
    /// How long a lookup waits for this adapter.
    pub timeout: Duration,
    /// How long a lookup may go on in the background to fill the cache, counted from its start.
    pub late_answer: Duration,
    /// Requests under way at once.
    pub max_concurrent: NonZeroUsize,
    /// Lifetimes and size of the cache.
    pub cache: CacheSettings,
}

/// Puts all layers around `adapter`.
///
/// The outer budget bounds how long a caller waits; the inner one how long the CRM is worked with.
/// Between them stands the cache, so that an answer which comes too late for the caller is there
/// for the next one. An adapter that answers from its own memory has no cache: a changed contact
/// shows at the next call.
pub fn build(
    adapter: Arc<dyn CrmAdapter>,
    settings: &StackSettings,
    recorder: Arc<dyn Recorder + Send + Sync>,
) -> Arc<dyn CrmAdapter> {
    let is_in_memory = adapter.info().capabilities.is_in_memory;
    let limited = ConcurrencyLimit::new(adapter, settings.max_concurrent);
    let bounded: Arc<dyn CrmAdapter> = Arc::new(Budget::of_call(Arc::new(limited)));
    let remembered = if is_in_memory {
        bounded
    } else {
        let late_answer = settings.late_answer;
        Arc::new(Cache::new(bounded, settings.cache.clone(), late_answer))
    };
    let awaited = Budget::of_lookups(remembered, settings.timeout);
    let guarded = Guard::new(Arc::new(awaited));
    Arc::new(Observe::new(Arc::new(guarded), recorder))
}
