//! What the operator's metrics show of one adapter's cache.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder};
use whocalls_core::{AdapterId, Freshness};

/// Lookups, by what the cache did for them.
const LOOKUPS: &str = "whocalls_cache_lookups_total";
/// The age of the answers that were given from memory.
const AGE: &str = "whocalls_cache_age_seconds";
/// Answers in memory.
const ENTRIES: &str = "whocalls_cache_entries";
/// The memory that they take.
const BYTES: &str = "whocalls_cache_bytes";
/// Questions under way to the CRM.
const IN_FLIGHT: &str = "whocalls_cache_requests_in_flight";
/// Refreshes of stale answers, by outcome.
const REFRESHES: &str = "whocalls_cache_refreshes_total";
const METADATA: Metadata<'_> = Metadata::new(module_path!(), Level::INFO, None);

/// How the refresh of a stale answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refresh {
    /// The CRM answered.
    Answered,
    /// It did not.
    Failed,
    /// It was not asked: too many questions were under way.
    LeftOut,
}

/// Counts, ages and sizes. Labels come from closed sets: adapter id, result.
///
/// Gauges are moved, not set: for a moment after a reload, two caches of one adapter share them.
pub(super) struct Meter {
    hit: Counter,
    stale: Counter,
    miss: Counter,
    joined: Counter,
    refused: Counter,
    refreshed: Counter,
    refresh_failed: Counter,
    refresh_left_out: Counter,
    age: Histogram,
    in_flight: Gauge,
    entries: Gauge,
    bytes: Gauge,
    /// The entries and bytes that were reported last.
    size: Mutex<(f64, f64)>,
}

impl Meter {
    pub(super) fn new(recorder: &dyn Recorder, adapter: &AdapterId) -> Self {
        let adapter = Label::new("adapter", adapter.as_str().to_owned());
        let counter = |name, label, value| {
            let labels = vec![adapter.clone(), Label::new(label, value)];
            recorder.register_counter(&Key::from_parts(name, labels), &METADATA)
        };
        let gauge = |name| {
            recorder.register_gauge(&Key::from_parts(name, vec![adapter.clone()]), &METADATA)
        };
        let age = Key::from_parts(AGE, vec![adapter.clone()]);
        Self {
            hit: counter(LOOKUPS, "result", "hit"),
            stale: counter(LOOKUPS, "result", "stale"),
            miss: counter(LOOKUPS, "result", "miss"),
            joined: counter(LOOKUPS, "result", "joined"),
            refused: counter(LOOKUPS, "result", "refused"),
            refreshed: counter(REFRESHES, "outcome", "ok"),
            refresh_failed: counter(REFRESHES, "outcome", "failed"),
            refresh_left_out: counter(REFRESHES, "outcome", "left_out"),
            age: recorder.register_histogram(&age, &METADATA),
            in_flight: gauge(IN_FLIGHT),
            entries: gauge(ENTRIES),
            bytes: gauge(BYTES),
            size: Mutex::default(),
        }
    }

    /// A lookup was answered from memory.
    pub(super) fn given(&self, freshness: Freshness) {
        let (counter, age) = match freshness {
            Freshness::Live => return,
            Freshness::Cached { age } => (&self.hit, age),
            Freshness::Stale { age } => (&self.stale, age),
        };
        counter.increment(1);
        self.age.record(age.as_secs_f64());
    }

    /// A lookup asked the CRM.
    pub(super) fn missed(&self) {
        self.miss.increment(1);
    }

    /// A lookup waits for the answer to an equal one.
    pub(super) fn joined(&self) {
        self.joined.increment(1);
    }

    /// A lookup was refused: too many questions were under way.
    pub(super) fn refused(&self) {
        self.refused.increment(1);
    }

    /// A refresh ended, or was left out.
    pub(super) fn refresh(&self, outcome: Refresh) {
        let counter = match outcome {
            Refresh::Answered => &self.refreshed,
            Refresh::Failed => &self.refresh_failed,
            Refresh::LeftOut => &self.refresh_left_out,
        };
        counter.increment(1);
    }

    /// A question is sent to the CRM.
    pub(super) fn started(&self) {
        self.in_flight.increment(1);
    }

    /// A question to the CRM has ended.
    pub(super) fn ended(&self) {
        self.in_flight.decrement(1);
    }

    /// How much there is in memory now.
    #[expect(
        clippy::cast_precision_loss,
        reason = "no memory is as large as the first number that is not exact"
    )]
    pub(super) fn size(&self, entries: u64, bytes: u64) {
        self.move_size((entries as f64, bytes as f64));
    }

    fn move_size(&self, now: (f64, f64)) {
        let mut before = self.size.lock().unwrap_or_else(PoisonError::into_inner);
        self.entries.increment(now.0 - before.0);
        self.bytes.increment(now.1 - before.1);
        *before = now;
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.move_size((0.0, 0.0));
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").finish_non_exhaustive()
    }
}
