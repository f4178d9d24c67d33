//! How far a lookup is, and how far it may go.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Brought, order::Order};

/// How far the steps are.
pub(super) struct Progress {
    pub(super) brought: Vec<Brought>,
    is_started: Vec<bool>,
    is_done: Vec<bool>,
}

impl Progress {
    pub(super) fn new(steps: usize) -> Self {
        Self {
            brought: (0..steps).map(|_| Brought::default()).collect(),
            is_started: vec![false; steps],
            is_done: vec![false; steps],
        }
    }

    /// The number of the next step that can start, which is then started.
    pub(super) fn start_next(&mut self, order: &Order) -> Option<usize> {
        let number = order.ready(&self.is_started, &self.is_done).next()?;
        set(&mut self.is_started, number);
        Some(number)
    }

    /// Notes what a step brought, which is then done.
    pub(super) fn finish(&mut self, number: usize, brought: Brought) {
        set(&mut self.is_done, number);
        if let Some(place) = self.brought.get_mut(number) {
            *place = brought;
        }
    }
}

fn set(flags: &mut [bool], number: usize) {
    if let Some(flag) = flags.get_mut(number) {
        *flag = true;
    }
}

/// How many requests a step may still send.
pub(super) struct Allowance(AtomicUsize);

impl Allowance {
    pub(super) fn of(requests: usize) -> Self {
        Self(AtomicUsize::new(requests))
    }

    /// Whether another request may be sent, which is then counted.
    pub(super) fn take(&self) -> bool {
        let one_less = |left: usize| left.checked_sub(1);
        let taken = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
        taken.is_ok()
    }
}
