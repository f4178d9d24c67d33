//! The part of the language that says what a reply means.

use schemars::JsonSchema;
use serde::Deserialize;

/// A rule that says what a reply means: the first rule that fits decides, and where none fits, the
/// status of the reply.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutcomeSettings {
    /// Statuses that the rule is about, for example `[404, "5xx"]`. Default: all.
    pub(crate) status: Option<Vec<Status>>,
    /// JSONPath of a value in the reply, for example `$.error.code`. Without `equals` and
    /// `pattern` the rule fits when the value is there: not `null`, `false`, blank or empty.
    pub(crate) path: Option<String>,
    /// Name of a header to look at, instead of `path`. For example `X-RateLimit-Remaining`.
    pub(crate) header: Option<String>,
    /// What the value has to be: a text, a number, `true` or `false`.
    pub(crate) equals: Option<Scalar>,
    /// A regular expression that the value has to match somewhere. For example `(?i)session`.
    pub(crate) pattern: Option<String>,
    /// What the reply means.
    pub(crate) means: Means,
    /// When the CRM wants to be asked again. Default: what the header `Retry-After` says.
    pub(crate) retry_after: Option<RetryAfterSettings>,
}

/// A status or a class of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Status {
    /// One status, 100 to 599.
    One(#[schemars(range(min = 100, max = 599))] u16),
    /// A class: `"2xx"`, `"3xx"`, `"4xx"` or `"5xx"`.
    Class(String),
}

/// A value to compare with.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Scalar {
    /// `true` or `false`.
    Flag(bool),
    /// A number.
    Number(serde_json::Number),
    /// A text.
    Text(String),
}

/// What a reply means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Means {
    /// The request did what it should, whatever the status says.
    Ok,
    /// The CRM answered: nothing was found.
    Nobody,
    /// The credential is not or no longer accepted: the gateway logs in anew, once.
    Unauthenticated,
    /// The credential lacks a right.
    PermissionDenied,
    /// There is no such path or record.
    NotFound,
    /// The CRM was asked too often.
    RateLimited,
    /// The CRM has a trouble that will pass.
    Unavailable,
    /// The CRM does not accept the request.
    InvalidRequest,
    /// The reply is not what the description promises.
    Protocol,
}

/// Where a reply says when to ask again.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetryAfterSettings {
    /// Name of the header, for example `X-RateLimit-Reset`.
    pub(crate) header: Option<String>,
    /// JSONPath in the reply, instead of `header`.
    pub(crate) path: Option<String>,
    /// What the value is. Default `secs`.
    #[serde(default)]
    pub(crate) unit: Unit,
}

/// How a time is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    /// Seconds from now.
    #[default]
    Secs,
    /// Milliseconds from now.
    Ms,
    /// A moment, in seconds since 1970.
    Unix,
    /// A moment, in milliseconds since 1970.
    UnixMs,
    /// A moment: RFC 3339, or the date of a header (RFC 9110 §5.6.7).
    Date,
}
