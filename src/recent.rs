//! Replies that were written lately, ready to be sent again.
//!
//! A call rings at several telephones, and each of them asks. Merging and writing the same reply
//! takes several times as long as seeing that the CRMs' answers are those from before: a reply is
//! used again only for the same text and the same answers, which are compared. Personal data, in
//! memory only, for as many numbers as there are places.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use actix_web::web::Bytes;
use whocalls_core::{Match, PhoneNumber};
use whocalls_engine::SourceOutcome;

/// Sets of texts with equal hashes.
const SETS: usize = 1 << 12;
/// Replies in a set. Of a thousand numbers in use, one of 8,000 shares its set with more than fit;
/// its reply is written anew when those were asked for meanwhile.
const PLACES: usize = 4;
/// Longer replies are written anew each time, so that all of them together take 64 MiB at most.
const MAX_BYTES: usize = 4096;
/// Longer texts are read anew each time.
const MAX_TEXT_BYTES: usize = 64;

/// The replies of one configuration.
pub struct RecentReplies {
    /// A text has one set, by its hash. Of a full set the oldest reply goes.
    sets: Box<[Mutex<Set>]>,
    hasher: RandomState,
}

/// Replies, the newest first.
type Set = [Option<Arc<RecentReply>>; PLACES];

/// A reply, and what it was made of.
pub struct RecentReply {
    /// What the telephone system sent as number.
    pub text: Box<str>,
    /// How it was read.
    pub number: PhoneNumber,
    /// The answers that there were.
    pub answers: Vec<Arc<Vec<Match>>>,
    /// The contacts in the reply.
    pub contacts: usize,
    /// The reply.
    pub body: Bytes,
}

impl RecentReplies {
    /// The last reply to a text.
    pub fn get(&self, text: &str) -> Option<Arc<RecentReply>> {
        let set = self.set(text)?;
        let found = set.iter().flatten().find(|it| *it.text == *text);
        found.cloned()
    }

    /// Keeps a reply for the next time, unless it is too long.
    pub fn put(&self, reply: RecentReply) {
        if reply.body.len() > MAX_BYTES || reply.text.len() > MAX_TEXT_BYTES {
            return;
        }
        let Some(mut set) = self.set(&reply.text) else {
            return;
        };
        let is_replaced = |it: &Option<Arc<RecentReply>>| {
            it.as_ref().is_none_or(|known| known.text == reply.text)
        };
        let place = set.iter().position(is_replaced).unwrap_or(PLACES - 1);
        if let Some(newer) = set.get_mut(..=place) {
            newer.rotate_right(1);
        }
        if let Some(newest) = set.first_mut() {
            *newest = Some(Arc::new(reply));
        }
    }

    fn set(&self, text: &str) -> Option<MutexGuard<'_, Set>> {
        let hash = usize::try_from(self.hasher.hash_one(text) % SETS as u64);
        let set = self.sets.get(hash.ok()?)?;
        Some(set.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl RecentReply {
    /// Whether the adapters answered what this reply was made of. Which of them failed makes no
    /// difference to the contacts.
    pub fn is_of(&self, outcomes: &[SourceOutcome]) -> bool {
        answers(outcomes).eq(&self.answers)
    }
}

/// The answers that there are.
pub fn answers(outcomes: &[SourceOutcome]) -> impl Iterator<Item = &Arc<Vec<Match>>> {
    let answered = outcomes.iter().filter_map(SourceOutcome::answer);
    answered.map(whocalls_core::LookupAnswer::shared_matches)
}

impl Default for RecentReplies {
    fn default() -> Self {
        Self {
            sets: (0..SETS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
        }
    }
}

impl std::fmt::Debug for RecentReplies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecentReplies").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for RecentReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecentReply").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use whocalls_core::{AdapterId, ContactRecord, LookupAnswer, NumberPlan, RecordKind};
    use whocalls_engine::SourceStatus;
    use whocalls_testkit::{contacts::MIA_NUMBER, query};

    use super::*;

    fn outcome(name: Option<&str>) -> SourceOutcome {
        let id = AdapterId::new("sugar").unwrap();
        let record = |name: &str| {
            let mut record =
                ContactRecord::new(id.clone(), "7", RecordKind::Contact, name.to_owned());
            record.phones.push(MIA_NUMBER.to_owned());
            record
        };
        let whocalls_core::ContactQuery::Number(query) = query(MIA_NUMBER) else {
            panic!("a number is asked for");
        };
        let plan = NumberPlan::new("CH").unwrap();
        let answer = LookupAnswer::verified(name.map(record), &query, &plan);
        SourceOutcome {
            adapter: id,
            elapsed: Duration::ZERO,
            status: SourceStatus::Answered(answer),
        }
    }

    fn reply(text: &str, outcomes: &[SourceOutcome], body: Bytes) -> RecentReply {
        RecentReply {
            text: text.into(),
            number: PhoneNumber::from_digits(text),
            answers: answers(outcomes).cloned().collect(),
            contacts: 1,
            body,
        }
    }

    #[test]
    fn a_reply_is_found_by_its_text_and_holds_for_equal_answers() {
        let replies = RecentReplies::default();
        let found = [outcome(Some("Mia Keller")), outcome(None)];
        assert!(!answers(&found).next().unwrap().is_empty());
        replies.put(reply("41215522000", &found, Bytes::from_static(b"[1]")));
        assert!(replies.get("0215522000").is_none());
        let known = replies.get("41215522000").unwrap();
        assert_eq!(&*known.body, b"[1]");
        assert!(known.is_of(&[outcome(Some("Mia Keller")), outcome(None)]));
        assert!(!known.is_of(&[outcome(Some("Mia Meier")), outcome(None)]));
        assert!(!known.is_of(&[outcome(None), outcome(Some("Mia Keller"))]));
        assert!(!known.is_of(&[outcome(Some("Mia Keller"))]));
        assert!(!known.is_of(&[]));
    }

    #[test]
    fn of_a_full_set_the_oldest_reply_goes() {
        let replies = RecentReplies::default();
        let shares_set = |text: &String| {
            let [a, b] = [text, "1"].map(|it| replies.hasher.hash_one(it) % SETS as u64);
            a == b
        };
        let texts: Vec<String> = (1..)
            .map(|it| it.to_string())
            .filter(shares_set)
            .take(PLACES + 1)
            .collect();
        let put = |text: &str, body: &'static str| {
            replies.put(reply(text, &[], Bytes::from_static(body.as_bytes())));
        };
        let bodies = || -> Vec<_> {
            let each = texts.iter().map(|text| replies.get(text));
            each.map(|it| it.map(|it| it.body.clone())).collect()
        };
        let body = |text: &'static str| Some(Bytes::from_static(text.as_bytes()));
        let [first, others @ ..] = texts.as_slice() else {
            panic!("there are texts");
        };
        put(first, "old");
        put(first, "new");
        assert_eq!(bodies(), [body("new"), None, None, None, None]);
        for text in others {
            put(text, "other");
        }
        let other = || body("other");
        assert_eq!(bodies(), [None, other(), other(), other(), other()]);
    }

    #[test]
    fn long_replies_and_texts_are_not_kept() {
        let replies = RecentReplies::default();
        let long = "1".repeat(MAX_TEXT_BYTES + 1);
        replies.put(reply(&long, &[], Bytes::new()));
        replies.put(reply("1", &[], vec![b' '; MAX_BYTES + 1].into()));
        assert!(replies.get(&long).is_none() && replies.get("1").is_none());
    }
}
