//! What the cache holds, in a form that can be stored.

use std::{fmt, num::NonZeroUsize, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use whocalls_core::LookupAnswer;

use super::store::Store;

/// One answer with its question and its age. Personal data: to be stored encrypted only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedAnswer {
    /// The digits of the number that was asked, with country code.
    pub number: String,
    /// The records that were wanted at most.
    pub max_records: NonZeroUsize,
    /// Time since the CRM gave the answer, in milliseconds.
    pub age_ms: u64,
    /// The answer.
    pub answer: LookupAnswer,
}

impl SavedAnswer {
    /// The same answer, so much later.
    #[must_use]
    pub fn aged(mut self, by: Duration) -> Self {
        // A time too long for 64 bits is longer than any lifetime.
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.age_ms = self.age_ms.saturating_add(by);
        self
    }
}

impl fmt::Debug for SavedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SavedAnswer")
            .field("age_ms", &self.age_ms)
            .finish_non_exhaustive()
    }
}

/// Reads and fills the cache of one adapter, without any lookup. Cloning gives another handle to
/// the same cache.
#[derive(Debug, Clone)]
pub struct CacheHandle {
    store: Arc<Store>,
}

impl CacheHandle {
    pub(super) fn new(store: Arc<Store>) -> Self {
        Self { store }
    }

    /// Every answer that can still be given to somebody.
    pub fn export(&self) -> Vec<SavedAnswer> {
        self.store.export()
    }

    /// Takes over the answers that can still be given, except for questions that have an answer
    /// already. Returns how many. They keep their age.
    pub fn import(&self, answers: impl IntoIterator<Item = SavedAnswer>) -> usize {
        self.store.import(answers)
    }

    /// Reports the number of answers and the memory that they take to the metrics. Counting them
    /// after each lookup would cost more than storing the answer.
    pub fn report_size(&self) {
        self.store.report_size();
    }
}
