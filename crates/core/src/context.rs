//! What accompanies every call: its deadline and the request it belongs to.

use std::{fmt, sync::Arc, time::Duration};

use tokio::time::Instant;

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
}

impl CallContext {
    /// A call that ends at `deadline`.
    pub fn new(deadline: Instant, request_id: RequestId) -> Self {
        Self {
            deadline,
            wanted_by: deadline,
            request_id,
        }
    }

    /// A call that ends `budget` from now.
    pub fn within(budget: Duration, request_id: RequestId) -> Self {
        Self::new(Instant::now() + budget, request_id)
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

    /// The time left; zero once the deadline has passed.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}
