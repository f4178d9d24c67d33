//! Which contacts may own a number: a sorted list of keys.
//!
//! Eight bytes an entry, in one block of memory, searched by bisection.

use crate::{
    field::FieldTails,
    tail::{AskedTails, Tail},
};

/// More contacts than this are not looked at for one number; only the number of a large switchboard
/// has so many. Those that carry it without an extension come first.
const MAX_CANDIDATES: usize = 256;
/// The bit of a place that puts fields with notes and extensions behind the bare ones.
const WITH_NOTE: u32 = 1 << 31;

/// A key and the contact that is filed under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    tail: Tail,
    /// The position of the contact in the book, with [`WITH_NOTE`].
    place: u32,
}

/// Collects the entries of an [`Index`].
#[derive(Debug, Default)]
pub(crate) struct IndexBuilder(Vec<Entry>);

impl IndexBuilder {
    /// The most contacts that an index can tell apart.
    pub(crate) const MAX_CONTACTS: usize = (WITH_NOTE - 1) as usize;

    /// Files the contact at `position` under the keys of one of its fields. Positions behind
    /// [`MAX_CONTACTS`](Self::MAX_CONTACTS) are not filed.
    pub(crate) fn add(&mut self, position: usize, field: &FieldTails) {
        let Ok(position) = u32::try_from(position) else {
            return;
        };
        let note = if field.is_bare { 0 } else { WITH_NOTE };
        let place = position | note;
        self.0
            .extend(field.tails.iter().map(|&tail| Entry { tail, place }));
    }

    /// Sorts what was filed.
    pub(crate) fn build(mut self) -> Index {
        self.0.sort_unstable();
        self.0.dedup();
        Index(self.0.into_boxed_slice())
    }
}

/// Finds contacts by the last digits of their numbers.
#[derive(Debug)]
pub(crate) struct Index(Box<[Entry]>);

impl Index {
    /// The positions of the contacts that may own the number, each once, those with a bare number
    /// first, at most [`MAX_CANDIDATES`].
    pub(crate) fn candidates(&self, asked: &AskedTails) -> Vec<usize> {
        let filed = asked.tails.iter().flat_map(|&tail| self.filed_under(tail));
        let block = asked.block.iter();
        let block = block.flat_map(|&(first, behind)| self.filed_between(first, behind));
        // No bisection for so rare a case: a million entries take a millisecond.
        let ending = asked.ending.iter().flat_map(|ending| {
            let entries = self.0.iter();
            entries.filter(|entry| ending.ends(entry.tail))
        });
        let mut places: Vec<u32> = filed
            .chain(ending)
            .chain(block)
            .map(|entry| entry.place)
            .take(MAX_CANDIDATES)
            .collect();
        places.sort_unstable();
        let mut positions: Vec<usize> = Vec::with_capacity(places.len());
        for place in places {
            let position = (place & !WITH_NOTE) as usize;
            if !positions.contains(&position) {
                positions.push(position);
            }
        }
        positions
    }

    fn filed_between(&self, first: Tail, behind: Tail) -> impl Iterator<Item = &Entry> {
        let start = self.0.partition_point(|entry| entry.tail < first);
        let from_start = self.0.get(start..).unwrap_or_default();
        from_start
            .iter()
            .take_while(move |entry| entry.tail < behind)
    }

    fn filed_under(&self, tail: Tail) -> impl Iterator<Item = &Entry> {
        let start = self.0.partition_point(|entry| entry.tail < tail);
        let from_start = self.0.get(start..).unwrap_or_default();
        from_start
            .iter()
            .take_while(move |entry| entry.tail == tail)
    }
}
