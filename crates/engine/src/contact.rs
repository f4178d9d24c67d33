//! A contact as the telephone system gets it: one person or company, from one or several CRMs.

use std::borrow::Cow;

use jiff::Timestamp;
use smallvec::SmallVec;
use whocalls_core::{AdapterId, CustomField, Match, MatchClass, RecordKind};

use crate::{ContactId, merge::Candidate};

/// Further fields that most contacts have at most.
const USUAL_FIELDS: usize = 4;

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
pub(crate) fn blend<'a>(
    mut group: impl Iterator<Item = Candidate<'a>>,
    name: usize,
) -> Option<Contact> {
    let first = group.next()?;
    let mut card = Card::of(first);
    let mut members = Vec::with_capacity(1 + group.size_hint().1.unwrap_or_default());
    members.push(Member::of(first));
    for (position, candidate) in (1..).zip(group) {
        card.add(candidate, position == name);
        members.push(Member::of(candidate));
    }
    Some(card.into_contact(members))
}

/// What a contact shows, still where the CRMs' answers have it.
struct Card<'a> {
    name: &'a str,
    company: Option<&'a String>,
    contact_uri: Option<&'a String>,
    company_uri: Option<&'a String>,
    kind: RecordKind,
    class: MatchClass,
    modified_at: Option<Timestamp>,
    custom: SmallVec<[&'a CustomField; USUAL_FIELDS]>,
}

impl<'a> Card<'a> {
    fn of(candidate: Candidate<'a>) -> Self {
        let Match { record, class } = candidate.found;
        let mut card = Self {
            name: &record.name,
            company: record.company.as_ref(),
            contact_uri: record.contact_uri.as_ref(),
            company_uri: record.company_uri.as_ref(),
            kind: record.kind,
            class: *class,
            modified_at: record.modified_at,
            custom: SmallVec::new(),
        };
        card.add_custom(&record.custom);
        card
    }

    /// Fills the fields that no record before has.
    fn add(&mut self, candidate: Candidate<'a>, gives_name: bool) {
        let Match { record, class } = candidate.found;
        let is_its_company = self.kind != RecordKind::Company && record.kind == RecordKind::Company;
        if is_its_company {
            self.company_uri = self.company_uri.or(record.contact_uri.as_ref());
        } else {
            let is_called_so = gives_name || self.name.trim().is_empty();
            if is_called_so && !record.name.trim().is_empty() {
                self.name = &record.name;
            }
            self.company = self.company.or(record.company.as_ref());
            self.contact_uri = self.contact_uri.or(record.contact_uri.as_ref());
            self.company_uri = self.company_uri.or(record.company_uri.as_ref());
        }
        self.kind = self.kind.min(record.kind);
        self.class = self.class.min(*class);
        self.modified_at = self.modified_at.max(record.modified_at);
        self.add_custom(&record.custom);
    }

    fn add_custom(&mut self, more: &'a [CustomField]) {
        for field in more {
            if !self.custom.iter().any(|known| known.title == field.title) {
                self.custom.push(field);
            }
        }
    }

    fn into_contact(self, members: Vec<Member>) -> Contact {
        Contact {
            name: self.name.to_owned(),
            company: self.company.cloned(),
            contact_uri: self.contact_uri.cloned(),
            company_uri: self.company_uri.cloned(),
            kind: self.kind,
            class: self.class,
            modified_at: self.modified_at,
            custom: self.custom.into_iter().cloned().collect(),
            members,
        }
    }
}

impl Member {
    fn of(candidate: Candidate<'_>) -> Self {
        let Match { record, class } = candidate.found;
        Self {
            source: record.source.clone(),
            priority: candidate.priority,
            record_id: record.id.clone(),
            kind: record.kind,
            contact_uri: record.contact_uri.clone(),
            class: *class,
            unavailable_workflows: record.unavailable_workflows.clone(),
        }
    }
}
