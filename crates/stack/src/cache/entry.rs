//! A stored answer: its question, its age, how long it can be given.

use std::{
    hash::{BuildHasher, Hash, Hasher},
    num::NonZeroUsize,
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use foldhash::quality::RandomState;
use tokio::time::Instant;
use whocalls_core::{Changes, ContactQuery, Freshness, LookupAnswer, NumberQuery, PhoneNumber};

use super::{CacheSettings, saved::SavedAnswer};

/// What the cache's library needs for an entry, in bytes: eight allocations, measured with moka
/// 0.12.16 and the features that are in use here.
const BOOKKEEPING: usize = 293;

/// Hashes keys, differently in each process.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::default);

/// What distinguishes one question to an adapter from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// Of the rest. A table that makes room for others hashes its keys again and again, and would
    /// have to look at each number, wherever it is.
    hash: u64,
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
                explain: false,
            }) => Some(Self::of(number.shared_digits(), *max_records)),
            _ => None,
        }
    }

    fn of(digits: impl Into<Arc<str>>, max_records: NonZeroUsize) -> Self {
        let number = PhoneNumber::from_digits(digits);
        Self {
            hash: HASHER.hash_one((&number, max_records)),
            number,
            max_records,
        }
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// An answer with its age.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) answer: LookupAnswer,
    stored_at: Instant,
    /// How old the answer was when it was stored.
    age_before: Duration,
    /// Until when it is not refreshed again.
    refresh_after: Mutex<Option<Instant>>,
    /// How old it was, in whole seconds, when the cache last noted that it is in use.
    noted: AtomicU64,
}

impl Entry {
    /// An answer that the CRM gave this long ago.
    pub(super) fn new(answer: LookupAnswer, age: Duration) -> Arc<Self> {
        Arc::new(Self {
            answer,
            stored_at: Instant::now(),
            age_before: age,
            refresh_after: Mutex::default(),
            noted: AtomicU64::new(age.as_secs()),
        })
    }

    /// The question and the answer of a stored one.
    pub(super) fn from_saved(saved: SavedAnswer) -> (Key, Arc<Self>) {
        let key = Key::of(saved.number, saved.max_records);
        let age = Duration::from_millis(saved.age_ms);
        (key, Self::new(saved.answer, age))
    }

    /// The entry in a form that can be stored.
    pub(super) fn to_saved(&self, key: &Key) -> SavedAnswer {
        SavedAnswer {
            number: key.number.digits().to_owned(),
            max_records: key.max_records,
            age_ms: 0,
            answer: self.answer.clone(),
        }
        .aged(self.age())
    }

    fn age(&self) -> Duration {
        self.age_before.saturating_add(self.stored_at.elapsed())
    }

    /// How the entry can be given; `None` when it is too old.
    pub(super) fn freshness(&self, settings: &CacheSettings) -> Option<Freshness> {
        let age = self.age();
        if age < self.fresh_for(settings) {
            Some(Freshness::Cached { age })
        } else if age < self.usable_for(settings) {
            Some(Freshness::Stale { age })
        } else {
            None
        }
    }

    /// How long the entry can be given from the moment on when it was stored.
    pub(super) fn remaining(&self, settings: &CacheSettings) -> Duration {
        self.usable_for(settings).saturating_sub(self.age_before)
    }

    fn fresh_for(&self, settings: &CacheSettings) -> Duration {
        if self.is_whole() {
            settings.ttl
        } else {
            settings.empty_ttl
        }
    }

    fn usable_for(&self, settings: &CacheSettings) -> Duration {
        let fresh = self.fresh_for(settings);
        // Without a lifetime the CRM is to be asked each time, so that nothing is given stale.
        if self.is_whole() && !fresh.is_zero() {
            fresh + settings.stale
        } else {
            fresh
        }
    }

    /// Whether a later answer will hardly know more. "Nobody" and half an answer are kept briefly
    /// and never given stale.
    pub(super) fn is_whole(&self) -> bool {
        !self.answer.is_empty() && !self.answer.is_partial()
    }

    /// Whether these changes in the CRM may make another answer of it. Any change may end
    /// "nobody".
    pub(super) fn is_affected(&self, key: &Key, changes: &Changes) -> bool {
        let matches = self.answer.matches();
        let mut records = matches.iter().map(|found| &found.record.id);
        let mut numbers = changes.numbers.iter();
        self.answer.is_empty()
            || records.any(|id| changes.records.contains(id))
            || numbers.any(|stored| key.number.may_be(stored))
    }

    /// About how much memory it takes, in bytes.
    pub(super) fn weight(&self, key: &Key) -> u32 {
        let bytes = BOOKKEEPING
            + size_of::<Key>()
            + key.number.digits().len()
            + size_of::<Self>()
            + self.answer.approximate_bytes();
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }

    /// Whether it is to be noted that it is given at this age: once in a second.
    pub(super) fn is_to_be_noted(&self, age: Duration) -> bool {
        let age = age.as_secs();
        self.noted.load(Ordering::Relaxed) != age && self.noted.swap(age, Ordering::Relaxed) != age
    }

    /// Whether enough time has passed since the last refresh that failed.
    pub(super) fn may_be_refreshed(&self) -> bool {
        let after = *self.refresh_after();
        after.is_none_or(|after| Instant::now() >= after)
    }

    /// Leaves the entry as it is for this long.
    pub(super) fn postpone_refresh(&self, pause: Duration) {
        *self.refresh_after() = Some(Instant::now() + pause);
    }

    fn refresh_after(&self) -> MutexGuard<'_, Option<Instant>> {
        self.refresh_after
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
