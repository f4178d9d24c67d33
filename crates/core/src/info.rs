//! Who an adapter is and what it can do.

use std::{borrow::Borrow, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// The name of one configured adapter: the key of its table in `adapters.toml`.
///
/// One to 32 letters, digits, `-` or `_`, starting with a letter or digit. It is safe as a metric
/// label, as a `Server-Timing` metric name (RFC 9110 token) and inside a contact id.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AdapterId(Arc<str>);

/// A name that cannot be an [`AdapterId`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "an adapter id has 1 to {} letters, digits, `-` or `_` and starts with a letter or digit",
    AdapterId::MAX_LEN
)]
pub struct InvalidAdapterId;

impl AdapterId {
    /// The longest id, in bytes.
    pub const MAX_LEN: usize = 32;

    /// Checks `id` and keeps it.
    ///
    /// # Errors
    /// [`InvalidAdapterId`] for anything but 1 to 32 letters, digits, `-` and `_`.
    pub fn new(id: &str) -> Result<Self, InvalidAdapterId> {
        let starts_well = id.starts_with(|c: char| c.is_ascii_alphanumeric());
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if starts_well && id.len() <= Self::MAX_LEN && id.chars().all(is_allowed) {
            Ok(Self(id.into()))
        } else {
            Err(InvalidAdapterId)
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AdapterId {
    type Error = InvalidAdapterId;

    fn try_from(id: String) -> Result<Self, InvalidAdapterId> {
        Self::new(&id)
    }
}

impl From<AdapterId> for String {
    fn from(id: AdapterId) -> Self {
        id.as_str().to_owned()
    }
}

impl fmt::Display for AdapterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AdapterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Borrow<str> for AdapterId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// What a caller of an adapter may rely on before asking it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdapterInfo {
    /// The configured name.
    pub id: AdapterId,
    /// The adapter kind, for example `hubspot`; a closed set, fit for metric labels.
    pub kind: &'static str,
    /// The reply's `crmName`.
    pub crm_name: String,
    /// The reply's `crmLogo`: a URL.
    pub crm_logo: Option<String>,
    /// What the adapter can be asked.
    pub capabilities: Capabilities,
}

/// The requests that an adapter answers; all others are refused before any I/O.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// The kinds of query it answers.
    pub queries: Vec<QueryKind>,
    /// The workflows it can run, by the names that appear in `crmActions`.
    pub workflows: Vec<String>,
    /// Whether it answers from its own memory, so that a cache in front of it would only delay
    /// what is new.
    pub is_in_memory: bool,
    /// Whether a lookup never keeps its thread for longer than about a millisecond between two
    /// awaits, whatever the CRM sends: then it may run on a thread that serves clients.
    pub is_cooperative: bool,
}

/// The kinds of [`ContactQuery`](crate::ContactQuery).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum QueryKind {
    /// Contacts that own a phone number.
    Number,
}

impl Capabilities {
    /// Lookups by phone number, and the workflows named.
    pub fn number_lookup(workflows: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            queries: vec![QueryKind::Number],
            workflows: workflows.into_iter().map(Into::into).collect(),
            is_in_memory: false,
            is_cooperative: false,
        }
    }

    /// The same abilities of an adapter that answers from its own memory.
    #[must_use]
    pub fn in_memory(self) -> Self {
        Self {
            is_in_memory: true,
            ..self
        }
    }

    /// The same abilities of an adapter whose lookups never keep their thread for long.
    #[must_use]
    pub fn cooperative(self) -> Self {
        Self {
            is_cooperative: true,
            ..self
        }
    }

    /// Whether queries of this kind are answered.
    pub fn answers(&self, kind: QueryKind) -> bool {
        self.queries.contains(&kind)
    }

    /// Whether the workflow named is offered. Names are compared exactly, as the CONNECTOR sends
    /// back what `crmActions` gave it.
    pub fn runs(&self, workflow: &str) -> bool {
        self.workflows.iter().any(|name| name == workflow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_adapter_id_is_checked_again() {
        let read = |json| serde_json::from_str::<AdapterId>(json);
        let id = AdapterId::new("sugar").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"sugar\"");
        assert_eq!(read("\"sugar\"").unwrap(), id);
        assert!(read("\"a:b\"").is_err());
    }

    #[test]
    fn adapter_ids_are_safe_in_headers_and_contact_ids() {
        for good in ["sugar", "hub-spot_2", "7", "A"] {
            assert_eq!(AdapterId::new(good).unwrap().as_str(), good);
        }
        let too_long = "x".repeat(33);
        for bad in ["", "-a", "_a", "a b", "a:b", "a,b", "é", too_long.as_str()] {
            assert_eq!(AdapterId::new(bad), Err(InvalidAdapterId), "{bad}");
        }
    }
}
