//! What a lookup yields: records that were verified against the asked number.

use std::time::Duration;

use crate::{ContactRecord, CustomField, MatchClass, NumberPlan, NumberQuery};

/// A record together with how well its number matches the one that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
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
/// Its only source of records is [`LookupAnswer::verified`], so no adapter can pass on a hit that
/// does not own the asked number: several CRMs match parts of numbers, and some return *all*
/// contacts when they do not understand a filter (`crm-apis.md` §7).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LookupAnswer {
    matches: Vec<Match>,
    rejected: usize,
    truncated: bool,
    partial: bool,
    freshness: Freshness,
}

impl LookupAnswer {
    /// The CRM answered, and knows nobody.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Keeps those `candidates` that own the asked number, best match first, at most
    /// [`NumberQuery::max_records`]. Candidates of the same class keep their order; a record that
    /// the CRM listed twice is kept once.
    pub fn verified(
        candidates: impl IntoIterator<Item = ContactRecord>,
        query: &NumberQuery,
        plan: &NumberPlan,
    ) -> Self {
        let mut matches: Vec<Match> = Vec::new();
        let mut rejected = 0;
        for record in candidates {
            let class = record
                .phones
                .iter()
                .filter_map(|stored| plan.match_stored(stored, &query.number))
                .min();
            match class {
                None => rejected += 1,
                Some(_) if matches.iter().any(|known| known.record.id == record.id) => {}
                Some(class) => matches.push(Match { record, class }),
            }
        }
        matches.sort_by_key(|found| found.class);
        let truncated = matches.len() > query.max_records.get();
        matches.truncate(query.max_records.get());
        Self {
            matches,
            rejected,
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
        self.matches.iter_mut().map(|found| &mut found.record)
    }

    /// The verified records, best first, by value.
    pub fn into_matches(self) -> Vec<Match> {
        self.matches
    }

    /// How many hits of the CRM do not own the asked number. Many of them are a sign that the CRM
    /// ignores the filter.
    pub fn rejected(&self) -> usize {
        self.rejected
    }

    /// Whether more records matched than were asked for.
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
