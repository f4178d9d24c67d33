//! The part of the language that describes one request.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use whocalls_http::Method;

/// The parameters of a request, or the fields of a form, by name.
pub(crate) type ParameterMap = IndexMap<String, ValueSettings>;

/// A value of a parameter or form field: one, or several under the same name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ValueSettings {
    /// One value.
    One(OneSettings),
    /// Several values: the name is repeated. For example `["name", "phone"]`.
    Several(Vec<OneSettings>),
}

/// A value of a parameter or form field.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum OneSettings {
    /// A text.
    Text(TextSettings),
    /// Something else than a text.
    Made(MadeSettings),
}

/// A value that is no plain text.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum MadeSettings {
    /// A JSON document, as in `body.json`, sent as text. For example
    /// `{ json = { name = "{{ subject }}" } }`.
    Json(Value),
    /// An expression that yields a list: the name is repeated for each element. For example
    /// `{ each = "items" }`.
    Each(String),
    /// A template of a text that is encoded already: name and text are sent as they stand, and
    /// values are percent-encoded. For CRMs that understand no form encoding (`+` for a blank). For
    /// example `{ encoded = "name,phone%20eq%20{{ number.nsn }}" }`.
    Encoded(String),
}

/// A template, or one in a query language.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum TextSettings {
    /// A template.
    Plain(String),
    /// A template in a query language: values become literals of it.
    Query(QuerySettings),
}

/// A template of a text in a query language. A value between quotes becomes part of the literal; one
/// outside of quotes has to be a number or one word.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum QuerySettings {
    /// `OData`. For example `{ odata = "contains(mobilephone,'{{ number.nsn }}')" }`.
    Odata(String),
    /// SQL, and what resembles it. For example
    /// `{ sql = "SELECT id FROM Contacts WHERE mobile LIKE '{{ number.wild }}';" }`.
    Sql(String),
    /// Salesforce SOQL. For example
    /// `{ soql = "SELECT Id FROM Contact WHERE Phone LIKE '{{ number.wild }}'" }`.
    Soql(String),
    /// Salesforce SOSL. For example
    /// `{ sosl = "FIND { {{ number.nsn }} } IN PHONE FIELDS RETURNING Contact(Id)" }`.
    Sosl(String),
    /// Lucene, Solr and Elasticsearch query strings. For example
    /// `{ lucene = "phone:{{ number.nsn }} OR mobile:{{ number.nsn }}" }`.
    Lucene(String),
    /// JSON as text. For example `{ json_text = '{"phone": "{{ number.e164 }}"}' }`.
    JsonText(String),
}

/// The body of a request: exactly one of `json`, `form`, `graphql` and `text`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BodySettings {
    /// A JSON document. Every text in it, keys aside, is a template; other values are sent as they
    /// are. `{ "$json" = "number.spellings" }` stands for the value of an expression, with its
    /// type, and `{ "$lucene" = "…" }` for a text in a query language. For example
    /// `{ filter = { phone = "{{ number.e164 }}" }, limit = 20 }`.
    pub(crate) json: Option<Value>,
    /// The fields of a form; the values are as in `query`. For example
    /// `{ phone = "{{ number.e164 }}" }`.
    pub(crate) form: Option<ParameterMap>,
    /// A GraphQL request.
    pub(crate) graphql: Option<GraphqlSettings>,
    /// A text, as a template. For example `phone={{ number.digits }}`.
    pub(crate) text: Option<TextSettings>,
    /// The header `Content-Type`. Default: `application/json`,
    /// `application/x-www-form-urlencoded` or `text/plain; charset=utf-8`.
    pub(crate) content_type: Option<String>,
}

/// A GraphQL request: a constant query and its variables.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GraphqlSettings {
    /// The query. It is no template: values go into `variables`. For example
    /// `query($v: [String]!) { contacts(phones: $v) { id name } }`.
    pub(crate) query: String,
    /// The variables of the query, as in `body.json`. Default: none. For example
    /// `{ v = { "$json" = "number.spellings" } }`.
    #[serde(default)]
    pub(crate) variables: Map<String, Value>,
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
