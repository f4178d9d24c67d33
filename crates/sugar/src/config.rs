//! The settings of a Sugar adapter, as they stand in `adapters.toml`.

use std::{collections::BTreeSet, ops::RangeInclusive};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use whocalls_core::{CustomFields, Secret, SettingProblem};
use whocalls_http::HttpSettings;

use crate::{module::Module, site::Site};

/// The platform name that the administrator registers in Sugar, unless configured.
const DEFAULT_PLATFORM: &str = "whocalls";
/// The OAuth key that every Sugar instance has, without a secret (`crm-apis.md` §2.1).
const DEFAULT_CLIENT_ID: &str = "sugar";
/// The platform of Sugar's own web interface.
const BROWSER_PLATFORM: &str = "base";
/// How long the secret in the URL of a hook is. The stand-in of an offline check has to fit too.
const SECRET_CHARS: RangeInclusive<usize> = 8..=128;

/// Settings of the kind `sugar`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// The address of Sugar's REST interface with its version, for example
    /// `https://crm.example.com/rest/v11`.
    #[schemars(length(min = 1))]
    pub(crate) base_url: String,
    /// The name of the API user. Use a user of its own, with a local password.
    #[schemars(length(min = 1))]
    pub(crate) username: String,
    /// The API user's password.
    pub(crate) password: Secret,
    /// The API platform to log in on, 1 to 127 letters, digits, `_` and `-`. An administrator
    /// registers it in Sugar under Admin > Configure API Platforms. Sugar keeps one session for
    /// each user and platform, so no other program may use it. Default `whocalls`.
    #[serde(default = "default_platform")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9_-]{1,127}$"))]
    pub(crate) platform: String,
    /// The OAuth key, from Admin > OAuth Keys. Default `sugar`, which every instance has.
    #[serde(default = "default_client_id")]
    #[schemars(length(min = 1))]
    pub(crate) client_id: String,
    /// The OAuth key's secret. None by default: the key `sugar` has none.
    #[serde(default)]
    pub(crate) client_secret: Option<Secret>,
    /// Which modules to look for callers in. Default: all three.
    #[serde(default = "Module::all")]
    #[schemars(length(min = 1))]
    pub(crate) modules: BTreeSet<Module>,
    /// How to look a number up. Default `auto`.
    #[serde(default)]
    pub(crate) strategy: Strategy,
    /// What the reply's `customData` shows: title -> field of Sugar, for example
    /// `{ "Job title" = "title" }`. Modules without the field leave it out. At most 12.
    #[serde(default)]
    pub(crate) custom_fields: CustomFields,
    /// Where `CreateContact` enters unknown callers: `Leads` or `Contacts`; a module in `modules`.
    /// Default `Leads`, or `Contacts` where leads are not looked at.
    #[serde(default)]
    pub(crate) new_contact_module: Option<PeopleModule>,
    /// Whether calls, cases and people are created under ids of the gateway's own, by which a
    /// repeated delivery is recognised. Default true. Set it to false for an instance that refuses
    /// or ignores them: descriptions then end with a line such as `Ref. wc0199c0f0e1b2`.
    #[serde(default = "default_own_ids")]
    pub(crate) own_ids: bool,
    /// How Sugar tells of changed records, by web logic hooks. None by default: changes show when
    /// cached answers have expired.
    #[serde(default)]
    pub(crate) notifications: Option<NotificationSettings>,
    /// Connection settings.
    #[serde(default)]
    pub(crate) http: HttpSettings,
}

/// What tells Sugar's web logic hooks from other requests.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotificationSettings {
    /// The last part of the hook's URL: 8 to 128 letters, digits, `-`, `_`, `.` and `~`, made by
    /// chance. Web logic hooks are not signed, so this alone shows that Sugar sent them.
    pub(crate) secret: Secret,
}

fn default_platform() -> String {
    DEFAULT_PLATFORM.to_owned()
}

fn default_client_id() -> String {
    DEFAULT_CLIENT_ID.to_owned()
}

fn default_own_ids() -> bool {
    true
}

/// A module of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum PeopleModule {
    /// People who are not customers yet.
    Leads,
    /// People of customers and partners.
    Contacts,
}

impl From<PeopleModule> for Module {
    fn from(module: PeopleModule) -> Self {
        match module {
            PeopleModule::Leads => Self::Leads,
            PeopleModule::Contacts => Self::Contacts,
        }
    }
}

/// How a number is looked up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Strategy {
    /// By global search; by filter while global search is unavailable.
    #[default]
    Auto,
    /// By global search alone. It finds every spelling, fast, and needs Sugar's Elasticsearch.
    Search,
    /// By filter alone. It compares the stored text with the usual spellings, without an index:
    /// slow in large databases, but up to date and always there.
    Filter,
}

impl Settings {
    /// Where unknown callers are entered; nowhere when no people are looked up: they would stay
    /// unknown.
    pub(crate) fn people_module(&self) -> Option<Module> {
        let by_default = [Module::Leads, Module::Contacts];
        let is_looked_up = |module: &Module| self.modules.contains(module);
        match self.new_contact_module {
            Some(module) => Some(module.into()).filter(is_looked_up),
            None => by_default.into_iter().find(is_looked_up),
        }
    }

    /// The addresses of the instance, when everything that the schema cannot express is right.
    ///
    /// # Errors
    /// All problems.
    pub(crate) fn check(&self) -> Result<Site, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        let site = Site::parse(&self.base_url).map_err(|problem| problems.push(problem));
        if self.platform == BROWSER_PLATFORM {
            problems.push(SettingProblem::new(
                "platform",
                "`base` is the platform of Sugar's web interface: each login of this adapter would \
                 log the same user out of the browser, and the other way round; register a \
                 platform such as `whocalls` under Admin > Configure API Platforms",
            ));
        }
        if self.custom_fields.len() > CustomFields::MAX {
            problems.push(SettingProblem::new(
                "custom_fields",
                format!("at most {} fields fit on a card", CustomFields::MAX),
            ));
        }
        if self.new_contact_module.is_some() && self.people_module().is_none() {
            problems.push(SettingProblem::new(
                "new_contact_module",
                "is not among `modules`: people entered there would not be found when they call \
                 again; add it to `modules`, or choose another one",
            ));
        }
        if let Some(notifications) = &self.notifications
            && !is_fit_for_url(notifications.secret.expose())
        {
            problems.push(SettingProblem::new(
                "notifications.secret",
                "the secret is a part of a URL and hard to guess: 8 to 128 letters, digits, `-`, \
                 `_`, `.` and `~`; `openssl rand -hex 24` makes one",
            ));
        }
        match site {
            Ok(site) if problems.is_empty() => Ok(site),
            _ => Err(problems),
        }
    }
}

/// Whether a secret stands in a URL as it is (RFC 3986 §2.3) and cannot be guessed.
fn is_fit_for_url(secret: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    SECRET_CHARS.contains(&secret.len()) && secret.bytes().all(is_unreserved)
}
