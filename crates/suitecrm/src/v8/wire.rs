//! What goes over the wire of V8 (`crm-apis.md` §3.1). Only types, no behaviour.
//!
//! They hold credentials and personal data, so they cannot be printed.

use serde::{Deserialize, Serialize};

use whocalls_http::first;

use crate::{lookup::MAX_CANDIDATES, texts::Texts};

/// The reply to a token request.
#[derive(Deserialize)]
pub(super) struct TokenReply {
    pub(super) access_token: String,
    pub(super) refresh_token: Option<String>,
    /// Seconds.
    pub(super) expires_in: Option<u64>,
}

/// The body of a refused token request.
#[derive(Default, Deserialize)]
pub(super) struct TokenError {
    #[serde(rename = "error")]
    pub(super) label: Option<String>,
    /// Releases have one of them or both, with the same text.
    pub(super) message: Option<String>,
    pub(super) error_description: Option<String>,
}

/// The body of every other refusal.
#[derive(Deserialize)]
pub(super) struct ErrorBody {
    pub(super) errors: Errors,
}

/// SuiteCRM sends one object; the standard has a list.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Errors {
    One(ErrorObject),
    Several(Vec<ErrorObject>),
}

#[derive(Deserialize)]
pub(super) struct ErrorObject {
    pub(super) detail: Option<String>,
}

/// A reply: one resource, or a list of them.
#[derive(Deserialize)]
pub(super) struct Document<T> {
    pub(super) data: T,
}

/// A record of any module.
#[derive(Deserialize)]
pub(super) struct Resource {
    pub(super) id: String,
    /// An empty object arrives as an empty array, as PHP has only one kind of both.
    #[serde(default)]
    pub(super) attributes: Texts,
}

/// Records of a module: no more than a request asks for.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Resources(
    #[serde(deserialize_with = "first::<_, _, MAX_CANDIDATES>")] pub(super) Vec<Resource>,
);

/// The reply to `GET /V8/current-user`.
#[derive(Deserialize)]
pub(super) struct CurrentUser {
    pub(super) attributes: UserAttributes,
}

#[derive(Deserialize)]
pub(super) struct UserAttributes {
    pub(super) user_name: String,
}

/// The body of `POST` and `PATCH /V8/module`.
#[derive(Serialize)]
pub(super) struct SaveRequest<'a, F> {
    pub(super) data: SavedResource<'a, F>,
}

#[derive(Serialize)]
pub(super) struct SavedResource<'a, F> {
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) id: &'a str,
    pub(super) attributes: &'a F,
}
