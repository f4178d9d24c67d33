//! Warnings that a wrong description would otherwise repeat with every call.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How long a warning is not repeated.
const INTERVAL: Duration = Duration::from_mins(1);

/// Lets one warning through in a minute.
#[derive(Debug, Default)]
pub(crate) struct Notice(Mutex<Option<Instant>>);

impl Notice {
    /// Whether the warning is due now.
    pub(crate) fn is_due(&self) -> bool {
        let now = Instant::now();
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.is_none_or(|last| now.duration_since(last) >= INTERVAL);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_warning_is_due_once_in_a_minute() {
        let notice = Notice::default();
        assert!(notice.is_due());
        tokio::time::advance(Duration::from_secs(59)).await;
        assert!(!notice.is_due());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(notice.is_due());
        assert!(!notice.is_due());
    }
}
