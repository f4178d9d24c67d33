//! The requests to HubSpot, one method each: signs in, sends, and turns refusals into errors.

use std::{borrow::Cow, sync::Arc, time::Duration};

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use url::Url;
use whocalls_core::{AdapterError, AdapterId, CallContext, ErrorKind, Operation};
use whocalls_http::{BaseUrl, Credential, HttpClient, Method, Reply, RequestBuilder, StatusCode};

use crate::{
    api::{ApiVersion, Endpoint, ObjectType},
    auth::{AccessToken, Auth, Bearer, Grant},
    error,
    limits::Limits,
    wire::{
        AccountInfo, BatchInput, BatchRead, NewObject, Object, OwnersReply, Page, Properties,
        PropertyInfo, SearchRequest, TokenRequest, Update,
    },
};

/// Owners that one page lists; an e-mail address has one.
const OWNERS_LIMIT: &str = "1";

/// One HubSpot account.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) adapter: AdapterId,
    pub(crate) http: HttpClient,
    pub(crate) base: BaseUrl,
    pub(crate) version: ApiVersion,
    pub(crate) lookups: LookupUrls,
    pub(crate) auth: Auth,
    pub(crate) limits: Limits,
}

/// The addresses of the requests that lookups are made of, put together once.
#[derive(Debug)]
pub(crate) struct LookupUrls {
    contacts: Url,
    companies: Url,
    company_names: Url,
}

impl LookupUrls {
    pub(crate) fn new(base: &BaseUrl, version: &ApiVersion) -> Self {
        let url = |endpoint| base.join(version.path(endpoint));
        Self {
            contacts: url(Endpoint::Search(ObjectType::Contacts)),
            companies: url(Endpoint::Search(ObjectType::Companies)),
            company_names: url(Endpoint::BatchRead(ObjectType::Companies)),
        }
    }
}

/// What came of a search.
#[derive(Debug)]
pub(crate) enum Searched {
    /// The first page of results.
    Found(Vec<Object>),
    /// The account lacks these properties, on which the search filters.
    UnknownProperties(Vec<&'static str>),
}

/// What a request does, as far as sending it is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Reads, and counts against the limit of searches.
    Searches,
    Reads,
    /// Changes an object: may be repeated like a read, which comes to the same.
    Updates,
    Creates,
}

impl Client {
    /// Searches objects, as soon as the limit of searches allows it.
    pub(crate) async fn search(
        &self,
        cx: &CallContext,
        operation: Operation,
        kind: ObjectType,
        search: &SearchRequest<'_>,
    ) -> Result<Searched, AdapterError> {
        let endpoint = Endpoint::Search(kind);
        let url = self.url(endpoint);
        let request = || self.post(operation, &url, search);
        let reply = self.call(cx, operation, Effect::Searches, request).await?;
        if !reply.status.is_success() {
            let filters = search.filter_groups.iter().flat_map(|group| &group.filters);
            let filtered: Vec<_> = filters.map(|filter| filter.property_name).collect();
            let unknown = error::unknown_properties(&reply, &filtered);
            if !unknown.is_empty() {
                return Ok(Searched::UnknownProperties(unknown));
            }
        }
        let accepted = self.accept(endpoint, reply);
        let accepted = accepted.inspect_err(|error| self.limits.heed(error))?;
        let found: Page = accepted.json_apart().await?;
        Ok(Searched::Found(found.results))
    }

    /// Reads the names of companies. Those that do not exist are missing in the result (status
    /// 207).
    pub(crate) async fn companies(
        &self,
        cx: &CallContext,
        ids: &[&str],
    ) -> Result<Vec<Object>, AdapterError> {
        let operation = Operation::Lookup;
        let endpoint = Endpoint::BatchRead(ObjectType::Companies);
        let url = self.url(endpoint);
        let wanted = BatchRead {
            inputs: ids.iter().map(|id| BatchInput { id }).collect(),
            properties: ["name"],
        };
        let request = || self.post(operation, &url, &wanted);
        let reply = self.call(cx, operation, Effect::Reads, request).await?;
        let found: Page = self.accept(endpoint, reply)?.json_apart().await?;
        Ok(found.results)
    }

    /// Reads which account the token belongs to.
    pub(crate) async fn account(
        &self,
        cx: &CallContext,
        operation: Operation,
    ) -> Result<AccountInfo, AdapterError> {
        let endpoint = Endpoint::AccountInfo;
        let url = self.url(endpoint);
        let request = || self.http.request(operation, Method::GET, Url::clone(&url));
        let reply = self.call(cx, operation, Effect::Reads, request).await?;
        let account: AccountInfo = self.accept(endpoint, reply)?.json()?;
        if let Some(name) = &account.time_zone {
            self.limits.learn_time_zone(name);
        }
        Ok(account)
    }

    /// The owner id of the user with this e-mail address.
    pub(crate) async fn owner(
        &self,
        cx: &CallContext,
        email: &str,
    ) -> Result<Option<String>, AdapterError> {
        let operation = Operation::Workflow;
        let endpoint = Endpoint::Owners;
        let mut url = self.url(endpoint).into_owned();
        url.query_pairs_mut()
            .append_pair("email", email)
            .append_pair("limit", OWNERS_LIMIT);
        let request = || self.http.request(operation, Method::GET, Url::clone(&url));
        let reply = self.call(cx, operation, Effect::Reads, request).await?;
        let found: OwnersReply = self.accept(endpoint, reply)?.json()?;
        Ok(found.results.into_iter().next().map(|owner| owner.id))
    }

    /// Creates an object. Never sent twice: creating is not idempotent (`crm-apis.md` §1.5).
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        kind: ObjectType,
        object: &NewObject<'_>,
    ) -> Result<Object, AdapterError> {
        let reply = self.send_new(cx, kind, object).await?;
        self.accept(Endpoint::Create(kind), reply)?.json()
    }

    /// Creates a contact. Where HubSpot says which one it is already, that one counts
    /// (`crm-apis.md` §1.8).
    pub(crate) async fn create_contact(
        &self,
        cx: &CallContext,
        contact: &NewObject<'_>,
    ) -> Result<Object, AdapterError> {
        let kind = ObjectType::Contacts;
        let reply = self.send_new(cx, kind, contact).await?;
        match error::existing_contact(&reply) {
            Some(id) => Ok(Object::with_id(id)),
            None => self.accept(Endpoint::Create(kind), reply)?.json(),
        }
    }

    /// Changes properties of an object. `None` when there is no such object.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        kind: ObjectType,
        id: &str,
        properties: &Properties<'_>,
    ) -> Result<Option<Object>, AdapterError> {
        let operation = Operation::Workflow;
        let endpoint = Endpoint::Update(kind, id);
        let url = self.url(endpoint);
        let update = Update { properties };
        let request = || {
            let request = self
                .http
                .request(operation, Method::PATCH, Url::clone(&url))?;
            Ok(request.json(&update))
        };
        let reply = self.call(cx, operation, Effect::Updates, request).await?;
        self.accept_existing(endpoint, reply)
    }

    /// The object whose property, which has unique values, has this text.
    pub(crate) async fn owner_of(
        &self,
        cx: &CallContext,
        kind: ObjectType,
        property: &str,
        text: &str,
    ) -> Result<Option<Object>, AdapterError> {
        let operation = Operation::Workflow;
        let endpoint = Endpoint::Read(kind, text);
        let mut url = self.url(endpoint).into_owned();
        url.query_pairs_mut().append_pair("idProperty", property);
        let request = || self.http.request(operation, Method::GET, Url::clone(&url));
        let reply = self.call(cx, operation, Effect::Reads, request).await?;
        self.accept_existing(endpoint, reply)
    }

    /// What kind of property it is. `None` when the account lacks it.
    pub(crate) async fn property(
        &self,
        cx: &CallContext,
        kind: ObjectType,
        name: &str,
    ) -> Result<Option<PropertyInfo>, AdapterError> {
        let operation = Operation::Probe;
        let endpoint = Endpoint::Property(kind, name);
        let url = self.url(endpoint);
        let request = || self.http.request(operation, Method::GET, Url::clone(&url));
        let reply = self.call(cx, operation, Effect::Reads, request).await?;
        self.accept_existing(endpoint, reply)
    }

    async fn send_new(
        &self,
        cx: &CallContext,
        kind: ObjectType,
        object: &NewObject<'_>,
    ) -> Result<Reply, AdapterError> {
        let operation = Operation::Workflow;
        let url = self.url(Endpoint::Create(kind));
        let request = || self.post(operation, &url, object);
        self.call(cx, operation, Effect::Creates, request).await
    }

    /// Sends a request; once more with a new token when HubSpot refuses the old one, which means
    /// that it did nothing.
    async fn call(
        &self,
        cx: &CallContext,
        operation: Operation,
        effect: Effect,
        request: impl Fn() -> Result<RequestBuilder, AdapterError> + Send + Sync,
    ) -> Result<Reply, AdapterError> {
        let bearer = self.bearer(cx).await?;
        let first = request()?.bearer_auth(bearer.expose());
        let reply = self.send(cx, operation, effect, first).await?;
        if reply.status != StatusCode::UNAUTHORIZED || !self.auth.reject(&bearer) {
            return Ok(reply);
        }
        let bearer = self.bearer(cx).await?;
        let second = request()?.bearer_auth(bearer.expose());
        self.send(cx, operation, effect, second).await
    }

    async fn send(
        &self,
        cx: &CallContext,
        operation: Operation,
        effect: Effect,
        request: RequestBuilder,
    ) -> Result<Reply, AdapterError> {
        if effect == Effect::Searches {
            let limits = &self.limits;
            limits.search_place(cx, &self.adapter, operation).await?;
        }
        match effect {
            Effect::Searches | Effect::Reads | Effect::Updates => {
                self.http.send(cx, operation, request).await
            }
            Effect::Creates => self.http.send_write(cx, operation, request).await,
        }
    }

    async fn bearer(&self, cx: &CallContext) -> Result<Bearer<'_>, AdapterError> {
        match &self.auth {
            Auth::Token(token) => Ok(Bearer::Fixed(token)),
            Auth::OAuth { grant, cell } => {
                let renew = |previous| self.renew(cx, grant, previous);
                let credential = cell.get(cx, &self.adapter, renew).await?;
                Ok(Bearer::Renewable(credential))
            }
        }
    }

    /// Gets an access token. A refresh token that came with the previous one replaces the
    /// configured one.
    async fn renew(
        &self,
        cx: &CallContext,
        grant: &Grant,
        previous: Option<Arc<Credential<AccessToken>>>,
    ) -> Result<(AccessToken, Option<Duration>), AdapterError> {
        let operation = Operation::Authenticate;
        let rotated = previous
            .as_ref()
            .and_then(|previous| previous.value.refresh_token.as_ref());
        let form = TokenRequest {
            grant_type: "refresh_token",
            client_id: &grant.client_id,
            client_secret: grant.client_secret.expose(),
            refresh_token: rotated.unwrap_or(&grant.refresh_token).expose(),
        };
        let endpoint = Endpoint::Token;
        let url = self.url(endpoint);
        let request = self
            .http
            .request(operation, Method::POST, url.into_owned())?;
        let request = request.form(&form);
        let reply = self.http.send(cx, operation, request).await?;
        Ok(AccessToken::of_reply(self.accept(endpoint, reply)?.json()?))
    }

    fn post(
        &self,
        operation: Operation,
        url: &Url,
        body: &impl Serialize,
    ) -> Result<RequestBuilder, AdapterError> {
        let request = self.http.request(operation, Method::POST, url.clone())?;
        Ok(request.json(body))
    }

    fn url(&self, endpoint: Endpoint<'_>) -> Cow<'_, Url> {
        let known = match endpoint {
            Endpoint::Search(ObjectType::Contacts) => &self.lookups.contacts,
            Endpoint::Search(ObjectType::Companies) => &self.lookups.companies,
            Endpoint::BatchRead(ObjectType::Companies) => &self.lookups.company_names,
            _ => return Cow::Owned(self.base.join(self.version.path(endpoint))),
        };
        Cow::Borrowed(known)
    }

    /// The reply, if it is a success.
    fn accept(&self, endpoint: Endpoint<'_>, reply: Reply) -> Result<Reply, AdapterError> {
        if reply.status.is_success() {
            return Ok(reply);
        }
        let until_midnight = self.limits.until_midnight(Timestamp::now());
        Err(error::of_reply(&reply, endpoint, until_midnight))
    }

    /// The contents of the reply, if it is a success; `None` when HubSpot does not know what was
    /// named.
    fn accept_existing<T: DeserializeOwned>(
        &self,
        endpoint: Endpoint<'_>,
        reply: Reply,
    ) -> Result<Option<T>, AdapterError> {
        match self.accept(endpoint, reply) {
            Ok(reply) => reply.json().map(Some),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
