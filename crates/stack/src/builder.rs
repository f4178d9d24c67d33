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
/// for the next one.
pub fn build(
    adapter: Arc<dyn CrmAdapter>,
    settings: &StackSettings,
    recorder: Arc<dyn Recorder + Send + Sync>,
) -> Arc<dyn CrmAdapter> {
    let limited = ConcurrencyLimit::new(adapter, settings.max_concurrent);
    let bounded = Budget::of_call(Arc::new(limited));
    let cached = Cache::new(
        Arc::new(bounded),
        settings.cache.clone(),
        settings.late_answer,
    );
    let awaited = Budget::of_lookups(Arc::new(cached), settings.timeout);
    let guarded = Guard::new(Arc::new(awaited));
    Arc::new(Observe::new(Arc::new(guarded), recorder))
}
