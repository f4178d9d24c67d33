//! The HTTP client that adapters share.
//!
//! It gives every request what is left of the call's deadline, reads reply bodies up to a cap,
//! follows no redirect, turns transport failures and statuses into [`AdapterError`]s without URLs,
//! bodies or credentials, and refreshes credentials once for all waiting calls. Calls that are
//! traced have their exchanges written down, without credentials. Beside it: the check of signatures
//! on what a CRM sends.
//!
//! [`AdapterError`]: whocalls_core::AdapterError

mod apart;
mod base_url;
mod client;
mod credential;
mod entities;
mod failure;
mod first;
mod lenient;
mod once;
mod pools;
mod reply;
mod retry_after;
mod settings;
mod signature;
mod tls;
mod trace;

pub use apart::apart;
pub use base_url::BaseUrl;
pub use client::HttpClient;
pub use credential::{Confidential, Credential, CredentialCell, usable_for};
pub use entities::decode_entities;
pub use first::first;
pub use lenient::{Lenient, lenient};
pub use reply::Reply;
pub use reqwest::{Method, RequestBuilder, StatusCode, header};
pub use retry_after::retry_after;
pub use settings::HttpSettings;
pub use signature::{Hash, is_same_secret, is_signed_by, is_tag_of};
