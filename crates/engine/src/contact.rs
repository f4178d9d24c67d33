//! A contact as the telephone system gets it: one person or company, from one or several CRMs.

use std::borrow::Cow;

use jiff::Timestamp;
use whocalls_core::{AdapterId, CustomField, Match, MatchClass, RecordKind};

use crate::{ContactId, merge::Candidate};

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
    /// What the record stands for: the company of a person may be a member of the person's contact.
    pub kind: RecordKind,
    /// The CRM's page of the record.
    pub contact_uri: Option<String>,
    /// How its number matches.
    pub class: MatchClass,
    /// The adapter's workflows that its CRM would refuse for this record.
    pub unavailable_workflows: Vec<Cow<'static, str>>,
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

/// One contact from the records of one person, each field from the first that has it, its name
/// from the record at `name`. A company that was folded in fills no field of the person but the
/// page of the company.
pub(crate) fn blend(group: Vec<Candidate>, name: usize) -> Option<Contact> {
    let mut singles: Vec<Contact> = group.into_iter().map(single).collect();
    let name = singles.get_mut(name).map(|it| std::mem::take(&mut it.name));
    let mut singles = singles.into_iter();
    let mut contact = singles.next()?;
    for mut other in singles {
        let is_its_company =
            contact.kind != RecordKind::Company && other.kind == RecordKind::Company;
        if is_its_company {
            other.company_uri = other.contact_uri.take();
            other.company = None;
        }
        contact.company = contact.company.or(other.company);
        contact.contact_uri = contact.contact_uri.or(other.contact_uri);
        contact.company_uri = contact.company_uri.or(other.company_uri);
        contact.kind = contact.kind.min(other.kind);
        contact.class = contact.class.min(other.class);
        contact.modified_at = contact.modified_at.max(other.modified_at);
        add_custom(&mut contact.custom, other.custom);
        contact.members.extend(other.members);
    }
    contact.name = name
        .filter(|it| !it.trim().is_empty())
        .unwrap_or(contact.name);
    Some(contact)
}

fn single(
    Candidate {
        priority,
        found: Match { record, class },
    }: Candidate,
) -> Contact {
    let member = Member {
        source: record.source,
        priority,
        record_id: record.id,
        kind: record.kind,
        contact_uri: record.contact_uri.clone(),
        class,
        unavailable_workflows: record.unavailable_workflows,
    };
    let mut custom = Vec::new();
    add_custom(&mut custom, record.custom);
    Contact {
        name: record.name,
        company: record.company,
        contact_uri: record.contact_uri,
        company_uri: record.company_uri,
        kind: record.kind,
        class,
        modified_at: record.modified_at,
        custom,
        members: vec![member],
    }
}

fn add_custom(fields: &mut Vec<CustomField>, more: Vec<CustomField>) {
    for field in more {
        if !fields.iter().any(|known| known.title == field.title) {
            fields.push(field);
        }
    }
}
