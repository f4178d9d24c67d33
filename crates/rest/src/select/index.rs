//! The hits of steps with `index_by`, by the texts that joins look them up with.

use std::collections::HashMap;

use serde_json::Value;

/// The hits of each step with `index_by`, numbered in their order.
#[derive(Default)]
pub(crate) struct Index<'v>(Vec<HashMap<String, Vec<&'v Value>>>);

impl<'v> Index<'v> {
    /// The hits of the next step, each under the texts that it is found by.
    pub(crate) fn add_step(&mut self, hits: impl IntoIterator<Item = (Vec<String>, &'v Value)>) {
        let mut step: HashMap<String, Vec<&'v Value>> = HashMap::new();
        for (keys, hit) in hits {
            for key in keys {
                step.entry(key).or_default().push(hit);
            }
        }
        self.0.push(step);
    }

    /// The hits of the step with this number that are found by `key`.
    pub(super) fn hits(&self, step: usize, key: &str) -> &[&'v Value] {
        let step = self.0.get(step);
        step.and_then(|step| step.get(key))
            .map_or(&[], Vec::as_slice)
    }
}
