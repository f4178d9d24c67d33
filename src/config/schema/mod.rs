//! The typed configuration. Its doc comments, ranges and defaults are the JSON Schema, and with it
//! the reference: `whocalls schema` prints them, validation enforces them.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

mod adapter;
mod assemble;
mod cache_file;
mod description;
mod editors;
mod gateway;
mod protection;
mod sections;

pub use adapter::{AdapterConfig, CacheConfig, CacheOverrides, CacheTuning, Defaults, Settings};
pub use assemble::json_schema;
use assemble::settings_name;
pub use cache_file::CacheFile;
pub(in crate::config) use description::{
    PROTECTION_KEYS, description_schema, names_description, partly,
};
pub use editors::editor_schema;
pub use gateway::{CustomDataKey, DEFAULT_TOKEN_HEADER, Gateway, ReplyCase, Token};
pub use protection::{BreakerConfig, BreakerOverrides, RetryConfig, RetryOverrides};
pub use sections::{
    Log, LogFormat, LogLevel, Matching, Merge, MergeMode, Outbox, SendTo, UnknownCaller,
    WorkflowRoute,
};

use super::formats::ADAPTER_ID;

/// The whole of `adapters.toml`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The HTTP interface.
    pub gateway: Gateway,
    /// What every adapter inherits; its own key wins.
    pub defaults: Defaults,
    /// The CRMs. The name of each table is the adapter id: 1 to 32 letters, digits, `-` or `_`. It
    /// is part of the contact ids that clients keep, so it should not change.
    #[schemars(extend("propertyNames" = { "format": ADAPTER_ID }))]
    pub adapters: IndexMap<String, AdapterConfig>,
    /// Answers that are kept over a restart.
    pub cache: CacheFile,
    /// Which stored numbers count besides the caller's whole number.
    pub matching: Matching,
    /// How answers of several CRMs become one list.
    pub merge: Merge,
    /// The store of workflows on their way to a CRM.
    pub outbox: Outbox,
    /// Users of the telephone system: e-mail address or name, as the portal sends it in
    /// `userCrmId`, and the user's id in each CRM by adapter id.
    pub users: IndexMap<String, IndexMap<String, String>>,
    /// Workflows by name; one that is not named here goes to the CRM of its contact.
    pub workflows: IndexMap<String, WorkflowRoute>,
    /// What the gateway writes to its log.
    pub log: Log,
}
