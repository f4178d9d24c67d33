//! The stored answers of one adapter.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use foldhash::quality::RandomState;
use moka::{Expiry, policy::EvictionPolicy, sync};
use whocalls_core::{AdapterError, Changes, ContactQuery, Freshness, LookupAnswer};

use super::{
    CacheSettings,
    entry::{Entry, Key},
    front::Front,
    meter::Meter,
    saved::SavedAnswer,
};

/// How long a stale answer is given without asking the CRM again after that failed, unless the CRM
/// or the circuit breaker names a shorter time: not every ring is to find out anew that the CRM is
/// down, and yet a CRM that is healthy again is asked soon.
const REFRESH_PAUSE: Duration = Duration::from_secs(5);

/// An answer that can be given.
#[derive(Debug)]
pub(super) struct Found {
    /// The answer, labelled with its age.
    pub(super) answer: LookupAnswer,
    /// Whether the CRM should be asked for a newer one.
    pub(super) is_refresh_due: bool,
}

impl Found {
    fn new(entry: &Entry, freshness: Freshness) -> Self {
        let is_stale = matches!(freshness, Freshness::Stale { .. });
        Self {
            answer: entry.answer.clone().with_freshness(freshness),
            is_refresh_due: is_stale && entry.may_be_refreshed(),
        }
    }
}

/// The answers of one adapter.
pub(super) struct Store {
    entries: sync::Cache<Key, Arc<Entry>, RandomState>,
    front: Front,
    /// Counts what was forgotten, so that an answer from before is neither stored nor found after.
    era: AtomicU64,
    settings: CacheSettings,
    meter: Arc<Meter>,
}

impl Store {
    pub(super) fn new(settings: CacheSettings, meter: Arc<Meter>) -> Self {
        let entries = sync::Cache::builder()
            .max_capacity(settings.max_bytes)
            // A call rings at one telephone after the other: the newest answer is the one that is
            // wanted next. By default it would give way to older ones that were used as often.
            .eviction_policy(EvictionPolicy::lru())
            .weigher(|key: &Key, entry: &Arc<Entry>| entry.weight(key))
            .expire_after(Eviction(settings.clone()))
            .support_invalidation_closures()
            .build_with_hasher(RandomState::default());
        Self {
            entries,
            front: Front::new(),
            era: AtomicU64::new(0),
            settings,
            meter,
        }
    }

    /// The usable answer to `query`.
    pub(super) fn get(&self, query: &ContactQuery) -> Option<Found> {
        let key = Key::new(query)?;
        let era = self.era();
        if let Some(entry) = self.front.get(&key, era)
            && let Some(freshness @ Freshness::Cached { age }) = entry.freshness(&self.settings)
            && !entry.is_to_be_noted(age)
        {
            return Some(Found::new(&entry, freshness));
        }
        let entry = self.entries.get(&key)?;
        let freshness = entry.freshness(&self.settings)?;
        self.front.put(key, era, &entry);
        Some(Found::new(&entry, freshness))
    }

    /// What [`put`](Self::put) asks for: to be taken before the CRM or the library is asked.
    pub(super) fn era(&self) -> u64 {
        self.era.load(Ordering::Acquire)
    }

    /// Stores an answer to a question that was asked in `era`, unless something was forgotten
    /// since: the answer may be from before the change. Half an answer does not take the place of
    /// a whole one that can still be given.
    pub(super) fn put(&self, era: u64, query: &ContactQuery, answer: &LookupAnswer) {
        let Some(key) = Key::new(query).filter(|_| self.era() == era) else {
            return;
        };
        if answer.is_partial()
            && let Some(known) = self.entries.get(&key)
            && known.is_whole()
            && known.freshness(&self.settings).is_some()
        {
            known.postpone_refresh(REFRESH_PAUSE);
            return;
        }
        let entry = Entry::new(answer.clone(), Duration::ZERO);
        self.entries.insert(key.clone(), entry);
        if self.era() != era {
            // Something was forgotten after the look above, and perhaps before the answer was here.
            self.entries.invalidate(&key);
        }
        self.front.remove(&key);
    }

    /// Leaves the answer to `query`, if there is one, as it is for a while: refreshing it failed
    /// with `error`.
    pub(super) fn postpone(&self, query: &ContactQuery, error: &AdapterError) {
        let wait = error.retry_after.unwrap_or(REFRESH_PAUSE);
        if let Some(entry) = Key::new(query).and_then(|key| self.entries.get(&key)) {
            entry.postpone_refresh(wait.min(REFRESH_PAUSE));
        }
    }

    /// Forgets answers with changed records, answers for their numbers, and every "nobody".
    pub(super) fn forget(&self, changes: &Changes) {
        self.era.fetch_add(1, Ordering::AcqRel);
        if changes.everything {
            self.entries.invalidate_all();
        } else {
            let changes = changes.clone();
            let is_affected = move |key: &Key, entry: &Arc<Entry>| entry.is_affected(key, &changes);
            if self.entries.invalidate_entries_if(is_affected).is_err() {
                // Only a cache built without support for it refuses; forgetting all is right too.
                self.entries.invalidate_all();
            }
        }
        // Who asked the library meanwhile may have got what is forgotten now.
        self.era.fetch_add(1, Ordering::AcqRel);
    }

    /// Every answer that can still be given.
    pub(super) fn export(&self) -> Vec<SavedAnswer> {
        self.entries
            .iter()
            .filter(|(_, entry)| entry.freshness(&self.settings).is_some())
            .map(|(key, entry)| entry.to_saved(&key))
            .collect()
    }

    /// Takes over those `answers` that can still be given and have no other answer here. Returns
    /// how many.
    pub(super) fn import(&self, answers: impl IntoIterator<Item = SavedAnswer>) -> usize {
        let mut taken = 0;
        for (key, entry) in answers.into_iter().map(Entry::from_saved) {
            if entry.freshness(&self.settings).is_some()
                && self.entries.entry(key).or_insert(entry).is_fresh()
            {
                taken += 1;
            }
        }
        taken
    }

    /// Reports how much is stored now, after what is due to be removed was removed.
    pub(super) fn report_size(&self) {
        let entries = &self.entries;
        entries.run_pending_tasks();
        self.meter
            .size(entries.entry_count(), entries.weighted_size());
    }
}

/// Frees the memory of entries that can no longer be given to anybody. What may be given is
/// decided in [`Entry::freshness`] alone.
struct Eviction(CacheSettings);

impl Expiry<Key, Arc<Entry>> for Eviction {
    fn expire_after_create(
        &self,
        _: &Key,
        entry: &Arc<Entry>,
        _: std::time::Instant,
    ) -> Option<Duration> {
        Some(entry.remaining(&self.0))
    }

    fn expire_after_update(
        &self,
        _: &Key,
        entry: &Arc<Entry>,
        _: std::time::Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.remaining(&self.0))
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
