//! The part of the language that says what a record is made of.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::IntoDeserializer};
use whocalls_core::RecordKind;

use super::{Source, Sources};

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
    /// When the record was last changed: RFC 3339, `2026-11-22 09:30:00` (taken as UTC), or seconds
    /// or milliseconds since 1970. Default: unknown.
    pub(crate) updated_at: Option<Sources>,
    /// Further fields to show, at most 12: title -> source. Default: none. For example
    /// `{ "Job title" = "$.title", City = "$.address.city" }`.
    #[serde(default)]
    pub(crate) custom_fields: IndexMap<String, Sources>,
}

/// What hits stand for: one kind for all of them, or sources of it.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum KindSettings {
    /// Every hit is one.
    Fixed(RecordKind),
    /// Sources that yield `contact`, `lead` or `company`, most with a `map`. A hit for which they
    /// yield something else, or nothing, is a contact.
    Read(Sources),
}

impl Default for KindSettings {
    fn default() -> Self {
        Self::Fixed(RecordKind::Contact)
    }
}

impl<'de> Deserialize<'de> for KindSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Sources::deserialize(deserializer)? {
            Sources::One(Source::Path(text)) if !text.starts_with('$') => {
                RecordKind::deserialize(text.into_deserializer()).map(Self::Fixed)
            }
            sources => Ok(Self::Read(sources)),
        }
    }
}
