//! Replies that were written lately, ready to be sent again.
//!
//! A call rings at several telephones, and each of them asks. Merging and writing the same reply
//! takes several times as long as seeing that the CRMs' answers are those from before: a reply is
//! used again only for the same text and the same answers, which are compared. Personal data, in
//! memory only, for as many numbers as there are places.

use std::sync::Arc;

use actix_web::web::Bytes;
use whocalls_core::{Match, PhoneNumber};
use whocalls_engine::SourceOutcome;
use whocalls_stack::Recent;

/// With four replies each: calls of an hour or two.
const SETS: usize = 1 << 12;
/// Longer replies are written anew each time, so that all of them together take 64 MiB at most.
const MAX_BYTES: usize = 4096;
/// Longer texts are read anew each time.
const MAX_TEXT_BYTES: usize = 64;

/// The replies of one configuration, by what the telephone system sent as number.
#[derive(Debug)]
pub struct RecentReplies(Recent<Box<str>, Arc<RecentReply>>);

/// A reply, and what it was made of.
pub struct RecentReply {
    /// How the number was read.
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
        self.0.get(text)
    }

    /// Keeps the reply to a text for the next time, unless one of them is too long.
    pub fn put(&self, text: &str, reply: RecentReply) {
        if reply.body.len() <= MAX_BYTES && text.len() <= MAX_TEXT_BYTES {
            self.0.put(text.into(), Arc::new(reply));
        }
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
        Self(Recent::new(SETS))
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

    fn reply(outcomes: &[SourceOutcome], body: Bytes) -> RecentReply {
        RecentReply {
            number: PhoneNumber::from_digits("41215522000"),
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
        replies.put("41215522000", reply(&found, Bytes::from_static(b"[1]")));
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
    fn long_replies_and_texts_are_not_kept() {
        let replies = RecentReplies::default();
        let long = "1".repeat(MAX_TEXT_BYTES + 1);
        replies.put(&long, reply(&[], Bytes::new()));
        replies.put("1", reply(&[], vec![b' '; MAX_BYTES + 1].into()));
        assert!(replies.get(&long).is_none() && replies.get("1").is_none());
    }
}
