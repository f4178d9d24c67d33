//! Metrics whose labels are known only when something happens, kept for the next time.

use std::{
    fmt,
    sync::{PoisonError, RwLock},
};

use metrics::{Counter, Histogram};

/// How often something happened, and how long it took.
pub struct Timed {
    /// Counts each time.
    pub count: Counter,
    /// Records the seconds of each.
    pub seconds: Histogram,
}

impl Timed {
    fn record(&self, seconds: f64) {
        self.count.increment(1);
        self.seconds.record(seconds);
    }
}

/// The metrics that were needed so far, by the labels `L`, which come from a closed set. Asking the
/// recorder each time takes ten times as long.
pub struct KeptMetrics<L>(RwLock<Vec<(L, Timed)>>);

impl<L> KeptMetrics<L> {
    /// Counts and times once what has the labels that `is_it` knows; `register` makes its metrics
    /// the first time.
    pub fn record(
        &self,
        is_it: impl Fn(&L) -> bool,
        seconds: f64,
        register: impl FnOnce() -> (L, Timed),
    ) {
        {
            // Metrics are only ever added, so a poisoned lock is still good.
            let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, timed)) = kept.iter().find(|(labels, _)| is_it(labels)) {
                return timed.record(seconds);
            }
        }
        let first = register();
        first.1.record(seconds);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if !kept.iter().any(|(labels, _)| is_it(labels)) {
            kept.push(first);
        }
    }
}

impl<L> Default for KeptMetrics<L> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<L> fmt::Debug for KeptMetrics<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptMetrics").finish_non_exhaustive()
    }
}

impl fmt::Debug for Timed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timed").finish_non_exhaustive()
    }
}
