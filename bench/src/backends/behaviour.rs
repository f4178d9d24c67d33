//! How a back end behaves.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What one back end does with lookups. Sign-in and probes are always answered at once.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Behaviour {
    /// Milliseconds from a request to its reply.
    pub(crate) delay_ms: u64,
    /// So many of a hundred replies take `tail_ms` instead.
    pub(crate) tail_percent: f64,
    /// Milliseconds of a reply in the tail.
    pub(crate) tail_ms: u64,
    /// So many of a hundred replies are 503.
    pub(crate) error_percent: f64,
    /// Never answers.
    pub(crate) hangs: bool,
}

/// What to do with one lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    AnswerAfter(Duration),
    FailAfter(Duration),
    Hang,
}

impl Behaviour {
    /// What to do with the next lookup.
    pub(crate) fn next(&self, random: &mut fastrand::Rng) -> Act {
        if self.hangs {
            return Act::Hang;
        }
        let mut happens = |percent: f64| percent > 0.0 && random.f64() * 100.0 < percent;
        let millis = if happens(self.tail_percent) {
            self.tail_ms
        } else {
            self.delay_ms
        };
        let delay = Duration::from_millis(millis);
        if happens(self.error_percent) {
            Act::FailAfter(delay)
        } else {
            Act::AnswerAfter(delay)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_does_not_happen() {
        let mut random = fastrand::Rng::with_seed(1);
        let plain = Behaviour::default();
        for _ in 0..1000 {
            assert_eq!(plain.next(&mut random), Act::AnswerAfter(Duration::ZERO));
        }
    }

    #[test]
    fn faults_come_as_often_as_set() {
        let mut random = fastrand::Rng::with_seed(1);
        let faulty = Behaviour {
            tail_percent: 10.0,
            tail_ms: 500,
            error_percent: 20.0,
            ..Behaviour::default()
        };
        let acts: Vec<Act> = (0..10_000).map(|_| faulty.next(&mut random)).collect();
        let count = |is_meant: fn(&Act) -> bool| acts.iter().filter(|act| is_meant(act)).count();
        let slow = Duration::from_millis(500);
        assert!(
            (800..1200).contains(
                &acts
                    .iter()
                    .filter(|act| matches!(act,
            Act::AnswerAfter(delay) | Act::FailAfter(delay) if *delay == slow))
                    .count()
            )
        );
        assert!((1800..2200).contains(&count(|act| matches!(act, Act::FailAfter(_)))));
    }
}
