//! By what a delivery recognises what an earlier one has created: an id of our own, or a marker in
//! the text.
//!
//! Sugar keeps an id that a creation carries, and refuses a second one; but no vendor page says so.
//! So it is believed as long as the answers show it: once an object comes back under another id,
//! texts carry the marker too. The marker shows to users, which is why it is not always there.

use std::sync::atomic::{AtomicBool, Ordering};

use uuid::Uuid;
use whocalls_core::{AdapterId, WorkflowRequest};

use crate::wire::{Condition, Filter, FilterRequest, Record, Test};

/// The name space of our object ids (RFC 9562 §5.5). Never change it: a repeated delivery would no
/// longer be recognised.
const NAMESPACE: Uuid = Uuid::from_u128(0x6b1f_4f0a_90e5_4c57_8d0b_2c56_7a3e_51b9);
const FIELDS: &str = "id,description";
const ORDER: &str = "date_modified:DESC";
/// One is expected.
const MAX_FOUND: usize = 5;

/// How the objects of an instance are recognised.
#[derive(Debug)]
pub(crate) struct Identity {
    adapter: AdapterId,
    /// Whether creations carry an id of ours.
    own_ids: bool,
    /// Whether Sugar was seen to give an object another id than ours.
    ignores_ids: AtomicBool,
}

/// The names of one request's object.
pub(crate) struct Names {
    /// The id that is sent with the creation.
    id: String,
    /// What the text contains where ids do not count.
    marker: String,
}

impl Identity {
    /// Objects with ids of our own, or, without `own_ids`, with the marker in their texts.
    pub(crate) fn new(adapter: AdapterId, own_ids: bool) -> Self {
        Self {
            adapter,
            own_ids,
            ignores_ids: AtomicBool::new(false),
        }
    }

    /// The id to create the request's object under.
    pub(crate) fn id_for(&self, module: &str, request: &WorkflowRequest) -> Option<String> {
        self.own_ids.then(|| id_of(module, request))
    }

    /// The text of the request's object, with the marker where ids of our own do not count.
    pub(crate) fn text_for(&self, request: &WorkflowRequest) -> String {
        if self.own_ids && !self.ignores_ids.load(Ordering::Relaxed) {
            request.text.clone()
        } else {
            request.marked_text()
        }
    }

    /// Takes notice of the id that an object of this request has.
    pub(crate) fn observe(&self, module: &str, request: &WorkflowRequest, id: &str) {
        let is_ignored = self.own_ids && !id_of(module, request).eq_ignore_ascii_case(id);
        if is_ignored && !self.ignores_ids.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                adapter = %self.adapter,
                "an object has another id than it was given: from now on descriptions carry a marker \
                 to recognise objects by; if Sugar ignores given ids, set own_ids = false, so that \
                 they do from the start"
            );
        }
    }
}

impl Names {
    /// The names that the request's object may have, whatever the settings were when it was
    /// created.
    pub(crate) fn of(module: &str, request: &WorkflowRequest) -> Self {
        Self {
            id: id_of(module, request),
            marker: request.marker(),
        }
    }

    /// Asks for the object.
    pub(crate) fn request(&self) -> FilterRequest<'_> {
        let is = |field, test| Condition { field, test };
        FilterRequest {
            filter: Filter::AnyOf(vec![
                is("id", Test::Equals(&self.id)),
                is("description", Test::Contains(&self.marker)),
            ]),
            fields: FIELDS,
            max_num: MAX_FOUND,
            order_by: ORDER,
        }
    }

    /// The id of the object among `records`, whatever else the filter let through.
    pub(crate) fn find(&self, records: &[Record]) -> Option<String> {
        let has_id = |record: &&Record| record.id.eq_ignore_ascii_case(&self.id);
        let has_marker = |record: &&Record| {
            let text = record.text("description");
            text.is_some_and(|text| text.contains(&self.marker))
        };
        let found = records.iter().find(has_id);
        let found = found.or_else(|| records.iter().find(has_marker));
        found.map(|record| record.id.clone())
    }
}

/// The same for every delivery of the request, and different for each module.
fn id_of(module: &str, request: &WorkflowRequest) -> String {
    let name = format!("{module}/{}", request.idempotency_key);
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn request(key: &str) -> WorkflowRequest {
        WorkflowRequest {
            idempotency_key: key.to_owned(),
            text: "Answered.".to_owned(),
            ..WorkflowRequest::default()
        }
    }

    fn identity(own_ids: bool) -> Identity {
        Identity::new(AdapterId::new("sugar").unwrap(), own_ids)
    }

    #[test]
    fn an_id_is_the_same_for_every_delivery_and_another_for_another_request() {
        let id = id_of("Calls", &request("0199-key"));
        assert_eq!(id, "add7fd5d-f631-5ba9-884f-2464499d208d");
        assert_ne!(id, id_of("Cases", &request("0199-key")));
        assert_ne!(id, id_of("Calls", &request("0199-key-2")));
    }

    #[test]
    fn a_text_carries_the_marker_only_where_ids_do_not_count() {
        let request = request("0199-key");
        let with_ids = identity(true);
        let own = with_ids.id_for("Calls", &request).unwrap();
        with_ids.observe("Calls", &request, &own.to_uppercase());
        assert_eq!(with_ids.text_for(&request), "Answered.");
        with_ids.observe("Calls", &request, "an id of Sugar's");
        assert_eq!(with_ids.text_for(&request), request.marked_text());

        let without = identity(false);
        assert_eq!(without.id_for("Calls", &request), None);
        assert_eq!(without.text_for(&request), request.marked_text());
    }

    #[test]
    fn an_object_is_found_by_its_id_before_the_marker_and_by_nothing_else() {
        let request = request("0199-key");
        let names = Names::of("Calls", &request);
        let own = names.id.clone();
        let marked = format!("Answered.\n\nRef. {}", request.marker());
        let record = |id: &str, text: &str| -> Record {
            let record: Value = json!({ "id": id, "description": text });
            serde_json::from_value(record).unwrap()
        };
        let other = || record("other", "Ref. wc0");
        for (records, found) in [
            (
                vec![other(), record("m", &marked), record(&own, "")],
                Some(own.as_str()),
            ),
            (vec![other(), record("m", &marked)], Some("m")),
            (vec![other()], None),
            (vec![], None),
        ] {
            assert_eq!(names.find(&records).as_deref(), found);
        }
    }
}
