//! What became of one adapter's part of a lookup.

use std::time::Duration;

use whocalls_core::{AdapterError, AdapterId, ErrorKind, Freshness, LookupAnswer};

/// One adapter's part of a lookup.
#[derive(Debug, Clone)]
pub struct SourceOutcome {
    /// The adapter.
    pub adapter: AdapterId,
    /// How long the lookup waited for it.
    pub elapsed: Duration,
    /// What came of it.
    pub status: SourceStatus,
}

/// What came of asking one adapter.
#[derive(Debug, Clone)]
pub enum SourceStatus {
    /// It answered.
    Answered(LookupAnswer),
    /// It failed, or did not answer in time.
    Failed(AdapterError),
    /// The lookup did not wait for it: an exact match was there already.
    Skipped,
}

impl SourceOutcome {
    /// Whether the adapter answered.
    pub fn is_answered(&self) -> bool {
        matches!(self.status, SourceStatus::Answered(_))
    }

    /// Whether the adapter answered with all that the CRM knows.
    pub fn is_complete(&self) -> bool {
        self.answer().is_some_and(|answer| !answer.is_partial())
    }

    /// Whether every adapter answered with all that its CRM knows.
    pub fn are_complete(outcomes: &[Self]) -> bool {
        outcomes.iter().all(Self::is_complete)
    }

    /// Whether there were adapters to ask and none of them answered.
    pub fn are_failed(outcomes: &[Self]) -> bool {
        !outcomes.is_empty() && !outcomes.iter().any(Self::is_answered)
    }

    /// The answer, if it answered.
    pub fn answer(&self) -> Option<&LookupAnswer> {
        match &self.status {
            SourceStatus::Answered(answer) => Some(answer),
            SourceStatus::Failed(_) | SourceStatus::Skipped => None,
        }
    }

    /// The failure, if it failed.
    pub fn error(&self) -> Option<&AdapterError> {
        match &self.status {
            SourceStatus::Failed(error) => Some(error),
            SourceStatus::Answered(_) | SourceStatus::Skipped => None,
        }
    }

    /// How long ago the CRM gave the answer, if it was taken from the cache.
    pub fn age(&self) -> Option<Duration> {
        match self.answer()?.freshness() {
            Freshness::Cached { age } | Freshness::Stale { age } => Some(age),
            Freshness::Live => None,
        }
    }

    /// One word for `Server-Timing` and metrics: `ok`, `empty`, `cached`, `stale`, `timeout`,
    /// `error`, `skipped`.
    pub fn label(&self) -> &'static str {
        match &self.status {
            SourceStatus::Answered(answer) => match answer.freshness() {
                Freshness::Cached { .. } => "cached",
                Freshness::Stale { .. } => "stale",
                Freshness::Live if answer.is_empty() => "empty",
                Freshness::Live => "ok",
            },
            SourceStatus::Failed(error) if error.is_own_refusal() => "skipped",
            SourceStatus::Failed(error) => match error.kind {
                ErrorKind::Timeout => "timeout",
                _ => "error",
            },
            SourceStatus::Skipped => "skipped",
        }
    }
}
