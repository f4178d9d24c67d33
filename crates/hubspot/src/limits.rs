//! How often HubSpot may be asked, and when again (`crm-apis.md` §1.8).
//!
//! One rule: searches are counted, because HubSpot allows the whole account five a second; and a
//! wait that a search is told holds for all searches of the adapter. Other requests are few, have
//! limits of their own and tell nobody but their caller to wait.

use std::{
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use jiff::{Timestamp, tz::TimeZone};
use tokio::time::Instant;
use whocalls_core::{AdapterError, AdapterId, CallContext, ErrorKind, Operation, RateBudget};

use crate::error;

/// The limits of one account.
#[derive(Debug)]
pub(crate) struct Limits {
    searches: RateBudget,
    /// Where the account's midnight is, once account info has told.
    time_zone: OnceLock<TimeZone>,
}

impl Limits {
    /// Allows so many searches in any one second.
    pub(crate) fn new(searches_per_second: NonZeroU32) -> Self {
        Self {
            searches: RateBudget::in_any_second(searches_per_second),
            time_zone: OnceLock::new(),
        }
    }

    /// Waits until a search may be sent. Searches of deliveries, for which nobody waits, leave room
    /// for those of lookups.
    ///
    /// # Errors
    /// `RateLimited`, at once, when that will be too late.
    pub(crate) async fn search_place(
        &self,
        cx: &CallContext,
        adapter: &AdapterId,
        operation: Operation,
    ) -> Result<(), AdapterError> {
        self.searches.place(cx, adapter, operation).await
    }

    /// Sends no search for as long as a failed one was told to wait.
    pub(crate) fn heed(&self, error: &AdapterError) {
        let concerns_all =
            error.kind == ErrorKind::RateLimited || error.status == Some(error::MIGRATION);
        if let (true, Some(wait)) = (concerns_all, error.retry_after) {
            self.searches.pause(wait);
        }
    }

    /// Remembers the time zone of the account, by its IANA name.
    pub(crate) fn learn_time_zone(&self, name: &str) {
        match TimeZone::get(name) {
            Ok(zone) => {
                self.time_zone.get_or_init(|| zone);
            }
            Err(error) => tracing::debug!(%error, "the account's time zone is not known here"),
        }
    }

    /// How long the account's day lasts yet, if its time zone is known.
    pub(crate) fn until_midnight(&self, now: Timestamp) -> Option<Duration> {
        let now = now.to_zoned(self.time_zone.get()?.clone());
        let midnight = now.tomorrow().ok()?.start_of_day().ok()?;
        midnight.duration_since(&now).try_into().ok()
    }
}

/// How long something optional is not asked for after HubSpot refused it for good: somebody has
/// to change the account or the settings first.
const REFUSAL_PAUSE: Duration = Duration::from_mins(5);

/// Remembers that HubSpot refused something optional.
#[derive(Debug, Default)]
pub(crate) struct Refusal(Mutex<Option<Instant>>);

impl Refusal {
    /// HubSpot refuses it now.
    pub(crate) fn remember(&self) {
        *self.until() = Some(Instant::now() + REFUSAL_PAUSE);
    }

    /// Whether HubSpot refused it in the last minutes.
    pub(crate) fn is_fresh(&self) -> bool {
        self.until().is_some_and(|until| Instant::now() < until)
    }

    fn until(&self) -> MutexGuard<'_, Option<Instant>> {
        // An instant is consistent after every operation, so a poisoned lock is still good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use whocalls_core::RequestId;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn limits(per_second: u32) -> Limits {
        Limits::new(NonZeroU32::new(per_second).unwrap())
    }

    async fn place(limits: &Limits, time: Duration) -> Result<(), AdapterError> {
        let cx = CallContext::within(time, RequestId::new("test"));
        let adapter = AdapterId::new("hubspot").unwrap();
        limits.search_place(&cx, &adapter, Operation::Lookup).await
    }

    fn refusal(kind: ErrorKind, status: u16, wait: Option<Duration>) -> AdapterError {
        let adapter = AdapterId::new("hubspot").unwrap();
        AdapterError::new(kind, &adapter, Operation::Lookup, "no")
            .with_status(status)
            .with_retry_after(wait)
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_leaves_time_for_the_search() {
        let limits = limits(1);
        place(&limits, SECOND).await.unwrap();
        let started = Instant::now();
        let error = place(&limits, SECOND * 5 / 4).await.unwrap_err();
        assert_eq!(started.elapsed(), Duration::ZERO, "refused at once");
        assert_eq!((error.kind, error.status), (ErrorKind::RateLimited, None));
        place(&limits, SECOND * 2).await.unwrap();
        assert!(started.elapsed() < SECOND * 3 / 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_concerns_the_account_holds_for_all_searches() {
        use ErrorKind::{RateLimited, Unavailable};
        let wait = Some(10 * SECOND);
        let cases = [
            (refusal(RateLimited, 429, wait), true),
            (refusal(Unavailable, 477, wait), true),
            (refusal(Unavailable, 423, wait), false),
            (refusal(RateLimited, 429, None), false),
        ];
        for (error, pauses) in cases {
            let limits = limits(4);
            limits.heed(&error);
            let placed = place(&limits, 10 * SECOND).await;
            assert_eq!(placed.is_err(), pauses, "{error}");
            if let Err(refused) = placed {
                assert_eq!(refused.retry_after, wait);
                place(&limits, 20 * SECOND).await.unwrap();
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_remembered_for_a_while() {
        let refusal = Refusal::default();
        assert!(!refusal.is_fresh());
        refusal.remember();
        assert!(refusal.is_fresh());
        tokio::time::advance(REFUSAL_PAUSE).await;
        assert!(!refusal.is_fresh());
    }

    #[test]
    fn the_day_ends_at_midnight_of_the_account() {
        let cases = [
            ("Europe/Zurich", "2026-11-22T08:30:00Z", Some(14 * 60 + 30)),
            ("Europe/Zurich", "2026-11-22T23:00:00Z", Some(24 * 60)),
            // The day on which summer time begins has 23 hours.
            ("Europe/Zurich", "2026-03-28T23:00:00Z", Some(23 * 60)),
            ("US/Eastern", "2026-11-22T08:30:00Z", Some(20 * 60 + 30)),
            ("Atlantis", "2026-11-22T08:30:00Z", None),
        ];
        for (zone, now, minutes) in cases {
            let limits = limits(4);
            assert_eq!(limits.until_midnight(now.parse().unwrap()), None);
            limits.learn_time_zone(zone);
            let left = limits.until_midnight(now.parse().unwrap());
            assert_eq!(left, minutes.map(Duration::from_mins), "{zone} {now}");
        }
    }
}
