//! The smaller tables: `[matching]`, `[merge]`, `[outbox]`, `[workflows.<name>]`, `[log]`.

use std::{path::PathBuf, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use whocalls_core::MatchRules;
use whocalls_engine::{EngineSettings, MergeSettings};
use whocalls_outbox::{Kept, OutboxSettings};

const SECS_PER_HOUR: u64 = 3600;
const SECS_PER_DAY: u64 = 24 * SECS_PER_HOUR;
const DEFAULT_OUTBOX_PATH: &str = "whocalls.db";
/// A weekend and the night before.
const DEFAULT_GIVE_UP_AFTER_HOURS: u64 = 72;
/// Long enough to answer "did it arrive?".
const DEFAULT_KEEP_DELIVERED_DAYS: u64 = 7;
/// A telephone system that was off for a long holiday and sends what it has.
const DEFAULT_RECOGNISE_REPEATS_DAYS: u64 = 90;
/// Enough for a large company, few enough for the rate limits of all CRMs.
const DEFAULT_PARALLEL_DELIVERIES: usize = 4;
/// Longer than CRMs work on a request before they give it up themselves.
const DEFAULT_ATTEMPT_TIMEOUT_MS: u64 = 30_000;
/// `crm-apis.md` §1.3: others wait 10 s before they search HubSpot for what they created.
const DEFAULT_UNKNOWN_OUTCOME_WAIT_MS: u64 = 10_000;

/// Which contacts are shown besides those who have the caller's whole number. They stand behind all
/// others, and no workflow is entered at them unless the user chose them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Matching {
    /// Digits from which on a stored number without area code matches a number of the default
    /// region that ends in it. Absent: such numbers do not match.
    #[schemars(range(min = 6, max = 12))]
    pub suffix_min_digits: Option<u8>,
    /// Last digits in which a caller's number may differ from the number of a company whose
    /// switchboard it may belong to; not for mobile and toll-free numbers. Absent: it may not
    /// differ.
    #[schemars(range(min = 1, max = 4))]
    pub switchboard_max_digits: Option<u8>,
}

impl Matching {
    /// These settings, as a number plan takes them.
    pub fn rules(self) -> MatchRules {
        MatchRules {
            suffix_min_digits: self.suffix_min_digits,
            switchboard_max_digits: self.switchboard_max_digits,
        }
    }
}

/// How answers of several CRMs become one list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Merge {
    /// What counts as the same contact.
    pub mode: MergeMode,
    /// Points of evidence from which two records are the same person: the same name counts 8, and
    /// what differs is taken off. More merges less. `lookup --explain` shows the points.
    #[schemars(range(min = 1, max = 20))]
    pub threshold: u8,
    /// The title in `customData` of the link to a contact's record in a further CRM; `{{ crm }}`
    /// stands for the CRM's name. Equal titles are numbered.
    #[schemars(length(min = 1))]
    pub link_title: String,
}

impl Default for Merge {
    fn default() -> Self {
        Self {
            mode: MergeMode::default(),
            threshold: MergeSettings::DEFAULT_THRESHOLD,
            link_title: EngineSettings::DEFAULT_LINK_TITLE.to_owned(),
        }
    }
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

/// The store of workflows on their way to a CRM. A workflow is on disk before the telephone system
/// gets its reply. Changes take effect after a restart.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Outbox {
    /// The file of the database; a relative path starts at the folder of this file.
    #[schemars(with = "String", length(min = 1))]
    pub path: PathBuf,
    /// Hours for which a workflow is tried that its CRM does not take. Then it is given up: it stays
    /// in the store until an operator decides.
    #[schemars(range(min = 1, max = 720))]
    pub give_up_after_hours: u64,
    /// Days after which the personal data of a delivered workflow is removed.
    #[schemars(range(min = 0, max = 365))]
    pub keep_delivered_days: u64,
    /// Days for which the repetition of a delivered workflow is recognised. What is kept for this
    /// is no personal data.
    #[schemars(range(min = 1, max = 3650))]
    pub recognise_repeats_days: u64,
    /// Workflows under way to one CRM at the same time.
    #[schemars(range(min = 1, max = 64))]
    pub parallel_deliveries: usize,
    /// Milliseconds that one attempt to deliver may take; the reply to the telephone system waits
    /// for no longer than `gateway.workflow_timeout_ms`.
    #[schemars(range(min = 1000, max = 300_000))]
    pub attempt_timeout_ms: u64,
    /// Milliseconds between an attempt whose answer was lost and the next one, which first looks
    /// whether the object is there: as long as the CRM may still be at it, and its search may lag
    /// behind.
    #[schemars(range(min = 0, max = 600_000))]
    pub unknown_outcome_wait_ms: u64,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            path: PathBuf::from(DEFAULT_OUTBOX_PATH),
            give_up_after_hours: DEFAULT_GIVE_UP_AFTER_HOURS,
            keep_delivered_days: DEFAULT_KEEP_DELIVERED_DAYS,
            recognise_repeats_days: DEFAULT_RECOGNISE_REPEATS_DAYS,
            parallel_deliveries: DEFAULT_PARALLEL_DELIVERIES,
            attempt_timeout_ms: DEFAULT_ATTEMPT_TIMEOUT_MS,
            unknown_outcome_wait_ms: DEFAULT_UNKNOWN_OUTCOME_WAIT_MS,
        }
    }
}

impl Outbox {
    /// These settings, as the outbox takes them.
    pub fn settings(&self) -> OutboxSettings {
        OutboxSettings {
            path: self.path.clone(),
            kept: Kept {
                waiting: Duration::from_secs(self.give_up_after_hours * SECS_PER_HOUR),
                delivered: Duration::from_secs(self.keep_delivered_days * SECS_PER_DAY),
                recognised: Duration::from_secs(self.recognise_repeats_days * SECS_PER_DAY),
            },
            parallel: self.parallel_deliveries,
            attempt_timeout: Duration::from_millis(self.attempt_timeout_ms),
            unknown_outcome_wait: Duration::from_millis(self.unknown_outcome_wait_ms),
        }
    }
}

/// Where a workflow goes and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WorkflowRoute {
    /// The adapters that get the workflow when the request names no contact, by id, first choice
    /// first.
    #[schemars(extend("uniqueItems" = true))]
    pub adapters: Vec<String>,
    /// Whether a contact that is known in several CRMs, or a workflow with several `adapters`, goes
    /// to the first of them or to all.
    pub send_to: SendTo,
    /// What to do when the request names no contact.
    pub unknown_caller: UnknownCaller,
    /// The title of the object in the CRM: a template. Absent: in the gateway's language.
    #[schemars(length(min = 1))]
    pub subject: Option<String>,
    /// The body of the object in the CRM: a template. Absent: in the gateway's language.
    #[schemars(length(min = 1))]
    pub text: Option<String>,
}

/// Which of several CRMs get a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SendTo {
    /// The first.
    #[default]
    First,
    /// All of them.
    All,
}

/// What to do when a workflow names no contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnknownCaller {
    /// The object belongs to nobody.
    #[default]
    Ignore,
    /// Look the number up in the CRM first; the object belongs to the one who has it.
    Find,
    /// Look the number up in the CRM first, and enter the caller as a contact when nobody has it,
    /// in CRMs whose adapter offers the workflow `CreateContact`.
    Create,
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
