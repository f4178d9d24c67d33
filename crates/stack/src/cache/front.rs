//! Entries that were given lately, found without the cache's library.
//!
//! The library notes each look-up and puts its entries in order of use, which is three quarters of
//! what a hit takes. A number that rings is asked for again within moments, by every telephone of
//! its group; its entry is found here, and the library hears of it once in a second.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicU64, Ordering},
};

use crate::recent::Recent;

use super::entry::{Entry, Key};

/// With four entries each: a telephone system's calls of some minutes.
const SETS: usize = 1 << 10;

/// Keeps no entry alive: which entries there are is the library's affair, and so is their memory.
#[derive(Debug)]
pub(super) struct Front {
    entries: Recent<Key, Given>,
    /// Entries from before are forgotten.
    generation: AtomicU64,
}

#[derive(Debug, Clone)]
struct Given {
    entry: Weak<Entry>,
    generation: u64,
}

impl Front {
    pub(super) fn new() -> Self {
        Self {
            entries: Recent::new(SETS),
            generation: AtomicU64::new(0),
        }
    }

    /// What [`put`](Self::put) asks for: to be taken before the library is asked.
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// The entry that was given last.
    pub(super) fn get(&self, key: &Key, generation: u64) -> Option<Arc<Entry>> {
        let given = self.entries.get(key)?;
        let entry = given.entry.upgrade()?;
        (given.generation == generation).then_some(entry)
    }

    /// Keeps an entry that the library gave in `generation`.
    pub(super) fn put(&self, key: Key, generation: u64, entry: &Arc<Entry>) {
        let entry = Arc::downgrade(entry);
        self.entries.put(key, Given { entry, generation });
    }

    /// Forgets the entry of a key, which has a new one.
    pub(super) fn remove(&self, key: &Key) {
        self.entries.remove(key);
    }

    /// Forgets all entries; to be called when the library no longer gives those that are not to be
    /// given.
    pub(super) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use whocalls_core::LookupAnswer;
    use whocalls_testkit::{contacts::MIA_NUMBER, query};

    use super::*;

    fn entry() -> (Key, Arc<Entry>) {
        let key = Key::new(&query(MIA_NUMBER)).unwrap();
        (key, Entry::new(LookupAnswer::empty(), Duration::ZERO))
    }

    #[test]
    fn an_entry_is_gone_when_the_library_dropped_it() {
        let front = Front::new();
        let (key, entry) = entry();
        front.put(key.clone(), front.generation(), &entry);
        drop(entry);
        assert!(front.get(&key, front.generation()).is_none());
    }

    #[test]
    fn what_the_library_gave_before_a_change_is_not_found_after_it() {
        let front = Front::new();
        let (key, entry) = entry();
        let before = front.generation();
        front.put(key.clone(), before, &entry);
        front.forget();
        assert!(front.get(&key, front.generation()).is_none());
        front.put(key.clone(), before, &entry);
        assert!(front.get(&key, front.generation()).is_none());
        front.put(key.clone(), front.generation(), &entry);
        assert!(front.get(&key, front.generation()).is_some());
        front.remove(&key);
        assert!(front.get(&key, front.generation()).is_none());
    }
}
