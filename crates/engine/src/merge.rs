//! Makes contacts out of records. Pure: the order in which adapters answer does not matter.

use std::{cmp::Ordering, collections::HashSet, hash::BuildHasherDefault};

use serde::{Deserialize, Serialize};
use whocalls_core::{AdapterId, Match, RecordKind};

use crate::{
    Contact,
    cluster::{Comparisons, Group},
    contact::blend,
    explain::Pairing,
    identity::{Asked, Profile, QuickHasher},
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
pub fn merge(settings: MergeSettings, asked: Asked, sources: Vec<SourceMatches>) -> Vec<Contact> {
    merge_and_tell(settings, asked, sources, |_| ()).0
}

/// Merges, and tells what was compared of the records.
pub(crate) fn merge_explained(
    settings: MergeSettings,
    asked: Asked,
    sources: Vec<SourceMatches>,
) -> (Vec<Contact>, Vec<Pairing>) {
    merge_and_tell(settings, asked, sources, |grouping: &Grouping<'_>| {
        grouping.pairings()
    })
}

fn merge_and_tell<T: Default>(
    settings: MergeSettings,
    asked: Asked,
    sources: Vec<SourceMatches>,
    tell: impl FnOnce(&Grouping<'_>) -> T,
) -> (Vec<Contact>, T) {
    let count = sources.iter().map(|source| source.matches.len()).sum();
    let mut candidates = Vec::with_capacity(count);
    candidates.extend(sources.into_iter().flat_map(Candidate::all));
    candidates.sort_by(Candidate::cmp);
    if settings.mode != MergeMode::Off {
        let hasher = BuildHasherDefault::<QuickHasher>::default();
        let mut seen = HashSet::with_capacity_and_hasher(count, hasher);
        let is_first: Vec<bool> = candidates
            .iter()
            .map(|it| seen.insert((&it.found.record.source, &it.found.record.id)))
            .collect();
        let mut is_first = is_first.into_iter();
        candidates.retain(|_| is_first.next().unwrap_or_default());
    }
    if settings.mode != MergeMode::Person || candidates.len() < 2 {
        let each = candidates.into_iter();
        let contacts = each.filter_map(|candidate| blend(std::iter::once(candidate), 0));
        return (contacts.collect(), T::default());
    }
    let (groups, told) = {
        let profiles = Profile::all(candidates.iter().map(|it| &it.found), asked);
        let grouping = Grouping::of(&profiles, &candidates, settings.threshold);
        let names = grouping
            .groups
            .iter()
            .map(|group| name_of(group, &profiles));
        let groups: Vec<(Group, usize)> = grouping.groups.iter().cloned().zip(names).collect();
        (groups, tell(&grouping))
    };
    let mut left: Vec<Option<Candidate>> = candidates.into_iter().map(Some).collect();
    let mut take = |position: usize| left.get_mut(position).and_then(Option::take);
    let contacts = groups
        .into_iter()
        .filter_map(|(group, name)| blend(group.into_iter().filter_map(&mut take), name));
    (contacts.collect(), told)
}

/// The place in the group of the record that names the contact: the first with a full name, so
/// that no "M. Keller" hides who it is.
fn name_of(group: &[usize], profiles: &[Profile<'_>]) -> usize {
    let is_full = |record: &usize| profiles.get(*record).is_some_and(Profile::has_full_name);
    group.iter().position(is_full).unwrap_or_default()
}

/// A record with what decides between it and others.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) priority: u32,
    pub(crate) found: Match,
}

impl Candidate {
    fn all(source: SourceMatches) -> impl Iterator<Item = Self> {
        let SourceMatches {
            priority, matches, ..
        } = source;
        let each = matches.into_iter();
        each.map(move |found| Self { priority, found })
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
                fields(&self.found).cmp(&fields(&other.found))
            })
    }

    fn is_company(&self) -> bool {
        self.found.record.kind == RecordKind::Company
    }
}

/// Which records are one contact.
#[derive(Debug)]
pub(crate) struct Grouping<'a> {
    pub(crate) comparisons: Comparisons<'a>,
    pub(crate) candidates: &'a [Candidate],
    pub(crate) groups: Vec<Group>,
    pub(crate) threshold: i16,
}

impl<'a> Grouping<'a> {
    fn of(profiles: &'a [Profile<'a>], candidates: &'a [Candidate], threshold: u8) -> Self {
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
    candidates: &[Candidate],
) -> Vec<Group> {
    let is_company = |group: &Group| {
        let first = group.first().and_then(|record| candidates.get(*record));
        first.is_some_and(Candidate::is_company)
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

fn says_no_more(company: &[usize], person: &[usize], candidates: &[Candidate]) -> bool {
    let of = |records: &[usize]| -> Vec<&Candidate> {
        let each = records.iter();
        each.filter_map(|record| candidates.get(*record)).collect()
    };
    let (company, person) = (of(company), of(person));
    let best = |records: &[&Candidate]| records.iter().map(|it| it.found.class).min();
    let shown = |field| {
        person
            .iter()
            .any(|it| it.found.record.custom.contains(field))
    };
    let mut fields = company.iter().flat_map(|it| &it.found.record.custom);
    best(&person) <= best(&company) && fields.all(shown)
}
