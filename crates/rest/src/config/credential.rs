//! The part of the language that says how the gateway identifies itself to the CRM.

use std::path::PathBuf;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use whocalls_core::Secret;

use super::{BodySettings, MethodName, OutcomeSettings, ParameterMap, Sources};

/// What identifies the gateway to the CRM. A value is a secret reference, or a text: a template
/// that knows `account`. Keys, tokens and passwords are never written down as plain text.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum CredentialSettings {
    /// Nothing: the CRM asks for no credential.
    #[default]
    None,
    /// A header with a key in it.
    Header {
        /// Name of the header, for example `X-Api-Key`.
        name: String,
        /// The key.
        value: TextOrSecret,
        /// Text in front of the key, for example `Token ` for `Authorization: Token …`. Default:
        /// empty.
        #[serde(default)]
        prefix: String,
    },
    /// Several headers.
    Headers {
        /// Name of the header -> its value, for example
        /// `{ X-PW-AccessToken = { env = "COPPER_KEY" }, X-PW-Application = "developer_api" }`.
        headers: IndexMap<String, TextOrSecret>,
    },
    /// A query parameter with a key in it. Prefer a header where the CRM offers one: servers and
    /// proxies log URLs.
    Query {
        /// Name of the parameter, for example `api_key`.
        name: String,
        /// The key.
        value: TextOrSecret,
    },
    /// User name and password (RFC 7617).
    Basic {
        /// The user name; where the CRM takes a key for it, a secret reference. For example
        /// `{{ account.email }}/token`.
        username: TextOrSecret,
        /// The password. Default: empty.
        password: Option<TextOrSecret>,
    },
    /// A token in `Authorization: Bearer …` (RFC 6750).
    Bearer {
        /// The token.
        token: TextOrSecret,
    },
    /// Access tokens from a token endpoint (RFC 6749).
    #[serde(rename = "oauth2")]
    OAuth2(Box<OAuth2Settings>),
    /// A session that requests of its own open.
    Session(Box<SessionSettings>),
}

/// A template that knows `account`, or a secret reference.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum TextOrSecret {
    /// A template that knows `account`, for example `{{ account.email }}`.
    Text(String),
    /// A secret.
    Secret(Secret),
}

/// Access tokens from a token endpoint. A token is got with the first request, renewed a minute
/// before it expires, and got anew when the CRM refuses it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OAuth2Settings {
    /// What a token is given for.
    pub(crate) grant: Grant,
    /// Address of the token endpoint, a template that knows `account`. For example
    /// `https://accounts.zoho.{{ account.region }}/oauth/v2/token`.
    pub(crate) token_url: String,
    /// The client id. Default: none.
    pub(crate) client_id: Option<TextOrSecret>,
    /// The client secret. Default: none.
    pub(crate) client_secret: Option<TextOrSecret>,
    /// Where client id and secret go. Default `body`.
    #[serde(default)]
    pub(crate) client_auth: ClientAuth,
    /// How the request for a token is written. Default `form`.
    #[serde(default)]
    pub(crate) encoding: Encoding,
    /// The scope, a template that knows `account`. Default: none. For example
    /// `https://{{ account.org }}/.default`.
    pub(crate) scope: Option<String>,
    /// Further parameters of the request for a token. Default: none. For example
    /// `{ audience = "https://api.example.com" }`.
    #[serde(default)]
    pub(crate) parameters: IndexMap<String, TextOrSecret>,
    /// For `refresh_token`: the refresh token that the authorisation of the gateway brought.
    pub(crate) refresh_token: Option<TextOrSecret>,
    /// For `refresh_token`, where the CRM gives a new refresh token with each access token: the
    /// file that keeps the newest one. Relative paths start at the folder of the configuration
    /// file. Default: the newest one is forgotten when the gateway ends.
    pub(crate) refresh_token_file: Option<PathBuf>,
    /// For `password`: the user name.
    pub(crate) username: Option<TextOrSecret>,
    /// For `password`: the password.
    pub(crate) password: Option<TextOrSecret>,
    /// For `jwt_bearer`: the RSA key that signs, in PEM.
    pub(crate) private_key: Option<TextOrSecret>,
    /// For `jwt_bearer`: the id of that key, for the header `kid`. Default: none.
    pub(crate) key_id: Option<String>,
    /// For `jwt_bearer`: the claims beside `iat` and `exp`, which the gateway sets; templates that
    /// know `account`. For example `{ iss = "{{ account.client_id }}", sub = "{{ account.user }}",
    /// aud = "https://login.salesforce.com" }`.
    #[serde(default)]
    pub(crate) claims: IndexMap<String, TextOrSecret>,
    /// The header that carries the access token. Default `Authorization`.
    #[serde(default = "default_header")]
    pub(crate) header: String,
    /// Text in front of the access token. Default `Bearer `.
    #[serde(default = "default_prefix")]
    pub(crate) prefix: String,
    /// How long a token is valid when the reply has no `expires_in`, in seconds. Default: until
    /// the CRM refuses it.
    #[schemars(range(min = 10, max = 86_400))]
    pub(crate) lifetime_secs: Option<u64>,
    /// Further values of the reply, which templates use as `auth.<name>`. Default: none. For
    /// example `{ instance_url = "$.instance_url" }`.
    #[serde(default)]
    pub(crate) capture: IndexMap<String, Sources>,
    /// What replies of the token endpoint mean, where statuses and the member `error` do not say
    /// it. Default: none.
    #[serde(default)]
    pub(crate) outcomes: Vec<OutcomeSettings>,
}

/// What a token is given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Grant {
    /// Client id and secret (RFC 6749 §4.4).
    ClientCredentials,
    /// A refresh token (RFC 6749 §6).
    RefreshToken,
    /// User name and password (RFC 6749 §4.3).
    Password,
    /// A statement signed with a private key (RFC 7523).
    JwtBearer,
}

/// Where client id and secret go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientAuth {
    /// Into the body, as `client_id` and `client_secret`.
    #[default]
    Body,
    /// Into the header `Authorization: Basic …` (RFC 6749 §2.3.1).
    Basic,
}

/// How the request for a token is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Encoding {
    /// As a form, which the standard asks for.
    #[default]
    Form,
    /// As a JSON object.
    Json,
}

/// A session that requests of its own open. It is opened with the first request, and anew when it
/// ends or the CRM refuses it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionSettings {
    /// Address that the paths of `steps` stand behind, a template that knows `account`. Default:
    /// `base_url`.
    pub(crate) login_url: Option<String>,
    /// The requests that open a session, one after the other.
    #[schemars(length(min = 1, max = 5))]
    pub(crate) steps: Vec<LoginStepSettings>,
    /// Where the session goes in every request. Default: nowhere; the templates of the requests
    /// use `auth`.
    #[serde(default)]
    pub(crate) send: SendSettings,
    /// How long a session is valid, in seconds. Default: until the CRM refuses it.
    #[schemars(range(min = 10, max = 86_400))]
    pub(crate) lifetime_secs: Option<u64>,
}

/// A request that opens a session, or prepares that.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginStepSettings {
    /// The method. Default `GET`.
    #[serde(default)]
    pub(crate) method: MethodName,
    /// Path behind `login_url` or `base_url`, a template; begins with `/`. The templates know
    /// `account`, and as `auth` what earlier steps captured.
    pub(crate) path: String,
    /// Query parameters; the values are templates. Default: none. For example
    /// `{ operation = "getchallenge", username = "{{ account.username }}" }`.
    #[serde(default)]
    pub(crate) query: ParameterMap,
    /// Further headers; the values are templates. Default: `Accept: application/json`.
    #[serde(default)]
    pub(crate) headers: IndexMap<String, String>,
    /// The body, for `POST`. Default: none. For example
    /// `{ form = { accessKey = "{{ (auth.challenge ~ account.access_key) | md5 }}" } }`.
    pub(crate) body: Option<BodySettings>,
    /// Values of the reply, which templates use as `auth.<name>`. The login fails when one is
    /// missing. Default: none. For example `{ session = "$.result.sessionName" }`.
    #[serde(default)]
    pub(crate) capture: IndexMap<String, Sources>,
    /// What replies mean, where their status does not say it. Default: none.
    #[serde(default)]
    pub(crate) outcomes: Vec<OutcomeSettings>,
}

/// Where a session goes in every request; the values are templates that know `account` and `auth`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendSettings {
    /// Headers, for example `{ X-Session = "{{ auth.session }}" }`. Default: none.
    #[serde(default)]
    pub(crate) header: IndexMap<String, String>,
    /// Query parameters, for example `{ sessionName = "{{ auth.session }}" }`. Default: none.
    #[serde(default)]
    pub(crate) query: IndexMap<String, String>,
    /// Cookies, for example `{ JSESSIONID = "{{ auth.session }}" }`. Default: none.
    #[serde(default)]
    pub(crate) cookie: IndexMap<String, String>,
}

impl CredentialSettings {
    /// The names that `auth.<name>` has in the templates of requests.
    pub(crate) fn auth_names(&self) -> Vec<String> {
        match self {
            Self::OAuth2(oauth) => oauth.capture.keys().cloned().collect(),
            Self::Session(session) => {
                let captures = session.steps.iter().flat_map(|step| step.capture.keys());
                captures.cloned().collect()
            }
            _ => Vec::new(),
        }
    }

    /// The headers that carry the credential.
    pub(crate) fn header_names(&self) -> Vec<String> {
        match self {
            Self::None | Self::Query { .. } => Vec::new(),
            Self::Header { name, .. } => vec![name.clone()],
            Self::Headers { headers } => headers.keys().cloned().collect(),
            Self::Basic { .. } | Self::Bearer { .. } => vec![default_header()],
            Self::OAuth2(oauth) => vec![oauth.header.clone()],
            Self::Session(session) => session.send.header.keys().cloned().collect(),
        }
    }
}

fn default_header() -> String {
    "Authorization".to_owned()
}

fn default_prefix() -> String {
    "Bearer ".to_owned()
}
