//! What the replies to a step's requests brought.

use std::sync::Arc;

use serde_json::Value;
use whocalls_core::AdapterError;

use crate::credential::Access;

/// What the replies to a step's requests brought. Nothing, as long as the step did not run.
#[derive(Default)]
pub(super) struct Brought {
    pub(super) documents: Vec<Value>,
    /// How many hits are in the documents.
    pub(super) hits: usize,
    /// The texts of each capture.
    pub(super) captured: Vec<Vec<String>>,
    /// The status, when it was one that means that nobody was found.
    pub(super) empty_status: Option<u16>,
    /// Why there may be more than was asked for.
    pub(super) cut: Option<&'static str>,
    /// What ended the step early.
    pub(super) failure: Option<AdapterError>,
    /// With what the last request was put together.
    pub(super) access: Option<Arc<Access>>,
}

impl Brought {
    /// Nothing yet, of a request put together with `access`.
    pub(super) fn of(access: &Arc<Access>) -> Self {
        Self {
            access: Some(Arc::clone(access)),
            ..Self::default()
        }
    }

    /// Nothing but a failure.
    pub(super) fn failed(failure: AdapterError) -> Self {
        Self {
            failure: Some(failure),
            ..Self::default()
        }
    }

    /// Adds what a later request brought.
    pub(super) fn add(&mut self, later: Self) {
        self.documents.extend(later.documents);
        self.hits += later.hits;
        self.captured
            .resize_with(later.captured.len().max(self.captured.len()), Vec::new);
        for (texts, more) in self.captured.iter_mut().zip(later.captured) {
            texts.extend(more);
        }
        self.empty_status = self.empty_status.or(later.empty_status);
        self.cut = self.cut.or(later.cut);
        self.failure = self.failure.take().or(later.failure);
        self.access = later.access.or(self.access.take());
    }
}
