//! A contact as the telephone system gets it: one person or company, from one or several CRMs.

use jiff::Timestamp;
use whocalls_core::{AdapterId, CustomField, MatchClass, RecordKind};

use crate::ContactId;

/// One entry of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Full name.
    pub name: String,
    /// The company.
    pub company: Option<String>,
    /// The page of the contact in the CRM that comes first in `members`.
    pub contact_uri: Option<String>,
    /// The page of the company.
    pub company_uri: Option<String>,
    /// Person, prospect or company.
    pub kind: RecordKind,
    /// The best match of its records.
    pub class: MatchClass,
    /// The latest change of its records.
    pub modified_at: Option<Timestamp>,
    /// Further fields; each title once.
    pub custom: Vec<CustomField>,
    /// The records that it consists of, best source first; never empty.
    pub members: Vec<Member>,
}

/// One record that a contact consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The adapter that found it.
    pub source: AdapterId,
    /// The adapter's priority; lower comes first.
    pub priority: u32,
    /// The adapter's name for the record.
    pub record_id: String,
    /// The CRM's page of the record.
    pub contact_uri: Option<String>,
    /// How its number matches.
    pub class: MatchClass,
    /// The adapter's workflows that its CRM would refuse for this record.
    pub unavailable_workflows: Vec<&'static str>,
}

impl Contact {
    /// The opaque id that names all records of the contact.
    pub fn id(&self) -> ContactId {
        let parts = self
            .members
            .iter()
            .map(|member| (member.source.clone(), member.record_id.clone()));
        ContactId::new(parts.collect())
    }
}
