//! Makes contacts out of records. Pure: the order in which adapters answer does not matter.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
};

use serde::{Deserialize, Serialize};
use whocalls_core::{AdapterId, CustomField, Match};

use crate::{Contact, Member, identity::Identity};

/// What becomes one contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MergeMode {
    /// Records of the same person: same normalised name and company.
    #[default]
    Person,
    /// Only repetitions of the same record of the same CRM.
    Record,
    /// Nothing; every record is a contact.
    Off,
}

/// What one adapter found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceMatches {
    /// The adapter.
    pub source: AdapterId,
    /// Its priority; lower comes first and decides between fields.
    pub priority: u32,
    /// Its verified records.
    pub matches: Vec<Match>,
}

/// Makes contacts out of what the adapters found. Every record ends up in exactly one contact
/// (a repetition of the same record in the one that it repeats).
///
/// A person whose company is unknown joins the person of the same name only if there is exactly
/// one such person with a company: joining one of two would be a guess. Of several values for a
/// field, that of the adapter with the lowest priority number wins; then the better match, then
/// the more recent record.
pub fn merge(mode: MergeMode, sources: Vec<SourceMatches>) -> Vec<Contact> {
    let mut candidates: Vec<Candidate> = sources
        .into_iter()
        .flat_map(
            |SourceMatches {
                 priority, matches, ..
             }| {
                matches
                    .into_iter()
                    .map(move |found| Candidate { priority, found })
            },
        )
        .collect();
    candidates.sort_by(|a, b| a.key().cmp(&b.key()));
    if mode != MergeMode::Off {
        let mut seen = HashSet::new();
        candidates
            .retain(|c| seen.insert((c.found.record.source.clone(), c.found.record.id.clone())));
    }
    match mode {
        MergeMode::Person => people(candidates).into_iter().filter_map(fold).collect(),
        MergeMode::Record | MergeMode::Off => candidates
            .into_iter()
            .filter_map(|candidate| fold(vec![candidate]))
            .collect(),
    }
}

/// A record with what decides between it and others.
#[derive(Debug)]
struct Candidate {
    priority: u32,
    found: Match,
}

impl Candidate {
    /// The order of authority; total, so that it does not depend on the order of arrival.
    fn key(&self) -> impl Ord + '_ {
        let record = &self.found.record;
        (
            self.priority,
            record.source.as_str(),
            self.found.class,
            Reverse(record.modified_at),
            record.id.as_str(),
            record.name.as_str(),
        )
    }
}

/// Groups candidates by person, each group in the order of authority.
fn people(candidates: Vec<Candidate>) -> Vec<Vec<Candidate>> {
    let mut nameless = Vec::new();
    let mut by_name: BTreeMap<(bool, String), BTreeMap<Option<String>, Vec<Candidate>>> =
        BTreeMap::new();
    for candidate in candidates {
        match Identity::of(&candidate.found.record) {
            None => nameless.push(vec![candidate]),
            Some(Identity {
                is_company,
                name,
                company,
            }) => by_name
                .entry((is_company, name))
                .or_default()
                .entry(company)
                .or_default()
                .push(candidate),
        }
    }
    let named = by_name.into_values().flat_map(join_unaffiliated);
    named.chain(nameless).collect()
}

/// Adds the people without company to the only person of that name who has one.
fn join_unaffiliated(
    mut by_company: BTreeMap<Option<String>, Vec<Candidate>>,
) -> Vec<Vec<Candidate>> {
    if by_company.len() == 2
        && let Some(unaffiliated) = by_company.remove(&None)
        && let Some(person) = by_company.values_mut().next()
    {
        person.extend(unaffiliated);
        person.sort_by(|a, b| a.key().cmp(&b.key()));
    }
    by_company.into_values().collect()
}

/// One contact from the records of one person, each field from the first that has it.
fn fold(group: Vec<Candidate>) -> Option<Contact> {
    let mut group = group.into_iter();
    let first = group.next()?;
    let mut contact = single(first);
    for candidate in group {
        let other = single(candidate);
        contact.company = contact.company.or(other.company);
        contact.contact_uri = contact.contact_uri.or(other.contact_uri);
        contact.company_uri = contact.company_uri.or(other.company_uri);
        contact.kind = contact.kind.min(other.kind);
        contact.class = contact.class.min(other.class);
        contact.modified_at = contact.modified_at.max(other.modified_at);
        add_custom(&mut contact.custom, other.custom);
        contact.members.extend(other.members);
    }
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
