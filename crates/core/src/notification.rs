//! What a CRM sends by itself when its records change.

use jiff::Timestamp;

/// A request from a CRM, as received, not yet believed.
#[derive(Clone)]
pub struct Notification {
    /// The method, in upper case.
    pub method: String,
    /// The URL without scheme and host: path and query, as received.
    pub path_and_query: String,
    /// What follows the adapter's id in the path; some CRMs can only carry a secret there.
    pub tail: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
    /// When it arrived.
    pub received_at: Timestamp,
}

impl Notification {
    /// The value of the header with this lower-case name.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_slice())
    }
}

/// Path, headers and body hold secrets and personal data: only the size is shown.
impl std::fmt::Debug for Notification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notification")
            .field("method", &self.method)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What changed in a CRM; caches forget it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The records that changed or are gone, by the adapter's own ids
    /// ([`ContactRecord::id`](crate::ContactRecord::id)).
    pub records: Vec<String>,
    /// The numbers that records own now, as stored.
    pub numbers: Vec<String>,
    /// Whether more changed than could be told apart.
    pub everything: bool,
}

/// Numbers are personal data: only how much changed is shown.
impl std::fmt::Debug for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Changes")
            .field("records", &self.records)
            .field("numbers", &self.numbers.len())
            .field("everything", &self.everything)
            .finish()
    }
}
