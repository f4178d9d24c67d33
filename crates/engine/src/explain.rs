//! How a lookup came to its contacts, for `lookup --explain`. Built only when it is asked for.

use jiff::Timestamp;
use serde::Serialize;
use whocalls_core::{AdapterId, MatchClass, RecordKind};

use crate::{
    Contact, ContactId, Criterion, Evidence, cluster::Group, merge::Grouping, rank::decided_by,
};

/// How a lookup came to its contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Every contact in its place, also those beyond `max_results`.
    pub ranking: Vec<Ranked>,
    /// The pairs of records that were merged, and those that came near it. None when the mode
    /// does not merge people.
    pub pairings: Vec<Pairing>,
    /// The points from which two records are the same person.
    pub threshold: u8,
}

/// One contact in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    /// The contact.
    pub id: ContactId,
    /// Its name.
    pub name: String,
    /// Its best match.
    pub class: MatchClass,
    /// Person, prospect or company.
    pub kind: RecordKind,
    /// The priority number of the adapter that comes first in it.
    pub priority: u32,
    /// Its latest change.
    pub modified_at: Option<Timestamp>,
    /// What puts it behind the one before; `None` for the first.
    pub behind_by: Option<Criterion>,
}

/// What was found between two records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairing {
    /// Adapter and id of both records, the one with more authority first.
    pub records: [(AdapterId, String); 2],
    /// What speaks for and against them being the same.
    pub evidence: Evidence,
    /// What became of it.
    pub outcome: PairingOutcome,
}

/// What became of two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PairingOutcome {
    /// They are one contact.
    Merged,
    /// The company's record is in the contact of its only person.
    FoldedIn,
    /// There is some evidence, but not enough.
    TooLittle,
    /// Enough evidence, but as much for somebody else.
    Ambiguous,
    /// Enough evidence, but something speaks against another record of the same contact.
    Contradicted,
}

impl PairingOutcome {
    /// In a few words, as `--explain` prints it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::FoldedIn => "the person's company, says no more",
            Self::TooLittle => "apart: too little evidence",
            Self::Ambiguous => "apart: fits somebody else as well",
            Self::Contradicted => "apart: another record of the contact contradicts",
        }
    }
}

impl Explanation {
    /// Explains contacts in the order of their rank.
    pub(crate) fn of(contacts: &[Contact], pairings: Vec<Pairing>, threshold: u8) -> Self {
        let before = std::iter::once(None).chain(contacts.iter().map(Some));
        let ranking = contacts.iter().zip(before).map(|(contact, before)| Ranked {
            id: contact.id(),
            name: contact.name.clone(),
            class: contact.class,
            kind: contact.kind,
            priority: contact.members.first().map_or(0, |first| first.priority),
            modified_at: contact.modified_at,
            behind_by: before.and_then(|before| decided_by(before, contact)),
        });
        Self {
            ranking: ranking.collect(),
            pairings,
            threshold,
        }
    }
}

impl Grouping<'_> {
    /// What is worth telling of each two records: that they are one contact, or nearly were.
    pub(crate) fn pairings(&self) -> Vec<Pairing> {
        let count = self.candidates.len();
        let pairs = (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b)));
        pairs
            .filter_map(|(a, b)| {
                let evidence = self.comparisons.between(a, b);
                Some(Pairing {
                    records: [self.id(a)?, self.id(b)?],
                    evidence,
                    outcome: self.outcome(a, b, evidence)?,
                })
            })
            .collect()
    }

    fn outcome(&self, a: usize, b: usize, evidence: Evidence) -> Option<PairingOutcome> {
        let is_one = |group: &Group| group.contains(&a) && group.contains(&b);
        let is_company = |record: usize| {
            let candidate = self.candidates.get(record);
            candidate.is_some_and(|it| it.found.record.kind == RecordKind::Company)
        };
        if self.groups.iter().any(is_one) {
            Some(if is_company(a) == is_company(b) {
                PairingOutcome::Merged
            } else {
                PairingOutcome::FoldedIn
            })
        } else if evidence.points() < self.threshold {
            let has_some = evidence.clues().any(|clue| clue.weight() > 0);
            has_some.then_some(PairingOutcome::TooLittle)
        } else if self.comparisons.is_ambiguous(a, b) {
            Some(PairingOutcome::Ambiguous)
        } else {
            Some(PairingOutcome::Contradicted)
        }
    }

    fn id(&self, record: usize) -> Option<(AdapterId, String)> {
        let record = &self.candidates.get(record)?.found.record;
        Some((record.source.clone(), record.id.clone()))
    }
}
