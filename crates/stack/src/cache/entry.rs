//! Stored answers and their lifetimes.

use std::{
    fmt,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use moka::{Expiry, sync};
use tokio::time::Instant;
use whocalls_core::{Changes, ContactQuery, Freshness, LookupAnswer, NumberQuery, PhoneNumber};

use super::CacheSettings;

/// What distinguishes one question to an adapter from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    number: PhoneNumber,
    max_records: NonZeroUsize,
}

impl Key {
    /// The key of a query; `None` for kinds that are not cached.
    pub(super) fn new(query: &ContactQuery) -> Option<Self> {
        // Every field is named, so that a new one cannot be forgotten here.
        match query {
            ContactQuery::Number(NumberQuery {
                number,
                max_records,
            }) => Some(Self {
                number: number.clone(),
                max_records: *max_records,
            }),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
struct Entry {
    answer: Arc<LookupAnswer>,
    stored_at: Instant,
}

/// The answers of one adapter.
pub(super) struct Store {
    entries: sync::Cache<Key, Entry>,
    /// Counts what was forgotten, so that an answer from before is not stored after.
    era: AtomicU64,
    settings: CacheSettings,
}

impl Store {
    pub(super) fn new(settings: CacheSettings) -> Self {
        let entries = sync::Cache::builder()
            .max_capacity(settings.max_bytes)
            .weigher(|key: &Key, entry: &Entry| weigh(key, entry))
            .expire_after(Eviction(settings.clone()))
            .support_invalidation_closures()
            .build();
        Self {
            entries,
            era: AtomicU64::new(0),
            settings,
        }
    }

    /// The usable answer to `query`, labelled with its age.
    pub(super) fn get(&self, query: &ContactQuery) -> Option<LookupAnswer> {
        let Entry { answer, stored_at } = self.entries.get(&Key::new(query)?)?;
        let age = stored_at.elapsed();
        let freshness = if age < fresh_for(&self.settings, &answer) {
            Freshness::Cached { age }
        } else if age < usable_for(&self.settings, &answer) {
            Freshness::Stale { age }
        } else {
            return None;
        };
        Some(answer.as_ref().clone().with_freshness(freshness))
    }

    /// What [`put`](Self::put) asks for: to be taken before the CRM is asked.
    pub(super) fn era(&self) -> u64 {
        self.era.load(Ordering::Acquire)
    }

    /// Stores an answer to a question that was asked in `era`, unless something was forgotten
    /// since: the answer may be from before the change.
    pub(super) fn put(&self, era: u64, query: &ContactQuery, answer: &LookupAnswer) {
        if let Some(key) = Key::new(query)
            && self.era() == era
        {
            let entry = Entry {
                answer: Arc::new(answer.clone()),
                stored_at: Instant::now(),
            };
            self.entries.insert(key, entry);
        }
    }
}

impl Store {
    /// Forgets answers with changed records, answers for their numbers, and every "nobody".
    pub(super) fn forget(&self, changes: &Changes) {
        self.era.fetch_add(1, Ordering::AcqRel);
        if changes.everything {
            self.entries.invalidate_all();
            return;
        }
        let changes = changes.clone();
        let is_affected = move |key: &Key, entry: &Entry| {
            let answer = &entry.answer;
            let mut records = answer.matches().iter().map(|found| &found.record.id);
            answer.is_empty()
                || records.any(|id| changes.records.contains(id))
                || changes
                    .numbers
                    .iter()
                    .any(|stored| key.number.may_be(stored))
        };
        if self.entries.invalidate_entries_if(is_affected).is_err() {
            // Only a cache built without support for it refuses; forgetting all is right too.
            self.entries.invalidate_all();
        }
    }
}

fn fresh_for(settings: &CacheSettings, answer: &LookupAnswer) -> Duration {
    if is_final(answer) {
        settings.ttl
    } else {
        settings.empty_ttl
    }
}

fn usable_for(settings: &CacheSettings, answer: &LookupAnswer) -> Duration {
    let stale = if is_final(answer) {
        settings.stale
    } else {
        Duration::ZERO
    };
    fresh_for(settings, answer) + stale
}

/// Whether a later answer will hardly know more. "Nobody" and half an answer are kept briefly and
/// never given stale.
fn is_final(answer: &LookupAnswer) -> bool {
    !answer.is_empty() && !answer.is_partial()
}

fn weigh(key: &Key, entry: &Entry) -> u32 {
    let bytes = size_of::<Key>()
        + key.number.digits().len()
        + size_of::<Entry>()
        + entry.answer.approximate_bytes();
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Frees the memory of entries that can no longer be given to anybody. What may be given is
/// decided in [`Store::get`] alone.
struct Eviction(CacheSettings);

impl Expiry<Key, Entry> for Eviction {
    fn expire_after_create(
        &self,
        _: &Key,
        entry: &Entry,
        _: std::time::Instant,
    ) -> Option<Duration> {
        Some(usable_for(&self.0, &entry.answer))
    }

    fn expire_after_update(
        &self,
        _: &Key,
        entry: &Entry,
        _: std::time::Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(usable_for(&self.0, &entry.answer))
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("entries", &self.entries.entry_count())
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
