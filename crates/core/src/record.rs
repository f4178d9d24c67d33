//! A contact as one CRM has it.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::AdapterId;

/// What a record stands for. The order is the order of interest: a person before a prospect
/// before a company.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// A person.
    Contact,
    /// A person who is not a customer yet.
    Lead,
    /// An organisation.
    Company,
}

/// One contact of one CRM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactRecord {
    /// The adapter that found it.
    pub source: AdapterId,
    /// The adapter's own name for the record, unique within the adapter. Where a CRM numbers its
    /// tables separately it carries the table, for example `Leads/7d1c`. The adapter gets it back
    /// in [`WorkflowRequest::contact`](crate::WorkflowRequest::contact).
    pub id: String,
    /// Person, prospect or company.
    pub kind: RecordKind,
    /// Full name as shown to the user; the company's name for a company.
    pub name: String,
    /// The company that the person belongs to.
    pub company: Option<String>,
    /// The CRM's page of the record.
    pub contact_uri: Option<String>,
    /// The CRM's page of the company.
    pub company_uri: Option<String>,
    /// Every number of the record, as stored.
    pub phones: Vec<String>,
    /// Every e-mail address of the record.
    pub emails: Vec<String>,
    /// When the record was last changed.
    pub modified_at: Option<jiff::Timestamp>,
    /// Further fields for the reply's `customData`, in the configured order.
    pub custom: Vec<CustomField>,
    /// The adapter's workflows that its CRM would refuse for this very record, by name.
    pub unavailable_workflows: Vec<Cow<'static, str>>,
}

impl ContactRecord {
    /// A record with nothing but its identity and name.
    pub fn new(source: AdapterId, id: impl Into<String>, kind: RecordKind, name: String) -> Self {
        Self {
            source,
            id: id.into(),
            kind,
            name,
            company: None,
            contact_uri: None,
            company_uri: None,
            phones: Vec::new(),
            emails: Vec::new(),
            modified_at: None,
            custom: Vec::new(),
            unavailable_workflows: Vec::new(),
        }
    }
}

/// A title and a text for the reply's `customData`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomField {
    /// What the card shows as the field's title.
    pub title: String,
    /// What the card shows as the field's text; not empty.
    pub text: String,
}

/// Which fields of the CRM appear in `customData`: title -> the CRM's field name, in this order.
///
/// In TOML: `custom_fields = { "Job title" = "jobtitle", City = "city" }`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct CustomFields(IndexMap<String, String>);

impl CustomFields {
    /// The most fields that a card can sensibly show.
    pub const MAX: usize = 12;

    /// The CRM's field names, in order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }

    /// Title and CRM field name, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(title, field)| (title.as_str(), field.as_str()))
    }

    /// The configured fields that `text_of` has a non-empty text for.
    pub fn collect(&self, mut text_of: impl FnMut(&str) -> Option<String>) -> Vec<CustomField> {
        self.0
            .iter()
            .filter_map(|(title, field)| {
                let text = text_of(field)?.trim().to_owned();
                (!text.is_empty()).then(|| CustomField {
                    title: title.clone(),
                    text,
                })
            })
            .collect()
    }

    /// How many fields are configured.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no field is configured.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, String)> for CustomFields {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(fields: I) -> Self {
        Self(fields.into_iter().collect())
    }
}
