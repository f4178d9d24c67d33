//! How the calls of a soak went.

use std::{fmt, time::Duration};

use super::{DEADLINE, GRACE};

/// How a call went.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    pub(super) wait: Duration,
    pub(super) is_complete: bool,
    pub(super) is_answered: bool,
}

/// How all calls went, sorted by how long they took.
pub(super) struct Calls(Vec<Call>);

impl Calls {
    pub(super) fn new(mut calls: Vec<Call>) -> Self {
        calls.sort_unstable_by_key(|call| call.wait);
        Self(calls)
    }

    /// The wait that this share of the replies did not exceed.
    pub(super) fn wait(&self, per_mille: usize) -> Duration {
        self.0[(self.0.len() - 1) * per_mille / 1000].wait
    }

    fn count(&self, is_counted: impl Fn(&Call) -> bool) -> usize {
        self.0.iter().filter(|call| is_counted(call)).count()
    }

    /// Complete replies, those of some CRMs, and those of none.
    pub(super) fn outcomes(&self) -> [usize; 3] {
        [
            self.count(|call| call.is_complete),
            self.count(|call| call.is_answered && !call.is_complete),
            self.count(|call| !call.is_answered),
        ]
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [complete, partial, failed] = self.outcomes();
        let [median, most, nearly_all, longest] = [500, 990, 999, 1000].map(|it| self.wait(it));
        let late = self.count(|call| call.wait > DEADLINE + GRACE);
        write!(
            f,
            "{complete} complete, {partial} partial, {failed} failed; median {median:.1?}, 99 % \
             {most:.1?}, 99.9 % {nearly_all:.1?}, longest {longest:.1?}, {late} after deadline and \
             grace"
        )
    }
}
