//! A reply of the CRM, read completely.

use std::time::SystemTime;

use bytes::Bytes;
use reqwest::{StatusCode, header::HeaderMap};
use serde::de::DeserializeOwned;
use whocalls_core::{AdapterError, AdapterId, ErrorKind, Operation};

use crate::{apart, failure, retry_after};

/// Reading so much, in bytes, takes less than a millisecond.
const MAX_READ_HERE: usize = 64 * 1024;

/// A status, headers and a body of at most
/// [`max_reply_bytes`](crate::HttpSettings::max_reply_bytes).
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body. Holds personal data: not for logs, not for errors.
    pub body: Bytes,
    pub(crate) adapter: AdapterId,
    pub(crate) operation: Operation,
    pub(crate) is_write: bool,
}

impl Reply {
    /// The body as JSON.
    ///
    /// # Errors
    /// `Protocol` when it is something else, `OutcomeUnknown` after a write. The error says where
    /// reading failed, not what the body contains.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, AdapterError> {
        let read = match std::str::from_utf8(&self.body) {
            // Checked at once: a slice is checked text by text, which takes much longer.
            Ok(text) => serde_json::from_str(text),
            // For the place of what is wrong.
            Err(_) => serde_json::from_slice(&self.body),
        };
        read.map_err(|error| {
            let message = format!(
                "the CRM's reply is not the JSON that its interface promises (status {}, {} at \
                 line {} column {}); check that base_url points to the API",
                self.status.as_u16(),
                match error.classify() {
                    serde_json::error::Category::Eof => "it ends too early",
                    serde_json::error::Category::Data => "it has another shape",
                    _ => "syntax error",
                },
                error.line(),
                error.column(),
            );
            self.error(self.unreadable(), message)
        })
    }

    /// The body as JSON, like [`json`](Self::json), for replies to lookups: a large one is read on a
    /// thread for blocking work, so that no other request waits until it is read.
    ///
    /// # Errors
    /// As [`json`](Self::json).
    ///
    /// # Cancellation
    /// A large body is read to its end on the other thread; nobody gets the result.
    pub async fn json_apart<T>(&self) -> Result<T, AdapterError>
    where
        T: DeserializeOwned + Send + 'static,
    {
        if self.body.len() <= MAX_READ_HERE {
            return self.json();
        }
        let reply = self.clone();
        apart(true, move || reply.json()).await
    }

    /// The kind of a reply that cannot be understood. A write that it answers may have been
    /// carried out.
    pub fn unreadable(&self) -> ErrorKind {
        if self.is_write {
            ErrorKind::OutcomeUnknown
        } else {
            ErrorKind::Protocol
        }
    }

    /// A reply that travelled inside this one, as in a batch: a status and a body of its own, no
    /// headers.
    #[must_use]
    pub fn part(&self, status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: body.into(),
            ..self.clone()
        }
    }

    /// The reply when its status is a success.
    ///
    /// # Errors
    /// [`failure`](Self::failure) for any other status.
    pub fn success(self) -> Result<Self, AdapterError> {
        if self.status.is_success() {
            Ok(self)
        } else {
            Err(self.failure())
        }
    }

    /// The failure that the status alone stands for, with the `Retry-After` of the reply.
    ///
    /// Adapters that know more (from the body) use [`error`](Self::error) with their own kind.
    pub fn failure(&self) -> AdapterError {
        let (kind, message) = failure::of_status(self.status, self.is_write);
        self.error(kind, message)
    }

    /// A failure of a kind that the adapter chose, with status and `Retry-After` of the reply.
    pub fn error(&self, kind: ErrorKind, message: impl Into<String>) -> AdapterError {
        AdapterError::new(kind, &self.adapter, self.operation, message)
            .with_status(self.status.as_u16())
            .with_retry_after(retry_after(&self.headers, SystemTime::now()))
    }
}
