//! What can be wrong with a CRM.

use std::time::Duration;

/// How a simulated server misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Fault {
    /// It does not.
    #[default]
    None,
    /// The port is closed: connections are refused.
    Refused,
    /// Connections are accepted and reset at once.
    Reset,
    /// Requests are read and never answered.
    Hang,
    /// Requests are carried out, and the connection is closed instead of a reply.
    LostAnswer,
    /// Replies come this much later.
    Slow(Duration),
    /// The body comes one byte at a time, one each 50 ms.
    Drip,
    /// The body is a JSON document cut in the middle.
    Truncated,
    /// A page of HTML with status 200, as a login page or proxy sends it.
    Html,
    /// Bytes that are no text, with status 200 and a JSON content type.
    Garbage,
    /// A JSON document of 20 MB.
    Oversized,
    /// This status with an empty body.
    Status(u16),
    /// Status 429, with `Retry-After` in seconds if given.
    RateLimited(Option<u32>),
}

impl Fault {
    /// Whether connections are cut before any request is read.
    pub(crate) fn is_disconnected(self) -> bool {
        matches!(self, Self::Refused | Self::Reset)
    }
}
