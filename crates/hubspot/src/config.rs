//! The settings of a HubSpot adapter.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::Deserialize;
use whocalls_core::{CustomFields, Secret, SettingProblem};
use whocalls_http::{BaseUrl, HttpSettings};

use crate::{
    api::ApiVersion,
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
/// Of the five that HubSpot allows, one is left to the other apps of the account.
const DEFAULT_SEARCHES_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(3);
/// The pipeline that every account has, and its first stage (`crm-apis.md` §1.6).
const DEFAULT_PIPELINE: &str = "0";
const DEFAULT_STAGE: &str = "1";
/// The longest internal name of a property that is accepted; keeps a search request within the
/// 3,000 characters that HubSpot reads (`crm-apis.md` §1.3).
const MAX_PROPERTY_LEN: usize = 100;

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
    /// Fields of the card: title -> internal name of a property, in this order; at most 12.
    pub(crate) custom_fields: CustomFields,
    /// How long a lookup that has found a contact waits for its company's name and for links, in
    /// milliseconds; without them it answers with what it has. Default 400.
    #[schemars(range(min = 50, max = 5000))]
    pub(crate) details_timeout_ms: u64,
    /// How many searches are sent in any one second, half of them at once at most. HubSpot allows
    /// the whole account five, other apps included. A lookup that gets no turn in time is left
    /// out of the answer at once. Default 4.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) searches_per_second: NonZeroU32,
    /// How HubSpot tells that contacts have changed, so that remembered answers are forgotten.
    /// Needs an app with webhooks; service keys have none.
    pub(crate) notifications: Option<NotificationSettings>,
    /// Where tickets are opened.
    pub(crate) ticket: TicketSettings,
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
            custom_fields: CustomFields::default(),
            details_timeout_ms: DEFAULT_DETAILS_TIMEOUT_MS,
            searches_per_second: DEFAULT_SEARCHES_PER_SECOND,
            notifications: None,
            ticket: TicketSettings::default(),
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
            let is_name = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_';
            let fits = (1..=MAX_PROPERTY_LEN).contains(&property.len());
            if !fits || !property.bytes().all(is_name) {
                let message =
                    "not the internal name of a property: lower-case letters, digits and _";
                problems.push(SettingProblem::new(
                    format!("custom_fields.{title}"),
                    message,
                ));
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
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn problems(settings: Value) -> Vec<String> {
        let settings: Settings = serde_json::from_value(settings).unwrap();
        match settings.check() {
            Ok(_) => Vec::new(),
            Err(problems) => problems.into_iter().map(|problem| problem.path).collect(),
        }
    }

    #[test]
    fn exactly_one_way_to_sign_in_is_needed() {
        let secret = json!({ "value": "x" });
        let cases: [(Value, &[&str]); 6] = [
            (json!({}), &["token"]),
            (json!({ "token": secret }), &[]),
            (
                json!({ "client_id": "c", "client_secret": secret, "refresh_token": secret }),
                &[],
            ),
            (
                json!({ "client_id": "c" }),
                &["client_secret", "refresh_token"],
            ),
            (
                json!({ "client_id": "", "client_secret": secret, "refresh_token": secret }),
                &["client_id"],
            ),
            (
                json!({ "token": secret, "refresh_token": secret }),
                &["token"],
            ),
        ];
        for (settings, expected) in cases {
            assert_eq!(problems(settings.clone()), expected, "{settings}");
        }
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        let many: serde_json::Map<_, _> = (0..13).map(|i| (i.to_string(), json!("x"))).collect();
        assert_eq!(
            problems(json!({ "base_url": "hubspot", "custom_fields": many })),
            ["base_url", "token", "custom_fields"]
        );
        let settings =
            json!({ "token": { "value": "x" }, "custom_fields": { "A": "Job Title", "B": "" } });
        assert_eq!(problems(settings), ["custom_fields.A", "custom_fields.B"]);
    }

    #[test]
    fn notifications_need_a_url_and_a_secret() {
        let settings = |url: &str, secret: &str| {
            json!({
                "token": { "value": "x" },
                "notifications": { "url": url, "client_secret": { "value": secret } },
            })
        };
        let url = "https://whocalls.example.com/notifications/hubspot";
        assert_eq!(problems(settings(url, "s")), [""; 0]);
        assert_eq!(
            problems(settings("whocalls.example.com", "")),
            ["notifications.url", "notifications.client_secret"]
        );
    }

    #[test]
    fn searches_are_limited_to_four_a_second_unless_set() {
        assert_eq!(Settings::default().searches_per_second.get(), 4);
        let none = json!({ "searches_per_second": 0 });
        assert!(serde_json::from_value::<Settings>(none).is_err());
    }

    #[test]
    fn unknown_keys_and_versions_are_refused() {
        for settings in [json!({ "tokn": 1 }), json!({ "api_version": "v4" })] {
            assert!(serde_json::from_value::<Settings>(settings).is_err());
        }
    }

    #[test]
    fn debug_output_hides_the_credentials() {
        let settings = json!({ "token": { "value": "s3cret" } });
        let settings: Settings = serde_json::from_value(settings).unwrap();
        let checked = settings.check().unwrap();
        assert!(!format!("{settings:?} {checked:?}").contains("s3cret"));
    }
}
