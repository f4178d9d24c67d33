//! The settings of a HubSpot adapter.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;
use whocalls_core::{CustomFields, Secret, SettingProblem};
use whocalls_http::{BaseUrl, HttpSettings};

use crate::{
    api::{ApiVersion, LeadsObject, ObjectType},
    auth::{Auth, Grant},
    notification::Receiver,
};

/// The value of `kind`.
pub(crate) const KIND: &str = "hubspot";

/// A complete adapter table.
pub(crate) const EXAMPLE_TOML: &str = r#"[adapters.hubspot]
kind = "hubspot"
crm_name = "HubSpot"
actions = ["CallFlow", "CreateTicket"]
[adapters.hubspot.settings]
api_version = "2026-09"
token = { env = "HUBSPOT_TOKEN" }
custom_fields = { "Job title" = "jobtitle", "Lifecycle stage" = "lifecyclestage" }
"#;

/// One host for all accounts, also those in the EU (`crm-apis.md` §1.0).
const DEFAULT_BASE_URL: &str = "https://api.hubapi.com";
const DEFAULT_DETAILS_TIMEOUT_MS: u64 = 400;
/// A day: companies are hardly ever renamed.
const DEFAULT_COMPANY_CACHE_SECS: u64 = 24 * 60 * 60;
/// Of the five that HubSpot allows, one is left to the other apps of the account.
const DEFAULT_SEARCHES_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(3);
/// The pipeline that every account has, and its first stage (`crm-apis.md` §1.6).
const DEFAULT_PIPELINE: &str = "0";
const DEFAULT_STAGE: &str = "1";
/// The longest internal name of a property that is accepted; keeps a search request within the
/// 3,000 characters that HubSpot reads (`crm-apis.md` §1.3).
const MAX_PROPERTY_LEN: usize = 100;
const NO_PROPERTY_NAME: &str =
    "not the internal name of a property: lower-case letters, digits and _";

/// `[adapters.<id>.settings]` of kind `hubspot`. Either `token`, or `client_id`, `client_secret`
/// and `refresh_token`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// The address of the interface. Default `https://api.hubapi.com`, for accounts in every
    /// region.
    pub(crate) base_url: String,
    /// The version of the interface: a dated one such as `2026-09`, or `v3`. Default `2026-09`.
    pub(crate) api_version: ApiVersion,
    /// A service key, or the token of a legacy private app.
    pub(crate) token: Option<Secret>,
    /// The client id of an OAuth app.
    pub(crate) client_id: Option<String>,
    /// The client secret of an OAuth app.
    pub(crate) client_secret: Option<Secret>,
    /// The refresh token that installing the OAuth app gave.
    pub(crate) refresh_token: Option<Secret>,
    /// Whether companies are searched by their own phone number too. Default false: one search
    /// a lookup instead of two, of the five a second that HubSpot allows.
    pub(crate) companies: bool,
    /// Whether the leads of the contacts that were found are shown too (Sales Hub Professional and
    /// Enterprise; scope `crm.objects.leads.read`). Default false: it is a second search for every
    /// lookup that finds a contact, and not verified on a live account. Contacts are shown also
    /// when leads cannot be searched.
    pub(crate) leads: bool,
    /// How the interface names the leads in its paths: `leads`, or the id of the type, `0-136`.
    /// Default `leads`.
    pub(crate) leads_object: LeadsObject,
    /// Fields of the card: title -> internal name of a property, in this order; at most 12.
    pub(crate) custom_fields: CustomFields,
    /// How long a lookup that has found a contact waits for its company's name and for links, in
    /// milliseconds, and before that as long for its leads; without them it answers with what it
    /// has. Default 400.
    #[schemars(range(min = 50, max = 5000))]
    pub(crate) details_timeout_ms: u64,
    /// How long the name and page of a company are remembered, in seconds; a change notification
    /// of the company forgets them at once. Default 86400, a day; at most a week.
    #[schemars(range(min = 60, max = 604_800))]
    pub(crate) company_cache_secs: u64,
    /// How many searches are sent in any one second. HubSpot allows the whole account five, other
    /// apps included. A lookup that gets no turn in time is left out of the answer at once; the
    /// searches of deliveries leave one for lookups. More than five is for gateways between, and for
    /// tests. Default 4.
    #[schemars(range(min = 1, max = 10_000))]
    pub(crate) searches_per_second: NonZeroU32,
    /// How HubSpot tells that contacts have changed, so that remembered answers are forgotten.
    /// Needs an app with webhooks; service keys have none.
    pub(crate) notifications: Option<NotificationSettings>,
    /// Where tickets are opened.
    pub(crate) ticket: TicketSettings,
    /// Properties of your own that make sure that no call and no ticket is created twice; see
    /// "Exactly once" in the adapter's description. Default none.
    pub(crate) unique_property: UniqueProperties,
    /// Connection settings.
    pub(crate) http: HttpSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: DEFAULT_BASE_URL.to_owned(),
            api_version: ApiVersion::default(),
            token: None,
            client_id: None,
            client_secret: None,
            refresh_token: None,
            companies: false,
            leads: false,
            leads_object: LeadsObject::default(),
            custom_fields: CustomFields::default(),
            details_timeout_ms: DEFAULT_DETAILS_TIMEOUT_MS,
            company_cache_secs: DEFAULT_COMPANY_CACHE_SECS,
            searches_per_second: DEFAULT_SEARCHES_PER_SECOND,
            notifications: None,
            ticket: TicketSettings::default(),
            unique_property: UniqueProperties::default(),
            http: HttpSettings::default(),
        }
    }
}

/// The webhook of the HubSpot app.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotificationSettings {
    /// The target URL exactly as entered in HubSpot, for example
    /// `https://whocalls.example.com/notifications/hubspot`: HubSpot signs it along.
    pub(crate) url: String,
    /// The client secret of the app, with which HubSpot signs.
    pub(crate) client_secret: Secret,
}

/// Where the workflow `CreateTicket` opens tickets. The ids stand in HubSpot's settings under
/// Objects > Tickets > Pipelines.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TicketSettings {
    /// The id of the pipeline. Default `0`, the support pipeline that every account has.
    #[schemars(length(min = 1, max = 64))]
    pub(crate) pipeline: String,
    /// The id of the stage in which a ticket starts. Default `1`, named "New".
    #[schemars(length(min = 1, max = 64))]
    pub(crate) stage: String,
}

impl Default for TicketSettings {
    fn default() -> Self {
        Self {
            pipeline: DEFAULT_PIPELINE.to_owned(),
            stage: DEFAULT_STAGE.to_owned(),
        }
    }
}

/// Custom properties that hold the id of a delivery. An administrator creates them in HubSpot, as
/// single-line text that requires unique values. Without one, objects are recognised by a word at
/// the end of their text, which HubSpot's search finds some seconds after it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UniqueProperties {
    /// The internal name of the property of calls, for example `whocalls_id`.
    pub(crate) calls: Option<String>,
    /// The internal name of the property of tickets.
    pub(crate) tickets: Option<String>,
}

impl UniqueProperties {
    /// The property of objects of a type.
    pub(crate) fn of(&self, kind: ObjectType) -> Option<&str> {
        match kind {
            ObjectType::Calls => self.calls.as_deref(),
            ObjectType::Tickets => self.tickets.as_deref(),
            ObjectType::Contacts | ObjectType::Companies | ObjectType::Leads(_) => None,
        }
    }

    fn problems(&self) -> Vec<SettingProblem> {
        let named = [("calls", &self.calls), ("tickets", &self.tickets)];
        named
            .into_iter()
            .filter(|(_, name)| name.as_ref().is_some_and(|name| !is_property_name(name)))
            .map(|(key, _)| SettingProblem::new(format!("unique_property.{key}"), NO_PROPERTY_NAME))
            .collect()
    }
}

fn is_property_name(name: &str) -> bool {
    let is_part = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
    (1..=MAX_PROPERTY_LEN).contains(&name.len()) && name.bytes().all(is_part)
}

/// What the settings amount to once they are checked.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) base: BaseUrl,
    pub(crate) auth: Auth,
    pub(crate) receiver: Option<Receiver>,
}

impl Settings {
    /// Checks what the schema cannot express.
    ///
    /// # Errors
    /// Every problem found.
    pub(crate) fn check(&self) -> Result<Checked, Vec<SettingProblem>> {
        let mut problems = Vec::new();
        let base = BaseUrl::parse("base_url", &self.base_url)
            .map_err(|problem| problems.push(problem))
            .ok();
        let auth = self.auth().map_err(|found| problems.extend(found)).ok();
        problems.extend(self.custom_field_problems());
        problems.extend(self.unique_property.problems());
        let notifications = self.notifications.as_ref();
        problems.extend(
            notifications
                .into_iter()
                .flat_map(NotificationSettings::problems),
        );
        let receiver = notifications.map(NotificationSettings::receiver);
        match (base, auth) {
            (Some(base), Some(auth)) if problems.is_empty() => Ok(Checked {
                base,
                auth,
                receiver,
            }),
            _ => Err(problems),
        }
    }

    /// The credentials: exactly one of both ways, complete.
    fn auth(&self) -> Result<Auth, Vec<SettingProblem>> {
        let client_id = self.client_id.as_deref().filter(|id| !id.is_empty());
        let oauth = [
            ("client_id", client_id.is_some()),
            ("client_secret", self.client_secret.is_some()),
            ("refresh_token", self.refresh_token.is_some()),
        ];
        let any_oauth = oauth.iter().any(|(_, is_set)| *is_set);
        if self.token.is_some() && any_oauth {
            let problem =
                "set either token, or client_id, client_secret and refresh_token; not both";
            return Err(vec![SettingProblem::new("token", problem)]);
        }
        if let Some(token) = &self.token {
            return Ok(Auth::token(token.clone()));
        }
        match (client_id, &self.client_secret, &self.refresh_token) {
            (Some(client_id), Some(client_secret), Some(refresh_token)) => Ok(Auth::oauth(Grant {
                client_id: client_id.to_owned(),
                client_secret: client_secret.clone(),
                refresh_token: refresh_token.clone(),
            })),
            _ if any_oauth => Err(oauth
                .into_iter()
                .filter(|(_, is_set)| !is_set)
                .map(|(key, _)| {
                    SettingProblem::new(
                        key,
                        "missing; OAuth needs client_id, client_secret and refresh_token",
                    )
                })
                .collect()),
            _ => Err(vec![SettingProblem::new(
                "token",
                "missing; set token = { env = \"HUBSPOT_TOKEN\" } with a service key, or client_id, client_secret and refresh_token",
            )]),
        }
    }

    fn custom_field_problems(&self) -> Vec<SettingProblem> {
        let mut problems = Vec::new();
        if self.custom_fields.len() > CustomFields::MAX {
            let message = format!("at most {} fields fit on a card", CustomFields::MAX);
            problems.push(SettingProblem::new("custom_fields", message));
        }
        for (title, property) in self.custom_fields.iter() {
            if !is_property_name(property) {
                let path = format!("custom_fields.{title}");
                problems.push(SettingProblem::new(path, NO_PROPERTY_NAME));
            }
        }
        problems
    }
}

impl NotificationSettings {
    fn problems(&self) -> Vec<SettingProblem> {
        let url = BaseUrl::parse("notifications.url", &self.url);
        let secret = if self.client_secret.expose().is_empty() {
            let message = "empty; everybody could sign with it";
            Err(SettingProblem::new("notifications.client_secret", message))
        } else {
            Ok(())
        };
        url.err().into_iter().chain(secret.err()).collect()
    }

    fn receiver(&self) -> Receiver {
        Receiver {
            url: self.url.clone(),
            secret: self.client_secret.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
