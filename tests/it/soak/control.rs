//! What a reply was kept back by that is not the gateway: threads that were ready to run while other
//! programs had the processors.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{self, RecvTimeoutError},
    time::{Duration, Instant},
};

/// How exactly it is known when time was lost.
const STEP: Duration = Duration::from_millis(5);

/// Time that was lost in all, at each of several moments, in their order.
#[derive(Default)]
pub(super) struct Lost(Vec<(Instant, Duration)>);

impl Lost {
    fn note(&mut self, in_all: Duration) {
        self.0.push((Instant::now(), in_all));
    }

    /// What was lost between two moments, and at most one step before and after.
    fn between(&self, from: Instant, until: Instant) -> Duration {
        let first = self.0.partition_point(|(at, _)| *at <= from);
        let last = self.0.partition_point(|(at, _)| *at < until);
        let in_all = |place: usize| self.0.get(place).or(self.0.last()).map(|(_, lost)| *lost);
        let before = in_all(first.saturating_sub(1)).unwrap_or_default();
        in_all(last).unwrap_or_default().saturating_sub(before)
    }
}

/// What each of the gateway's threads and the telephones lost.
pub(super) struct Control {
    pub(super) gateway: Vec<Lost>,
    pub(super) telephones: Lost,
}

impl Control {
    /// What was lost between two moments by a telephone and the thread that serves it, which may be
    /// any of them.
    pub(super) fn lost(&self, from: Instant, until: Instant) -> Duration {
        let threads = self.gateway.iter().map(|lost| lost.between(from, until));
        threads.max().unwrap_or_default() + self.telephones.between(from, until)
    }
}

/// Watches the threads of a process, whose folder in `/proc` this is, until nobody holds the other
/// end of `is_going_on`. Those that ask CRMs do not matter: no reply waits for them at its deadline.
pub(super) fn watch_threads(process: &Path, is_going_on: &mpsc::Receiver<()>) -> Vec<Lost> {
    let mut threads: BTreeMap<PathBuf, Lost> = BTreeMap::new();
    loop {
        for entry in fs::read_dir(process.join("task")).unwrap() {
            let folder = entry.unwrap().path();
            let read = |file| fs::read_to_string(folder.join(file));
            // A thread may have ended meanwhile.
            if let (Ok(name), Ok(text)) = (read("comm"), read("schedstat"))
                && name.trim() != "crm"
            {
                threads.entry(folder).or_default().note(run_delay(&text));
            }
        }
        if is_going_on.recv_timeout(STEP) == Err(RecvTimeoutError::Disconnected) {
            return threads.into_values().collect();
        }
    }
}

/// The time for which a thread was ready to run and did not: the second number, in nanoseconds
/// (the kernel's documentation of `/proc/<pid>/schedstat`).
fn run_delay(schedstat: &str) -> Duration {
    let nanos = schedstat.split_whitespace().nth(1).unwrap();
    Duration::from_nanos(nanos.parse().unwrap())
}

/// A telephone that never asks anybody and only sleeps, until `is_going_on` says no: what it sleeps
/// for too long, the others wait for in vain too.
pub(super) async fn sleep_only(is_going_on: impl Fn() -> bool) -> Lost {
    let mut lost = Lost::default();
    let mut in_all = Duration::ZERO;
    while is_going_on() {
        lost.note(in_all);
        let began = Instant::now();
        tokio::time::sleep(STEP).await;
        in_all += began.elapsed().saturating_sub(STEP);
    }
    lost.note(in_all);
    lost
}
