//! A reply of `v4_1`: an answer or a fault, both with status 200.

use serde::de::DeserializeOwned;
use serde_json::Value;
use whocalls_core::AdapterError;
use whocalls_http::Reply;

use super::{error, wire::EntryListReply};
use crate::error::{from_status, json};

/// A reply that is JSON.
pub(super) struct Answer {
    reply: Reply,
    body: Value,
}

impl Answer {
    /// Reads a reply.
    ///
    /// # Errors
    /// Any other status than a success, a body that is no JSON, and `null`, which SuiteCRM sends
    /// instead of an error.
    pub(super) fn read(reply: Reply) -> Result<Self, AdapterError> {
        if !reply.status.is_success() {
            return Err(from_status(&reply));
        }
        let body: Value = json(&reply)?;
        if body.is_null() {
            return Err(error::from_null(&reply));
        }
        Ok(Self { reply, body })
    }

    /// The number of the fault, when it is one.
    pub(super) fn fault(&self) -> Option<i64> {
        error::fault_number(&self.body)
    }

    /// The answer.
    ///
    /// # Errors
    /// The fault; `Protocol`, or `OutcomeUnknown` after a write, when it has another shape.
    pub(super) fn into_value<T: DeserializeOwned>(self) -> Result<T, AdapterError> {
        if let Some(number) = self.fault() {
            return Err(error::from_fault(&self.reply, number));
        }
        let read = serde_json::from_value(self.body);
        read.map_err(|_| error::from_shape(&self.reply))
    }

    /// The answer to a question for records; none of them is an answer too.
    pub(super) fn into_list(self) -> Result<EntryListReply, AdapterError> {
        if self.fault() == Some(error::NO_RECORDS) {
            return Ok(EntryListReply::default());
        }
        self.into_value()
    }
}
