//! What the operator's metrics show. Labels come from closed sets: adapter id, state, outcome.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use metrics::{Key, Label, Level, Metadata, Recorder};
use whocalls_core::{AdapterId, ErrorKind};

use crate::{Count, State};

/// Deliveries that are waiting, being sent or given up.
const DEPTH: &str = "whocalls_outbox_deliveries";
/// How long the oldest waiting delivery has waited.
const OLDEST: &str = "whocalls_outbox_oldest_seconds";
/// Attempts to deliver, by outcome.
const ATTEMPTS: &str = "whocalls_outbox_attempts_total";
/// Requests that could not be stored.
const NOT_STORED: &str = "whocalls_outbox_not_stored_total";
const METADATA: Metadata<'_> = Metadata::new(module_path!(), Level::INFO, None);

/// Reports to the recorder of the gateway.
#[derive(Clone)]
pub(crate) struct Meter {
    recorder: Arc<dyn Recorder + Send + Sync>,
    /// The adapters that have been reported, which stay in the report when nothing is left.
    seen: Arc<Mutex<HashSet<AdapterId>>>,
}

impl Meter {
    pub(crate) fn new(recorder: Arc<dyn Recorder + Send + Sync>) -> Self {
        Self {
            recorder,
            seen: Arc::default(),
        }
    }

    /// An attempt ended; `failure` is how.
    pub(crate) fn attempt(&self, adapter: &AdapterId, failure: Option<ErrorKind>) {
        let outcome = failure.map_or("delivered", ErrorKind::as_str);
        let labels = vec![label(adapter), Label::new("outcome", outcome)];
        self.count(&Key::from_parts(ATTEMPTS, labels));
    }

    /// A request could not be stored.
    pub(crate) fn not_stored(&self) {
        self.count(&Key::from_name(NOT_STORED));
    }

    /// How much there is at `now`.
    pub(crate) fn depth(&self, counts: &[Count], now: Timestamp) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.extend(counts.iter().map(|count| count.adapter.clone()));
        for adapter in &*seen {
            for state in [State::Waiting, State::Sending, State::GivenUp] {
                let found = counts
                    .iter()
                    .find(|count| count.adapter == *adapter && count.state == state);
                let labels = vec![label(adapter), Label::new("state", state.as_str())];
                let depth = found.map_or(0, |count| count.count);
                self.gauge(&Key::from_parts(DEPTH, labels), depth.into());
                if state == State::Waiting {
                    let age = found.map(|count| now.duration_since(count.waiting_since));
                    let age = age.map_or(0.0, |age| age.as_secs_f64().max(0.0));
                    self.gauge(&Key::from_parts(OLDEST, vec![label(adapter)]), age);
                }
            }
        }
    }

    fn count(&self, key: &Key) {
        let counter = self.recorder.register_counter(key, &METADATA);
        counter.increment(1);
    }

    fn gauge(&self, key: &Key, value: f64) {
        self.recorder.register_gauge(key, &METADATA).set(value);
    }
}

fn label(adapter: &AdapterId) -> Label {
    Label::new("adapter", adapter.as_str().to_owned())
}
