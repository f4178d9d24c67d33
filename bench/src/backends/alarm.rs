//! Waits that end within a tenth of a millisecond. tokio's timer rounds up to whole milliseconds,
//! which is as much as what is to be measured.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

/// Longer than any wait.
const IDLE: Duration = Duration::from_hours(1);

/// A thread that wakes tasks.
#[derive(Debug, Clone)]
pub(crate) struct Alarm {
    waits: mpsc::Sender<Wait>,
}

#[derive(Debug)]
struct Wait {
    until: Instant,
    wake: oneshot::Sender<()>,
}

impl Alarm {
    /// Starts the thread. It ends with the last clone of the alarm.
    pub(crate) fn start() -> Self {
        let (waits, receiver) = mpsc::channel();
        thread::spawn(move || ring(&receiver));
        Self { waits }
    }

    /// Waits until then.
    pub(crate) async fn wait_until(&self, until: Instant) {
        let (wake, woken) = oneshot::channel();
        if self.waits.send(Wait { until, wake }).is_ok() {
            // The thread either wakes or is gone with the process.
            drop(woken.await);
        }
    }
}

fn ring(waits: &mpsc::Receiver<Wait>) {
    let mut pending = BinaryHeap::new();
    loop {
        let now = Instant::now();
        let next = pending
            .peek()
            .map(|Reverse(wait): &Reverse<Wait>| wait.until);
        if next.is_some_and(|until| until <= now) {
            if let Some(Reverse(wait)) = pending.pop() {
                let _has_left = wait.wake.send(()).is_err();
            }
            continue;
        }
        match waits.recv_timeout(next.map_or(IDLE, |until| until - now)) {
            Ok(wait) => pending.push(Reverse(wait)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

impl PartialEq for Wait {
    fn eq(&self, other: &Self) -> bool {
        self.until == other.until
    }
}

impl Eq for Wait {}

impl PartialOrd for Wait {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Wait {
    fn cmp(&self, other: &Self) -> Ordering {
        self.until.cmp(&other.until)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn waits_end_in_the_order_of_their_ends_and_never_early() {
        let alarm = Alarm::start();
        let start = Instant::now();
        let wait = |millis| {
            let until = start + Duration::from_millis(millis);
            let wait = alarm.wait_until(until).shared();
            // Begins to wait.
            assert!(wait.clone().now_or_never().is_none() || until <= Instant::now());
            (until, wait)
        };
        let mut waits = [30, 10, 20, 0].map(wait);
        waits.sort_by_key(|(until, _)| *until);
        for (place, (until, wait)) in waits.iter().enumerate() {
            wait.clone().await;
            assert!(Instant::now() >= *until);
            for (_, earlier) in &waits[..place] {
                assert!(earlier.clone().now_or_never().is_some());
            }
        }
    }
}
