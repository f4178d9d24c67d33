//! Every error that a client can get: code, HTTP status, title. RFC 9457.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use serde::Serialize;

/// A stable name for what went wrong; clients may rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the table in `entry` says what each means")]
pub enum Code {
    MalformedBody,
    MissingNumber,
    Unauthorized,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    BodyTooLarge,
    UnsupportedMediaType,
    UnknownWorkflow,
    UnknownAdapter,
    RateLimited,
    Internal,
    CrmsFailed,
    CrmsTimedOut,
    OutboxFailed,
    Overloaded,
}

impl Code {
    /// All codes, for documentation and tests.
    pub const ALL: [Self; 16] = [
        Self::MalformedBody,
        Self::MissingNumber,
        Self::Unauthorized,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::UnknownWorkflow,
        Self::UnknownAdapter,
        Self::RateLimited,
        Self::Internal,
        Self::CrmsFailed,
        Self::CrmsTimedOut,
        Self::OutboxFailed,
        Self::Overloaded,
    ];

    /// The code, the status and the title.
    const fn entry(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::MalformedBody => ("malformed_body", 400, "The request body is malformed"),
            Self::MissingNumber => ("missing_number", 400, "No phone number in the request"),
            Self::Unauthorized => ("unauthorized", 401, "The token is missing or wrong"),
            Self::NotFound => ("not_found", 404, "There is nothing at this path"),
            Self::MethodNotAllowed => ("method_not_allowed", 405, "The method is not allowed here"),
            Self::RequestTimeout => ("request_timeout", 408, "The request body came too slowly"),
            Self::BodyTooLarge => ("body_too_large", 413, "The request body is too large"),
            Self::UnsupportedMediaType => (
                "unsupported_media_type",
                415,
                "The request body is not JSON",
            ),
            Self::UnknownWorkflow => ("unknown_workflow", 422, "There is no such workflow"),
            Self::UnknownAdapter => (
                "unknown_adapter",
                422,
                "The contact belongs to no known CRM",
            ),
            Self::RateLimited => ("rate_limited", 429, "Too many requests with this token"),
            Self::Internal => ("internal", 500, "The gateway failed"),
            Self::CrmsFailed => ("crms_failed", 502, "No CRM could be asked"),
            Self::CrmsTimedOut => ("crms_timed_out", 504, "No CRM answered in time"),
            Self::OutboxFailed => ("outbox_failed", 503, "The workflow could not be stored"),
            Self::Overloaded => ("overloaded", 503, "Too many requests are under way"),
        }
    }

    /// The code as text.
    pub const fn as_str(self) -> &'static str {
        self.entry().0
    }

    /// What went wrong, in a few words.
    pub const fn title(self) -> &'static str {
        self.entry().2
    }

    /// Whether the connection is closed after the reply, because no token was shown: only the head
    /// of the first request on a connection has to come in time (actix-http), so that such clients
    /// could hold connections for ever.
    const fn ends_connection(self) -> bool {
        matches!(
            self,
            Self::Unauthorized | Self::NotFound | Self::MethodNotAllowed
        )
    }

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.entry().1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// An error reply in the making.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What went wrong.
    pub code: Code,
    /// One sentence on this very case; no upstream body, URL, credential or number.
    pub detail: String,
    /// When to try again.
    pub retry_after: Option<Duration>,
    /// The methods that are allowed, for 405.
    pub allow: Option<&'static str>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
}

impl Problem {
    /// A problem with a sentence on this case; empty when the title says it all.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            retry_after: None,
            allow: None,
        }
    }

    /// The reply as `application/problem+json`.
    pub fn to_response(&self) -> HttpResponse {
        let (code, status, title) = self.code.entry();
        let mut reply = HttpResponse::build(self.code.status());
        reply.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        if self.code.ends_connection() {
            reply.force_close();
        }
        if self.code == Code::Unauthorized {
            // RFC 9110 §11.6.1 asks for a challenge; the scheme is our own.
            reply.insert_header((header::WWW_AUTHENTICATE, "Token"));
        }
        if let Some(wait) = self.retry_after {
            // Rounded up: a client that comes a moment too early is refused again.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            reply.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Some(methods) = self.allow {
            reply.insert_header((header::ALLOW, methods));
        }
        reply.json(Body {
            r#type: format!("urn:whocalls:problem:{code}"),
            title,
            status,
            code,
            detail: &self.detail,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_and_statuses_are_stable() {
        let table: Vec<String> = Code::ALL
            .iter()
            .map(|code| format!("{} {}", code.status().as_u16(), code.as_str()))
            .collect();
        insta::assert_snapshot!(table.join("\n"), @r#"
        400 malformed_body
        400 missing_number
        401 unauthorized
        404 not_found
        405 method_not_allowed
        408 request_timeout
        413 body_too_large
        415 unsupported_media_type
        422 unknown_workflow
        422 unknown_adapter
        429 rate_limited
        500 internal
        502 crms_failed
        504 crms_timed_out
        503 outbox_failed
        503 overloaded
        "#);
    }

    #[test]
    fn a_wait_is_rounded_up_to_seconds() {
        let mut problem = Problem::new(Code::OutboxFailed, "");
        problem.retry_after = Some(Duration::from_millis(1200));
        let reply = problem.to_response();
        assert_eq!(reply.headers().get("retry-after").unwrap(), "2");
    }
}
