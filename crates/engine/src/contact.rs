//! A contact as the telephone system gets it: one person or company, from one or several CRMs.

use std::borrow::Cow;

use jiff::Timestamp;
use whocalls_core::{AdapterId, ContactRecord, CustomField, Match, MatchClass, RecordKind};

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
pub(crate) fn blend(mut group: impl Iterator<Item = Candidate>, name: usize) -> Option<Contact> {
    let mut contact = single(group.next()?);
    contact
        .members
        .reserve_exact(group.size_hint().1.unwrap_or_default());
    for (position, candidate) in (1..).zip(group) {
        let (member, mut other) = member(candidate);
        let is_its_company =
            contact.kind != RecordKind::Company && other.kind == RecordKind::Company;
        if is_its_company {
            other.company_uri = other.contact_uri.take();
            other.company = None;
        }
        let is_called_so = position == name || contact.name.trim().is_empty();
        if is_called_so && !is_its_company && !other.name.trim().is_empty() {
            contact.name = other.name;
        }
        contact.company = contact.company.or(other.company);
        contact.contact_uri = contact.contact_uri.or(other.contact_uri);
        contact.company_uri = contact.company_uri.or(other.company_uri);
        contact.kind = contact.kind.min(other.kind);
        contact.class = contact.class.min(member.class);
        contact.modified_at = contact.modified_at.max(other.modified_at);
        add_custom(&mut contact.custom, other.custom);
        contact.members.push(member);
    }
    Some(contact)
}

/// A contact of one record.
fn single(candidate: Candidate) -> Contact {
    let (member, record) = member(candidate);
    let mut custom = Vec::new();
    add_custom(&mut custom, record.custom);
    Contact {
        name: record.name,
        company: record.company,
        contact_uri: record.contact_uri,
        company_uri: record.company_uri,
        kind: record.kind,
        class: member.class,
        modified_at: record.modified_at,
        custom,
        members: vec![member],
    }
}

/// What the contact keeps of a record as such, and the record for its fields.
fn member(candidate: Candidate) -> (Member, ContactRecord) {
    let Candidate {
        priority,
        found: Match { mut record, class },
    } = candidate;
    let member = Member {
        source: record.source.clone(),
        priority,
        record_id: std::mem::take(&mut record.id),
        kind: record.kind,
        contact_uri: record.contact_uri.clone(),
        class,
        unavailable_workflows: std::mem::take(&mut record.unavailable_workflows),
    };
    (member, record)
}

fn add_custom(fields: &mut Vec<CustomField>, more: Vec<CustomField>) {
    for field in more {
        if !fields.iter().any(|known| known.title == field.title) {
            fields.push(field);
        }
    }
}
