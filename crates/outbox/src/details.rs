//! What the telephone system sent: which requests are the same call, and which of two knows more.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use whocalls_core::CallDetails;

/// Hex digits of a workflow's id: 128 bits, so that two calls never share one.
const ID_DIGITS: usize = 32;

/// The id of a workflow: the same for every request about the same workflow, contact, numbers,
/// direction and start, also after a restart. Hexadecimal.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkflowId(String);

impl WorkflowId {
    /// An id that was read back from the store.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkflowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for WorkflowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A workflow as the telephone system sent it. Holds personal data, so it prints only its name.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// The workflow's name.
    pub workflow: String,
    /// The contact, as named in a lookup reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The user, as named in the portal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The call.
    pub call: CallDetails,
    /// Inputs that this version does not know, as sent.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl Details {
    /// The id of the workflow that these details are about.
    pub fn id(&self) -> WorkflowId {
        let call = &self.call;
        let direction = call.direction.map(|direction| format!("{direction:?}"));
        let started = call.started_at.map(|time| time.to_string());
        let digest = digest(&[
            Some(&self.workflow),
            self.contact.as_deref(),
            call.originator_number.as_deref(),
            call.destination_number.as_deref(),
            direction.as_deref(),
            started.as_deref(),
        ]);
        WorkflowId(digest)
    }

    /// What the deliveries of one contact, or of one call without contact, have in common: they
    /// keep their order. A digest, so that it may outlive the personal data.
    pub(crate) fn order_key(&self) -> String {
        let number = self.call.remote_number();
        digest(&[self.contact.as_deref().or(number)])
    }

    /// Takes over what `news` knows more about the same call. Returns whether it knew more.
    ///
    /// What is known stays, and gaps are filled, with one exception: of several telephones that
    /// rang, the one that answered knows best who spoke and when, so its report wins.
    pub fn learn(&mut self, news: &Self) -> bool {
        let before = self.clone();
        let knows_best = news.call.answered_at.is_some() && self.call.answered_at.is_none();
        if knows_best {
            let known = std::mem::replace(self, news.clone());
            self.fill_gaps(&known);
            self.call.declined_at = news.call.declined_at;
        } else {
            self.fill_gaps(news);
            if self.call.answered_at.is_some() {
                self.call.declined_at = before.call.declined_at;
            }
        }
        *self != before
    }

    fn fill_gaps(&mut self, other: &Self) {
        fill(&mut self.user, other.user.as_ref());
        let (call, other_call) = (&mut self.call, &other.call);
        fill(
            &mut call.originator_name,
            other_call.originator_name.as_ref(),
        );
        fill(
            &mut call.destination_name,
            other_call.destination_name.as_ref(),
        );
        fill(&mut call.answered_at, other_call.answered_at.as_ref());
        fill(&mut call.ended_at, other_call.ended_at.as_ref());
        fill(&mut call.declined_at, other_call.declined_at.as_ref());
        for (key, value) in &other.extra {
            if !self.extra.contains_key(key) {
                self.extra.insert(key.clone(), value.clone());
            }
        }
    }
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Details")
            .field("workflow", &self.workflow)
            .finish_non_exhaustive()
    }
}

fn fill<T: Clone>(gap: &mut Option<T>, from: Option<&T>) {
    if gap.is_none() {
        *gap = from.cloned();
    }
}

fn digest(parts: &[Option<&str>]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        let part = part.unwrap_or_default();
        // The length keeps neighbours apart: "a" + "bc" is not "ab" + "c".
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        hasher.update(&length.to_le_bytes()).update(part.as_bytes());
    }
    hasher.finalize().to_hex().chars().take(ID_DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;
    use serde_json::json;
    use whocalls_core::Direction;

    use super::*;

    fn at(second: i64) -> Option<Timestamp> {
        Timestamp::from_second(second).ok()
    }

    fn ringing() -> Details {
        Details {
            workflow: "CallFlow".to_owned(),
            contact: Some("hubspot:51".to_owned()),
            user: Some("anna@example.ch".to_owned()),
            call: CallDetails {
                direction: Some(Direction::Incoming),
                originator_number: Some("41791234567".to_owned()),
                destination_number: Some("41445550100".to_owned()),
                started_at: at(0),
                ..CallDetails::default()
            },
            extra: Map::new(),
        }
    }

    #[test]
    fn the_same_call_has_the_same_id_however_much_is_known_of_it() {
        let mut ended = ringing();
        ended.call.answered_at = at(10);
        ended.call.ended_at = at(70);
        ended.user = Some("ben@example.ch".to_owned());
        ended.extra.insert("queueName".to_owned(), json!("Sales"));
        assert_eq!(ended.id(), ringing().id());
        assert_eq!(ended.id().as_str().len(), 32);
    }

    #[test]
    fn another_workflow_contact_number_direction_or_start_is_another_call() {
        let known = ringing();
        let changes: [fn(&mut Details); 6] = [
            |details| details.workflow = "CreateTicket".to_owned(),
            |details| details.contact = None,
            |details| details.call.originator_number = Some("41791234568".to_owned()),
            |details| details.call.destination_number = None,
            |details| details.call.direction = Some(Direction::Outgoing),
            |details| details.call.started_at = at(1),
        ];
        for change in changes {
            let mut other = ringing();
            change(&mut other);
            assert_ne!(other.id(), known.id());
        }
    }

    #[test]
    fn a_later_report_fills_the_gaps_and_a_late_one_takes_nothing_away() {
        let mut ended = ringing();
        ended.call.answered_at = at(10);
        ended.call.ended_at = at(70);
        let mut known = ringing();
        assert!(known.learn(&ended), "it knows more");
        assert_eq!(known, ended);
        assert!(!known.learn(&ringing()), "the late report knows less");
        assert_eq!(known, ended);
        assert!(!known.clone().learn(&known), "nothing new");
    }

    #[test]
    fn of_several_telephones_the_one_that_answered_knows_best() {
        let mut declined = ringing();
        declined.user = Some("ben@example.ch".to_owned());
        declined.call.declined_at = at(8);
        declined.call.ended_at = at(8);
        let mut answered = ringing();
        answered.call.answered_at = at(10);
        answered.call.ended_at = at(70);
        for (first, second) in [(&declined, &answered), (&answered, &declined)] {
            let mut known = first.clone();
            known.learn(second);
            assert_eq!(known.call, answered.call);
            assert_eq!(known.user.as_deref(), Some("anna@example.ch"));
        }
    }

    fn details() -> impl Strategy<Value = Details> {
        let time = || proptest::option::of(0_i64..4);
        (proptest::option::of("[ab]"), time(), time(), time()).prop_map(
            |(user, answered, ended, declined)| {
                let mut details = ringing();
                details.user = user;
                details.call.answered_at = answered.and_then(at);
                details.call.ended_at = ended.and_then(at);
                details.call.declined_at = declined.and_then(at);
                details
            },
        )
    }

    proptest! {
        #[test]
        fn nothing_is_learned_twice(first in details(), second in details()) {
            let mut known = first;
            known.learn(&second);
            prop_assert!(!known.learn(&second));
        }

        #[test]
        fn an_answer_and_an_end_are_never_forgotten(first in details(), second in details()) {
            let mut known = first.clone();
            known.learn(&second);
            for report in [first, second] {
                prop_assert!(known.call.answered_at.is_some() || report.call.answered_at.is_none());
                prop_assert!(known.call.ended_at.is_some() || report.call.ended_at.is_none());
            }
        }
    }
}
