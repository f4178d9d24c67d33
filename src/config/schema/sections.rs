//! The smaller tables: `[merge]`, `[outbox]`, `[workflows.<name>]`, `[log]`.

use std::{path::PathBuf, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const SECS_PER_HOUR: u64 = 3600;
const SECS_PER_DAY: u64 = 24 * SECS_PER_HOUR;
const DEFAULT_OUTBOX_PATH: &str = "whocalls.db";
/// A weekend and the night before.
const DEFAULT_GIVE_UP_AFTER_HOURS: u64 = 72;
/// Long enough to answer "did it arrive?".
const DEFAULT_KEEP_DELIVERED_DAYS: u64 = 7;

/// How answers of several CRMs become one list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Merge {
    /// What counts as the same contact.
    pub mode: MergeMode,
}

/// What counts as the same contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MergeMode {
    /// The same person in several CRMs is one contact.
    #[default]
    Person,
    /// Only the same record found twice is one contact.
    Record,
    /// Every record is a contact.
    Off,
}

/// The store of workflows on their way to a CRM. Checked, but without effect in this version: a
/// workflow is delivered while the telephone system waits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Outbox {
    /// The file of the database; a relative path starts at the folder of this file.
    #[schemars(with = "String", length(min = 1))]
    pub path: PathBuf,
    /// Hours after which a workflow that no CRM takes is given up.
    #[schemars(range(min = 1, max = 720))]
    pub give_up_after_hours: u64,
    /// Days for which delivered workflows stay visible.
    #[schemars(range(min = 0, max = 365))]
    pub keep_delivered_days: u64,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            path: PathBuf::from(DEFAULT_OUTBOX_PATH),
            give_up_after_hours: DEFAULT_GIVE_UP_AFTER_HOURS,
            keep_delivered_days: DEFAULT_KEEP_DELIVERED_DAYS,
        }
    }
}

impl Outbox {
    /// The time after which a workflow is given up.
    pub fn give_up_after(&self) -> Duration {
        Duration::from_secs(self.give_up_after_hours * SECS_PER_HOUR)
    }

    /// The time for which delivered workflows stay visible.
    pub fn keep_delivered(&self) -> Duration {
        Duration::from_secs(self.keep_delivered_days * SECS_PER_DAY)
    }
}

/// Where a workflow goes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkflowRoute {
    /// The adapters that get the workflow when the request names no contact, by id.
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    pub adapters: Vec<String>,
}

/// What the gateway writes to its log.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// The least important messages that are written.
    pub level: LogLevel,
    /// The form of a message.
    pub format: LogFormat,
}

/// How important a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Somebody has to act.
    Error,
    /// Something failed that the gateway could work around.
    Warn,
    /// Start, stop, reload and one line for each request.
    #[default]
    Info,
    /// Each call to a CRM.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// The level as a directive of `tracing_subscriber::EnvFilter`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// The form of a log message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One line for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}
