//! What goes over the wire (`crm-apis.md` §2). Only types, no behaviour beyond reading values.
//!
//! They hold credentials and personal data, so they cannot be printed.

mod filter;
mod object;

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::{Map, Value, value::RawValue};

pub(crate) use self::{
    filter::{Condition, Filter, Test},
    object::{CallFields, CaseFields, Description, Link, New, Parent, People, PersonFields, Saved},
};

/// The body of `POST /oauth2/token`.
#[derive(Serialize)]
pub(crate) struct TokenRequest<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) client_secret: &'a str,
    pub(crate) platform: &'a str,
    #[serde(flatten)]
    pub(crate) grant: Grant<'a>,
}

/// What a token is asked for with.
#[derive(Serialize)]
#[serde(tag = "grant_type", rename_all = "snake_case")]
pub(crate) enum Grant<'a> {
    Password {
        username: &'a str,
        password: &'a str,
    },
    RefreshToken {
        refresh_token: &'a str,
    },
}

/// The reply to it.
#[derive(Deserialize)]
pub(crate) struct TokenReply {
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    /// Seconds.
    pub(crate) expires_in: Option<u64>,
}

/// The body of every refusal. OAuth refusals may carry the text under its OAuth name.
#[derive(Default, Deserialize)]
pub(crate) struct ErrorBody {
    #[serde(rename = "error")]
    pub(crate) label: Option<String>,
    #[serde(rename = "error_message", alias = "error_description")]
    pub(crate) message: Option<String>,
}

/// The body of `POST /globalsearch`.
#[derive(Serialize)]
pub(crate) struct SearchRequest {
    pub(crate) q: String,
    /// Module names, separated by commas.
    pub(crate) module_list: String,
    pub(crate) max_num: usize,
    pub(crate) offset: usize,
    pub(crate) highlights: bool,
}

/// The body of `POST /<module>/filter`.
#[derive(Serialize)]
pub(crate) struct FilterRequest<'a> {
    pub(crate) filter: Filter<'a>,
    /// Field names, separated by commas.
    pub(crate) fields: &'a str,
    pub(crate) max_num: usize,
    pub(crate) order_by: &'static str,
}

/// A list of records, from a search or a filter.
#[derive(Default, Deserialize)]
pub(crate) struct RecordList {
    pub(crate) records: Vec<Record>,
}

/// A record of any module.
pub(crate) struct Record {
    pub(crate) id: String,
    /// `_module`.
    pub(crate) module: Option<String>,
    pub(crate) fields: Map<String, Value>,
}

/// The body of `POST /bulk`.
#[derive(Serialize)]
pub(crate) struct BulkRequest {
    pub(crate) requests: Vec<BulkPart>,
}

/// One request of a bulk request.
#[derive(Serialize)]
pub(crate) struct BulkPart {
    pub(crate) url: String,
    pub(crate) method: &'static str,
    /// A JSON document as text: the form that all releases accept (`crm-apis.md` §2.5).
    pub(crate) data: String,
}

/// One reply of a bulk request.
#[derive(Deserialize)]
pub(crate) struct BulkReply {
    /// Read once the status is known.
    pub(crate) contents: Option<Box<RawValue>>,
    pub(crate) status: u16,
}

/// As with `#[serde(flatten)]`, in a third of the time: that reads every field twice.
impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Map::deserialize(deserializer)?;
        let mut text = |name| match fields.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(D::Error::custom(format_args!("{name} is no text"))),
        };
        Ok(Self {
            id: text("id")?.ok_or_else(|| D::Error::missing_field("id"))?,
            module: text("_module")?,
            fields,
        })
    }
}

impl Record {
    /// The text of a field. Sugar sends the empty string for a field without a value: that counts
    /// as absent.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        let text = self.fields.get(field)?.as_str()?.trim();
        (!text.is_empty()).then_some(text)
    }
}
