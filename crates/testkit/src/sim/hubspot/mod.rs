//! Simulates HubSpot's CRM interface, strictly enough that what works here works there
//! (`crm-apis.md` §1, checklist §1.10).
//!
//! | file | idea |
//! |---|---|
//! | `route` | both path layouts, numbered and dated |
//! | `access` | tokens, scopes, the token endpoint |
//! | `schema` | which properties there are, and what they take |
//! | `objects`, `phone` | seeded contacts, companies and leads with HubSpot's calculated properties |
//! | `write`, `written` | calls, tickets and contacts that are created and changed; the lag of the index |
//! | `search`, `filter` | the search endpoint, its limits and operators |
//! | `read` | reads by id or unique property, batch read, account info, properties, owners |
//! | `reply` | error bodies |
//!
//! Left out: deals, changes of seeded objects, daily limits, webhooks.

mod access;
mod filter;
mod objects;
mod phone;
mod read;
mod reply;
mod route;
mod schema;
mod search;
#[cfg(test)]
mod tests;
mod write;
mod written;

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
pub use written::Created;

use self::{
    access::Access,
    objects::Objects,
    route::{ObjectKind, Route},
    schema::Schema,
    search::Limiter,
    written::Written,
};
use crate::{
    contacts::SeedContact,
    upstream::{Request, Response, SimulatedCrm},
};

/// A HubSpot account with seeded contacts and their companies.
///
/// Contacts keep the seeds' ids; companies are [`HubSpot::company_id`]. One owner,
/// [`HubSpot::OWNER_EMAIL`]. It accepts [`HubSpot::TOKEN`] and access tokens from its own token
/// endpoint.
#[derive(Debug)]
pub struct HubSpot {
    objects: Objects,
    schema: Schema,
    has_urls: bool,
    limiter: Option<Limiter>,
    access: Mutex<Access>,
    written: Mutex<Written>,
}

impl HubSpot {
    /// The service key that is accepted.
    pub const TOKEN: &'static str = "pat-eu1-5e1f0000-simulated";
    /// The OAuth client that is known.
    pub const CLIENT_ID: &'static str = "c11e0000-simulated";
    /// Its secret.
    pub const CLIENT_SECRET: &'static str = "5ec2e700-simulated";
    /// The refresh token that is good.
    pub const REFRESH_TOKEN: &'static str = "eu1-2ef2e500-simulated";
    /// The account's number.
    pub const PORTAL_ID: u64 = 7_001_234;
    /// The host of the account's pages: one in the EU.
    pub const UI_DOMAIN: &'static str = "app-eu1.hubspot.com";
    /// The id of the only owner.
    pub const OWNER_ID: &'static str = "4711";
    /// The e-mail address of the only owner.
    pub const OWNER_EMAIL: &'static str = "anna@example.ch";

    /// An account with these contacts and their companies.
    pub fn new(contacts: &[SeedContact]) -> Self {
        Self {
            objects: Objects::seeded(contacts),
            schema: Schema::default(),
            has_urls: true,
            limiter: None,
            access: Mutex::default(),
            written: Mutex::default(),
        }
    }

    /// Leaves the optional `url` out of objects.
    #[must_use]
    pub fn without_urls(mut self) -> Self {
        self.has_urls = false;
        self
    }

    /// Adds a lead of these contacts, which must be among the seeds; the first is the primary one.
    #[must_use]
    pub fn with_lead(mut self, id: u32, name: &str, contacts: &[u32]) -> Self {
        self.objects.add_lead(id, name, contacts);
        self
    }

    /// Takes a scope away from all tokens.
    #[must_use]
    pub fn without_scope(self, scope: &str) -> Self {
        self.access().revoke_scope(scope);
        self
    }

    /// Removes a property from all objects of a kind, as in accounts that lack it;
    /// `associations.contact` of `leads`, too.
    #[must_use]
    pub fn without_property(mut self, kind: &str, property: &str) -> Self {
        self.schema.remove(kind, property);
        self
    }

    /// Adds a property for texts to all objects of a kind, which an administrator created.
    #[must_use]
    pub fn with_property(mut self, kind: &str, property: &str) -> Self {
        self.schema.add(kind, property, false);
        self
    }

    /// The same with a property whose values are unique.
    #[must_use]
    pub fn with_unique_property(mut self, kind: &str, property: &str) -> Self {
        self.schema.add(kind, property, true);
        self
    }

    /// Lets searches find what is written only after [`catch_up`](Self::catch_up).
    #[must_use]
    pub fn with_search_lag(self) -> Self {
        self.written().lag();
        self
    }

    /// Refuses searches beyond this many in one second. HubSpot allows 5.
    #[must_use]
    pub fn with_search_limit(mut self, per_second: usize) -> Self {
        self.limiter = Some(Limiter::new(per_second));
        self
    }

    /// The id of the company with this seed number.
    pub fn company_id(seed: u32) -> String {
        (9_000 + seed).to_string()
    }

    /// The switchboard of the company with this seed number, in digits with country code.
    pub fn company_number(seed: u32) -> String {
        format!("4131555{:04}", seed % 10_000)
    }

    /// Lets all access tokens from the token endpoint expire.
    pub fn expire_tokens(&self) {
        self.access().expire();
    }

    /// Refuses the service key, the refresh token and all access tokens from now on.
    pub fn revoke(&self) {
        self.access().revoke();
    }

    /// How many access tokens were issued.
    pub fn tokens_issued(&self) -> usize {
        self.access().issued()
    }

    /// What was created, in order and as it is now; deleted objects too.
    pub fn created(&self) -> Vec<Created> {
        self.written().created()
    }

    /// Lets searches find all that was written so far.
    pub fn catch_up(&self) {
        self.written().catch_up();
    }

    /// Deletes an object that was created, as somebody does by hand.
    ///
    /// # Panics
    /// When there is none.
    pub fn delete(&self, kind: &str, id: &str) {
        let kind = ObjectKind::of(kind).expect("a kind of object");
        assert!(self.written().delete(kind, id), "an object");
    }

    fn access(&self) -> MutexGuard<'_, Access> {
        self.access.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request: &Request) -> Result<Response, Response> {
        let route = Route::of(request).ok_or_else(reply::not_found)?;
        if let Route::Token { is_v1 } = route {
            return self.access().issue(request, is_v1);
        }
        self.access().check(request, route.scope())?;
        match route {
            Route::Search(kind) => {
                if let Some(limiter) = &self.limiter {
                    limiter.take()?;
                }
                search::answer(self, kind, request)
            }
            Route::BatchRead(kind) => read::batch(self, kind, request),
            Route::Create(kind) => write::create(self, kind, request),
            Route::Update(kind, id) => write::update(self, kind, &id, request),
            Route::Read(kind, id) => read::object(self, kind, &id, request),
            Route::Property(kind, name) => read::property(self, kind, &name),
            Route::AccountInfo => Ok(read::account()),
            Route::Owners => read::owners(request),
            Route::Token { .. } => Err(reply::not_found()),
        }
    }

    /// The page of an object, as in its optional field `url`.
    fn page(&self, kind: ObjectKind, id: &str) -> Option<String> {
        let host = Self::UI_DOMAIN;
        let portal = Self::PORTAL_ID;
        let type_id = kind.type_id();
        self.has_urls
            .then(|| format!("https://{host}/contacts/{portal}/record/{type_id}/{id}"))
    }

    /// Whether there is such an object.
    fn has(&self, kind: ObjectKind, id: &str) -> bool {
        self.objects.get(kind, id).is_some() || self.written().get(kind, id).is_some()
    }
}

impl SimulatedCrm for HubSpot {
    fn respond(&self, request: &Request) -> Response {
        self.answer(request).unwrap_or_else(|refusal| refusal)
    }

    fn refuse(&self, request: &Request) -> Response {
        match Route::of(request) {
            Some(Route::Token { is_v1 }) => access::bad_refresh_token(is_v1),
            _ => reply::expired(),
        }
    }
}

/// A JSON object with one more key.
fn with(mut object: Value, key: &str, value: Value) -> Value {
    if let Some(keys) = object.as_object_mut() {
        keys.insert(key.to_owned(), value);
    }
    object
}

/// The properties that a request names, if it names any.
fn requested_properties(body: &Value) -> Option<HashSet<String>> {
    let names = body.get("properties")?.as_array()?;
    let names: HashSet<_> = names
        .iter()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    (!names.is_empty()).then_some(names)
}
