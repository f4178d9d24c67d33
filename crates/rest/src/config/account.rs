//! The part of the language that says what differs from one account of a CRM to the next.

use schemars::JsonSchema;
use serde::Deserialize;
use whocalls_core::Secret;

/// A value that whoever uses the description must give under `account`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ParameterSettings {
    /// What it is and where one finds it. For example
    /// `The part of the address in front of .pipedrive.com`. Default: empty.
    pub(crate) description: String,
    /// A value as it may look, for example `acme`. Default: none.
    pub(crate) example: Option<String>,
    /// `true`: only a secret reference is taken, and the value cannot be used where it would end
    /// up on a screen. Default `false`.
    pub(crate) secret: bool,
    /// `true`: it may be left out, and is absent then. Default `false`.
    pub(crate) optional: bool,
    /// The value where none is given. Default: none.
    pub(crate) default: Option<String>,
}

/// A value of the account: a text, a number, or a secret reference.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum AccountValue {
    /// A text that may be seen.
    Text(String),
    /// A whole number; templates see its digits.
    Number(i64),
    /// A secret.
    Secret(Secret),
}
