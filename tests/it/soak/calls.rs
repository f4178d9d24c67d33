//! How the calls of a soak went.

use std::{
    fmt,
    time::{Duration, Instant},
};

use super::{DEADLINE, GRACE, control::Control};

/// How a call went.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    pub(super) started: Instant,
    pub(super) wait: Duration,
    pub(super) is_complete: bool,
    pub(super) is_answered: bool,
}

/// How a call went, and what the machine may have kept its reply back by.
#[derive(Debug, Clone, Copy)]
struct Judged {
    call: Call,
    excuse: Duration,
}

impl Judged {
    /// Time counts that was lost on the way to the gateway and on the way back, not while the
    /// gateway waited for CRMs: each way took no longer than what the reply came after its deadline.
    fn new(call: Call, control: &Control) -> Self {
        let ways = call.wait.saturating_sub(DEADLINE);
        let there = control.lost(call.started, call.started + ways);
        let back = control.lost(call.started + DEADLINE, call.started + call.wait);
        let excuse = if ways.is_zero() { ways } else { there + back };
        Self { call, excuse }
    }

    fn is_late(&self) -> bool {
        self.call.wait > DEADLINE + GRACE
    }

    /// Whether the gateway had to answer without all CRMs, and nothing kept the reply back.
    fn is_undisturbed(&self) -> bool {
        self.call.wait > DEADLINE && self.excuse < GRACE
    }

    /// What the gateway alone let the telephone wait too long.
    fn lateness(&self) -> Duration {
        self.call
            .wait
            .saturating_sub(DEADLINE + GRACE + self.excuse)
    }
}

/// How all calls went, sorted by how long they took.
pub(super) struct Calls(Vec<Judged>);

impl Calls {
    pub(super) fn new(calls: Vec<Call>, control: &Control) -> Self {
        let judged = calls.into_iter().map(|call| Judged::new(call, control));
        let mut calls: Vec<_> = judged.collect();
        calls.sort_unstable_by_key(|judged| judged.call.wait);
        Self(calls)
    }

    /// The most that the gateway let a telephone wait too long.
    pub(super) fn lateness(&self) -> Duration {
        let lateness = self.0.iter().map(Judged::lateness);
        lateness.max().unwrap_or_default()
    }

    /// The wait that this share of the replies did not exceed.
    pub(super) fn wait(&self, per_mille: usize) -> Duration {
        self.0[(self.0.len() - 1) * per_mille / 1000].call.wait
    }

    fn count(&self, is_counted: impl Fn(&Judged) -> bool) -> usize {
        self.0.iter().filter(|judged| is_counted(judged)).count()
    }

    /// Complete replies, those of some CRMs, and those of none.
    pub(super) fn outcomes(&self) -> [usize; 3] {
        [
            self.count(|it| it.call.is_complete),
            self.count(|it| it.call.is_answered && !it.call.is_complete),
            self.count(|it| !it.call.is_answered),
        ]
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [complete, partial, failed] = self.outcomes();
        let [median, most, nearly_all, longest] = [500, 990, 999, 1000].map(|it| self.wait(it));
        let late = self.count(Judged::is_late);
        let undisturbed = self.count(Judged::is_undisturbed);
        write!(
            f,
            "{complete} complete, {partial} partial, {failed} failed; median {median:.1?}, 99 % \
             {most:.1?}, 99.9 % {nearly_all:.1?}, longest {longest:.1?}; {late} after deadline and \
             grace; {undisturbed} at the deadline while the machine lost no time; late by the \
             gateway's fault {:.1?} at most",
            self.lateness()
        )
    }
}
