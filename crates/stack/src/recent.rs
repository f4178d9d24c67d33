//! What was used lately, found at once.

use std::{
    borrow::Borrow,
    hash::{BuildHasher, Hash},
    sync::{Mutex, MutexGuard, PoisonError},
};

use foldhash::quality::RandomState;

/// Values in a set. Of a thousand keys in use among four thousand sets, one of 8,000 shares its set
/// with more than fit.
const PLACES: usize = 4;

/// A small table of what was used lately, for values that can be had again: which of them are kept
/// is left to chance and age, so that looking one up is one hash, one lock that hardly anybody
/// else wants, and at most four comparisons.
#[derive(Debug)]
pub struct Recent<K, V> {
    /// A key has one set, by its hash. Of a full set the oldest value goes.
    sets: Box<[Mutex<Set<K, V>>]>,
    hasher: RandomState,
}

/// Values, the newest first.
type Set<K, V> = [Option<Kept<K, V>>; PLACES];

#[derive(Debug)]
struct Kept<K, V> {
    /// Of the key: tells most other keys apart without looking at them, wherever they are.
    hash: u64,
    key: K,
    value: V,
}

impl<K, V> Kept<K, V> {
    fn is_of<Q>(&self, hash: u64, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        self.hash == hash && self.key.borrow() == key
    }
}

impl<K: Hash + Eq, V: Clone> Recent<K, V> {
    /// A table of so many sets with room for four values each. Without sets it keeps nothing.
    pub fn new(sets: usize) -> Self {
        Self {
            sets: (0..sets).map(|_| Mutex::default()).collect(),
            hasher: RandomState::default(),
        }
    }

    /// The last value of a key, unless newer ones of other keys took its place.
    pub fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let hash = self.hasher.hash_one(key);
        let set = self.set(hash)?;
        let mut kept = set.iter().flatten();
        let found = kept.find(|it| it.is_of(hash, key))?;
        Some(found.value.clone())
    }

    /// Keeps a value.
    pub fn put(&self, key: K, value: V) {
        let hash = self.hasher.hash_one(&key);
        let Some(mut set) = self.set(hash) else {
            return;
        };
        let is_replaced =
            |it: &Option<Kept<K, V>>| it.as_ref().is_none_or(|known| known.is_of(hash, &key));
        let place = set.iter().position(is_replaced).unwrap_or(PLACES - 1);
        if let Some(newer) = set.get_mut(..=place) {
            newer.rotate_right(1);
        }
        if let Some(newest) = set.first_mut() {
            *newest = Some(Kept { hash, key, value });
        }
    }

    /// Forgets the value of a key.
    pub fn remove<Q>(&self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let hash = self.hasher.hash_one(key);
        let Some(mut set) = self.set(hash) else {
            return;
        };
        for place in set.iter_mut() {
            place.take_if(|it| it.is_of(hash, key));
        }
    }

    fn set(&self, hash: u64) -> Option<MutexGuard<'_, Set<K, V>>> {
        let sets = u64::try_from(self.sets.len()).ok()?;
        let place = usize::try_from(hash.checked_rem(sets)?).ok()?;
        let set = self.sets.get(place)?;
        Some(set.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_key_is_found_until_it_is_removed() {
        let recent = Recent::<String, u32>::new(16);
        assert_eq!(recent.get("a"), None);
        recent.put("a".to_owned(), 1);
        recent.put("b".to_owned(), 2);
        recent.put("a".to_owned(), 3);
        assert_eq!((recent.get("a"), recent.get("b")), (Some(3), Some(2)));
        recent.remove("a");
        assert_eq!((recent.get("a"), recent.get("b")), (None, Some(2)));
        recent.remove("a");
    }

    #[test]
    fn of_a_full_set_the_oldest_value_goes() {
        let recent = Recent::new(1);
        let all = |recent: &Recent<u8, u8>| [1, 2, 3, 4, 5].map(|key| recent.get(&key));
        for key in [1, 2, 3, 4, 1] {
            recent.put(key, key);
        }
        let kept = |keys: [u8; 5]| keys.map(|key| (key > 0).then_some(key));
        assert_eq!(all(&recent), kept([1, 2, 3, 4, 0]));
        recent.put(5, 5);
        assert_eq!(all(&recent), kept([1, 0, 3, 4, 5]), "1 was put once more");
        recent.remove(&3);
        recent.put(2, 2);
        assert_eq!(all(&recent), kept([1, 2, 0, 4, 5]), "there was a place");
    }

    #[test]
    fn without_sets_nothing_is_kept() {
        let recent = Recent::new(0);
        recent.put(1, 1);
        recent.remove(&1);
        assert_eq!(recent.get(&1), None);
    }
}
