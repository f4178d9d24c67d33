//! The file of the outbox, which other processes may be using.

use std::path::PathBuf;

use jiff::tz::TimeZone;
use whocalls_outbox::{Entry, Filter, State, Store, WorkflowId};

use super::Refusal;

/// The least of an id that names a workflow.
const SHORTEST_PREFIX: usize = 6;
/// The least of an id that is shown.
const SHORTEST_SHOWN: usize = 8;

/// The outbox of the configuration.
pub(super) struct OutboxFile {
    /// None while there is no file: the outbox is empty, and looking at it creates none.
    store: Option<Store>,
    /// How times are shown.
    pub(super) zone: TimeZone,
}

/// A workflow that is in the outbox.
pub(super) struct Found<'a> {
    pub(super) store: &'a Store,
    pub(super) id: WorkflowId,
}

impl OutboxFile {
    pub(super) fn new(path: PathBuf, zone: TimeZone) -> Result<Self, Refusal> {
        // When that cannot be told, opening the file tells why.
        let exists = path.try_exists().unwrap_or(true);
        let store = exists.then(|| Store::new(path)).transpose()?;
        Ok(Self { store, zone })
    }

    /// The deliveries that fit `filter`, newest first.
    pub(super) async fn list(&self, filter: Filter) -> Result<Vec<Entry>, Refusal> {
        match &self.store {
            Some(store) => Ok(store.list(filter).await?),
            None => Ok(Vec::new()),
        }
    }

    /// How many deliveries are in each state, for all states.
    pub(super) async fn totals(&self) -> Result<Vec<(State, u32)>, Refusal> {
        let counted = match &self.store {
            Some(store) => store.totals().await?,
            None => Vec::new(),
        };
        let total = |state| {
            let found = counted.iter().find(|(counted, _)| *counted == state);
            (state, found.map_or(0, |(_, count)| *count))
        };
        Ok(State::ALL.map(total).to_vec())
    }

    /// The only workflow whose id begins with `prefix`.
    pub(super) async fn find(&self, prefix: &str) -> Result<Found<'_>, Refusal> {
        let unknown = || Refusal::Unknown(prefix.to_owned());
        let store = self.store.as_ref().ok_or_else(unknown)?;
        let mut ids = store.ids(prefix.to_owned()).await?.into_iter();
        match (ids.next(), ids.next()) {
            (None, _) => Err(unknown()),
            (Some(id), None) => Ok(Found { store, id }),
            (Some(one), Some(other)) => Err(Refusal::Ambiguous {
                prefix: prefix.to_owned(),
                one: one.to_string(),
                other: other.to_string(),
            }),
        }
    }

    /// The beginning of `id` that no other workflow has.
    pub(super) async fn shortened(&self, id: &str) -> Result<String, Refusal> {
        for length in SHORTEST_SHOWN..id.len() {
            let prefix: String = id.chars().take(length).collect();
            match self.find(&prefix).await {
                Err(Refusal::Ambiguous { .. }) => {}
                // One that has just been deleted is shown for the last time.
                Ok(_) | Err(Refusal::Unknown(_)) => return Ok(prefix),
                Err(other) => return Err(other),
            }
        }
        Ok(id.to_owned())
    }
}

/// Reads the beginning of an id from the command line.
pub(super) fn id_prefix(text: &str) -> Result<String, String> {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex && text.len() >= SHORTEST_PREFIX {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(format!(
            "an id, or at least the first {SHORTEST_PREFIX} of its digits 0-9 and a-f"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_named_by_at_least_six_hexadecimal_digits() {
        assert_eq!(id_prefix("0aF3c9"), Ok("0af3c9".to_owned()));
        for wrong in ["", "0af3c", "0af3cg", "0af3c9%", "zürich"] {
            assert!(id_prefix(wrong).is_err(), "{wrong}");
        }
    }
}
