//! A reply of `v4_1`: an answer or a fault, both with status 200.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess},
};
use serde_json::Value;
use whocalls_core::AdapterError;
use whocalls_http::{Lenient, Reply, lenient};

use super::{error, wire::EntryListReply};
use crate::error::{from_status, json_apart};

/// A reply that is JSON.
pub(super) struct Answer<T> {
    reply: Reply,
    body: Result<T, Odd>,
}

/// What is not what the method promises.
#[derive(Default)]
enum Odd {
    Null,
    /// A fault, by its number.
    Fault(i64),
    #[default]
    Shape,
}

impl<T: DeserializeOwned + Send + 'static> Answer<T> {
    /// Reads a reply. No fault has what a method promises, so that one is looked for only where the
    /// promise is broken.
    ///
    /// # Errors
    /// Any other status than a success, a body that is no JSON, and `null`, which SuiteCRM sends
    /// instead of an error.
    pub(super) async fn read(reply: Reply) -> Result<Self, AdapterError> {
        if !reply.status.is_success() {
            return Err(from_status(&reply));
        }
        let body = match reply.json_apart().await {
            Ok(promised) => Ok(promised),
            Err(_) => match json_apart(&reply).await? {
                Odd::Null => return Err(error::from_null(&reply)),
                odd => Err(odd),
            },
        };
        Ok(Self { reply, body })
    }

    /// The number of the fault, when it is one.
    pub(super) fn fault(&self) -> Option<i64> {
        match self.body {
            Err(Odd::Fault(number)) => Some(number),
            _ => None,
        }
    }

    /// The answer.
    ///
    /// # Errors
    /// The fault; `Protocol`, or `OutcomeUnknown` after a write, when it has another shape.
    pub(super) fn into_value(self) -> Result<T, AdapterError> {
        self.body.map_err(|odd| match odd {
            Odd::Fault(number) => error::from_fault(&self.reply, number),
            Odd::Null | Odd::Shape => error::from_shape(&self.reply),
        })
    }
}

impl Answer<EntryListReply> {
    /// The answer to a question for records; none of them is an answer too.
    pub(super) fn into_list(self) -> Result<EntryListReply, AdapterError> {
        if self.fault() == Some(error::NO_RECORDS) {
            return Ok(EntryListReply::default());
        }
        self.into_value()
    }
}

impl Lenient for Odd {
    fn of_null() -> Self {
        Self::Null
    }

    /// A fault is an object with number, name and description.
    fn of_object<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let (mut number, mut has_name, mut has_description) = (None, false, false);
        while let Some(member) = map.next_key::<String>()? {
            match member.as_str() {
                "number" => {
                    number = error::fault_number(&map.next_value::<Value>()?);
                    continue;
                }
                "name" => has_name = true,
                "description" => has_description = true,
                _ => {}
            }
            map.next_value::<IgnoredAny>()?;
        }
        let number = number.filter(|_| has_name && has_description);
        Ok(number.map_or(Self::Shape, Self::Fault))
    }
}

impl<'de> Deserialize<'de> for Odd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}
