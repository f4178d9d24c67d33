//! The description language: what stands in `[adapters.<id>.settings]`.
//!
//! These types say what may be written; [`compile`](crate::compile) says whether it makes sense.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use whocalls_http::HttpSettings;

pub(crate) use account::{AccountValue, ParameterSettings};
pub(crate) use credential::{
    ClientAuth, CredentialSettings, Encoding, Grant, LoginStepSettings, OAuth2Settings,
    SendSettings, SessionSettings, TextOrSecret,
};
pub(crate) use fields::{FieldSettings, KindSettings};
pub(crate) use lookup::{LookupSettings, MissingHits, StepSettings};
pub(crate) use notification::{
    HashName, HmacSettings, NotificationSettings, ProofSettings, TagEncoding,
};
pub(crate) use outcome::{Means, OutcomeSettings, RetryAfterSettings, Scalar, Status, Unit};
pub(crate) use pages::PagesSettings;
pub(crate) use request::{
    BodySettings, GraphqlSettings, MadeSettings, MethodName, OneSettings, ParameterMap,
    QuerySettings, TextSettings, ValueSettings,
};
pub(crate) use source::{Source, SourceSettings, Sources};
pub(crate) use workflow::{
    FindSettings, ThenSettings, WorkflowSettings, WriteMethod, WriteSettings,
};

mod account;
mod credential;
mod fields;
mod lookup;
mod notification;
mod outcome;
mod pages;
mod request;
mod source;
mod workflow;

/// Settings of an adapter of kind `rest`: where the CRM is, how it is asked who owns a number, and
/// where its reply has what.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Address of the CRM, with the path that all its requests share; a template that knows
    /// `account`. No request goes anywhere else. For example `https://erp.example.com/api/v1` or
    /// `https://{{ account.company }}.example.com`. Where the CRM tells its address when one logs
    /// in, a template that knows `auth`, too: `{{ auth.instance_url }}`.
    pub(crate) base_url: String,
    /// Where requests may go when `base_url` uses `auth`, beside the host that the login takes
    /// place at: hosts, or all below one. For example `["*.my.salesforce.com"]`. Default: none.
    #[serde(default)]
    pub(crate) allowed_hosts: Vec<String>,
    /// What differs from one account of the CRM to the next, by name: whoever uses the description
    /// gives it under `account`. Default: nothing is asked for, and `account` may have anything.
    #[serde(default)]
    pub(crate) parameters: IndexMap<String, ParameterSettings>,
    /// The values of the account, by name; templates use them as `account.<name>`. Default: none.
    /// For example `{ company = "acme", token = { env = "CRM_TOKEN" } }`.
    #[serde(default)]
    pub(crate) account: IndexMap<String, AccountValue>,
    /// Headers of every request; the values are templates that know `account`. Default: none. For
    /// example `{ OData-Version = "4.0" }`.
    #[serde(default)]
    pub(crate) headers: IndexMap<String, String>,
    /// What identifies the gateway to the CRM. Default: nothing.
    #[serde(default)]
    pub(crate) credential: CredentialSettings,
    /// What replies mean, where their status does not tell, for all requests. Default: none.
    #[serde(default)]
    pub(crate) outcomes: Vec<OutcomeSettings>,
    /// How the owners of a number are found.
    pub(crate) lookup: LookupSettings,
    /// What `whocalls check` asks for. Default: the lookup, with a number that nobody can own.
    pub(crate) probe: Option<ProbeSettings>,
    /// What the CRM can be told to do, by the name of the workflow: `CallFlow` logs a call, other
    /// names appear as buttons on the card. Default: nothing.
    #[serde(default)]
    pub(crate) workflows: IndexMap<String, WorkflowSettings>,
    /// How the CRM tells that records changed. Default: changes show when cached answers have
    /// expired.
    pub(crate) notifications: Option<NotificationSettings>,
    /// Connection settings.
    #[serde(default)]
    pub(crate) http: HttpSettings,
}

/// A request that only shows that address and credential work, and whose account it is.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProbeSettings {
    /// The method. Default `GET`.
    #[serde(default)]
    pub(crate) method: MethodName,
    /// Path behind `base_url` of a request that needs the credential, for example `/api/me`.
    pub(crate) path: String,
    /// Query parameters, as in `lookup`. Default: none.
    #[serde(default)]
    pub(crate) query: ParameterMap,
    /// Further headers, as in `lookup`. Default: `Accept: application/json`.
    #[serde(default)]
    pub(crate) headers: IndexMap<String, String>,
    /// The body, for `POST`. Default: none.
    pub(crate) body: Option<BodySettings>,
    /// Where the reply says whose account it is; `whocalls check` shows it. Default: it is not
    /// shown. For example `["$.company_name", "$.portalId"]`.
    pub(crate) account: Option<Sources>,
}
