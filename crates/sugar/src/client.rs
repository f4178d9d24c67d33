//! The requests.

use std::borrow::Cow;

use serde::{Serialize, de::DeserializeOwned};
use url::Url;
use whocalls_core::{AdapterError, CallContext, ErrorKind, Operation};
use whocalls_http::{Method, Reply, StatusCode};

use crate::{
    error::{self, Stage},
    module::{Module, RecordRef},
    session::{Call, Session},
    site::Site,
    wire::{
        BulkPart, BulkReplies, BulkReply, BulkRequest, FilterRequest, Record, RecordList, Saved,
        SearchRequest,
    },
};

/// One Sugar instance, logged in.
#[derive(Debug)]
pub(crate) struct Client {
    site: Site,
    session: Session,
    /// The addresses of the requests that lookups are made of, put together once.
    search_url: Url,
    bulk_url: Url,
}

/// What the filter of one module came to.
pub(crate) type ModuleResult = (Module, Result<RecordList, AdapterError>);

/// What a search came to.
pub(crate) enum Searched {
    /// It was carried out.
    Found(RecordList),
    /// The instance has no working global search; the failure says so.
    Unavailable(AdapterError),
}

/// What a creation came to.
pub(crate) enum Creation {
    /// The object was created under this id.
    Made(String),
    /// There is an object under the id that was sent.
    Existed,
}

impl Client {
    /// The instance at `site`, reached through `session`.
    pub(crate) fn new(site: Site, session: Session) -> Self {
        Self {
            search_url: site.resource(["globalsearch"]),
            bulk_url: site.resource(["bulk"]),
            site,
            session,
        }
    }

    /// `POST /globalsearch`. With POST, so that numbers stay out of addresses and access logs.
    pub(crate) async fn search(
        &self,
        cx: &CallContext,
        operation: Operation,
        request: &SearchRequest<'_>,
    ) -> Result<Searched, AdapterError> {
        let call = post(operation, Cow::Borrowed(&self.search_url), request);
        let reply = self.session.send(cx, &call).await?;
        if reply.status.is_success() {
            return reply.json_apart().await.map(Searched::Found);
        }
        let failure = error::from_reply(&reply, Stage::Call);
        if error::is_without_search(&reply) {
            return Ok(Searched::Unavailable(failure));
        }
        Err(failure)
    }

    /// `POST /bulk` with one `/filter` for each module named: one round trip. Each part fails by
    /// itself; the results are in the order of the requests.
    pub(crate) async fn filter_all(
        &self,
        cx: &CallContext,
        operation: Operation,
        requests: &[(Module, FilterRequest<'_>)],
    ) -> Result<Vec<ModuleResult>, AdapterError> {
        let parts = requests.iter().map(|(module, request)| BulkPart {
            url: self.site.bulk_filter(module.name()),
            method: "POST",
            data: to_json(request),
        });
        let bulk = BulkRequest {
            requests: parts.collect(),
        };
        let call = post(operation, Cow::Borrowed(&self.bulk_url), &bulk);
        let reply = self.session.send(cx, &call).await?;
        let BulkReplies(replies) = read_apart(&reply).await?;
        if replies.len() != requests.len() {
            return Err(reply.error(
                ErrorKind::Protocol,
                "Sugar did not answer every part of a bulk request",
            ));
        }
        let mut results = Vec::with_capacity(replies.len());
        for ((module, _), part) in requests.iter().zip(replies) {
            results.push((*module, read_part(&reply, *module, part).await));
        }
        Ok(results)
    }

    /// `POST /<module>/filter`.
    pub(crate) async fn filter(
        &self,
        cx: &CallContext,
        operation: Operation,
        module: &str,
        request: &FilterRequest<'_>,
    ) -> Result<RecordList, AdapterError> {
        let call = self.post(operation, [module, "filter"], request);
        read_apart(&self.session.send(cx, &call).await?).await
    }

    /// `GET /<module>/<id>` with the fields named.
    pub(crate) async fn read_record(
        &self,
        cx: &CallContext,
        operation: Operation,
        record: RecordRef<'_>,
        fields: &str,
    ) -> Result<Record, AdapterError> {
        let mut url = self.site.resource([record.module.name(), record.id]);
        url.query_pairs_mut().append_pair("fields", fields);
        let call = Call {
            operation,
            method: Method::GET,
            url: Cow::Owned(url),
            body: None,
            is_creation: false,
        };
        read(&self.session.send(cx, &call).await?)
    }

    /// `POST /<module>`: creates an object.
    ///
    /// # Errors
    /// `OutcomeUnknown` whenever the object may have been created.
    pub(crate) async fn create(
        &self,
        cx: &CallContext,
        operation: Operation,
        module: &str,
        object: &(impl Serialize + Sync),
    ) -> Result<Creation, AdapterError> {
        let call = Call {
            is_creation: true,
            ..self.post(operation, [module], object)
        };
        let reply = self.session.send(cx, &call).await?;
        if error::says_that_it_exists(&reply) {
            return Ok(Creation::Existed);
        }
        let created: Saved = read(&reply)?;
        Ok(Creation::Made(created.id))
    }

    /// `PUT /<module>/<id>`: changes fields of an object. False when there is no such object.
    ///
    /// # Errors
    /// Never `OutcomeUnknown`: a change whose answer is lost is repeated.
    pub(crate) async fn update(
        &self,
        cx: &CallContext,
        operation: Operation,
        (module, id): (&str, &str),
        fields: &(impl Serialize + Sync),
    ) -> Result<bool, AdapterError> {
        let call = Call {
            method: Method::PUT,
            ..self.post(operation, [module, id], fields)
        };
        let reply = self.session.send(cx, &call).await?;
        if error::says_that_it_is_gone(&reply) {
            return Ok(false);
        }
        read::<Saved>(&reply).map(|_| true)
    }

    fn post<'a>(
        &self,
        operation: Operation,
        path: impl IntoIterator<Item = &'a str>,
        body: &impl Serialize,
    ) -> Call<'static> {
        post(operation, Cow::Owned(self.site.resource(path)), body)
    }
}

fn post<'a>(operation: Operation, url: Cow<'a, Url>, body: &impl Serialize) -> Call<'a> {
    Call {
        operation,
        method: Method::POST,
        url,
        body: Some(to_json(body)),
        is_creation: false,
    }
}

/// Our own wire types always have a JSON form.
fn to_json(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}

fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T, AdapterError> {
    if reply.status.is_success() {
        reply.json()
    } else {
        Err(error::from_reply(reply, Stage::Call))
    }
}

/// The same for a list of records, which may be long.
async fn read_apart<T>(reply: &Reply) -> Result<T, AdapterError>
where
    T: DeserializeOwned + Send + 'static,
{
    if reply.status.is_success() {
        reply.json_apart().await
    } else {
        Err(error::from_reply(reply, Stage::Call))
    }
}

async fn read_part(
    whole: &Reply,
    module: Module,
    part: BulkReply,
) -> Result<RecordList, AdapterError> {
    let status = StatusCode::from_u16(part.status).map_err(|_| {
        whole.error(
            ErrorKind::Protocol,
            "a part of Sugar's bulk reply has no valid status",
        )
    })?;
    let contents = part
        .contents
        .map_or_else(|| "null".into(), Box::<str>::from);
    let part = whole.part(status, String::from(contents));
    let mut list: RecordList = read_apart(&part).await?;
    for record in &mut list.records {
        record
            .module
            .get_or_insert_with(|| module.name().to_owned());
    }
    Ok(list)
}
