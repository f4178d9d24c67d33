//! A simulated SuiteCRM with both its interfaces, V8 and `v4_1` (`crm-apis.md` §3, §7).
//!
//! It compares stored texts as SQL `LIKE` does, returns texts with HTML entities, and answers
//! mistakes as the real server does: V8 with 400 and a sentence, `v4_1` with a fault and status
//! 200, or by falling over.
//!
//! | file | idea |
//! |---|---|
//! | `store` | the records, made from seed contacts; what was created |
//! | `access` | OAuth 2 clients, tokens and sessions |
//! | `reply` | bodies and their quirks |
//! | `v8` | the JSON:API |
//! | `v8_list` | its filters, pages and choice of fields |
//! | `v4_1` | the form protocol |
//! | `sql` | the small part of SQL that a `v4_1` query may hold |
//! | `write` | creating and changing calls, cases and people |

mod access;
mod reply;
mod sql;
mod store;
#[cfg(test)]
mod tests;
mod v4_1;
mod v8;
mod v8_list;
mod write;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use self::{
    access::Access,
    store::{Created, Store},
};
use crate::{
    contacts::SeedContact,
    upstream::{Request, Response, SimulatedCrm},
};

/// A simulated SuiteCRM instance.
#[derive(Debug)]
pub struct SuiteCrm {
    access: Mutex<Access>,
    store: Mutex<Store>,
    forbidden: Vec<String>,
}

impl SuiteCrm {
    /// The API user.
    pub const USERNAME: &'static str = "cti";
    /// The API user's password.
    pub const PASSWORD: &'static str = "sim-suite-passphrase";
    /// The OAuth 2 client whose grant type is client credentials.
    pub const CLIENT_ID: &'static str = "7c1d6a52-0c5e-4f0a-9a52-6f0d9f3f1c11";
    /// The OAuth 2 client whose grant type is password.
    pub const PASSWORD_CLIENT_ID: &'static str = "7c1d6a52-0c5e-4f0a-9a52-6f0d9f3f1c22";
    /// The secret of both clients.
    pub const CLIENT_SECRET: &'static str = "sim-suite-client-secret";

    /// An instance that knows these people, most of them as contacts and every sixth as a lead,
    /// and their companies as accounts with switchboard numbers of their own.
    pub fn new(contacts: &[SeedContact]) -> Self {
        Self {
            access: Mutex::default(),
            store: Mutex::new(Store::seeded(contacts)),
            forbidden: Vec::new(),
        }
    }

    /// The same instance, whose API user has no rights on `module`.
    #[must_use]
    pub fn without_access_to(mut self, module: &str) -> Self {
        self.forbidden.push(module.to_owned());
        self
    }

    /// The same instance, whose access tokens announce this lifetime. They expire by
    /// [`expire_tokens`](Self::expire_tokens) alone.
    #[must_use]
    pub fn with_token_lifetime(self, seconds: u64) -> Self {
        self.access().set_lifetime(seconds);
        self
    }

    /// The same instance, which refuses every refresh token, as some releases do.
    #[must_use]
    pub fn without_refresh(self) -> Self {
        self.access().refuse_refresh();
        self
    }

    /// Makes all access tokens and sessions expire; refresh tokens stay good.
    pub fn expire_tokens(&self) {
        self.access().expire();
    }

    /// Makes all access tokens and sessions expire, once, after this many further requests that
    /// carry one.
    pub fn expire_tokens_after(&self, requests: usize) {
        self.access().expire_after(requests);
    }

    /// How many access tokens and sessions were issued.
    pub fn tokens_issued(&self) -> usize {
        self.access().issued()
    }

    /// How many distinct objects were created through the interfaces, deleted ones included.
    pub fn created(&self) -> usize {
        self.store().created().len()
    }

    /// The objects that were created, in order, as they are now: their fields, `id`, and `module`.
    pub fn created_objects(&self) -> Vec<Value> {
        self.store().created().iter().map(Created::shown).collect()
    }

    /// Changes a field of the object `Calls/<id>`, as a user does in the browser.
    ///
    /// # Panics
    /// When there is no such object.
    pub fn edit(&self, object: &str, field: &str, value: &str) {
        let (module, id) = object.split_once('/').expect("a module and an id");
        let mut store = self.store();
        let object = store.created_as(module, id).expect("an object to change");
        object.fields.insert(field.to_owned(), value.into());
    }

    /// Deletes the object `Calls/<id>`, as a user does in the browser.
    ///
    /// # Panics
    /// When there is no such object.
    pub fn delete(&self, object: &str) {
        let (module, id) = object.split_once('/').expect("a module and an id");
        let mut store = self.store();
        let object = store.created_as(module, id).expect("an object to delete");
        object.is_deleted = true;
    }

    /// The links that were made, as `Calls/<id>/contacts/<id>`.
    pub fn links(&self) -> Vec<String> {
        self.store().links().to_vec()
    }

    fn may_use(&self, module: &str) -> bool {
        !self.forbidden.iter().any(|name| name == module)
    }

    fn access(&self) -> MutexGuard<'_, Access> {
        self.access.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SimulatedCrm for SuiteCrm {
    /// Both interfaces lie at the root, as in SuiteCRM 7, and below `/legacy`, as in SuiteCRM 8.
    fn respond(&self, request: &Request) -> Response {
        let segments = request.segments();
        let mut path: Vec<&str> = segments.iter().map(String::as_str).collect();
        if path.first() == Some(&"legacy") {
            path.remove(0);
        }
        match (request.method.as_str(), path.as_slice()) {
            ("POST", ["Api", "access_token"]) => self.access().token(request),
            (method, ["Api", "V8", path @ ..]) => v8::respond(self, method, path, request),
            ("POST", ["service", "v4_1", "rest.php"]) => v4_1::respond(self, request),
            _ => reply::page_not_found(),
        }
    }

    fn refuse(&self, request: &Request) -> Response {
        if request.path.ends_with("/rest.php") {
            v4_1::refuse(request)
        } else if request.path.ends_with("/access_token") {
            access::refuse_client()
        } else {
            access::denied()
        }
    }
}
