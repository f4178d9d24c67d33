//! The `v4_1` interface: forms, sessions, and faults inside HTTP 200 (`crm-apis.md` §3.2).

mod answer;
mod entries;
mod error;
mod login;
mod query;
mod wire;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};
use url::Url;
use whocalls_core::{AdapterError, AdapterId, CallContext, ErrorKind, Operation};
use whocalls_http::{HttpClient, Method};

use self::{
    answer::Answer,
    login::Login,
    wire::{
        EntryListReply, Form, GetEntry, GetEntryList, GetServerInfo, IdReply, ServerInfo, SetEntry,
    },
};
use crate::{
    config::{Account, Settings},
    interface::{Creation, Interface},
    module::{Module, RecordRef},
    object::{Changes, NewFields, Object},
    pattern::Pattern,
    record::Record,
    site::Site,
    texts::Texts,
};

/// An instance, reached through `v4_1`.
#[derive(Debug)]
pub(crate) struct V41 {
    http: Arc<HttpClient>,
    url: Url,
    login: Login,
    /// Who asks whom, for the operator.
    account: String,
    /// The fields to ask each module for. Those that it does not have are left out of the answer.
    fields: BTreeMap<Module, Vec<String>>,
}

/// A call of a method.
#[derive(Clone, Copy)]
struct Call {
    operation: Operation,
    method: &'static str,
    /// Whether it creates something, so that nobody knows what there is when its answer is lost.
    is_creation: bool,
}

impl Call {
    /// A call that reads.
    fn read(operation: Operation, method: &'static str) -> Self {
        Self {
            operation,
            method,
            is_creation: false,
        }
    }
}

impl V41 {
    /// The instance at `site`, for a user.
    pub(crate) fn new(
        adapter: AdapterId,
        http: HttpClient,
        site: &Site,
        user: Account,
        is_plain: bool,
        settings: &Settings,
    ) -> Self {
        let http = Arc::new(http);
        let url = site.resource([]);
        let custom = &settings.custom_fields;
        let modules = settings.modules.iter();
        Self {
            account: format!("{} as {}", site.api().as_str(), user.name),
            fields: modules
                .map(|module| (*module, module.fields(custom)))
                .collect(),
            login: Login::new(adapter, Arc::clone(&http), url.clone(), user, is_plain),
            http,
            url,
        }
    }

    /// Calls a method with the session; when that has ended, once more with a new one. SuiteCRM
    /// checks the session before it does anything, so that even a write is safe to repeat.
    async fn send<A: Serialize, T: DeserializeOwned + Send + 'static>(
        &self,
        cx: &CallContext,
        call: Call,
        arguments: impl Fn(&str) -> A + Send + Sync,
    ) -> Result<Answer<T>, AdapterError> {
        let answer: Answer<T> = self.attempt(cx, call, &arguments).await?;
        if answer.fault() == Some(error::SESSION_ENDED) {
            return self.attempt(cx, call, &arguments).await;
        }
        Ok(answer)
    }

    async fn attempt<A: Serialize, T: DeserializeOwned + Send + 'static>(
        &self,
        cx: &CallContext,
        call: Call,
        arguments: &(impl Fn(&str) -> A + Send + Sync),
    ) -> Result<Answer<T>, AdapterError> {
        let session = self.login.session(cx).await?;
        let form = Form::new(call.method, &arguments(session.value.expose()));
        let request = self
            .http
            .request(call.operation, Method::POST, self.url.clone())?
            .form(&form);
        let reply = if call.is_creation {
            self.http.send_write(cx, call.operation, request).await?
        } else {
            self.http.send(cx, call.operation, request).await?
        };
        let answer = Answer::read(reply).await?;
        if answer.fault() == Some(error::SESSION_ENDED) {
            self.login.reject(&session);
        }
        Ok(answer)
    }

    /// Reads one record with the fields named; `None` when there is no such record.
    async fn entry(
        &self,
        cx: &CallContext,
        operation: Operation,
        module: &str,
        id: &str,
        field: &str,
    ) -> Result<Option<Texts>, AdapterError> {
        let arguments = |session: &str| GetEntry {
            session: session.to_owned(),
            module_name: module.to_owned(),
            id: id.to_owned(),
            select_fields: vec!["id".to_owned(), field.to_owned()],
            link_name_to_fields_array: [],
            track_view: false,
        };
        let call = Call::read(operation, "get_entry");
        let answer = self.send(cx, call, arguments).await?;
        let list: EntryListReply = answer.into_list()?;
        let entry = list.entry_list.into_iter().next();
        // A record that is not there comes with a warning in place of its fields.
        let texts = entry.map(|entry| entry.name_value_list.0);
        Ok(texts.filter(|texts| texts.has("id")))
    }

    /// Saves an object and gives its id.
    async fn set_entry<F: Serialize + Sync>(
        &self,
        cx: &CallContext,
        object: &Object<F>,
        is_new: bool,
    ) -> Result<String, AdapterError> {
        let arguments = |session: &str| SetEntry::new(session, object, is_new);
        let call = Call {
            operation: Operation::Workflow,
            method: "set_entry",
            is_creation: is_new,
        };
        let saved: IdReply = self.send(cx, call, arguments).await?.into_value()?;
        Ok(saved.id)
    }

    /// Whether the object is there.
    async fn exists(&self, cx: &CallContext, module: &str, id: &str) -> Result<bool, AdapterError> {
        let operation = Operation::Workflow;
        let entry = self.entry(cx, operation, module, id, "name").await?;
        Ok(entry.is_some())
    }
}

#[async_trait]
impl Interface for V41 {
    /// `get_server_info`.
    async fn identify(&self, cx: &CallContext) -> Result<String, AdapterError> {
        let arguments = |_: &str| GetServerInfo {};
        let call = Call::read(Operation::Probe, "get_server_info");
        let info: ServerInfo = self.send(cx, call, arguments).await?.into_value()?;
        Ok(format!(
            "{}, {} {}",
            self.account, info.flavor, info.version
        ))
    }

    /// `get_entry_list`.
    async fn find(
        &self,
        cx: &CallContext,
        operation: Operation,
        module: Module,
        pattern: Option<&Pattern>,
        limit: usize,
    ) -> Result<Vec<Record>, AdapterError> {
        let fields = self.fields.get(&module).cloned().unwrap_or_default();
        let links = match module {
            Module::Contacts => vec![entries::ACCOUNT_LINK],
            Module::Leads | Module::Accounts => Vec::new(),
        };
        let arguments = |session: &str| GetEntryList {
            session: session.to_owned(),
            module_name: module.name(),
            query: pattern.map_or_else(String::new, |pattern| query::where_clause(module, pattern)),
            order_by: format!("{}.date_modified DESC", module.table()),
            offset: 0,
            select_fields: fields.clone(),
            link_name_to_fields_array: links.clone(),
            max_results: limit,
            deleted: 0,
            favorites: false,
        };
        let call = Call::read(operation, "get_entry_list");
        let answer = self.send(cx, call, arguments).await?;
        Ok(entries::records(module, answer.into_list()?))
    }

    /// `get_entry`.
    async fn read(
        &self,
        cx: &CallContext,
        operation: Operation,
        of: RecordRef<'_>,
        field: &str,
    ) -> Result<Option<String>, AdapterError> {
        let module = of.module.name();
        let entry = self.entry(cx, operation, module, of.id, field).await?;
        let mut texts = entry.ok_or_else(|| {
            let adapter = self.login.adapter();
            let kind = ErrorKind::NotFound;
            AdapterError::new(kind, adapter, operation, crate::error::NO_RECORD)
        })?;
        Ok(texts.take(field))
    }

    /// `set_entry` with our own id. A second creation under the same id fails in the database,
    /// which looks like any failure inside SuiteCRM; so the object is looked for before a
    /// repetition, and after such a failure.
    async fn create(
        &self,
        cx: &CallContext,
        object: &Object<NewFields>,
        may_exist: bool,
    ) -> Result<Creation, AdapterError> {
        let Object { module, id, .. } = object;
        if may_exist && self.exists(cx, module, id).await? {
            return Ok(Creation::Existed(id.clone()));
        }
        match self.set_entry(cx, object, true).await {
            Ok(id) => Ok(Creation::Made(id)),
            // With a status there was an answer, and there is time to ask.
            Err(error) if error.kind == ErrorKind::OutcomeUnknown && error.status.is_some() => {
                match self.exists(cx, module, id).await {
                    Ok(true) => Ok(Creation::Existed(id.clone())),
                    Ok(false) | Err(_) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// `set_entry` for an object that is there. Of an id that is not, SuiteCRM would say nothing.
    async fn update(
        &self,
        cx: &CallContext,
        object: &Object<Changes>,
    ) -> Result<bool, AdapterError> {
        let is_there = self.exists(cx, object.module, &object.id).await?;
        if is_there {
            self.set_entry(cx, object, false).await?;
        }
        Ok(is_there)
    }
}
