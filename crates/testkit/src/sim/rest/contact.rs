//! The shape of a contact: nested, with numbers for ids and `null` for what is absent.

use serde_json::{Value, json};

use crate::contacts::SeedContact;

/// The contact as the CRM returns it.
pub(super) fn json(contact: &SeedContact) -> Value {
    let company = (contact.company_id != 0).then(|| {
        json!({
            "id": contact.company_id,
            "name": contact.company,
        })
    });
    json!({
        "id": contact.id,
        "person": {
            "name": format!("{} {}", contact.first_name, contact.last_name),
            "title": some(&contact.job_title),
        },
        "company": company,
        "phones": {
            "mobile": some(&contact.mobile),
            "work": some(&contact.work),
        },
        "email": contact.email,
    })
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
