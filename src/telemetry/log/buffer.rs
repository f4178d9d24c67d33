//! Lines that wait to be written.
//!
//! A line is pushed by copying it under a lock that nobody holds for longer than such a copy takes.
//! There is no system call in it, except when the writer sleeps because nothing was to be done. The
//! buffer has a bound: a line that does not fit is lost, and counted, because whoever serves a
//! client cannot wait for whoever reads the log.

use std::{
    io, mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use metrics::Counter;

/// How much may wait: the lines of 3,000 lookups and more, while the reader stands still.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// A writer that pauses goes on when so much waits, so that a burst is not lost while it rests.
const MANY_BYTES: usize = MAX_BYTES / 2;
/// For [`State::wakes_at`]: the writer does not sleep.
const AWAKE: usize = usize::MAX;

/// Lines on their way from those who log to the one who writes.
#[derive(Debug)]
pub(super) struct Buffer {
    state: Mutex<State>,
    /// The writer has something to do.
    woken: Condvar,
    /// Lines were written.
    written: Condvar,
    /// Counts lost lines for the metrics.
    lost: Counter,
}

#[derive(Debug)]
struct State {
    /// Whole lines, one after the other. Has its room from the start.
    lines: Vec<u8>,
    /// Lines that did not fit since the last batch was taken.
    lost: u64,
    /// From how many bytes on the sleeping writer is woken.
    wakes_at: usize,
    /// How many bytes were pushed since the start.
    pushed: u64,
    /// How many of them the writer is done with.
    written: u64,
}

impl Buffer {
    /// An empty buffer, which counts the lines that it has no room for in `lost`.
    pub(super) fn new(lost: Counter) -> Self {
        Self {
            state: Mutex::new(State {
                lines: Vec::with_capacity(MAX_BYTES),
                lost: 0,
                wakes_at: AWAKE,
                pushed: 0,
                written: 0,
            }),
            woken: Condvar::new(),
            written: Condvar::new(),
            lost,
        }
    }

    /// The state; whole even if a thread panicked, since nothing in here does.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one line with its end, or drops it when there is no room. Never waits.
    pub(super) fn push(&self, line: &[u8]) {
        let mut state = self.state();
        if state.lines.len() + line.len() > MAX_BYTES {
            state.lost += 1;
            drop(state);
            self.lost.increment(1);
            return;
        }
        state.lines.extend_from_slice(line);
        state.pushed += line.len() as u64;
        if state.lines.len() >= state.wakes_at {
            self.wake(state);
        }
    }

    fn wake(&self, mut state: MutexGuard<'_, State>) {
        state.wakes_at = AWAKE;
        drop(state);
        self.woken.notify_one();
    }

    /// For the writer: waits for lines and swaps them with `batch`, which has to be empty and to
    /// have room for [`MAX_BYTES`]. Returns how many lines were lost after those.
    pub(super) fn take(&self, batch: &mut Vec<u8>) -> u64 {
        let mut state = self.state();
        if state.lines.is_empty() {
            state.wakes_at = 1;
            let sleeping = self.woken.wait_while(state, |it| it.wakes_at != AWAKE);
            state = sleeping.unwrap_or_else(PoisonError::into_inner);
        }
        mem::swap(&mut state.lines, batch);
        mem::take(&mut state.lost)
    }

    /// For the writer: it is done with so many bytes; of them, these could not be written.
    pub(super) fn set_written(&self, bytes: usize, unwritten: &[u8]) {
        self.lost
            .increment(memchr::memchr_iter(b'\n', unwritten).count() as u64);
        self.state().written += bytes as u64;
        self.written.notify_all();
    }

    /// For the writer: rests, unless there is much to write or somebody waits for it.
    pub(super) fn pause(&self, pause: Duration) {
        let mut state = self.state();
        if state.lines.len() < MANY_BYTES {
            state.wakes_at = MANY_BYTES;
            let sleeping = self
                .woken
                .wait_timeout_while(state, pause, |it| it.wakes_at != AWAKE);
            state = sleeping.unwrap_or_else(PoisonError::into_inner).0;
            state.wakes_at = AWAKE;
        }
    }

    /// Waits until what was pushed before is written, but at most so long. Returns whether it is.
    pub(super) fn flush(&self, limit: Duration) -> bool {
        let pushed = self.state().pushed;
        self.wait_until(limit, |it| it.written >= pushed)
    }

    /// The same, also for the line that tells of lost ones.
    pub(super) fn drain(&self, limit: Duration) -> bool {
        self.wait_until(limit, |it| it.written == it.pushed && it.lost == 0)
    }

    fn wait_until(&self, limit: Duration, is_done: impl Fn(&State) -> bool) -> bool {
        let state = self.state();
        if is_done(&state) {
            return true;
        }
        self.wake(state);
        let waiting = self
            .written
            .wait_timeout_while(self.state(), limit, |it| !is_done(it));
        !waiting
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .timed_out()
    }
}

/// One write is one line.
impl io::Write for &Buffer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
