//! Calls, cases and people, under ids of our own.

use serde::Serialize;
use uuid::Uuid;

/// The module of logged calls.
pub(crate) const CALLS: &str = "Calls";
/// The module of cases.
pub(crate) const CASES: &str = "Cases";

/// The name space of our object ids (RFC 9562 §5.5). Never change it: a repeated delivery would no
/// longer be recognised.
const NAMESPACE: Uuid = Uuid::from_u128(0x5a43_9d0c_6f1b_4c6e_9b57_1e8f_c2a7_40d3);

/// The id under which a request creates its object: the same for every delivery of the request,
/// and different for each module.
pub(crate) fn id_of(module: &str, idempotency_key: &str) -> String {
    let name = format!("{module}/{idempotency_key}");
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}

/// An object to create or to change. Holds personal data, so it cannot be printed.
pub(crate) struct Object<F> {
    /// `Calls`, `Cases`, `Leads` or `Contacts`.
    pub(crate) module: &'static str,
    /// Its id: our own for a new object.
    pub(crate) id: String,
    /// Its fields, or those that change.
    pub(crate) fields: F,
}

/// The fields of a new object, by their names in SuiteCRM (`crm-apis.md` §3.1, §3.2).
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum NewFields {
    Call(CallFields),
    Case(CaseFields),
    Person(PersonFields),
}

/// The fields of an object that change when more is known.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Changes {
    /// All of a call.
    Call(Box<CallFields>),
    /// The text of a case: everything else may have been changed by people.
    Case { description: String },
}

/// The fields of a call.
#[derive(Serialize)]
pub(crate) struct CallFields {
    pub(crate) name: String,
    pub(crate) direction: &'static str,
    pub(crate) status: &'static str,
    /// `Y-m-d H:i:s` in UTC. A creation needs it, a change may leave it as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) date_start: Option<String>,
    pub(crate) duration_hours: u64,
    pub(crate) duration_minutes: u64,
    pub(crate) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assigned_user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent_id: Option<String>,
    #[serde(flatten)]
    pub(crate) linked: Linked,
}

/// The fields of a case.
#[derive(Serialize)]
pub(crate) struct CaseFields {
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) priority: &'static str,
    pub(crate) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assigned_user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account_id: Option<String>,
    #[serde(flatten)]
    pub(crate) linked: Linked,
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

/// The person whom SuiteCRM links with the object as it saves it: `relationship_fields` of the
/// classes Call and aCase (SuiteCRM 7.14). So object and link need one request, and no link can be
/// missing when the connection breaks.
#[derive(Default, Serialize)]
pub(crate) struct Linked {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lead_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_for_every_delivery_and_another_for_another_request() {
        let id = id_of(CALLS, "0199-key");
        assert_eq!(id, "e9d8a17c-6f01-500d-bcc7-e11b320390ab");
        assert_ne!(id, id_of(CASES, "0199-key"));
        assert_ne!(id, id_of(CALLS, "0199-key-2"));
    }
}
