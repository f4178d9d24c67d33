//! Entries that were given lately, found without the cache's library.
//!
//! The library notes each look-up and puts its entries in order of use, which is three quarters of
//! what a hit takes. A number that rings is asked for again within moments, by every telephone of
//! its group; its entry is found here, and the library hears of it once in a second.

use std::sync::{Arc, Weak};

use crate::recent::Recent;

use super::entry::{Entry, Key};

/// With four entries each: a telephone system's calls of some minutes.
const SETS: usize = 1 << 10;

/// Keeps no entry alive: which entries there are is the library's affair, and so is their memory.
#[derive(Debug)]
pub(super) struct Front(Recent<Key, Given>);

#[derive(Debug, Clone)]
struct Given {
    entry: Weak<Entry>,
    /// When the library was asked, as the store counts.
    era: u64,
}

impl Front {
    pub(super) fn new() -> Self {
        Self(Recent::new(SETS))
    }

    /// The entry that was given last, in this very era.
    pub(super) fn get(&self, key: &Key, era: u64) -> Option<Arc<Entry>> {
        let given = self.0.get(key).filter(|given| given.era == era)?;
        given.entry.upgrade()
    }

    /// Keeps an entry that the library gave when it was asked in `era`.
    pub(super) fn put(&self, key: Key, era: u64, entry: &Arc<Entry>) {
        let entry = Arc::downgrade(entry);
        self.0.put(key, Given { entry, era });
    }

    /// Forgets the entry of a key, which has a new one.
    pub(super) fn remove(&self, key: &Key) {
        self.0.remove(key);
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
        front.put(key.clone(), 0, &entry);
        drop(entry);
        assert!(front.get(&key, 0).is_none());
    }

    #[test]
    fn what_the_library_gave_before_a_change_is_not_found_after_it() {
        let front = Front::new();
        let (key, entry) = entry();
        let (before, after) = (0, 1);
        front.put(key.clone(), before, &entry);
        assert!(front.get(&key, after).is_none());
        front.put(key.clone(), after, &entry);
        assert!(front.get(&key, after).is_some());
        // Somebody who asked the library before is late.
        front.put(key.clone(), before, &entry);
        assert!(front.get(&key, after).is_none());
        front.put(key.clone(), after, &entry);
        front.remove(&key);
        assert!(front.get(&key, after).is_none());
    }
}
