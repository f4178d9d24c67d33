//! Makes contacts out of records. Pure: the order in which adapters answer does not matter.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use whocalls_core::{AdapterId, Match, RecordKind};

use crate::{
    Contact,
    cluster::{Comparisons, Group},
    contact::blend,
    explain::Pairing,
    identity::{Asked, Profile},
};

/// What becomes one contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MergeMode {
    /// Records of the same person, by the evidence of [`compare`](crate::compare).
    #[default]
    Person,
    /// Only repetitions of the same record of the same CRM.
    Record,
    /// Nothing; every record is a contact.
    Off,
}

/// How records become contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeSettings {
    /// What becomes one contact.
    pub mode: MergeMode,
    /// The points of evidence from which two records are the same person or company, from 1;
    /// more merges less.
    pub threshold: u8,
}

impl MergeSettings {
    /// Points that the same name has with one thing less certain than it could be, such as a
    /// typing error in the family name; see the corpus test for what it yields.
    pub const DEFAULT_THRESHOLD: u8 = 6;
}

impl Default for MergeSettings {
    fn default() -> Self {
        Self {
            mode: MergeMode::default(),
            threshold: Self::DEFAULT_THRESHOLD,
        }
    }
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

/// Makes contacts out of what the adapters found, who all own the `asked` number. Every record
/// ends up in exactly one contact (a repetition of the same record in the one that it repeats).
///
/// Of several values for a field, that of the adapter with the lowest priority number wins; then
/// the better match, then the more recent record.
pub fn merge(settings: MergeSettings, asked: Asked, sources: &[SourceMatches]) -> Vec<Contact> {
    let found = sources
        .iter()
        .flat_map(|it| Candidate::all(it.priority, &it.matches));
    merge_found(settings, asked, found.collect())
}

/// Merges records where they are, so that only what a contact shows is copied.
pub(crate) fn merge_found(
    settings: MergeSettings,
    asked: Asked,
    found: Vec<Candidate<'_>>,
) -> Vec<Contact> {
    merge_and_tell(settings, asked, found, |_| ()).0
}

/// Merges, and tells what was compared of the records.
pub(crate) fn merge_explained(
    settings: MergeSettings,
    asked: Asked,
    found: Vec<Candidate<'_>>,
) -> (Vec<Contact>, Vec<Pairing>) {
    merge_and_tell(settings, asked, found, |grouping: &Grouping<'_>| {
        grouping.pairings()
    })
}

fn merge_and_tell<T: Default>(
    settings: MergeSettings,
    asked: Asked,
    mut candidates: Vec<Candidate<'_>>,
    tell: impl FnOnce(&Grouping<'_>) -> T,
) -> (Vec<Contact>, T) {
    candidates.sort_by(Candidate::cmp);
    if settings.mode != MergeMode::Off {
        candidates = without_repetitions(candidates);
    }
    if settings.mode != MergeMode::Person || candidates.len() < 2 {
        let each = candidates.into_iter();
        let contacts = each.filter_map(|candidate| blend(std::iter::once(candidate), 0));
        return (contacts.collect(), T::default());
    }
    let profiles = Profile::all(candidates.iter().map(|it| it.found), asked);
    let grouping = Grouping::of(&profiles, &candidates, settings.threshold);
    let contacts = grouping.groups.iter().filter_map(|group| {
        let records = group.iter().filter_map(|place| candidates.get(*place));
        blend(records.copied(), name_of(group, &profiles))
    });
    (contacts.collect(), tell(&grouping))
}

/// The records, each once, the first of those that repeat it. They are few: comparing each with
/// those before it takes less than a table.
fn without_repetitions(candidates: Vec<Candidate<'_>>) -> Vec<Candidate<'_>> {
    let mut kept: Vec<Candidate<'_>> = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        if !kept.iter().any(|it| it.is_same_record(candidate)) {
            kept.push(candidate);
        }
    }
    kept
}

/// The place in the group of the record that names the contact: the first with a full name, so
/// that no "M. Keller" hides who it is.
fn name_of(group: &[usize], profiles: &[Profile<'_>]) -> usize {
    let is_full = |record: &usize| profiles.get(*record).is_some_and(Profile::has_full_name);
    group.iter().position(is_full).unwrap_or_default()
}

/// A record with what decides between it and others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) priority: u32,
    pub(crate) found: &'a Match,
}

impl<'a> Candidate<'a> {
    /// Those of one adapter.
    pub(crate) fn all(priority: u32, matches: &'a [Match]) -> impl Iterator<Item = Self> {
        let each = matches.iter();
        each.map(move |found| Self { priority, found })
    }

    /// Whether both are readings of one record of one CRM.
    fn is_same_record(self, other: Self) -> bool {
        let (a, b) = (&self.found.record, &other.found.record);
        a.id == b.id && a.source == b.source
    }

    /// The order of authority; total, so that it does not depend on the order of arrival.
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (&self.found.record, &other.found.record);
        let rank = |it: &Self| (it.priority, it.found.class);
        rank(self)
            .cmp(&rank(other))
            .then_with(|| b.modified_at.cmp(&a.modified_at))
            .then_with(|| (a.source.as_str(), &a.id).cmp(&(b.source.as_str(), &b.id)))
            // Two readings of one record, one of which may have been cached.
            .then_with(|| (&a.name, a.kind, &a.company).cmp(&(&b.name, b.kind, &b.company)))
            .then_with(|| (&a.phones, &a.emails).cmp(&(&b.phones, &b.emails)))
            .then_with(|| a.contact_uri.cmp(&b.contact_uri))
            .then_with(|| a.company_uri.cmp(&b.company_uri))
            .then_with(|| a.unavailable_workflows.cmp(&b.unavailable_workflows))
            .then_with(|| {
                let fields = |it: &'_ Match| -> Vec<(String, String)> {
                    let each = it.record.custom.iter();
                    each.map(|it| (it.title.clone(), it.text.clone())).collect()
                };
                fields(self.found).cmp(&fields(other.found))
            })
    }

    fn is_company(self) -> bool {
        self.found.record.kind == RecordKind::Company
    }
}

/// Which records are one contact.
#[derive(Debug)]
pub(crate) struct Grouping<'a> {
    pub(crate) comparisons: Comparisons<'a>,
    pub(crate) candidates: &'a [Candidate<'a>],
    pub(crate) groups: Vec<Group>,
    pub(crate) threshold: i16,
}

impl<'a> Grouping<'a> {
    fn of(profiles: &'a [Profile<'a>], candidates: &'a [Candidate<'a>], threshold: u8) -> Self {
        let threshold = i16::from(threshold.max(1));
        let comparisons = Comparisons::of(profiles, threshold);
        let groups = fold_companies(comparisons.groups(), profiles, candidates);
        Self {
            comparisons,
            candidates,
            groups,
            threshold,
        }
    }
}

/// Puts a company into the contact of its only person when it says no more than the person's card:
/// no further custom field, no better match. At the end, so that no field of the card is its.
fn fold_companies(
    groups: Vec<Group>,
    profiles: &[Profile<'_>],
    candidates: &[Candidate<'_>],
) -> Vec<Group> {
    let is_company = |group: &Group| {
        let first = group.first().and_then(|record| candidates.get(*record));
        first.is_some_and(|first| first.is_company())
    };
    let (companies, mut people): (Vec<_>, Vec<_>) = groups.into_iter().partition(is_company);
    let mut apart = Vec::new();
    for company in companies {
        let mut owners = people
            .iter_mut()
            .filter(|person| works_for(person, &company, profiles));
        match (owners.next(), owners.next()) {
            (Some(person), None) if says_no_more(&company, person, candidates) => {
                person.extend(company);
            }
            _ => apart.push(company),
        }
    }
    people.extend(apart);
    people
}

fn works_for(person: &[usize], company: &[usize], profiles: &[Profile<'_>]) -> bool {
    let company = company.first().and_then(|record| profiles.get(*record));
    let mut records = person.iter().filter_map(|record| profiles.get(*record));
    company.is_some_and(|company| records.any(|it| it.is_of_same_company(company)))
}

fn says_no_more(company: &[usize], person: &[usize], candidates: &[Candidate<'_>]) -> bool {
    let of = |records: &[usize]| {
        let each = records.iter();
        each.filter_map(|record| candidates.get(*record))
            .map(|it| it.found)
            .collect::<Vec<_>>()
    };
    let (company, person) = (of(company), of(person));
    let best = |records: &[&Match]| records.iter().map(|it| it.class).min();
    let shown = |field| person.iter().any(|it| it.record.custom.contains(field));
    let mut fields = company.iter().flat_map(|it| &it.record.custom);
    best(&person) <= best(&company) && fields.all(shown)
}
