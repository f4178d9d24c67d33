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
