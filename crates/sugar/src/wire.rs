//! What goes over the wire (`crm-apis.md` §2). Only types, no behaviour beyond reading values.
//!
//! They hold credentials and personal data, so they cannot be printed.

mod filter;
mod object;
mod record;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use whocalls_http::first;

pub(crate) use self::{
    filter::{Condition, Filter, Test},
    object::{CallFields, CaseFields, Description, Link, New, Parent, People, PersonFields, Saved},
    record::{Field, Record, RecordList},
};
use crate::module::Module;

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
pub(crate) struct SearchRequest<'a> {
    pub(crate) q: String,
    /// Module names, separated by commas.
    pub(crate) module_list: &'a str,
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

/// The replies of a bulk request, one for each part. Of more than there can be parts, the first are
/// read: enough to see that they are too many.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct BulkReplies(
    #[serde(deserialize_with = "first::<_, _, { Module::ALL.len() + 1 }>")]
    pub(crate)  Vec<BulkReply>,
);

/// One reply of a bulk request.
#[derive(Deserialize)]
pub(crate) struct BulkReply {
    /// Read once the status is known.
    pub(crate) contents: Option<Box<RawValue>>,
    pub(crate) status: u16,
}
