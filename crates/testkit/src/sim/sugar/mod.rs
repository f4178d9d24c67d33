//! A simulated SugarCRM, REST v10 and v11 (`crm-apis.md` §2).
//!
//! It keeps one session for each user and platform, compares stored texts as SQL `LIKE` does, and
//! answers mistakes with Sugar's statuses and labels.
//!
//! | file | idea |
//! |---|---|
//! | `session` | logins, token rotation, kick-out |
//! | `store` | the records, made from seed contacts |
//! | `filter` | the filter language |
//! | `listing` | paging, sorting, choice of fields |
//! | `search` | global search by digit n-grams and words |
//! | `bulk` | several requests in one |
//! | `write` | creating, changing and linking |
//! | `failure` | statuses, labels and bodies of refusals |

mod bulk;
mod failure;
mod filter;
mod listing;
mod search;
mod session;
mod store;
#[cfg(test)]
mod tests;
mod write;

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use self::{failure::Failure, search::SearchMode, session::Sessions, store::Store};
use crate::{
    contacts::SeedContact,
    upstream::{Request, Response, SimulatedCrm},
};

/// The newest `v11_NN` that the simulated release serves.
const NEWEST_V11_MINOR: u32 = 26;

/// A simulated Sugar instance.
#[derive(Debug)]
pub struct Sugar {
    sessions: Mutex<Sessions>,
    store: Mutex<Store>,
    search: SearchMode,
    forbidden: Vec<String>,
}

impl Sugar {
    /// The API user.
    pub const USERNAME: &'static str = "cti";
    /// The API user's password.
    pub const PASSWORD: &'static str = "sim-sugar-passphrase";
    /// The platform that an administrator has registered, besides Sugar's own.
    pub const PLATFORM: &'static str = "whocalls";

    /// An instance that knows these people, most of them as contacts and every sixth as a lead,
    /// and their companies as accounts with switchboard numbers of their own.
    pub fn new(contacts: &[SeedContact]) -> Self {
        Self {
            sessions: Mutex::default(),
            store: Mutex::new(Store::seeded(contacts)),
            search: SearchMode::Full,
            forbidden: Vec::new(),
        }
    }

    /// The same instance without Elasticsearch: global search answers 503.
    #[must_use]
    pub fn without_search(self) -> Self {
        self.with_search(SearchMode::Off)
    }

    /// The same instance whose global search returns only what is in the index: no account of a
    /// person.
    #[must_use]
    pub fn with_sparse_search(self) -> Self {
        self.with_search(SearchMode::IndexedFieldsOnly)
    }

    /// The same instance, whose API user has no rights on `module`.
    #[must_use]
    pub fn without_access_to(mut self, module: &str) -> Self {
        self.forbidden.push(module.to_owned());
        self
    }

    /// The same instance, which gives created objects ids of its own, whatever a request says.
    #[must_use]
    pub fn ignoring_ids(self) -> Self {
        self.store().ignores_ids = true;
        self
    }

    /// The same instance, whose access tokens announce this lifetime. They expire by
    /// [`expire_tokens`](Self::expire_tokens) alone.
    #[must_use]
    pub fn with_token_lifetime(self, seconds: u64) -> Self {
        self.sessions().set_lifetime(seconds);
        self
    }

    /// Makes all access tokens expire; refresh tokens stay good.
    pub fn expire_tokens(&self) {
        self.sessions().expire_access_tokens();
    }

    /// Logs in once more as the API user on the same platform, which ends the sessions before.
    pub fn log_in_elsewhere(&self) {
        self.sessions().open(Self::USERNAME, Self::PLATFORM);
    }

    /// How many access tokens were issued.
    pub fn tokens_issued(&self) -> usize {
        self.sessions().issued()
    }

    /// How many distinct objects were created through the interface, deleted ones included.
    pub fn created(&self) -> usize {
        self.store().created().count()
    }

    /// The objects that were created, in order, as Sugar would show them now.
    pub fn created_objects(&self) -> Vec<Value> {
        let store = self.store();
        let created = store.created();
        created
            .map(|record| listing::render(record.module, &record.fields, None))
            .collect()
    }

    /// Changes a field of the object `Calls/<id>`, as a user does in the browser.
    ///
    /// # Panics
    /// When there is no such object.
    pub fn edit(&self, object: &str, field: &str, value: &str) {
        let (module, id) = object.split_once('/').expect("a module and an id");
        let mut store = self.store();
        let fields = store.find_mut(module, id).expect("an object to change");
        fields.insert(field.to_owned(), json!(value));
    }

    /// Deletes the object `Calls/<id>`, as a user does in the browser.
    ///
    /// # Panics
    /// When there is no such object.
    pub fn delete(&self, object: &str) {
        let (module, id) = object.split_once('/').expect("a module and an id");
        assert!(self.store().delete(module, id), "an object to delete");
    }

    /// The links that were made, as `Calls/<id>/contacts/<id>`.
    pub fn links(&self) -> Vec<String> {
        self.store().links().to_vec()
    }

    fn with_search(mut self, mode: SearchMode) -> Self {
        self.search = mode;
        self
    }

    fn route(&self, request: &Request) -> Result<Value, Failure> {
        let segments = request.segments();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let ["rest", version, path @ ..] = segments.as_slice() else {
            return Err(Failure::no_method());
        };
        check_version(version)?;
        if matches!(
            (request.method.as_str(), path),
            ("POST", ["oauth2", "token"])
        ) {
            return self.sessions().token(&body_of(request));
        }
        self.sessions().authenticate(request)?;
        if matches!((request.method.as_str(), path), ("POST", ["bulk"])) {
            return bulk::run(self, &body_of(request));
        }
        self.call(request, path)
    }

    /// A call of an authenticated user, by itself or inside a bulk request.
    fn call(&self, request: &Request, path: &[&str]) -> Result<Value, Failure> {
        let body = || body_of(request);
        match (request.method.as_str(), path) {
            ("GET", ["ping"]) => Ok(json!("pong")),
            ("GET" | "POST", ["globalsearch"]) => self.global_search(&arguments_of(request)),
            ("POST", [module, "filter"]) => {
                self.check_access(module)?;
                listing::filter(&self.store(), module, &body())
            }
            ("GET", [module, id]) => {
                self.check_access(module)?;
                listing::read(&self.store(), module, id, &arguments_of(request))
            }
            ("POST", [module]) => {
                self.check_access(module)?;
                write::create(&mut self.store(), module, &body())
            }
            ("PUT", [module, id]) => {
                self.check_access(module)?;
                write::update(&mut self.store(), module, id, &body())
            }
            ("POST", [module, id, "link"]) => {
                write::link_many(&mut self.store(), module, id, &body())
            }
            ("POST", [module, id, "link", link, other]) => {
                write::link_one(&mut self.store(), module, id, link, other)
            }
            _ => Err(Failure::no_method()),
        }
    }

    fn global_search(&self, arguments: &Value) -> Result<Value, Failure> {
        let may_read = |module: &str| !self.forbidden.iter().any(|name| name == module);
        search::run(&self.store(), self.search, arguments, may_read)
    }

    fn check_access(&self, module: &str) -> Result<(), Failure> {
        if self.forbidden.iter().any(|name| name == module) {
            return Err(Failure::not_authorized());
        }
        Ok(())
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SimulatedCrm for Sugar {
    fn respond(&self, request: &Request) -> Response {
        match self.route(request) {
            Ok(value) => Response::json(200, &value),
            Err(failure) => failure.response(),
        }
    }

    fn refuse(&self, request: &Request) -> Response {
        let failure = if request.path.ends_with("/oauth2/token") {
            Failure::need_login("You must specify a valid username and password.")
        } else {
            Failure::invalid_access_token()
        };
        failure.response()
    }
}

/// `v10`, `v11` and `v11_1` to the newest are served; Sugar answers others with 301.
fn check_version(segment: &str) -> Result<(), Failure> {
    let minor = segment
        .strip_prefix("v11_")
        .and_then(|text| text.parse::<u32>().ok());
    let is_known = matches!(segment, "v10" | "v11")
        || minor.is_some_and(|minor| (1..=NEWEST_V11_MINOR).contains(&minor));
    if is_known {
        Ok(())
    } else {
        Err(Failure::incorrect_version())
    }
}

/// The JSON body; an empty object when there is none.
fn body_of(request: &Request) -> Value {
    request.json().unwrap_or_else(|| json!({}))
}

/// The arguments of a call: the body's, overruled by those of the query string.
fn arguments_of(request: &Request) -> Value {
    let mut arguments = match body_of(request) {
        Value::Object(arguments) => arguments,
        _ => serde_json::Map::new(),
    };
    for (name, value) in request.query_pairs() {
        arguments.insert(name, Value::String(value));
    }
    Value::Object(arguments)
}
