//! What goes with each request: the credential itself, and what templates may use of it.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use minijinja::Value;
use tokio::time::Instant;
use url::Url;
use whocalls_core::Secret;
use whocalls_http::{
    BaseUrl, Confidential, RequestBuilder,
    header::{HeaderName, HeaderValue},
};

use crate::{account::Account, scope::Variables, shared::Shared};

/// A login that was refused as soon as it was new is not repeated for this long: the next one would
/// be refused as well, and CRMs limit logins (`crm-apis.md` §4.2, Zoho).
const PAUSE: Duration = Duration::from_mins(1);

/// What a request is put together with, beside what it is about: the address of the CRM, and what
/// logging in brought.
pub(crate) struct Access {
    base: BaseUrl,
    /// The same as a variable of templates.
    base_variable: Value,
    shared: Arc<Shared>,
    auth: Value,
}

impl Access {
    pub(crate) fn new(base: BaseUrl, shared: Arc<Shared>, auth: Value) -> Self {
        Self {
            // It is a URL already and must not be encoded.
            base_variable: Value::from_safe_string(base.as_str().to_owned()),
            base,
            shared,
            auth,
        }
    }

    /// The address of the CRM.
    pub(crate) fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// The variable `base_url`.
    pub(crate) fn base_variable(&self) -> &Value {
        &self.base_variable
    }

    /// What requests to any address share.
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The values of the account.
    pub(crate) fn account(&self) -> &Account {
        self.shared.account()
    }

    /// All variables of a request: its own, and those that every request has.
    pub(crate) fn complete(&self, variables: Variables) -> Value {
        variables
            .with("account", self.account().all().clone())
            .with("auth", self.auth.clone())
            .with("now", Timestamp::now().as_second().into())
            .into()
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

/// What carries a credential in a request. `Debug` does not show it.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    headers: Vec<(HeaderName, HeaderValue)>,
    query: Vec<(String, Secret)>,
}

impl Carried {
    /// Adds a header. Its value is marked as sensitive, which hides it in `Debug`.
    pub(crate) fn add_header(&mut self, name: HeaderName, mut value: HeaderValue) {
        value.set_sensitive(true);
        self.headers.push((name, value));
    }

    pub(crate) fn add_parameter(&mut self, name: &str, value: Secret) {
        self.query.push((name.to_owned(), value));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.headers.is_empty() && self.query.is_empty()
    }
}

impl Confidential for Pass {
    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.secrets.iter()
    }
}

/// A credential as it is sent, and what belongs to it.
#[derive(Debug)]
pub(crate) struct Pass {
    pub(crate) access: Arc<Access>,
    carried: Carried,
    /// What a trace must not show.
    secrets: Vec<Secret>,
    obtained_at: Instant,
    was_refused_when_new: AtomicBool,
}

impl Pass {
    /// A pass that carries this; `secrets` are what templates use of it.
    pub(crate) fn new(access: Access, carried: Carried, mut secrets: Vec<Secret>) -> Self {
        for (_, value) in &carried.headers {
            // In `Bearer …`, what is to be masked is the token.
            let text = value.to_str().unwrap_or_default();
            secrets.push(Secret::new(text.rsplit(' ').next().unwrap_or(text)));
        }
        secrets.extend(carried.query.iter().map(|(_, value)| value.clone()));
        Self {
            access: Arc::new(access),
            carried,
            secrets,
            obtained_at: Instant::now(),
            was_refused_when_new: AtomicBool::new(false),
        }
    }

    /// Adds what goes into the URL.
    pub(crate) fn add_to_url(&self, url: &mut Url) {
        for (name, value) in &self.carried.query {
            url.query_pairs_mut().append_pair(name, value.expose());
        }
    }

    /// Adds what goes into headers.
    pub(crate) fn add_to_headers(&self, mut request: RequestBuilder) -> RequestBuilder {
        for (name, value) in &self.carried.headers {
            request = request.header(name, value);
        }
        request
    }

    /// Whether it carries anything.
    pub(crate) fn carries_something(&self) -> bool {
        !self.carried.is_empty()
    }

    /// Notes that the CRM refused this pass although it had just been got.
    pub(crate) fn note_refusal_when_new(&self) {
        self.was_refused_when_new.store(true, Ordering::Relaxed);
    }

    /// Whether another login promises more than this one.
    pub(crate) fn is_worth_replacing(&self) -> bool {
        !self.was_refused_when_new.load(Ordering::Relaxed) || self.obtained_at.elapsed() >= PAUSE
    }
}
