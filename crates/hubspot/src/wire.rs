//! The JSON that HubSpot reads and writes (`crm-apis.md` §1); nothing but its shapes.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use whocalls_core::Secret;

/// A search. Groups are alternatives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SearchRequest {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) filter_groups: Vec<FilterGroup>,
    /// Words that occur in the default searchable properties.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) query: Option<String>,
    pub(crate) properties: Vec<String>,
    pub(crate) sorts: [Sort; 1],
    pub(crate) limit: usize,
}

/// Conditions that must all hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FilterGroup {
    pub(crate) filters: [Filter; 1],
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Filter {
    pub(crate) property_name: &'static str,
    pub(crate) operator: Operator,
    #[serde(flatten)]
    pub(crate) operand: Operand,
}

/// What a property is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Operand {
    /// One text.
    Value(String),
    /// Several texts, for [`Operator::In`].
    Values(Vec<String>),
}

/// How a property is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Operator {
    /// Equal, ignoring case.
    #[serde(rename = "EQ")]
    Equals,
    /// A word of the text fits; `*` stands for any characters.
    ContainsToken,
    /// Equal to one of several texts, which are in lower case.
    In,
}

/// The order of the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sort {
    pub(crate) property_name: &'static str,
    pub(crate) direction: &'static str,
}

/// The first page of results.
#[derive(Debug, Deserialize)]
pub(crate) struct SearchReply {
    pub(crate) results: Vec<Object>,
}

/// A contact, a company, a lead, a call or a ticket.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Object {
    pub(crate) id: String,
    /// Texts or null, as documented; anything else is tolerated.
    #[serde(default)]
    pub(crate) properties: HashMap<String, Value>,
    pub(crate) updated_at: Option<String>,
    /// The object's page; not always present.
    pub(crate) url: Option<String>,
}

impl Object {
    /// An object of which nothing but the id is known.
    pub(crate) fn with_id(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }
}

/// Which objects a batch read wants.
#[derive(Debug, Serialize)]
pub(crate) struct BatchRead<'a> {
    pub(crate) inputs: Vec<BatchInput<'a>>,
    pub(crate) properties: [&'static str; 1],
}

/// One object that a batch read wants.
#[derive(Debug, Serialize)]
pub(crate) struct BatchInput<'a> {
    pub(crate) id: &'a str,
}

/// Those objects that exist; with status 207 when some do not.
#[derive(Debug, Deserialize)]
pub(crate) struct BatchReply {
    pub(crate) results: Vec<Object>,
}

/// The account.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountInfo {
    pub(crate) portal_id: u64,
    pub(crate) account_type: Option<String>,
    /// The host of the account's pages.
    pub(crate) ui_domain: Option<String>,
    /// The account's time zone, by its IANA name.
    pub(crate) time_zone: Option<String>,
}

/// Users that objects can belong to.
#[derive(Debug, Deserialize)]
pub(crate) struct OwnersReply {
    pub(crate) results: Vec<Owner>,
}

/// A user that objects can belong to.
#[derive(Debug, Deserialize)]
pub(crate) struct Owner {
    pub(crate) id: String,
}

/// A request for an access token, as a form.
#[derive(Serialize)]
pub(crate) struct TokenRequest<'a> {
    pub(crate) grant_type: &'static str,
    pub(crate) client_id: &'a str,
    pub(crate) client_secret: &'a str,
    pub(crate) refresh_token: &'a str,
}

/// An access token. No `Debug`: [`TokenReply::into_secrets`] is the way to the tokens.
#[derive(Deserialize)]
pub(crate) struct TokenReply {
    access_token: String,
    refresh_token: Option<String>,
    /// Seconds that the access token lives.
    pub(crate) expires_in: Option<u64>,
}

impl TokenReply {
    /// The access token and, if HubSpot sent one, the next refresh token.
    pub(crate) fn into_secrets(self) -> (Secret, Option<Secret>) {
        let refresh_token = self.refresh_token.filter(|token| !token.is_empty());
        (
            Secret::new(self.access_token),
            refresh_token.map(Secret::new),
        )
    }
}

/// Texts by the internal names of properties.
pub(crate) type Properties<'a> = BTreeMap<&'a str, String>;

/// An object to create. HubSpot demands both keys, also when they are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct NewObject<'a> {
    pub(crate) properties: Properties<'a>,
    pub(crate) associations: Vec<Association>,
}

/// What changes of an object; all else stays.
#[derive(Debug, Serialize)]
pub(crate) struct Update<'a> {
    pub(crate) properties: &'a Properties<'a>,
}

/// What kind of property it is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PropertyInfo {
    #[serde(default)]
    pub(crate) has_unique_value: bool,
}

/// A relation of the new object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Association {
    pub(crate) to: AssociationTarget,
    pub(crate) types: [AssociationType; 1],
}

/// The object at the other end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct AssociationTarget {
    pub(crate) id: String,
}

/// What the relation means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssociationType {
    pub(crate) association_category: &'static str,
    pub(crate) association_type_id: u16,
}
