//! What the replies to a step's requests brought.

use std::sync::Arc;

use serde_json::Value;
use whocalls_core::AdapterError;

use crate::credential::Access;

/// More bytes of replies than these take longer than a millisecond to go through.
const MANY_BYTES: usize = 64 * 1024;
/// More hits than these take longer than a millisecond to become records.
const MANY_HITS: usize = 64;

/// What the replies to a step's requests brought. Nothing, as long as the step did not run.
#[derive(Default)]
pub(super) struct Brought {
    pub(super) documents: Vec<Value>,
    /// How many bytes they were read from.
    pub(super) bytes: usize,
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

    /// Whether it takes long to go through all of this.
    pub(super) fn is_long(all: &[Self]) -> bool {
        let bytes = all.iter().map(|brought| brought.bytes).sum();
        let hits: usize = all.iter().map(|brought| brought.hits).sum();
        is_long(bytes) || hits > MANY_HITS
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
        self.bytes += later.bytes;
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

/// Whether it takes long to go through documents of so many bytes.
pub(super) fn is_long(bytes: usize) -> bool {
    bytes > MANY_BYTES
}
