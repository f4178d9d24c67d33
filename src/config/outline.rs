//! What a preset needs to know of an account, for `whocalls kinds`.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use whocalls_core::Preset;

/// A preset as whoever wants to use it sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PresetOutline {
    /// The value of `preset`.
    pub name: &'static str,
    /// The name of the CRM.
    pub title: String,
    /// Pages that describe its interface.
    pub documentation: Vec<String>,
    /// What is to be given under `settings.account`, in the order of the preset.
    pub account: Vec<AccountOutline>,
}

/// One value of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountOutline {
    /// Its key in `settings.account`.
    pub name: String,
    /// What it is and where one finds it.
    pub description: String,
    /// Whether there must be one.
    pub required: bool,
    /// Whether it is to be a secret reference.
    pub secret: bool,
    /// A value as it may look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// What counts where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// As much of a description as an outline shows.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Description {
    title: String,
    documentation: Vec<String>,
    settings: Settings,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Settings {
    parameters: IndexMap<String, Parameter>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameter {
    description: String,
    example: Option<String>,
    secret: bool,
    optional: bool,
    default: Option<String>,
}

impl PresetOutline {
    /// The outline of a shipped preset.
    pub fn of(preset: &Preset) -> Self {
        // Tests see to it that every preset can be read.
        let Description {
            title,
            documentation,
            settings,
        } = toml::from_str(preset.toml).unwrap_or_default();
        let account = settings.parameters.into_iter();
        Self {
            name: preset.name,
            title,
            documentation,
            account: account.map(AccountOutline::of).collect(),
        }
    }
}

impl AccountOutline {
    fn of((name, parameter): (String, Parameter)) -> Self {
        let Parameter {
            description,
            example,
            secret,
            optional,
            default,
        } = parameter;
        Self {
            name,
            description,
            required: !optional && default.is_none(),
            secret,
            example,
            default,
        }
    }
}
