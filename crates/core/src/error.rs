//! The ways in which a CRM fails, and what follows from each.

use std::{fmt, sync::Arc, time::Duration};

use serde::{Serialize, Serializer};

use crate::{AdapterId, WorkflowReceipt};

/// What kind of failure it is. Decides about retries, the circuit breaker and the HTTP status.
///
/// | kind | when |
/// |---|---|
/// | `InvalidRequest` | the CRM rejects the query or its parameters (400, 422) |
/// | `Unsupported` | not declared in the capabilities; nothing was sent |
/// | `Unauthenticated` | the credentials were rejected, after one refresh |
/// | `PermissionDenied` | the credentials lack a right or scope |
/// | `NotFound` | the named record or object does not exist |
/// | `Conflict` | a concurrent change |
/// | `RateLimited` | 429, or our own budget is used up; carries `retry_after` |
/// | `Timeout` | no answer in time |
/// | `Unavailable` | cannot connect, or 502, 503, 504 |
/// | `Protocol` | the reply is not what the interface promises |
/// | `CircuitOpen`, `Overloaded` | our own refusal; nothing was sent |
/// | `OutcomeUnknown` | a workflow was sent and its answer lost |
/// | `Internal` | a bug of ours, a caught panic |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "the table above describes the variants side by side"
)]
pub enum ErrorKind {
    InvalidRequest,
    Unsupported,
    Unauthenticated,
    PermissionDenied,
    NotFound,
    Conflict,
    RateLimited,
    Timeout,
    Unavailable,
    Protocol,
    CircuitOpen,
    Overloaded,
    OutcomeUnknown,
    Internal,
}

impl ErrorKind {
    /// The kind as a metric label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Unsupported => "unsupported",
            Self::Unauthenticated => "unauthenticated",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate_limited",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::Protocol => "protocol",
            Self::CircuitOpen => "circuit_open",
            Self::Overloaded => "overloaded",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Internal => "internal",
        }
    }

    /// Whether the same call may succeed a little later without anybody doing anything.
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::RateLimited | Self::Timeout | Self::Unavailable)
    }

    /// Whether the failure speaks of the CRM's health, so that the circuit breaker counts it. A
    /// CRM that refuses what it was asked is well; one that is silent, away or answers nonsense is
    /// not.
    pub const fn counts_against_breaker(self) -> bool {
        matches!(
            self,
            Self::Timeout | Self::Unavailable | Self::Protocol | Self::OutcomeUnknown
        )
    }

    /// Whether an administrator has to act: credentials, rights or configuration.
    pub const fn needs_attention(self) -> bool {
        matches!(
            self,
            Self::Unauthenticated | Self::PermissionDenied | Self::InvalidRequest | Self::Internal
        )
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What was being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// A lookup.
    Lookup,
    /// A workflow.
    Workflow,
    /// A probe.
    Probe,
    /// Getting or refreshing credentials.
    Authenticate,
    /// Reading a change notification.
    Notification,
}

impl Operation {
    /// The operation as a metric label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lookup => "lookup",
            Self::Workflow => "workflow",
            Self::Probe => "probe",
            Self::Authenticate => "authenticate",
            Self::Notification => "notification",
        }
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A failed call to one adapter. Cheap to clone, so that callers who wait for the same request can
/// share it.
///
/// The message says what happened and what to do about it. It carries no credential, no URL with
/// a query, no number and no name.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{adapter}: {operation} failed ({kind}): {message}")]
pub struct AdapterError {
    /// What kind of failure.
    pub kind: ErrorKind,
    /// The adapter that failed.
    pub adapter: AdapterId,
    /// What was being done.
    pub operation: Operation,
    /// The HTTP status, when the CRM answered.
    pub status: Option<u16>,
    /// When the CRM wants to be asked again.
    pub retry_after: Option<Duration>,
    /// One sentence for the operator.
    pub message: String,
    /// What a workflow created before it failed: the next delivery brings that up to date, and
    /// creates no second one.
    pub created: Option<Arc<WorkflowReceipt>>,
    /// The cause, if another library reported one.
    #[source]
    pub source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl AdapterError {
    /// A failure without further details.
    pub fn new(
        kind: ErrorKind,
        adapter: &AdapterId,
        operation: Operation,
        message: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            adapter: adapter.clone(),
            operation,
            status: None,
            retry_after: None,
            message: message.into(),
            created: None,
            source: None,
        }
    }

    /// The deadline passed.
    pub fn timeout(adapter: &AdapterId, operation: Operation) -> Self {
        Self::new(ErrorKind::Timeout, adapter, operation, "no answer in time")
    }

    /// The adapter does not do that.
    pub fn unsupported(adapter: &AdapterId, operation: Operation) -> Self {
        Self::new(
            ErrorKind::Unsupported,
            adapter,
            operation,
            "this adapter does not offer the operation",
        )
    }

    /// Whether the gateway itself refused the call, so that the CRM was not asked. A `RateLimited`
    /// without status is a used-up [`RateBudget`](crate::RateBudget).
    pub fn is_own_refusal(&self) -> bool {
        match self.kind {
            ErrorKind::RateLimited => self.status.is_none(),
            kind => matches!(
                kind,
                ErrorKind::CircuitOpen | ErrorKind::Overloaded | ErrorKind::Unsupported
            ),
        }
    }

    /// The same failure with the status of the CRM's reply.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The same failure with the time after which to ask again.
    #[must_use]
    pub fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.retry_after = retry_after;
        self
    }

    /// The same failure of a workflow that created this before.
    #[must_use]
    pub fn with_created(mut self, receipt: WorkflowReceipt) -> Self {
        self.created = Some(Arc::new(receipt));
        self
    }

    /// The same failure with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_kinds_that_heal_by_themselves_are_transient() {
        assert!(ErrorKind::Timeout.is_transient());
        assert!(ErrorKind::Unavailable.is_transient());
        assert!(ErrorKind::RateLimited.is_transient());
        assert!(
            !ErrorKind::OutcomeUnknown.is_transient(),
            "it may have happened"
        );
        assert!(!ErrorKind::Unauthenticated.is_transient());
    }

    #[test]
    fn the_breaker_counts_what_speaks_of_the_crms_health() {
        for kind in [
            ErrorKind::Timeout,
            ErrorKind::Unavailable,
            ErrorKind::Protocol,
            ErrorKind::OutcomeUnknown,
        ] {
            assert!(kind.counts_against_breaker(), "{kind}");
        }
        for kind in [
            ErrorKind::InvalidRequest,
            ErrorKind::Unauthenticated,
            ErrorKind::PermissionDenied,
            ErrorKind::NotFound,
            ErrorKind::RateLimited,
            ErrorKind::CircuitOpen,
            ErrorKind::Internal,
        ] {
            assert!(!kind.counts_against_breaker(), "{kind}");
        }
    }

    #[test]
    fn what_was_refused_here_is_told_from_what_the_crm_refused() {
        let sugar = AdapterId::new("sugar").unwrap();
        let error = |kind| AdapterError::new(kind, &sugar, Operation::Lookup, "no");
        for kind in [
            ErrorKind::CircuitOpen,
            ErrorKind::Overloaded,
            ErrorKind::Unsupported,
            ErrorKind::RateLimited,
        ] {
            assert!(error(kind).is_own_refusal(), "{kind}");
        }
        for error in [
            error(ErrorKind::RateLimited).with_status(429),
            error(ErrorKind::Unavailable),
            error(ErrorKind::InvalidRequest).with_status(400),
        ] {
            assert!(!error.is_own_refusal(), "{error}");
        }
    }

    #[test]
    fn an_error_names_adapter_operation_and_kind() {
        let sugar = AdapterId::new("sugar").unwrap();
        let error = AdapterError::timeout(&sugar, Operation::Lookup);
        assert_eq!(
            error.to_string(),
            "sugar: lookup failed (timeout): no answer in time"
        );
    }
}
