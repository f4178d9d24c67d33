//! The settings of a SuiteCRM adapter, as they stand in `adapters.toml`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use whocalls_core::{CustomFields, Secret, SettingProblem};
use whocalls_http::HttpSettings;

use crate::{module::Module, site::Site};

/// The status of a new case in a stock SuiteCRM (`crm-apis.md` §3.1, unverified).
const DEFAULT_CASE_STATUS: &str = "Open_New";

/// Settings of the kind `suitecrm`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// The address of the instance as users open it, for example `https://suite.example.com`.
    #[schemars(length(min = 1))]
    pub(crate) base_url: String,
    /// Which interface to use: `v8` (OAuth 2), or `v4_1` (also SugarCRM CE 6.5). Default `v8`.
    #[serde(default)]
    pub(crate) api: ApiVersion,
    /// Where the interface lies below `base_url`. Default `/Api` for `v8` and
    /// `/service/v4_1/rest.php` for `v4_1`; SuiteCRM 8 has both below `/legacy`: `/legacy/Api`.
    #[schemars(regex(pattern = r"^(/[A-Za-z0-9._~-]+)+/?$"))]
    pub(crate) api_path: Option<String>,
    /// `v8`: the id of the OAuth 2 client, from `Admin > OAuth2 Clients and Tokens`.
    #[schemars(length(min = 1))]
    pub(crate) client_id: Option<String>,
    /// `v8`: the secret of the OAuth 2 client.
    pub(crate) client_secret: Option<Secret>,
    /// The name of the API user. Needed for `v4_1`; for `v8` only with an OAuth 2 client whose grant
    /// type is password.
    #[schemars(length(min = 1))]
    pub(crate) username: Option<String>,
    /// The API user's password.
    pub(crate) password: Option<Secret>,
    /// `v4_1`: send the password itself instead of its MD5 hash, as users who sign in through LDAP
    /// need it. Default false.
    #[serde(default)]
    pub(crate) plain_password: bool,
    /// Which modules to look for callers in. Default: all three.
    #[serde(default = "Module::all")]
    #[schemars(length(min = 1))]
    pub(crate) modules: BTreeSet<Module>,
    /// The status that a new case gets. Default `Open_New`; SugarCRM CE 6.5 has `New`.
    #[serde(default = "default_case_status")]
    #[schemars(length(min = 1))]
    pub(crate) case_status: String,
    /// Where `CreateContact` enters unknown callers: `Leads` or `Contacts`; a module in `modules`.
    /// Default `Leads`, or `Contacts` where leads are not looked at.
    #[serde(default)]
    pub(crate) new_contact_module: Option<PeopleModule>,
    /// What the reply's `customData` shows: title -> field of SuiteCRM, for example
    /// `{ "Job title" = "title" }`. Modules without the field leave it out. At most 12.
    #[serde(default)]
    pub(crate) custom_fields: CustomFields,
    /// The form of links to records: `v7` (`/index.php?module=…`) or `v8` (`/#/contacts/record/…`).
    /// Default `v8` when `api_path` leads through `/legacy`, else `v7`.
    pub(crate) link_style: Option<LinkStyle>,
    /// Connection settings.
    #[serde(default)]
    pub(crate) http: HttpSettings,
}

fn default_case_status() -> String {
    DEFAULT_CASE_STATUS.to_owned()
}

/// An interface of SuiteCRM.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum ApiVersion {
    /// The JSON:API of SuiteCRM 7.10 and later, with OAuth 2.
    #[default]
    #[serde(rename = "v8")]
    V8,
    /// The form protocol with sessions, also of SugarCRM Community Edition 6.5.
    #[serde(rename = "v4_1")]
    V41,
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

/// How the pages of records are addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LinkStyle {
    /// SuiteCRM 7 and SugarCRM CE.
    V7,
    /// SuiteCRM 8.
    V8,
}

/// Settings that belong together.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The addresses of the instance.
    pub(crate) site: Site,
    /// The interface, and what opens it.
    pub(crate) access: Access,
}

/// An interface with what it asks for.
#[derive(Debug)]
pub(crate) enum Access {
    /// An OAuth 2 client, and the user of a client whose grant type is password.
    V8 {
        client: Account,
        user: Option<Account>,
    },
    /// A user, whose password is sent as it is or as its MD5 hash.
    V41 { user: Account, is_plain: bool },
}

/// A name and the secret that proves it.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// The name of a user, or the id of a client.
    pub(crate) name: String,
    /// Its password or secret.
    pub(crate) secret: Secret,
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

    /// The settings, when everything that the schema cannot express is right.
    ///
    /// # Errors
    /// All problems.
    pub(crate) fn check(&self) -> Result<Checked, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        let site = Site::new(&self.base_url, self.api_path(), self.link_style())
            .map_err(|problem| problems.push(problem));
        let access = match self.api {
            ApiVersion::V8 => self.v8(&mut problems),
            ApiVersion::V41 => self.v4_1(&mut problems),
        };
        if self.new_contact_module.is_some() && self.people_module().is_none() {
            problems.push(SettingProblem::new(
                "new_contact_module",
                "is not among `modules`: people entered there would not be found when they call \
                 again; add it to `modules`, or choose another one",
            ));
        }
        if self.custom_fields.len() > CustomFields::MAX {
            problems.push(SettingProblem::new(
                "custom_fields",
                format!("at most {} fields fit on a card", CustomFields::MAX),
            ));
        }
        match (site, access) {
            (Ok(site), Some(access)) if problems.is_empty() => Ok(Checked { site, access }),
            _ => Err(problems),
        }
    }

    fn api_path(&self) -> &str {
        self.api_path.as_deref().unwrap_or(match self.api {
            ApiVersion::V8 => "/Api",
            ApiVersion::V41 => "/service/v4_1/rest.php",
        })
    }

    fn link_style(&self) -> LinkStyle {
        let is_legacy = self.api_path().split('/').any(|part| part == "legacy");
        self.link_style.unwrap_or(if is_legacy {
            LinkStyle::V8
        } else {
            LinkStyle::V7
        })
    }

    fn v8(&self, problems: &mut Vec<SettingProblem>) -> Option<Access> {
        const CLIENT: &str = "api = \"v8\" needs an OAuth2 client: make one in SuiteCRM under \
             Admin > OAuth2 Clients and Tokens";
        const USER: &str = "username and password go together: set both for an OAuth2 client whose \
             grant type is password, none for one with client credentials";
        if self.plain_password {
            problems.push(SettingProblem::new(
                "plain_password",
                "belongs to api = \"v4_1\"; remove it",
            ));
        }
        let client = pair(
            ("client_id", self.client_id.as_ref()),
            ("client_secret", self.client_secret.as_ref()),
            CLIENT,
            problems,
        );
        let user = if self.username.is_some() || self.password.is_some() {
            Some(self.user(USER, problems)?)
        } else {
            None
        };
        Some(Access::V8 {
            client: client?,
            user,
        })
    }

    fn v4_1(&self, problems: &mut Vec<SettingProblem>) -> Option<Access> {
        const USER: &str = "api = \"v4_1\" needs the name and password of a SuiteCRM user";
        let foreign = [
            ("client_id", self.client_id.is_some()),
            ("client_secret", self.client_secret.is_some()),
        ];
        for (path, is_set) in foreign {
            if is_set {
                problems.push(SettingProblem::new(
                    path,
                    "belongs to api = \"v8\"; remove it",
                ));
            }
        }
        Some(Access::V41 {
            user: self.user(USER, problems)?,
            is_plain: self.plain_password,
        })
    }

    fn user(&self, reason: &str, problems: &mut Vec<SettingProblem>) -> Option<Account> {
        pair(
            ("username", self.username.as_ref()),
            ("password", self.password.as_ref()),
            reason,
            problems,
        )
    }
}

/// A name and its secret; a problem for each that is missing.
fn pair(
    (name_path, name): (&str, Option<&String>),
    (secret_path, secret): (&str, Option<&Secret>),
    reason: &str,
    problems: &mut Vec<SettingProblem>,
) -> Option<Account> {
    for (path, is_missing) in [(name_path, name.is_none()), (secret_path, secret.is_none())] {
        if is_missing {
            problems.push(SettingProblem::new(path, format!("is missing; {reason}")));
        }
    }
    Some(Account {
        name: name?.clone(),
        secret: secret?.clone(),
    })
}
