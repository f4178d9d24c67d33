//! When to try again. Pure: time and chance are handed in.
//!
//! Two things wait: the delivery that failed, and, when the failure speaks of the CRM, all
//! deliveries to that CRM. Both wait for a share of the time that the trouble has lasted, so that
//! a short outage is made up for within seconds and a long one does not cause a storm.

use std::time::Duration;

use whocalls_core::ErrorKind;

/// The first tries.
const SHORTEST: Duration = Duration::from_secs(1);
/// While the trouble is fresh, a delivery waits for at most this: the end of a short outage is
/// noticed within 20 s.
const LONGEST_WHILE_FRESH: Duration = Duration::from_secs(15);
/// Until then, trouble is fresh.
const FRESH: Duration = Duration::from_mins(15);
/// Afterwards, a delivery waits for this share of its age, within these bounds.
const LATER_SHARE: u32 = 15;
const SHORTEST_LATER: Duration = Duration::from_mins(1);
const LONGEST: Duration = Duration::from_mins(10);
/// Nobody mends a setting within seconds: a delivery that the CRM refuses waits at least this.
const SHORTEST_WHEN_REFUSED: Duration = Duration::from_secs(30);
/// The most that a CRM can ask for: HubSpot's daily limit ends at midnight (`crm-apis.md` §1.8).
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(24);

/// Whether a failure speaks of the CRM, so that other deliveries would fail as well, and not of
/// what was delivered.
pub(crate) const fn is_the_crms_trouble(kind: ErrorKind) -> bool {
    kind.counts_against_breaker()
        || kind.is_transient()
        || matches!(
            kind,
            ErrorKind::CircuitOpen | ErrorKind::Overloaded | ErrorKind::Unauthenticated
        )
}

/// How long a delivery waits that has failed and has waited for `age` already. `chance` is between
/// 0 and 1: of many that failed together, not all come back together.
pub(crate) fn delivery_wait(
    kind: ErrorKind,
    age: Duration,
    retry_after: Option<Duration>,
    chance: f64,
) -> Duration {
    let wait = if !is_the_crms_trouble(kind) {
        age.clamp(SHORTEST_WHEN_REFUSED, LONGEST)
    } else if age < FRESH {
        (age / 2).clamp(SHORTEST, LONGEST_WHILE_FRESH)
    } else {
        (age / LATER_SHARE).clamp(SHORTEST_LATER, LONGEST)
    };
    spread(wait, chance).max(asked_for(retry_after))
}

/// How long a CRM is left alone that has been in trouble for `age`.
pub(crate) fn lane_wait(age: Duration, retry_after: Option<Duration>, chance: f64) -> Duration {
    let wait = (age / 2).clamp(SHORTEST, LONGEST_WHILE_FRESH);
    spread(wait, chance).max(asked_for(retry_after))
}

/// Between three quarters of `wait` and all of it.
fn spread(wait: Duration, chance: f64) -> Duration {
    wait.mul_f64(0.25f64.mul_add(chance.clamp(0.0, 1.0), 0.75))
}

fn asked_for(retry_after: Option<Duration>) -> Duration {
    retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// When a delivery is tried that fails from the start, without spread, as seconds.
    fn tries(kind: ErrorKind, count: usize) -> Vec<u64> {
        let mut now = Duration::ZERO;
        let mut tries = Vec::new();
        for _ in 0..count {
            now += delivery_wait(kind, now, None, 1.0);
            tries.push(now.as_secs());
        }
        tries
    }

    #[test]
    fn the_first_tries_come_within_seconds_and_later_ones_minutes_apart() {
        assert_eq!(
            tries(ErrorKind::Unavailable, 10),
            [1, 2, 3, 4, 6, 10, 15, 22, 34, 49]
        );
        let day: Vec<u64> = tries(ErrorKind::Unavailable, 300);
        for pair in day.windows(2) {
            let [earlier, later] = [pair[0], pair[1]];
            let gap = later - earlier;
            assert!(gap <= 15 || earlier >= 900 && (60..=600).contains(&gap));
        }
    }

    #[test]
    fn a_short_outage_is_made_up_within_20_seconds_of_its_end() {
        for kind in [ErrorKind::Unavailable, ErrorKind::Timeout] {
            let tries = tries(kind, 60);
            for outage in 0..600 {
                let made_up = tries.iter().find(|time| **time >= outage);
                assert!(*made_up.unwrap() <= outage + 16, "{outage}");
            }
        }
    }

    #[test]
    fn what_the_crm_refuses_is_not_sent_over_and_over() {
        assert_eq!(
            tries(ErrorKind::InvalidRequest, 6),
            [30, 60, 120, 240, 480, 960]
        );
    }

    #[test]
    fn the_crm_decides_when_to_come_back_within_reason() {
        let wait =
            |retry_after| delivery_wait(ErrorKind::RateLimited, SECOND, Some(retry_after), 0.5);
        assert_eq!(wait(300 * SECOND), 300 * SECOND);
        assert_eq!(wait(Duration::from_hours(1000)), LONGEST_RETRY_AFTER);
        assert_eq!(lane_wait(SECOND, Some(7 * SECOND), 0.5), 7 * SECOND);
    }

    #[test]
    fn chance_spreads_the_tries_and_never_delays_them() {
        let wait = |chance| lane_wait(8 * SECOND, None, chance);
        assert_eq!(wait(1.0), 4 * SECOND);
        assert_eq!(wait(0.0), 3 * SECOND);
        assert_eq!(wait(-5.0), 3 * SECOND);
    }
}
