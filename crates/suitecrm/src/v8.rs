//! The V8 interface: a JSON:API behind OAuth 2 (`crm-apis.md` §3.1).

mod error;
mod fields;
mod token;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use url::Url;
use whocalls_core::{AdapterError, AdapterId, CallContext, Operation};
use whocalls_http::{HttpClient, Method, Reply, StatusCode, header};

use self::{
    fields::FieldLists,
    token::TokenSource,
    wire::{CurrentUser, Document, Resource, Resources, SaveRequest, SavedResource},
};
use crate::{
    config::{Account, Settings},
    interface::{Creation, Interface},
    module::{Module, RecordRef},
    object::{Changes, NewFields, Object},
    pattern::Pattern,
    record::Record,
    site::Site,
};

/// The media type of JSON:API.
const MEDIA_TYPE: &str = "application/vnd.api+json";
/// The most recently changed first.
const ORDER: &str = "-date_modified";

/// An instance, reached through V8.
#[derive(Debug)]
pub(crate) struct V8 {
    adapter: AdapterId,
    http: Arc<HttpClient>,
    site: Site,
    tokens: TokenSource,
    fields: FieldLists,
}

/// A request to an authenticated resource. Not printable: it holds personal data.
struct Call {
    operation: Operation,
    method: Method,
    url: Url,
    body: Option<Value>,
    /// Whether it creates something, so that nobody knows what there is when its answer is lost.
    is_creation: bool,
}

impl V8 {
    /// The instance at `site`, for the client and, if its grant type is password, the user.
    pub(crate) fn new(
        adapter: AdapterId,
        http: HttpClient,
        site: Site,
        client: Account,
        user: Option<Account>,
        settings: &Settings,
    ) -> Self {
        let http = Arc::new(http);
        let url = site.resource(["access_token"]);
        Self {
            tokens: TokenSource::new(adapter.clone(), Arc::clone(&http), url, client, user),
            fields: FieldLists::new(&settings.modules, &settings.custom_fields),
            adapter,
            http,
            site,
        }
    }

    /// Sends a request with the token; after a rejection once more with a new one. SuiteCRM checks
    /// the token before it does anything, so that even a write is safe to repeat.
    async fn send(&self, cx: &CallContext, call: &Call) -> Result<Reply, AdapterError> {
        let reply = self.attempt(cx, call).await?;
        if reply.status == StatusCode::UNAUTHORIZED {
            return self.attempt(cx, call).await;
        }
        Ok(reply)
    }

    async fn attempt(&self, cx: &CallContext, call: &Call) -> Result<Reply, AdapterError> {
        let token = self.tokens.get(cx).await?;
        let request = self
            .http
            .request(call.operation, call.method.clone(), call.url.clone())?;
        let mut request = request
            .bearer_auth(token.value.access.expose())
            .header(header::ACCEPT, MEDIA_TYPE);
        if let Some(body) = &call.body {
            request = request.header(header::CONTENT_TYPE, MEDIA_TYPE).json(body);
        }
        let reply = if call.is_creation {
            self.http.send_write(cx, call.operation, request).await?
        } else {
            self.http.send(cx, call.operation, request).await?
        };
        if reply.status == StatusCode::UNAUTHORIZED {
            self.tokens.reject(&token);
        }
        Ok(reply)
    }

    async fn get(
        &self,
        cx: &CallContext,
        operation: Operation,
        url: Url,
    ) -> Result<Reply, AdapterError> {
        let call = Call {
            operation,
            method: Method::GET,
            url,
            body: None,
            is_creation: false,
        };
        self.send(cx, &call).await
    }

    /// A request that saves an object.
    fn write(&self, method: Method, object: &Object<impl Serialize>) -> Call {
        let body = SaveRequest {
            data: SavedResource {
                kind: object.module,
                id: &object.id,
                attributes: &object.fields,
            },
        };
        Call {
            operation: Operation::Workflow,
            is_creation: method == Method::POST,
            method,
            url: self.site.resource(["V8", "module"]),
            // Our own wire types always have a JSON form.
            body: Some(serde_json::to_value(&body).unwrap_or_default()),
        }
    }

    /// The address of a list. Without a page size SuiteCRM would send everything it has.
    fn list_url(
        &self,
        module: Module,
        fields: &[String],
        pattern: Option<&Pattern>,
        limit: usize,
    ) -> Url {
        let mut url = self.site.resource(["V8", "module", module.name()]);
        {
            let mut query = url.query_pairs_mut();
            query.append_pair(&fields_key(module), &fields.join(","));
            if let Some(pattern) = pattern {
                query.append_pair("filter[operator]", "or");
                for field in module.phone_fields() {
                    query.append_pair(&format!("filter[{field}][like]"), pattern.as_str());
                }
            }
            query
                .append_pair("page[size]", &limit.to_string())
                .append_pair("page[number]", "1")
                .append_pair("sort", ORDER);
        }
        url
    }
}

#[async_trait]
impl Interface for V8 {
    /// `GET /V8/current-user`. Releases lack it, or fail for clients without an assigned user, so
    /// only a rejected token is a reason to fail.
    async fn identify(&self, cx: &CallContext) -> Result<String, AdapterError> {
        let url = self.site.resource(["V8", "current-user"]);
        let reply = self.get(cx, Operation::Probe, url).await?;
        let address = self.site.api().as_str();
        if !reply.status.is_success() && reply.status != StatusCode::UNAUTHORIZED {
            return Ok(format!("{address} as an OAuth2 client"));
        }
        let user: Document<CurrentUser> = read(&reply)?;
        Ok(format!("{address} as {}", user.data.attributes.user_name))
    }

    /// `GET /V8/module/<module>`; once more when the module lacks fields that were asked for.
    async fn find(
        &self,
        cx: &CallContext,
        operation: Operation,
        module: Module,
        pattern: Option<&Pattern>,
        limit: usize,
    ) -> Result<Vec<Record>, AdapterError> {
        let fields = self.fields.of(module);
        let url = self.list_url(module, &fields, pattern, limit);
        let mut reply = self.get(cx, operation, url).await?;
        let unknown = error::unknown_fields(&reply, &fields);
        if !unknown.is_empty() {
            let adapter = &self.adapter;
            tracing::info!(%adapter, %module, ?unknown, "a module lacks fields; asking without them");
            self.fields.forget(module, &unknown);
            let url = self.list_url(module, &self.fields.of(module), pattern, limit);
            reply = self.get(cx, operation, url).await?;
        }
        let list: Document<Resources> = read_apart(&reply).await?;
        let Resources(records) = list.data;
        let record = |found: Resource| Record::new(module, found.id, found.attributes);
        Ok(records.into_iter().map(record).collect())
    }

    /// `GET /V8/module/<module>/<id>`.
    async fn read(
        &self,
        cx: &CallContext,
        operation: Operation,
        of: RecordRef<'_>,
        field: &str,
    ) -> Result<Option<String>, AdapterError> {
        let segments = ["V8", "module", of.module.name(), of.id];
        let mut url = self.site.resource(segments);
        url.query_pairs_mut()
            .append_pair(&fields_key(of.module), field);
        let mut found: Document<Resource> = read(&self.get(cx, operation, url).await?)?;
        Ok(found.data.attributes.take(field))
    }

    /// `POST /V8/module` with our own id, which SuiteCRM accepts once.
    async fn create(
        &self,
        cx: &CallContext,
        object: &Object<NewFields>,
        _may_exist: bool,
    ) -> Result<Creation, AdapterError> {
        let reply = self.send(cx, &self.write(Method::POST, object)).await?;
        if error::says_that_it_exists(&reply) {
            return Ok(Creation::Existed(object.id.clone()));
        }
        let created: Document<Resource> = read(&reply)?;
        Ok(Creation::Made(created.data.id))
    }

    /// `PATCH /V8/module`.
    async fn update(
        &self,
        cx: &CallContext,
        object: &Object<Changes>,
    ) -> Result<bool, AdapterError> {
        let reply = self.send(cx, &self.write(Method::PATCH, object)).await?;
        if error::says_that_it_is_gone(&reply, &object.id) {
            return Ok(false);
        }
        read::<Document<Resource>>(&reply).map(|_| true)
    }
}

fn fields_key(module: Module) -> String {
    format!("fields[{module}]")
}

fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T, AdapterError> {
    if reply.status.is_success() {
        crate::error::json(reply)
    } else {
        Err(error::from_reply(reply))
    }
}

/// The same for a reply that may be long.
async fn read_apart<T>(reply: &Reply) -> Result<T, AdapterError>
where
    T: DeserializeOwned + Send + 'static,
{
    if reply.status.is_success() {
        crate::error::json_apart(reply).await
    } else {
        Err(error::from_reply(reply))
    }
}
