//! How an adapter kind presents itself to the gateway.

use std::{path::PathBuf, sync::Arc};

use schemars::Schema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{AdapterId, AdapterInfo, Capabilities, CrmAdapter, NumberPlan};

/// An adapter kind: its name, the shape of its settings, and how to build one.
///
/// An adapter crate exports `pub fn factory() -> AdapterFactory`; the gateway lists the factories
/// in one explicit registry.
#[derive(Debug, Clone)]
pub struct AdapterFactory {
    /// The value of `kind` in `adapters.toml`.
    pub kind: &'static str,
    /// One sentence for `whocalls kinds`.
    pub summary: &'static str,
    /// A complete example of an adapter's table, as TOML; it builds.
    pub example_toml: &'static str,
    /// The JSON Schema of `[adapters.<id>.settings]`.
    pub settings_schema: fn() -> Schema,
    /// Descriptions of CRMs that ship with the kind, sorted by name.
    pub presets: &'static [Preset],
    /// Builds an adapter from settings that fit the schema and whose secrets are resolved.
    ///
    /// Pure: no I/O, nothing spawned. Reports every problem that the schema cannot express.
    pub build: BuildFn,
}

/// A shipped description: settings to start from, `preset = "name"` in `adapters.toml`.
///
/// The gateway lays the user's settings over those of the preset; a kind sees the result alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// The description as TOML: `title`, `documentation`, the table `settings`, and optionally
    /// `protection` with the adapter's own limits.
    pub toml: &'static str,
}

/// The type of [`AdapterFactory::build`].
pub type BuildFn = fn(BuildContext, Value) -> Result<Arc<dyn CrmAdapter>, Vec<SettingProblem>>;

/// What the gateway tells an adapter about its place.
#[derive(Debug, Clone)]
pub struct BuildContext {
    /// The adapter's id.
    pub id: AdapterId,
    /// The reply's `crmName`.
    pub crm_name: String,
    /// The reply's `crmLogo`.
    pub crm_logo: Option<String>,
    /// How numbers without a country are read.
    pub number_plan: NumberPlan,
    /// The folder that relative paths start from: that of `adapters.toml`.
    pub base_dir: PathBuf,
}

impl BuildContext {
    /// The description of an adapter of `kind` in this place.
    pub fn info(&self, kind: &'static str, capabilities: Capabilities) -> AdapterInfo {
        AdapterInfo {
            id: self.id.clone(),
            kind,
            crm_name: self.crm_name.clone(),
            crm_logo: self.crm_logo.clone(),
            capabilities,
        }
    }
}

/// Something wrong with one setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct SettingProblem {
    /// Where, relative to the adapter's `settings`, keys and indices joined by `.`; empty for the
    /// table as a whole.
    pub path: String,
    /// What is wrong and what is allowed; no secret.
    pub message: String,
}

impl SettingProblem {
    /// A problem at `path`.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            message: message.into(),
        }
    }
}

/// Reads settings into an adapter's own type.
///
/// # Errors
/// One problem that quotes serde's message. Settings that were checked against the schema of `T`
/// do not fail here.
pub fn read_settings<T: DeserializeOwned>(settings: Value) -> Result<T, Vec<SettingProblem>> {
    serde_json::from_value(settings)
        .map_err(|error| vec![SettingProblem::new("", error.to_string())])
}
