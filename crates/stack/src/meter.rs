//! Metrics of the layers, labelled with the adapter. All are there from the start, so that the
//! first event shows as a change.

use std::fmt;

use metrics::{Counter, Gauge, Key, Label, Level, Metadata, Recorder};
use whocalls_core::AdapterId;

const METADATA: Metadata<'_> = Metadata::new(module_path!(), Level::INFO, None);

/// Counters of one metric, one for each value of a label. The values are a closed set.
pub(crate) struct Tally(Vec<(&'static str, Counter)>);

impl Tally {
    pub(crate) fn new(
        recorder: &dyn Recorder,
        adapter: &AdapterId,
        name: &'static str,
        label: &'static str,
        values: &[&'static str],
    ) -> Self {
        let counter = |value: &&'static str| {
            let labels = vec![of_adapter(adapter), Label::new(label, *value)];
            let key = Key::from_parts(name, labels);
            (*value, recorder.register_counter(&key, &METADATA))
        };
        Self(values.iter().map(counter).collect())
    }

    /// Counts one more.
    pub(crate) fn count(&self, value: &'static str) {
        let counter = self.0.iter().find(|(known, _)| *known == value);
        debug_assert!(counter.is_some(), "{value} is not a value of the label");
        if let Some((_, counter)) = counter {
            counter.increment(1);
        }
    }
}

/// Calls that a limit kept from the CRM.
const REFUSALS: &str = "whocalls_limit_refusals_total";

/// Counts the refusals of one limit.
pub(crate) struct Refusals(Counter);

impl Refusals {
    /// `limit` is the value of the label that tells the limits of an adapter apart.
    pub(crate) fn of_limit(
        recorder: &dyn Recorder,
        adapter: &AdapterId,
        limit: &'static str,
    ) -> Self {
        let labels = vec![of_adapter(adapter), Label::new("limit", limit)];
        Self(recorder.register_counter(&Key::from_parts(REFUSALS, labels), &METADATA))
    }

    /// Counts one more.
    pub(crate) fn count(&self) {
        self.0.increment(1);
    }
}

impl fmt::Debug for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusals").finish_non_exhaustive()
    }
}

pub(crate) fn gauge(recorder: &dyn Recorder, adapter: &AdapterId, name: &'static str) -> Gauge {
    let key = Key::from_parts(name, vec![of_adapter(adapter)]);
    recorder.register_gauge(&key, &METADATA)
}

fn of_adapter(adapter: &AdapterId) -> Label {
    Label::new("adapter", adapter.as_str().to_owned())
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.0.iter().map(|(value, _)| value);
        f.debug_set().entries(values).finish()
    }
}
