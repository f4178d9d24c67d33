//! The JSON that HubSpot reads and writes (`crm-apis.md` §1); nothing but its shapes.

mod object;

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};
use serde_json::value::{RawValue, to_raw_value};
use whocalls_core::Secret;

pub(crate) use self::object::{Object, Page};

/// A search. Groups are alternatives.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SearchRequest<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) filter_groups: Vec<FilterGroup>,
    /// Words that occur in the default searchable properties.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) query: Option<String>,
    pub(crate) properties: Cow<'a, PropertyNames>,
    pub(crate) sorts: [Sort; 1],
    pub(crate) limit: usize,
}

/// The names of the properties that a search asks for, as JSON: they are the same in every search.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub(crate) struct PropertyNames(Box<RawValue>);

impl PropertyNames {
    pub(crate) fn new(names: &[&str]) -> Self {
        // Texts always have a JSON form.
        Self(to_raw_value(names).unwrap_or_default())
    }
}

/// Conditions that must all hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FilterGroup {
    pub(crate) filters: [Filter; 1],
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) property_name: &'static str,
    pub(crate) operator: Operator,
    pub(crate) operand: Operand,
}

/// What a property is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operand {
    /// One text. Filters of one search share it.
    Value(Arc<str>),
    /// Several texts, for [`Operator::In`].
    Values(Vec<String>),
}

/// Written member by member: with `#[serde(flatten)]` it takes three times as long.
impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut filter = serializer.serialize_struct("Filter", 3)?;
        filter.serialize_field("propertyName", self.property_name)?;
        filter.serialize_field("operator", &self.operator)?;
        match &self.operand {
            Operand::Value(text) => filter.serialize_field("value", text)?,
            Operand::Values(texts) => filter.serialize_field("values", texts)?,
        }
        filter.end()
    }
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
