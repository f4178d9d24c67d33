//! The share of failures in the last seconds.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// Into so many slots a window is cut. Calls are forgotten a slot at a time, so that the memory
/// does not grow with their number.
const SLOTS: u32 = 10;

/// Counts of calls within a time that moves on with the clock: no call is counted for longer than
/// the window, and each for nine tenths of it at least.
#[derive(Debug)]
pub(super) struct Window {
    length: Duration,
    /// Oldest first.
    slots: VecDeque<Slot>,
}

#[derive(Debug)]
struct Slot {
    begins: Instant,
    calls: u32,
    failures: u32,
}

impl Window {
    pub(super) fn of(length: Duration) -> Self {
        Self {
            length,
            slots: VecDeque::new(),
        }
    }

    /// Counts a call that ended now.
    pub(super) fn record(&mut self, is_failure: bool, now: Instant) {
        while self
            .slots
            .front()
            .is_some_and(|slot| slot.begins + self.length <= now)
        {
            self.slots.pop_front();
        }
        let is_full = |slot: &Slot| slot.begins + self.length / SLOTS <= now;
        if self.slots.back().is_none_or(is_full) {
            self.slots.push_back(Slot {
                begins: now,
                calls: 0,
                failures: 0,
            });
        }
        if let Some(slot) = self.slots.back_mut() {
            slot.calls = slot.calls.saturating_add(1);
            slot.failures = slot.failures.saturating_add(u32::from(is_failure));
        }
    }

    /// Calls and failures, as of the last one recorded.
    pub(super) fn counts(&self) -> (u32, u32) {
        let add = |(calls, failures): (u32, u32), slot: &Slot| {
            let calls = calls.saturating_add(slot.calls);
            (calls, failures.saturating_add(slot.failures))
        };
        self.slots.iter().fold((0, 0), add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn calls_are_forgotten_when_the_window_has_passed() {
        let start = Instant::now();
        let mut window = Window::of(30 * SECOND);
        window.record(true, start);
        window.record(false, start + SECOND);
        window.record(true, start + 4 * SECOND);
        assert_eq!(window.counts(), (3, 2));
        window.record(false, start + 30 * SECOND);
        assert_eq!(window.counts(), (2, 1), "those of the first slot are gone");
        window.record(false, start + 300 * SECOND);
        assert_eq!(window.counts(), (1, 0));
    }

    proptest! {
        #[test]
        fn counts_lie_between_those_of_nine_tenths_and_of_the_whole_window(
            calls in prop::collection::vec((0_u64..8_000, any::<bool>()), 1..200)
        ) {
            let start = Instant::now();
            let mut window = Window::of(30 * SECOND);
            let mut now = start;
            let mut seen: Vec<(Instant, bool)> = Vec::new();
            for (pause, is_failure) in calls {
                now += Duration::from_millis(pause);
                window.record(is_failure, now);
                seen.push((now, is_failure));
                let within = |length: Duration| {
                    let recent = seen.iter().filter(move |(at, _)| *at + length > now);
                    (recent.clone().count(), recent.filter(|(_, failed)| *failed).count())
                };
                let (calls, failures) = window.counts();
                let (calls, failures) = (calls as usize, failures as usize);
                let (least, most) = (within(27 * SECOND), within(30 * SECOND));
                prop_assert!(least.0 <= calls && calls <= most.0);
                prop_assert!(least.1 <= failures && failures <= most.1);
                prop_assert!(window.slots.len() <= SLOTS as usize + 1);
            }
        }
    }
}
