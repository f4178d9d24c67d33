//! Which HubSpot user an object belongs to (`crm-apis.md` §1.7).

use std::{fmt, time::Duration};

use moka::sync::Cache;
use whocalls_core::{AdapterError, CallContext};

use crate::client::Client;

const CAPACITY: u64 = 1_000;
const TIME_TO_LIVE: Duration = Duration::from_mins(15);

/// Owner ids by e-mail address, remembered.
pub(crate) struct Owners(Cache<String, Option<String>>);

impl Default for Owners {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(CAPACITY)
            .time_to_live(TIME_TO_LIVE);
        Self(cache.build())
    }
}

impl Owners {
    /// The owner id of a user: an id as it is, an e-mail address by asking HubSpot. A user whom
    /// HubSpot does not know owns nothing; that is no reason to lose a call.
    ///
    /// # Errors
    /// When asking may succeed later; nothing was created yet.
    pub(crate) async fn id_of(
        &self,
        cx: &CallContext,
        client: &Client,
        user: &str,
    ) -> Result<Option<String>, AdapterError> {
        let user = user.trim();
        if !user.is_empty() && user.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Some(user.to_owned()));
        }
        if !user.contains('@') {
            tracing::warn!(
                "the user is neither an owner id nor an e-mail address: no owner is set"
            );
            return Ok(None);
        }
        if let Some(known) = self.0.get(user) {
            return Ok(known);
        }
        match client.owner(cx, user).await {
            Ok(owner) => {
                self.0.insert(user.to_owned(), owner.clone());
                Ok(owner)
            }
            Err(error) if error.kind.is_transient() => Err(error),
            Err(error) => {
                tracing::warn!(%error, "owners cannot be read: no owner is set");
                Ok(None)
            }
        }
    }
}

/// Addresses are personal data: only their count is shown.
impl fmt::Debug for Owners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Owners")
            .field(&self.0.entry_count())
            .finish()
    }
}
