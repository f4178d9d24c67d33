//! What a lookup yields: records that were verified against the asked number.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{ContactRecord, CustomField, MatchClass, NumberPlan, NumberQuery, RecordKind};

/// A record together with how well its number matches the one that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// The contact as the CRM has it.
    pub record: ContactRecord,
    /// How its best number matches.
    pub class: MatchClass,
}

impl Match {
    fn approximate_bytes(&self) -> usize {
        let record = &self.record;
        let options = [&record.company, &record.contact_uri, &record.company_uri];
        let texts = [&record.id, &record.name]
            .into_iter()
            .chain(options.into_iter().flatten())
            .map(String::len);
        let lists = record
            .phones
            .iter()
            .chain(&record.emails)
            .map(|text| size_of::<String>() + text.len());
        let custom = record
            .custom
            .iter()
            .map(|field| size_of::<CustomField>() + field.title.len() + field.text.len());
        size_of::<Self>() + texts.chain(lists).chain(custom).sum::<usize>()
    }
}

/// Where an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Freshness {
    /// The CRM was asked for it.
    #[default]
    Live,
    /// From the cache, within its lifetime.
    Cached {
        /// Time since the CRM gave it.
        age: Duration,
    },
    /// From the cache, past its lifetime; a refresh is under way.
    Stale {
        /// Time since the CRM gave it.
        age: Duration,
    },
}

/// The answer of one adapter to one lookup.
///
/// Its only source of records is [`LookupAnswer::verified`] (what is read back with serde was
/// verified before it was stored), so no adapter can pass on a hit that
/// does not own the asked number: several CRMs match parts of numbers, and some return *all*
/// contacts when they do not understand a filter (`crm-apis.md` §7).
///
/// Cheap to clone: the records are shared.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LookupAnswer {
    matches: Arc<Vec<Match>>,
    rejected: usize,
    /// Kept only for an explanation, which is neither cached nor stored.
    #[serde(skip)]
    rejections: Vec<ContactRecord>,
    truncated: bool,
    partial: bool,
    /// Of the moment; whoever stores answers stores their age beside them.
    #[serde(skip)]
    freshness: Freshness,
}

impl LookupAnswer {
    /// The CRM answered, and knows nobody.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Keeps those `candidates` that own the asked number, best match first, at most
    /// [`NumberQuery::max_records`]. Candidates of the same class keep their order; a record that
    /// the CRM listed twice is kept once, with its best match.
    ///
    /// Which matches count, the plan's [`MatchRules`](crate::MatchRules) say; what the CRM is asked for is up to the
    /// adapter. A query for the whole national number finds neither a number without area code nor
    /// the switchboard of a company.
    pub fn verified(
        candidates: impl IntoIterator<Item = ContactRecord>,
        query: &NumberQuery,
        plan: &NumberPlan,
    ) -> Self {
        let candidates = candidates.into_iter();
        let most = query.max_records.get();
        let mut matches: Vec<Match> = Vec::with_capacity(candidates.size_hint().0.min(most));
        let mut rejected = 0;
        let mut rejections = Vec::new();
        for record in candidates {
            let Some(class) = class_of(&record, query, plan) else {
                rejected += 1;
                if query.explain {
                    rejections.push(record);
                }
                continue;
            };
            let found = Match { record, class };
            let is_known = |known: &&mut Match| known.record.id == found.record.id;
            match matches.iter_mut().find(is_known) {
                None => matches.push(found),
                Some(known) if found.class < known.class => *known = found,
                Some(_) => {}
            }
        }
        matches.sort_by_key(|found| found.class);
        let truncated = matches.len() > most;
        matches.truncate(most);
        // Answers are kept for long, and a list may have room for more.
        matches.shrink_to_fit();
        for found in &mut matches {
            found.record.phones.shrink_to_fit();
            found.record.emails.shrink_to_fit();
        }
        Self {
            matches: Arc::new(matches),
            rejected,
            rejections,
            truncated,
            partial: false,
            freshness: Freshness::Live,
        }
    }

    /// The same answer, labelled with where it was taken from.
    #[must_use]
    pub fn with_freshness(mut self, freshness: Freshness) -> Self {
        self.freshness = freshness;
        self
    }

    /// Notes that a part of the CRM could not be asked: contacts or details may be missing. Such an
    /// answer is worth giving, but not keeping for long.
    pub fn mark_partial(&mut self) {
        self.partial = true;
    }

    /// Notes that the CRM has more than it was asked for.
    pub fn mark_truncated(&mut self) {
        self.truncated = true;
    }

    /// Whether a part of the CRM could not be asked.
    pub fn is_partial(&self) -> bool {
        self.partial
    }

    /// The verified records, best first.
    pub fn matches(&self) -> &[Match] {
        &self.matches
    }

    /// The verified records, for what a further request tells about them: company, links. Their
    /// ids and numbers stay as they were verified.
    pub fn records_mut(&mut self) -> impl Iterator<Item = &mut ContactRecord> {
        let matches = Arc::make_mut(&mut self.matches);
        matches.iter_mut().map(|found| &mut found.record)
    }

    /// The verified records, best first, by value.
    pub fn into_matches(self) -> Vec<Match> {
        Arc::unwrap_or_clone(self.matches)
    }

    /// The verified records, shared: as long as somebody holds them, only clones of this answer
    /// have the same ones ([`Arc::ptr_eq`]), and they do not change.
    pub fn shared_matches(&self) -> &Arc<Vec<Match>> {
        &self.matches
    }

    /// How many hits of the CRM do not own the asked number. Many of them are a sign that the CRM
    /// ignores the filter.
    pub fn rejected(&self) -> usize {
        self.rejected
    }

    /// The hits that do not own the asked number, if the query asks to
    /// [`explain`](NumberQuery::explain).
    pub fn rejections(&self) -> &[ContactRecord] {
        &self.rejections
    }

    /// Whether more records may match than the answer has.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// About how many bytes of memory the answer takes, for caches that are bounded by size.
    pub fn approximate_bytes(&self) -> usize {
        size_of::<Self>()
            + self
                .matches
                .iter()
                .map(Match::approximate_bytes)
                .sum::<usize>()
    }

    /// Whether nobody was found.
    pub fn is_empty(&self) -> bool {
        self.matches.is_empty()
    }

    /// Live, cached or stale.
    pub fn freshness(&self) -> Freshness {
        self.freshness
    }
}

/// How the best number of a record matches.
fn class_of(record: &ContactRecord, query: &NumberQuery, plan: &NumberPlan) -> Option<MatchClass> {
    let class = |stored: &String| match record.kind {
        RecordKind::Company => plan.match_stored_of_company(stored, &query.number),
        RecordKind::Contact | RecordKind::Lead => plan.match_stored(stored, &query.number),
    };
    record.phones.iter().filter_map(class).min()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::{AdapterId, Caller, MatchRules};

    fn record(id: &str, kind: RecordKind, phone: &str) -> ContactRecord {
        let source = AdapterId::new("sugar").unwrap();
        let mut record = ContactRecord::new(source, id, kind, "Anna Muster".to_owned());
        record.phones.push(phone.to_owned());
        record
    }

    fn verified(candidates: Vec<ContactRecord>, max_records: usize) -> LookupAnswer {
        let plan = NumberPlan::new("CH").unwrap().with_match_rules(MatchRules {
            suffix_min_digits: Some(7),
            switchboard_max_digits: Some(2),
        });
        let Caller::Number(number) = plan.classify("41445550123") else {
            panic!("a number is expected");
        };
        let max_records = NonZeroUsize::new(max_records).unwrap();
        let query = NumberQuery {
            number,
            max_records,
            explain: false,
        };
        LookupAnswer::verified(candidates, &query, &plan)
    }

    fn found(answer: &LookupAnswer) -> Vec<(&str, MatchClass)> {
        let matches = answer.matches().iter();
        matches
            .map(|found| (found.record.id.as_str(), found.class))
            .collect()
    }

    #[test]
    fn stronger_matches_come_first_and_the_weakest_are_cut() {
        let candidates = || {
            vec![
                record("switchboard", RecordKind::Company, "044 555 01 00"),
                record("suffix", RecordKind::Contact, "555 01 23"),
                record("stranger", RecordKind::Contact, "044 555 01 00"),
                record("extension", RecordKind::Lead, "044 555 01 23 x 4"),
                record("exact", RecordKind::Company, "044 555 01 23"),
            ]
        };
        let answer = verified(candidates(), 9);
        let expected = [
            ("exact", MatchClass::Exact),
            ("extension", MatchClass::ExactWithoutExtension),
            ("suffix", MatchClass::Suffix),
            ("switchboard", MatchClass::Switchboard),
        ];
        assert_eq!(found(&answer), expected);
        assert_eq!((answer.rejected(), answer.is_truncated()), (1, false));

        let answer = verified(candidates(), 2);
        assert_eq!(found(&answer), expected[..2]);
        assert!(answer.is_truncated());
    }

    #[test]
    fn a_record_that_is_listed_twice_keeps_its_best_match() {
        let answer = verified(
            vec![
                record("a", RecordKind::Contact, "555 01 23"),
                record("a", RecordKind::Contact, "044 555 01 23"),
                record("a", RecordKind::Contact, "044 555 01 23 x 4"),
            ],
            9,
        );
        assert_eq!(found(&answer), [("a", MatchClass::Exact)]);
    }
}
