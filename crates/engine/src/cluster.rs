//! Groups records by the evidence between each two of them. Pure, and independent of the order in
//! which the records arrived.

use smallvec::{SmallVec, smallvec};

use crate::identity::{Evidence, Profile, compare};

/// Points by which evidence has to exceed that for somebody else to be no guess.
const DECIDING_LEAD: i16 = 2;

/// Records of one person or company, by their places.
pub(crate) type Group = SmallVec<[usize; 4]>;

/// What is known between each two of some records.
#[derive(Debug)]
pub(crate) struct Comparisons<'a> {
    profiles: &'a [Profile<'a>],
    /// What was compared.
    evidence: Vec<Evidence>,
    /// For each two records, the earlier first, the place in `evidence` from 1; 0 where nothing
    /// suggests a comparison.
    known: Vec<u32>,
    /// The pairs with enough evidence, best first.
    links: Vec<Link>,
}

/// Two records that are the same person or company by the evidence between them.
#[derive(Debug, Clone, Copy)]
struct Link {
    evidence: Evidence,
    pair: (usize, usize),
}

impl<'a> Comparisons<'a> {
    /// Compares the records that have anything in common.
    pub(crate) fn of(profiles: &'a [Profile<'a>], threshold: i16) -> Self {
        let count = profiles.len();
        let mut comparisons = Self {
            profiles,
            evidence: Vec::with_capacity(4 * count),
            known: vec![0; count * count],
            links: Vec::with_capacity(count),
        };
        for_each_candidate_pair(profiles, |pair| comparisons.add(pair, threshold));
        let order = |link: &Link| (std::cmp::Reverse(link.evidence.points()), link.pair);
        comparisons.links.sort_unstable_by_key(order);
        comparisons
    }

    fn add(&mut self, pair: (usize, usize), threshold: i16) {
        let profiles = self.profiles.get(pair.0).zip(self.profiles.get(pair.1));
        let place = self.known.get_mut(pair.0 * self.profiles.len() + pair.1);
        if let (Some((a, b)), Some(place @ 0)) = (profiles, place) {
            let evidence = compare(a, b);
            self.evidence.push(evidence);
            *place = u32::try_from(self.evidence.len()).unwrap_or_default();
            if evidence.points() >= threshold {
                self.links.push(Link { evidence, pair });
            }
        }
    }

    /// The evidence between two records.
    pub(crate) fn between(&self, a: usize, b: usize) -> Evidence {
        let (first, second) = (a.min(b), a.max(b));
        let place = self.known.get(first * self.profiles.len() + second);
        let known = place.and_then(|place| self.evidence.get((*place as usize).checked_sub(1)?));
        known.copied().unwrap_or_else(|| {
            let profiles = self.profiles.get(first).zip(self.profiles.get(second));
            profiles.map_or_else(Evidence::default, |(a, b)| compare(a, b))
        })
    }

    /// The records in groups of one person or company each, in the order of their first records.
    ///
    /// The strongest links go first. Two groups become one only if nothing speaks against any two
    /// of their records, so that no third record brings two people together. Evidence that fits
    /// two people about equally decides for none of them.
    pub(crate) fn groups(&self) -> Vec<Group> {
        let mut group_of: Vec<usize> = (0..self.profiles.len()).collect();
        let mut groups: Vec<Group> = group_of.iter().map(|it| smallvec![*it]).collect();
        for link in &self.links {
            let of = |record: usize| group_of.get(record).copied().unwrap_or(record);
            let (a, b) = (of(link.pair.0), of(link.pair.1));
            let (Some(first), Some(second)) = (groups.get(a), groups.get(b)) else {
                continue;
            };
            if a == b || self.is_guess(link) || !self.are_compatible(first, second) {
                continue;
            }
            let moved = groups.get_mut(b).map(std::mem::take).unwrap_or_default();
            for record in &moved {
                if let Some(group) = group_of.get_mut(*record) {
                    *group = a;
                }
            }
            if let Some(group) = groups.get_mut(a) {
                group.extend(moved);
            }
        }
        for group in &mut groups {
            group.sort_unstable();
        }
        groups.retain(|group| !group.is_empty());
        groups.sort_unstable();
        groups
    }

    /// Whether one of the two is linked about as well with a third that cannot be the other.
    pub(crate) fn is_ambiguous(&self, a: usize, b: usize) -> bool {
        let pair = (a.min(b), a.max(b));
        let evidence = self.between(a, b);
        self.is_guess(&Link { evidence, pair })
    }

    fn is_guess(&self, link: &Link) -> bool {
        let (a, b) = link.pair;
        let is_rival = |other: &Link| {
            let third = match other.pair {
                (x, y) if x == a && y != b => Some((y, b)),
                (x, y) if y == a && x != b => Some((x, b)),
                (x, y) if x == b && y != a => Some((y, a)),
                (x, y) if y == b && x != a => Some((x, a)),
                _ => None,
            };
            third.is_some_and(|(third, other)| self.between(third, other).is_against())
        };
        let strong = link.evidence.points() - DECIDING_LEAD;
        let rivals = self.links.iter();
        rivals
            .take_while(|other| other.evidence.points() > strong)
            .any(is_rival)
    }

    fn are_compatible(&self, first: &[usize], second: &[usize]) -> bool {
        let mut pairs = first
            .iter()
            .flat_map(|a| second.iter().map(move |b| (*a, *b)));
        !pairs.any(|(a, b)| self.between(a, b).is_against())
    }
}

/// Calls `each` for the pairs of records that share a word, a sound, a nickname or an address, the
/// earlier record first; for some of them repeatedly.
fn for_each_candidate_pair(profiles: &[Profile<'_>], mut each: impl FnMut((usize, usize))) {
    // Key and position in one number, which sorts quickly.
    let mut keys: Vec<u64> = Vec::with_capacity(profiles.len() * 12);
    for (position, profile) in (0_u32..).zip(profiles) {
        profile.for_each_key(|key| keys.push((u64::from(key) << 32) | u64::from(position)));
    }
    keys.sort_unstable();
    keys.dedup();
    let position = |key: u64| usize::try_from(key & u64::from(u32::MAX)).unwrap_or_default();
    for mut owners in keys.chunk_by(|a, b| a >> 32 == b >> 32) {
        while let [first, others @ ..] = owners {
            for other in others {
                each((position(*first), position(*other)));
            }
            owners = others;
        }
    }
}
