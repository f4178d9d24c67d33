//! The description language: what stands in `[adapters.<id>.settings]`.
//!
//! These types say what may be written; [`compile`](crate::compile) says whether it makes sense.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use whocalls_core::{CustomFields, RecordKind, Secret};
use whocalls_http::{HttpSettings, Method};

use crate::{request::Parts, search::SearchParts};

pub(crate) use workflow::{FindSettings, WorkflowSettings, WriteMethod, WriteSettings};

mod workflow;

/// Settings of an adapter of kind `rest`: where the CRM is, how it is asked who owns a number, and
/// where its reply has what.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Address of the CRM, with the path that all its requests share. No request goes anywhere
    /// else. For example `https://erp.example.com/api/v1`.
    pub(crate) base_url: String,
    /// What identifies the gateway to the CRM. Default: nothing.
    #[serde(default)]
    pub(crate) credential: CredentialSettings,
    /// The request that finds the owners of a number.
    pub(crate) lookup: LookupSettings,
    /// What `whocalls check` asks for. Default: the lookup, with a number that nobody can own.
    pub(crate) probe: Option<ProbeSettings>,
    /// What the CRM can be told to do, by the name of the workflow: `CallFlow` logs a call, other
    /// names appear as buttons on the card. Default: nothing.
    #[serde(default)]
    pub(crate) workflows: IndexMap<String, WorkflowSettings>,
    /// Connection settings.
    #[serde(default)]
    pub(crate) http: HttpSettings,
}

/// What identifies the gateway to the CRM.
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
        value: Secret,
        /// Text in front of the key, for example `Token ` for `Authorization: Token …`. Default:
        /// empty.
        #[serde(default)]
        prefix: String,
    },
    /// A query parameter with a key in it. Prefer a header where the CRM offers one: servers and
    /// proxies log URLs.
    Query {
        /// Name of the parameter, for example `api_key`.
        name: String,
        /// The key.
        value: Secret,
    },
    /// User name and password (RFC 7617).
    Basic {
        /// The user name, as text or, where it is a key, as a secret reference.
        username: UserName,
        /// The password. Default: empty.
        password: Option<Secret>,
    },
    /// A token in `Authorization: Bearer …` (RFC 6750).
    Bearer {
        /// The token.
        token: Secret,
    },
}

/// A user name: text, or a secret reference for CRMs that take an API key for it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum UserName {
    /// The name itself.
    Text(String),
    /// A key.
    Secret(Secret),
}

/// One request that finds the owners of a number, and how to read its reply.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookupSettings {
    /// The method. Default `GET`.
    #[serde(default)]
    pub(crate) method: MethodName,
    /// Path behind `base_url`, a template; begins with `/`. What an expression yields is
    /// percent-encoded. For example `/contacts/by-phone/{{ number.digits }}`.
    pub(crate) path: String,
    /// Query parameters; the values are templates and are encoded as a whole. For example
    /// `{ phone = "{{ number.e164 }}", limit = "20" }`. Default: none.
    #[serde(default)]
    pub(crate) query: IndexMap<String, String>,
    /// Further headers; the values are templates. Default: `Accept: application/json`.
    #[serde(default)]
    pub(crate) headers: IndexMap<String, String>,
    /// The body, for `POST`. Default: none.
    pub(crate) body: Option<BodySettings>,
    /// JSONPath (RFC 9535) of the hits in the reply, for example `$.items[*]`; `$[*]` for a reply
    /// that is an array.
    pub(crate) hits: String,
    /// What it means when the list in front of the first `[*]` of `hits` is missing from the
    /// reply. A list that is there and empty, or `null`, always means that nobody was found.
    /// Default `fail`.
    #[serde(default)]
    pub(crate) missing_hits: MissingHits,
    /// Statuses that mean that nobody was found, whatever the body: 201 to 299 and 400 to 499,
    /// except 401, 403, 407, 408 and 429. Default `[204]`.
    #[schemars(inner(range(min = 201, max = 499)))]
    #[serde(default = "default_empty_statuses")]
    pub(crate) empty_statuses: Vec<u16>,
    /// What a hit stands for. Default `contact`.
    #[serde(default = "default_record_kind")]
    pub(crate) record_kind: RecordKind,
    /// Where a hit has what.
    pub(crate) fields: FieldSettings,
}

impl LookupSettings {
    /// The search that it describes.
    pub(crate) fn search(&self) -> SearchParts<'_> {
        SearchParts {
            request: Parts {
                method: self.method.into(),
                path: &self.path,
                query: &self.query,
                headers: &self.headers,
                body: self.body.as_ref(),
            },
            hits: &self.hits,
            missing_hits: self.missing_hits,
            empty_statuses: &self.empty_statuses,
        }
    }
}

/// The methods that a search may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum MethodName {
    /// `GET`.
    #[default]
    Get,
    /// `POST`, for CRMs that take their search as a body. It is treated as a read and may be
    /// repeated.
    Post,
}

impl From<MethodName> for Method {
    fn from(name: MethodName) -> Self {
        match name {
            MethodName::Get => Self::GET,
            MethodName::Post => Self::POST,
        }
    }
}

/// What a missing list of hits means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MissingHits {
    /// The reply is not the expected one: the lookup fails.
    #[default]
    Fail,
    /// The CRM leaves out empty lists: nobody was found.
    Nobody,
}

/// The body of a request: exactly one of `json`, `form` and `text`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BodySettings {
    /// A JSON document. Every text in it, keys aside, is a template; other values are sent as they
    /// are. For example `{ filter = { phone = "{{ number.e164 }}" }, limit = 20 }`.
    pub(crate) json: Option<Value>,
    /// The fields of a form; the values are templates. For example
    /// `{ phone = "{{ number.e164 }}" }`.
    pub(crate) form: Option<IndexMap<String, String>>,
    /// A text, as a template. For example `phone={{ number.digits }}`.
    pub(crate) text: Option<String>,
    /// The header `Content-Type`. Default: `application/json`,
    /// `application/x-www-form-urlencoded` or `text/plain; charset=utf-8`.
    pub(crate) content_type: Option<String>,
}

/// Where a hit has what. `$` is the hit, and so is `hit` in a template.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FieldSettings {
    /// The record's id in the CRM; a number is taken as text. A hit without id is left out. For
    /// example `$.id`.
    pub(crate) id: Sources,
    /// Full name. A hit without name shows its company, e-mail address or number instead. For
    /// example `{ template = "{{ hit.first }} {{ hit.last }}" }`.
    pub(crate) name: Sources,
    /// Every phone number of the hit; not the first source that has one, but all of them. A hit
    /// whose numbers do not include the one asked for is dropped. For example
    /// `["$.mobile", "$.work"]`.
    pub(crate) phones: Sources,
    /// Company. Default: none.
    pub(crate) company: Option<Sources>,
    /// Link to the contact's page, `https` or `http`. What an expression in a template yields is
    /// percent-encoded; if it yields nothing, there is no link. Default: none. For example
    /// `{ template = "https://erp.example.com/contacts/{{ id }}" }`.
    pub(crate) contact_uri: Option<Sources>,
    /// Link to the company's page, as `contact_uri`. Default: none.
    pub(crate) company_uri: Option<Sources>,
    /// Every e-mail address of the hit, as with `phones`. Default: none.
    pub(crate) emails: Option<Sources>,
    /// Further fields to show, at most 12: title -> JSONPath. Default: none. For example
    /// `{ "Job title" = "$.title", City = "$.address.city" }`.
    #[serde(default)]
    pub(crate) custom_fields: CustomFields,
}

/// Where the value of a field comes from: one source, or a list of which the first that yields
/// something counts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Sources {
    /// One source.
    One(Source),
    /// Sources in the order of preference.
    Several(Vec<Source>),
}

/// Where a text comes from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Source {
    /// A JSONPath (RFC 9535) in the hit, for example `$.person.name`. It yields texts and numbers;
    /// an array yields its elements; `null`, `false` and an empty text are as good as absent.
    Path(String),
    /// A template.
    Template(TemplateSource),
}

/// A text made of several values.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateSource {
    /// The template. It knows `hit`, `base_url` and, except in the field `id`, `id`. For example
    /// `{{ hit.first }} {{ hit.last }}`.
    pub(crate) template: String,
}

/// A request that only shows that address and credential work.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProbeSettings {
    /// Path behind `base_url` of a `GET` that needs the credential, for example `/api/me`.
    pub(crate) path: String,
}

fn default_empty_statuses() -> Vec<u16> {
    vec![204]
}

fn default_record_kind() -> RecordKind {
    RecordKind::Contact
}
