//! What accompanies every call: its deadline and the request it belongs to.

use std::{fmt, sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::Trace;

/// The id of one request to the gateway, as in the header `X-Request-Id`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// Keeps an id that the caller has checked to be fit for logs and headers.
    pub fn new(id: &str) -> Self {
        Self(id.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Who waits for a call to an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Urgency {
    /// A telephone rings.
    #[default]
    Caller,
    /// Nobody: a delivery that can be made up. It gives way where the budget of requests is short.
    Background,
}

/// The circumstances of one call to an adapter. Passed down by reference, never stored.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CallContext {
    /// When the call ends at the latest.
    pub deadline: Instant,
    /// Until when its result is waited for: the deadline, unless the call may go on in the
    /// background for those who ask later. Nobody is to queue for longer.
    pub wanted_by: Instant,
    /// The request that caused the call.
    pub request_id: RequestId,
    /// Who waits for it.
    pub urgency: Urgency,
    /// Whether only memory may answer, because too many calls wait for CRMs already. What memory
    /// does not hold fails with `Overloaded` at once, and nothing is started.
    pub memory_only: bool,
    /// Where it is written down what is said to the CRM; memory does not answer such a call.
    pub trace: Option<Trace>,
}

impl CallContext {
    /// A call that ends at `deadline`.
    pub fn new(deadline: Instant, request_id: RequestId) -> Self {
        Self {
            deadline,
            wanted_by: deadline,
            request_id,
            urgency: Urgency::Caller,
            memory_only: false,
            trace: None,
        }
    }

    /// A call that ends `budget` from now.
    pub fn within(budget: Duration, request_id: RequestId) -> Self {
        Self::new(Instant::now() + budget, request_id)
    }

    /// The same call, which gives way to those that somebody waits for.
    #[must_use]
    pub fn in_background(self) -> Self {
        Self {
            urgency: Urgency::Background,
            ..self
        }
    }

    /// The same call, answered from memory or refused; no CRM is asked for it.
    #[must_use]
    pub fn memory_only(self) -> Self {
        Self {
            memory_only: true,
            ..self
        }
    }

    /// The same call with another deadline.
    #[must_use]
    pub fn with_deadline(&self, deadline: Instant) -> Self {
        Self {
            deadline,
            wanted_by: self.wanted_by.min(deadline),
            ..self.clone()
        }
    }

    /// The same call, which may go on until `deadline` although nobody waits any longer.
    #[must_use]
    pub fn with_late_deadline(&self, deadline: Instant) -> Self {
        Self {
            deadline: self.deadline.max(deadline),
            ..self.clone()
        }
    }

    /// Whether somebody still waits for the result.
    pub fn is_awaited(&self) -> bool {
        self.wanted_by > Instant::now()
    }

    /// The time in which an answer is of use: as long as it is waited for and, once nobody waits,
    /// until the deadline. What may be left out of an answer is bounded by a part of this.
    pub fn useful_time(&self) -> Duration {
        let wanted_for = self.wanted_by.saturating_duration_since(Instant::now());
        if wanted_for.is_zero() {
            self.remaining()
        } else {
            wanted_for
        }
    }

    /// The time left; zero once the deadline has passed.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_late_deadline_leaves_the_useful_time_as_it_was() {
        let now = Instant::now();
        let call = CallContext::new(now + 100 * SECOND, RequestId::new("test"));
        let late = call.with_late_deadline(now + 500 * SECOND);
        assert_eq!(late.wanted_by, call.deadline);
        assert!(late.remaining() > 400 * SECOND);
        assert!(late.is_awaited());
        assert!(late.useful_time() <= 100 * SECOND);
        assert!(late.useful_time() > Duration::ZERO);
    }

    #[test]
    fn once_nobody_waits_all_the_time_left_is_useful() {
        let now = Instant::now();
        let call = CallContext::new(now, RequestId::new("test"));
        let late = call.with_late_deadline(now + 500 * SECOND);
        assert!(!late.is_awaited());
        assert!(late.useful_time() > 400 * SECOND);
    }

    #[test]
    fn an_earlier_deadline_is_waited_for_no_longer() {
        let now = Instant::now();
        let late = CallContext::new(now + SECOND, RequestId::new("test"));
        let late = late.with_late_deadline(now + 10 * SECOND);
        let early = late.with_deadline(now + SECOND / 2);
        assert_eq!(
            (early.deadline, early.wanted_by),
            (now + SECOND / 2, now + SECOND / 2)
        );
    }
}
