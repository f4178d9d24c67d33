//! Whether a CRM takes deliveries at present. Pure: the clock is handed in.

use std::time::Duration;

use tokio::time::Instant;

use crate::schedule;

/// After an outage of this length, everything that waits is worth trying at once.
const LONG_OUTAGE: Duration = Duration::from_mins(1);

/// The health of one CRM, as its deliveries see it.
#[derive(Debug, Default)]
pub(crate) struct Health {
    trouble: Option<Trouble>,
}

#[derive(Debug, Clone, Copy)]
struct Trouble {
    since: Instant,
    /// Until then, nothing is sent; afterwards, one delivery at a time.
    paused_until: Instant,
}

impl Health {
    /// Until when nothing is sent.
    pub(crate) fn paused_until(&self) -> Option<Instant> {
        self.trouble.map(|trouble| trouble.paused_until)
    }

    /// How many deliveries may be under way, where a healthy CRM gets `most`.
    pub(crate) fn allowed(&self, most: usize, now: Instant) -> usize {
        match self.trouble {
            None => most,
            Some(trouble) if now < trouble.paused_until => 0,
            Some(_) => 1,
        }
    }

    /// The CRM failed. What was under way together fails together: that counts once.
    pub(crate) fn failed(&mut self, now: Instant, retry_after: Option<Duration>, chance: f64) {
        let since = self.trouble.map_or(now, |trouble| trouble.since);
        let wait = schedule::lane_wait(now.saturating_duration_since(since), retry_after, chance);
        let known = self.paused_until().unwrap_or(now);
        self.trouble = Some(Trouble {
            since,
            paused_until: known.max(now + wait),
        });
    }

    /// The CRM answered. Returns whether a long outage is over.
    pub(crate) fn succeeded(&mut self, now: Instant) -> bool {
        let trouble = self.trouble.take();
        trouble.is_some_and(|trouble| now.saturating_duration_since(trouble.since) >= LONG_OUTAGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_crm_in_trouble_gets_one_delivery_at_a_time_and_pauses_between() {
        let start = Instant::now();
        let mut health = Health::default();
        assert_eq!(health.allowed(4, start), 4);
        health.failed(start, None, 1.0);
        assert_eq!(health.allowed(4, start), 0);
        assert_eq!(health.allowed(4, start + SECOND), 1);
        health.failed(start + SECOND, None, 1.0);
        assert_eq!(health.paused_until(), Some(start + 2 * SECOND));
        assert!(!health.succeeded(start + 2 * SECOND), "it was short");
        assert_eq!(health.allowed(4, start + 2 * SECOND), 4);
    }

    #[test]
    fn the_pause_grows_with_the_outage_to_seconds_not_to_minutes() {
        let start = Instant::now();
        let mut health = Health::default();
        let mut now = start;
        let mut longest = Duration::ZERO;
        while now < start + Duration::from_hours(3) {
            health.failed(now, None, 1.0);
            let paused_until = health.paused_until().unwrap();
            longest = longest.max(paused_until - now);
            now = paused_until;
        }
        assert_eq!(longest, 15 * SECOND);
        assert!(health.succeeded(now), "it was long");
    }

    #[test]
    fn what_fails_together_pauses_once() {
        let start = Instant::now();
        let mut health = Health::default();
        for _ in 0..8 {
            health.failed(start, None, 1.0);
        }
        assert_eq!(health.paused_until(), Some(start + SECOND));
        health.failed(start, Some(30 * SECOND), 1.0);
        health.failed(start, None, 1.0);
        assert_eq!(health.paused_until(), Some(start + 30 * SECOND));
    }
}
