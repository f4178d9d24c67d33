//! Which Sugar user an object belongs to.
//!
//! `[users]` may name a user by id, user name or e-mail address; an object takes an id alone.

use std::{fmt, time::Duration};

use moka::sync::Cache;
use tokio::{sync::Mutex, time::timeout_at};
use whocalls_core::{AdapterError, AdapterId, CallContext, ErrorKind, Operation};

use crate::{
    client::Client,
    record::emails_of,
    wire::{Condition, Filter, FilterRequest, Record, Test},
};

/// The module of users.
const USERS: &str = "Users";
const FIELDS: &str = "id,user_name,email";
const ORDER: &str = "user_name:ASC";
/// More than one is already too many to choose from.
const MAX_USERS: usize = 5;
const CAPACITY: u64 = 1_000;
const TIME_TO_LIVE: Duration = Duration::from_mins(15);
/// The id of the user that every instance starts with.
const ADMIN_ID: &str = "1";

/// Ids of users by what `[users]` calls them, remembered; also that there is no such user.
pub(crate) struct Users {
    adapter: AdapterId,
    known: Cache<String, Option<String>>,
    /// Held while Sugar is asked, so that calls that end together ask once.
    asking: Mutex<()>,
}

impl Users {
    /// Users of which nothing is known yet.
    pub(crate) fn new(adapter: AdapterId) -> Self {
        let known = Cache::builder()
            .max_capacity(CAPACITY)
            .time_to_live(TIME_TO_LIVE)
            .build();
        Self {
            adapter,
            known,
            asking: Mutex::default(),
        }
    }

    /// The id of a user: an id as it is, a name or address by asking Sugar. None for a user whom
    /// the API user cannot see; that is no reason to lose a call.
    ///
    /// # Errors
    /// When asking may succeed later, and when Sugar rejects the credentials; nothing was created
    /// yet.
    ///
    /// # Cancellation
    /// When the call that asks is dropped, the next waiting call asks anew.
    pub(crate) async fn id_of(
        &self,
        cx: &CallContext,
        client: &Client,
        user: &str,
    ) -> Result<Option<String>, AdapterError> {
        if is_id(user) {
            return Ok(Some(user.to_owned()));
        }
        let key = user.to_lowercase();
        let id = match self.known.get(&key) {
            Some(known) => known,
            None => timeout_at(cx.deadline, self.ask(cx, client, user, key))
                .await
                .unwrap_or_else(|_| {
                    Err(AdapterError::timeout(&self.adapter, Operation::Workflow))
                })?,
        };
        if id.is_none() {
            tracing::warn!(
                adapter = %self.adapter,
                "an object is assigned to nobody: the API user sees no such user; check [users], \
                 and that the API user's role may list and view Users"
            );
        }
        Ok(id)
    }

    async fn ask(
        &self,
        cx: &CallContext,
        client: &Client,
        user: &str,
        key: String,
    ) -> Result<Option<String>, AdapterError> {
        let _asking = self.asking.lock().await;
        if let Some(known) = self.known.get(&key) {
            return Ok(known);
        }
        let request = request(user);
        let id = match client
            .filter(cx, Operation::Workflow, USERS, &request)
            .await
        {
            Ok(list) => the_only_id(&list.records, &key),
            Err(error) if is_worth_waiting_for(error.kind) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "users cannot be read");
                None
            }
        };
        self.known.insert(key, id.clone());
        Ok(id)
    }
}

/// Names and addresses are personal data: only their count is shown.
impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Users")
            .field(&self.known.entry_count())
            .finish()
    }
}

/// Whether the object is created later rather than without its user.
fn is_worth_waiting_for(kind: ErrorKind) -> bool {
    // Rejected credentials would be rejected once more by the creation.
    kind.is_transient() || kind == ErrorKind::Unauthenticated
}

/// A GUID, the administrator's id, or an id of Sugar's sample data.
fn is_id(text: &str) -> bool {
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_guid = text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    let is_sample = text.starts_with("seed_") && text.ends_with("_id");
    (is_guid && text.split('-').all(is_hex)) || text == ADMIN_ID || is_sample
}

/// An address is looked for among user names too: instances with `SugarIdentity` use it as one. Any
/// other text may be an id of an unusual form.
fn request(user: &str) -> FilterRequest<'_> {
    let other = if user.contains('@') { "email" } else { "id" };
    let is_user = |field| Condition {
        field,
        test: Test::Equals(user),
    };
    FilterRequest {
        filter: Filter::AnyOf(vec![is_user("user_name"), is_user(other)]),
        fields: FIELDS,
        max_num: MAX_USERS,
        order_by: ORDER,
    }
}

/// The id of the one record that the lower-case text `key` stands for, whatever else the filter let
/// through.
fn the_only_id(records: &[Record], key: &str) -> Option<String> {
    let is_user = |text: &str| text.to_lowercase() == key;
    let mut found = records.iter().filter(|record| {
        is_user(&record.id)
            || record.text("user_name").is_some_and(is_user)
            || emails_of(record).iter().any(|email| is_user(email))
    });
    match (found.next(), found.next()) {
        (Some(record), None) => Some(record.id.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn ids_are_told_from_names() {
        for (text, expected) in [
            ("1", true),
            ("seed_anna_id", true),
            ("e0623cdb-ac4b-e7ff-f681-5242e9116892", true),
            ("E0623CDB-AC4B-E7FF-F681-5242E9116892", true),
            ("e0623cdb-ac4b-e7ff-f681-5242e911689", false),
            ("z0623cdb-ac4b-e7ff-f681-5242e9116892", false),
            ("anna", false),
            ("anna@example.ch", false),
            ("4711", false),
            ("", false),
        ] {
            assert_eq!(is_id(text), expected, "{text}");
        }
    }

    fn record(id: &str, user_name: &str, email: &str) -> Record {
        let email = json!([{ "email_address": email }]);
        let record: Value = json!({ "id": id, "user_name": user_name, "email": email });
        serde_json::from_value(record).unwrap()
    }

    #[test]
    fn only_one_record_that_is_the_user_is_taken() {
        let anna = || record("a", "Anna", "Anna@example.ch");
        let urs = || record("u", "urs", "urs@example.ch");
        let cases = [
            (vec![anna()], "anna", Some("a")),
            (vec![urs(), anna()], "anna@example.ch", Some("a")),
            (vec![urs(), anna()], "u", Some("u")),
            (vec![urs()], "anna", None),
            (vec![anna(), record("b", "anna", "")], "anna", None),
            (vec![], "anna", None),
        ];
        for (records, user, id) in cases {
            assert_eq!(the_only_id(&records, user).as_deref(), id, "{user}");
        }
    }
}
