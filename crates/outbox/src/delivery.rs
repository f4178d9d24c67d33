//! One workflow on its way to one CRM.

use jiff::Timestamp;
use serde::Serialize;
use whocalls_core::{AdapterId, ErrorKind, Progress, WorkflowReceipt};

use crate::{Details, WorkflowId};

/// Where a workflow is to go.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// The adapter.
    pub adapter: AdapterId,
    /// The adapter's own record id of the contact, if known.
    pub record: Option<String>,
    /// What to do about a caller whose record is not known.
    pub caller: UnknownCaller,
}

/// Record ids may hold personal data in some CRMs: only the adapter is shown.
impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target")
            .field("adapter", &self.adapter)
            .field("caller", &self.caller)
            .finish_non_exhaustive()
    }
}

/// What to do about a caller whose record in the CRM is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UnknownCaller {
    /// The object belongs to nobody.
    #[default]
    Ignore,
    /// Look the number up in this CRM.
    Find,
    /// Look the number up in this CRM, and enter the caller as a contact when nobody has it.
    FindOrCreate,
}

impl UnknownCaller {
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Ignore => 0,
            Self::Find => 1,
            Self::FindOrCreate => 2,
        }
    }

    pub(crate) const fn of_code(code: i64) -> Self {
        match code {
            1 => Self::Find,
            2 => Self::FindOrCreate,
            _ => Self::Ignore,
        }
    }
}

/// How far a delivery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It will be tried (again).
    Waiting,
    /// It is being tried.
    Sending,
    /// The CRM has it.
    Delivered,
    /// It was tried for as long as configured; somebody has to look at it.
    GivenUp,
    /// The operator decided that it is not to be delivered.
    Dropped,
}

impl State {
    /// All states.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Sending,
        Self::Delivered,
        Self::GivenUp,
        Self::Dropped,
    ];

    /// The state as it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
            Self::Dropped => "dropped",
        }
    }

    pub(crate) fn of_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A delivery to attempt.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The workflow.
    pub id: WorkflowId,
    /// Where it goes.
    pub target: Target,
    /// What it is about.
    pub details: Details,
    /// How far earlier attempts came.
    pub progress: Progress,
    /// Its row.
    pub(crate) seq: i64,
    /// Attempts that failed before, since it last became due for a new reason.
    pub(crate) attempts: u32,
    /// Since when it waits.
    pub(crate) waiting_since: Timestamp,
}

/// What all deliveries of a workflow have come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Whether nothing is left to do or to hope for.
    pub is_done: bool,
    /// What the first CRM made of it, once everything is done.
    pub receipt: WorkflowReceipt,
    /// When the next attempt is due; none when nothing waits.
    pub next_attempt_at: Option<Timestamp>,
    /// Whether an attempt is under way.
    pub is_sending: bool,
}

/// Why an attempt failed, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub kind: ErrorKind,
    /// The adapter's sentence for the operator: no personal data, no credential.
    pub message: String,
    /// What was created all the same.
    pub created: WorkflowReceipt,
}
