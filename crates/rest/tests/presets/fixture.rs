//! What stands in a fixture; `main.rs` says what it means.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use whocalls_core::RecordKind;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fixture {
    #[serde(default)]
    pub(crate) stored: Vec<String>,
    #[serde(default)]
    pub(crate) modules: Vec<String>,
    #[serde(default)]
    pub(crate) account: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) addresses: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) settings: Map<String, Value>,
    #[serde(default)]
    pub(crate) credential: Needs,
    pub(crate) refused: Reply,
    pub(crate) routes: Vec<Route>,
    pub(crate) known: Known,
    pub(crate) errors: Vec<Failure>,
    pub(crate) call: Option<Call>,
}

/// What a request must have.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Needs {
    /// How the path begins.
    pub(crate) path: Option<String>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) form: BTreeMap<String, String>,
    /// JSONPath -> value.
    #[serde(default)]
    pub(crate) json: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    pub(crate) request: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) form: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) json: BTreeMap<String, Value>,
    pub(crate) asked: Option<Asked>,
    #[serde(default)]
    pub(crate) rows: Rows,
    pub(crate) module: Option<String>,
    #[serde(default)]
    pub(crate) against: Vec<String>,
    #[serde(default)]
    pub(crate) compare: Compare,
    pub(crate) hit: Option<String>,
    pub(crate) reply: Reply,
    pub(crate) nobody: Option<Reply>,
    #[serde(default)]
    pub(crate) login: bool,
    #[serde(default)]
    pub(crate) credential: Needs,
    pub(crate) refused: Option<Reply>,
    #[serde(default)]
    pub(crate) issues: bool,
    #[serde(default)]
    pub(crate) creates: bool,
}

impl Route {
    /// What tells it from other routes.
    pub(crate) fn needs(&self) -> Needs {
        Needs {
            path: None,
            headers: self.headers.clone(),
            query: self.query.clone(),
            form: self.form.clone(),
            json: self.json.clone(),
        }
    }
}

/// Where a request has what it asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Asked {
    pub(crate) query: Option<String>,
    pub(crate) form: Option<String>,
    pub(crate) json: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) text: bool,
    pub(crate) pattern: Option<String>,
    pub(crate) split: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rows {
    #[default]
    Contacts,
    Companies,
    Objects,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Compare {
    #[default]
    Exact,
    Contains,
    Like,
    Digits,
    ContainsDigits,
    EndsWithDigits,
    E164,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reply {
    #[serde(default = "ok")]
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) body: String,
}

fn ok() -> u16 {
    200
}

/// The lookup of the known number.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    pub(crate) requests: Vec<String>,
    pub(crate) record: Record,
}

/// A record as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    pub(crate) id: String,
    #[serde(default = "contact")]
    pub(crate) kind: RecordKind,
    pub(crate) name: String,
    pub(crate) company: Option<String>,
    pub(crate) contact_uri: Option<String>,
    pub(crate) company_uri: Option<String>,
    pub(crate) phones: Vec<String>,
    #[serde(default)]
    pub(crate) emails: Vec<String>,
    pub(crate) updated_at: Option<String>,
    #[serde(default)]
    pub(crate) custom_fields: BTreeMap<String, String>,
}

fn contact() -> RecordKind {
    RecordKind::Contact
}

/// A failure in the CRM's own words.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failure {
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) body: String,
    pub(crate) kind: String,
    pub(crate) retry_after_secs: Option<u64>,
    #[serde(default)]
    pub(crate) at_login: bool,
}

/// The workflow `CallFlow`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    pub(crate) requests: Vec<String>,
    pub(crate) receipt: Receipt,
    #[serde(default)]
    pub(crate) needs: Vec<String>,
    pub(crate) bare: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) update: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Receipt {
    pub(crate) id: String,
    pub(crate) url: Option<String>,
}
