//! What can be wrong with a CRM.

use std::time::Duration;

/// How a simulated server misbehaves.
///
/// A wrong address is no fault of the server: see [`Upstream::tls_url`] and
/// [`Upstream::unknown_host_url`]; for a certificate that nobody trusts, see [`TlsFront`].
///
/// [`TlsFront`]: super::TlsFront
/// [`Upstream::tls_url`]: super::Upstream::tls_url
/// [`Upstream::unknown_host_url`]: super::Upstream::unknown_host_url
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
    /// Requests are carried out, and the connection is reset in the middle of the head.
    ResetInHead,
    /// Requests are carried out, and the connection is reset in the middle of the body.
    ResetInBody,
    /// Requests are read and never answered.
    Hang,
    /// Requests are carried out, and the reply stops for ever in the middle of the body.
    HangInBody,
    /// Requests are carried out, and the connection is closed instead of a reply.
    LostAnswer,
    /// Requests are carried out, and the connection is closed in the middle of the body.
    CutBody,
    /// Replies come this much later.
    Slow(Duration),
    /// The body comes one byte at a time, one each 250 ms.
    Drip,
    /// The body is a JSON document cut in the middle.
    Truncated,
    /// A page of HTML with status 200, as a login page or proxy sends it.
    Html,
    /// The right reply, with the content type of a page of HTML.
    Mislabelled,
    /// Bytes that are no text, with status 200 and a JSON content type.
    Garbage,
    /// A greeting that is no HTTP, as another service on the same port sends it.
    NotHttp,
    /// A JSON document of 20 MB.
    Oversized,
    /// This status with an empty body.
    Status(u16),
    /// Status 429, with `Retry-After` in seconds if given.
    RateLimited(Option<u32>),
    /// All credentials have expired, those for signing in included.
    Expired,
}

impl Fault {
    /// One of each kind after which a lookup has no answer, for suites that try them all.
    pub const FATAL: [Self; 21] = [
        Self::Refused,
        Self::Reset,
        Self::ResetInHead,
        Self::ResetInBody,
        Self::Hang,
        Self::HangInBody,
        Self::LostAnswer,
        Self::CutBody,
        Self::Drip,
        Self::Truncated,
        Self::Html,
        Self::Garbage,
        Self::NotHttp,
        Self::Oversized,
        Self::Status(500),
        Self::Status(502),
        Self::Status(503),
        Self::RateLimited(None),
        Self::RateLimited(Some(1)),
        Self::Status(403),
        Self::Expired,
    ];

    /// Whether connections are cut before any request is read.
    pub(crate) fn is_disconnected(self) -> bool {
        matches!(self, Self::Refused | Self::Reset)
    }

    /// Whether the reply breaks on the wire.
    pub(super) fn breaks_reply(self) -> bool {
        matches!(
            self,
            Self::ResetInHead
                | Self::ResetInBody
                | Self::HangInBody
                | Self::LostAnswer
                | Self::CutBody
                | Self::NotHttp
        )
    }
}
