//! Calls and cases to create, with ids of our own.

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

/// An object to create. Holds personal data, so it cannot be printed.
pub(crate) struct NewObject {
    /// `Calls` or `Cases`.
    pub(crate) module: &'static str,
    /// Our own id for it.
    pub(crate) id: String,
    /// Its fields.
    pub(crate) fields: Fields,
}

/// The fields of an object, by their names in SuiteCRM (`crm-apis.md` §3.1, §3.2).
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Fields {
    Call(CallFields),
    Case(CaseFields),
}

/// The fields of a call.
#[derive(Serialize)]
pub(crate) struct CallFields {
    pub(crate) name: String,
    pub(crate) direction: &'static str,
    pub(crate) status: &'static str,
    /// `Y-m-d H:i:s` in UTC.
    pub(crate) date_start: String,
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
    pub(crate) person: Person,
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
    pub(crate) person: Person,
}

/// The person whom SuiteCRM links with the object as it saves it: `relationship_fields` of the
/// classes Call and aCase (SuiteCRM 7.14). So object and link need one request, and no link can be
/// missing when the connection breaks.
#[derive(Default, Serialize)]
pub(crate) struct Person {
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
