//! Calls, cases and people, as they are created and changed (`crm-apis.md` §2.7).

use serde::{Deserialize, Serialize};

/// The body of a creation.
#[derive(Serialize)]
pub(crate) struct New<T> {
    /// An id of our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(flatten)]
    pub(crate) fields: T,
}

/// The fields of a call.
#[derive(Serialize)]
pub(crate) struct CallFields {
    pub(crate) name: String,
    pub(crate) direction: &'static str,
    pub(crate) status: &'static str,
    /// ISO 8601 with an offset. A creation needs it, a change may leave it as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) date_start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) date_end: Option<String>,
    pub(crate) duration_hours: u64,
    pub(crate) duration_minutes: u64,
    pub(crate) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assigned_user_id: Option<String>,
    #[serde(flatten)]
    pub(crate) parent: Option<Parent>,
    #[serde(flatten)]
    pub(crate) people: People,
}

/// The record that a call belongs to.
#[derive(Serialize)]
pub(crate) struct Parent {
    pub(crate) parent_type: &'static str,
    pub(crate) parent_id: String,
}

/// The people linked to a call or case as it is saved.
#[derive(Default, Serialize)]
pub(crate) struct People {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contacts: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) leads: Option<Link>,
}

/// Records to link.
#[derive(Serialize)]
pub(crate) struct Link {
    pub(crate) add: [String; 1],
}

/// The fields of a new case.
#[derive(Serialize)]
pub(crate) struct CaseFields {
    pub(crate) name: String,
    pub(crate) status: &'static str,
    pub(crate) priority: &'static str,
    pub(crate) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assigned_user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) primary_contact_id: Option<String>,
    #[serde(flatten)]
    pub(crate) people: People,
}

/// What of a case is changed.
#[derive(Serialize)]
pub(crate) struct Description {
    pub(crate) description: String,
}

/// The fields of a new contact or lead.
#[derive(Serialize)]
pub(crate) struct PersonFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: String,
    pub(crate) phone_mobile: String,
    pub(crate) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assigned_user_id: Option<String>,
}

/// The reply to a creation or change: the whole object, of which the id is enough.
#[derive(Deserialize)]
pub(crate) struct Saved {
    pub(crate) id: String,
}
